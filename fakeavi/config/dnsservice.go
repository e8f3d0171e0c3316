package config

import (
	"net/netip"
	"slices"

	mdns "github.com/miekg/dns"

	"github.com/gslbsim/gslbsim/dns"
	"github.com/gslbsim/gslbsim/fakeavi/engine"
)

// ReadDNS says what makes a virtual service with a DNS application profile a DNS virtual service: its profile, its static
// records, its topology rules, and its placement in the federation, if it is a member of one.
func ReadDNS(o Object, find Lookup, g *Gslb, self string) *engine.DNS {
	f := fields(o.Body)
	r := vsReader{f: f, find: find}
	profile := r.body(f.text("application_profile_ref")).message("dns_service_profile")
	d := &engine.DNS{
		Profile:  readProfile(profile),
		NoTCP:    !profile.flag("dns_over_tcp_enabled", true),
		Topology: r.topology(),
		Log:      r.logPolicy(),
	}
	for _, rec := range f.messages("static_dns_records") {
		if parsed, ok := readRecord(rec); ok {
			d.Records = append(d.Records, parsed...)
		}
	}
	if g != nil {
		d.Profile.Clients = g.Clients
		site, _ := g.Site(self)
		i := slices.IndexFunc(site.Placements, func(p Placement) bool { return p.DNS == o.UUID })
		// A disabled or passive site hosts no GSLB services. That a disabled site's DNS virtual services stop answering
		// GSLB names, rather than going on with what they had, is unconfirmed.
		if i >= 0 && site.Enabled && site.Active {
			d.GSLB, d.Domains = true, site.Placements[i].Domains
		}
	}
	return d
}

func readProfile(f fields) dns.Profile {
	p := dns.DefaultProfile()
	p.TTL = uint32(f.number("ttl", int(p.TTL)))
	p.NumIPs = f.number("num_dns_ip", p.NumIPs)
	if f.text("error_response") == "DNS_ERROR_RESPONSE_ERROR" {
		p.ErrorResponse = dns.ErrorRespond
	}
	p.AAAAEmpty = f.flag("aaaa_empty_response", p.AAAAEmpty)
	p.NegativeTTL = uint32(f.number("negative_caching_ttl", int(p.NegativeTTL)))
	p.EDNS = f.flag("edns", p.EDNS)
	p.Domains = f.texts("domain_names")
	p.NameServer = f.text("name_server")
	if email := f.text("admin_email"); email != "" {
		p.AdminEmail = email
	}
	for _, z := range f.messages("dns_zones") {
		p.Zones = append(p.Zones, dns.Zone{
			Domain: z.text("domain_name"), AdminEmail: z.text("admin_email"), NameServer: z.text("name_server"),
		})
	}
	return p
}

var recordTypes = map[string]uint16{
	"DNS_RECORD_A": mdns.TypeA, "DNS_RECORD_AAAA": mdns.TypeAAAA, "DNS_RECORD_CNAME": mdns.TypeCNAME,
	"DNS_RECORD_NS": mdns.TypeNS, "DNS_RECORD_MX": mdns.TypeMX, "DNS_RECORD_TXT": mdns.TypeTXT, "DNS_RECORD_SRV": mdns.TypeSRV,
}

// readRecord reads a DnsRecord. ok is false for types that are not served.
func readRecord(f fields) (records []dns.Record, ok bool) {
	typ, ok := recordTypes[f.text("type")]
	if !ok {
		return nil, false
	}
	rec := dns.Record{
		Names: f.texts("fqdn"), Type: typ, Owner: f.text("description"), Algorithm: recordAlgorithm(f, dns.RoundRobin),
		NumIPs: f.number("num_records_in_response", 0), Wildcard: f.flag("wildcard_match", false),
		Delegated: f.flag("delegated", false), CNAME: f.message("cname").text("cname"), TTL: readTTL(f),
	}
	for _, a := range f.messages("ip_address") {
		rec.Addrs = append(rec.Addrs, a.addr("ip_address"))
	}
	for _, a := range f.messages("ip6_address") {
		rec.Addrs = append(rec.Addrs, a.addr("ip6_address"))
	}
	for _, n := range f.messages("ns") {
		rec.NS = append(rec.NS, dns.NameServer{Host: n.text("nsname"), Addrs: valid(n.addr("ip_address"), n.addr("ip6_address"))})
	}
	for _, m := range f.messages("mx_records") {
		rec.MX = append(rec.MX, dns.MX{Host: m.text("host"), Preference: uint16(m.number("priority", 0))})
	}
	for _, t := range f.messages("txt_records") {
		rec.TXT = append(rec.TXT, t.text("text_str"))
	}
	for _, s := range f.messages("service_locator") {
		rec.SRV = append(rec.SRV, dns.SRV{
			Target: s.text("target"), Priority: uint16(s.number("priority", 0)), Weight: uint16(s.number("weight", 0)),
			Port: uint16(s.number("port", 0)),
		})
	}
	return []dns.Record{rec}, true
}

func readTTL(f fields) *uint32 {
	n, ok := f.optional("ttl")
	if !ok {
		return nil
	}
	ttl := uint32(n)
	return &ttl
}

func recordAlgorithm(f fields, def dns.Algorithm) dns.Algorithm {
	switch f.text("algorithm") {
	case "DNS_RECORD_RESPONSE_CONSISTENT_HASH":
		return dns.ConsistentHash
	case "DNS_RECORD_RESPONSE_ROUND_ROBIN":
		return dns.RoundRobin
	default:
		return def
	}
}

func valid(addrs ...netip.Addr) []netip.Addr {
	return slices.DeleteFunc(addrs, func(a netip.Addr) bool { return !a.IsValid() })
}

// ReadFQDNs returns the records by which a DNS service of the site knows a virtual service: its fqdn or the dns_info of
// its vsvip or of itself, with its VIPs.
func ReadFQDNs(o Object, find Lookup) []dns.Record {
	f := fields(o.Body)
	r := vsReader{f: f, find: find}
	vsvip := r.body(f.text("vsvip_ref"))
	vips := ReadVIPs(vsvip)
	infos := append(f.messages("dns_info"), vsvip.messages("dns_info")...)
	if fqdn := f.text("fqdn"); fqdn != "" {
		infos = append(infos, fields{"fqdn": fqdn})
	}
	var all []dns.Record
	seen := map[string]bool{}
	for _, info := range infos {
		if name := info.text("fqdn"); name != "" && !seen[name] {
			seen[name] = true
			all = append(all, fqdnRecords(info, o.Name, vips)...)
		}
	}
	return all
}

// fqdnRecords returns the records of one dns_info: a CNAME, or addresses of both families as far as there are any.
func fqdnRecords(info fields, owner string, vips []netip.Addr) []dns.Record {
	base := dns.Record{
		Names: []string{info.text("fqdn")}, Origin: dns.VirtualServiceRecord, Owner: owner, TTL: readTTL(info),
		Algorithm: recordAlgorithm(info, dns.ConsistentHash), NumIPs: info.number("num_records_in_response", 1),
	}
	if target := info.message("cname").text("cname"); target != "" {
		base.Type, base.CNAME = mdns.TypeCNAME, target
		return []dns.Record{base}
	}
	v4, v6 := base, base
	v4.Type, v6.Type = mdns.TypeA, mdns.TypeAAAA
	for _, a := range vips {
		if a.Is4() {
			v4.Addrs = append(v4.Addrs, a)
		} else {
			v6.Addrs = append(v6.Addrs, a)
		}
	}
	return slices.DeleteFunc([]dns.Record{v4, v6}, func(r dns.Record) bool { return len(r.Addrs) == 0 })
}
