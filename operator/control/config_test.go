package control_test

import (
	"fmt"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	akov1beta1 "github.com/gslbsim/gslbsim/operator/api/ako/v1beta1"
	amkov1alpha1 "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha1"
	"github.com/gslbsim/gslbsim/operator/avi"
	"github.com/gslbsim/gslbsim/operator/control"
	"github.com/gslbsim/gslbsim/operator/internal/avitest"
	"github.com/gslbsim/gslbsim/operator/plan"
)

func amkoCluster(leads bool) *amkov1alpha1.AMKOCluster {
	return &amkov1alpha1.AMKOCluster{
		ObjectMeta: metav1.ObjectMeta{Namespace: system, Name: "amkocluster"},
		Spec: amkov1alpha1.AMKOClusterSpec{
			IsLeader: leads, ClusterContext: "east", Version: "2.2.1", Clusters: []string{"east"},
		},
	}
}

func secret(name string, data map[string]string) *corev1.Secret {
	s := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: system, Name: name}, Data: map[string][]byte{}}
	for key, value := range data {
		s.Data[key] = []byte(value)
	}
	return s
}

// Shows: trace-former-leader
func TestAStandbyDoesNothingUntilItLeads(t *testing.T) {
	inWorld(t, func(w *world) {
		w.own.Apply(amkoCluster(false))
		w.members["east"].Apply(ingress("shop", shop, "10.1.0.1"))
		w.start()
		w.g.Expect(w.avi().Requests()).To(BeEmpty())
		w.g.Expect(w.own.Writes()).To(HaveLen(1), "it says that it stands by")
		w.own.Apply(amkoCluster(true))
		w.settle()
		w.g.Expect(w.services()).To(HaveLen(1))
		w.own.Apply(amkoCluster(false))
		w.settle()
		w.avi().Requests()
		w.members["east"].Apply(ingress("new", "new.example.com", "10.1.0.2"))
		w.pass(time.Hour)
		w.g.Expect(w.avi().Requests()).To(BeEmpty(), "a former leader stops at once")
		w.own.Apply(amkoCluster(true))
		w.settle()
		w.g.Expect(w.services()).To(HaveLen(2))
		w.own.Delete(amkoCluster(true))
		w.settle()
		w.members["east"].Delete(ingress("new", "", ""))
		w.pass(time.Hour)
		w.g.Expect(w.services()).To(HaveLen(2), "without an AMKOCluster nobody leads")
	})
}

// Shows: status-config
func TestProblemsOfTheConfiguration(t *testing.T) {
	tests := map[string]struct {
		breaks, mends func(w *world)
		state         string
	}{
		"no secret": {
			func(w *world) { w.own.Delete(secret("gslb-avi-secret", nil)) },
			func(w *world) {
				w.own.Apply(secret("gslb-avi-secret", map[string]string{"username": "admin", "password": "secret"}))
			},
			"error: secret object doesn't exist gslb-avi-secret",
		},
		"empty secret": {
			func(w *world) { w.own.Apply(secret("gslb-avi-secret", nil)) },
			func(w *world) {
				w.own.Apply(secret("gslb-avi-secret", map[string]string{"username": "admin", "password": "secret"}))
			},
			"error: invalid gslb config with leaderSecret gslb-avi-secret",
		},
		"no address": {
			func(w *world) {
				c := gslbConfig()
				c.Spec.GSLBLeader.ControllerIP = ""
				w.own.Apply(c)
			},
			func(w *world) { w.own.Apply(gslbConfig()) },
			"error: invalid gslb config with controller IP ",
		},
		"wrong address": {
			func(w *world) {
				c := gslbConfig()
				c.Spec.GSLBLeader.ControllerIP = "nowhere"
				w.own.Apply(c)
			},
			func(w *world) { w.own.Apply(gslbConfig()) },
			"error: issue in connecting to the controller API, ",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.members["east"].Apply(ingress("shop", shop, "10.1.0.1"))
				tt.breaks(w)
				w.start()
				w.g.Expect(w.configStatus().State).To(HavePrefix(tt.state))
				w.g.Expect(w.services()).To(BeEmpty())
				tt.mends(w)
				w.settle()
				w.g.Expect(w.configStatus().State).To(Equal("success: gslb config accepted"))
				w.g.Expect(w.services()).To(HaveLen(1))
				tt.breaks(w)
				w.members["east"].Delete(ingress("shop", "", ""))
				w.settle()
				w.g.Expect(w.configStatus().State).To(HavePrefix(tt.state))
				w.g.Expect(w.services()).To(HaveLen(1), "what exists stays")
			})
		})
	}
}

// Shows: status-config
func TestASecondGSLBConfigIsRefused(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		second := gslbConfig()
		second.Name = "a-second"
		w.own.Apply(second)
		w.settle()
		w.own.Get(second)
		w.g.Expect(second.Status.State).To(Equal("error: can't add another gslbconfig"))
		w.g.Expect(w.configStatus().State).To(Equal("success: gslb config accepted"))
	})
}

func TestWithoutAGSLBConfigEverythingStays(t *testing.T) {
	inWorld(t, func(w *world) {
		w.members["east"].Apply(ingress("shop", shop, "10.1.0.1"))
		w.start()
		w.own.Delete(gslbConfig())
		w.settle()
		w.members["east"].Delete(ingress("shop", "", ""))
		w.pass(time.Hour)
		w.g.Expect(w.services()).To(HaveLen(1))
		w.own.Apply(gslbConfig())
		w.settle()
		w.g.Expect(w.services()).To(BeEmpty())
	})
}

const kubeconfig = `{"kind":"Config","apiVersion":"v1","clusters":[{"name":"c","cluster":{"server":"http://east.invalid"}}],
	"users":[{"name":"u","user":{}}],"contexts":[{"name":"east","context":{"cluster":"c","user":"u"}}]}`

func TestTheKubeconfigSecret(t *testing.T) {
	inWorld(t, func(w *world) {
		w.options.MemberConfig = nil
		w.start()
		w.g.Expect(w.configStatus().State).To(Equal("error: secret object doesn't exist gslb-config-secret"))
		w.own.Apply(secret("gslb-config-secret", map[string]string{"other-key": kubeconfig}))
		w.settle()
		w.g.Expect(w.configStatus().State).To(ContainSubstring("secret gslb-config-secret has no key gslb-members"))
		w.own.Apply(secret("gslb-config-secret", map[string]string{"gslb-members": "{"}))
		w.settle()
		w.g.Expect(w.configStatus().State).To(HavePrefix("error: provided kubeconfig has an error "))
	})
}

func TestMembersComeAndGo(t *testing.T) {
	inWorld(t, func(w *world) {
		for name, vip := range map[string]string{"east": "10.1.0.1", "west": "10.2.0.1"} {
			w.members[name].Apply(ingress("shop", shop, vip))
		}
		w.start()
		config := gslbConfig()
		config.Spec.MemberClusters = config.Spec.MemberClusters[:1]
		p := gdp(nil)
		p.Spec.MatchClusters = p.Spec.MatchClusters[:1]
		w.own.Apply(config)
		w.own.Apply(p)
		w.settle()
		w.g.Expect(w.services()).To(Equal([]string{shop + " 10:10.1.0.1*1"}))
		w.own.Apply(gslbConfig())
		w.own.Apply(gdp(nil))
		w.settle()
		w.g.Expect(w.services()).To(Equal([]string{shop + " 10:10.1.0.1*1,10.2.0.1*1"}))

		config = gslbConfig()
		config.Spec.MemberClusters = append(config.Spec.MemberClusters, amkov1alpha1.MemberCluster{ClusterContext: "mars"})
		w.own.Apply(config)
		w.settle()
		w.g.Expect(condition(w.configStatus().Conditions, "MemberClustersConnected")).To(ContainSubstring("mars (its members are kept): no context mars"))
		w.members["east"].Delete(ingress("shop", "", ""))
		w.settle()
		w.g.Expect(w.services()).To(Equal([]string{shop + " 10:10.2.0.1*1"}))
	})
}

// TestAnInquiryThatIsCalledOffDoesNotHideTheNext changes the configuration while the controller does not answer, and again when it
// does: what came of the first inquiry arrives at the same instant as what comes of the second, in either order.
//
// Shows: trace-config-edits
func TestAnInquiryThatIsCalledOffDoesNotHideTheNext(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		version := func(i int) {
			config := gslbConfig()
			config.Spec.GSLBLeader.ControllerVersion = fmt.Sprintf("31.1.%d", i)
			w.own.Apply(config)
		}
		for i := range 20 {
			w.avi().OnRequest(func(avitest.Request) *avitest.Fault { return &avitest.Fault{Hang: true} })
			version(2*i + 1)
			w.pass(time.Second)
			w.avi().OnRequest(nil)
			version(2 * i)
			host := fmt.Sprintf("h%d.example.com", i)
			w.members["east"].Apply(ingress(host, host, "10.1.0.1"))
			w.settle()
			w.g.Expect(w.services()).To(HaveLen(i + 1))
		}
	})
}

// Shows: better-hold-members
func TestMembersOfASilentClusterAreGivenUpAfterAWhile(t *testing.T) {
	inWorld(t, func(w *world) {
		w.options.HoldMembers = time.Hour
		w.members["east"].Apply(ingress("shop", shop, "10.1.0.1"))
		w.members["west"].Apply(ingress("shop", shop, "10.2.0.1"))
		w.start()
		for range 2 { // the second time the operator starts into the outage
			w.members["west"].SetDown(true)
			w.pass(59 * time.Minute)
			w.g.Expect(w.services()).To(Equal([]string{shop + " 10:10.1.0.1*1,10.2.0.1*1"}))
			w.pass(5 * time.Minute)
			w.g.Expect(w.services()).To(Equal([]string{shop + " 10:10.1.0.1*1"}))
			w.g.Expect(condition(w.configStatus().Conditions, "MemberClustersConnected")).To(ContainSubstring("west (its members were given up)"))
			w.members["west"].SetDown(false)
			w.pass(2 * time.Minute)
			w.g.Expect(w.services()).To(Equal([]string{shop + " 10:10.1.0.1*1,10.2.0.1*1"}))
			w.members["west"].SetDown(true)
			w.restart()
		}
	})
}

func TestKindsThatAreServedLaterAreRead(t *testing.T) {
	inWorld(t, func(w *world) {
		gvr := schema.GroupVersionResource{Group: "ako.vmware.com", Version: "v1beta1", Resource: "hostrules"}
		w.members["west"] = newMemberWithout(w, gvr)
		w.members["west"].Apply(ingress("shop", shop, "10.2.0.1"))
		w.start()
		w.g.Expect(w.services()).To(Equal([]string{shop + " 10:10.2.0.1*1"}))
		w.members["west"].Serve(gvr, "HostRule")
		w.members["west"].Apply(hostRule("hr", shop, func(h *akov1beta1.HostRuleVirtualHost) { h.Aliases = []string{"www"} }))
		w.pass(6 * time.Minute)
		w.g.Expect(w.services()).To(Equal([]string{shop + "[www] 10:10.2.0.1*1"}))
	})
}

// Shows: status-refused-writes, better-visible-refusals, better-conditions
func TestRefusedWritesAreVisible(t *testing.T) {
	inWorld(t, func(w *world) {
		for _, host := range []string{"a", "b", "c", "d", "e", "f", "g"} {
			w.members["east"].Apply(ingress(host, host+".example.com", "10.1.0.1"))
		}
		w.own.Apply(rule("r", "b.example.com", nil))
		w.own.Apply(rule("fine", "other.example.com", nil))
		refuse := func(r avitest.Request) *avitest.Fault {
			if r.Path == "gslbservice" && r.Verb == "POST" {
				return &avitest.Fault{Status: 400, Message: "FQDN is not under a subdomain of the GSLB configuration"}
			}
			return nil
		}
		w.avi().OnRequest(refuse)
		var settled control.Settled
		w.options.Observe.Settled = func(s control.Settled) { settled = s }
		w.start()
		const words = "POST api/gslbservice: 400 FQDN is not under a subdomain of the GSLB configuration"
		w.g.Expect(condition(w.ruleStatus("r").Conditions, "Programmed")).To(Equal("False Refused: b.example.com: " + words))
		w.g.Expect(condition(w.ruleStatus("fine").Conditions, "Programmed")).To(HavePrefix("True"))
		global := condition(w.policyStatus("global-gdp").Conditions, "Programmed")
		w.g.Expect(global).To(And(HavePrefix("False Refused: a.example.com: "+words), HaveSuffix("; and 2 more")))
		w.g.Expect(settled.Problems).To(HaveLen(7))

		w.avi().Requests()
		w.pass(time.Hour)
		w.g.Expect(len(w.avi().Calls())).To(BeNumerically("<", 7*12+1), "what is refused as it is, is tried rarely")
		w.avi().OnRequest(nil)
		w.pass(11 * time.Minute)
		w.g.Expect(w.services()).To(HaveLen(7), "but for ever")
		w.g.Expect(condition(w.policyStatus("global-gdp").Conditions, "Programmed")).To(HavePrefix("True"))
	})
}

// Shows: B25, better-retries
func TestErrorsOfAllKindsAreOvercome(t *testing.T) {
	faults := map[string]avitest.Fault{
		"maintenance": {Status: 400, Message: "GSLB system is in maintenance mode."},
		"upgrade":     {Status: 403, Message: "Configuration is disallowed during upgrade"},
		"throttled":   {Status: 429, Header: map[string]string{"Retry-After": "20"}},
		"stale":       {Status: 412, Message: "concurrent update"},
		"server":      {Status: 500, Message: "boom"},
		"gateway":     {Status: 504},
		"name taken":  {Status: 400, Message: "domain name conflicting with existing domain name"},
		"forbidden":   {Status: 403, Message: "no"},
		"session":     {Status: 401},
		"gone":        {Status: 419},
		"empty":       {Status: 200},
		"dropped":     {Drop: true},
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.members["east"].Apply(ingress("shop", shop, "10.1.0.1"))
				w.avi().OnRequest(func(r avitest.Request) *avitest.Fault {
					if r.Verb == "POST" && r.Path != "login" {
						return &fault
					}
					return nil
				})
				w.start()
				w.pass(time.Minute)
				calls := len(w.avi().Calls())
				w.g.Expect(calls).To(And(BeNumerically(">", 0), BeNumerically("<", 40)))
				w.avi().OnRequest(nil)
				w.pass(4 * time.Minute)
				w.g.Expect(w.services()).To(HaveLen(1))
			})
		})
	}
}

func TestAHangingCallHoldsUpOnlyItsOwnService(t *testing.T) {
	inWorld(t, func(w *world) {
		w.options.AviTransport = hanging{w.options.AviTransport, "hang.example.com"}
		w.members["east"].Apply(ingress("hang", "hang.example.com", "10.1.0.1"))
		w.start()
		for _, host := range []string{"a", "b", "z"} {
			w.members["east"].Apply(ingress(host, host+".example.com", "10.1.0.2"))
		}
		w.settle()
		w.g.Expect(w.services()).To(HaveLen(3))
	})
}

func TestObserve(t *testing.T) {
	inWorld(t, func(w *world) {
		var calls []string
		var leader avi.Federation
		var batches int
		var level string
		w.options.Parallel = 1
		w.options.LogLevel = func(l string) { level = l }
		w.options.Observe = control.Observe{
			Called: func(c plan.Call) { calls = append(calls, c.String()) },
			Leader: func(f avi.Federation) { leader = f },
			Batch:  func(control.Batch) { batches++ },
		}
		w.members["east"].Apply(ingress("shop", shop, "10.1.0.1"))
		w.start()
		w.g.Expect(calls).To(HaveLen(2))
		w.g.Expect(calls[1]).To(Equal("POST gslbservice admin/" + shop))
		w.g.Expect(leader.Self).To(Equal("cluster-1"))
		w.g.Expect(batches).To(BeNumerically(">", 0))
		w.g.Expect(level).To(Equal("INFO"))
	})
}
