package refusal

import (
	"fmt"

	"github.com/gslbsim/gslbsim/operator/api/amko/v1alpha1"
)

// GSLBHostRule returns why a host rule is refused, in the order in which AMKO
// looks; the first message is the status. Nothing means that the object itself
// gives no reason.
//
// AMKO refuses neither priorities above 100, nor more than six health monitors,
// nor public addresses of third-party members that are none: it drops the GSLB
// service when the controller refuses it.
func GSLBHostRule(ghr *v1alpha1.GSLBHostRule) []Refusal {
	var l list
	spec, suffix := &ghr.Spec, " for "+ghr.Name+" GSLBHostRule"
	if spec.FQDN == "" {
		l.add("spec.fqdn", "GSFqdn missing%s", suffix)
	}
	l.sitePersistence(spec.SitePersistence, suffix)
	l.poolAlgorithm("spec.poolAlgorithmSettings", "Invalid Pool Algorithm: ", spec.PoolAlgorithmSettings)
	l.thirdPartyMembers(spec.ThirdPartyMembers, ghr.Name)
	for i, p := range spec.PublicIP {
		if !isIP(p.IP) {
			l.add(fmt.Sprintf("spec.publicIP[%d].ip", i), "Invalid IP for site %s,%s GSLBHostRule (expecting IP address)", p.Cluster, ghr.Name)
		}
	}
	if spec.HealthMonitorTemplate != nil && len(spec.HealthMonitorRefs) > 0 {
		l.add("spec.healthMonitorTemplate", "health monitor reference and template cannot be specified together%s", suffix)
	}
	if n := len(spec.HealthMonitorRefs); n > MaxHealthMonitorRefs {
		l.add("spec.healthMonitorRefs", "at most %d health monitor references are allowed, not %d,%s", MaxHealthMonitorRefs, n, suffix)
	}
	l.downResponse("spec.downResponse", "", spec.DownResponse)
	for i, e := range spec.TrafficSplit {
		field := fmt.Sprintf("spec.trafficSplit[%d]", i)
		if w := e.WeightOrDefault(); w < 1 || w > 20 {
			l.add(field+".weight", "traffic weight %d must be between 1 and 20%s", w, suffix)
		}
		if p := e.PriorityOrDefault(); p < 0 || p > 100 {
			l.add(field+".priority", "priority %d must be between 0 and 100%s", p, suffix)
		}
	}
	l.ttl(spec.TTL, suffix)
	return l
}

// sitePersistence adds empty names of profiles, which no controller has.
func (l *list) sitePersistence(p *v1alpha1.SitePersistence, suffix string) {
	if p == nil {
		return
	}
	if p.Enabled && p.ProfileRef == "" {
		l.add("spec.sitePersistence.profileRef", "SitePersistence Profile  error%s", suffix)
	}
	if p.PKIProfileRef != nil && *p.PKIProfileRef == "" {
		l.add("spec.sitePersistence.pkiProfileRef", "PKI Profile  error%s", suffix)
	}
}

func (l *list) thirdPartyMembers(members []v1alpha1.ThirdPartyMember, name string) {
	for i, m := range members {
		field := fmt.Sprintf("spec.thirdPartyMembers[%d]", i)
		if !isIP(m.VIP) {
			l.add(field+".vip", "Invalid VIP for thirdPartyMember site %s,%s GSLBHostRule (expecting IP address)", m.Site, name)
		}
		if m.PublicIP != "" && !isIP(m.PublicIP) {
			l.add(field+".publicIP", "Invalid public IP for thirdPartyMember site %s,%s GSLBHostRule (expecting IP address)", m.Site, name)
		}
	}
}
