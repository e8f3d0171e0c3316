package envtest_test

import (
	"testing"

	. "github.com/onsi/gomega"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// TestWhatIsNotAllowedIsNamedAtTheStart starts the operator as a user without one permission, and as one without any.
//
// Shows: envtest-roles
func TestWhatIsNotAllowedIsNamedAtTheStart(t *testing.T) {
	s := setStage(t, 1)
	g := NewWithT(t)
	stranger, err := s.own.kubeconfig("stranger")
	g.Expect(err).NotTo(HaveOccurred())
	refused := func(kubeconfig []byte) string {
		p := s.operateAs(kubeconfig)
		g.Eventually(p.ended).WithTimeout(soon).Should(BeClosed())
		g.Expect(p.cmd.ProcessState.ExitCode()).To(Equal(2))
		return p.log.String()
	}
	g.Expect(refused(stranger)).To(And(ContainSubstring("the operator is not allowed to get namespaces, list namespaces"),
		ContainSubstring("get secrets in avi-system"), ContainSubstring("bind the roles of operator/chart to its user")))

	role := &rbacv1.Role{ObjectMeta: metav1.ObjectMeta{Namespace: system, Name: "gslbsim-operator"}}
	g.Expect(s.own.client.Delete(t.Context(), role)).To(Succeed())
	g.Expect(refused(s.userOf(s.own))).To(And(ContainSubstring("get secrets in avi-system"), Not(ContainSubstring("get namespaces"))))
}
