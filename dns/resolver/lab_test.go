package resolver_test

import (
	"testing"
	"time"

	mdns "github.com/miekg/dns"
	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/dns"
	"github.com/gslbsim/gslbsim/dns/resolver"
)

// TestClientThatAsksForBothFamilies plays what a lab saw with curl: the client
// asks its resolver for A and AAAA at once, goes on when both are answered,
// and repeats both after five seconds without. A DNS virtual service that
// drops unhandled queries leaves the AAAA query without any reply, so that the
// client waits until its resolver gives up, although it has had the A record
// for a long time. One that responds costs nothing.
func TestClientThatAsksForBothFamilies(t *testing.T) {
	const giveUp = 9 * time.Second // of the lab's resolver
	tests := []struct {
		name    string
		profile dns.Profile
		wait    time.Duration
		repeats int
		rcode   int // of AAAA
	}{
		{"drop", dns.DefaultProfile(), giveUp, 1, mdns.RcodeServerFailure},
		{"respond", dns.SystemProfile(), 4 * time.Millisecond, 0, mdns.RcodeSuccess},
	}
	for _, test := range tests {
		hosts := map[string]*host{"10.0.0.1": zoneHost(t, 4*time.Millisecond, dns.Config{Profile: test.profile, Services: []dns.Service{{
			UUID: "gslbservice-1", Name: "hello", Domains: []string{"hello.avi.example"}, Enabled: true,
			Pools: []dns.Pool{{Name: "p", Priority: 10, Enabled: true, Members: []dns.Member{{Addr: ip("10.1.0.1"), Enabled: true, Up: true}}}},
		}}})}
		cfg := resolver.Config{Stubs: stub("avi.example", "10.0.0.1"), TotalTimeout: giveUp, TryTimeout: 3 * time.Second}
		inWorld(t, cfg, hosts, func(w *world) {
			g := NewWithT(w.t)
			c := &dualClient{world: w, answers: map[uint16]resolver.Answer{}}
			began := time.Now()
			c.ask()
			w.runFor(5 * time.Millisecond)
			g.Expect(c.answers[mdns.TypeA].Addrs).To(HaveLen(1), "%s: the A record is there at once", test.name)
			w.runFor(time.Minute)
			g.Expect(c.done.Sub(began)).To(Equal(test.wait), test.name)
			g.Expect(c.repeats).To(Equal(test.repeats), test.name)
			g.Expect(c.answers[mdns.TypeAAAA].Rcode).To(Equal(test.rcode), test.name)
			g.Expect(c.answers[mdns.TypeAAAA].Addrs).To(BeEmpty(), test.name)
		})
	}
}

// dualClient asks as a C library does for a program that takes either family.
type dualClient struct {
	*world
	answers map[uint16]resolver.Answer
	repeats int
	done    time.Time
}

func (c *dualClient) ask() {
	for _, qtype := range []uint16{mdns.TypeA, mdns.TypeAAAA} {
		c.r.Resolve("hello.avi.example", qtype, func(a resolver.Answer) {
			c.answers[qtype] = a
			if len(c.answers) == 2 && c.done.IsZero() {
				c.done = time.Now()
			}
		})
	}
	c.After(5*time.Second, "client", func() {
		if c.done.IsZero() {
			c.repeats++
			c.ask()
		}
	})
}
