package envtest_test

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"

	amkov1alpha1 "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha1"
	amkov1alpha2 "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha2"
)

// soon is how long things may take on a loaded machine; all of them take less than two seconds on an idle one.
const soon = 40 * time.Second

// TestTheOperatorFollowsRealClusters watches Ingresses come, change and go in two real clusters, with the permissions of the
// chart's roles and no others.
//
// Shows: envtest-follows
func TestTheOperatorFollowsRealClusters(t *testing.T) {
	s := setStage(t, 2)
	g := NewWithT(t)
	s.deploy(0, 3)
	p := s.operate()
	g.Eventually(p.ready).WithTimeout(soon).Should(BeTrue())
	g.Eventually(s.avi.services).WithTimeout(soon).Should(Equal(3))
	g.Expect(s.addresses(host(1))).To(Equal([]string{"10.1.0.2", "10.2.0.2"}))

	s.deploy(3, 4)
	g.Eventually(func() []string { return s.addresses(host(3)) }).WithTimeout(soon).Should(Equal([]string{"10.1.0.4", "10.2.0.4"}))

	second := s.members[s.names[1]]
	g.Expect(second.client.Delete(t.Context(), ingress(1, 3))).To(Succeed())
	g.Eventually(func() []string { return s.addresses(host(3)) }).WithTimeout(soon).Should(Equal([]string{"10.1.0.4"}))
	g.Expect(s.own.client.Delete(t.Context(), ingress(0, 3))).To(Succeed())
	g.Eventually(s.avi.services).WithTimeout(soon).Should(Equal(3))

	var config amkov1alpha1.GSLBConfig
	g.Eventually(func() string {
		g.Expect(s.own.client.Get(t.Context(), client.ObjectKey{Namespace: system, Name: "gc-1"}, &config)).To(Succeed())
		return config.Status.State
	}).WithTimeout(soon).Should(Equal("success: gslb config accepted"))
	g.Expect(config.Annotations).To(HaveKey("amko.vmware.com/amko-uuid"))
	g.Expect(config.Generation).To(BeEquivalentTo(1), "a status is no change of the spec")
	var policy amkov1alpha2.GlobalDeploymentPolicy
	g.Expect(s.own.client.Get(t.Context(), client.ObjectKey{Namespace: system, Name: "global-gdp"}, &policy)).To(Succeed())
	g.Expect(policy.Status.ErrorStatus).To(Equal("success"))
}
