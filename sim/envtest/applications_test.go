package envtest_test

import (
	"context"
	"fmt"
	"slices"
	"sync"

	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// host is the name of an application.
func host(n int) string { return fmt.Sprintf("app-%05d.gslb.test", n) }

// applicationWriters is how many applications are written at a time.
const applicationWriters = 16

// deploy makes the applications from one number up to another in all clusters, each an Ingress that AKO has given a VIP.
func (s *stage) deploy(from, to int) {
	s.tb.Helper()
	work := make(chan func() error)
	var writers sync.WaitGroup
	var problems sync.Map
	for range applicationWriters {
		writers.Go(func() {
			for do := range work {
				if err := do(); err != nil {
					problems.Store(err.Error(), true)
				}
			}
		})
	}
	for n := from; n < to; n++ {
		for i := range s.names {
			work <- func() error { return s.apply(s.tb.Context(), i, n) }
		}
	}
	close(work)
	writers.Wait()
	problems.Range(func(err, _ any) bool { s.tb.Fatal(err); return false })
}

// apply makes the application of a number in the cluster of an index.
func (s *stage) apply(ctx context.Context, cluster, n int) error {
	c := s.members[s.names[cluster]].client
	ing := ingress(cluster, n)
	status := ing.Status
	if err := c.Create(ctx, ing); err != nil {
		return err
	}
	ing.Status = status
	return c.Status().Update(ctx, ing)
}

func ingress(cluster, n int) *networkingv1.Ingress {
	exact := networkingv1.PathTypePrefix
	vip := fmt.Sprintf("10.%d.%d.%d", cluster+1, n/250, n%250+1)
	return &networkingv1.Ingress{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: applications, Name: fmt.Sprintf("app-%05d", n), Labels: map[string]string{"app": "gslb"},
			Annotations: map[string]string{
				"ako.vmware.com/host-fqdn-vs-uuid-map":   fmt.Sprintf(`{%q:"virtualservice-%d-%d"}`, host(n), cluster, n),
				"ako.vmware.com/controller-cluster-uuid": fmt.Sprintf("cluster-%d", cluster+1),
			},
		},
		Spec: networkingv1.IngressSpec{Rules: []networkingv1.IngressRule{{
			Host: host(n),
			IngressRuleValue: networkingv1.IngressRuleValue{HTTP: &networkingv1.HTTPIngressRuleValue{Paths: []networkingv1.HTTPIngressPath{{
				Path: "/", PathType: &exact, Backend: networkingv1.IngressBackend{Service: &networkingv1.IngressServiceBackend{
					Name: "app", Port: networkingv1.ServiceBackendPort{Number: 80},
				}},
			}}}},
		}}},
		Status: networkingv1.IngressStatus{LoadBalancer: networkingv1.IngressLoadBalancerStatus{
			Ingress: []networkingv1.IngressLoadBalancerIngress{{IP: vip, Hostname: host(n)}},
		}},
	}
}

// members returns the addresses of a GSLB service's members, sorted; nil if there is no such service.
func (s *stage) addresses(name string) []string {
	service, ok := s.avi.Store().Lookup("gslbservice", "admin", name)
	if !ok {
		return nil
	}
	var out []string
	groups, _ := service.Body()["groups"].([]any)
	for _, g := range groups {
		members, _ := g.(map[string]any)["members"].([]any)
		for _, m := range members {
			ip, _ := m.(map[string]any)["ip"].(map[string]any)
			out = append(out, fmt.Sprint(ip["addr"]))
		}
	}
	slices.Sort(out)
	return out
}
