package dns_test

import (
	"testing"

	mdns "github.com/miekg/dns"
	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/dns"
)

// TestWithoutAnswer is the table of what happens when there is nothing to
// answer with, for a profile that responds and one that drops.
func TestWithoutAnswer(t *testing.T) {
	noDomains := func(p dns.Profile) dns.Profile { p.Domains = nil; return p }
	noEmpty := func(p dns.Profile) dns.Profile { p.AAAAEmpty = false; return p }
	zones := func(p dns.Profile) dns.Profile {
		p.Domains, p.Zones = nil, []dns.Zone{{Domain: "gslb.example"}}
		return p
	}
	same := func(p dns.Profile) dns.Profile { return p }
	tests := []struct {
		name        string
		profile     func(dns.Profile) dns.Profile
		passThrough bool
		qname       string
		qtype       uint16
		respond     string
		drop        string
		reason      dns.DropReason // in the dropping profile
	}{
		{"known", same, false, appName, mdns.TypeA, "NOERROR 1 aa", "NOERROR 1 aa", 0},
		{"unknown, authoritative", same, false, "no.gslb.example.", mdns.TypeA, "NXDOMAIN 0 aa soa", "no reply", dns.DropUnknownName},
		{"unknown, zone", zones, false, "no.gslb.example.", mdns.TypeA, "NXDOMAIN 0 aa soa", "no reply", dns.DropUnknownName},
		{"unknown, no authority", same, false, "no.example.", mdns.TypeA, "NXDOMAIN 0", "no reply", dns.DropUnknownName},
		{"suffix by letters only", same, false, "notgslb.example.", mdns.TypeA, "NXDOMAIN 0", "no reply", dns.DropUnknownName},
		{"top of the domain", same, false, "gslb.example.", mdns.TypeA, "NXDOMAIN 0 aa soa", "no reply", dns.DropUnknownName},
		{"SOA of the domain", same, false, "GSLB.example.", mdns.TypeSOA, "NOERROR 1 aa", "NOERROR 1 aa", 0},
		{"NS of the domain", same, false, "gslb.example.", mdns.TypeNS, "NOERROR 0 aa soa", "NOERROR 0 aa soa", 0},
		{"unsupported type", same, false, appName, mdns.TypeMX, "NOERROR 0 aa soa", "NOERROR 0 aa soa", 0},
		{"unsupported type, no authority", noDomains, false, appName, mdns.TypeMX, "NOERROR 0 aa", "NOERROR 0 aa", 0},
		{"AAAA, only IPv4", same, false, appName, mdns.TypeAAAA, "NOERROR 0 aa", "no reply", dns.DropNoIPv6},
		{"AAAA, no empty reply", noEmpty, false, appName, mdns.TypeAAAA, "NOERROR 0 aa soa", "no reply", dns.DropNoIPv6},
		{"AAAA, static record", same, false, "static.gslb.example.", mdns.TypeAAAA, "NOERROR 0 aa", "no reply", dns.DropNoIPv6},
		{"AAAA, record without addresses", same, false, "text.gslb.example.", mdns.TypeAAAA, "NOERROR 0 aa soa", "NOERROR 0 aa soa", 0},
		{"passed through", noDomains, true, "no.example.", mdns.TypeA, "no reply", "no reply", 0},
		{"passed through beside zones", zones, true, "no.example.", mdns.TypeA, "no reply", "no reply", 0},
		{"outside the domains", same, true, "no.example.", mdns.TypeA, "no reply", "no reply", dns.DropOutsideDomains},
		{"authoritative is never passed through", same, true, "no.gslb.example.", mdns.TypeA, "NXDOMAIN 0 aa soa", "no reply", dns.DropUnknownName},
		{"the root", same, false, ".", mdns.TypeA, "NXDOMAIN 0", "no reply", dns.DropUnknownName},
	}
	for _, test := range tests {
		for _, drops := range []bool{false, true} {
			profile, want := test.profile(systemProfile()), test.respond
			if drops {
				profile, want = test.profile(dropProfile()), test.drop
			}
			r := serve(t, dns.Config{
				Profile:  profile,
				Services: []dns.Service{app(pool("p", 10, up("10.0.0.1")))},
				Records: []dns.Record{
					{Names: []string{"static.gslb.example"}, Type: mdns.TypeA, Addrs: addrs("10.9.9.9")},
					{Names: []string{"text.gslb.example"}, Type: mdns.TypeTXT, TXT: []string{"x"}},
				},
				PassThrough: test.passThrough,
			})
			reply, d := r.Respond(query(test.qname, test.qtype), stranger)
			if got := describe(reply); got != want {
				t.Errorf("%s, drops %t: %s, want %s", test.name, drops, got, want)
			}
			if drops && d.Drop != test.reason {
				t.Errorf("%s: drop reason %q, want %q", test.name, d.Drop, test.reason)
			}
			passed := d.Outcome == dns.PassedThrough
			if wantPassed := test.passThrough && want == "no reply" && d.Drop == dns.NotDropped; passed != wantPassed {
				t.Errorf("%s: passed through is %t", test.name, passed)
			}
		}
	}
}

func TestRejectedQueries(t *testing.T) {
	tests := []struct {
		name  string
		spoil func(q *mdns.Msg)
		want  string
		drop  dns.DropReason
	}{
		{"response", func(q *mdns.Msg) { q.Response = true }, "no reply", dns.DropNotQuery},
		{"opcode", func(q *mdns.Msg) { q.Opcode = mdns.OpcodeUpdate }, "NOTIMP 0", dns.DropUnsupportedQuery},
		{"no question", func(q *mdns.Msg) { q.Question = nil }, "FORMERR 0", dns.DropMalformed},
		{"two questions", func(q *mdns.Msg) { q.Question = append(q.Question, q.Question[0]) }, "FORMERR 0", dns.DropMalformed},
		{"class", func(q *mdns.Msg) { q.Question[0].Qclass = mdns.ClassCHAOS }, "REFUSED 0", dns.DropUnsupportedQuery},
		{"bad name", func(q *mdns.Msg) { q.Question[0].Name = "a..b." }, "FORMERR 0", dns.DropMalformed},
		{"two OPTs", func(q *mdns.Msg) { q.SetEdns0(512, false); q.SetEdns0(512, false) }, "FORMERR 0", dns.DropMalformed},
		// The library names code 16, BADVERS, after its other meaning.
		{"EDNS version", func(q *mdns.Msg) { q.SetEdns0(512, false); q.IsEdns0().SetVersion(1) }, "BADSIG 0", dns.DropUnsupportedQuery},
	}
	for _, test := range tests {
		for _, drops := range []bool{false, true} {
			g := NewWithT(t)
			profile, want := systemProfile(), test.want
			if drops {
				profile, want = dropProfile(), "no reply"
			}
			r := serve(t, dns.Config{Profile: profile, Services: []dns.Service{app(pool("p", 10, up("10.0.0.1")))}})
			q := query(appName, mdns.TypeA)
			test.spoil(q)
			reply, d := r.Respond(q, stranger)
			g.Expect(describe(reply)).To(Equal(want), "%s, drops %t", test.name, drops)
			if want == "no reply" {
				g.Expect(d.Drop).To(Equal(test.drop), test.name)
			} else {
				g.Expect(d.Outcome).To(Equal(dns.Rejected), test.name)
			}
		}
	}
	reply, d := dns.NewResponder(1).Respond(query(appName, mdns.TypeA), stranger)
	NewWithT(t).Expect(reply).To(BeNil())
	NewWithT(t).Expect(d.Drop).To(Equal(dns.DropNoTable))
}

func TestSOAFields(t *testing.T) {
	p := dns.SystemProfile()
	p.Domains = []string{"plain.example"}
	p.Zones = []dns.Zone{{Domain: "own.example", NameServer: "ns.own.example", AdminEmail: "me@own.example"}}
	p.NegativeTTL = 7
	soa := func(p dns.Profile, name string) string {
		reply, _ := serve(t, dns.Config{Profile: p}).Respond(query(name, mdns.TypeSOA), stranger)
		return reply.Answer[0].String()
	}
	g := NewWithT(t)
	g.Expect(soa(p, "plain.example.")).To(Equal("plain.example.\t7\tIN\tSOA\tplain.example. hostmaster. 1 10800 3600 86400 7"))
	g.Expect(soa(p, "own.example.")).To(Equal("own.example.\t7\tIN\tSOA\tns.own.example. me\\@own.example. 1 10800 3600 86400 7"))
	p.NameServer, p.AdminEmail = "ns.example", "root"
	g.Expect(soa(p, "plain.example.")).To(ContainSubstring("ns.example. root. "))
	g.Expect(soa(p, "own.example.")).To(ContainSubstring("ns.own.example. me\\@own.example. "))
}
