package envtest_test

import (
	"testing"

	. "github.com/onsi/gomega"
	coordinationv1 "k8s.io/api/coordination/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// TestReplicasTakeTurns runs two operators in one cluster and kills the one that works.
//
// Shows: envtest-replicas
func TestReplicasTakeTurns(t *testing.T) {
	s := setStage(t, 1)
	g := NewWithT(t)
	patience := []string{"--lease-duration", "3s", "--renew-deadline", "2s", "--retry-period", "500ms"}
	holder := func() string {
		var lease coordinationv1.Lease
		err := s.own.client.Get(t.Context(), client.ObjectKey{Namespace: system, Name: "gslbsim-operator"}, &lease)
		if err != nil || lease.Spec.HolderIdentity == nil {
			return ""
		}
		return *lease.Spec.HolderIdentity
	}
	first := s.operate(patience...)
	g.Eventually(holder).WithTimeout(soon).ShouldNot(BeEmpty())
	winner := holder()
	second := s.operate(patience...)
	g.Eventually(second.ready).WithTimeout(soon).Should(BeTrue(), "one that waits is ready to take over")

	s.avi.traffic()
	s.deploy(0, 1)
	g.Eventually(s.avi.services).WithTimeout(soon).Should(Equal(1))
	g.Eventually(first.settled).WithTimeout(soon).Should(BeTrue())
	_, writes, _ := s.avi.traffic()
	g.Expect(writes).To(Equal(2), "only one of them writes: a monitor and a service")
	g.Expect(holder()).To(Equal(winner))

	g.Expect(first.cmd.Process.Kill()).To(Succeed())
	g.Eventually(first.ended).WithTimeout(soon).Should(BeClosed())
	s.deploy(1, 2)
	g.Eventually(s.avi.services).WithTimeout(soon).Should(Equal(2))
	g.Expect(holder()).NotTo(Equal(winner))
	g.Eventually(second.settled).WithTimeout(soon).Should(BeTrue())
	_, writes, _ = s.avi.traffic()
	g.Expect(writes).To(Equal(2), "what the first one made is as it should be")

	second.stop()
	g.Expect(second.cmd.ProcessState.ExitCode()).To(BeZero())
	g.Expect(holder()).To(BeEmpty(), "given back")
}
