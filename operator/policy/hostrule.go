package policy

//lint:file-ignore ST1005 The sentences are AMKO's, which users' scripts look for.

import (
	"fmt"
	"net/netip"

	amkov1alpha1 "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha1"
)

// CompileRule judges a GSLBHostRule by itself; whether another rule has its FQDN already is for a RuleBook to say. The
// error is what its status says of it, in AMKO's words and order of checks. tenant is that of the rule's namespace.
func CompileRule(ghr *amkov1alpha1.GSLBHostRule, tenant string, cat *Catalog) (HostRule, error) {
	r := HostRule{FQDN: ghr.Spec.FQDN, Tenant: tenant, Split: map[string]Share{}, PublicIP: map[string]netip.Addr{}}
	if r.FQDN == "" {
		return HostRule{}, fmt.Errorf("GSFqdn missing for %s GSLBHostRule", ghr.Name)
	}
	for _, check := range []func(*amkov1alpha1.GSLBHostRule, *Catalog) error{
		r.persistence, r.algorithm, r.thirdParty, r.publicIPs, r.monitors, r.settings, r.split,
	} {
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

func (r *HostRule) algorithm(ghr *amkov1alpha1.GSLBHostRule, _ *Catalog) (err error) {
	if r.Algorithm, err = algorithm(ghr.Spec.PoolAlgorithmSettings); err != nil {
		return fmt.Errorf("Invalid Pool Algorithm: %w", err)
	}
	return nil
}

func (r *HostRule) thirdParty(ghr *amkov1alpha1.GSLBHostRule, cat *Catalog) error {
	for _, m := range ghr.Spec.ThirdPartyMembers {
		vip, err := netip.ParseAddr(m.VIP)
		if err != nil {
			return fmt.Errorf("Invalid VIP for thirdPartyMember site %s,%s GSLBHostRule (expecting IP address)", m.Site, ghr.Name)
		}
		if !cat.Sites[m.Site] {
			return fmt.Errorf("ThirdPartyMember site %s does not exist for %s GSLBHostRule", m.Site, ghr.Name)
		}
		member := ThirdParty{Site: m.Site, VIP: vip.Unmap()}
		if m.PublicIP != "" {
			public, err := netip.ParseAddr(m.PublicIP)
			if err != nil {
				return fmt.Errorf("Invalid IP for site %s,%s GSLBHostRule (expecting IP address)", m.Site, ghr.Name)
			}
			member.PublicIP = public.Unmap()
		}
		r.ThirdParty = append(r.ThirdParty, member)
	}
	return nil
}

func (r *HostRule) publicIPs(ghr *amkov1alpha1.GSLBHostRule, cat *Catalog) error {
	for _, p := range ghr.Spec.PublicIP {
		if !cat.Clusters[p.Cluster] {
			return fmt.Errorf("cluster %s in Public IP  not present in GSLBConfig", p.Cluster)
		}
		addr, err := netip.ParseAddr(p.IP)
		if err != nil {
			return fmt.Errorf("Invalid IP for site %s,%s GSLBHostRule (expecting IP address)", p.Cluster, ghr.Name)
		}
		r.PublicIP[p.Cluster] = addr.Unmap()
	}
	return nil
}

func (r *HostRule) monitors(ghr *amkov1alpha1.GSLBHostRule, cat *Catalog) error {
	spec := &ghr.Spec
	if spec.HealthMonitorTemplate != nil && len(spec.HealthMonitorRefs) > 0 {
		return fmt.Errorf("%w for %s GSLBHostRule", errRefsAndTemplate, ghr.Name)
	}
	if spec.HealthMonitorTemplate != nil {
		t, err := cat.template(r.Tenant, *spec.HealthMonitorTemplate)
		r.Template = t
		return err
	}
	for _, ref := range spec.HealthMonitorRefs {
		if !cat.monitorRef(r.Tenant, ref) {
			return fmt.Errorf("Health Monitor Ref %s error for %s GSLBHostRule", ref, ghr.Name)
		}
	}
	r.MonitorRefs = unique(spec.HealthMonitorRefs)
	return tooManyRefs(r.MonitorRefs)
}

func (r *HostRule) settings(ghr *amkov1alpha1.GSLBHostRule, _ *Catalog) (err error) {
	r.ControlPlaneOnly = ghr.Spec.ControlPlaneHmOnly
	if r.Down, err = downResponse(ghr.Spec.DownResponse); err != nil {
		return err
	}
	r.TTL, err = ttl(ghr.Spec.TTL)
	return err
}

// split compiles the shares. An entry that gives only a weight has priority 1, by the default of the CRD: it moves its
// cluster below all that have the global policy's 10. Odd, but what AMKO's users know.
func (r *HostRule) split(ghr *amkov1alpha1.GSLBHostRule, _ *Catalog) error {
	for _, e := range ghr.Spec.TrafficSplit {
		s, err := share(e.WeightOrDefault(), e.PriorityOrDefault())
		if err != nil {
			return fmt.Errorf("%w for %s GSLBHostRule", err, ghr.Name)
		}
		r.Split[e.Cluster] = s
	}
	return nil
}
