package policy_test

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	amkov1alpha1 "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha1"
	amkov1alpha2 "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha2"
	"github.com/gslbsim/gslbsim/operator/policy"
)

// Shows: status-policy, status-algorithm
func TestRefusalsOfPolicies(t *testing.T) {
	for spec, want := range map[string]string{
		"{}": "",
		selecting + "ttl: 0\npoolAlgorithmSettings: {lbAlgorithm: GSLB_ALGORITHM_TOPOLOGY}": "",
		"matchRules: {appSelector: {label: {'': x}}}":                                       "label value is missing for key  for appSelector",
		"matchRules: {appSelector: {label: {x: ''}}}":                                       "label key is missing for value  for appSelector",
		"matchRules: {namespaceSelector: {label: {x: ''}}}":                                 "label key is missing for value for namespaceSelector",
		"matchClusters: [{cluster: mars}]":                                                  "cluster context mars not present in GSLBConfig",
		"trafficSplit: [{cluster: mars}]":                                                   "cluster mars in traffic policy not present in GSLBConfig",
		"trafficSplit: [{cluster: east, weight: 21}]":                                       "traffic weight 21 must be between 1 and 20",
		"trafficSplit: [{cluster: east, weight: 0}]":                                        "traffic weight 0 must be between 1 and 20",
		"healthMonitorRefs: [mine]\nhealthMonitorTemplate: tmpl":                            "health monitor reference and template cannot be specified together",
		"healthMonitorTemplate: absent":                                                     "health monitor template absent not found",
		"healthMonitorTemplate: local":                                                      "health monitor template local not federated",
		"healthMonitorTemplate: mine":                                                       "health monitor template is not supported for non-path based health monitors",
		"healthMonitorTemplate: odd":                                                        "client request header in health monitor template odd is invalid",
		"healthMonitorRefs: [mine, absent]":                                                 "health monitor ref absent is invalid",
		"healthMonitorRefs: [local]":                                                        "health monitor ref local is invalid",
		"sitePersistenceRef: ''":                                                            "empty string as site persistence reference not supported",
		"sitePersistenceRef: absent":                                                        "site persistence ref absent not present",
		"pkiProfileRef: ''":                                                                 "empty string as pki profile reference not supported",
		"pkiProfileRef: blue-ca":                                                            "pki profile ref blue-ca not present",
		"downResponse: {type: GSLB_SERVICE_DOWN_RESPONSE_FALLBACK_IP}":                      "invalid down response configuration: Fallback IP is required for GSLB_SERVICE_DOWN_RESPONSE_FALLBACK_IP",
		"downResponse: {type: GSLB_SERVICE_DOWN_RESPONSE_FALLBACK_IP, fallbackIP: x}":       "invalid down response configuration: Fallback IP x is not valid",
		"downResponse: {type: GSLB_SERVICE_DOWN_RESPONSE_EMPTY, fallbackIP: 10.1.1.1}":      "invalid down response configuration: Fallback IP is not allowed for GSLB_SERVICE_DOWN_RESPONSE_EMPTY",
		"poolAlgorithmSettings: {lbAlgorithm: X}":                                           "invalid pool algorithm: unsupported lbAlgorithm X",
		"poolAlgorithmSettings: {lbAlgorithm: GSLB_ALGORITHM_CONSISTENT_HASH}":              "invalid pool algorithm: hashMask is required for ConsistentHash",
		"poolAlgorithmSettings: {lbAlgorithm: GSLB_ALGORITHM_ROUND_ROBIN, hashMask: 3}":     "invalid pool algorithm: hashMask not allowed for GSLB_ALGORITHM_ROUND_ROBIN",
		"poolAlgorithmSettings: {lbAlgorithm: GSLB_ALGORITHM_GEO}":                          "invalid pool algorithm: geoFallback has to be set for Geo, available choices: RoundRobin, ConsistentHash",
		"ttl: 86401": "ttl 86401 must be between 0 and 86400",
	} {
		s := newStage(t)
		s.bare(spec)
		_, err := policy.CompileGlobal(s.gdp, "admin", s.cat)
		s.g.Expect(text(err)).To(Equal(want), spec)
	}
}

// Shows: status-rule, status-algorithm
func TestRefusalsOfRules(t *testing.T) {
	for spec, want := range map[string]string{
		"ttl: 5":           "GSFqdn missing for r GSLBHostRule",
		"fqdn: a\nttl: 5":  "",
		"fqdn: a\nttl: -1": "ttl -1 must be between 0 and 86400 for r GSLBHostRule",
		"fqdn: a\nsitePersistence: {enabled: true, profileRef: absent}":                        "SitePersistence Profile absent error for r GSLBHostRule",
		"fqdn: a\nsitePersistence: {enabled: false, profileRef: absent}":                       "",
		"fqdn: a\nsitePersistence: {enabled: true, profileRef: sticky, pkiProfileRef: absent}": "PKI Profile absent error for r GSLBHostRule",
		"fqdn: a\npoolAlgorithmSettings: {lbAlgorithm: GSLB_ALGORITHM_CONSISTENT_HASH}":        "Invalid Pool Algorithm: hashMask is required for ConsistentHash",
		"fqdn: a\nthirdPartyMembers: [{site: cdn, vip: x}]":                                    "Invalid VIP for thirdPartyMember site cdn,r GSLBHostRule (expecting IP address)",
		"fqdn: a\nthirdPartyMembers: [{site: absent, vip: 10.1.1.1}]":                          "ThirdPartyMember site absent does not exist for r GSLBHostRule",
		"fqdn: a\nthirdPartyMembers: [{site: cdn, vip: 10.1.1.1, publicIP: x}]":                "Invalid public IP for thirdPartyMember site cdn,r GSLBHostRule (expecting IP address)",
		"fqdn: a\npublicIP: [{cluster: mars, ip: 10.1.1.1}]":                                   "cluster mars in Public IP  not present in GSLBConfig",
		"fqdn: a\npublicIP: [{cluster: east, ip: x}]":                                          "Invalid IP for site east,r GSLBHostRule (expecting IP address)",
		"fqdn: a\nhealthMonitorRefs: [mine]\nhealthMonitorTemplate: tmpl":                      "health monitor reference and template cannot be specified together for r GSLBHostRule",
		"fqdn: a\nhealthMonitorTemplate: absent":                                               "health monitor template absent not found",
		"fqdn: a\nhealthMonitorRefs: [absent]":                                                 "Health Monitor Ref absent error for r GSLBHostRule",
		"fqdn: a\ndownResponse: {type: GSLB_SERVICE_DOWN_RESPONSE_FALLBACK_IP}":                "Fallback IP is required for GSLB_SERVICE_DOWN_RESPONSE_FALLBACK_IP",
		"fqdn: a\ntrafficSplit: [{cluster: east, weight: 0}]":                                  "traffic weight 0 must be between 1 and 20 for r GSLBHostRule",
	} {
		s := newStage(t)
		_, err := policy.CompileRule(s.ghr("r", spec), "admin", s.cat)
		s.g.Expect(text(err)).To(Equal(want), spec)
	}
}

// Shows: tenant-references
func TestReferencesAreThoseOfTheTenant(t *testing.T) {
	s := newStage(t)
	for tenant, fine := range map[string]bool{"admin": false, "blue": true} {
		s.policy("pkiProfileRef: blue-ca")
		_, err := policy.CompileGlobal(s.gdp, tenant, s.cat)
		s.g.Expect(err == nil).To(Equal(fine), "policy in %s: %v", tenant, err)
		r := s.ghr("r", "fqdn: a\nsitePersistence: {enabled: false, pkiProfileRef: blue-ca}")
		_, err = policy.CompileRule(r, tenant, s.cat)
		s.g.Expect(err == nil).To(Equal(fine), "rule in %s: %v", tenant, err)
		s.g.Expect(policy.RuleReferences(r, tenant)).To(Equal([]policy.Reference{{Type: policy.TypePKI, Tenant: tenant, Name: "blue-ca"}}))
	}
	s.policy("pkiProfileRef: ca\nsitePersistenceRef: sticky\nhealthMonitorRefs: [mine, yours]")
	s.g.Expect(policy.GlobalReferences(s.gdp, "blue")).To(ConsistOf(
		policy.Reference{Type: policy.TypePKI, Tenant: "blue", Name: "ca"}, policy.Reference{Type: policy.TypePersistence, Tenant: "blue", Name: "sticky"},
		policy.Reference{Type: policy.TypeMonitor, Tenant: "blue", Name: "mine"}, policy.Reference{Type: policy.TypeMonitor, Tenant: "blue", Name: "yours"},
	))
}

// Nothing that the operator writes, such as a status, makes another policy or rule the one that counts.
//
// Shows: B2, B3
func TestThePrecedenceOfResources(t *testing.T) {
	s := newStage(t)
	at := func(o metav1.Object, minute int) {
		o.SetCreationTimestamp(metav1.NewTime(time.Date(2030, 1, 1, 0, minute, 0, 0, time.UTC)))
	}
	old, young := s.gdp.DeepCopy(), s.gdp.DeepCopy()
	old.Name, young.Name = "z-old", "a-young"
	at(old, 1)
	at(young, 2)
	for _, status := range []string{"", policy.StatusSuccess, policy.ErrSecondPolicy.Error()} {
		young.Status.ErrorStatus = status
		s.g.Expect(policy.ChooseGlobal([]*amkov1alpha2.GlobalDeploymentPolicy{young, old}).Name).To(Equal("z-old"))
	}
	at(young, 1)
	young.Status.ErrorStatus = ""
	s.g.Expect(policy.ChooseGlobal([]*amkov1alpha2.GlobalDeploymentPolicy{old, young}).Name).To(Equal("a-young"))
	old.Status.ErrorStatus = policy.StatusSuccess
	s.g.Expect(policy.ChooseGlobal([]*amkov1alpha2.GlobalDeploymentPolicy{old, young}).Name).To(Equal("z-old"), "of one second: the one that was accepted")
	s.g.Expect(policy.ChooseGlobal(nil)).To(BeNil())

	first, second, broken := s.ghr("b", "fqdn: a\nttl: 1"), s.ghr("a", "fqdn: a\nttl: 2"), s.ghr("c", "fqdn: a\nttl: -1")
	at(broken, 1)
	at(first, 2)
	at(second, 3)
	for _, r := range []*amkov1alpha1.GSLBHostRule{second, broken, first, second, broken} {
		compiled, err := policy.CompileRule(r, "admin", s.cat)
		s.book.Set(r, compiled, err)
	}
	s.g.Expect(*s.book.Rule("a").TTL).To(Equal(uint32(1)), "the first that is valid")
	s.g.Expect(s.book.Verdict(keyOf(first))).NotTo(HaveOccurred())
	s.g.Expect(s.book.Verdict(keyOf(second))).To(MatchError("there's an existing GSLBHostRule for the same FQDN"))
	s.g.Expect(s.book.Verdict(keyOf(broken))).To(MatchError("ttl -1 must be between 0 and 86400 for c GSLBHostRule"))
	s.book.Remove(keyOf(first))
	s.g.Expect(s.book.Verdict(keyOf(second))).NotTo(HaveOccurred(), "it is the next")
	s.g.Expect(s.book.Touched()).To(Equal([]string{"a"}))
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
