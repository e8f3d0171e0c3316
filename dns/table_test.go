package dns_test

import (
	"fmt"
	"testing"

	mdns "github.com/miekg/dns"
	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/dns"
)

// simple is a service with one member.
func simple(i int, domain, addr string) dns.Service {
	return dns.Service{
		UUID: fmt.Sprintf("gslbservice-%d", i), Name: fmt.Sprintf("gs%d", i), Domains: []string{domain}, Enabled: true,
		Pools: []dns.Pool{pool("p", 10, up(addr))},
	}
}

func lookup(t *dns.Table, name string) string {
	r := dns.NewResponder(1)
	r.Publish(t)
	reply, _ := r.Respond(query(name, mdns.TypeA), stranger)
	if reply == nil || len(reply.Answer) == 0 {
		return describe(reply)
	}
	return texts(reply.Answer)[0]
}

func TestWith(t *testing.T) {
	g := NewWithT(t)
	first := newTable(t, dns.Config{Profile: systemProfile(), Services: []dns.Service{
		simple(1, "a.gslb.example", "10.0.0.1"), simple(2, "b.gslb.example", "10.0.0.2"),
	}})
	moved := simple(2, "c.gslb.example", "10.0.0.22")
	second, err := first.With([]dns.Service{moved, simple(3, "b.gslb.example", "10.0.0.3")}, []string{"gslbservice-1", "unknown"})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(first.Len()).To(Equal(2))
	g.Expect(lookup(first, "a.gslb.example.")).To(Equal("A 10.0.0.1"))
	g.Expect(lookup(first, "b.gslb.example.")).To(Equal("A 10.0.0.2"))
	g.Expect(lookup(first, "c.gslb.example.")).To(Equal("NXDOMAIN 0 aa soa"))
	g.Expect(second.Len()).To(Equal(2))
	g.Expect(lookup(second, "a.gslb.example.")).To(Equal("NXDOMAIN 0 aa soa"))
	g.Expect(lookup(second, "b.gslb.example.")).To(Equal("A 10.0.0.3"))
	g.Expect(lookup(second, "c.gslb.example.")).To(Equal("A 10.0.0.22"))
	s, ok := second.Service("gslbservice-3")
	g.Expect(ok).To(BeTrue())
	g.Expect(s.Name).To(Equal("gs3"))
	_, ok = second.Service("gslbservice-1")
	g.Expect(ok).To(BeFalse())

	_, err = second.With([]dns.Service{simple(4, "C.gslb.example.", "10.0.0.4")}, nil)
	g.Expect(err).To(MatchError(ContainSubstring(`already belongs to service "gs2"`)))
	g.Expect(lookup(second, "c.gslb.example.")).To(Equal("A 10.0.0.22"), "a failed change changes nothing")
}

func TestWithRecords(t *testing.T) {
	g := NewWithT(t)
	wild := dns.Record{Names: []string{"w.gslb.example"}, Type: mdns.TypeA, Addrs: addrs("10.9.9.1"), Wildcard: true}
	first := newTable(t, dns.Config{Profile: systemProfile(), Services: []dns.Service{simple(1, "a.gslb.example", "10.0.0.1")},
		Records: []dns.Record{wild}})
	second, err := first.WithRecords([]dns.Record{{Names: []string{"b.gslb.example"}, Type: mdns.TypeA, Addrs: addrs("10.9.9.2")}})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(lookup(first, "x.w.gslb.example.")).To(Equal("A 10.9.9.1"))
	g.Expect(lookup(first, "b.gslb.example.")).To(Equal("NXDOMAIN 0 aa soa"))
	g.Expect(lookup(second, "x.w.gslb.example.")).To(Equal("NXDOMAIN 0 aa soa"))
	g.Expect(lookup(second, "b.gslb.example.")).To(Equal("A 10.9.9.2"))
	g.Expect(lookup(second, "a.gslb.example.")).To(Equal("A 10.0.0.1"))
	_, err = first.WithRecords([]dns.Record{{}})
	g.Expect(err).To(HaveOccurred())
}

func TestTableCopiesItsInput(t *testing.T) {
	services := []dns.Service{simple(1, "a.gslb.example", "10.0.0.1")}
	table := newTable(t, dns.Config{Profile: systemProfile(), Services: services})
	services[0].Pools[0].Members[0].Addr = ip("10.0.0.99")
	services[0].Domains[0] = "changed.example"
	NewWithT(t).Expect(lookup(table, "a.gslb.example.")).To(Equal("A 10.0.0.1"))
}

func TestManyServices(t *testing.T) {
	g := NewWithT(t)
	table := newTable(t, dns.Config{Profile: systemProfile()})
	for i := range 2000 {
		next, err := table.With([]dns.Service{simple(i, fmt.Sprintf("a%d.gslb.example", i), "10.0.0.1")}, nil)
		g.Expect(err).NotTo(HaveOccurred())
		table = next
	}
	for i := range 2000 {
		g.Expect(lookup(table, fmt.Sprintf("a%d.gslb.example.", i))).To(Equal("A 10.0.0.1"))
	}
	for i := range 1999 {
		next, err := table.With(nil, []string{fmt.Sprintf("gslbservice-%d", i)})
		g.Expect(err).NotTo(HaveOccurred())
		table = next
	}
	g.Expect(table.Len()).To(Equal(1))
	g.Expect(lookup(table, "a1999.gslb.example.")).To(Equal("A 10.0.0.1"))
	g.Expect(lookup(table, "a0.gslb.example.")).To(Equal("NXDOMAIN 0 aa soa"))
}

func TestTableErrors(t *testing.T) {
	profile := func(change func(p *dns.Profile)) dns.Config {
		cfg := dns.Config{Profile: systemProfile()}
		change(&cfg.Profile)
		return cfg
	}
	service := func(change func(s *dns.Service)) dns.Config {
		s := app(pool("p", 10, up("10.0.0.1")))
		change(&s)
		return dns.Config{Profile: systemProfile(), Services: []dns.Service{s}}
	}
	member := func(change func(m *dns.Member)) dns.Config {
		return service(func(s *dns.Service) { change(&s.Pools[0].Members[0]) })
	}
	record := func(records ...dns.Record) dns.Config {
		return dns.Config{Profile: systemProfile(), Records: records}
	}
	a := dns.Record{Names: []string{"a.gslb.example"}, Type: mdns.TypeA, Addrs: addrs("10.0.0.1")}
	changed := func(change func(r *dns.Record)) dns.Config {
		r := a
		change(&r)
		return record(r)
	}
	rule := func(change func(r *dns.TopologyRule)) dns.Config {
		r := dns.TopologyRule{Name: "r", Site: "s"}
		change(&r)
		return dns.Config{Profile: systemProfile(), Topology: []dns.TopologyRule{r}}
	}
	tests := []struct {
		name string
		cfg  dns.Config
		want string
	}{
		{"profile TTL", profile(func(p *dns.Profile) { p.TTL = 86401 }), "profile: TTL is 86401: use 0-86400"},
		{"profile NumIPs", profile(func(p *dns.Profile) { p.NumIPs = 21 }), "NumIPs is 21"},
		{"profile domain", profile(func(p *dns.Profile) { p.Domains = []string{"a..b"} }), `"a..b" is not a domain name`},
		{"profile domains", profile(func(p *dns.Profile) { p.Domains = make([]string, 101) }), "101 Domains"},
		{"name server", profile(func(p *dns.Profile) { p.NameServer = "a..b" }), "a..b"},
		{"client prefix", profile(func(p *dns.Profile) { p.Clients = &dns.ClientGroup{Prefixes: make([]ipPrefix, 1)} }), "not valid"},
		{"no UUID", service(func(s *dns.Service) { s.UUID = "" }), `GSLB service "app" (): the UUID is empty`},
		{"no domain", service(func(s *dns.Service) { s.Domains = nil }), "no domain name"},
		{"bad domain", service(func(s *dns.Service) { s.Domains = []string{"."} }), "not a domain name"},
		{"service TTL", service(func(s *dns.Service) { s.TTL = ptr(uint32(90000)) }), "TTL is 90000"},
		{"service NumIPs", service(func(s *dns.Service) { s.NumIPs = ptr(-1) }), "NumIPs is -1"},
		{"min members", service(func(s *dns.Service) { s.MinMembers = 65536 }), "MinMembers is 65536"},
		{"priority", service(func(s *dns.Service) { s.Pools[0].Priority = 101 }), `pool "p": priority is 101: use 0-100`},
		{"mask", service(func(s *dns.Service) { s.Pools[0].HashMask = 32 }), "hash mask is 32"},
		{"algorithm", service(func(s *dns.Service) { s.Pools[0].Algorithm = 9 }), "algorithm is 9"},
		{"down type", service(func(s *dns.Service) { s.Down.Type = 9 }), "down response type 9"},
		{"no fallback", service(func(s *dns.Service) { s.Down.Type = dns.DownFallbackIP }), "none is given"},
		{"fallback family", service(func(s *dns.Service) {
			s.Down = dns.DownResponse{Type: dns.DownFallbackIP, FallbackIP: ip("::1")}
		}), "not IPv4"},
		{"fallback CNAME", service(func(s *dns.Service) { s.Down.Type = dns.DownCNAME }), "not a domain name"},
		{"ratio", member(func(m *dns.Member) { m.Ratio = 21 }), "member 0: ratio is 21: use 0-20"},
		{"preference", member(func(m *dns.Member) { m.PreferenceOrder = 129 }), "preference order is 129"},
		{"no address", member(func(m *dns.Member) { m.Addr = ipAddr{} }), "neither address nor FQDN"},
		{"mapped address", member(func(m *dns.Member) { m.Addr = ip("::ffff:10.0.0.1") }), "plain IPv4"},
		{"FQDN", member(func(m *dns.Member) { m.FQDN = "a..b" }), "a..b"},
		{"location", member(func(m *dns.Member) { m.Location = &dns.Location{Latitude: 91} }), "location 91,0"},
		{"two services, one UUID", dns.Config{Profile: systemProfile(), Services: []dns.Service{simple(1, "a.b", "10.0.0.1"), simple(1, "c.d", "10.0.0.1")}},
			"given twice"},
		{"two services, one name", dns.Config{Profile: systemProfile(), Services: []dns.Service{simple(1, "a.b", "10.0.0.1"), simple(2, "A.b.", "10.0.0.1")}},
			"domain name a.b. already belongs"},
		{"record family", changed(func(r *dns.Record) { r.Addrs = addrs("::1") }), "static record [a.gslb.example] A: address ::1 does not fit"},
		{"record without value", changed(func(r *dns.Record) { r.Addrs = nil }), "no address"},
		{"record without name", changed(func(r *dns.Record) { r.Names = nil }), "no name"},
		{"record type", changed(func(r *dns.Record) { r.Type = mdns.TypePTR }), "type PTR is not served"},
		{"record algorithm", changed(func(r *dns.Record) { r.Algorithm = dns.Geo }), "algorithm geo"},
		{"record delegated", changed(func(r *dns.Record) { r.Delegated = true }), "only NS records"},
		{"CNAME beside others", record(a, dns.Record{Names: a.Names, Type: mdns.TypeCNAME, CNAME: "b.example"}), "a CNAME must be the only record"},
		{"rule without site", rule(func(r *dns.TopologyRule) { r.Site = "" }), `topology rule "r": no site`},
		{"rule suffix", rule(func(r *dns.TopologyRule) { r.Suffixes = []string{""} }), "suffix"},
		{"rule fallbacks", rule(func(r *dns.TopologyRule) { r.Fallbacks = make([]string, 65) }), "65 fallback sites"},
	}
	for _, test := range tests {
		_, err := dns.NewTable(test.cfg)
		NewWithT(t).Expect(err).To(MatchError(ContainSubstring(test.want)), test.name)
	}
}
