package dns_test

import (
	"net/netip"
	"strings"
	"testing"

	mdns "github.com/miekg/dns"
	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/dns"
	"github.com/gslbsim/gslbsim/dns/geodb"
)

// respondECS asks for appName with a client subnet.
func respondECS(r *dns.Responder, subnet string) (*mdns.Msg, dns.Decision) {
	return r.Respond(withECS(query(appName, mdns.TypeA), subnet), stranger)
}

func TestClientSubnetScope(t *testing.T) {
	roundRobin := app(pool("p", 10, up("10.0.0.1"), up("10.0.0.2")))
	hash := app(hashed(pool("p", 10, up("10.0.0.1"), up("10.0.0.2"))))
	masked := app(hashed(pool("p", 10, up("10.0.0.1"), up("10.0.0.2"))))
	masked.Pools[0].HashMask, masked.Pools[0].HashMask6 = 16, 40
	unused := app(hashed(pool("p", 10, up("10.0.0.1"))))
	unused.UseECS = false
	geoPool := pool("p", 10, in(london, up("10.0.0.1")), in(newYork, up("10.0.0.2")))
	geoPool.Algorithm = dns.Geo
	topologyPool := pool("p", 10, at("a", up("10.0.0.1")), at("b", up("10.0.0.2")))
	topologyPool.Algorithm = dns.Topology
	natted := up("10.0.0.1")
	natted.PublicAddr = ip("203.0.113.1")
	nat := app(pool("p", 10, natted))

	csv, err := geodb.ReadCSV(strings.NewReader("V.01\n192.0.0.0,192.0.255.255,51,0\n"))
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	profile := systemProfile()
	profile.Clients = &dns.ClientGroup{Kind: dns.ListsPrivate, Prefixes: prefixes("10.0.0.0/8", "192.0.2.0/28")}
	rules := []dns.TopologyRule{
		{Name: "1", Clients: prefixes("192.0.3.0/24"), Site: "b", UseECS: true},
		{Name: "2", Clients: prefixes("192.0.0.0/12"), Site: "a", UseECS: true},
	}
	tests := []struct {
		name    string
		service dns.Service
		geo     dns.GeoDB
		subnet  string
		scope   int
		used    bool
	}{
		{"turns do not depend on the client", roundRobin, nil, "192.0.2.0/24", 0, false},
		{"hash of all that was sent", hash, nil, "192.0.2.0/24", 24, true},
		{"hash of a mask", masked, nil, "192.0.2.0/24", 16, true},
		{"hash of a wider network than the mask", masked, nil, "192.0.0.0/12", 12, true},
		{"hash of a mask, IPv6", masked, nil, "2001:db8::/56", 40, true},
		{"switched off", unused, nil, "192.0.2.0/24", 0, false},
		{"geo, network known", app(geoPool), csv, "192.0.2.0/24", 16, true},
		{"geo, not found", app(geoPool), csv, "198.51.100.0/24", 6, true},
		{"geo, network not known", app(geoPool), everywhere{paris}, "192.0.2.0/24", 24, true},
		{"topology: up to where the first rule parts", app(topologyPool), nil, "192.0.2.0/24", 24, true},
		{"topology: far from the first rule", app(topologyPool), nil, "192.1.0.0/24", 16, true},
		{"NAT, listed", nat, nil, "192.0.2.0/28", 28, true},
		{"NAT, not listed", nat, nil, "203.0.113.0/24", 5, true},
		{"opted out", hash, nil, "0.0.0.0/0", 0, false},
	}
	for _, test := range tests {
		g := NewWithT(t)
		r := serve(t, dns.Config{Profile: profile, Services: []dns.Service{test.service}, Geo: test.geo, Topology: rules})
		reply, d := respondECS(r, test.subnet)
		g.Expect(scope(reply)).To(Equal(test.scope), test.name)
		g.Expect(d.ECSUsed).To(Equal(test.used), test.name)
		if test.used {
			g.Expect(d.Scope).To(Equal(test.scope), test.name)
		}
	}
}

// TestScopeIsTrue checks what a scope promises: every client in the network
// gets the answer that was given.
func TestScopeIsTrue(t *testing.T) {
	csv, err := geodb.ReadCSV(strings.NewReader("V.01\n10.0.0.0,10.0.0.200,51,0\n10.0.1.0,10.0.3.17,40,-74\n"))
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	p := pool("p", 10, at("a", in(london, up("10.0.0.1"))), at("b", in(newYork, up("10.0.0.2"))))
	p.Algorithm, p.Fallback = dns.Topology, dns.Geo
	natted := at("c", in(sydney, up("10.0.0.3")))
	natted.PublicAddr = ip("203.0.113.3")
	p = with(p, natted)
	profile := systemProfile()
	profile.Clients = &dns.ClientGroup{Prefixes: prefixes("10.0.2.64/26", "10.0.128.0/17")}
	r := serve(t, dns.Config{Profile: profile, Services: []dns.Service{app(p)}, Geo: csv, Topology: []dns.TopologyRule{
		{Name: "1", Clients: prefixes("10.0.3.0/28", "10.1.0.0/16"), Site: "c", UseECS: true},
	}})
	decided := func(addr netip.Addr) ([]string, int, bool) {
		reply, d := respondECS(r, netip.PrefixFrom(addr, 32).String())
		return texts(reply.Answer), scope(reply), d.Draw.Slots > 1
	}
	for i := 0; i < 1<<17; i += 37 {
		addr := netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})
		want, bits, turn := decided(addr)
		network, _ := addr.Prefix(bits)
		first := network.Addr()
		last := lastOf(network)
		for _, other := range []netip.Addr{first, last} {
			if got, _, _ := decided(other); !turn && strings.Join(got, " ") != strings.Join(want, " ") {
				t.Fatalf("%v got %v for %v, but %v gets %v", addr, want, network, other, got)
			}
		}
	}
}

func lastOf(p netip.Prefix) netip.Addr {
	b := p.Addr().AsSlice()
	for i := p.Bits(); i < len(b)*8; i++ {
		b[i/8] |= 0x80 >> (i % 8)
	}
	last, _ := netip.AddrFromSlice(b)
	return last
}

func TestClientSubnetDecides(t *testing.T) {
	s := app(hashed(pool("p", 10, up("10.0.0.1"), up("10.0.0.2"), up("10.0.0.3"))))
	r := serveApp(t, s)
	bySubnet := func(r *dns.Responder, subnet string) string {
		reply, _ := respondECS(r, subnet)
		return texts(reply.Answer)[0]
	}
	g := NewWithT(t)
	for i := range 20 {
		net, _ := client(i).Addr.Prefix(24)
		byAddr := answers(r, dns.Client{Addr: net.Addr()})
		g.Expect(bySubnet(r, net.String())).To(Equal(byAddr[0]))
	}
	s.UseECS = false
	own := answers(serveApp(t, s), stranger)[0]
	for i := range 20 {
		net, _ := client(i).Addr.Prefix(24)
		g.Expect(bySubnet(serveApp(t, s), net.String())).To(Equal(own))
	}
	profile := systemProfile()
	profile.EDNS = false
	reply, d := respondECS(serve(t, dns.Config{Profile: profile, Services: []dns.Service{app(s.Pools...)}}), "192.0.2.0/24")
	g.Expect(reply.IsEdns0()).To(BeNil())
	g.Expect(d.ECS.IsValid()).To(BeFalse())
}

func TestNATAwareAddresses(t *testing.T) {
	natted := up("10.0.0.1")
	natted.PublicAddr = ip("203.0.113.1")
	s := app(pool("p", 10, natted, up("10.0.0.2")))
	s.NumIPs = ptr(0)
	inside, outside := dns.Client{Addr: ip("10.9.9.9")}, stranger
	tests := []struct {
		name   string
		group  *dns.ClientGroup
		client dns.Client
		want   string
	}{
		{"no group", nil, inside, "A 203.0.113.1"},
		{"private listed, inside", &dns.ClientGroup{Kind: dns.ListsPrivate, Prefixes: prefixes("10.0.0.0/8")}, inside, "A 10.0.0.1"},
		{"private listed, outside", &dns.ClientGroup{Kind: dns.ListsPrivate, Prefixes: prefixes("10.0.0.0/8")}, outside, "A 203.0.113.1"},
		{"public listed, inside", &dns.ClientGroup{Kind: dns.ListsPublic, Prefixes: prefixes("198.51.100.0/24")}, inside, "A 10.0.0.1"},
		{"public listed, outside", &dns.ClientGroup{Kind: dns.ListsPublic, Prefixes: prefixes("198.51.100.0/24")}, outside, "A 203.0.113.1"},
	}
	for _, test := range tests {
		profile := systemProfile()
		profile.Clients = test.group
		r := serve(t, dns.Config{Profile: profile, Services: []dns.Service{s}})
		NewWithT(t).Expect(answers(r, test.client)).To(ConsistOf(test.want, "A 10.0.0.2"), test.name)
	}
}
