package preview

import (
	"cmp"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	amkov1alpha1 "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha1"
	amkov1alpha2 "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha2"
	"github.com/gslbsim/gslbsim/operator/ingest"
	"github.com/gslbsim/gslbsim/operator/policy"
)

// own are the operator's own objects.
type own struct {
	clusters []*amkov1alpha1.AMKOCluster
	configs  []*amkov1alpha1.GSLBConfig
	policies []*amkov1alpha2.GlobalDeploymentPolicy
	rules    []*amkov1alpha1.GSLBHostRule
	tenants  map[string]string // of namespaces that name one
}

const (
	defaultNamespace = "avi-system"
	defaultTenant    = "admin"
	uuidAnnotation   = "amko.vmware.com/amko-uuid"
	createdByPrefix  = "amko-"
)

// readOwn reads the operator's own objects. Those of another namespace than the operator's do not count, GSLBHostRules apart.
func readOwn(objects []*unstructured.Unstructured, namespace string) (own, error) {
	o := own{tenants: map[string]string{}}
	for _, u := range objects {
		gvk, inOwn := u.GroupVersionKind(), u.GetNamespace() == namespace
		var err error
		switch {
		case gvk == amkov1alpha1.GroupVersion.WithKind("AMKOCluster") && inOwn:
			err = appendTyped(&o.clusters, u)
		case gvk == amkov1alpha1.GroupVersion.WithKind("GSLBConfig") && inOwn:
			err = appendTyped(&o.configs, u)
		case gvk == amkov1alpha2.GroupVersion.WithKind("GlobalDeploymentPolicy") && inOwn:
			err = appendTyped(&o.policies, u)
		case gvk == amkov1alpha1.GroupVersion.WithKind("GSLBHostRule"):
			err = appendTyped(&o.rules, u)
		case gvk == corev1.SchemeGroupVersion.WithKind("Namespace"):
			var ns []*corev1.Namespace
			if err = appendTyped(&ns, u); err == nil {
				if tenant := ingest.FromNamespace(ns[0]).Tenant; tenant != "" {
					o.tenants[u.GetName()] = tenant
				}
			}
		}
		if err != nil {
			return own{}, fmt.Errorf("%s %s: %w", u.GetKind(), u.GetName(), err)
		}
	}
	return o, nil
}

func appendTyped[T any](list *[]*T, u *unstructured.Unstructured) error {
	object := new(T)
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(u.Object, object); err != nil {
		return err
	}
	*list = append(*list, object)
	return nil
}

// config is the GSLBConfig that counts: the oldest, of equally old ones the first by name.
func (o own) config() *amkov1alpha1.GSLBConfig {
	if len(o.configs) == 0 {
		return nil
	}
	return slices.MinFunc(o.configs, func(a, b *amkov1alpha1.GSLBConfig) int {
		return cmp.Or(a.CreationTimestamp.Compare(b.CreationTimestamp.Time), cmp.Compare(a.Name, b.Name))
	})
}

// leads says whether the operator may write at all: with one AMKOCluster as that says, and with none as in a cluster whose
// AMKOCluster is not among the files.
func (o own) leads() bool {
	return len(o.clusters) == 0 || len(o.clusters) == 1 && o.clusters[0].Spec.IsLeader
}

// references are the objects of the controller that policies name.
func (o own) references(tenantOf func(string) string) []policy.Reference {
	var refs []policy.Reference
	if gdp := policy.ChooseGlobal(o.policies); gdp != nil {
		refs = policy.GlobalReferences(gdp, tenantOf(gdp.Namespace))
	}
	for _, rule := range o.rules {
		refs = append(refs, policy.RuleReferences(rule, tenantOf(rule.Namespace))...)
	}
	slices.SortFunc(refs, policy.Reference.Compare)
	return slices.Compact(refs)
}
