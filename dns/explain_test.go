package dns_test

import (
	"testing"

	mdns "github.com/miekg/dns"
	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/dns"
)

func TestExplain(t *testing.T) {
	off := pool("off", 90, up("10.0.9.1"))
	off.Enabled = false
	public := pool("public", 80, up("10.0.8.1"))
	public.Kind = dns.PublicPool
	geo := pool("geo", 20, at("lon", in(london, up("10.0.1.1"))), at("nyc", in(newYork, up("10.0.1.2"))), down("10.0.1.3"))
	geo.Algorithm, geo.Fallback = dns.Geo, dns.ConsistentHash
	s := app(off, public, pool("v6", 70, up("2001:db8::1")), pool("dead", 60, down("10.0.7.1")), geo,
		pool("low", 10, up("10.0.2.1")), pool("zero", 0, up("10.0.3.1")))
	profile := systemProfile()
	profile.Clients = &dns.ClientGroup{Kind: dns.ListsPrivate, Prefixes: prefixes("192.0.2.0/24")}
	r := serve(t, dns.Config{
		Profile: profile, Services: []dns.Service{s}, Geo: world{"192.0.2.0": paris},
		Records: []dns.Record{
			{Names: []string{"sub.gslb.example"}, Type: mdns.TypeNS, Delegated: true, NS: []dns.NameServer{{Host: "ns.example"}}, Owner: "vs-dns"},
		},
	})
	why := func(q *mdns.Msg) string {
		reply, d := r.Respond(q, stranger)
		return d.Explanation(reply).String()
	}
	g := NewWithT(t)
	g.Expect(why(withECS(query(appName, mdns.TypeA), "192.0.2.0/24"))).To(Equal(`query: app.gslb.example. A from 198.51.100.7
match: GSLB service app at app.gslb.example.; authoritative for gslb.example.
client subnet: 192.0.2.0/24, used, scope /24
client class: private
client location: 48.8500,2.3500 FR/IDF/Paris
service: enabled, pools by priority, 1 per answer, TTL 30 s, down response none
pool off: priority 90, round robin, 1 of 1 members usable, not chosen: disabled
  10.0.9.1, ratio 1: up
pool public: priority 80, round robin, 1 of 1 members usable, not chosen: not for private clients
  10.0.8.1, ratio 1: up
pool v6: priority 70, round robin, 1 of 1 members usable, not chosen: no member of the asked type
  2001:db8::1, ratio 1: up
pool dead: priority 60, round robin, 0 of 1 members usable, not chosen: no usable member
  10.0.7.1, ratio 1: down
pool geo: priority 20, geo, 2 of 3 members usable, chosen: highest usable priority
  10.0.1.1 at lon, ratio 1: up, answered
  10.0.1.2 at nyc, ratio 1: up
  10.0.1.3, ratio 1: down
pool low: priority 10, round robin, 1 of 1 members usable, not chosen: lower priority
  10.0.2.1, ratio 1: up
pool zero: priority 0, round robin, 1 of 1 members usable, not chosen: priority 0
  10.0.3.1, ratio 1: up
algorithm: geo, 343 km
outcome: answered, NOERROR
  app.gslb.example. 30 IN A 10.0.1.1
`))
	g.Expect(why(query("x.sub.gslb.example.", mdns.TypeA))).To(Equal(`query: x.sub.gslb.example. A from 198.51.100.7
match: delegation at sub.gslb.example. (static record vs-dns), by suffix; authoritative for gslb.example.
outcome: referral, NOERROR
  sub.gslb.example. 30 IN NS ns.example.
`))
	g.Expect(why(query("no.gslb.example.", mdns.TypeA))).To(Equal(`query: no.gslb.example. A from 198.51.100.7
match: nothing; authoritative for gslb.example.
outcome: name error, NXDOMAIN
  gslb.example. 30 IN SOA gslb.example. hostmaster. 1 10800 3600 86400 30
`))
	g.Expect(why(&mdns.Msg{})).To(Equal("outcome: rejected, FORMERR\n"))
	s.Enabled = false
	r = serve(t, dns.Config{Services: []dns.Service{s}})
	g.Expect(why(query(appName, mdns.TypeA))).To(ContainSubstring("service down, down response: none\noutcome: dropped, service down\n"))
}

func TestPoolReports(t *testing.T) {
	reports := func(s dns.Service, geo dns.GeoDB, rules []dns.TopologyRule) map[string]string {
		r := serve(t, dns.Config{Services: []dns.Service{s}, Geo: geo, Topology: rules})
		_, d := ask(r, mdns.TypeA)
		why := map[string]string{}
		for _, p := range d.PoolReports() {
			why[p.Pool.Name] = p.Why
			if p.Chosen {
				why[p.Pool.Name] += " *"
			}
		}
		return why
	}
	g := NewWithT(t)
	s := app(pool("a", 10, up("10.0.0.1")), pool("b", 5, up("10.0.0.2")), pool("c", 1, up("10.0.0.3")))
	s.MinMembers = 2
	g.Expect(reports(s, nil, nil)).To(Equal(map[string]string{
		"a": "highest usable priority *", "b": "added to reach min_members *", "c": "lower priority"}))

	s = app(pool("a", 10, up("10.0.0.1")), pool("b", 10, up("10.0.0.2")))
	g.Expect(reports(s, nil, nil)).To(Or(
		Equal(map[string]string{"a": "its turn among equal priorities *", "b": "not its turn"}),
		Equal(map[string]string{"b": "its turn among equal priorities *", "a": "not its turn"})))

	s = app(pool("us", 10, in(newYork, up("10.0.0.1"))), pool("uk", 5, in(london, up("10.0.0.2"))))
	s.PoolAlgorithm = dns.PoolsByGeo
	g.Expect(reports(s, everywhere{paris}, nil)).To(Equal(map[string]string{"us": "not the closest", "uk": "closest to the client *"}))
	g.Expect(reports(s, nil, nil)).To(Equal(map[string]string{"us": "highest usable priority *", "uk": "lower priority"}))

	s = app(pool("a", 10, at("x", up("10.0.0.1"))), pool("b", 5, at("y", up("10.0.0.2"))))
	s.TopologyEnabled = true
	rules := []dns.TopologyRule{{Name: "r", Site: "y"}}
	g.Expect(reports(s, nil, rules)["b"]).To(Equal("topology policy *"))

	s.Enabled = false
	g.Expect(reports(s, nil, nil)).To(Equal(map[string]string{"a": "service disabled", "b": "service disabled"}))
	var nothing dns.Decision
	g.Expect(nothing.PoolReports()).To(BeNil())
}

func TestRows(t *testing.T) {
	s := app(pool("a", 10, at("lon", up("10.0.0.1"))), pool("b", 5, up("10.0.0.2"), named("x.example", "")))
	s.Tenant, s.NumIPs = "admin", ptr(3)
	table := newTable(t, dns.Config{Profile: systemProfile(), Services: []dns.Service{s}, Records: []dns.Record{
		{Names: []string{"a.gslb.example"}, Type: mdns.TypeA, Addrs: addrs("10.9.9.9"), TTL: ptr(uint32(7)), Owner: "g-dns"},
		{Names: []string{"t.gslb.example"}, Type: mdns.TypeMX, MX: []dns.MX{{Host: "m.example", Preference: 1}}},
	}})
	NewWithT(t).Expect(table.Rows()).To(Equal([]dns.Row{
		{FQDN: "a.gslb.example", TTL: 7, Addresses: []string{"10.9.9.9"}, Service: "g-dns"},
		{FQDN: "app.gslb.example", TTL: 30, NumIPs: 3, Addresses: []string{"lon:10.0.0.1", "10.0.0.2", "x.example"}, Service: "app", Tenant: "admin"},
		{FQDN: "t.gslb.example", TTL: 30, Addresses: []string{"MX 1 m.example."}},
	}))
}

func TestRangePrefixes(t *testing.T) {
	tests := []struct {
		first, last string
		want        []string
	}{
		{"10.0.0.0", "10.0.0.255", []string{"10.0.0.0/24"}},
		{"10.0.0.1", "10.0.0.4", []string{"10.0.0.1/32", "10.0.0.2/31", "10.0.0.4/32"}},
		{"0.0.0.0", "255.255.255.255", []string{"0.0.0.0/0"}},
		{"255.255.255.255", "255.255.255.255", []string{"255.255.255.255/32"}},
		{"2001:db8::", "2001:db8::ffff", []string{"2001:db8::/112"}},
	}
	for _, test := range tests {
		got, err := dns.RangePrefixes(ip(test.first), ip(test.last))
		NewWithT(t).Expect(err).NotTo(HaveOccurred())
		NewWithT(t).Expect(got).To(Equal(prefixes(test.want...)))
	}
	for _, bad := range [][2]string{{"10.0.0.2", "10.0.0.1"}, {"10.0.0.2", "::1"}} {
		_, err := dns.RangePrefixes(ip(bad[0]), ip(bad[1]))
		NewWithT(t).Expect(err).To(HaveOccurred())
	}
	_, err := dns.RangePrefixes(ipAddr{}, ipAddr{})
	NewWithT(t).Expect(err).To(HaveOccurred())
}

// Where geo had to do without the client's location, the explanation says so.
func TestExplainUnknownLocation(t *testing.T) {
	p := pool("p", 10, in(london, up("10.0.0.1")), in(newYork, up("10.0.0.2")))
	p.Algorithm, p.Fallback = dns.Geo, dns.ConsistentHash
	r := serve(t, dns.Config{Services: []dns.Service{app(p)}, Geo: world{"10.9.0.1": paris}})
	g := NewWithT(t)
	for client, want := range map[string]string{"10.9.0.1": "client location: 48.", "10.9.0.2": "client location: not known\n"} {
		_, d := r.Respond(query(appName, mdns.TypeA), dns.Client{Addr: ip(client)})
		g.Expect(d.Explain()).To(ContainSubstring(want))
	}
	p.Algorithm = dns.RoundRobin
	_, d := serve(t, dns.Config{Services: []dns.Service{app(p)}}).Respond(query(appName, mdns.TypeA), stranger)
	g.Expect(d.Explain()).NotTo(ContainSubstring("client location"))
}
