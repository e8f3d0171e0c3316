package dns_test

import (
	"encoding/binary"
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
