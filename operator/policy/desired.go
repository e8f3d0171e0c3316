package policy

import (
	"cmp"
	"maps"
	"net/netip"
	"slices"

	"github.com/gslbsim/gslbsim/operator/ingest"
	"github.com/gslbsim/gslbsim/operator/model"
)

// Desired returns the services of an FQDN, one for each tenant that has members, ordered by tenant. Usually there is one,
// or none. The controller lets only one service have the name; which one that is, is decided by who came first there.
func (p *Policy) Desired(fqdn string, clusters Clusters) []model.Wanted {
	rule := p.Rule(fqdn)
	byTenant := p.selected(fqdn, clusters)
	if len(byTenant) == 0 && standsAlone(rule) {
		byTenant = map[string][]ingest.Candidate{rule.Tenant: nil}
	}
	if len(byTenant) == 0 {
		return nil
	}
	names := p.domainNames(fqdn, clusters)
	var wanted []model.Wanted
	for _, tenant := range slices.Sorted(maps.Keys(byTenant)) {
		wanted = append(wanted, p.service(model.Key{Tenant: tenant, Name: fqdn}, names, rule, byTenant[tenant]))
	}
	return wanted
}

// standsAlone says whether a rule's third-party members make a service although no cluster has a member. UNCONFIRMED as a
// rule: AMKO keeps such a service when the clusters' members go, but does not create one. Chosen is that it exists, because
// then what exists does not depend on what came first, and a standby site answers when all clusters are gone.
func standsAlone(rule *HostRule) bool { return rule != nil && len(rule.ThirdParty) > 0 }

// selected are the candidates that become members, by tenant.
func (p *Policy) selected(fqdn string, clusters Clusters) map[string][]ingest.Candidate {
	byTenant := map[string][]ingest.Candidate{}
	for _, c := range clusters.Candidates(fqdn) {
		if tenant, ok := p.selects(c, clusters.Namespace(c.Cluster, c.Namespace)); ok {
			byTenant[tenant] = append(byTenant[tenant], c)
		}
	}
	return byTenant
}

// exists says whether an FQDN has a service.
func (p *Policy) exists(fqdn string, clusters Clusters) bool {
	return len(p.selected(fqdn, clusters)) > 0 || standsAlone(p.Rule(fqdn))
}

// domainNames are the names that a service answers: its own, and the aliases that are not taken. A name is first its own
// service's; of several services that claim it as an alias, the first by name has it, and when that goes, the next.
func (p *Policy) domainNames(fqdn string, clusters Clusters) []string {
	names := []string{fqdn}
	for _, alias := range clusters.Aliases(fqdn) {
		if p.exists(alias, clusters) {
			continue
		}
		claimants := clusters.Claimants(alias)
		i := slices.IndexFunc(claimants, func(other string) bool { return other == fqdn || p.exists(other, clusters) })
		if i < 0 || claimants[i] == fqdn {
			names = append(names, alias)
		}
	}
	slices.Sort(names)
	return names
}

func (p *Policy) service(key model.Key, names []string, rule *HostRule, candidates []ingest.Candidate) model.Wanted {
	s := p.settings(rule)
	monitors, attached, needed := p.monitors(key, s, candidates)
	w := model.Wanted{Monitors: monitors, Service: model.Service{
		Key: key, CreatedBy: p.CreatedBy, DomainNames: names, Monitors: attached,
		Pools: p.pools(rule, s, candidates, needed), TTL: s.TTL, Down: s.Down,
	}}
	for _, c := range candidates {
		w.Service.Sources = append(w.Service.Sources, c.Source)
	}
	if slices.ContainsFunc(candidates, func(c ingest.Candidate) bool { return c.TLS }) {
		w.Service.Persistence, w.Service.PKI = p.persistence(rule)
	}
	return w
}

// settings are the settings of a service: each as its host rule says, else as the global policy does.
func (p *Policy) settings(rule *HostRule) Settings {
	s := p.Global.Settings
	if rule == nil {
		return s
	}
	s.TTL = cmp.Or(rule.TTL, s.TTL)
	s.Down = cmp.Or(rule.Down, s.Down)
	s.Algorithm = cmp.Or(rule.Algorithm, s.Algorithm)
	s.ControlPlaneOnly = cmp.Or(rule.ControlPlaneOnly, s.ControlPlaneOnly)
	if len(rule.MonitorRefs) > 0 || rule.Template != nil {
		s.MonitorRefs, s.Template = rule.MonitorRefs, rule.Template
	}
	return s
}

// persistence is the site persistence of a service that is served with TLS; without TLS there is none.
func (p *Policy) persistence(rule *HostRule) (profile, pki string) {
	profile, pki = p.Global.Persistence, p.Global.PKI
	if rule != nil && rule.Persistence != nil {
		if !rule.Persistence.Enabled {
			return "", ""
		}
		profile, pki = rule.Persistence.Profile, cmp.Or(rule.Persistence.PKI, pki)
	}
	if profile == "" {
		return "", ""
	}
	return profile, cmp.Or(pki, p.DefaultPKI)
}

// pools are the priority groups, highest first. A VIP is a member once, where the first candidate that has it belongs: many
// Ingresses share one virtual service.
func (p *Policy) pools(rule *HostRule, s Settings, candidates []ingest.Candidate, monitorsUp uint32) []model.Pool {
	byPriority := map[uint32][]model.Member{}
	seen := map[netip.Addr]bool{}
	add := func(share Share, m model.Member) {
		if seen[m.VIP] {
			return
		}
		seen[m.VIP] = true
		m.Ratio = share.Weight
		byPriority[share.Priority] = append(byPriority[share.Priority], m)
	}
	for _, c := range candidates {
		add(p.share(rule, c.Cluster), p.member(rule, c))
	}
	if rule != nil {
		for _, m := range rule.ThirdParty {
			share, ok := rule.Split[m.Site]
			if !ok {
				share = DefaultThirdPartyShare
			}
			add(share, model.Member{VIP: m.VIP, PublicIP: m.PublicIP})
		}
	}
	algorithm := s.Algorithm
	if algorithm == nil {
		algorithm = &Algorithm{Name: model.RoundRobin}
	}
	pools := make([]model.Pool, 0, len(byPriority))
	for priority, members := range byPriority {
		pools = append(pools, model.Pool{
			Priority: priority, Algorithm: algorithm.Name, Fallback: algorithm.Fallback, HashMask: algorithm.HashMask,
			MinMonitorsUp: monitorsUp, Members: members,
		})
	}
	slices.SortFunc(pools, func(a, b model.Pool) int { return cmp.Compare(b.Priority, a.Priority) })
	return pools
}

func (p *Policy) share(rule *HostRule, cluster string) Share {
	if rule != nil {
		if share, ok := rule.Split[cluster]; ok {
			return share
		}
	}
	if share, ok := p.Global.Split[cluster]; ok {
		return share
	}
	return DefaultShare
}

func (p *Policy) member(rule *HostRule, c ingest.Candidate) model.Member {
	m := model.Member{VIP: c.VIP}
	if vipOnly := p.Global.Clusters[c.Cluster]; !vipOnly {
		m.Controller, m.VirtualService = c.Controller, c.VirtualService
	}
	if rule != nil {
		m.PublicIP = rule.PublicIP[c.Cluster]
	}
	return m
}
