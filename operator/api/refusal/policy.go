package refusal

import (
	"fmt"

	"github.com/gslbsim/gslbsim/operator/api/amko/v1alpha2"
)

// GlobalDeploymentPolicy returns why a policy is refused, in the order in which
// AMKO looks; the first message is the status. Nothing means that the object
// itself gives no reason.
func GlobalDeploymentPolicy(gdp *v1alpha2.GlobalDeploymentPolicy) []Refusal {
	var l list
	spec := &gdp.Spec
	// AMKO's texts differ in the space before "for".
	l.labels("spec.matchRules.appSelector.label", " for appSelector", spec.MatchRules.AppSelector.Label)
	l.labels("spec.matchRules.namespaceSelector.label", "for namespaceSelector", spec.MatchRules.NamespaceSelector.Label)
	for i, e := range spec.TrafficSplit {
		field := fmt.Sprintf("spec.trafficSplit[%d]", i)
		if w := e.WeightOrDefault(); w < 1 || w > 20 {
			l.add(field+".weight", "traffic weight %d must be between 1 and 20", w)
		}
		// AMKO's text says 1, although it allows 0.
		if p := e.PriorityOrDefault(); p < 0 || p > 100 {
			l.add(field+".priority", "priority %d must be between 0 and 100", p)
		}
	}
	if spec.HealthMonitorTemplate != nil && len(spec.HealthMonitorRefs) > 0 {
		l.add("spec.healthMonitorTemplate", "health monitor reference and template cannot be specified together")
	}
	if n := len(spec.HealthMonitorRefs); n > MaxHealthMonitorRefs {
		l.add("spec.healthMonitorRefs", "at most %d health monitor references are allowed, not %d", MaxHealthMonitorRefs, n)
	}
	l.poolAlgorithm("spec.poolAlgorithmSettings", "invalid pool algorithm: ", spec.PoolAlgorithmSettings)
	if spec.SitePersistenceRef != nil && *spec.SitePersistenceRef == "" {
		l.add("spec.sitePersistenceRef", "empty string as site persistence reference not supported")
	}
	if spec.PKIProfileRef != nil && *spec.PKIProfileRef == "" {
		l.add("spec.pkiProfileRef", "empty string as pki profile reference not supported")
	}
	l.downResponse("spec.downResponse", "invalid down response configuration: ", spec.DownResponse)
	l.ttl(spec.TTL, "")
	return l
}

// labels adds empty keys and values of a selector. AMKO's two texts name the
// wrong one of key and value as missing.
func (l *list) labels(field, suffix string, labels map[string]string) {
	for _, key := range sortedKeys(labels) {
		switch {
		case key == "":
			l.add(field, "label value is missing for key %s", suffix)
		case labels[key] == "":
			l.add(field+"."+key, "label key is missing for value %s", suffix)
		}
	}
}
