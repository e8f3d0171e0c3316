package dnsfile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	mdns "github.com/miekg/dns"

	"github.com/gslbsim/gslbsim/dns"
	"github.com/gslbsim/gslbsim/sim/strict"
)

// reader turns a document into a table's configuration and collects mistakes.
type reader struct{ f *strict.File }

// orElse is a setting, or its default where the file does not have it.
func orElse[T any](given *T, otherwise T) T {
	if given == nil {
		return otherwise
	}
	return *given
}

// word looks a word up among those a field allows; the empty word stands for the first.
func word[T any](r *reader, field, given string, words []string, values []T) T {
	if given == "" {
		return values[0]
	}
	if i := slices.Index(words, given); i >= 0 {
		return values[i]
	}
	hint := "use " + strings.Join(words, ", ")
	if near := strict.Nearest(given, words); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	r.f.Fail(field, "%q is not known (%s)", given, hint)
	return values[0]
}

// within reports a number that is out of range.
func within[T cmp.Ordered](r *reader, field string, value, low, high T) {
	if value < low || value > high {
		r.f.Fail(field, "%v is out of range (use %v to %v)", value, low, high)
	}
}

func (r *reader) config(doc *document) dns.Config {
	config := dns.Config{Profile: r.profile(&doc.Profile)}
	for i := range doc.Services {
		config.Services = append(config.Services, r.service(item("services", i), &doc.Services[i]))
	}
	r.tellApart(doc.Services, config.Services)
	for i := range doc.Records {
		config.Records = append(config.Records, r.record(item("records", i), &doc.Records[i]))
	}
	for i := range doc.Topology {
		config.Topology = append(config.Topology, r.topologyRule(item("topology", i), &doc.Topology[i]))
	}
	return config
}

// tellApart reports services of one UUID. Unless a file says otherwise the UUID comes from the name, and the name from the
// first domain.
func (r *reader) tellApart(given []service, services []dns.Service) {
	first := make(map[string]int, len(services))
	for i := range services {
		uuid := services[i].UUID
		j, taken := first[uuid]
		if !taken {
			first[uuid] = i
			continue
		}
		field, value := ".uuid", uuid
		switch {
		case given[i].UUID != "":
		case given[i].Name != "":
			field, value = ".name", services[i].Name
		case len(services[i].Domains) == 0: // reported already
			continue
		default:
			field, value = ".domains[0]", services[i].Domains[0]
		}
		earlier := item("services", j)
		r.f.Fail(item("services", i)+field, "%q is that of %s in line %d: give each service its own", value, earlier, r.f.Line(earlier))
	}
}

// profile starts from the product's shipped System-DNS profile.
func (r *reader) profile(p *profile) dns.Profile {
	out := dns.SystemProfile()
	out.TTL = orElse(p.TTL, out.TTL)
	out.NumIPs = orElse(p.NumIPs, out.NumIPs)
	out.ErrorResponse = word(r, "profile.error-response", p.ErrorResponse,
		[]string{"respond", "drop"}, []dns.ErrorResponse{dns.ErrorRespond, dns.ErrorDrop})
	out.AAAAEmpty = orElse(p.AAAAEmpty, out.AAAAEmpty)
	out.NegativeTTL = orElse(p.NegativeTTL, out.NegativeTTL)
	out.Domains = p.Domains
	for _, z := range p.Zones {
		out.Zones = append(out.Zones, dns.Zone(z))
	}
	out.AdminEmail = cmp.Or(p.AdminEmail, out.AdminEmail)
	out.NameServer = p.NameServer
	out.EDNS = orElse(p.EDNS, out.EDNS)
	if p.Clients != nil {
		out.Clients = &dns.ClientGroup{Prefixes: p.Clients.Networks, Kind: word(r, "profile.clients.lists", p.Clients.Lists,
			[]string{"public", "private"}, []dns.ClientKind{dns.ListsPublic, dns.ListsPrivate})}
	}
	within(r, "profile.ttl", out.TTL, 0, dns.MaxTTL)
	within(r, "profile.num-dns-ip", out.NumIPs, 0, dns.MaxNumIPs)
	within(r, "profile.negative-caching-ttl", out.NegativeTTL, 0, dns.MaxTTL)
	return out
}

func (r *reader) service(field string, s *service) dns.Service {
	out := dns.Service{
		Name: s.Name, Tenant: s.Tenant, Domains: s.Domains, Enabled: orElse(s.Enabled, true), TTL: s.TTL, NumIPs: s.NumIPs,
		MinMembers: s.MinMembers, Wildcard: s.Wildcard, ResolveCNAME: s.ResolveCNAME, UseECS: orElse(s.UseECS, true),
		AdditionalRecords: s.AdditionalRecords, TopologyEnabled: s.Topology,
	}
	if len(s.Domains) == 0 {
		r.f.Fail(field+".domains", "give at least one domain name")
	} else {
		out.Name = cmp.Or(s.Name, s.Domains[0])
	}
	out.UUID = cmp.Or(s.UUID, "gslbservice-"+out.Name)
	out.PoolAlgorithm = word(r, field+".algorithm", s.Algorithm,
		[]string{"priority", "geo"}, []dns.PoolAlgorithm{dns.PoolsByPriority, dns.PoolsByGeo})
	out.RecordType = word(r, field+".record-type", s.RecordType,
		[]string{"address", "srv"}, []dns.RecordType{dns.AddressRecords, dns.SRVRecords})
	within(r, field+".ttl", orElse(s.TTL, 0), 0, dns.MaxTTL)
	within(r, field+".num-dns-ip", orElse(s.NumIPs, 0), 0, dns.MaxNumIPs)
	within(r, field+".min-members", s.MinMembers, 0, dns.MaxMinMembers)
	out.Down = r.down(field+".down-response", &s.Down)
	for i := range s.Pools {
		out.Pools = append(out.Pools, r.pool(item(field+".pools", i), &s.Pools[i], i))
	}
	return out
}

func (r *reader) down(field string, d *down) dns.DownResponse {
	return dns.DownResponse{
		Type: word(r, field+".type", d.Type, []string{"none", "all-records", "fallback-ip", "empty", "cname"},
			[]dns.DownType{dns.DownNone, dns.DownAllRecords, dns.DownFallbackIP, dns.DownEmpty, dns.DownCNAME}),
		FallbackIP: d.FallbackIP, FallbackIP6: d.FallbackIP6,
		PublicFallbackIP: d.PublicFallbackIP, PublicFallbackIP6: d.PublicFallbackIP6,
		FallbackCNAME: d.FallbackCNAME,
	}
}

var (
	algorithmWords = []string{"round-robin", "consistent-hash", "geo", "topology", "preference-order"}
	algorithms     = []dns.Algorithm{dns.RoundRobin, dns.ConsistentHash, dns.Geo, dns.Topology, dns.PreferenceOrder}
)

// defaultPriority is the product's for a pool that sets none.
const defaultPriority = 10

func (r *reader) pool(field string, p *pool, index int) dns.Pool {
	out := dns.Pool{
		Name: cmp.Or(p.Name, fmt.Sprintf("pool%d", index)), Priority: orElse(p.Priority, defaultPriority),
		HashMask: p.HashMask, HashMask6: p.HashMask6, Enabled: orElse(p.Enabled, true),
		Algorithm: word(r, field+".algorithm", p.Algorithm, algorithmWords, algorithms),
		Fallback:  word(r, field+".fallback-algorithm", p.Fallback, algorithmWords, algorithms),
		Kind: word(r, field+".clients", p.Clients, []string{"generic", "private", "public"},
			[]dns.PoolKind{dns.GenericPool, dns.PrivatePool, dns.PublicPool}),
	}
	within(r, field+".priority", out.Priority, 0, dns.MaxPriority)
	within(r, field+".consistent-hash-mask", p.HashMask, 0, 31)
	within(r, field+".consistent-hash-mask6", p.HashMask6, 0, 127)
	for i := range p.Members {
		out.Members = append(out.Members, r.member(item(field+".members", i), &p.Members[i]))
	}
	return out
}

func (r *reader) member(field string, m *member) dns.Member {
	out := dns.Member{
		Addr: m.IP, FQDN: m.FQDN, PublicAddr: m.PublicIP, Ratio: m.Ratio, PreferenceOrder: m.Preference,
		Enabled: orElse(m.Enabled, true), Up: orElse(m.Up, true), Site: m.Site, SiteRatio: m.SiteRatio, LocationFromDB: m.FromDB,
	}
	within(r, field+".ratio", m.Ratio, 0, dns.MaxRatio)
	within(r, field+".site-ratio", m.SiteRatio, 0, dns.MaxRatio)
	within(r, field+".preference-order", m.Preference, 0, dns.MaxPreferenceOrder)
	if !m.IP.IsValid() && !m.PublicIP.IsValid() && m.FQDN == "" {
		r.f.Fail(field, "has no ip, public-ip or fqdn: give one")
	}
	if l := m.Location; l != nil {
		within(r, field+".location.latitude", l.Latitude, -90, 90)
		within(r, field+".location.longitude", l.Longitude, -180, 180)
		out.Location = &dns.Location{Latitude: l.Latitude, Longitude: l.Longitude, Name: l.Name, Tag: l.Tag}
	}
	if m.SRV != nil {
		out.SRV = &dns.SRVData{Priority: m.SRV.Priority, Weight: m.SRV.Weight, Port: m.SRV.Port}
	}
	return out
}

var (
	typeWords = []string{"A", "AAAA", "CNAME", "NS", "MX", "TXT", "SRV"}
	types     = []uint16{mdns.TypeA, mdns.TypeAAAA, mdns.TypeCNAME, mdns.TypeNS, mdns.TypeMX, mdns.TypeTXT, mdns.TypeSRV}
)

func (r *reader) record(field string, rec *record) dns.Record {
	out := dns.Record{
		Names: rec.Names, Type: word(r, field+".type", rec.Type, typeWords, types), TTL: rec.TTL,
		Algorithm: word(r, field+".algorithm", rec.Algorithm, algorithmWords[:2], algorithms[:2]),
		NumIPs:    rec.NumIPs, Wildcard: rec.Wildcard, Delegated: rec.Delegated,
		Addrs: rec.Addresses, CNAME: rec.CNAME, TXT: rec.TXT,
	}
	within(r, field+".ttl", orElse(rec.TTL, 0), 0, dns.MaxTTL)
	within(r, field+".num-records-in-response", rec.NumIPs, 0, dns.MaxNumIPs)
	for _, ns := range rec.NS {
		out.NS = append(out.NS, dns.NameServer{Host: ns.Host, Addrs: ns.Addresses})
	}
	for _, x := range rec.MX {
		out.MX = append(out.MX, dns.MX{Host: x.Host, Preference: x.Preference})
	}
	for _, s := range rec.SRV {
		out.SRV = append(out.SRV, dns.SRV{Target: s.Target, Priority: s.Priority, Weight: s.Weight, Port: s.Port})
	}
	return out
}

func (r *reader) topologyRule(field string, t *topologyRule) dns.TopologyRule {
	if t.Site == "" {
		r.f.Fail(field+".site", "name the site to select")
	}
	useECS := orElse(t.UseECS, true)
	out := dns.TopologyRule{
		Name: cmp.Or(t.Name, field), Clients: t.Clients, Countries: t.Countries, ClientsNot: t.ClientsNot, PortsNot: t.PortsNot,
		GeoName: t.GeoName, GeoTag: t.GeoTag, GeoNot: t.GeoNot, Suffixes: t.Suffixes, TypesNot: t.TypesNot, Site: t.Site,
		Fallbacks: t.Fallbacks, SitePreferred: orElse(t.SitePreferred, true), UseECS: useECS, GeoUseECS: useECS,
		Transport: word(r, field+".transport", t.Transport, []string{"any", "udp", "tcp"},
			[]dns.Transport{dns.AnyTransport, dns.OverUDP, dns.OverTCP}),
	}
	for _, p := range t.Ports {
		out.Ports = append(out.Ports, dns.PortRange(p))
	}
	for i, name := range t.Types {
		out.Types = append(out.Types, word(r, item(field+".types", i), name, steeredWords, steeredTypes))
	}
	return out
}

// The types of records that GSLB services answer with, and ANY.
var (
	steeredWords = []string{"A", "AAAA", "CNAME", "SRV", "ANY"}
	steeredTypes = []uint16{mdns.TypeA, mdns.TypeAAAA, mdns.TypeCNAME, mdns.TypeSRV, mdns.TypeANY}
)
