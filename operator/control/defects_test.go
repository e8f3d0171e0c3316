package control_test

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	amkov1alpha1 "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha1"
	amkov1alpha2 "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha2"
	"github.com/gslbsim/gslbsim/operator/internal/avitest"
)

// The defects of AMKO 2.2.1 that the rim has to get right, by their number in the project's list.

// Shows: B1
func TestB01_AFollowerIsNotWrittenTo(t *testing.T) {
	inWorld(t, func(w *world) {
		w.avi().Set(func(s *avitest.Settings) { s.Leader = "cluster-2" })
		w.options.PinController = true
		w.members["east"].Apply(ingress("shop", shop, "10.1.0.1"))
		w.start()
		w.g.Expect(w.avi().Calls()).To(BeEmpty())
		w.g.Expect(w.configStatus().State).To(Equal("error: controller not a leader"))
		w.avi().Set(func(s *avitest.Settings) { s.Leader = "cluster-1" })
		w.pass(time.Minute)
		w.g.Expect(w.configStatus().State).To(Equal("success: gslb config accepted"))
		w.g.Expect(w.services()).To(HaveLen(1))
	})
}

// Shows: B2, trace-second-policy-deleted
func TestB02_ASecondPolicyChangesNothing(t *testing.T) {
	inWorld(t, func(w *world) {
		w.members["east"].Apply(ingress("shop", shop, "10.1.0.1"))
		w.start()
		w.avi().Calls()
		second := gdp(func(s *amkov1alpha2.GDPSpec) { s.TTL = ptr(int64(99)); s.MatchClusters = nil })
		second.Name = "another"
		w.own.Apply(second)
		w.settle()
		w.g.Expect(w.policyStatus("another").ErrorStatus).To(Equal("a GDP object already exists, can't add another"))
		w.restart()
		w.own.Delete(second)
		w.settle()
		w.g.Expect(w.policyStatus("global-gdp").ErrorStatus).To(Equal("success"))
		w.g.Expect(w.avi().Calls()).To(BeEmpty())

		w.own.Apply(second)
		w.settle()
		w.own.Delete(gdp(nil))
		w.settle()
		w.g.Expect(w.policyStatus("another").ErrorStatus).To(Equal("success"), "it takes over when the first one goes")
		w.g.Expect(w.services()).To(BeEmpty(), "and selects nothing")
	})
}

// Shows: B3, trace-second-rule-takes-effect
func TestB03_ASecondHostRuleChangesNothing(t *testing.T) {
	inWorld(t, func(w *world) {
		ttl := func(name, fqdn string, seconds int64) *amkov1alpha1.GSLBHostRule {
			return rule(name, fqdn, func(s *amkov1alpha1.GSLBHostRuleSpec) { s.TTL = ptr(seconds) })
		}
		w.members["east"].Apply(ingress("shop", shop, "10.1.0.1"))
		w.own.Apply(ttl("b-first", shop, 11))
		w.start()
		w.own.Apply(ttl("a-second", shop, 22))
		w.own.Apply(ttl("c-mover", "other.example.com", 33))
		w.settle()
		w.g.Expect(w.ruleStatus("a-second").Error).To(Equal("there's an existing GSLBHostRule for the same FQDN"))
		w.g.Expect(w.field(shop, "ttl")).To(Equal("11"))
		w.own.Apply(ttl("c-mover", shop, 33))
		w.settle()
		w.g.Expect(w.ruleStatus("c-mover").Status).To(Equal("Rejected"), "a change of the FQDN does not push the first one out")
		w.g.Expect(w.field(shop, "ttl")).To(Equal("11"))
		w.own.Delete(ttl("a-second", shop, 22))
		w.settle()
		w.g.Expect(w.field(shop, "ttl")).To(Equal("11"), "nor does deleting a refused one")
		w.own.Delete(ttl("b-first", shop, 11))
		w.settle()
		w.g.Expect(w.ruleStatus("c-mover").Status).To(Equal("Accepted"))
		w.g.Expect(w.field(shop, "ttl")).To(Equal("33"))
		w.own.Delete(ttl("c-mover", shop, 33))
		w.settle()
		w.g.Expect(w.field(shop, "ttl")).To(BeEmpty(), "what a rule set goes with it")
	})
}

// Shows: B5
func TestB05_OldServicesDoNotHideOwnOnes(t *testing.T) {
	inWorld(t, func(w *world) {
		w.members["east"].Apply(ingress("shop", shop, "10.1.0.1"))
		w.members["east"].Apply(ingress("old", "old.example.com", "10.1.0.2"))
		w.start()
		w.stop()
		old := func(name, source string) map[string]any {
			return map[string]any{
				"name": name, "created_by": "amko-gslb", "domain_names": []any{name}, "description": source,
				"groups": []any{map[string]any{"name": "amko-gs-group-10", "priority": 10, "members": []any{}}},
			}
		}
		w.avi().Edit("gslbservice", "admin", "old.example.com", func(o map[string]any) { o["created_by"] = "amko-gslb" })
		w.avi().Put("gslbservice", "admin", old("stale.example.com", "INGRESS/east/web/x/stale.example.com"))
		w.avi().Put("gslbservice", "admin", old("foreign.example.com", "INGRESS/mars/web/x/foreign.example.com"))
		w.avi().Put("gslbservice", "admin", old("unknown.example.com", ""))
		w.avi().Calls()
		w.start()
		w.g.Expect(kinds(w.avi().Calls())).To(ConsistOf("PUT gslbservice", "DELETE gslbservice"))
		w.g.Expect(w.avi().Names("gslbservice")).To(Equal([]string{
			"admin/foreign.example.com", "admin/old.example.com", "admin/" + shop, "admin/unknown.example.com",
		}))
		w.g.Expect(w.field("old.example.com", "created_by")).To(Equal(`"` + mark + `"`))
	})
}

// Shows: B6
func TestB06_NothingIsWrittenBeforeTheControllerWasRead(t *testing.T) {
	inWorld(t, func(w *world) {
		w.members["east"].Apply(ingress("shop", shop, "10.1.0.1"))
		w.start()
		w.stop()
		w.avi().Calls()
		w.avi().OnRequest(func(r avitest.Request) *avitest.Fault {
			if r.Verb == "GET" && r.Path == "gslbservice" {
				return &avitest.Fault{Status: 500, Message: "boom"}
			}
			return nil
		})
		w.members["east"].Apply(ingress("new", "new.example.com", "10.1.0.2"))
		w.start()
		w.pass(10 * time.Minute)
		w.g.Expect(w.avi().Calls()).To(BeEmpty())
		w.g.Expect(w.configStatus().State).To(HavePrefix("error: issue in connecting to the controller API, "))
		w.g.Expect(condition(w.configStatus().Conditions, "ControllerConnected")).To(ContainSubstring("500 boom"))
		w.avi().OnRequest(nil)
		w.pass(2 * time.Minute)
		w.g.Expect(kinds(w.avi().Calls())).To(Equal([]string{"POST healthmonitor", "POST gslbservice"}))
	})
}

// Shows: B7, trace-member-away-at-restart
func TestB07_MemberClusterDownAtBootKeepsMembers(t *testing.T) {
	inWorld(t, func(w *world) {
		east, west := w.members["east"], w.members["west"]
		east.Apply(ingress("shop", shop, "10.1.0.1"))
		west.Apply(ingress("shop", shop, "10.2.0.1", "/", "/west"))
		west.Apply(ingress("only", "only.example.com", "10.2.0.2"))
		east.Apply(ingress("gone", "gone.example.com", "10.1.0.3"))
		west.Apply(ingress("gone", "gone.example.com", "10.2.0.3"))
		w.start()
		before := w.services()
		w.stop()
		w.avi().Calls()

		west.SetDown(true)
		east.Apply(ingress("new", "new.example.com", "10.1.0.9"))
		east.Delete(ingress("gone", "gone.example.com", ""))
		w.start()
		w.g.Expect(kinds(w.avi().Calls())).To(ConsistOf("POST healthmonitor", "POST gslbservice", "PUT gslbservice"))
		w.g.Expect(w.services()).To(ConsistOf(shop+" 10:10.1.0.1*1,10.2.0.1*1", "only.example.com 10:10.2.0.2*1",
			"gone.example.com 10:10.2.0.3*1", "new.example.com 10:10.1.0.9*1"))
		w.g.Expect(w.monitors()).To(ContainElement(shop + " HTTP:80 /west"))
		w.g.Expect(condition(w.configStatus().Conditions, "MemberClustersConnected")).To(ContainSubstring("west (its members are kept)"))

		// The policy still reaches the members that are kept.
		w.own.Apply(gdp(func(s *amkov1alpha2.GDPSpec) {
			s.TrafficSplit = []amkov1alpha2.TrafficSplitElem{{Cluster: "west", Weight: ptr(int64(5)), Priority: ptr(int64(3))}}
		}))
		w.settle()
		w.g.Expect(w.services()).To(ContainElement(shop + " 10:10.1.0.1*1 3:10.2.0.1*5"))
		w.own.Apply(gdp(nil))
		west.SetDown(false)
		w.pass(time.Minute)
		w.avi().Calls()
		east.Delete(ingress("new", "new.example.com", ""))
		w.settle()
		w.g.Expect(w.services()).To(ConsistOf("gone.example.com 10:10.2.0.3*1", before[1], before[2]))
	})
}

// Shows: B8
func TestB08_OneClusterDoesNotStopTheOthers(t *testing.T) {
	inWorld(t, func(w *world) {
		w.members["west"].SetDown(true)
		w.members["east"].Apply(ingress("shop", shop, "10.1.0.1"))
		w.start()
		w.g.Expect(w.services()).To(Equal([]string{shop + " 10:10.1.0.1*1"}))
		w.members["east"].Delete(ingress("shop", shop, ""))
		w.settle()
		w.g.Expect(w.services()).To(BeEmpty())
	})
}

// Shows: B9
func TestB09_DeletionsDuringAnOutageAreNoticed(t *testing.T) {
	inWorld(t, func(w *world) {
		w.members["west"].Apply(ingress("shop", shop, "10.2.0.1"))
		w.members["east"].Apply(ingress("shop", shop, "10.1.0.1"))
		w.start()
		w.members["west"].SetDown(true)
		w.pass(time.Hour)
		w.g.Expect(w.services()).To(Equal([]string{shop + " 10:10.1.0.1*1,10.2.0.1*1"}), "the last known state holds")
		w.g.Expect(condition(w.configStatus().Conditions, "MemberClustersConnected")).To(HavePrefix("False MemberClusterSilent: west"))
		w.members["west"].Delete(ingress("shop", shop, ""))
		w.members["west"].Forget()
		w.members["west"].SetDown(false)
		w.pass(2 * time.Minute)
		w.g.Expect(w.services()).To(Equal([]string{shop + " 10:10.1.0.1*1"}))
		w.g.Expect(condition(w.configStatus().Conditions, "MemberClustersConnected")).To(HavePrefix("True"))
	})
}

// Shows: B20, trace-one-login-fails, status-config
func TestB20_FailuresAtBootAreStatusesNotCrashes(t *testing.T) {
	const connecting, site = "error: issue in connecting to the controller API, ", "error fetching Gslb leader site details, "
	tests := map[string]struct {
		fault avitest.Fault
		at    string
		state string
		words string
	}{
		"login refused":      {avitest.Fault{Status: 401, Message: "Invalid credentials"}, "login", connecting, "POST login: 401 Invalid credentials"},
		"login refused bare": {avitest.Fault{Status: 401}, "login", connecting, "POST login: 401 Unauthorized"},
		"login fails":        {avitest.Fault{Status: 500}, "login", connecting, "POST login: 500 Internal Server Error"},
		"connection drops":   {avitest.Fault{Drop: true}, "login", connecting, "connection reset by peer"},
		"cluster fails":      {avitest.Fault{Status: 503}, "cluster", connecting, "GET api/cluster: 503"},
		"no gslb":            {avitest.Fault{Status: 200, Raw: `{"count":0,"results":[]}`}, "gslb", site, "has no GSLB configuration"},
		"gslb is garbled":    {avitest.Fault{Status: 200, Raw: `{"count":`}, "gslb", site, "cannot be read"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.avi().OnRequest(func(r avitest.Request) *avitest.Fault {
					if r.Path == tt.at {
						return &tt.fault
					}
					return nil
				})
				w.members["east"].Apply(ingress("shop", shop, "10.1.0.1"))
				w.start()
				w.g.Expect(w.configStatus().State).To(And(HavePrefix(tt.state), ContainSubstring(tt.words)))
				w.avi().OnRequest(nil)
				w.pass(2 * time.Minute)
				w.g.Expect(w.configStatus().State).To(Equal("success: gslb config accepted"))
				w.g.Expect(w.services()).To(HaveLen(1))
			})
		})
	}
}

// Shows: B21, trace-tls-change
func TestB21_TLSAloneIsAChange(t *testing.T) {
	inWorld(t, func(w *world) {
		w.members["east"].Apply(ingress("shop", shop, "10.1.0.1"))
		w.start()
		secured := ingress("shop", shop, "10.1.0.1")
		secured.Spec.TLS = []networkingv1.IngressTLS{{Hosts: []string{shop}}}
		w.members["east"].Apply(secured)
		w.settle()
		w.g.Expect(w.monitors()).To(Equal([]string{shop + " HTTPS:443 /"}))
	})
}

// Shows: B22, trace-no-policy-at-boot
func TestB22_WithoutAPolicyEverythingStays(t *testing.T) {
	inWorld(t, func(w *world) {
		w.own.Apply(gdp(func(s *amkov1alpha2.GDPSpec) { s.TTL = ptr(int64(30)) }))
		w.members["east"].Apply(ingress("shop", shop, "10.1.0.1"))
		w.start()
		w.avi().Calls()
		w.own.Delete(gdp(nil))
		w.settle()
		w.members["east"].Delete(ingress("shop", shop, ""))
		w.restart()
		w.pass(time.Hour)
		w.g.Expect(w.avi().Calls()).To(BeEmpty())

		w.members["east"].Apply(ingress("shop", shop, "10.1.0.1"))
		w.own.Apply(gdp(nil))
		w.settle()
		w.g.Expect(w.field(shop, "ttl")).To(BeEmpty(), "nothing of the former policy is left")
		w.g.Expect(w.field(shop, "down_response")).To(BeEmpty())
	})
}

func TestAnInvalidPolicyFreezes(t *testing.T) {
	inWorld(t, func(w *world) {
		w.members["east"].Apply(ingress("shop", shop, "10.1.0.1"))
		w.start()
		w.avi().Calls()
		w.own.Apply(gdp(func(s *amkov1alpha2.GDPSpec) {
			s.TrafficSplit = []amkov1alpha2.TrafficSplitElem{{Cluster: "mars"}}
		}))
		w.members["east"].Delete(ingress("shop", shop, ""))
		w.settle()
		w.restart()
		w.g.Expect(w.avi().Calls()).To(BeEmpty())
		status := w.policyStatus("global-gdp")
		w.g.Expect(status.ErrorStatus).To(Equal("cluster mars in traffic policy not present in GSLBConfig"))
		w.g.Expect(condition(status.Conditions, "Accepted")).To(Equal("False Invalid: " + status.ErrorStatus))
		w.own.Apply(gdp(nil))
		w.settle()
		w.g.Expect(w.services()).To(BeEmpty())
	})
}

// Shows: B25, better-retries
func TestB25_ADeadControllerIsNotHammered(t *testing.T) {
	for name, test := range map[string]struct {
		counts func(avitest.Request) bool
		most   int // requests in ten minutes
	}{
		"dead":            {func(avitest.Request) bool { return true }, 60},
		"dead for writes": {func(r avitest.Request) bool { return r.Verb != "GET" && r.Path != "login" }, 120},
	} {
		inWorld(t, func(w *world) {
			w.start()
			w.avi().OnRequest(func(r avitest.Request) *avitest.Fault {
				if test.counts(r) {
					return &avitest.Fault{Drop: true}
				}
				return nil
			})
			for _, host := range []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"} {
				w.members["east"].Apply(ingress(host, host+".example.com", "10.1.0.1"))
			}
			w.avi().Requests()
			w.pass(10 * time.Minute)
			n := len(w.avi().Requests())
			w.g.Expect(n).To(BeNumerically("<", test.most), "%s: AMKO makes 302 requests in 20 s for three hosts", name)
			w.avi().OnRequest(nil)
			w.pass(70 * time.Second)
			w.g.Expect(w.services()).To(HaveLen(10))
		})
	}
}

// Shows: B26
func TestB26_ChangesAreNotLostWhenTheLeaderMoves(t *testing.T) {
	inWorld(t, func(w *world) {
		w.controllers.Put("b", avitest.New())
		lead := func(leader string) {
			for _, name := range []string{"a", "b"} {
				w.controllers.Get(name).Set(func(s *avitest.Settings) {
					s.Self, s.Leader = "cluster-"+name, "cluster-"+leader
					s.Sites = []avitest.Site{{Name: "A", Cluster: "cluster-a", Address: "a"}, {Name: "B", Cluster: "cluster-b", Address: "b"}}
				})
			}
		}
		lead("a")
		w.members["east"].Apply(ingress("shop", shop, "10.1.0.1"))
		w.start()
		w.g.Expect(w.services()).To(HaveLen(1))
		config := gslbConfig()
		w.own.Get(config)
		w.g.Expect(config.Annotations["amko.vmware.com/gslb-site-addresses"]).To(Equal("a,b"))

		lead("b")
		w.members["east"].Apply(ingress("new", "new.example.com", "10.1.0.2"))
		w.settle()
		w.g.Expect(w.controllers.Get("b").Names("gslbservice")).To(ConsistOf("admin/"+shop, "admin/new.example.com"))
		w.g.Expect(w.services()).To(HaveLen(1), "the follower is left alone")
		w.g.Expect(condition(w.configStatus().Conditions, "ControllerConnected")).To(Equal("True Connected: speaking to b, site B"))

		// The controller that the GSLBConfig names is gone, and the operator starts anew.
		w.stop()
		w.controllers.Put("a", nil)
		w.members["east"].Apply(ingress("third", "third.example.com", "10.1.0.3"))
		w.start()
		w.g.Expect(w.controllers.Get("b").Names("gslbservice")).To(HaveLen(3))
	})
}

// Shows: B26, better-follow-leader
func TestB26_ALeaderThatDiesIsLookedForElsewhere(t *testing.T) {
	inWorld(t, func(w *world) {
		w.controllers.Put("b", avitest.New())
		sites := []avitest.Site{{Name: "A", Cluster: "cluster-1", Address: "a"}, {Name: "B", Cluster: "cluster-2", Address: "b"}}
		w.avi().Set(func(s *avitest.Settings) { s.Sites = sites })
		w.controllers.Get("b").Set(func(s *avitest.Settings) { s.Self, s.Leader, s.Sites = "cluster-2", "cluster-1", sites })
		w.start()
		w.avi().OnRequest(func(avitest.Request) *avitest.Fault { return &avitest.Fault{Drop: true} })
		w.members["east"].Apply(ingress("shop", shop, "10.1.0.1"))
		w.pass(5 * time.Minute)
		w.g.Expect(w.controllers.Get("b").Calls()).To(BeEmpty(), "a follower that names a dead leader is not written to")
		w.controllers.Get("b").Set(func(s *avitest.Settings) { s.Leader = "cluster-2" })
		w.pass(2 * time.Minute)
		w.g.Expect(w.controllers.Get("b").Names("gslbservice")).To(Equal([]string{"admin/" + shop}))
	})
}

// Shows: B27, better-secrets
func TestB27_RotationsAreNoticed(t *testing.T) {
	inWorld(t, func(w *world) {
		w.members["east"].Apply(ingress("shop", shop, "10.1.0.1"))
		w.start()
		w.avi().Set(func(s *avitest.Settings) { s.Password = "new" })
		w.avi().EndSessions()
		w.members["east"].Apply(ingress("new", "new.example.com", "10.1.0.2"))
		w.settle()
		w.g.Expect(w.services()).To(HaveLen(1))
		w.g.Expect(condition(w.configStatus().Conditions, "Programmed")).To(ContainSubstring("Invalid credentials"))
		w.own.Apply(&corev1.Secret{
			ObjectMeta: metav1.ObjectMeta{Namespace: system, Name: "gslb-avi-secret"},
			Data:       map[string][]byte{"username": []byte("admin"), "password": []byte("new")},
		})
		w.settle()
		w.g.Expect(w.services()).To(HaveLen(2))
		w.g.Expect(condition(w.configStatus().Conditions, "Programmed")).To(HavePrefix("True"))
	})
}

// Shows: B28
func TestB28_UnchangedServicesCanBeResyncedForEver(t *testing.T) {
	inWorld(t, func(w *world) {
		w.options.DriftInterval = time.Minute
		w.members["east"].Apply(ingress("shop", shop, "10.1.0.1"))
		w.start()
		for range 20 {
			w.avi().Remove("gslbservice", "admin", shop)
			w.pass(time.Minute + time.Second)
			w.g.Expect(w.services()).To(HaveLen(1))
		}
	})
}

// Shows: B29
func TestB29_APriorityThatTheControllerWouldRefuse(t *testing.T) {
	inWorld(t, func(w *world) {
		w.members["east"].Apply(ingress("shop", shop, "10.1.0.1"))
		w.own.Apply(rule("r", shop, func(s *amkov1alpha1.GSLBHostRuleSpec) {
			s.TrafficSplit = []amkov1alpha1.TrafficSplitElem{{Cluster: "east", Priority: ptr(int64(101))}}
		}))
		w.start()
		w.g.Expect(w.ruleStatus("r").Error).To(Equal("priority 101 must be between 0 and 100 for r GSLBHostRule"))
		w.g.Expect(w.services()).To(Equal([]string{shop + " 10:10.1.0.1*1"}))
	})
}

// Shows: B30
func TestB30_ManyPathsAreAccepted(t *testing.T) {
	inWorld(t, func(w *world) {
		w.members["east"].Apply(ingress("shop", shop, "10.1.0.1", "/a", "/b", "/c", "/d", "/e", "/f/g", "/", "/h"))
		w.start()
		w.g.Expect(w.services()).To(HaveLen(1))
		w.g.Expect(w.monitors()).To(HaveLen(6))
	})
}
