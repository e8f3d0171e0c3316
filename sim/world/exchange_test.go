package world

import (
	"context"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	mdns "github.com/miekg/dns"
	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/dns"
	"github.com/gslbsim/gslbsim/dns/resolver"
	"github.com/gslbsim/gslbsim/internal/loop"
	"github.com/gslbsim/gslbsim/sim/bubble"
	"github.com/gslbsim/gslbsim/sim/network"
)

// manyMembers do not fit the datagrams that resolvers take.
const manyMembers = 100

// bigResponder answers big.gslb.example with all of its members.
func bigResponder(g *WithT) *dns.Responder {
	all := 0
	pool := dns.Pool{Name: "p", Priority: 10, Enabled: true}
	for i := range manyMembers {
		pool.Members = append(pool.Members, dns.Member{Addr: netip.AddrFrom4([4]byte{10, 0, 0, byte(i)}), Enabled: true, Up: true})
	}
	table, err := dns.NewTable(dns.Config{Profile: dns.SystemProfile(), Services: []dns.Service{{
		UUID: "big", Domains: []string{"big.gslb.example"}, Enabled: true, NumIPs: &all, Pools: []dns.Pool{pool},
	}}})
	g.Expect(err).NotTo(HaveOccurred())
	r := dns.NewResponder(1)
	r.Publish(table)
	return r
}

// A resolver fetches what was cut from a datagram over TCP: one round trip for the datagram, one for the handshake, one
// for the query.
func TestTruncatedRepliesAreFetchedOverTCP(t *testing.T) {
	const latency = 20 * time.Millisecond
	for name, tc := range map[string]struct {
		takesTCP bool
		answers  int
		took     time.Duration
	}{
		"a server that takes TCP": {true, manyMembers, 6 * latency},
		"a server that does not":  {false, 0, 0},
	} {
		g := NewWithT(t)
		g.Expect(bubble.In(t)(func() {
			ctx, stop := context.WithCancel(context.Background())
			l := loop.New(loop.Settle(bubble.Settle))
			ended := make(chan struct{})
			go func() { defer close(ended); l.Run(ctx) }()
			defer func() { stop(); <-ended }()

			here, server := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("198.51.100.1")
			n := network.New(l, 1)
			g.Expect(n.AddHost("resolver", "office", here)).To(Succeed())
			g.Expect(n.AddHost("server", "region01", server)).To(Succeed())
			n.SetLink("office", "region01", network.Link{Latency: latency})
			responder := bigResponder(g)
			x := &exchange{net: n, servers: map[netip.Addr]nameServer{}}
			x.servers[server] = func(q *mdns.Msg, from dns.Client) *mdns.Msg {
				if from.TCP && !tc.takesTCP {
					return nil
				}
				reply, _ := responder.Respond(q, from)
				return reply
			}
			var seen []bool // over TCP
			x.observe = func(_ netip.Addr, from dns.Client, _, _ *mdns.Msg) { seen = append(seen, from.TCP) }
			config := resolver.Config{Name: "r", Stubs: map[string][]netip.Addr{"gslb.example.": {server}}}
			r := resolver.New(config, resolverPort{x, here}, l, rand.New(rand.NewPCG(1, 2)))

			answered := make(chan resolver.Answer, 1)
			var began, took = time.Now(), time.Duration(0)
			g.Expect(l.Do(ctx, 0, "ask", func() {
				r.Resolve("big.gslb.example.", mdns.TypeA, func(a resolver.Answer) { took = time.Since(began); answered <- a })
			})).To(Succeed())
			got := <-answered
			g.Expect(got.Addrs).To(HaveLen(tc.answers), name)
			g.Expect(seen[:2]).To(Equal([]bool{false, true}), name)
			if tc.takesTCP {
				g.Expect(got.Err).NotTo(HaveOccurred(), name)
				g.Expect(took).To(Equal(tc.took), name)
			} else {
				g.Expect(got.Err).To(HaveOccurred(), name)
			}
		})).To(Succeed())
	}
}
