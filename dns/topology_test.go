package dns_test

import (
	"net/netip"
	"testing"

	mdns "github.com/miekg/dns"
	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/dns"
)

// serveRule returns a responder whose clients are sent to 10.0.0.1 if a rule
// matches, else to 10.0.0.2. Both have an IPv6 address, too.
func serveRule(t *testing.T, rule dns.TopologyRule, geo dns.GeoDB) *dns.Responder {
	rule.Name, rule.Site = "rule", "a"
	p := pool("p", 10, at("a", up("10.0.0.1")), at("a", up("2001:db8::1")), at("b", up("10.0.0.2")), at("b", up("2001:db8::2")))
	p.Algorithm = dns.Topology
	return serve(t, dns.Config{Services: []dns.Service{app(p)}, Topology: []dns.TopologyRule{rule, {Name: "rest", Site: "b"}}, Geo: geo})
}

func TestTopologyRulesOnQueries(t *testing.T) {
	ports := []dns.PortRange{{First: 53, Last: 53}, {First: 1000, Last: 2000}}
	from := func(port uint16) dns.Client { return dns.Client{Addr: stranger.Addr, Port: port} }
	over := dns.Client{Addr: stranger.Addr, TCP: true}
	tests := []struct {
		name    string
		rule    dns.TopologyRule
		client  dns.Client
		qtype   uint16
		matches bool
	}{
		{"type", dns.TopologyRule{Types: []uint16{mdns.TypeAAAA}}, stranger, mdns.TypeAAAA, true},
		{"another type", dns.TopologyRule{Types: []uint16{mdns.TypeAAAA}}, stranger, mdns.TypeA, false},
		{"second type", dns.TopologyRule{Types: []uint16{mdns.TypeAAAA, mdns.TypeA}}, stranger, mdns.TypeA, true},
		{"not the type", dns.TopologyRule{Types: []uint16{mdns.TypeAAAA}, TypesNot: true}, stranger, mdns.TypeAAAA, false},
		{"not another type", dns.TopologyRule{Types: []uint16{mdns.TypeAAAA}, TypesNot: true}, stranger, mdns.TypeA, true},
		{"none of no types", dns.TopologyRule{TypesNot: true}, stranger, mdns.TypeA, true},
		{"UDP", dns.TopologyRule{Transport: dns.OverUDP}, stranger, mdns.TypeA, true},
		{"UDP, over TCP", dns.TopologyRule{Transport: dns.OverUDP}, over, mdns.TypeA, false},
		{"TCP", dns.TopologyRule{Transport: dns.OverTCP}, over, mdns.TypeA, true},
		{"TCP, over UDP", dns.TopologyRule{Transport: dns.OverTCP}, stranger, mdns.TypeA, false},
		{"port", dns.TopologyRule{Ports: ports}, from(53), mdns.TypeA, true},
		{"first port", dns.TopologyRule{Ports: ports}, from(1000), mdns.TypeA, true},
		{"last port", dns.TopologyRule{Ports: ports}, from(2000), mdns.TypeA, true},
		{"port before", dns.TopologyRule{Ports: ports}, from(999), mdns.TypeA, false},
		{"port behind", dns.TopologyRule{Ports: ports}, from(2001), mdns.TypeA, false},
		{"not the port", dns.TopologyRule{Ports: ports, PortsNot: true}, from(2001), mdns.TypeA, true},
		{"not that port", dns.TopologyRule{Ports: ports, PortsNot: true}, from(53), mdns.TypeA, false},
		{"unknown port", dns.TopologyRule{Ports: ports}, from(0), mdns.TypeA, false},
		{"not, unknown port", dns.TopologyRule{Ports: ports, PortsNot: true}, from(0), mdns.TypeA, false},
	}
	for _, test := range tests {
		r := serveRule(t, test.rule, nil)
		g := NewWithT(t)
		reply, d := r.Respond(query(appName, test.qtype), test.client)
		want := "rest"
		if test.matches {
			want = "rule"
		}
		g.Expect(d.TopologyRule).To(Equal(want), test.name)
		g.Expect(reply.Answer).To(HaveLen(1), test.name)
		wire, err := query(appName, test.qtype).Pack()
		g.Expect(err).NotTo(HaveOccurred())
		worker := r.NewWorker()
		_, v := worker.Answer(wire, make([]byte, 512), test.client)
		g.Expect(v.Quick).To(BeTrue(), test.name)
		g.Expect(worker.Decision(v).TopologyRule).To(Equal(want), "%s, by a worker", test.name)
	}
}

func TestTopologyRulesOnCountries(t *testing.T) {
	geo := world{"10.9.0.1": paris, "10.9.0.2": sydney, "10.9.0.3": {Name: "FRX"}, "10.9.0.4": {Name: "FR"}}
	in := func(not bool) dns.TopologyRule {
		return dns.TopologyRule{Clients: prefixes("192.0.2.0/24"), Countries: []string{"NZ", "FR"}, ClientsNot: not}
	}
	for client, inside := range map[string]bool{
		"10.9.0.1": true, "10.9.0.2": false, "10.9.0.3": false, "10.9.0.4": true, "10.9.0.9": false, "192.0.2.7": true,
	} {
		for _, not := range []bool{false, true} {
			_, d := serveRule(t, in(not), geo).Respond(query(appName, mdns.TypeA), dns.Client{Addr: ip(client)})
			NewWithT(t).Expect(d.TopologyRule == "rule").To(Equal(inside != not), "%s, inverted %t", client, not)
		}
	}
}

// Each condition says for itself whether the client subnet counts, and the
// scope is that of the conditions that use it.
func TestTopologyConditionsUseTheSubnetEachForItself(t *testing.T) {
	geo := world{"10.9.0.0": paris, "198.51.100.7": sydney}
	subnet := withECS(query(appName, mdns.TypeA), "10.9.0.0/24")
	for _, test := range []struct {
		name  string
		rule  dns.TopologyRule
		want  string
		scope int
	}{
		{"country, subnet", dns.TopologyRule{Countries: []string{"FR"}, UseECS: true, GeoName: "AU"}, "rule", 24},
		{"country, own address", dns.TopologyRule{Countries: []string{"AU"}, GeoName: "FR", GeoUseECS: true}, "rule", 24},
		{"both of the own address", dns.TopologyRule{Countries: []string{"AU"}, GeoName: "AU"}, "rule", 0},
		{"none fits the subnet", dns.TopologyRule{Countries: []string{"AU"}, UseECS: true}, "rest", 24},
	} {
		g := NewWithT(t)
		reply, d := serveRule(t, test.rule, geo).Respond(subnet, stranger)
		g.Expect(d.TopologyRule).To(Equal(test.want), test.name)
		g.Expect(scope(reply)).To(Equal(test.scope), test.name)
	}
}

func TestTopologyRulesThatAreRefused(t *testing.T) {
	for want, rule := range map[string]dns.TopologyRule{
		"no site":                    {},
		"ports 0-5":                  {Site: "a", Ports: []dns.PortRange{{Last: 5}}},
		"ports 9-8":                  {Site: "a", Ports: []dns.PortRange{{First: 9, Last: 8}}},
		"65 port ranges: at most 64": {Site: "a", Ports: make([]dns.PortRange, 65)},
		"301 countries: at most 300": {Site: "a", Countries: make([]string, 301)},
		"65 fallback sites: at most": {Site: "a", Fallbacks: make([]string, 65)},
		"prefix invalid":             {Site: "a", Clients: make([]netip.Prefix, 1)},
	} {
		_, err := dns.NewTable(dns.Config{Profile: dns.SystemProfile(), Topology: []dns.TopologyRule{rule}})
		NewWithT(t).Expect(err).To(MatchError(ContainSubstring(want)))
	}
}
