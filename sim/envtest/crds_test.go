package envtest_test

import (
	"testing"

	. "github.com/onsi/gomega"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	amkov1alpha1 "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha1"
	"github.com/gslbsim/gslbsim/operator/crds"
)

func object(t *testing.T, manifest string) *unstructured.Unstructured {
	t.Helper()
	o := &unstructured.Unstructured{}
	if err := yaml.UnmarshalStrict([]byte(manifest), &o.Object); err != nil {
		t.Fatal(err)
	}
	return o
}

const (
	gdp     = "{apiVersion: amko.vmware.com/v1alpha2, kind: GlobalDeploymentPolicy, metadata: {name: tried, namespace: avi-system}, spec: "
	ghr     = "{apiVersion: amko.vmware.com/v1alpha1, kind: GSLBHostRule, metadata: {name: tried, namespace: avi-system}, spec: "
	cluster = "{apiVersion: amko.vmware.com/v1alpha1, kind: AMKOCluster, metadata: {name: tried, namespace: avi-system}, spec: "
	config  = "{apiVersion: amko.vmware.com/v1alpha1, kind: GSLBConfig, metadata: {name: tried, namespace: avi-system}, spec: "
)

// TestDefinitionsOnRealServers writes objects to an API server with the definitions that accept what AMKO's do, and to one
// with the strict ones.
//
// Shows: envtest-crds
func TestDefinitionsOnRealServers(t *testing.T) {
	needsServers(t)
	planes := map[string]*plane{"cluster1": startPlane(t, "cluster1"), "strict": startPlaneWith(t, "strict", crds.Strict())}
	for _, p := range planes {
		(&stage{tb: t}).clear(p)
	}
	for name, tc := range map[string]struct {
		manifest string
		// refused are parts of the messages of the two servers; empty: accepted.
		refused, strictly string
	}{
		"policy":                   {gdp + "{matchRules: {appSelector: {label: {app: gslb}}}, matchClusters: [{cluster: a}], ttl: 0}}", "", ""},
		"weight":                   {gdp + "{trafficSplit: [{cluster: a, weight: 21}]}}", "should be less than or equal to 20", "should be less than or equal to 20"},
		"clusters as words":        {gdp + "{matchClusters: [a]}}", "must be of type object", "must be of type object"},
		"ttl":                      {gdp + "{ttl: 86401}}", "should be less than or equal to 86400", "should be less than or equal to 86400"},
		"references and template":  {gdp + "{healthMonitorRefs: [a], healthMonitorTemplate: b}}", "", "health monitor reference and template cannot be specified together"},
		"empty label":              {gdp + `{matchRules: {appSelector: {label: {app: ""}}}}}`, "", "label key or value is missing"},
		"seven monitors":           {ghr + "{fqdn: a.b, healthMonitorRefs: [a, b, c, d, e, f, g]}}", "", "at most 6 health monitor references are allowed"},
		"leader without a context": {cluster + "{isLeader: true, version: 2.2.1}}", "", "clusterContext field can't be empty in AMKOCluster object"},
		"leader not in the list":   {cluster + "{isLeader: true, version: 2.2.1, clusterContext: a, clusters: [b]}}", "", "current cluster context not part of member clusters"},
		"configuration":            {config + "{gslbLeader: {controllerIP: 10.0.0.1}, memberClusters: [{clusterContext: a}]}}", "", ""},
		"log level":                {config + "{logLevel: LOUD}}", "Unsupported value", "Unsupported value"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			for server, want := range map[string]string{"cluster1": tc.refused, "strict": tc.strictly} {
				o := object(t, tc.manifest)
				err := planes[server].client.Create(t.Context(), o)
				if want == "" {
					g.Expect(err).NotTo(HaveOccurred(), server)
					g.Expect(planes[server].client.Delete(t.Context(), o)).To(Succeed())
					continue
				}
				g.Expect(apierrors.IsInvalid(err)).To(BeTrue(), "%s: %v", server, err)
				g.Expect(err).To(MatchError(ContainSubstring(want)), server)
			}
		})
	}
}

// TestDefaultsAndStatusOnRealServers writes an object without its optional values, and with a status that is not its own.
//
// Shows: envtest-crds
func TestDefaultsAndStatusOnRealServers(t *testing.T) {
	needsServers(t)
	g := NewWithT(t)
	p := startPlane(t, "cluster1")
	(&stage{tb: t}).clear(p)
	policy := object(t, gdp+"{trafficSplit: [{cluster: a}]}, status: {errorStatus: forged}}")
	g.Expect(p.client.Create(t.Context(), policy)).To(Succeed())
	split, _, _ := unstructured.NestedSlice(policy.Object, "spec", "trafficSplit")
	g.Expect(split).To(Equal([]any{map[string]any{"cluster": "a", "weight": int64(1), "priority": int64(10)}}))
	g.Expect(policy.Object).NotTo(HaveKey("status"), "a status is only written through its subresource")

	rule := object(t, ghr+"{fqdn: a.b, trafficSplit: [{cluster: a, weight: 3}]}}")
	rule.SetNamespace(applications)
	g.Expect(p.client.Create(t.Context(), rule)).To(Succeed())
	split, _, _ = unstructured.NestedSlice(rule.Object, "spec", "trafficSplit")
	g.Expect(split).To(Equal([]any{map[string]any{"cluster": "a", "weight": int64(3), "priority": int64(1)}}), "AMKO's default of a rule")

	c := &amkov1alpha1.AMKOCluster{Spec: amkov1alpha1.AMKOClusterSpec{ClusterContext: "a"}}
	c.Namespace, c.Name = system, "tried"
	g.Expect(p.client.Create(t.Context(), c)).To(Succeed())
	before := c.DeepCopy()
	c.Status.Conditions = []amkov1alpha1.AMKOClusterCondition{{Type: "GDP Federation", Status: "failure in federation", Reason: "why"}}
	c.Spec.ClusterContext = "changed"
	g.Expect(p.client.Status().Patch(t.Context(), c, client.MergeFrom(before))).To(Succeed())
	g.Expect(c.Spec.ClusterContext).To(Equal("a"))
	g.Expect(c.Generation).To(BeEquivalentTo(1))
	g.Expect(c.Status.Conditions).To(HaveLen(1))
}
