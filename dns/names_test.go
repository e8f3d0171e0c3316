package dns_test

import (
	"testing"

	mdns "github.com/miekg/dns"
	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/dns"
)

func TestNameMatching(t *testing.T) {
	service := func(uuid, domain, addr string, wildcard bool) dns.Service {
		return dns.Service{UUID: uuid, Name: uuid, Domains: []string{domain}, Enabled: true, Wildcard: wildcard,
			Pools: []dns.Pool{pool("p", 10, up(addr))}}
	}
	r := serve(t, dns.Config{
		Services: []dns.Service{
			service("1", "Exact.gslb.example.", "10.0.0.1", false),
			service("2", "gslb.example", "10.0.0.2", true),
			service("3", "deep.gslb.example", "10.0.0.3", true),
			service("4", "both.gslb.example", "10.0.0.4", true),
		},
		Records: []dns.Record{
			{Names: []string{"wild.deep.gslb.example"}, Type: mdns.TypeA, Addrs: addrs("10.9.0.1"), Wildcard: true},
			{Names: []string{"wild.deep.gslb.example"}, Type: mdns.TypeTXT, TXT: []string{"here only"}},
			{Names: []string{"plain.deep.gslb.example"}, Type: mdns.TypeA, Addrs: addrs("10.9.0.2")},
			{Names: []string{"both.gslb.example"}, Type: mdns.TypeA, Addrs: addrs("10.9.0.3"), Wildcard: true},
			{Names: []string{"cut.gslb.example"}, Type: mdns.TypeNS, Delegated: true, NS: []dns.NameServer{{Host: "ns.example"}}},
			{Names: []string{"known.cut.gslb.example"}, Type: mdns.TypeA, Addrs: addrs("10.9.0.4")},
		},
	})
	tests := []struct {
		name     string
		want     string // first answer or authority record
		owner    string
		wildcard bool
	}{
		{"exact.gslb.example.", "A 10.0.0.1", "exact.gslb.example.", false},
		{"eXACT.GSLB.example.", "A 10.0.0.1", "exact.gslb.example.", false},
		{"x.exact.gslb.example.", "A 10.0.0.2", "gslb.example.", true},
		{"gslb.example.", "A 10.0.0.2", "gslb.example.", false},
		{"a.b.c.gslb.example.", "A 10.0.0.2", "gslb.example.", true},
		{"a.deep.gslb.example.", "A 10.0.0.3", "deep.gslb.example.", true},
		{"a.wild.deep.gslb.example.", "A 10.9.0.1", "wild.deep.gslb.example.", true},
		{"plain.deep.gslb.example.", "A 10.9.0.2", "plain.deep.gslb.example.", false},
		{"a.plain.deep.gslb.example.", "A 10.0.0.3", "deep.gslb.example.", true},
		{"both.gslb.example.", "A 10.0.0.4", "both.gslb.example.", false},
		{"a.both.gslb.example.", "A 10.0.0.4", "both.gslb.example.", true},
		{"cut.gslb.example.", "NS ns.example.", "cut.gslb.example.", false},
		{"a.cut.gslb.example.", "NS ns.example.", "cut.gslb.example.", true},
		{"known.cut.gslb.example.", "A 10.9.0.4", "known.cut.gslb.example.", false},
	}
	for _, test := range tests {
		g := NewWithT(t)
		reply, d := r.Respond(query(test.name, mdns.TypeA), stranger)
		got := append(texts(reply.Answer), texts(reply.Ns)...)
		g.Expect(got[0]).To(Equal(test.want), test.name)
		g.Expect(d.Owner).To(Equal(test.owner), test.name)
		g.Expect(d.Wildcard).To(Equal(test.wildcard), test.name)
		g.Expect(reply.Question[0].Name).To(Equal(test.name), "letter case is kept")
		if len(reply.Answer) > 0 {
			g.Expect(reply.Answer[0].Header().Name).To(Equal(test.name))
		}
	}
	reply, _ := r.Respond(query("a.wild.deep.gslb.example.", mdns.TypeTXT), stranger)
	NewWithT(t).Expect(describe(reply)).To(Equal("NOERROR 0 aa soa"), "the text is not a wildcard")
	reply, _ = r.Respond(query("a.wild.deep.gslb.example.", mdns.TypeANY), stranger)
	NewWithT(t).Expect(texts(reply.Answer)).To(Equal([]string{"A 10.9.0.1"}))
}

func TestMembersWithNames(t *testing.T) {
	alias := named("www.example.net", "192.0.2.1")
	tests := []struct {
		name    string
		change  func(s *dns.Service)
		members []dns.Member
		qtype   uint16
		want    []string
		extra   []string
	}{
		{"CNAME", nil, []dns.Member{alias}, mdns.TypeA, []string{"CNAME www.example.net."}, nil},
		{"CNAME for AAAA", nil, []dns.Member{alias}, mdns.TypeAAAA, []string{"CNAME www.example.net."}, nil},
		{"CNAME asked for", nil, []dns.Member{up("10.0.0.1"), alias}, mdns.TypeCNAME, []string{"CNAME www.example.net."}, nil},
		{"CNAME without such a member", nil, []dns.Member{up("10.0.0.1")}, mdns.TypeCNAME, nil, nil},
		{"resolved", resolve, []dns.Member{alias}, mdns.TypeA, []string{"CNAME www.example.net."}, []string{"A 192.0.2.1"}},
		{"resolved, CNAME", resolve, []dns.Member{alias}, mdns.TypeCNAME, []string{"CNAME www.example.net."}, []string{"A 192.0.2.1"}},
		{"resolved, other family", resolve, []dns.Member{alias}, mdns.TypeAAAA, []string{"CNAME www.example.net."}, nil},
		{"resolved, never resolved", resolve, []dns.Member{named("a.example", "")}, mdns.TypeA, []string{"CNAME a.example."}, nil},
		{"alone", all, []dns.Member{alias, named("b.example", "")}, mdns.TypeANY, []string{"CNAME www.example.net."}, nil},
	}
	for _, test := range tests {
		s := app(pool("p", 10, test.members...))
		if test.change != nil {
			test.change(&s)
		}
		reply, _ := ask(serveApp(t, s), test.qtype)
		g := NewWithT(t)
		if test.want == nil {
			g.Expect(describe(reply)).To(Equal("NOERROR 0 aa soa"), test.name)
			continue
		}
		g.Expect(texts(reply.Answer)).To(ConsistOf(test.want), test.name)
		g.Expect(texts(reply.Extra)).To(HaveLen(len(test.extra)), test.name)
		for i := range test.extra {
			g.Expect(texts(reply.Extra)[i]).To(Equal(test.extra[i]), test.name)
			g.Expect(reply.Extra[i].Header().Name).To(Equal("www.example.net."))
		}
	}
}

func resolve(s *dns.Service) { s.ResolveCNAME = true }
func all(s *dns.Service)     { s.NumIPs = ptr(0) }

func TestNamesAndAddressesDoNotMix(t *testing.T) {
	s := app(pool("p", 10, named("a.example", ""), up("10.0.0.1"), up("10.0.0.2"), up("10.0.0.3")))
	s.NumIPs = ptr(3)
	r := serveApp(t, s)
	aliases := 0
	for range 400 {
		got := answers(r, stranger)
		if got[0] == "CNAME a.example." {
			NewWithT(t).Expect(got).To(HaveLen(1))
			aliases++
			continue
		}
		NewWithT(t).Expect(got).To(ConsistOf("A 10.0.0.1", "A 10.0.0.2", "A 10.0.0.3"))
	}
	NewWithT(t).Expect(aliases).To(Equal(100), "its share as first answer")
}

func TestSRVServices(t *testing.T) {
	member := named("host1.example", "192.0.2.1")
	member.SRV = &dns.SRVData{Priority: 1, Weight: 2, Port: 8443}
	s := app(pool("p", 10, member, up("10.0.0.1")))
	s.RecordType = dns.SRVRecords
	g := NewWithT(t)
	reply, _ := ask(serveApp(t, s), mdns.TypeSRV)
	g.Expect(texts(reply.Answer)).To(Equal([]string{"SRV 1 2 8443 host1.example."}))
	g.Expect(texts(reply.Extra)).To(BeEmpty())
	s.AdditionalRecords = true
	reply, _ = ask(serveApp(t, s), mdns.TypeSRV)
	g.Expect(texts(reply.Extra)).To(Equal([]string{"A 192.0.2.1"}))
	reply, _ = ask(serveApp(t, s), mdns.TypeANY)
	g.Expect(reply.Answer).To(HaveLen(1))
	for _, qtype := range []uint16{mdns.TypeA, mdns.TypeAAAA, mdns.TypeCNAME} {
		reply, _ = ask(serveApp(t, s), qtype)
		g.Expect(describe(reply)).To(Equal("NOERROR 0 aa soa"))
	}
	s.Pools[0].Members[0].Up = false
	s.Down.Type = dns.DownAllRecords
	s.Pools[0].Members = s.Pools[0].Members[:1]
	reply, _ = ask(serveApp(t, s), mdns.TypeSRV)
	g.Expect(texts(reply.Answer)).To(Equal([]string{"SRV 1 2 8443 host1.example."}))
	s.RecordType = dns.AddressRecords
	reply, _ = ask(serveApp(t, s), mdns.TypeSRV)
	g.Expect(describe(reply)).To(Equal("NOERROR 0 aa soa"))
}
