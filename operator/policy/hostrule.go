package policy

//lint:file-ignore ST1005 The sentences are AMKO's, which users' scripts look for.

import (
	"fmt"
	"net/netip"

	amkov1alpha1 "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha1"
	"github.com/gslbsim/gslbsim/operator/api/refusal"
)

// CompileRule judges a GSLBHostRule: first by itself, see package refusal, then by what it names. Whether another rule has
// its FQDN already is for a RuleBook to say. The error is what its status says of it, in AMKO's words. tenant is that of the
// rule's namespace.
func CompileRule(ghr *amkov1alpha1.GSLBHostRule, tenant string, cat *Catalog) (HostRule, error) {
	if err := first(refusal.GSLBHostRule(ghr)); err != nil {
		return HostRule{}, err
	}
	spec := &ghr.Spec
	r := HostRule{
		FQDN: spec.FQDN, Tenant: tenant, Split: map[string]Share{}, PublicIP: map[string]netip.Addr{},
		Settings: Settings{
			ControlPlaneOnly: spec.ControlPlaneHmOnly, TTL: ttl(spec.TTL), Algorithm: algorithm(spec.PoolAlgorithmSettings),
			Down: downResponse(spec.DownResponse), MonitorRefs: unique(spec.HealthMonitorRefs),
		},
	}
	// An entry that gives only a weight has priority 1, by the default of the CRD: it moves its cluster below all that have
	// the global policy's 10. Odd, but what AMKO's users know.
	for _, e := range spec.TrafficSplit {
		r.Split[e.Cluster] = share(e.WeightOrDefault(), e.PriorityOrDefault())
	}
	for _, check := range []func(*amkov1alpha1.GSLBHostRule, *Catalog) error{r.persistence, r.thirdParty, r.publicIPs, r.monitors} {
		if err := check(ghr, cat); err != nil {
			return HostRule{}, err
		}
	}
	return r, nil
}

func (r *HostRule) persistence(ghr *amkov1alpha1.GSLBHostRule, cat *Catalog) error {
	p := ghr.Spec.SitePersistence
	if p == nil {
		return nil
	}
	if p.Enabled && !cat.has(TypePersistence, r.Tenant, p.ProfileRef) {
		return fmt.Errorf("SitePersistence Profile %s error for %s GSLBHostRule", p.ProfileRef, ghr.Name)
	}
	if p.PKIProfileRef != nil && !cat.has(TypePKI, r.Tenant, *p.PKIProfileRef) {
		return fmt.Errorf("PKI Profile %s error for %s GSLBHostRule", *p.PKIProfileRef, ghr.Name)
	}
	r.Persistence = &Persistence{Enabled: p.Enabled, Profile: p.ProfileRef, PKI: deref(p.PKIProfileRef)}
	return nil
}

func (r *HostRule) thirdParty(ghr *amkov1alpha1.GSLBHostRule, cat *Catalog) error {
	for _, m := range ghr.Spec.ThirdPartyMembers {
		if !cat.Sites[m.Site] {
			return fmt.Errorf("ThirdPartyMember site %s does not exist for %s GSLBHostRule", m.Site, ghr.Name)
		}
		r.ThirdParty = append(r.ThirdParty, ThirdParty{Site: m.Site, VIP: address(m.VIP), PublicIP: address(m.PublicIP)})
	}
	return nil
}

func (r *HostRule) publicIPs(ghr *amkov1alpha1.GSLBHostRule, cat *Catalog) error {
	for _, p := range ghr.Spec.PublicIP {
		if !cat.Clusters[p.Cluster] {
			return fmt.Errorf("cluster %s in Public IP  not present in GSLBConfig", p.Cluster)
		}
		r.PublicIP[p.Cluster] = address(p.IP)
	}
	return nil
}

func (r *HostRule) monitors(ghr *amkov1alpha1.GSLBHostRule, cat *Catalog) (err error) {
	if template := ghr.Spec.HealthMonitorTemplate; template != nil {
		r.Template, err = cat.template(r.Tenant, *template)
		return err
	}
	for _, ref := range ghr.Spec.HealthMonitorRefs {
		if !cat.monitorRef(r.Tenant, ref) {
			return fmt.Errorf("Health Monitor Ref %s error for %s GSLBHostRule", ref, ghr.Name)
		}
	}
	return nil
}
