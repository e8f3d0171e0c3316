package config_test

import (
	"net/netip"
	"testing"

	mdns "github.com/miekg/dns"
	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/dns"
	"github.com/gslbsim/gslbsim/fakeavi/config"
	"github.com/gslbsim/gslbsim/fakeavi/engine"
)

// profiles creates the profiles that virtual services refer to.
func (d db) profiles() {
	for name, typ := range map[string]string{"http": "HTTP", "l4": "L4", "dns": "DNS"} {
		d.make("applicationprofile", obj{"name": name, "type": "APPLICATION_PROFILE_TYPE_" + typ})
	}
	d.make("networkprofile", obj{"name": "udp", "profile": obj{"type": "PROTOCOL_TYPE_UDP_FAST_PATH"}})
	d.make("networkprofile", obj{"name": "tcp", "profile": obj{"type": "PROTOCOL_TYPE_TCP_PROXY"}})
	d.make("vsvip", obj{"name": "vip", "vip": []any{
		obj{"vip_id": "1", "ip_address": ip("10.1.0.1"), "ip6_address": obj{"addr": "2001:db8::1", "type": "V6"}},
		obj{"vip_id": "2", "ip_address": ip("10.1.0.2"), "enabled": false},
	}, "dns_info": []any{obj{"fqdn": "vip.example"}}})
}

func TestReadVirtualService(t *testing.T) {
	d := newDB(t)
	d.profiles()
	pool := d.make("pool", obj{"name": "p"})
	off := d.make("pool", obj{"name": "off", "enabled": false})
	d.make("poolgroup", obj{"name": "pg", "members": []any{
		obj{"pool_ref": "/api/pool?name=p", "ratio": 3, "priority_label": "10"}, obj{"pool_ref": "/api/pool?name=off"},
	}})
	d.make("httppolicyset", obj{"name": "paths", "http_request_policy": obj{"rules": []any{
		obj{"name": "r", "index": 1, "match": obj{"path": obj{"match_criteria": "EQUALS", "match_str": []any{"/x"}}},
			"switching_action": obj{"action": "HTTP_SWITCHING_SELECT_POOLGROUP", "pool_group_ref": "/api/poolgroup?name=pg"}},
		obj{"name": "other", "index": 2, "match": obj{"path": obj{"match_criteria": "EQUALS", "match_str": []any{"/y"}}},
			"redirect_action": obj{"protocol": "HTTPS"}},
	}}})
	o := d.make("virtualservice", obj{
		"name": "web", "vsvip_ref": "/api/vsvip?name=vip", "application_profile_ref": "/api/applicationprofile?name=http",
		"pool_ref": "/api/pool?name=p", "services": []any{obj{"port": 80}, obj{"port": 443, "port_range_end": 445, "enable_ssl": true}},
		"http_policies": []any{obj{"index": 1, "http_policy_set_ref": "/api/httppolicyset?name=paths"}}, "traffic_enabled": false,
	})
	vs := config.ReadVirtualService(o, d.find)
	one := engine.Pool{UUID: pool.UUID, Enabled: true, Ratio: 1}
	d.g.Expect(vs).To(Equal(engine.VirtualService{
		UUID: o.UUID, Name: "web", Kind: engine.KindHTTP, Enabled: true,
		VIPs:      []netip.Addr{netip.MustParseAddr("10.1.0.1"), netip.MustParseAddr("2001:db8::1")},
		Listeners: []engine.Listener{{First: 80, Last: 80}, {First: 443, Last: 445, TLS: true}},
		Pools:     []engine.Pool{one},
		Routes: []engine.Route{{Match: engine.PathEquals, Paths: []string{"/x"}, Pools: []engine.Pool{
			{UUID: pool.UUID, Enabled: true, Priority: 10, Ratio: 3}, {UUID: off.UUID, Ratio: 1},
		}}},
	}))
}

func TestReadChildVirtualService(t *testing.T) {
	d := newDB(t)
	d.profiles()
	parent := d.make("virtualservice", obj{
		"name": "parent", "type": "VS_TYPE_VH_PARENT", "vsvip_ref": "/api/vsvip?name=vip",
		"application_profile_ref": "/api/applicationprofile?name=http", "services": []any{obj{"port": 443, "enable_ssl": true}},
	})
	o := d.make("virtualservice", obj{
		"name": "child", "type": "VS_TYPE_VH_CHILD", "vh_parent_vs_ref": "/api/virtualservice?name=parent",
		"application_profile_ref": "/api/applicationprofile?name=http", "vh_domain_name": []any{"sni.example"},
		"vh_matches": []any{obj{"host": "evh.example", "rules": []any{obj{
			"name": "r", "matches": obj{"path": obj{"match_criteria": "BEGINS_WITH", "match_str": []any{"/a", "/b"}}},
		}}}},
	})
	vs := config.ReadVirtualService(o, d.find)
	d.g.Expect(vs.Parent).To(Equal(parent.UUID))
	d.g.Expect(vs.VIPs).To(BeEmpty())
	d.g.Expect(vs.Listeners).To(BeEmpty())
	d.g.Expect(vs.Hosts).To(Equal([]engine.Host{{Name: "sni.example"}, {Name: "evh.example", Paths: []string{"/a", "/b"}}}))
}

func TestListenersFollowTheNetworkProfile(t *testing.T) {
	d := newDB(t)
	d.profiles()
	listeners := func(name, app, network string, services ...any) []engine.Listener {
		return config.ReadVirtualService(d.make("virtualservice", obj{
			"name": name, "vsvip_ref": "/api/vsvip?name=vip", "application_profile_ref": "/api/applicationprofile?name=" + app,
			"network_profile_ref": "/api/networkprofile?name=" + network, "services": services,
		}), d.find).Listeners
	}
	d.g.Expect(listeners("tcp", "l4", "tcp", obj{"port": 1})).To(Equal([]engine.Listener{{First: 1, Last: 1}}))
	d.g.Expect(listeners("udp", "l4", "udp", obj{"port": 1})).To(Equal([]engine.Listener{{First: 1, Last: 1, Protocol: engine.UDP}}))
	d.g.Expect(listeners("mixed", "l4", "udp", obj{"port": 1, "override_network_profile_ref": "/api/networkprofile?name=tcp"})).To(
		Equal([]engine.Listener{{First: 1, Last: 1}}))
	d.g.Expect(listeners("dns", "dns", "udp", obj{"port": 53})).To(Equal([]engine.Listener{
		{First: 53, Last: 53, Protocol: engine.UDP}, {First: 53, Last: 53},
	}))
}

func TestReadDNS(t *testing.T) {
	d := newDB(t)
	d.make("applicationprofile", obj{"name": "own", "type": "APPLICATION_PROFILE_TYPE_DNS", "dns_service_profile": obj{
		"ttl": 60, "num_dns_ip": 0, "error_response": "DNS_ERROR_RESPONSE_ERROR", "aaaa_empty_response": false, "negative_caching_ttl": 5,
		"domain_names": []any{"a.example"}, "name_server": "ns.example", "admin_email": "root", "edns": false,
		"dns_zones": []any{obj{"domain_name": "z.example", "admin_email": "z", "name_server": "nsz.example"}},
	}})
	d.make("dnspolicy", obj{"name": "pol", "rule": []any{
		obj{"name": "near", "index": 1, "enable": true, "match": obj{"client_ip_address": obj{"client_ip": obj{
			"match_criteria": "IS_IN", "prefixes": []any{obj{"ip_addr": ip("10.0.0.0"), "mask": 8}},
		}}}, "action": obj{"gslb_site_selection": obj{"site_name": "a", "fallback_site_names": []any{"b"}, "is_site_preferred": false}}},
		obj{"name": "drop", "index": 2, "enable": true, "action": obj{"allow": obj{"allow": false}}},
	}})
	o := d.make("virtualservice", obj{
		"name": "dns", "application_profile_ref": "/api/applicationprofile?name=own", "services": []any{obj{"port": 53}},
		"dns_policies": []any{obj{"index": 1, "dns_policy_ref": "/api/dnspolicy?name=pol"}},
		"static_dns_records": []any{
			obj{"type": "DNS_RECORD_A", "fqdn": []any{"s.example"}, "ip_address": []any{obj{"ip_address": ip("192.0.2.1")}}, "ttl": 9},
			obj{"type": "DNS_RECORD_NS", "fqdn": []any{"d.example"}, "delegated": true, "ns": []any{obj{"nsname": "ns.d.example", "ip_address": ip("192.0.2.2")}}},
			obj{"type": "DNS_RECORD_MX", "fqdn": []any{"m.example"}, "mx_records": []any{obj{"host": "mail.example", "priority": 5}}},
			obj{"type": "DNS_RECORD_TXT", "fqdn": []any{"t.example"}, "txt_records": []any{obj{"text_str": "hi"}}},
			obj{"type": "DNS_RECORD_SRV", "fqdn": []any{"v.example"}, "service_locator": []any{obj{"target": "x.example", "priority": 1, "weight": 2, "port": 3}}},
			obj{"type": "DNS_RECORD_CNAME", "fqdn": []any{"c.example"}, "cname": obj{"cname": "target.example"}},
		},
	})
	got := config.ReadDNS(o, d.find, nil, "cluster-a")
	d.g.Expect(got.GSLB).To(BeFalse())
	d.g.Expect(got.Profile).To(Equal(dns.Profile{
		TTL: 60, ErrorResponse: dns.ErrorRespond, NegativeTTL: 5, Domains: []string{"a.example"}, NameServer: "ns.example",
		AdminEmail: "root", Zones: []dns.Zone{{Domain: "z.example", AdminEmail: "z", NameServer: "nsz.example"}},
	}))
	d.g.Expect(got.Topology).To(Equal([]dns.TopologyRule{{
		Name: "near", Clients: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}, Site: "a", Fallbacks: []string{"b"}, UseECS: true,
	}}))
	_, err := dns.NewTable(dns.Config{Profile: got.Profile, Records: got.Records, Topology: got.Topology})
	d.g.Expect(err).NotTo(HaveOccurred())
	nine := uint32(9)
	d.g.Expect(got.Records).To(HaveLen(6))
	d.g.Expect(got.Records[0]).To(Equal(dns.Record{
		Names: []string{"s.example"}, Type: mdns.TypeA, TTL: &nine, Addrs: []netip.Addr{netip.MustParseAddr("192.0.2.1")},
	}))
	d.g.Expect(got.Records[1].NS).To(Equal([]dns.NameServer{{Host: "ns.d.example", Addrs: []netip.Addr{netip.MustParseAddr("192.0.2.2")}}}))
}

// Topology rules are tried in the order of the indexes of policies and rules, wherever they stand; a rule whose conditions are
// not simulated matches nobody, rather than everybody.
func TestReadTopologyRules(t *testing.T) {
	d := newDB(t)
	d.profiles()
	to := func(site string) obj { return obj{"gslb_site_selection": obj{"site_name": site}} }
	rule := func(index int, name string, match obj) obj {
		return obj{"name": name, "index": index, "enable": true, "match": match, "action": to("a")}
	}
	in := func(clients obj) obj {
		clients["match_criteria"] = "IS_NOT_IN"
		return obj{"client_ip_address": obj{"client_ip": clients}}
	}
	named := func(criterion string) obj {
		return obj{"query_name": obj{"match_criteria": criterion, "query_domain_names": []any{"x.example"}}}
	}
	d.make("ipaddrgroup", obj{"name": "lab", "prefixes": []any{obj{"ip_addr": ip("10.1.0.0"), "mask": 16}}})
	d.make("ipaddrgroup", obj{"name": "land", "country_codes": []any{"DE"}})
	d.make("ipaddrgroup", obj{"name": "empty"})
	d.make("dnspolicy", obj{"name": "late", "rule": []any{rule(1, "last", obj{})}})
	d.make("dnspolicy", obj{"name": "early", "rule": []any{
		rule(3, "third", named("ENDS_WITH")),
		rule(2, "second", in(obj{"group_refs": []any{"/api/ipaddrgroup?name=lab"}})),
		rule(1, "first", obj{"geo_location": obj{"match_criteria": "IS_IN", "geolocation_tag": "emea"}}),
		rule(4, "countries", in(obj{"group_refs": []any{"/api/ipaddrgroup?name=land"}})),
		rule(5, "nowhere", in(obj{"group_refs": []any{"/api/ipaddrgroup?name=empty"}})),
		rule(6, "exactly", named("EQUALS")),
		rule(7, "over TCP", obj{"protocol": obj{"match_criteria": "IS_IN", "protocol": "DNS_OVER_TCP"}}),
		rule(8, "not over TCP", obj{"protocol": obj{"match_criteria": "IS_NOT_IN", "protocol": "DNS_OVER_TCP"}}),
		rule(9, "ports", obj{"client_port_numbers": obj{"client_ports": obj{"match_criteria": "IS_NOT_IN", "ports": []any{53},
			"ranges": []any{obj{"start": 1000, "end": 2000}}}}}),
		rule(10, "types", obj{"query_type": obj{"match_criteria": "IS_IN", "query_type": []any{"DNS_RECORD_AAAA", "DNS_RECORD_MX"}}}),
		rule(11, "no type with answers", obj{"query_type": obj{"match_criteria": "IS_IN", "query_type": []any{"DNS_RECORD_MX"}}}),
		rule(12, "all types with answers", obj{"query_type": obj{"match_criteria": "IS_NOT_IN", "query_type": []any{"DNS_RECORD_MX"}}}),
		rule(13, "own address", obj{
			"client_ip_address": obj{"client_ip": obj{"match_criteria": "IS_IN", "addrs": []any{ip("10.0.0.1")}}, "use_edns_client_subnet_ip": false},
			"geo_location":      obj{"match_criteria": "IS_NOT_IN", "geolocation_name": "DE"},
		}),
	}})
	o := d.make("virtualservice", obj{
		"name": "dns", "application_profile_ref": "/api/applicationprofile?name=dns", "services": []any{obj{"port": 53}},
		"dns_policies": []any{
			obj{"index": 2, "dns_policy_ref": "/api/dnspolicy?name=late"}, obj{"index": 1, "dns_policy_ref": "/api/dnspolicy?name=early"},
		},
	})
	rules := config.ReadDNS(o, d.find, nil, "cluster-a").Topology
	var names []string
	for _, r := range rules {
		names = append(names, r.Name)
	}
	d.g.Expect(names).To(Equal([]string{"first", "second", "third", "countries", "over TCP", "not over TCP", "ports", "types",
		"all types with answers", "own address", "last"}))
	d.g.Expect(rules[1].Clients).To(Equal([]netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")}))
	d.g.Expect(rules[1].ClientsNot).To(BeTrue())
	d.g.Expect(rules[2].Suffixes).To(Equal([]string{"x.example"}))
	conditions := func(r dns.TopologyRule) dns.TopologyRule {
		r.Name, r.Site, r.SitePreferred = "", "", false
		return r
	}
	for i, want := range []dns.TopologyRule{
		{Countries: []string{"DE"}, ClientsNot: true, UseECS: true},
		{Transport: dns.OverTCP},
		{Transport: dns.OverUDP},
		{Ports: []dns.PortRange{{First: 53, Last: 53}, {First: 1000, Last: 2000}}, PortsNot: true},
		{Types: []uint16{mdns.TypeAAAA}},
		{TypesNot: true},
		{Clients: []netip.Prefix{netip.MustParsePrefix("10.0.0.1/32")}, GeoName: "DE", GeoNot: true, GeoUseECS: true},
		{},
	} {
		d.g.Expect(conditions(rules[3+i])).To(Equal(want), rules[3+i].Name)
	}
	_, err := dns.NewTable(dns.Config{Topology: rules})
	d.g.Expect(err).NotTo(HaveOccurred())
}

func TestPlacement(t *testing.T) {
	d := newDB(t)
	d.profiles()
	o := d.make("virtualservice", obj{
		"name": "dns", "application_profile_ref": "/api/applicationprofile?name=dns", "services": []any{obj{"port": 53}},
	})
	place := []any{obj{"dns_vs_uuid": o.UUID, "domain_names": []any{"x.example"}}}
	cases := map[string]struct {
		site obj
		want bool
	}{
		"placed":   {obj{"dns_vses": place}, true},
		"not":      {obj{}, false},
		"disabled": {obj{"dns_vses": place, "enabled": false}, false},
		"passive":  {obj{"dns_vses": place, "member_type": "GSLB_PASSIVE_MEMBER"}, false},
	}
	for name, c := range cases {
		g := config.ReadGslb(d.make("gslb", obj{
			"name": name, "leader_cluster_uuid": "cluster-a", "sites": []any{site("a", c.site)},
		}).Body)
		got := config.ReadDNS(o, d.find, &g, "cluster-a")
		d.g.Expect(got.GSLB).To(Equal(c.want), name)
		if c.want {
			d.g.Expect(got.Domains).To(Equal([]string{"x.example"}))
		}
	}
}

func TestReadFQDNs(t *testing.T) {
	d := newDB(t)
	d.profiles()
	names := func(name string, more obj) (out []string) {
		body := obj{"name": name, "vsvip_ref": "/api/vsvip?name=vip", "application_profile_ref": "/api/applicationprofile?name=http"}
		for k, v := range more {
			body[k] = v
		}
		for _, r := range config.ReadFQDNs(d.make("virtualservice", body), d.find) {
			d.g.Expect(r.Origin).To(Equal(dns.VirtualServiceRecord))
			out = append(out, r.Names[0]+" "+mdns.TypeToString[r.Type])
		}
		return out
	}
	d.g.Expect(names("plain", nil)).To(Equal([]string{"vip.example A", "vip.example AAAA"}))
	d.g.Expect(names("fqdn", obj{"fqdn": "f.example"})).To(Equal([]string{"vip.example A", "vip.example AAAA", "f.example A", "f.example AAAA"}))
	d.g.Expect(names("cname", obj{"dns_info": []any{obj{"fqdn": "c.example", "type": "DNS_RECORD_CNAME", "cname": obj{"cname": "x.example"}}}})).To(
		ContainElement("c.example CNAME"))
}
