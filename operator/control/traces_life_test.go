package control_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"

	amkov1alpha1 "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha1"
	amkov1alpha2 "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha2"
	"github.com/gslbsim/gslbsim/operator/internal/avitest"
	"github.com/gslbsim/gslbsim/operator/plan"
)

// What was observed of AMKO 2.2.1 with a healthy controller: changes, restarts, statuses. Tests are named for what happened.

// TestTraceServicePort changes the port of a LoadBalancer Service: AMKO wrote the service without monitors first.
//
// Shows: trace-service-port
func TestTraceServicePort(t *testing.T) {
	inWorld(t, func(w *world) {
		w.members["east"].Apply(loadBalancer("dns", "dns.example.com", "10.1.0.1", 53, corev1.ProtocolUDP))
		w.start()
		w.avi().Requests()
		w.members["east"].Apply(loadBalancer("dns", "dns.example.com", "10.1.0.1", 54, corev1.ProtocolUDP))
		w.settle()
		w.g.Expect(w.monitors()).To(Equal([]string{"dns.example.com UDP:54"}))
		for _, r := range w.avi().Requests() {
			if strings.HasPrefix(r.Path, "gslbservice") {
				w.g.Expect(r.Body).To(ContainSubstring("health_monitor_refs"), "never without a monitor")
			}
		}
	})
}

// TestTraceMonitorRefs gives a service a monitor of the user's: AMKO looked for it twice, and wrote the service twice.
//
// Shows: trace-monitor-refs
func TestTraceMonitorRefs(t *testing.T) {
	inWorld(t, func(w *world) {
		w.avi().Put("healthmonitor", "admin", map[string]any{"name": "mine", "is_federated": true, "type": "HEALTH_MONITOR_TCP"})
		w.members["east"].Apply(ingress("shop", shop, "10.1.0.1"))
		w.start()
		w.avi().Requests()
		w.own.Apply(rule("r", shop, func(s *amkov1alpha1.GSLBHostRuleSpec) { s.HealthMonitorRefs = []string{"mine"} }))
		w.settle()
		var calls []string
		for _, r := range w.avi().Requests() {
			calls = append(calls, r.String())
		}
		w.g.Expect(kinds(calls)).To(Equal([]string{"GET healthmonitor", "PUT gslbservice", "DELETE healthmonitor"}))
		w.pass(10 * time.Minute)
		w.g.Expect(w.avi().Requests()).To(BeEmpty())
	})
}

// TestTraceFirstMemberWithoutNotes applies an Ingress without AKO's notes: AMKO took it as a first member, with an empty
// virtual service, and refused it as a second.
//
// Shows: trace-first-member-without-notes
func TestTraceFirstMemberWithoutNotes(t *testing.T) {
	inWorld(t, func(w *world) {
		bare := ingress("shop", shop, "10.1.0.1")
		bare.Annotations = nil
		w.members["east"].Apply(bare)
		w.start()
		w.g.Expect(w.services()).To(BeEmpty(), "not as the first")
		w.members["west"].Apply(ingress("shop", shop, "10.2.0.1"))
		w.settle()
		w.g.Expect(w.services()).To(Equal([]string{shop + " 10:10.2.0.1*1"}), "nor as the second")
	})
}

// TestTraceMonitorOfAnotherInstance puts a monitor of another instance where this one's belongs: AMKO took it over.
//
// Shows: trace-monitor-taken-over
func TestTraceMonitorOfAnotherInstance(t *testing.T) {
	inWorld(t, func(w *world) {
		w.members["east"].Apply(ingress("shop", shop, "10.1.0.1"))
		w.start()
		name := strings.TrimPrefix(w.avi().Names("healthmonitor")[0], "admin/")
		w.stop()
		w.avi().Edit("healthmonitor", "admin", name, func(o map[string]any) {
			for _, m := range o["markers"].([]any) {
				if m := m.(map[string]any); m["key"] == "created-by" {
					m["values"] = []any{"amko-another"}
				}
			}
		})
		w.avi().Remove("gslbservice", "admin", shop)
		w.avi().Calls()
		w.start()
		w.pass(time.Hour)
		w.g.Expect(strings.Join(w.avi().Objects("healthmonitor"), "")).To(And(ContainSubstring("amko-another"), Not(ContainSubstring(mark))))
		w.g.Expect(len(w.avi().Calls())).To(BeNumerically("<", 12))
		w.g.Expect(condition(w.policyStatus("global-gdp").Conditions, "Programmed")).To(HavePrefix("False OwnedByOther: " + shop))
	})
}

// TestTraceGeoWithoutFallback has a policy refused that is half said: the next valid edit crashed AMKO.
//
// Shows: trace-geo-without-fallback
func TestTraceGeoWithoutFallback(t *testing.T) {
	inWorld(t, func(w *world) {
		w.members["east"].Apply(ingress("shop", shop, "10.1.0.1"))
		w.start()
		w.own.Apply(gdp(func(s *amkov1alpha2.GDPSpec) {
			s.PoolAlgorithmSettings = &amkov1alpha1.PoolAlgorithmSettings{LBAlgorithm: "GSLB_ALGORITHM_GEO"}
		}))
		w.settle()
		w.g.Expect(w.policyStatus("global-gdp").ErrorStatus).To(ContainSubstring("geoFallback has to be set for Geo"))
		w.own.Apply(gdp(func(s *amkov1alpha2.GDPSpec) { s.TTL = ptr(int64(17)) }))
		w.settle()
		w.g.Expect(w.policyStatus("global-gdp").ErrorStatus).To(Equal("success"))
		w.g.Expect(w.field(shop, "ttl")).To(Equal("17"))
	})
}

// TestTraceNewHostAfterARestart restarts over two hundred services and adds a host: with AMKO it waited 25 s behind all others,
// with a thousand services 173 s, and a kill meanwhile lost it until the next start.
//
// Shows: trace-new-host-after-restart
func TestTraceNewHostAfterARestart(t *testing.T) {
	inWorld(t, func(w *world) {
		for i := range 200 {
			host := fmt.Sprintf("h%03d", i)
			w.members["east"].Apply(ingress(host, host+".example.com", "10.1.0.1"))
		}
		w.start()
		w.g.Expect(w.services()).To(HaveLen(200))
		w.restart()
		w.avi().Calls()
		w.members["east"].Apply(ingress("new", "new.example.com", "10.1.0.2"))
		w.pass(500 * time.Millisecond)
		w.g.Expect(w.avi().Calls()).To(Equal([]string{"POST healthmonitor", "POST gslbservice"}))
	})
}

// TestTraceKilledInTheMiddle ends the operator after the first of a hundred new hosts.
//
// Shows: trace-killed-in-the-middle
func TestTraceKilledInTheMiddle(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		first := make(chan struct{}, 1)
		w.stop()
		w.options.Parallel = 1
		w.options.Observe.Called = func(c plan.Call) {
			if c.Type == plan.TypeService {
				select {
				case first <- struct{}{}:
				default:
				}
			}
		}
		w.start()
		for i := range 100 {
			host := fmt.Sprintf("h%03d", i)
			w.members["east"].Apply(ingress(host, host+".example.com", "10.1.0.1"))
		}
		<-first
		w.stop()
		done := len(w.services())
		w.g.Expect(done).To(BeNumerically("<", 100))
		w.avi().Calls()
		w.start()
		w.g.Expect(w.services()).To(HaveLen(100))
		w.g.Expect(len(w.avi().Calls())).To(BeNumerically("<=", 2*(100-done)), "what was there is not written again")
	})
}

// TestTraceUUIDReplaced gives the GSLBConfig another identity: AMKO took its former monitors over but not its services, and said
// nothing after five attempts.
//
// Shows: trace-uuid-replaced
func TestTraceUUIDReplaced(t *testing.T) {
	inWorld(t, func(w *world) {
		w.members["east"].Apply(ingress("shop", shop, "10.1.0.1"))
		w.start()
		before := strings.Join(append(w.avi().Objects("gslbservice"), w.avi().Objects("healthmonitor")...), "\n")
		config := gslbConfig()
		config.Annotations["amko.vmware.com/amko-uuid"] = "99999999-2222-3333-4444-555555555555"
		w.own.Apply(config)
		w.pass(time.Minute)
		w.g.Expect(strings.Join(append(w.avi().Objects("gslbservice"), w.avi().Objects("healthmonitor")...), "\n")).To(Equal(before))
		w.g.Expect(condition(w.configStatus().Conditions, "Programmed")).To(HavePrefix("False OwnedByOther: " + shop))
		w.own.Apply(gslbConfig())
		w.settle()
		w.g.Expect(condition(w.configStatus().Conditions, "Programmed")).To(HavePrefix("True"))
	})
}

// TestTraceTwoPoliciesNoneAccepted starts with two policies that nobody has judged: AMKO panicked. The oldest counts.
//
// Shows: trace-two-policies-at-boot
func TestTraceTwoPoliciesNoneAccepted(t *testing.T) {
	inWorld(t, func(w *world) {
		w.members["east"].Apply(ingress("shop", shop, "10.1.0.1"))
		w.pass(time.Minute)
		second := gdp(func(s *amkov1alpha2.GDPSpec) { s.MatchClusters = nil })
		second.Name = "a-second"
		w.own.Apply(second)
		w.start()
		w.g.Expect(w.services()).To(HaveLen(1))
		w.g.Expect(w.policyStatus("a-second").ErrorStatus).To(Equal("a GDP object already exists, can't add another"))
	})
}

// TestTraceConfigEdits edits the GSLBConfig while the operator runs: AMKO asked for a restart, which nothing gave it, and went
// on with the old values.
//
// Shows: trace-config-edits
func TestTraceConfigEdits(t *testing.T) {
	inWorld(t, func(w *world) {
		w.own.Delete(gslbConfig())
		w.members["east"].Apply(ingress("shop", shop, "10.1.0.1"))
		w.start()
		w.g.Expect(w.services()).To(BeEmpty())
		w.own.Apply(gslbConfig()) // it appears after the start
		w.settle()
		w.g.Expect(w.services()).To(HaveLen(1))

		edited := gslbConfig()
		edited.Spec.RefreshInterval, edited.Spec.LogLevel = 60, "DEBUG"
		w.own.Apply(edited)
		w.settle()
		w.avi().Remove("gslbservice", "admin", shop)
		w.pass(61 * time.Second)
		w.g.Expect(w.services()).To(HaveLen(1), "the new interval counts")

		w.controllers.Put("b", avitest.New())
		edited.Spec.GSLBLeader.ControllerIP = "b"
		w.own.Apply(edited)
		w.settle()
		w.g.Expect(w.controllers.Get("b").Names("gslbservice")).To(Equal([]string{"admin/" + shop}))

		edited.Spec.GSLBLeader.Credentials = "later"
		w.own.Apply(edited)
		w.settle()
		w.g.Expect(w.configStatus().State).To(Equal("error: secret object doesn't exist later"))
		w.own.Apply(secret("later", map[string]string{"username": "admin", "password": "secret"}))
		w.settle()
		w.g.Expect(w.configStatus().State).To(Equal("success: gslb config accepted"))
	})
}

// TestTraceControllerComesBackEmpty loses all that the controller held: with AMKO it stayed empty until a restart.
//
// Shows: trace-controller-comes-back-empty
func TestTraceControllerComesBackEmpty(t *testing.T) {
	inWorld(t, func(w *world) {
		w.members["east"].Apply(ingress("shop", shop, "10.1.0.1"))
		w.start()
		w.controllers.Put("a", avitest.New())
		w.pass(30*time.Minute + time.Second)
		w.g.Expect(w.services()).To(Equal([]string{shop + " 10:10.1.0.1*1"}))
	})
}

// TestTraceStop ends the operator: as leader AMKO takes 10 s.
//
// Shows: trace-stop
func TestTraceStop(t *testing.T) {
	inWorld(t, func(w *world) {
		w.options.AviTransport = hanging{w.options.AviTransport, "hang.example.com"}
		w.members["east"].Apply(ingress("hang", "hang.example.com", "10.1.0.1"))
		w.start() // with a call under way
		began := time.Now()
		w.stop()
		w.g.Expect(time.Since(began)).To(BeNumerically("<", time.Second))
	})
}

// TestTraceLongOutageOfAMember deletes many objects while the watch is away, so that it has to list again: with AMKO the
// deleted ones stayed in GSLB until a restart.
//
// Shows: trace-long-outage
func TestTraceLongOutageOfAMember(t *testing.T) {
	inWorld(t, func(w *world) {
		for i := range 40 {
			host := fmt.Sprintf("h%02d", i)
			w.members["west"].Apply(ingress(host, host+".example.com", "10.2.0.1"))
		}
		w.start()
		w.members["west"].SetDown(true)
		w.pass(85 * time.Second)
		for i := range 39 {
			w.members["west"].Delete(ingress(fmt.Sprintf("h%02d", i), "", ""))
		}
		w.members["west"].Forget()
		w.members["west"].SetDown(false)
		w.pass(time.Minute)
		w.g.Expect(w.services()).To(Equal([]string{"h39.example.com 10:10.2.0.1*1"}))
	})
}

// TestTraceOwnClusterAway takes the operator's own API server away: it goes on with what it knows.
//
// Shows: trace-own-cluster-away
func TestTraceOwnClusterAway(t *testing.T) {
	inWorld(t, func(w *world) {
		w.members["east"].Apply(ingress("shop", shop, "10.1.0.1"))
		w.start()
		w.own.SetDown(true)
		w.pass(time.Hour)
		w.members["east"].Apply(ingress("new", "new.example.com", "10.1.0.2"))
		w.settle()
		w.g.Expect(w.services()).To(HaveLen(2))
		w.own.Forget()
		w.own.SetDown(false)
		w.own.Apply(gdp(func(s *amkov1alpha2.GDPSpec) { s.TTL = ptr(int64(5)) }))
		w.pass(2 * time.Minute)
		w.g.Expect(w.field(shop, "ttl")).To(Equal("5"))
	})
}
