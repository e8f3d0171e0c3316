package control_test

import (
	"maps"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	amkov1alpha1 "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha1"
	amkov1alpha2 "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha2"
	"github.com/gslbsim/gslbsim/operator/control"
	"github.com/gslbsim/gslbsim/operator/internal/kubetest"
	"github.com/gslbsim/gslbsim/operator/plan"
)

// withFollower makes east the cluster that the operator runs in, and west one that an operator follows in: it has its own
// AMKOCluster and Secret, and nothing else. The world that is returned is that operator's; controllers and members are the same.
func (w *world) withFollower() *world {
	for gvr, kind := range memberResources {
		w.own.Serve(gvr, kind)
	}
	w.own.Apply(namespace("web", nil))
	w.members["east"] = w.own
	served := maps.Clone(ownResources)
	maps.Copy(served, memberResources)
	west := kubetest.New("west", w.scheme, served)
	west.Apply(namespace("web", nil))
	west.Apply(namespace(system, nil))
	west.Apply(secret("gslb-avi-secret", map[string]string{"username": "admin", "password": "secret"}))
	west.Apply(amkoClusterOf("west", false))
	w.members["west"] = west
	w.own.Apply(amkoClusterOf("east", true))

	follower := *w
	follower.own, follower.options.Config = west, west.Config()
	follower.stop = func() {}
	return &follower
}

// amkoClusterOf is the AMKOCluster of one of two clusters.
func amkoClusterOf(context string, leads bool) *amkov1alpha1.AMKOCluster {
	c := amkoCluster(leads)
	c.Spec.ClusterContext, c.Spec.Clusters = context, []string{"east", "west"}
	return c
}

func (w *world) clusterStatus() amkov1alpha1.AMKOClusterStatus {
	c := amkoCluster(false)
	w.own.Get(c)
	return c.Status
}

// step is the status of one of AMKO's conditions, with the reason.
func (w *world) step(kind string) string {
	for _, c := range w.clusterStatus().Conditions {
		if c.Type == kind {
			return c.Status + "|" + c.Reason
		}
	}
	return ""
}

// TestAFollowerTakesOver moves the leadership of the operators by hand, as the product's disaster steps say, after the cluster
// of the first has gone.
//
// Shows: federation-copies, federation-takeover, better-federate-rules
func TestAFollowerTakesOver(t *testing.T) {
	inWorld(t, func(w *world) {
		f := w.withFollower()
		defer func() { f.stop() }()
		w.members["east"].Apply(ingress("shop", shop, "10.1.0.1"))
		w.members["west"].Apply(ingress("shop", shop, "10.2.0.1"))
		w.own.Apply(gdp(func(s *amkov1alpha2.GDPSpec) { s.TTL = ptr(int64(30)) }))
		w.own.Apply(rule("r", shop, func(s *amkov1alpha1.GSLBHostRuleSpec) { s.TTL = ptr(int64(7)) }))
		w.start()
		f.start()
		w.g.Expect(w.step("GSLBHostRule Federation")).To(Equal("federated to all valid clusters successfully|"))
		w.g.Expect(condition(w.clusterStatus().KubernetesConditions, "Federated")).To(Equal("True Federated: 1 followers hold the configuration"))
		w.g.Expect(f.step("current AMKOCluster Validation")).To(Equal("won't federate objects|AMKO not a leader"))
		w.g.Expect(condition(f.clusterStatus().KubernetesConditions, "Leading")).To(HavePrefix("False Standby"))

		before := w.services()
		w.avi().Calls()
		w.stop()
		w.own.SetDown(true)
		f.own.Apply(amkoClusterOf("west", true))
		f.pass(time.Minute)
		w.g.Expect(w.avi().Calls()).To(BeEmpty(), "it knows the services for its own, and finds them as they should be")
		w.g.Expect(w.services()).To(Equal(before))
		w.g.Expect(condition(f.clusterStatus().KubernetesConditions, "Federated")).To(HavePrefix("False FollowersIncomplete"))

		f.own.Apply(ingress("new", "new.example.com", "10.2.0.2"))
		f.own.Apply(rule("r", shop, func(s *amkov1alpha1.GSLBHostRuleSpec) { s.TTL = ptr(int64(8)) }))
		f.settle()
		w.g.Expect(w.services()).To(HaveLen(2))
		w.g.Expect(w.field(shop, "ttl")).To(Equal("8"))

		// The first cluster returns, and its operator still believes that it leads: neither writes until one steps back.
		w.own.SetDown(false)
		w.start()
		w.pass(2 * time.Minute)
		f.own.Apply(ingress("newer", "newer.example.com", "10.2.0.3"))
		w.avi().Calls()
		w.pass(time.Hour)
		w.g.Expect(w.avi().Calls()).To(BeEmpty())
		w.own.Apply(amkoClusterOf("east", false))
		w.pass(time.Minute)
		w.g.Expect(w.services()).To(HaveLen(3), "the one that is left goes on")
		old := rule("r", "", nil)
		w.own.Get(old)
		w.g.Expect(old.Spec.TTL).To(Equal(ptr(int64(8))), "and what was changed meanwhile has come to the former leader")
	})
}

// TestTwoLeadersAreRefusedAndReported lets a second operator claim to lead while the first one does.
//
// Shows: federation-two-leaders
func TestTwoLeadersAreRefusedAndReported(t *testing.T) {
	inWorld(t, func(w *world) {
		f := w.withFollower()
		defer func() { f.stop() }()
		health := &control.Health{}
		f.options.Health = health
		f.options.Observe.Called = func(c plan.Call) { t.Error("the second one writes", c.String()) }
		w.members["east"].Apply(ingress("shop", shop, "10.1.0.1"))
		w.start()
		f.start()
		w.pass(2 * time.Minute)
		w.avi().Requests()

		f.own.Apply(amkoClusterOf("west", true))
		f.members["east"].Apply(ingress("new", "new.example.com", "10.1.0.2"))
		f.settle()
		const words = "AMKO in cluster east is also a leader, conflicting state"
		w.g.Expect(f.step("member cluster validation")).To(Equal("member cluster clients invalid|" + words))
		w.g.Expect(condition(f.clusterStatus().KubernetesConditions, "Leading")).To(HavePrefix("False TwoLeaders: " + words))
		w.g.Expect(health.Ready()).To(MatchError(ContainSubstring(words)))
		w.pass(time.Minute) // until the first one has looked too
		w.g.Expect(w.step("member cluster validation")).To(ContainSubstring("AMKO in cluster west is also a leader"))
		w.g.Expect(condition(w.configStatus().Conditions, "ControllerConnected")).To(HavePrefix("False TwoLeaders"))
		before := w.services()
		w.avi().Requests()
		w.members["east"].Delete(ingress("shop", "", ""))
		w.pass(time.Hour)
		w.g.Expect(w.avi().Requests()).To(BeEmpty(), "neither writes, nor asks")
		w.g.Expect(w.services()).To(Equal(before))

		f.own.Apply(amkoClusterOf("west", false))
		w.pass(20 * time.Second)
		w.g.Expect(w.services()).To(Equal([]string{"new.example.com 10:10.1.0.2*1"}))
		w.g.Expect(condition(w.clusterStatus().KubernetesConditions, "Leading")).To(HavePrefix("True"))
	})
}

// TestAnEditInAFollowerIsPutBack edits the copy.
//
// Shows: federation-edit-put-back
func TestAnEditInAFollowerIsPutBack(t *testing.T) {
	inWorld(t, func(w *world) {
		f := w.withFollower()
		w.start()
		f.own.Apply(gdp(func(s *amkov1alpha2.GDPSpec) { s.TTL = ptr(int64(99)) }))
		w.pass(time.Minute + time.Second)
		got := gdp(nil)
		f.own.Get(got)
		w.g.Expect(got.Spec.TTL).To(BeNil())

		f.own.Writes()
		w.pass(time.Hour)
		w.g.Expect(f.own.Writes()).To(BeEmpty(), "what is equal is not written")
		w.own.Delete(gdp(nil))
		w.settle()
		w.g.Expect(f.own.Get(gdp(nil))).To(BeFalse(), "a deletion is copied")
	})
}

// TestAFollowerThatIsAwayHoldsNothingUp starts the leader while its follower cannot be reached.
//
// Shows: federation-follower-away
func TestAFollowerThatIsAwayHoldsNothingUp(t *testing.T) {
	inWorld(t, func(w *world) {
		f := w.withFollower()
		w.members["east"].Apply(ingress("shop", shop, "10.1.0.1"))
		f.own.SetDown(true)
		w.start()
		w.g.Expect(w.services()).To(Equal([]string{shop + " 10:10.1.0.1*1"}))
		w.g.Expect(w.step("member cluster validation")).To(HavePrefix("error in validating some member clusters|error in getting AMKOCluster list for cluster west"))
		w.g.Expect(w.step("GDP Federation")).To(Equal("failure in federation|no valid clusters left to federate on"))
		f.own.SetDown(false)
		w.pass(time.Minute)
		w.g.Expect(w.step("GDP Federation")).To(Equal("federated to all valid clusters successfully|"))
		w.g.Expect(f.own.Get(gdp(nil))).To(BeTrue())
	})
}
