package dns_test

import (
	"fmt"
	"strings"
	"testing"

	mdns "github.com/miekg/dns"
	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/dns"
)

func TestRecordTypes(t *testing.T) {
	name := []string{"rec.gslb.example", "second.gslb.example"}
	long := strings.Repeat("x", 300) + `"\`
	records := []dns.Record{
		{Names: name, Type: mdns.TypeA, Addrs: addrs("10.0.0.1", "10.0.0.2")},
		{Names: name, Type: mdns.TypeA, Addrs: addrs("10.0.0.2", "10.0.0.3"), TTL: ptr(uint32(5))},
		{Names: name, Type: mdns.TypeAAAA, Addrs: addrs("2001:db8::1")},
		{Names: name, Type: mdns.TypeMX, MX: []dns.MX{{Host: "mail.example", Preference: 5}}},
		{Names: name, Type: mdns.TypeTXT, TXT: []string{"one", long}},
		{Names: name, Type: mdns.TypeSRV, SRV: []dns.SRV{{Target: "t.example", Priority: 1, Weight: 2, Port: 3}}},
		{Names: name, Type: mdns.TypeNS, NS: []dns.NameServer{{Host: "ns.example", Addrs: addrs("192.0.2.1", "2001:db8::53")}}},
		{Names: []string{"alias.gslb.example"}, Type: mdns.TypeCNAME, CNAME: "rec.gslb.example"},
	}
	r := serve(t, dns.Config{Records: records})
	tests := []struct {
		name  string
		qtype uint16
		want  []string
	}{
		{"rec.gslb.example.", mdns.TypeA, []string{"A 10.0.0.1", "A 10.0.0.2", "A 10.0.0.3"}},
		{"SECOND.gslb.example.", mdns.TypeAAAA, []string{"AAAA 2001:db8::1"}},
		{"rec.gslb.example.", mdns.TypeMX, []string{"MX 5 mail.example."}},
		{"rec.gslb.example.", mdns.TypeSRV, []string{"SRV 1 2 3 t.example."}},
		{"rec.gslb.example.", mdns.TypeNS, []string{"NS ns.example."}},
		{"alias.gslb.example.", mdns.TypeCNAME, []string{"CNAME rec.gslb.example."}},
		{"alias.gslb.example.", mdns.TypeA, []string{"CNAME rec.gslb.example."}},
		{"alias.gslb.example.", mdns.TypeMX, []string{"CNAME rec.gslb.example."}},
	}
	for _, test := range tests {
		g := NewWithT(t)
		reply, d := r.Respond(query(test.name, test.qtype), stranger)
		g.Expect(texts(reply.Answer)).To(Equal(test.want))
		g.Expect(reply.Authoritative).To(BeTrue())
		g.Expect(d.Match).To(Equal(dns.MatchRecord))
		wantTTL := 30
		if test.qtype == mdns.TypeA && len(test.want) == 3 {
			wantTTL = 5 // one set has one TTL, the smallest given
		}
		g.Expect(reply.Answer[0].Header().Ttl).To(BeEquivalentTo(wantTTL))
		if test.qtype == mdns.TypeNS {
			g.Expect(texts(reply.Extra)).To(Equal([]string{"A 192.0.2.1", "AAAA 2001:db8::53"}))
		}
	}
	g := NewWithT(t)
	reply, _ := r.Respond(query("rec.gslb.example.", mdns.TypeANY), dns.Client{Addr: stranger.Addr, TCP: true})
	g.Expect(reply.Answer).To(HaveLen(9))

	// Texts survive the trip over the wire whatever is in them.
	wire, err := query("rec.gslb.example.", mdns.TypeTXT).Pack()
	g.Expect(err).NotTo(HaveOccurred())
	out, _ := r.RespondWire(wire, nil, dns.Client{Addr: stranger.Addr, TCP: true})
	var got mdns.Msg
	g.Expect(got.Unpack(out)).To(Succeed())
	second := got.Answer[1].(*mdns.TXT).Txt
	g.Expect(second).To(HaveLen(2))
	g.Expect(second[0]).To(HaveLen(255))
	g.Expect(second[1]).To(Equal(strings.Repeat("x", 45) + `\"\\`))
}

func TestRecordsPickedByAlgorithm(t *testing.T) {
	record := func(algorithm dns.Algorithm, n int) *dns.Responder {
		return serve(t, dns.Config{Records: []dns.Record{{
			Names: []string{appName}, Type: mdns.TypeA, Addrs: addrs("10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"),
			Algorithm: algorithm, NumIPs: n, Origin: dns.VirtualServiceRecord, Owner: "vs-1",
		}}})
	}
	g := NewWithT(t)
	g.Expect(answers(record(dns.RoundRobin, 0), stranger)).To(Equal([]string{"A 10.0.0.1", "A 10.0.0.2", "A 10.0.0.3", "A 10.0.0.4"}))
	g.Expect(count(record(dns.RoundRobin, 1), 40)).To(HaveLen(4))
	g.Expect(answers(record(dns.RoundRobin, 3), stranger)).To(HaveLen(3))
	g.Expect(answers(record(dns.RoundRobin, 20), stranger)).To(HaveLen(4))
	r := record(dns.ConsistentHash, 1)
	g.Expect(count(r, 40)).To(HaveLen(1))
	distinct := map[string]bool{}
	for i := range 100 {
		distinct[answers(r, client(i))[0]] = true
	}
	g.Expect(distinct).To(HaveLen(4))
}

func TestDelegation(t *testing.T) {
	g := NewWithT(t)
	r := serve(t, dns.Config{Records: []dns.Record{
		{Names: []string{"sub.gslb.example"}, Type: mdns.TypeNS, Delegated: true, TTL: ptr(uint32(3600)), NS: []dns.NameServer{
			{Host: "ns1.sub.gslb.example", Addrs: addrs("192.0.2.1")},
			{Host: "ns2.gslb.example"},
		}},
		{Names: []string{"ns2.gslb.example"}, Type: mdns.TypeA, Addrs: addrs("192.0.2.2")},
	}})
	for _, name := range []string{"sub.gslb.example.", "a.b.sub.gslb.example."} {
		for _, qtype := range []uint16{mdns.TypeA, mdns.TypeNS, mdns.TypeSOA} {
			reply, d := r.Respond(query(name, qtype), stranger)
			g.Expect(reply.Authoritative).To(BeFalse())
			g.Expect(reply.Rcode).To(Equal(mdns.RcodeSuccess))
			g.Expect(reply.Answer).To(BeEmpty())
			g.Expect(texts(reply.Ns)).To(Equal([]string{"NS ns1.sub.gslb.example.", "NS ns2.gslb.example."}))
			g.Expect(reply.Ns[0].Header().Name).To(Equal("sub.gslb.example."))
			g.Expect(reply.Ns[0].Header().Ttl).To(BeEquivalentTo(3600))
			g.Expect(texts(reply.Extra)).To(Equal([]string{"A 192.0.2.1", "A 192.0.2.2"}))
			g.Expect(d.Outcome).To(Equal(dns.Referral))
		}
	}
	reply, _ := r.Respond(query("ns2.gslb.example.", mdns.TypeA), stranger)
	g.Expect(reply.Authoritative).To(BeTrue())
}

func TestReplySizes(t *testing.T) {
	many := dns.Record{Names: []string{appName}, Type: mdns.TypeA}
	for i := range 60 {
		many.Addrs = append(many.Addrs, ip(fmt.Sprintf("10.0.0.%d", i)))
	}
	huge := dns.Record{Names: []string{appName}, Type: mdns.TypeTXT}
	for i := range 8 {
		huge.TXT = append(huge.TXT, strings.Repeat(fmt.Sprint(i), 1000))
	}
	edns := func(size uint16) *mdns.Msg {
		q := query(appName, mdns.TypeA)
		q.SetEdns0(size, false)
		return q
	}
	noEDNS := systemProfile()
	noEDNS.EDNS = false
	type sizeTest struct {
		name    string
		profile dns.Profile
		q       *mdns.Msg
		tcp     bool
		limit   int
		tc      bool
	}
	tests := []sizeTest{
		{"plain UDP", systemProfile(), query(appName, mdns.TypeA), false, 512, true},
		{"too small a buffer", systemProfile(), edns(100), false, 512, true},
		{"larger buffer", systemProfile(), edns(900), false, 900, true},
		{"large enough", systemProfile(), edns(1232), false, 1232, false},
		{"EDNS ignored", noEDNS, edns(1232), false, 512, true},
		{"TCP", systemProfile(), query(appName, mdns.TypeA), true, 65535, false},
	}
	text := edns(65535)
	text.Question[0].Qtype = mdns.TypeTXT
	tests = append(tests, sizeTest{"larger than is ever sent", systemProfile(), text, false, dns.MaxUDPSize, true})
	for _, test := range tests {
		g := NewWithT(t)
		r := serve(t, dns.Config{Profile: test.profile, Records: []dns.Record{many, huge}})
		reply, d := r.Respond(test.q, dns.Client{Addr: stranger.Addr, TCP: test.tcp})
		wire, err := reply.Pack()
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(len(wire)).To(BeNumerically("<=", test.limit), test.name)
		if test.tc {
			g.Expect(len(wire)).To(BeNumerically(">", test.limit/2), "%s: the room is used", test.name)
		}
		g.Expect(reply.Truncated).To(Equal(test.tc), test.name)
		g.Expect(d.Truncated).To(Equal(test.tc), test.name)
		g.Expect(len(reply.Answer) < 60).To(Equal(test.tc), test.name)
	}
}

func TestReplyHeader(t *testing.T) {
	r := serveApp(t, app(pool("p", 10, up("10.0.0.1"))))
	g := NewWithT(t)
	for _, rd := range []bool{false, true} {
		q := query(appName, mdns.TypeA)
		q.Id, q.RecursionDesired = 4711, rd
		q.SetEdns0(4096, true)
		reply, _ := r.Respond(q, stranger)
		g.Expect(reply.Id).To(BeEquivalentTo(4711))
		g.Expect(reply.Response).To(BeTrue())
		g.Expect(reply.RecursionDesired).To(Equal(rd))
		g.Expect(reply.RecursionAvailable).To(BeFalse())
		g.Expect(reply.IsEdns0().Do()).To(BeTrue())
		g.Expect(reply.IsEdns0().UDPSize()).To(BeEquivalentTo(512))
	}
	reply, _ := r.Respond(query(appName, mdns.TypeA), stranger)
	g.Expect(reply.IsEdns0()).To(BeNil(), "no OPT record without one in the query")

	// A captured exchange for a name of the same length: 40 bytes asked, 56
	// answered, so the answer's owner is a compression pointer.
	q := query("hello.avi.iberia.local.", mdns.TypeA)
	wire, _ := q.Pack()
	g.Expect(wire).To(HaveLen(40))
	s := app(pool("p", 10, up("10.0.0.1")))
	s.Domains = []string{"hello.avi.iberia.local"}
	out, _ := serveApp(t, s).RespondWire(wire, nil, stranger)
	g.Expect(out).To(HaveLen(56))
}
