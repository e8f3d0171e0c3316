package ako

import (
	"cmp"
	"context"
	"encoding/json"
	"reflect"
	"slices"

	networkingv1 "k8s.io/api/networking/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	akov1beta1 "github.com/gslbsim/gslbsim/operator/api/ako/v1beta1"
)

// The annotations by which AKO tells AMKO what it made of an object.
const (
	HostAnnotation       = "ako.vmware.com/host-fqdn-vs-uuid-map" // JSON object: host -> uuid of its virtual service
	ControllerAnnotation = "ako.vmware.com/controller-cluster-uuid"
	TenantAnnotation     = "ako.vmware.com/tenant-name"
)

// writeStatus gives every Ingress its annotations and its status, in this order: who sees the status finds the
// annotations there. Nothing is written that is there already.
func (a *ako) writeStatus(ctx context.Context, ingresses []networkingv1.Ingress, made published) error {
	slices.SortFunc(ingresses, func(x, y networkingv1.Ingress) int {
		return cmp.Or(cmp.Compare(x.Namespace, y.Namespace), cmp.Compare(x.Name, y.Name))
	})
	for i := range ingresses {
		if err := client.IgnoreNotFound(a.writeOne(ctx, &ingresses[i], made)); err != nil {
			return err
		}
	}
	return nil
}

// writeOne writes what was made of one Ingress. What anything but AKO wrote is none of its business: the annotations tell.
func (a *ako) writeOne(ctx context.Context, ing *networkingv1.Ingress, made published) error {
	hosts := map[string]string{}
	var entries []networkingv1.IngressLoadBalancerIngress
	for _, rule := range ing.Spec.Rules {
		if uuid := made.vs[rule.Host]; ours(ing) && uuid != "" && hosts[rule.Host] == "" {
			hosts[rule.Host] = uuid
			entries = append(entries, networkingv1.IngressLoadBalancerIngress{IP: made.vip, Hostname: rule.Host})
		}
	}
	if len(entries) == 0 {
		return a.withdraw(ctx, ing)
	}
	if err := a.annotate(ctx, ing, hosts); err != nil {
		return err
	}
	return a.setEntries(ctx, ing, entries)
}

// withdraw takes back what was written of an Ingress that is not served any more: the status first, since the annotations
// tell that there is something to take back.
func (a *ako) withdraw(ctx context.Context, ing *networkingv1.Ingress) error {
	if _, served := ing.Annotations[HostAnnotation]; !served {
		return nil
	}
	if err := a.setEntries(ctx, ing, nil); err != nil {
		return err
	}
	return a.annotate(ctx, ing, nil)
}

func (a *ako) setEntries(ctx context.Context, ing *networkingv1.Ingress, entries []networkingv1.IngressLoadBalancerIngress) error {
	if slices.EqualFunc(ing.Status.LoadBalancer.Ingress, entries, sameEntry) {
		return nil
	}
	before := ing.DeepCopy()
	ing.Status.LoadBalancer.Ingress = entries
	if err := a.kube.Status().Patch(ctx, ing, client.MergeFrom(before)); err != nil {
		return err
	}
	if len(entries) == 0 {
		a.event("withdrawn", "ingress %s/%s", ing.Namespace, ing.Name)
	} else {
		a.event("published", "ingress %s/%s at %s", ing.Namespace, ing.Name, entries[0].IP)
	}
	return nil
}

func sameEntry(x, y networkingv1.IngressLoadBalancerIngress) bool { return reflect.DeepEqual(x, y) }

func (a *ako) annotate(ctx context.Context, ing *networkingv1.Ingress, hosts map[string]string) error {
	before := ing.DeepCopy()
	for _, k := range []string{HostAnnotation, ControllerAnnotation, TenantAnnotation} {
		delete(ing.Annotations, k)
	}
	if len(hosts) > 0 {
		list, err := json.Marshal(hosts)
		if err != nil {
			return err
		}
		if ing.Annotations == nil {
			ing.Annotations = map[string]string{}
		}
		ing.Annotations[HostAnnotation] = string(list)
		ing.Annotations[ControllerAnnotation] = a.controller
		ing.Annotations[TenantAnnotation] = "admin"
	}
	if reflect.DeepEqual(before.Annotations, ing.Annotations) {
		return nil
	}
	return a.kube.Patch(ctx, ing, client.MergeFrom(before))
}

// acceptRules marks every HostRule that names a host as accepted.
func (a *ako) acceptRules(ctx context.Context, rules []akov1beta1.HostRule) error {
	slices.SortFunc(rules, func(x, y akov1beta1.HostRule) int {
		return cmp.Or(cmp.Compare(x.Namespace, y.Namespace), cmp.Compare(x.Name, y.Name))
	})
	for i := range rules {
		r := &rules[i]
		if r.Spec.VirtualHost.Fqdn == "" || r.Status.Status == "Accepted" {
			continue
		}
		before := r.DeepCopy()
		r.Status.Status = "Accepted"
		if err := client.IgnoreNotFound(a.kube.Status().Patch(ctx, r, client.MergeFrom(before))); err != nil {
			return err
		}
	}
	return nil
}
