package control_test

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	amkov1alpha1 "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha1"
	amkov1alpha2 "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha2"
	"github.com/gslbsim/gslbsim/operator/internal/avitest"
	"github.com/gslbsim/gslbsim/operator/internal/kubetest"
)

// TestARuleInATenantThatDoesNotExistHoldsNobodyUp has a rule name a monitor in a tenant that the controller does not know: it
// refuses to look there, as the product does.
//
// Shows: tenant-unknown
func TestARuleInATenantThatDoesNotExistHoldsNobodyUp(t *testing.T) {
	inWorld(t, func(w *world) {
		w.avi().OnRequest(func(r avitest.Request) *avitest.Fault {
			if r.Tenant == "nowhere" {
				return &avitest.Fault{Status: 403, Message: "Tenant 'nowhere' does not exist!"}
			}
			return nil
		})
		w.own.Apply(namespace("team", map[string]string{"ako.vmware.com/tenant-name": "nowhere"}))
		r := rule("r", "other.example.com", func(s *amkov1alpha1.GSLBHostRuleSpec) { s.HealthMonitorRefs = []string{"mine"} })
		r.Namespace = "team"
		w.own.Apply(r)
		w.members["east"].Apply(ingress("shop", shop, "10.1.0.1"))
		w.start()
		w.g.Expect(w.services()).To(HaveLen(1))
		w.g.Expect(w.own.Get(r)).To(BeTrue())
		w.g.Expect(condition(r.Status.Conditions, "Accepted")).To(HavePrefix("False Invalid"))
		w.avi().OnRequest(nil)
		w.avi().Put("healthmonitor", "nowhere", map[string]any{"name": "mine", "is_federated": true, "type": "HEALTH_MONITOR_TCP"})
		w.pass(2 * time.Minute)
		w.own.Get(r)
		w.g.Expect(condition(r.Status.Conditions, "Accepted")).To(HavePrefix("True"), "it is looked for again")
	})
}

// TestAVerdictIsOnTheObjectAsItIs edits policies while nobody can judge them, because the controller cannot be asked: the
// conditions stay those of the former generation, and do not pass for the new one's.
//
// Shows: better-conditions
func TestAVerdictIsOnTheObjectAsItIs(t *testing.T) {
	inWorld(t, func(w *world) {
		policy, r := gdp(nil), rule("r", shop, nil)
		w.own.Apply(r)
		w.start()
		w.avi().OnRequest(func(avitest.Request) *avitest.Fault { return &avitest.Fault{Status: 503} })
		w.pass(time.Hour) // until the controller was asked again
		w.own.Apply(gdp(func(s *amkov1alpha2.GDPSpec) { s.TTL = ptr(int64(99999)) }))
		w.own.Apply(rule("r", shop, func(s *amkov1alpha1.GSLBHostRuleSpec) { s.TTL = ptr(int64(99999)) }))
		w.pass(time.Minute)
		check := func(conditions []metav1.Condition, generation int64, accepted metav1.ConditionStatus) {
			t.Helper()
			c := meta.FindStatusCondition(conditions, "Accepted")
			if c != nil && c.ObservedGeneration == generation {
				w.g.Expect(c.Status).To(Equal(accepted), "%s, of the generation that it is", c.Message)
			} else {
				w.g.Expect(accepted).To(BeEmpty(), "the verdict on generation %d is missing", generation)
			}
		}
		w.own.Get(policy)
		w.own.Get(r)
		check(policy.Status.Conditions, policy.Generation, "")
		check(r.Status.Conditions, r.Generation, "")
		w.avi().OnRequest(nil)
		w.pass(5 * time.Minute)
		w.own.Get(policy)
		w.own.Get(r)
		check(policy.Status.Conditions, policy.Generation, metav1.ConditionFalse)
		check(r.Status.Conditions, r.Generation, metav1.ConditionFalse)
	})
}

// TestAStatusThatCannotBeWrittenHoldsUpNoOther has the API server refuse the status of one kind for good.
func TestAStatusThatCannotBeWrittenHoldsUpNoOther(t *testing.T) {
	inWorld(t, func(w *world) {
		w.own.Apply(rule("r", shop, nil))
		w.own.OnRequest(func(r kubetest.Request) *kubetest.Fault {
			if r.Resource == "gslbhostrules" && r.Subresource == "status" {
				return &kubetest.Fault{Status: 403}
			}
			return nil
		})
		w.start()
		w.pass(20 * time.Minute) // the time between two attempts has grown
		for i, site := range []string{"", "absent"} {
			w.own.Apply(gdp(func(s *amkov1alpha2.GDPSpec) {
				if site != "" {
					s.SitePersistenceRef = &site
				}
			}))
			w.settle()
			policy := gdp(nil)
			w.own.Get(policy)
			w.g.Expect(condition(policy.Status.Conditions, "Accepted")).To(HavePrefix([]string{"True", "False"}[i]))
		}
		w.own.OnRequest(nil)
		w.pass(2 * time.Minute)
		r := rule("r", shop, nil)
		w.own.Get(r)
		w.g.Expect(condition(r.Status.Conditions, "Accepted")).To(HavePrefix("True"))
	})
}

// TestAProblemEndsWithItsCause has the controller refuse a service, and then nobody wants the service any more.
func TestAProblemEndsWithItsCause(t *testing.T) {
	for name, end := range map[string]func(w *world){
		"object gone": func(w *world) { w.members["east"].Delete(ingress("shop", shop, "10.1.0.1")) },
		"other names": func(w *world) {
			c := gslbConfig()
			c.Spec.UseCustomGlobalFqdn = ptr(true)
			w.own.Apply(c)
		},
		"other policy": func(w *world) {
			w.own.Apply(gdp(func(s *amkov1alpha2.GDPSpec) { s.MatchClusters = s.MatchClusters[1:] }))
		},
		"other selector": func(w *world) {
			w.own.Apply(gdp(func(s *amkov1alpha2.GDPSpec) { s.MatchRules.AppSelector.Label["app"] = "x" }))
		},
		"cluster gone": func(w *world) {
			c := gslbConfig()
			c.Spec.MemberClusters = c.Spec.MemberClusters[1:]
			w.own.Apply(gdp(func(s *amkov1alpha2.GDPSpec) { s.MatchClusters = s.MatchClusters[1:] }))
			w.own.Apply(c)
		},
		"made by somebody else and removed": func(w *world) {
			w.avi().Put("gslbservice", "admin", map[string]any{"name": shop, "created_by": "x", "domain_names": []any{shop}})
			w.avi().OnRequest(nil)
			w.members["east"].Delete(ingress("shop", shop, "10.1.0.1"))
		},
	} {
		inWorld(t, func(w *world) {
			w.avi().OnRequest(func(r avitest.Request) *avitest.Fault {
				if r.Verb == "POST" && r.Path == "gslbservice" {
					return &avitest.Fault{Status: 400, Message: "not this one"}
				}
				return nil
			})
			w.members["east"].Apply(ingress("shop", shop, "10.1.0.1"))
			w.start()
			w.g.Expect(condition(w.configStatus().Conditions, "Programmed")).To(HavePrefix("False Refused"), name)
			w.pass(10 * time.Minute) // the next attempt is far
			end(w)
			w.settle()
			w.g.Expect(condition(w.configStatus().Conditions, "Programmed")).To(HavePrefix("True"), name)
		})
	}
}

// TestWhatComesBackAtOnceIsNotWritten deletes a policy, a rule and an object, and makes them anew as they were, so soon that the
// operator sees both in one batch or in two: nothing is written to the controller while a policy is away, and after that only
// what is missing.
func TestWhatComesBackAtOnceIsNotWritten(t *testing.T) {
	for _, away := range []time.Duration{0, 50 * time.Millisecond, 250 * time.Millisecond, 900 * time.Millisecond} {
		inWorld(t, func(w *world) {
			policy := gdp(func(s *amkov1alpha2.GDPSpec) { s.TTL = ptr(int64(30)) })
			w.own.Apply(policy.DeepCopy())
			w.own.Apply(rule("r", shop, nil))
			w.members["east"].Apply(ingress("shop", shop, "10.1.0.1"))
			w.start()
			before := w.services()
			w.g.Expect(before).To(HaveLen(1))
			w.avi().Calls()
			w.own.Delete(policy)
			w.own.Delete(rule("r", shop, nil))
			w.pass(away)
			w.own.Apply(rule("r", shop, nil))
			w.own.Apply(policy.DeepCopy())
			w.settle()
			w.g.Expect(w.avi().Calls()).To(BeEmpty(), "after %s", away)
			w.g.Expect(condition(w.policyStatus(policy.Name).Conditions, "Accepted")).To(HavePrefix("True"), "the new one has a verdict of its own")
			w.g.Expect(condition(w.ruleStatus("r").Conditions, "Accepted")).To(HavePrefix("True"))

			w.members["east"].Delete(ingress("shop", shop, ""))
			w.pass(away)
			w.members["east"].Apply(ingress("shop", shop, "10.1.0.1"))
			w.settle()
			w.g.Expect(w.services()).To(Equal(before))
			if away < 200*time.Millisecond {
				w.g.Expect(w.avi().Calls()).To(BeEmpty(), "within one batch, after %s", away)
			}
		})
	}
}
