package refusal_test

import (
	"fmt"
	"testing"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gslbsim/gslbsim/operator/api/amko/v1alpha1"
	"github.com/gslbsim/gslbsim/operator/api/amko/v1alpha2"
	"github.com/gslbsim/gslbsim/operator/api/refusal"
)

func ExampleGlobalDeploymentPolicy() {
	policy := &v1alpha2.GlobalDeploymentPolicy{}
	policy.Spec.PoolAlgorithmSettings = &v1alpha1.PoolAlgorithmSettings{LBAlgorithm: v1alpha1.PoolAlgorithmConsistentHash}
	for _, r := range refusal.GlobalDeploymentPolicy(policy) {
		fmt.Println(r.Field, "-", r.Message)
	}
	// Output:
	// spec.poolAlgorithmSettings.hashMask - invalid pool algorithm: hashMask is required for ConsistentHash
}

func ptr[T any](v T) *T { return &v }

func TestPolicyRefusals(t *testing.T) {
	type spec = v1alpha2.GDPSpec
	for _, test := range []struct {
		name string
		spec spec
		want []refusal.Refusal
	}{
		{"empty", spec{}, nil},
		{"empty label key", spec{MatchRules: v1alpha2.MatchRules{AppSelector: v1alpha2.AppSelector{Label: map[string]string{"": "gslb"}}}},
			[]refusal.Refusal{{"spec.matchRules.appSelector.label", "label value is missing for key  for appSelector"}}},
		{"empty label value", spec{MatchRules: v1alpha2.MatchRules{NamespaceSelector: v1alpha2.NamespaceSelector{Label: map[string]string{"ns": ""}}}},
			[]refusal.Refusal{{"spec.matchRules.namespaceSelector.label.ns", "label key is missing for value for namespaceSelector"}}},
		{"weight and priority", spec{TrafficSplit: []v1alpha2.TrafficSplitElem{{}, {Weight: ptr(int64(21)), Priority: ptr(int64(101))}}},
			[]refusal.Refusal{
				{"spec.trafficSplit[1].weight", "traffic weight 21 must be between 1 and 20"},
				{"spec.trafficSplit[1].priority", "priority 101 must be between 0 and 100"}}},
		{"priority 0", spec{TrafficSplit: []v1alpha2.TrafficSplitElem{{Priority: ptr(int64(0))}}}, nil},
		{"monitors twice", spec{HealthMonitorRefs: []string{"a"}, HealthMonitorTemplate: ptr("b")},
			[]refusal.Refusal{{"spec.healthMonitorTemplate", "health monitor reference and template cannot be specified together"}}},
		{"template beside no refs", spec{HealthMonitorRefs: []string{}, HealthMonitorTemplate: ptr("b")}, nil},
		{"seven monitors", spec{HealthMonitorRefs: make([]string, 7)},
			[]refusal.Refusal{{"spec.healthMonitorRefs", "at most 6 health monitor references are allowed, not 7"}}},
		{"six monitors", spec{HealthMonitorRefs: make([]string, 6)}, nil},
		{"empty persistence", spec{SitePersistenceRef: ptr("")},
			[]refusal.Refusal{{"spec.sitePersistenceRef", "empty string as site persistence reference not supported"}}},
		{"empty PKI profile", spec{PKIProfileRef: ptr("")},
			[]refusal.Refusal{{"spec.pkiProfileRef", "empty string as pki profile reference not supported"}}},
		{"prefix of algorithm", spec{PoolAlgorithmSettings: &v1alpha1.PoolAlgorithmSettings{}},
			[]refusal.Refusal{{"spec.poolAlgorithmSettings.lbAlgorithm", "invalid pool algorithm: unsupported lbAlgorithm "}}},
		{"prefix of down response", spec{DownResponse: &v1alpha1.DownResponse{Type: v1alpha1.DownResponseFallbackIP}},
			[]refusal.Refusal{{"spec.downResponse.fallbackIP",
				"invalid down response configuration: Fallback IP is required for GSLB_SERVICE_DOWN_RESPONSE_FALLBACK_IP"}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := refusal.GlobalDeploymentPolicy(&v1alpha2.GlobalDeploymentPolicy{Spec: test.spec})
			NewWithT(t).Expect(got).To(Equal(test.want))
		})
	}
}

func TestHostRuleRefusals(t *testing.T) {
	type spec = v1alpha1.GSLBHostRuleSpec
	for _, test := range []struct {
		name string
		spec spec
		want []refusal.Refusal
	}{
		{"nothing wrong", spec{FQDN: "a.b"}, nil},
		{"no FQDN", spec{}, []refusal.Refusal{{"spec.fqdn", "GSFqdn missing for rule GSLBHostRule"}}},
		{"persistence without profile", spec{FQDN: "a.b", SitePersistence: &v1alpha1.SitePersistence{Enabled: true}},
			[]refusal.Refusal{{"spec.sitePersistence.profileRef", "SitePersistence Profile  error for rule GSLBHostRule"}}},
		{"persistence off", spec{FQDN: "a.b", SitePersistence: &v1alpha1.SitePersistence{}}, nil},
		{"empty PKI profile", spec{FQDN: "a.b", SitePersistence: &v1alpha1.SitePersistence{PKIProfileRef: ptr("")}},
			[]refusal.Refusal{{"spec.sitePersistence.pkiProfileRef", "PKI Profile  error for rule GSLBHostRule"}}},
		{"third-party addresses", spec{FQDN: "a.b", ThirdPartyMembers: []v1alpha1.ThirdPartyMember{
			{VIP: "192.0.2.1", Site: "s1", PublicIP: "2001:db8::1"}, {VIP: "www", Site: "s2", PublicIP: "x"}}},
			[]refusal.Refusal{
				{"spec.thirdPartyMembers[1].vip", "Invalid VIP for thirdPartyMember site s2,rule GSLBHostRule (expecting IP address)"},
				{"spec.thirdPartyMembers[1].publicIP", "Invalid public IP for thirdPartyMember site s2,rule GSLBHostRule (expecting IP address)"}}},
		{"public address", spec{FQDN: "a.b", PublicIP: []v1alpha1.PublicIPElem{{Cluster: "c1", IP: "300.1.1.1"}}},
			[]refusal.Refusal{{"spec.publicIP[0].ip", "Invalid IP for site c1,rule GSLBHostRule (expecting IP address)"}}},
		{"monitors twice", spec{FQDN: "a.b", HealthMonitorRefs: []string{"a"}, HealthMonitorTemplate: ptr("b")},
			[]refusal.Refusal{{"spec.healthMonitorTemplate", "health monitor reference and template cannot be specified together for rule GSLBHostRule"}}},
		{"seven monitors", spec{FQDN: "a.b", HealthMonitorRefs: make([]string, 7)},
			[]refusal.Refusal{{"spec.healthMonitorRefs", "at most 6 health monitor references are allowed, not 7, for rule GSLBHostRule"}}},
		{"weight and priority", spec{FQDN: "a.b", TrafficSplit: []v1alpha1.TrafficSplitElem{{Weight: ptr(int64(0)), Priority: ptr(int64(101))}}},
			[]refusal.Refusal{
				{"spec.trafficSplit[0].weight", "traffic weight 0 must be between 1 and 20 for rule GSLBHostRule"},
				{"spec.trafficSplit[0].priority", "priority 101 must be between 0 and 100 for rule GSLBHostRule"}}},
		{"prefix of algorithm", spec{FQDN: "a.b", PoolAlgorithmSettings: &v1alpha1.PoolAlgorithmSettings{LBAlgorithm: "X"}},
			[]refusal.Refusal{{"spec.poolAlgorithmSettings.lbAlgorithm", "Invalid Pool Algorithm: unsupported lbAlgorithm X"}}},
		{"no prefix of down response", spec{FQDN: "a.b", DownResponse: &v1alpha1.DownResponse{Type: v1alpha1.DownResponseFallbackIP}},
			[]refusal.Refusal{{"spec.downResponse.fallbackIP", "Fallback IP is required for GSLB_SERVICE_DOWN_RESPONSE_FALLBACK_IP"}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			rule := &v1alpha1.GSLBHostRule{ObjectMeta: metav1.ObjectMeta{Name: "rule"}, Spec: test.spec}
			NewWithT(t).Expect(refusal.GSLBHostRule(rule)).To(Equal(test.want))
		})
	}
}

func TestAlgorithmRefusals(t *testing.T) {
	const (
		hash = v1alpha1.PoolAlgorithmConsistentHash
		geo  = v1alpha1.PoolAlgorithmGeo
		rr   = v1alpha1.PoolAlgorithmRoundRobin
		topo = v1alpha1.PoolAlgorithmTopology
	)
	mask := ptr(int64(16))
	fallback := func(a v1alpha1.PoolAlgorithm, m *int64) *v1alpha1.GeoFallback {
		return &v1alpha1.GeoFallback{LBAlgorithm: a, HashMask: m}
	}
	for _, test := range []struct {
		name     string
		settings v1alpha1.PoolAlgorithmSettings
		want     string
	}{
		{"round robin", v1alpha1.PoolAlgorithmSettings{LBAlgorithm: rr}, ""},
		{"round robin with mask", v1alpha1.PoolAlgorithmSettings{LBAlgorithm: rr, HashMask: mask}, "hashMask not allowed for GSLB_ALGORITHM_ROUND_ROBIN"},
		{"topology with fallback", v1alpha1.PoolAlgorithmSettings{LBAlgorithm: topo, GeoFallback: fallback(rr, nil)}, "geoFallback not allowed for GSLB_ALGORITHM_TOPOLOGY"},
		{"hash", v1alpha1.PoolAlgorithmSettings{LBAlgorithm: hash, HashMask: mask}, ""},
		{"hash without mask", v1alpha1.PoolAlgorithmSettings{LBAlgorithm: hash}, "hashMask is required for ConsistentHash"},
		{"hash with fallback", v1alpha1.PoolAlgorithmSettings{LBAlgorithm: hash, HashMask: mask, GeoFallback: fallback(rr, nil)}, "geoFallback is not allowed with ConsistentHash"},
		{"geo", v1alpha1.PoolAlgorithmSettings{LBAlgorithm: geo, GeoFallback: fallback(rr, nil)}, ""},
		{"geo with hash", v1alpha1.PoolAlgorithmSettings{LBAlgorithm: geo, GeoFallback: fallback(hash, mask)}, ""},
		{"geo with a mask of its own", v1alpha1.PoolAlgorithmSettings{LBAlgorithm: geo, HashMask: mask, GeoFallback: fallback(rr, nil)}, ""},
		{"geo without fallback", v1alpha1.PoolAlgorithmSettings{LBAlgorithm: geo}, "geoFallback has to be set for Geo, available choices: RoundRobin, ConsistentHash"},
		{"geo with round robin and mask", v1alpha1.PoolAlgorithmSettings{LBAlgorithm: geo, GeoFallback: fallback(rr, mask)}, "hashMask is not allowed with GSLB_ALGORITHM_ROUND_ROBIN as geoFallback algorithm"},
		{"geo with hash without mask", v1alpha1.PoolAlgorithmSettings{LBAlgorithm: geo, GeoFallback: fallback(hash, nil)}, "hashMask is required for GSLB_ALGORITHM_CONSISTENT_HASH as the geoFallback algorithm"},
		{"geo with topology", v1alpha1.PoolAlgorithmSettings{LBAlgorithm: geo, GeoFallback: fallback(topo, nil)}, "unsupported algorithm GSLB_ALGORITHM_TOPOLOGY for geoFallback"},
		{"none", v1alpha1.PoolAlgorithmSettings{}, "unsupported lbAlgorithm "},
	} {
		t.Run(test.name, func(t *testing.T) {
			g := NewWithT(t)
			policy := &v1alpha2.GlobalDeploymentPolicy{}
			policy.Spec.PoolAlgorithmSettings = &test.settings
			got := refusal.GlobalDeploymentPolicy(policy)
			if test.want == "" {
				g.Expect(got).To(BeEmpty())
				return
			}
			g.Expect(got).To(HaveLen(1))
			g.Expect(got[0].Message).To(Equal("invalid pool algorithm: " + test.want))
		})
	}
}

func TestDownResponseRefusals(t *testing.T) {
	for _, test := range []struct {
		name     string
		response v1alpha1.DownResponse
		want     string
	}{
		{"none", v1alpha1.DownResponse{Type: v1alpha1.DownResponseNone}, ""},
		{"fallback", v1alpha1.DownResponse{Type: v1alpha1.DownResponseFallbackIP, FallbackIP: "192.0.2.1"}, ""},
		{"fallback v6", v1alpha1.DownResponse{Type: v1alpha1.DownResponseFallbackIP, FallbackIP: "2001:db8::1"}, ""},
		{"fallback wrong", v1alpha1.DownResponse{Type: v1alpha1.DownResponseFallbackIP, FallbackIP: "192.0.2"}, "Fallback IP 192.0.2 is not valid"},
		{"address for another type", v1alpha1.DownResponse{Type: v1alpha1.DownResponseEmpty, FallbackIP: "192.0.2.1"}, "Fallback IP is not allowed for GSLB_SERVICE_DOWN_RESPONSE_EMPTY"},
	} {
		t.Run(test.name, func(t *testing.T) {
			g := NewWithT(t)
			rule := &v1alpha1.GSLBHostRule{Spec: v1alpha1.GSLBHostRuleSpec{FQDN: "a.b", DownResponse: &test.response}}
			got := refusal.GSLBHostRule(rule)
			if test.want == "" {
				g.Expect(got).To(BeEmpty())
				return
			}
			g.Expect(got).To(HaveLen(1))
			g.Expect(got[0].Message).To(Equal(test.want))
		})
	}
}

func TestClusterRefusals(t *testing.T) {
	type spec = v1alpha1.AMKOClusterSpec
	for _, test := range []struct {
		name string
		spec spec
		want []refusal.Refusal
	}{
		{"right", spec{IsLeader: true, ClusterContext: "c1", Version: "2.2.1", Clusters: []string{"c2", "c1"}}, nil},
		{"does not lead", spec{}, nil},
		{"empty", spec{IsLeader: true}, []refusal.Refusal{
			{"spec.clusterContext", "clusterContext field can't be empty in AMKOCluster object"},
			{"spec.version", "version field can't be empty in AMKOCluster object"}}},
		{"not among members", spec{IsLeader: true, ClusterContext: "c1", Version: "2.2.1", Clusters: []string{"c2"}}, []refusal.Refusal{
			{"spec.clusters", "current cluster context c1 not part of member clusters"}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			NewWithT(t).Expect(refusal.AMKOCluster(&v1alpha1.AMKOCluster{Spec: test.spec})).To(Equal(test.want))
		})
	}
}
