package resolver_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	mdns "github.com/miekg/dns"
	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/dns"
	"github.com/gslbsim/gslbsim/dns/resolver"
)

// ask is world.resolve for a client.
func (w *world) ask(client, name string) resolver.Answer {
	w.t.Helper()
	var got *resolver.Answer
	var from netip.Addr
	if client != "" {
		from = ip(client)
	}
	w.r.ResolveFor(from, name, mdns.TypeA, func(a resolver.Answer) { got = &a })
	w.runFor(time.Second)
	if got == nil {
		w.t.Fatalf("%s: no answer", name)
	}
	return *got
}

// told is the client subnet option of a query as text, "" without one.
func told(q *mdns.Msg) string {
	for _, option := range q.IsEdns0().Option {
		if e, ok := option.(*mdns.EDNS0_SUBNET); ok {
			return fmt.Sprintf("%v/%d", e.Address, e.SourceNetmask)
		}
	}
	return ""
}

// located answers with an address made of the client's network, for a scope.
func located(scope func(name string) uint8, queries *[]string) *host {
	return scripted(time.Millisecond, func(reply *mdns.Msg) {
		q := reply.Question[0]
		reply.Answer = []mdns.RR{&mdns.A{Hdr: mdns.RR_Header{Name: q.Name, Rrtype: mdns.TypeA, Class: mdns.ClassINET, Ttl: 30}, A: []byte{192, 0, 2, 1}}}
	}).with(func(q, reply *mdns.Msg) {
		*queries = append(*queries, told(q))
		for _, option := range q.IsEdns0().Option {
			e := *option.(*mdns.EDNS0_SUBNET)
			if e.Family == 1 {
				network, _ := netip.AddrFrom4([4]byte(e.Address.To4())).Prefix(int(scope(q.Question[0].Name)))
				reply.Answer[0].(*mdns.A).A = network.Addr().AsSlice()
			}
			e.SourceScope = scope(q.Question[0].Name)
			reply.SetEdns0(1232, false)
			reply.IsEdns0().Option = []mdns.EDNS0{&e}
		}
	})
}

// with adds to what a host replies.
func (h *host) with(more func(q, reply *mdns.Msg)) *host {
	before := h.answer
	h.answer = func(q *mdns.Msg) *mdns.Msg {
		reply := before(q)
		more(q, reply)
		return reply
	}
	return h
}

// subnets is a resolver that tells client networks.
func subnets() resolver.Config {
	return resolver.Config{Stubs: stub("example", "10.0.0.1"), ClientSubnet: true, Address: ip("10.9.9.9")}
}

func TestTellsTheClientsNetwork(t *testing.T) {
	for _, tc := range []struct{ client, want string }{
		{"198.51.100.77", "198.51.100.0/24"}, {"2001:db8:1:2ff:3::4", "2001:db8:1:200::/56"}, {"::ffff:198.51.100.77", "198.51.100.0/24"},
		{"", "10.9.9.0/24"},
	} {
		var queries []string
		hosts := map[string]*host{"10.0.0.1": located(func(string) uint8 { return 0 }, &queries)}
		inWorld(t, subnets(), hosts, func(w *world) {
			NewWithT(w.t).Expect(w.ask(tc.client, "a.example").Err).NotTo(HaveOccurred())
		})
		NewWithT(t).Expect(queries).To(Equal([]string{tc.want}))
	}
	var queries []string
	off := resolver.Config{Stubs: stub("example", "10.0.0.1")}
	inWorld(t, off, map[string]*host{"10.0.0.1": located(func(string) uint8 { return 0 }, &queries)}, func(w *world) {
		w.ask("198.51.100.77", "a.example")
		NewWithT(w.t).Expect(w.ask("203.0.113.1", "a.example").FromCache).To(BeTrue())
	})
	NewWithT(t).Expect(queries).To(Equal([]string{""}), "off unless asked for")
}

// An answer is used for the clients within its scope, and for no others.
func TestScopeInTheCache(t *testing.T) {
	scopes := map[string]uint8{"all.example.": 0, "wide.example.": 16, "narrow.example.": 24, "longer.example.": 32}
	for _, tc := range []struct {
		name                   string
		neighbour, far, abroad bool // from the cache, for a client of the same /24, the same /16, another one
	}{
		{"all.example", true, true, true}, {"wide.example", true, true, false}, {"narrow.example", true, false, false},
		{"longer.example", true, false, false}, // nobody was told more than 24 bits
	} {
		var queries []string
		hosts := map[string]*host{"10.0.0.1": located(func(name string) uint8 { return scopes[name] }, &queries)}
		inWorld(t, subnets(), hosts, func(w *world) {
			g := NewWithT(w.t)
			g.Expect(w.ask("198.51.100.1", tc.name).FromCache).To(BeFalse())
			g.Expect(w.ask("198.51.100.2", tc.name).FromCache).To(Equal(tc.neighbour), tc.name)
			g.Expect(w.ask("198.51.7.1", tc.name).FromCache).To(Equal(tc.far), tc.name)
			g.Expect(w.ask("203.0.113.1", tc.name).FromCache).To(Equal(tc.abroad), tc.name)
			g.Expect(w.ask("2001:db8::1", tc.name).FromCache).To(Equal(tc.abroad), tc.name)
			// What the others were told has not pushed out the first answer.
			a := w.ask("198.51.100.3", tc.name)
			g.Expect(a.FromCache).To(BeTrue(), tc.name)
			g.Expect(a.Addrs).To(HaveLen(1))
			w.runFor(31 * time.Second)
			g.Expect(w.ask("198.51.100.3", tc.name).FromCache).To(BeFalse(), tc.name)
		})
	}
}

// Of several answers that are for a client, the one for the fewest clients is used.
func TestNarrowestScopeWins(t *testing.T) {
	g := NewWithT(t)
	scope, queries := uint8(24), []string{}
	hosts := map[string]*host{"10.0.0.1": located(func(string) uint8 { return scope }, &queries)}
	inWorld(t, subnets(), hosts, func(w *world) {
		g.Expect(w.ask("198.51.100.1", "a.example").Addrs).To(Equal([]netip.Addr{ip("198.51.100.0")}))
		scope = 16
		g.Expect(w.ask("198.52.1.1", "a.example").Addrs).To(Equal([]netip.Addr{ip("198.52.0.0")}))
		scope = 20
		g.Expect(w.ask("198.53.100.1", "a.example").Addrs).To(Equal([]netip.Addr{ip("198.53.96.0")}))
		scope = 16 // a newer answer for more clients takes the place of one for fewer
		g.Expect(w.ask("198.53.1.1", "a.example").Addrs).To(Equal([]netip.Addr{ip("198.53.0.0")}))
		g.Expect(w.ask("198.53.100.1", "a.example").Addrs).To(Equal([]netip.Addr{ip("198.53.0.0")}))
		g.Expect(w.ask("198.51.100.1", "a.example").Addrs).To(Equal([]netip.Addr{ip("198.51.100.0")}))
		g.Expect(queries).To(HaveLen(4))
		w.runFor(31 * time.Second)
		scope = 24 // one for fewer clients counts beside an older one for more
		g.Expect(w.ask("198.53.100.1", "a.example").Addrs).To(Equal([]netip.Addr{ip("198.53.100.0")}))
		g.Expect(w.ask("198.53.100.2", "a.example").FromCache).To(BeTrue())
	})
}

// That a name does not exist holds for everybody (RFC 7871 section 7.4).
func TestAbsenceIsForAllClients(t *testing.T) {
	zone := answers(t, time.Millisecond, "a.example. 30 IN A 192.0.2.1", soaLine).with(func(q, reply *mdns.Msg) {
		for _, option := range q.IsEdns0().Option {
			e := *option.(*mdns.EDNS0_SUBNET)
			e.SourceScope = 24
			reply.SetEdns0(1232, false)
			reply.IsEdns0().Option = []mdns.EDNS0{&e}
		}
	})
	inWorld(t, subnets(), map[string]*host{"10.0.0.1": zone}, func(w *world) {
		g := NewWithT(w.t)
		g.Expect(w.ask("198.51.100.1", "no.example").Rcode).To(Equal(mdns.RcodeNameError))
		g.Expect(w.ask("203.0.113.1", "no.example").FromCache).To(BeTrue())
	})
}

// A reply about another network than was asked for is not believed.
func TestReplyAboutAnotherNetwork(t *testing.T) {
	var queries []string
	liar := located(func(string) uint8 { return 24 }, &queries).with(func(_, reply *mdns.Msg) {
		reply.IsEdns0().Option[0].(*mdns.EDNS0_SUBNET).Address = []byte{203, 0, 113, 0}
	})
	inWorld(t, subnets(), map[string]*host{"10.0.0.1": liar}, func(w *world) {
		NewWithT(w.t).Expect(w.ask("198.51.100.1", "a.example").Err).To(MatchError(resolver.ErrServers))
	})
}

// However many networks ask for a name, the cache keeps a bounded number of answers.
func TestManyNetworksOfOneName(t *testing.T) {
	var queries []string
	hosts := map[string]*host{"10.0.0.1": located(func(string) uint8 { return 24 }, &queries)}
	inWorld(t, subnets(), hosts, func(w *world) {
		for i := range 1100 {
			w.r.ResolveFor(netip.AddrFrom4([4]byte{20, byte(i >> 8), byte(i), 1}), "a.example", mdns.TypeA, func(resolver.Answer) {})
		}
		w.runFor(time.Second)
		g := NewWithT(w.t)
		g.Expect(w.ask("20.4.75.9", "a.example").FromCache).To(BeTrue(), "the last one")
		g.Expect(w.ask("20.0.0.9", "a.example").FromCache).To(BeFalse(), "the first one")
	})
}

// Whatever clients asked before, each gets what the DNS virtual service has for its own network.
func TestCachedAnswersAreTheClientsOwn(t *testing.T) {
	pool := dns.Pool{Name: "p", Priority: 10, Enabled: true, Algorithm: dns.ConsistentHash, HashMask: 14}
	for i := range 5 {
		pool.Members = append(pool.Members, dns.Member{Addr: netip.AddrFrom4([4]byte{10, 1, 0, byte(i)}), Enabled: true, Up: true})
	}
	table, err := dns.NewTable(dns.Config{Profile: dns.SystemProfile(), Services: []dns.Service{{
		UUID: "s", Domains: []string{"a.example"}, Enabled: true, UseECS: true, Pools: []dns.Pool{pool},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	responder := dns.NewResponder(1)
	responder.Publish(table)
	asked := 0
	direct := func(q *mdns.Msg) *mdns.Msg {
		reply, _ := responder.Respond(q, dns.Client{Addr: ip("192.0.2.53")})
		return reply
	}
	hosts := map[string]*host{"10.0.0.1": {rtt: time.Millisecond, answer: func(q *mdns.Msg) *mdns.Msg { asked++; return direct(q) }}}
	inWorld(t, subnets(), hosts, func(w *world) {
		rng := rand.New(rand.NewPCG(3, 4))
		for range 600 {
			client := netip.AddrFrom4([4]byte{20, byte(rng.UintN(24)), byte(rng.Uint32()), byte(rng.Uint32())})
			network, _ := client.Prefix(24)
			q := new(mdns.Msg).SetQuestion("a.example.", mdns.TypeA)
			q.Extra = append(q.Extra, dns.SubnetOption(network))
			want := direct(q).Answer[0].(*mdns.A).A.String()
			if got := w.ask(client.String(), "a.example").Addrs[0].String(); got != want {
				t.Fatalf("%v was given %s, its own is %s", client, got, want)
			}
		}
	})
	// 24 networks of 16 bits lie in 6 of 14, each asked anew every 30 s.
	NewWithT(t).Expect(asked).To(BeNumerically("<=", 6*600/30+6))
}
