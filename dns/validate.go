package dns

import (
	"fmt"
	"net/netip"

	mdns "github.com/miekg/dns"
)

// Limits of one table. Those which the product's object schema sets are
// marked; the others bound memory and work.
const (
	// MaxTTL is the longest TTL in seconds (schema).
	MaxTTL = 86400
	// MaxNumIPs is the largest NumIPs (schema).
	MaxNumIPs = 20
	// MaxRatio is the largest member or site ratio (schema).
	MaxRatio = 20
	// MaxPriority is the largest pool priority (schema).
	MaxPriority = 100
	// MaxPreferenceOrder is the largest preference order (schema).
	MaxPreferenceOrder = 128
	// MaxMinMembers is the largest MinMembers (schema).
	MaxMinMembers = 65535
	// MaxProfileDomains bounds Domains and Zones of a profile (schema).
	MaxProfileDomains = 100
	// MaxNameServers bounds the servers of one NS record (schema).
	MaxNameServers = 13
	// MaxFallbackSites bounds the fallback sites of a topology rule (schema).
	MaxFallbackSites = 64
	// MaxDomains bounds the FQDNs of one service or record.
	MaxDomains = 1024
	// MaxPools bounds the pools of one service.
	MaxPools = 256
	// MaxMembers bounds the members of all pools of one service.
	MaxMembers = 1024
	// MaxRecordValues bounds the values of one record.
	MaxRecordValues = 64
	// MaxPrefixes bounds the prefixes of a client group or topology rule.
	MaxPrefixes = 4096
	// MaxTopologyRules bounds the topology rules of a table.
	MaxTopologyRules = 1024
	// MaxPortRanges bounds the port ranges of one topology rule, and
	// MaxCountries its countries.
	MaxPortRanges = 64
	MaxCountries  = 300
)

func inRange(what string, value, low, high int) error {
	if value < low || value > high {
		return fmt.Errorf("%s is %d: use %d-%d", what, value, low, high)
	}
	return nil
}

func atMost(what string, count, limit int) error {
	if count > limit {
		return fmt.Errorf("%d %s: at most %d are allowed", count, what, limit)
	}
	return nil
}

// firstOf returns the first error.
func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func checkTTL(ttl *uint32) error {
	if ttl == nil {
		return nil
	}
	return inRange("TTL", int(*ttl), 0, MaxTTL)
}

func checkProfile(p *Profile) error {
	err := firstOf(
		inRange("TTL", int(p.TTL), 0, MaxTTL),
		inRange("NumIPs", p.NumIPs, 0, MaxNumIPs),
		inRange("NegativeTTL", int(p.NegativeTTL), 0, MaxTTL),
		atMost("Domains", len(p.Domains), MaxProfileDomains),
		atMost("Zones", len(p.Zones), MaxProfileDomains),
		checkSOANames(p.NameServer, p.AdminEmail),
	)
	if err == nil && p.Clients != nil {
		err = checkPrefixes(p.Clients.Prefixes)
	}
	for i := range p.Zones {
		err = firstOf(err, checkSOANames(p.Zones[i].NameServer, p.Zones[i].AdminEmail))
	}
	if err != nil {
		return fmt.Errorf("profile: %w", err)
	}
	return nil
}

func checkSOANames(nameServer, adminEmail string) error {
	for _, name := range [...]string{nameServer, adminEmail} {
		if name == "" {
			continue
		}
		if err := checkTarget(name); err != nil {
			return err
		}
	}
	return nil
}

func checkPrefixes(prefixes []netip.Prefix) error {
	if err := atMost("prefixes", len(prefixes), MaxPrefixes); err != nil {
		return err
	}
	for _, p := range prefixes {
		if !p.IsValid() {
			return fmt.Errorf("prefix %v is not valid: use address/length", p)
		}
	}
	return nil
}

func checkService(s *Service) error {
	members := 0
	for i := range s.Pools {
		members += len(s.Pools[i].Members)
	}
	err := firstOf(
		atMost("domain names", len(s.Domains), MaxDomains),
		checkTTL(s.TTL),
		inRange("MinMembers", s.MinMembers, 0, MaxMinMembers),
		atMost("pools", len(s.Pools), MaxPools),
		atMost("members", members, MaxMembers),
		checkDown(&s.Down),
	)
	switch {
	case err != nil:
		return err
	case s.UUID == "":
		return fmt.Errorf("the UUID is empty: every service needs one of its own")
	case len(s.Domains) == 0:
		return fmt.Errorf("no domain name: give at least one")
	case s.NumIPs != nil:
		if err := inRange("NumIPs", *s.NumIPs, 0, MaxNumIPs); err != nil {
			return err
		}
	}
	for i := range s.Pools {
		if err := checkPool(&s.Pools[i]); err != nil {
			return fmt.Errorf("pool %q: %w", s.Pools[i].Name, err)
		}
	}
	return nil
}

func checkDown(d *DownResponse) error {
	switch d.Type {
	case DownNone, DownAllRecords, DownEmpty:
		return nil
	case DownFallbackIP:
		return checkFallbackIP(d)
	case DownCNAME:
		return checkTarget(d.FallbackCNAME)
	default:
		return fmt.Errorf("down response type %d does not exist", d.Type)
	}
}

func checkFallbackIP(d *DownResponse) error {
	v4 := [...]netip.Addr{d.FallbackIP, d.PublicFallbackIP}
	v6 := [...]netip.Addr{d.FallbackIP6, d.PublicFallbackIP6}
	some := false
	for i := range v4 {
		if v4[i].IsValid() && !v4[i].Is4() {
			return fmt.Errorf("fallback IP %v is not IPv4", v4[i])
		}
		if v6[i].IsValid() && !isIPv6(v6[i]) {
			return fmt.Errorf("fallback IPv6 %v is not IPv6", v6[i])
		}
		some = some || v4[i].IsValid() || v6[i].IsValid()
	}
	if !some {
		return fmt.Errorf("the down response is a fallback IP and none is given")
	}
	return nil
}

func isIPv6(a netip.Addr) bool { return a.Is6() && !a.Is4In6() }

func checkPool(p *Pool) error {
	err := firstOf(
		inRange("priority", p.Priority, 0, MaxPriority),
		inRange("hash mask", p.HashMask, 0, 31),
		inRange("IPv6 hash mask", p.HashMask6, 0, 127),
		inRange("algorithm", int(p.Algorithm), 0, algorithms-1),
		inRange("fallback algorithm", int(p.Fallback), 0, algorithms-1),
	)
	if err != nil {
		return err
	}
	for i := range p.Members {
		if err := checkMember(&p.Members[i]); err != nil {
			return fmt.Errorf("member %d: %w", i, err)
		}
	}
	return nil
}

func checkMember(m *Member) error {
	err := firstOf(
		inRange("ratio", m.Ratio, 0, MaxRatio),
		inRange("site ratio", m.SiteRatio, 0, MaxRatio),
		inRange("preference order", m.PreferenceOrder, 0, MaxPreferenceOrder),
		checkPlainAddr(m.Addr),
		checkPlainAddr(m.PublicAddr),
		checkLocation(m.Location),
	)
	if err == nil && m.FQDN != "" {
		err = checkTarget(m.FQDN)
	}
	if err == nil && m.FQDN == "" && !m.Addr.IsValid() && !m.PublicAddr.IsValid() {
		err = fmt.Errorf("neither address nor FQDN: give one")
	}
	return err
}

func checkPlainAddr(a netip.Addr) error {
	if a.Is4In6() || a.Zone() != "" {
		return fmt.Errorf("address %v: use a plain IPv4 or IPv6 address", a)
	}
	return nil
}

func checkLocation(l *Location) error {
	if l == nil {
		return nil
	}
	// The comparisons are written so that NaN fails them.
	if !(l.Latitude >= -90 && l.Latitude <= 90 && l.Longitude >= -180 && l.Longitude <= 180) {
		return fmt.Errorf("location %v,%v: use latitude -90..90 and longitude -180..180", l.Latitude, l.Longitude)
	}
	return nil
}

func checkTopologyRule(r *TopologyRule) error {
	err := firstOf(
		checkPrefixes(r.Clients),
		atMost("fallback sites", len(r.Fallbacks), MaxFallbackSites),
		atMost("suffixes", len(r.Suffixes), MaxDomains),
		atMost("countries", len(r.Countries), MaxCountries),
		atMost("port ranges", len(r.Ports), MaxPortRanges),
	)
	for _, p := range r.Ports {
		if err == nil && (p.First == 0 || p.Last < p.First) {
			err = fmt.Errorf("ports %d-%d: give the first and the last one, 1-65535", p.First, p.Last)
		}
	}
	if err == nil && r.Site == "" {
		err = fmt.Errorf("no site: name the site to select")
	}
	if err != nil {
		return fmt.Errorf("topology rule %q: %w", r.Name, err)
	}
	return nil
}

func checkRecord(r *Record) error {
	values := len(r.Addrs) + len(r.NS) + len(r.MX) + len(r.TXT) + len(r.SRV)
	err := firstOf(
		checkTTL(r.TTL),
		inRange("NumIPs", r.NumIPs, 0, MaxNumIPs),
		atMost("names", len(r.Names), MaxDomains),
		atMost("values", values, MaxRecordValues),
		atMost("name servers", len(r.NS), MaxNameServers),
		checkRecordData(r),
	)
	switch {
	case err != nil:
		return err
	case len(r.Names) == 0:
		return fmt.Errorf("no name: give at least one")
	case r.Algorithm != RoundRobin && r.Algorithm != ConsistentHash:
		return fmt.Errorf("algorithm %v: records allow round robin and consistent hash", r.Algorithm)
	case r.Delegated && r.Type != mdns.TypeNS:
		return fmt.Errorf("only NS records can be delegated")
	}
	return nil
}

func checkRecordData(r *Record) error {
	switch r.Type {
	case mdns.TypeA, mdns.TypeAAAA:
		return checkRecordAddrs(r.Addrs, r.Type == mdns.TypeAAAA)
	case mdns.TypeCNAME:
		return checkTarget(r.CNAME)
	case mdns.TypeNS:
		return checkNameServers(r.NS)
	case mdns.TypeMX:
		return checkTargets(len(r.MX), func(i int) string { return r.MX[i].Host })
	case mdns.TypeSRV:
		return checkTargets(len(r.SRV), func(i int) string { return r.SRV[i].Target })
	case mdns.TypeTXT:
		return checkTXT(r.TXT)
	default:
		return fmt.Errorf("type %s is not served: use A, AAAA, CNAME, NS, MX, TXT or SRV", mdns.Type(r.Type))
	}
}

func checkRecordAddrs(addrs []netip.Addr, v6 bool) error {
	if len(addrs) == 0 {
		return fmt.Errorf("no address: give at least one")
	}
	for _, a := range addrs {
		if !a.IsValid() || isIPv6(a) != v6 || a.Is4() == v6 || a.Zone() != "" {
			return fmt.Errorf("address %v does not fit the record's type", a)
		}
	}
	return nil
}

func checkTargets(n int, target func(i int) string) error {
	if n == 0 {
		return fmt.Errorf("no value: give at least one")
	}
	for i := range n {
		if err := checkTarget(target(i)); err != nil {
			return err
		}
	}
	return nil
}

func checkNameServers(servers []NameServer) error {
	if err := checkTargets(len(servers), func(i int) string { return servers[i].Host }); err != nil {
		return err
	}
	for _, ns := range servers {
		if err := atMost("glue addresses", len(ns.Addrs), MaxRecordValues); err != nil {
			return fmt.Errorf("name server %s: %w", ns.Host, err)
		}
		for _, a := range ns.Addrs {
			if !a.IsValid() {
				return fmt.Errorf("name server %s: a glue address is not valid", ns.Host)
			}
			if err := checkPlainAddr(a); err != nil {
				return fmt.Errorf("name server %s: %w", ns.Host, err)
			}
		}
	}
	return nil
}

func checkTXT(texts []string) error {
	if len(texts) == 0 {
		return fmt.Errorf("no text: give at least one")
	}
	for _, text := range texts {
		if err := atMost("bytes of text", len(text), 4096); err != nil {
			return err
		}
	}
	return nil
}
