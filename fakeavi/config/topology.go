package config

import (
	"slices"

	mdns "github.com/miekg/dns"

	"github.com/gslbsim/gslbsim/dns"
)

// topology reads the rules of a DNS virtual service's policies that select a site, in the order of their indexes. Rules
// with conditions that are not simulated never match: they are left out.
func (r *vsReader) topology() []dns.TopologyRule {
	var all []dns.TopologyRule
	for _, key := range [...]string{"topology_policies", "dns_policies"} {
		for _, p := range byIndex(r.f.messages(key)) {
			for _, rule := range byIndex(r.body(p.text("dns_policy_ref")).messages("rule")) {
				if !rule.flag("enable", true) || rule.message("action").message("gslb_site_selection") == nil {
					continue
				}
				if parsed, ok := r.topologyRule(rule); ok {
					all = append(all, parsed)
				}
			}
		}
	}
	return all
}

// byIndex sorts policies, or rules of one, as they are tried.
func byIndex(all []fields) []fields {
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b fields) int { return a.number("index", 0) - b.number("index", 0) })
	return all
}

// topologyRule reads a rule. Not ok means that it has a condition that is not simulated, or that nothing fulfils.
func (r *vsReader) topologyRule(f fields) (rule dns.TopologyRule, ok bool) {
	site, match := f.message("action").message("gslb_site_selection"), f.message("match")
	rule = dns.TopologyRule{
		Name: f.text("name"), Site: site.text("site_name"), Fallbacks: site.texts("fallback_site_names"),
		SitePreferred: site.flag("is_site_preferred", true),
	}
	ok = r.readClientMatch(&rule, match.message("client_ip_address")) && readPortMatch(&rule, match.message("client_port_numbers")) &&
		readTypeMatch(&rule, match.message("query_type"))
	readTransport(&rule, match.message("protocol"))
	if geo := match.message("geo_location"); geo != nil {
		rule.GeoName, rule.GeoTag = geo.text("geolocation_name"), geo.text("geolocation_tag")
		rule.GeoNot = inverted(geo)
		rule.GeoUseECS = geo.flag("use_edns_client_subnet_ip", true)
	}
	if name := match.message("query_name"); name != nil {
		rule.Suffixes = name.texts("query_domain_names")
		return rule, ok && name.text("match_criteria") == "ENDS_WITH" && len(rule.Suffixes) > 0
	}
	return rule, ok
}

func inverted(f fields) bool { return f.text("match_criteria") == "IS_NOT_IN" }

func (r *vsReader) readClientMatch(rule *dns.TopologyRule, f fields) bool {
	if f == nil {
		return true
	}
	ips := f.message("client_ip")
	rule.Clients = readClients(ips).Prefixes
	for _, group := range ips.texts("group_refs") {
		body := r.body(group)
		rule.Clients = append(rule.Clients, readClients(body).Prefixes...)
		rule.Countries = append(rule.Countries, body.texts("country_codes")...)
	}
	rule.ClientsNot, rule.UseECS = inverted(ips), f.flag("use_edns_client_subnet_ip", true)
	return len(rule.Clients)+len(rule.Countries) > 0 // a group may be empty
}

func readPortMatch(rule *dns.TopologyRule, f fields) bool {
	if f == nil {
		return true
	}
	ports := f.message("client_ports")
	for _, port := range ports.numbers("ports") {
		rule.Ports = append(rule.Ports, dns.PortRange{First: uint16(port), Last: uint16(port)})
	}
	for _, p := range ports.messages("ranges") {
		rule.Ports = append(rule.Ports, dns.PortRange{First: uint16(p.number("start", 0)), Last: uint16(p.number("end", 0))})
	}
	rule.PortsNot = inverted(ports)
	return len(rule.Ports) > 0
}

// readTypeMatch leaves types out that GSLB services have no answers for: no site is selected for them.
func readTypeMatch(rule *dns.TopologyRule, f fields) bool {
	if f == nil {
		return true
	}
	for _, name := range f.texts("query_type") {
		if t, known := steeredTypes[name]; known {
			rule.Types = append(rule.Types, t)
		}
	}
	rule.TypesNot = inverted(f)
	return len(rule.Types) > 0 || rule.TypesNot
}

var steeredTypes = map[string]uint16{
	"DNS_RECORD_A": mdns.TypeA, "DNS_RECORD_AAAA": mdns.TypeAAAA, "DNS_RECORD_CNAME": mdns.TypeCNAME, "DNS_RECORD_SRV": mdns.TypeSRV,
	"DNS_RECORD_ANY": mdns.TypeANY,
}

func readTransport(rule *dns.TopologyRule, f fields) {
	if f == nil {
		return
	}
	rule.Transport = dns.OverUDP
	if (f.text("protocol") == "DNS_OVER_TCP") != inverted(f) {
		rule.Transport = dns.OverTCP
	}
}
