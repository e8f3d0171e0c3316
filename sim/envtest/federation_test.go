package envtest_test

import (
	"testing"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	amkov1alpha1 "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha1"
	amkov1alpha2 "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha2"
)

// TestConfigurationIsCopiedToAFollower runs a leader with a second cluster, with the permissions of the chart's roles.
//
// Shows: envtest-federation
func TestConfigurationIsCopiedToAFollower(t *testing.T) {
	s := setStage(t, 2)
	g := NewWithT(t)
	follower := s.members[s.names[1]]
	theirs := &amkov1alpha1.AMKOCluster{
		ObjectMeta: metav1.ObjectMeta{Namespace: system, Name: "amkocluster-federation"},
		Spec:       amkov1alpha1.AMKOClusterSpec{ClusterContext: s.names[1], Version: "2.2.1", Clusters: s.names},
	}
	g.Expect(follower.client.Create(t.Context(), theirs)).To(Succeed())
	var mine amkov1alpha1.AMKOCluster
	at := client.ObjectKey{Namespace: system, Name: "amkocluster-federation"}
	g.Expect(s.own.client.Get(t.Context(), at, &mine)).To(Succeed())
	mine.Spec.Clusters = s.names
	g.Expect(s.own.client.Update(t.Context(), &mine)).To(Succeed())
	rule := &amkov1alpha1.GSLBHostRule{
		ObjectMeta: metav1.ObjectMeta{Namespace: applications, Name: "rule"}, Spec: amkov1alpha1.GSLBHostRuleSpec{FQDN: host(1)},
	}
	g.Expect(s.own.client.Create(t.Context(), rule)).To(Succeed())
	s.operate()

	there := func(o client.Object, namespace, name string) func() error {
		return func() error {
			return follower.client.Get(t.Context(), client.ObjectKey{Namespace: namespace, Name: name}, o)
		}
	}
	var config amkov1alpha1.GSLBConfig
	var policy amkov1alpha2.GlobalDeploymentPolicy
	g.Eventually(there(&config, system, "gc-1")).WithTimeout(soon).Should(Succeed())
	g.Expect(config.Spec.GSLBLeader.ControllerIP).To(Equal(s.avi.address))
	g.Eventually(func() map[string]string {
		g.Expect(there(&config, system, "gc-1")()).To(Succeed())
		return config.Annotations
	}).WithTimeout(soon).Should(HaveKey("amko.vmware.com/amko-uuid"), "the identity goes along")
	g.Eventually(there(&policy, system, "global-gdp")).WithTimeout(soon).Should(Succeed())
	g.Eventually(there(rule, applications, "rule")).WithTimeout(soon).Should(Succeed())
	g.Eventually(func() []amkov1alpha1.AMKOClusterCondition {
		g.Expect(s.own.client.Get(t.Context(), at, &mine)).To(Succeed())
		return mine.Status.Conditions
	}).WithTimeout(soon).Should(ContainElements(
		amkov1alpha1.AMKOClusterCondition{Type: "GSLBConfig Federation", Status: "federated to all valid clusters successfully"},
		amkov1alpha1.AMKOClusterCondition{Type: "GDP Federation", Status: "federated to all valid clusters successfully"},
	))
}
