package dns_test

import (
	"encoding/binary"
	"slices"
	"testing"

	mdns "github.com/miekg/dns"
	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/dns"
)

func TestMalformedMessages(t *testing.T) {
	good, err := query(appName, mdns.TypeA).Pack()
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	response := append([]byte(nil), good...)
	response[2] |= 0x80
	tests := []struct {
		name    string
		wire    []byte
		rcode   int // -1: no reply
		drop    dns.DropReason
		outcome dns.Outcome
	}{
		{"good", good, mdns.RcodeSuccess, dns.NotDropped, dns.Answered},
		{"cut question", good[:20], mdns.RcodeFormatError, dns.DropMalformed, dns.Rejected},
		{"cut header", good[:11], -1, dns.DropMalformed, dns.Dropped},
		{"nothing", nil, -1, dns.DropMalformed, dns.Dropped},
		{"cut response", response[:20], -1, dns.DropNotQuery, dns.Dropped},
	}
	for _, test := range tests {
		g := NewWithT(t)
		r := serveApp(t, app(pool("p", 10, up("10.0.0.1"))))
		out, d := r.RespondWire(test.wire, nil, stranger)
		g.Expect(d.Outcome).To(Equal(test.outcome), test.name)
		if test.rcode < 0 {
			g.Expect(out).To(BeNil(), test.name)
			g.Expect(d.Drop).To(Equal(test.drop), test.name)
			continue
		}
		g.Expect(out[:2]).To(Equal(test.wire[:2]), test.name)
		var reply mdns.Msg
		g.Expect(reply.Unpack(out)).To(Succeed(), test.name)
		g.Expect(reply.Rcode).To(Equal(test.rcode), test.name)
		g.Expect(reply.Response).To(BeTrue())
		if test.rcode == mdns.RcodeFormatError {
			drops := serve(t, dns.Config{Profile: dropProfile()})
			out, d := drops.RespondWire(test.wire, nil, stranger)
			g.Expect(out).To(BeNil())
			g.Expect(d.Drop).To(Equal(test.drop))
		}
	}
	out, d := dns.NewResponder(1).RespondWire(good[:20], nil, stranger)
	NewWithT(t).Expect(out).To(BeNil())
	NewWithT(t).Expect(d.Drop).To(Equal(dns.DropNoTable))
}

// What the library reads although it is in error, and what is no error: the
// tail stands behind a question for appName.
func TestFlawedMessages(t *testing.T) {
	record := func(owner string, rrtype uint16, data string) string {
		return owner + string([]byte{byte(rrtype >> 8), byte(rrtype), 4, 208, 0, 0, 0, 0, 0, byte(len(data))}) + data
	}
	opt := func(options string) string { return record("\x00", mdns.TypeOPT, options) }
	subnet := func(data string) string {
		return opt(string([]byte{0, mdns.EDNS0SUBNET, 0, byte(len(data))}) + data)
	}
	const none, answer, additional = -1, 7, 11 // where the header counts one record
	tests := []struct {
		name    string
		counted int
		tail    string
		flawed  bool
	}{
		{"nothing", none, "", false},
		{"bytes behind the message", none, "x", false},
		{"a record in the answer", answer, record("\xc0\x0c", mdns.TypeA, "\x01\x02\x03\x04"), false},
		{"no record in the answer", answer, "", true},
		{"no OPT record", additional, "", true},
		{"OPT", additional, opt(""), false},
		{"OPT of another owner", additional, record("\x01x\x00", mdns.TypeOPT, ""), true},
		{"OPT owned by a pointer", additional, record("\xc0\x0c", mdns.TypeOPT, ""), true},
		{"another option", additional, opt("\xfd\xe9\x00\x01x"), false},
		{"subnet", additional, subnet("\x00\x01\x18\x00\x01\x02\x03"), false},
		{"subnet of 20 bits", additional, subnet("\x00\x01\x14\x00\x01\x02\xf0"), false},
		{"subnet of no bits", additional, subnet("\x00\x01\x00\x00"), false},
		{"subnet behind an option", additional, opt("\x00\x03\x00\x00\x00\x08\x00\x04\x00\x01\x18\x00"), true},
		{"subnet with an octet too few", additional, subnet("\x00\x01\x18\x00\x01\x02"), true},
		{"subnet with an octet too many", additional, subnet("\x00\x01\x18\x00\x01\x02\x03\x00"), true},
		{"subnet with bits beyond", additional, subnet("\x00\x01\x14\x00\x01\x02\xf8"), true},
		{"subnet with a scope", additional, subnet("\x00\x01\x18\x18\x01\x02\x03"), true},
		{"subnet of no bits with an octet", additional, subnet("\x00\x01\x00\x00\x01"), true},
	}
	question, err := query(appName, mdns.TypeA).Pack()
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	for _, test := range tests {
		g := NewWithT(t)
		r := serveApp(t, app(pool("p", 10, up("10.0.0.1"))))
		wire := append(slices.Clone(question), test.tail...)
		if test.counted != none {
			wire[test.counted] = 1
		}
		want := mdns.RcodeSuccess
		if test.flawed {
			want = mdns.RcodeFormatError
		}
		for name, answer := range map[string]func() []byte{
			"at length":   func() []byte { out, _ := r.RespondWire(wire, nil, stranger); return out },
			"by a worker": func() []byte { out, _ := r.NewWorker().Answer(wire, make([]byte, 4096), stranger); return out },
		} {
			var reply mdns.Msg
			g.Expect(reply.Unpack(answer())).To(Succeed(), "%s, %s", test.name, name)
			g.Expect(reply.Rcode).To(Equal(want), "%s, %s", test.name, name)
			g.Expect(reply.IsEdns0() != nil).To(Equal(test.counted == additional && test.tail != ""), "%s, %s: OPT", test.name, name)
		}
		ignores := systemProfile()
		ignores.EDNS = false
		r = serve(t, dns.Config{Profile: ignores, Services: []dns.Service{app(pool("p", 10, up("10.0.0.1")))}})
		_, d := r.RespondWire(wire, nil, stranger)
		g.Expect(d.Outcome == dns.Rejected).To(Equal(test.flawed && test.tail == ""), "%s, where EDNS is ignored", test.name)
	}
}

// A client may ask for a server cookie alone (RFC 7873 section 5.4).
func TestCookieWithoutAQuestion(t *testing.T) {
	cookie := dns.NewCookie([8]byte{1}, [16]byte{2})
	q := &mdns.Msg{}
	q.SetEdns0(1232, false)
	for name, test := range map[string]struct {
		cookie  dns.Cookie
		version uint8
		want    int
	}{
		"with a cookie":   {cookie, 0, mdns.RcodeSuccess},
		"without":         {dns.Cookie{}, 0, mdns.RcodeFormatError},
		"with a bad one":  {dns.MalformedCookie, 0, mdns.RcodeFormatError},
		"of a later EDNS": {cookie, 1, mdns.RcodeFormatError},
	} {
		g := NewWithT(t)
		q.IsEdns0().SetVersion(test.version)
		reply, d := serveApp(t, app(pool("p", 10, up("10.0.0.1")))).Respond(q, dns.Client{Addr: stranger.Addr, Cookie: test.cookie})
		g.Expect(reply.Rcode).To(Equal(test.want), name)
		if test.want == mdns.RcodeSuccess {
			g.Expect(reply.IsEdns0().Option).To(HaveLen(1), name)
			g.Expect(reply.Question).To(BeEmpty(), name)
			g.Expect(d.Outcome).To(Equal(dns.Empty), name)
		}
	}
}

func TestRespondWireUsesTheBuffer(t *testing.T) {
	wire, _ := query(appName, mdns.TypeA).Pack()
	buf := make([]byte, 4096)
	out, _ := serveApp(t, app(pool("p", 10, up("10.0.0.1")))).RespondWire(wire, buf, stranger)
	NewWithT(t).Expect(&out[0]).To(BeIdenticalTo(&buf[0]))
}

// fuzzTable has an entry of every kind.
func fuzzTable(t testing.TB, profile dns.Profile) *dns.Table {
	geo := pool("geo", 10, in(london, up("10.0.0.1")), in(newYork, up("10.0.0.2")), named("x.example", "192.0.2.1"))
	geo.Algorithm = dns.Geo
	topology := pool("topology", 10, at("a", up("10.0.0.3")), at("b", up("2001:db8::3")))
	topology.Algorithm = dns.Topology
	every := app(geo, topology, hashed(pool("hash", 5, up("10.0.0.4"))))
	every.Domains = []string{"a.b", "e.a.b"}
	every.NumIPs, every.MinMembers, every.Wildcard, every.ResolveCNAME = ptr(0), 6, true, true
	broken := simple(2, "d.b", "10.0.0.5")
	broken.Pools[0].Members[0].Up = false
	broken.Down = dns.DownResponse{Type: dns.DownAllRecords}
	return newTable(t, dns.Config{
		Profile:  profile,
		Services: []dns.Service{every, broken},
		Records: []dns.Record{
			{Names: []string{"c.b"}, Type: mdns.TypeTXT, TXT: []string{"text"}, Wildcard: true},
			{Names: []string{"n.b"}, Type: mdns.TypeNS, Delegated: true, NS: []dns.NameServer{{Host: "m.b", Addrs: addrs("192.0.2.9")}}},
			{Names: []string{"w.b"}, Type: mdns.TypeCNAME, CNAME: "c.b"},
		},
		Topology: []dns.TopologyRule{{Name: "r", Clients: prefixes("192.0.2.0/25"), Site: "a", UseECS: true}},
		Geo:      everywhere{paris},
	})
}

// FuzzRespondWire feeds arbitrary messages: no panic, no reply to responses,
// replies that parse, echo the question and keep to the size limit.
func FuzzRespondWire(f *testing.F) {
	for _, name := range []string{"a.b.", "X.a.b.", "d.b.", "n.b.", "w.b.", "b.", "."} {
		for _, qtype := range []uint16{mdns.TypeA, mdns.TypeAAAA, mdns.TypeANY, mdns.TypeSOA, mdns.TypeTXT} {
			wire, _ := query(name, qtype).Pack()
			f.Add(wire, true, false)
		}
	}
	subnet, _ := withECS(query("a.b.", mdns.TypeA), "192.0.2.0/24").Pack()
	f.Add(subnet, true, true)
	f.Add(subnet[:30], false, false)
	profile := dns.SystemProfile()
	profile.Domains = []string{"b"}
	responds, drops := dns.NewResponder(1), dns.NewResponder(1)
	responds.Publish(fuzzTable(f, profile))
	profile.ErrorResponse = dns.ErrorDrop
	drops.Publish(fuzzTable(f, profile))
	f.Fuzz(func(t *testing.T, wire []byte, respond, tcp bool) {
		r := drops
		if respond {
			r = responds
		}
		out, d := r.RespondWire(wire, nil, dns.Client{Addr: stranger.Addr, TCP: tcp})
		d.Explain()
		if (out == nil) != (d.Outcome == dns.Dropped) {
			t.Fatalf("reply of %d bytes, outcome %v", len(out), d.Outcome)
		}
		if out == nil {
			return
		}
		checkReply(t, wire, out, tcp)
	})
}

func checkReply(t *testing.T, wire, out []byte, tcp bool) {
	if wire[2]&0x80 != 0 {
		t.Fatal("a reply to a response")
	}
	limit := 65535
	var asked, got mdns.Msg
	parsed := asked.Unpack(wire) == nil
	if !tcp {
		limit = 512
		if opt := asked.IsEdns0(); parsed && opt != nil {
			limit = min(max(512, int(opt.UDPSize())), dns.MaxUDPSize)
		}
	}
	if len(out) > limit {
		t.Fatalf("reply of %d bytes, limit %d", len(out), limit)
	}
	if err := got.Unpack(out); err != nil {
		t.Fatalf("reply does not parse: %v", err)
	}
	if binary.BigEndian.Uint16(out) != binary.BigEndian.Uint16(wire) || !got.Response || got.RecursionAvailable {
		t.Fatalf("header %+v", got.MsgHdr)
	}
	if len(got.Answer)+len(got.Ns) > 0 && got.Question[0] != asked.Question[0] {
		t.Fatalf("question %v, asked %v", got.Question, asked.Question)
	}
}
