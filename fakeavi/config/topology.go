package config

import (
	"slices"

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

// topologyRule reads a rule. Not ok means that it has a condition that is not simulated.
func (r *vsReader) topologyRule(f fields) (rule dns.TopologyRule, ok bool) {
	site, match := f.message("action").message("gslb_site_selection"), f.message("match")
	rule = dns.TopologyRule{
		Name: f.text("name"), Site: site.text("site_name"), Fallbacks: site.texts("fallback_site_names"),
		SitePreferred: site.flag("is_site_preferred", true), UseECS: true,
	}
	for _, key := range [...]string{"query_type", "protocol", "client_port_numbers"} {
		if match.message(key) != nil {
			return rule, false
		}
	}
	if client := match.message("client_ip_address"); client != nil {
		ips := client.message("client_ip")
		rule.Clients = readClients(ips).Prefixes
		for _, group := range ips.texts("group_refs") {
			rule.Clients = append(rule.Clients, readClients(r.body(group)).Prefixes...)
		}
		if len(rule.Clients) == 0 { // a group without addresses, or of countries
			return rule, false
		}
		rule.ClientsNot = ips.text("match_criteria") == "IS_NOT_IN"
		rule.UseECS = client.flag("use_edns_client_subnet_ip", true)
	}
	if geo := match.message("geo_location"); geo != nil {
		rule.GeoName, rule.GeoTag = geo.text("geolocation_name"), geo.text("geolocation_tag")
		rule.GeoNot = geo.text("match_criteria") == "IS_NOT_IN"
		rule.UseECS = geo.flag("use_edns_client_subnet_ip", true)
	}
	if name := match.message("query_name"); name != nil {
		rule.Suffixes = name.texts("query_domain_names")
		return rule, name.text("match_criteria") == "ENDS_WITH" && len(rule.Suffixes) > 0
	}
	return rule, true
}
