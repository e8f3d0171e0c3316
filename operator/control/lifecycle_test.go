package control_test

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	akov1beta1 "github.com/gslbsim/gslbsim/operator/api/ako/v1beta1"
	amkov1alpha1 "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha1"
	amkov1alpha2 "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha2"
	"github.com/gslbsim/gslbsim/operator/internal/avitest"
)

const shop = "shop.example.com"

// Shows: source-ingress, trace-two-puts, trace-vip-change, own-removal
func TestTheLifeOfAService(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		east, west := w.members["east"], w.members["west"]
		steps := []struct {
			what     string
			do       func()
			calls    []string
			services []string
		}{
			{"an Ingress without a status", func() {
				ing := ingress("shop", shop, "10.1.0.1")
				ing.Status = networkingv1.IngressStatus{}
				east.Apply(ing)
			}, nil, nil},
			{"AKO writes its status", func() { east.Apply(ingress("shop", shop, "10.1.0.1")) },
				[]string{"POST healthmonitor", "POST gslbservice"}, []string{shop + " 10:10.1.0.1*1"}},
			{"something about it changes that does not count", func() {
				ing := ingress("shop", shop, "10.1.0.1")
				ing.Annotations["note"] = "x"
				east.Apply(ing)
			}, nil, []string{shop + " 10:10.1.0.1*1"}},
			{"a second cluster", func() { west.Apply(ingress("shop", shop, "10.2.0.1")) },
				[]string{"PUT gslbservice"}, []string{shop + " 10:10.1.0.1*1,10.2.0.1*1"}},
			{"its VIP changes", func() { west.Apply(ingress("shop", shop, "10.2.0.9")) },
				[]string{"PUT gslbservice"}, []string{shop + " 10:10.1.0.1*1,10.2.0.9*1"}},
			{"weights and priorities", func() {
				w.own.Apply(gdp(func(s *amkov1alpha2.GDPSpec) {
					s.TrafficSplit = []amkov1alpha2.TrafficSplitElem{{Cluster: "east", Weight: ptr(int64(3)), Priority: ptr(int64(20))}}
				}))
			}, []string{"PUT gslbservice"}, []string{shop + " 20:10.1.0.1*3 10:10.2.0.9*1"}},
			{"the second loses its label", func() {
				ing := ingress("shop", shop, "10.2.0.9")
				ing.Labels = nil
				west.Apply(ing)
			}, []string{"PUT gslbservice"}, []string{shop + " 20:10.1.0.1*3"}},
			{"a path", func() { east.Apply(ingress("shop", shop, "10.1.0.1", "/a")) },
				[]string{"POST healthmonitor", "PUT gslbservice", "DELETE healthmonitor"}, []string{shop + " 20:10.1.0.1*3"}},
			{"its status is emptied", func() {
				ing := ingress("shop", shop, "10.1.0.1", "/a")
				ing.Status = networkingv1.IngressStatus{}
				east.Apply(ing)
			}, []string{"DELETE gslbservice", "DELETE healthmonitor"}, nil},
			{"it is deleted", func() { east.Delete(ingress("shop", shop, "")) }, nil, nil},
		}
		for _, step := range steps {
			step.do()
			w.settle()
			w.g.Expect(kinds(w.avi().Calls())).To(Equal(step.calls), step.what)
			w.g.Expect(w.services()).To(ConsistOf(step.services), step.what)
		}
		w.g.Expect(w.monitors()).To(BeEmpty())
	})
}

// kinds are calls without uuids.
func kinds(calls []string) []string {
	var out []string
	for _, call := range calls {
		for i := range call {
			if call[i] == '/' {
				call = call[:i]
				break
			}
		}
		out = append(out, call)
	}
	return out
}

// Shows: B4, trace-restart-unchanged
func TestARestartWritesNothing(t *testing.T) {
	inWorld(t, func(w *world) {
		for name, m := range w.members {
			m.Apply(ingress("shop", shop, map[string]string{"east": "10.1.0.1", "west": "10.2.0.1"}[name], "/", "/a"))
			m.Apply(loadBalancer("dns", "dns.example.com", map[string]string{"east": "10.1.0.2", "west": "10.2.0.2"}[name], 53, corev1.ProtocolUDP))
		}
		w.own.Apply(rule("r", shop, func(s *amkov1alpha1.GSLBHostRuleSpec) { s.TTL = ptr(int64(7)) }))
		w.start()
		w.g.Expect(w.avi().Calls()).To(HaveLen(5))
		w.g.Expect(w.monitors()).To(Equal([]string{"dns.example.com UDP:53", shop + " HTTP:80 /", shop + " HTTP:80 /a"}))
		w.own.Writes()
		w.restart()
		w.g.Expect(w.avi().Calls()).To(BeEmpty())
		w.g.Expect(w.own.Writes()).To(BeEmpty(), "statuses are written when they change")
	})
}

func loadBalancer(name, host, vip string, port int32, protocol corev1.Protocol) *corev1.Service {
	ing := ingress(name, host, vip)
	return &corev1.Service{
		ObjectMeta: ing.ObjectMeta,
		Spec:       corev1.ServiceSpec{Type: corev1.ServiceTypeLoadBalancer, Ports: []corev1.ServicePort{{Port: port, Protocol: protocol}}},
		Status: corev1.ServiceStatus{LoadBalancer: corev1.LoadBalancerStatus{
			Ingress: []corev1.LoadBalancerIngress{{IP: vip, Hostname: host}},
		}},
	}
}

func TestChangesOfOneMomentAreHandledTogether(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		w.members["east"].Apply(ingress("shop", shop, "10.1.0.1"))
		w.pass(50 * time.Millisecond)
		w.members["west"].Apply(ingress("shop", shop, "10.2.0.1"))
		w.pass(50 * time.Millisecond)
		w.own.Apply(gdp(func(s *amkov1alpha2.GDPSpec) { s.TTL = ptr(int64(30)) }))
		w.g.Expect(w.avi().Calls()).To(BeEmpty())
		w.settle()
		w.g.Expect(w.avi().Calls()).To(Equal([]string{"POST healthmonitor", "POST gslbservice"}))
	})
}

// Shows: fqdn-custom
func TestCustomGlobalFQDNs(t *testing.T) {
	inWorld(t, func(w *world) {
		config := gslbConfig()
		config.Spec.UseCustomGlobalFqdn = ptr(true)
		w.own.Apply(config)
		w.members["east"].Apply(ingress("shop", "shop.east.example.com", "10.1.0.1"))
		w.members["west"].Apply(ingress("shop", "shop.west.example.com", "10.2.0.1"))
		w.start()
		w.g.Expect(w.services()).To(BeEmpty())
		for _, cluster := range []string{"east", "west"} {
			w.members[cluster].Apply(hostRule("hr", "shop."+cluster+".example.com", func(h *akov1beta1.HostRuleVirtualHost) {
				h.Gslb, h.Aliases = akov1beta1.HostRuleGSLB{Fqdn: shop, IncludeAliases: true}, []string{"www." + cluster}
			}))
		}
		w.settle()
		w.g.Expect(w.services()).To(Equal([]string{shop + "[www.east www.west] 10:10.1.0.1*1,10.2.0.1*1"}))

		// The name of the global service changes in one cluster, and then the whole mode.
		w.members["east"].Apply(hostRule("hr", "shop.east.example.com", func(h *akov1beta1.HostRuleVirtualHost) {
			h.Gslb, h.Aliases = akov1beta1.HostRuleGSLB{Fqdn: "new.example.com", IncludeAliases: true}, []string{"www.east"}
		}))
		w.settle()
		w.g.Expect(w.services()).To(Equal([]string{"new.example.com[www.east] 10:10.1.0.1*1", shop + "[www.west] 10:10.2.0.1*1"}))
		w.own.Apply(gslbConfig())
		w.settle()
		w.g.Expect(w.services()).To(Equal([]string{
			"shop.east.example.com[www.east] 10:10.1.0.1*1", "shop.west.example.com[www.west] 10:10.2.0.1*1",
		}))
	})
}

func TestNamesMoveBetweenServices(t *testing.T) {
	aliases := func(w *world, a, b string) {
		w.members["east"].Apply(hostRule("a", "a.example.com", func(h *akov1beta1.HostRuleVirtualHost) { h.Aliases = []string{a} }))
		w.members["east"].Apply(hostRule("b", "b.example.com", func(h *akov1beta1.HostRuleVirtualHost) { h.Aliases = []string{b} }))
	}
	inWorld(t, func(w *world) {
		w.members["east"].Apply(ingress("a", "a.example.com", "10.1.0.1"))
		w.members["east"].Apply(ingress("b", "b.example.com", "10.1.0.2"))
		aliases(w, "x", "y")
		w.start()
		w.g.Expect(w.services()).To(Equal([]string{"a.example.com[x] 10:10.1.0.1*1", "b.example.com[y] 10:10.1.0.2*1"}))

		w.avi().Calls()
		aliases(w, "z", "x") // from a to b: a lets go first
		w.settle()
		w.g.Expect(w.services()).To(Equal([]string{"a.example.com[z] 10:10.1.0.1*1", "b.example.com[x] 10:10.1.0.2*1"}))
		w.g.Expect(w.avi().Calls()).To(HaveLen(2))

		aliases(w, "x", "z") // both at once: one has to let go without getting anything
		w.settle()
		w.g.Expect(w.services()).To(Equal([]string{"a.example.com[x] 10:10.1.0.1*1", "b.example.com[z] 10:10.1.0.2*1"}))
		w.g.Expect(w.avi().Calls()).To(HaveLen(3))

		aliases(w, "x", "x") // the first by name has it
		w.settle()
		w.g.Expect(w.services()).To(Equal([]string{"a.example.com[x] 10:10.1.0.1*1", "b.example.com 10:10.1.0.2*1"}))
		w.members["east"].Delete(ingress("a", "a.example.com", ""))
		w.settle()
		w.g.Expect(w.services()).To(Equal([]string{"b.example.com[x] 10:10.1.0.2*1"}), "the next one moves up")
		w.members["east"].Apply(ingress("x", "x", "10.1.0.3"))
		w.settle()
		w.g.Expect(w.services()).To(Equal([]string{"b.example.com 10:10.1.0.2*1", "x 10:10.1.0.3*1"}), "a service has its own name")
	})
}

// Shows: tenant-move
func TestTenants(t *testing.T) {
	inWorld(t, func(w *world) {
		w.members["east"].Apply(namespace("web", map[string]string{"ako.vmware.com/tenant-name": "blue"}))
		noted := ingress("shop", shop, "10.1.0.1")
		w.members["east"].Apply(noted)
		w.start()
		w.g.Expect(w.services()).To(BeEmpty(), "AKO has not put it into the tenant yet")
		noted.Annotations["ako.vmware.com/tenant-name"] = "blue"
		w.members["east"].Apply(noted)
		w.settle()
		w.g.Expect(w.services()).To(Equal([]string{"blue/" + shop + " 10:10.1.0.1*1"}))

		w.members["east"].Apply(namespace("web", nil))
		w.settle()
		w.g.Expect(w.services()).To(Equal([]string{shop + " 10:10.1.0.1*1"}))
		w.g.Expect(w.avi().Names("healthmonitor")).To(HaveLen(1), "the monitor moves too")

		config := gslbConfig()
		config.Spec.GSLBLeader.Tenant = ptr("green")
		w.own.Apply(config)
		w.settle()
		w.g.Expect(w.services()).To(Equal([]string{"green/" + shop + " 10:10.1.0.1*1"}))
	})
}

// Shows: own-drift, better-drift
func TestDriftIsRepaired(t *testing.T) {
	inWorld(t, func(w *world) {
		w.members["east"].Apply(ingress("shop", shop, "10.1.0.1"))
		w.members["east"].Apply(ingress("gone", "gone.example.com", "10.1.0.2"))
		w.start()
		before := w.services()
		w.avi().Edit("gslbservice", "admin", shop, func(o map[string]any) {
			o["groups"] = []any{map[string]any{"name": "mine", "priority": 99, "members": []any{}}}
		})
		w.avi().Remove("gslbservice", "admin", "gone.example.com")
		w.avi().Put("gslbservice", "admin", map[string]any{"name": "users.example.com", "created_by": "me", "domain_names": []any{"users.example.com"}})
		w.avi().Calls()
		w.pass(29 * time.Minute)
		w.g.Expect(w.avi().Calls()).To(BeEmpty())
		w.pass(2 * time.Minute)
		w.g.Expect(kinds(w.avi().Calls())).To(ConsistOf("PUT gslbservice", "POST gslbservice"))
		w.g.Expect(w.services()).To(ConsistOf(append(before, "users.example.com")))
	})
}

func TestIdleMakesNoRequests(t *testing.T) {
	inWorld(t, func(w *world) {
		w.members["east"].Apply(ingress("shop", shop, "10.1.0.1"))
		w.start()
		w.avi().Requests()
		w.own.Writes()
		w.pass(25 * time.Minute)
		w.g.Expect(w.avi().Requests()).To(BeEmpty())
		w.g.Expect(w.own.Writes()).To(BeEmpty())
		w.pass(24 * time.Hour)
		w.g.Expect(w.avi().Calls()).To(BeEmpty())
		w.g.Expect(w.own.Writes()).To(BeEmpty())
	})
}

func TestSeveralOperatorsInOneProcess(t *testing.T) {
	inWorld(t, func(w *world) {
		other := newWorld(w.t)
		w.members["east"].Apply(ingress("shop", shop, "10.1.0.1"))
		other.members["west"].Apply(ingress("other", "other.example.com", "10.2.0.1"))
		w.start()
		other.start()
		defer other.stop()
		w.g.Expect(w.services()).To(Equal([]string{shop + " 10:10.1.0.1*1"}))
		w.g.Expect(other.services()).To(Equal([]string{"other.example.com 10:10.2.0.1*1"}))
	})
}

// Shows: third-party, third-party-alone, trace-third-party-removed
func TestThirdPartyMembers(t *testing.T) {
	inWorld(t, func(w *world) {
		w.avi().Set(func(s *avitest.Settings) { s.ThirdParty = []string{"cdn"} })
		w.members["east"].Apply(ingress("shop", shop, "10.1.0.1"))
		w.start()
		with := func(site string) *amkov1alpha1.GSLBHostRule {
			return rule("r", shop, func(s *amkov1alpha1.GSLBHostRuleSpec) {
				s.ThirdPartyMembers = []amkov1alpha1.ThirdPartyMember{{Site: site, VIP: "10.9.0.1"}}
			})
		}
		w.own.Apply(with("cdn"))
		w.settle()
		w.g.Expect(w.services()).To(Equal([]string{shop + " 10:10.1.0.1*1 1:10.9.0.1*1"}))
		w.own.Apply(with("other"))
		w.settle()
		w.g.Expect(w.services()).To(Equal([]string{shop + " 10:10.1.0.1*1"}))
		w.g.Expect(w.ruleStatus("r").Error).To(Equal("ThirdPartyMember site other does not exist for r GSLBHostRule"))
		w.avi().Set(func(s *avitest.Settings) { s.ThirdParty = []string{"cdn", "other"} })
		w.pass(31 * time.Minute)
		w.g.Expect(w.ruleStatus("r").Status).To(Equal("Accepted"), "the site has come")
		w.members["east"].Delete(ingress("shop", shop, ""))
		w.settle()
		w.g.Expect(w.services()).To(Equal([]string{shop + " 1:10.9.0.1*1"}), "the standby site answers alone")
		w.own.Delete(with("other"))
		w.settle()
		w.g.Expect(w.services()).To(BeEmpty())
	})
}

func TestReferencesAreLookedFor(t *testing.T) {
	inWorld(t, func(w *world) {
		w.members["east"].Apply(ingress("shop", shop, "10.1.0.1"))
		w.start()
		w.own.Apply(rule("r", shop, func(s *amkov1alpha1.GSLBHostRuleSpec) { s.HealthMonitorRefs = []string{"mine"} }))
		w.settle()
		w.g.Expect(w.ruleStatus("r").Error).To(Equal("Health Monitor Ref mine error for r GSLBHostRule"))
		w.avi().Put("healthmonitor", "admin", map[string]any{"name": "mine", "is_federated": true, "type": "HEALTH_MONITOR_TCP"})
		w.pass(time.Minute)
		w.g.Expect(w.ruleStatus("r").Status).To(Equal("Accepted"))
		w.g.Expect(w.field(shop, "health_monitor_refs")).To(ContainSubstring("#mine"))
		w.g.Expect(w.monitors()).To(HaveLen(1), "the operator's own monitor is gone, the user's stays")
	})
}

// Shows: own-uuid
func TestTheIdentityIsNotedAndDoesNotChange(t *testing.T) {
	inWorld(t, func(w *world) {
		config := gslbConfig()
		config.Annotations = nil
		w.own.Apply(config)
		w.own.Apply(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "kube-system"}})
		w.members["east"].Apply(ingress("shop", shop, "10.1.0.1"))
		w.start()
		w.own.Get(config)
		id := config.Annotations["amko.vmware.com/amko-uuid"]
		w.g.Expect(id).To(HaveLen(36))
		w.g.Expect(w.field(shop, "created_by")).To(Equal(`"amko-` + id + `"`))
		w.avi().Calls()
		config.Annotations = nil
		w.own.Apply(config)
		w.settle()
		w.restart()
		w.own.Get(config)
		w.g.Expect(config.Annotations["amko.vmware.com/amko-uuid"]).To(Equal(id))
		w.g.Expect(w.avi().Calls()).To(BeEmpty())
	})
}
