package resolver_test

import (
	"fmt"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	mdns "github.com/miekg/dns"
	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/dns"
	"github.com/gslbsim/gslbsim/dns/resolver"
)

const soaLine = "example. 60 IN SOA ns.example. host.example. 1 10800 3600 86400 20"

// gslb is a parent zone which delegates to two GSLB sites' DNS services.
func gslb(t *testing.T) map[string]*host {
	ttl := uint32(3600)
	profile := dns.SystemProfile()
	profile.Domains = []string{"aclab.uk"}
	parent := zoneHost(t, 5*time.Millisecond, dns.Config{Profile: profile, Records: []dns.Record{
		{Names: []string{"gslb.aclab.uk"}, Type: mdns.TypeNS, Delegated: true, TTL: &ttl, NS: []dns.NameServer{
			{Host: "avi-ns01.aclab.uk", Addrs: []netip.Addr{ip("10.166.111.1")}},
			{Host: "avi-ns02.aclab.uk", Addrs: []netip.Addr{ip("10.166.111.101")}},
		}},
		{Names: []string{"application01.aclab.uk"}, Type: mdns.TypeCNAME, TTL: &ttl, CNAME: "application01.gslb.aclab.uk"},
	}})
	profile.Domains = []string{"gslb.aclab.uk"}
	service := dns.Config{Profile: profile, Services: []dns.Service{{
		UUID: "gslbservice-1", Name: "application01", Domains: []string{"application01.gslb.aclab.uk"}, Enabled: true,
		Pools: []dns.Pool{{Name: "p", Priority: 10, Enabled: true, Members: []dns.Member{
			{Addr: ip("10.1.0.1"), Enabled: true, Up: true}}}},
	}}}
	return map[string]*host{
		"10.0.0.53":      parent,
		"10.166.111.1":   zoneHost(t, 10*time.Millisecond, service),
		"10.166.111.101": zoneHost(t, 20*time.Millisecond, service),
	}
}

func TestFollowsDelegationAndAlias(t *testing.T) {
	inWorld(t, resolver.Config{Stubs: stub("aclab.uk", "10.0.0.53")}, gslb(t), func(w *world) {
		g := NewWithT(w.t)
		a := w.resolve("Application01.aclab.uk", mdns.TypeA)
		g.Expect(a.Err).NotTo(HaveOccurred())
		g.Expect(a.Addrs).To(Equal([]netip.Addr{ip("10.1.0.1")}))
		g.Expect(a.Chain).To(HaveLen(2))
		g.Expect(a.Chain[0].Header().Ttl).To(BeEquivalentTo(3599), "it was learned a round trip earlier")
		g.Expect(a.Chain[1].Header().Ttl).To(BeEquivalentTo(30))
		g.Expect(a.FromCache).To(BeFalse())
		g.Expect(a.Server).To(BeElementOf(ip("10.166.111.1"), ip("10.166.111.101")))
		// Alias and referral each cost a round trip to the parent.
		g.Expect(a.Took).To(BeElementOf(20*time.Millisecond, 30*time.Millisecond))
		g.Expect(w.count("10.0.0.53")).To(Equal(2))

		// Once the address has expired only a GSLB site is asked.
		w.runFor(31 * time.Second)
		g.Expect(w.resolve("application01.aclab.uk", mdns.TypeA).Addrs).To(HaveLen(1))
		g.Expect(w.count("10.0.0.53")).To(Equal(2))
	})
}

func TestKeepsRecordsForTheirTTL(t *testing.T) {
	hosts := map[string]*host{"10.0.0.1": answers(t, time.Millisecond, "a.example. 30 IN A 192.0.2.1", soaLine)}
	inWorld(t, resolver.Config{Stubs: stub("example", "10.0.0.1")}, hosts, func(w *world) {
		g := NewWithT(w.t)
		w.resolve("a.example", mdns.TypeA)
		w.runFor(29*time.Second + 500*time.Millisecond)
		a := w.resolve("a.example.", mdns.TypeA)
		g.Expect(a.FromCache).To(BeTrue())
		g.Expect(a.Server).To(Equal(ip("10.0.0.1")))
		g.Expect(a.Chain[0].Header().Ttl).To(BeEquivalentTo(0), "half a second is left, rounded down")
		g.Expect(w.log).To(HaveLen(1))
		w.runFor(500 * time.Millisecond)
		g.Expect(w.resolve("a.example", mdns.TypeA).FromCache).To(BeFalse())
		g.Expect(w.log).To(HaveLen(2))
	})
}

func TestTTLBounds(t *testing.T) {
	hosts := map[string]*host{"10.0.0.1": answers(t, time.Millisecond,
		"short.example. 1 IN A 192.0.2.1", "long.example. 86400 IN A 192.0.2.1")}
	cfg := resolver.Config{Stubs: stub("example", "10.0.0.1"), MinTTL: 10 * time.Second, MaxTTL: time.Minute}
	inWorld(t, cfg, hosts, func(w *world) {
		g := NewWithT(w.t)
		g.Expect(w.resolve("short.example", mdns.TypeA).Chain[0].Header().Ttl).To(BeEquivalentTo(10))
		g.Expect(w.resolve("long.example", mdns.TypeA).Chain[0].Header().Ttl).To(BeEquivalentTo(60))
	})
}

func TestZeroTTLIsNotKept(t *testing.T) {
	hosts := map[string]*host{"10.0.0.1": answers(t, time.Millisecond,
		"a.example. 0 IN CNAME b.example.", "b.example. 0 IN A 192.0.2.1")}
	inWorld(t, resolver.Config{Stubs: stub("example", "10.0.0.1")}, hosts, func(w *world) {
		g := NewWithT(w.t)
		for range 2 {
			a := w.resolve("a.example", mdns.TypeA)
			g.Expect(a.Addrs).To(Equal([]netip.Addr{ip("192.0.2.1")}))
			g.Expect(a.FromCache).To(BeFalse())
		}
		g.Expect(w.log).To(HaveLen(4))
	})
}

func TestNegativeCaching(t *testing.T) {
	hosts := map[string]*host{"10.0.0.1": answers(t, time.Millisecond, "a.example. 30 IN A 192.0.2.1", soaLine)}
	inWorld(t, resolver.Config{Stubs: stub("example", "10.0.0.1")}, hosts, func(w *world) {
		g := NewWithT(w.t)
		g.Expect(w.resolve("none.example", mdns.TypeA).Rcode).To(Equal(mdns.RcodeNameError))
		a := w.resolve("none.example", mdns.TypeAAAA)
		g.Expect(a.FromCache).To(BeTrue(), "a name that does not exist has no type")
		g.Expect(a.Rcode).To(Equal(mdns.RcodeNameError))
		g.Expect(w.log).To(HaveLen(1))

		a = w.resolve("a.example", mdns.TypeAAAA)
		g.Expect(a.Rcode).To(Equal(mdns.RcodeSuccess))
		g.Expect(a.Chain).To(BeEmpty())
		g.Expect(w.resolve("a.example", mdns.TypeAAAA).FromCache).To(BeTrue())
		g.Expect(w.resolve("a.example", mdns.TypeA).FromCache).To(BeFalse())
		g.Expect(w.log).To(HaveLen(3))

		w.runFor(20 * time.Second) // the SOA minimum, less than its TTL
		w.resolve("none.example", mdns.TypeA)
		w.resolve("a.example", mdns.TypeAAAA)
		g.Expect(w.log).To(HaveLen(5))
	})
}

// That a name is no alias says nothing of its other types, but answers the next who asks for an alias.
func TestAbsenceOfAnAlias(t *testing.T) {
	hosts := map[string]*host{"10.0.0.1": answers(t, time.Millisecond, "a.example. 30 IN A 192.0.2.1", soaLine)}
	inWorld(t, resolver.Config{Stubs: stub("example", "10.0.0.1")}, hosts, func(w *world) {
		g := NewWithT(w.t)
		for _, cached := range []bool{false, true} {
			a := w.resolve("a.example", mdns.TypeCNAME)
			g.Expect(a.Rcode).To(Equal(mdns.RcodeSuccess))
			g.Expect(a.Chain).To(BeEmpty())
			g.Expect(a.FromCache).To(Equal(cached))
		}
		g.Expect(w.resolve("a.example", mdns.TypeA).Addrs).To(Equal([]netip.Addr{ip("192.0.2.1")}))
		g.Expect(w.log).To(HaveLen(2))
	})
}

func TestAbsenceWithoutSOAIsNotKept(t *testing.T) {
	hosts := map[string]*host{"10.0.0.1": answers(t, time.Millisecond, "a.example. 30 IN A 192.0.2.1")}
	inWorld(t, resolver.Config{Stubs: stub("example", "10.0.0.1")}, hosts, func(w *world) {
		for range 2 {
			a := w.resolve("a.example", mdns.TypeAAAA)
			NewWithT(w.t).Expect(a.Rcode).To(Equal(mdns.RcodeSuccess))
		}
		NewWithT(w.t).Expect(w.log).To(HaveLen(2))
	})
}

func TestCoalescesQuestionsInFlight(t *testing.T) {
	hosts := map[string]*host{"10.0.0.1": answers(t, 50*time.Millisecond, "a.example. 0 IN A 192.0.2.1")}
	inWorld(t, resolver.Config{Stubs: stub("example", "10.0.0.1")}, hosts, func(w *world) {
		g := NewWithT(w.t)
		var got []resolver.Answer
		for range 100 {
			w.r.Resolve("a.example", mdns.TypeA, func(a resolver.Answer) { got = append(got, a) })
		}
		w.runFor(time.Second)
		g.Expect(got).To(HaveLen(100))
		g.Expect(w.log).To(HaveLen(1))
		g.Expect(got[0].Chain[0]).NotTo(BeIdenticalTo(got[99].Chain[0]), "records are the caller's")
		g.Expect(w.r.Stats().Joined).To(BeEquivalentTo(99))
	})
}

func referral(t *testing.T, ns, glue []string) *host {
	nsRRs, glueRRs := records(t, ns...), records(t, glue...)
	return scripted(time.Millisecond, func(m *mdns.Msg) {
		m.Authoritative = false
		m.Ns, m.Extra = nsRRs, glueRRs
	})
}

func TestLooksUpNameServersWithoutGlue(t *testing.T) {
	hosts := map[string]*host{
		"10.0.0.1": referral(t, []string{"sub.example. 60 IN NS ns.other."}, nil),
		"10.0.0.2": answers(t, time.Millisecond, "ns.other. 60 IN A 10.0.0.3"),
		"10.0.0.3": answers(t, time.Millisecond, "a.sub.example. 60 IN A 192.0.2.1"),
	}
	cfg := resolver.Config{Stubs: map[string][]netip.Addr{"example": {ip("10.0.0.1")}, "other": {ip("10.0.0.2")}}}
	inWorld(t, cfg, hosts, func(w *world) {
		NewWithT(w.t).Expect(w.resolve("a.sub.example", mdns.TypeA).Addrs).To(Equal([]netip.Addr{ip("192.0.2.1")}))
	})
}

func TestNameServersThatNeedEachOther(t *testing.T) {
	hosts := map[string]*host{
		"10.0.0.1": scripted(time.Millisecond, func(m *mdns.Msg) {
			m.Authoritative = false
			if mdns.IsSubDomain("a.example.", m.Question[0].Name) {
				m.Ns = records(t, "a.example. 60 IN NS ns.b.example.")
			} else {
				m.Ns = records(t, "b.example. 60 IN NS ns.a.example.")
			}
		}),
	}
	inWorld(t, resolver.Config{Stubs: stub("example", "10.0.0.1")}, hosts, func(w *world) {
		a := w.resolve("www.a.example", mdns.TypeA)
		NewWithT(w.t).Expect(a.Err).To(HaveOccurred())
		NewWithT(w.t).Expect(a.Took).To(BeNumerically("<", time.Second))
	})
}

func TestForeignGlueIsNotBelieved(t *testing.T) {
	hosts := map[string]*host{
		"10.0.0.1": referral(t, []string{"sub.example. 60 IN NS ns.other."}, []string{"ns.other. 60 IN A 203.0.113.66"}),
		"10.0.0.2": answers(t, time.Millisecond, "ns.other. 60 IN A 10.0.0.3"),
		"10.0.0.3": answers(t, time.Millisecond, "a.sub.example. 60 IN A 192.0.2.1"),
	}
	cfg := resolver.Config{Stubs: map[string][]netip.Addr{"example": {ip("10.0.0.1")}, "other": {ip("10.0.0.2")}}}
	inWorld(t, cfg, hosts, func(w *world) {
		NewWithT(w.t).Expect(w.resolve("a.sub.example", mdns.TypeA).Addrs).To(Equal([]netip.Addr{ip("192.0.2.1")}))
		NewWithT(w.t).Expect(w.count("203.0.113.66")).To(BeZero())
	})
}

func TestGlueThatExpiredIsFetchedAgain(t *testing.T) {
	hosts := map[string]*host{
		"10.0.0.1": referral(t, []string{"sub.example. 3600 IN NS ns.sub.example."}, []string{"ns.sub.example. 30 IN A 10.0.0.2"}),
		"10.0.0.2": answers(t, time.Millisecond, "a.sub.example. 10 IN A 192.0.2.1"),
	}
	inWorld(t, resolver.Config{Stubs: stub("example", "10.0.0.1")}, hosts, func(w *world) {
		g := NewWithT(w.t)
		for range 2 {
			g.Expect(w.resolve("a.sub.example", mdns.TypeA).Err).NotTo(HaveOccurred())
			w.runFor(20 * time.Second)
		}
		g.Expect(w.count("10.0.0.1")).To(Equal(1))
		g.Expect(w.resolve("a.sub.example", mdns.TypeA).Err).NotTo(HaveOccurred())
		g.Expect(w.count("10.0.0.1")).To(Equal(2))
	})
}

func TestGlueIsNotAnAnswer(t *testing.T) {
	hosts := map[string]*host{
		"10.0.0.1": referral(t, []string{"sub.example. 60 IN NS ns.sub.example."}, []string{"ns.sub.example. 60 IN A 10.0.0.2"}),
		"10.0.0.2": answers(t, time.Millisecond, "a.sub.example. 60 IN A 192.0.2.1", "ns.sub.example. 60 IN A 192.0.2.53"),
	}
	inWorld(t, resolver.Config{Stubs: stub("example", "10.0.0.1")}, hosts, func(w *world) {
		w.resolve("a.sub.example", mdns.TypeA)
		NewWithT(w.t).Expect(w.resolve("ns.sub.example", mdns.TypeA).Addrs).To(Equal([]netip.Addr{ip("192.0.2.53")}))
	})
}

func TestBelievesServersOnlyAboutTheirZone(t *testing.T) {
	rrs := records(t, "a.example. 60 IN CNAME www.victim.", "www.victim. 60 IN A 203.0.113.66")
	glue := records(t, "www.victim. 60 IN A 203.0.113.66")
	hosts := map[string]*host{
		"10.0.0.1": scripted(time.Millisecond, func(m *mdns.Msg) { m.Answer, m.Extra = rrs, glue }),
		"10.0.0.2": answers(t, time.Millisecond, "www.victim. 60 IN A 192.0.2.1"),
	}
	cfg := resolver.Config{Stubs: map[string][]netip.Addr{"example": {ip("10.0.0.1")}, "victim": {ip("10.0.0.2")}}}
	inWorld(t, cfg, hosts, func(w *world) {
		want := []netip.Addr{ip("192.0.2.1")}
		NewWithT(w.t).Expect(w.resolve("a.example", mdns.TypeA).Addrs).To(Equal(want))
		NewWithT(w.t).Expect(w.resolve("www.victim", mdns.TypeA).Addrs).To(Equal(want))
	})
}

func TestAliasLoop(t *testing.T) {
	hosts := map[string]*host{"10.0.0.1": answers(t, time.Millisecond,
		"a.example. 60 IN CNAME b.example.", "b.example. 60 IN CNAME a.example.")}
	inWorld(t, resolver.Config{Stubs: stub("example", "10.0.0.1")}, hosts, func(w *world) {
		for range 2 {
			NewWithT(w.t).Expect(w.resolve("a.example", mdns.TypeA).Rcode).To(Equal(mdns.RcodeServerFailure))
		}
	})
}

func TestTruncatedRepliesAreAskedAgainOverTCP(t *testing.T) {
	h := scripted(time.Millisecond, func(m *mdns.Msg) { m.Truncated = true })
	h.stream = answers(t, 0, "a.example. 60 IN A 192.0.2.1").answer
	inWorld(t, resolver.Config{Stubs: stub("example", "10.0.0.1")}, map[string]*host{"10.0.0.1": h}, func(w *world) {
		NewWithT(w.t).Expect(w.resolve("a.example", mdns.TypeA).Addrs).To(HaveLen(1))
	})
}

func TestCacheLimit(t *testing.T) {
	var lines []string
	for i := range 20 {
		lines = append(lines, fmt.Sprintf("a%d.example. 600 IN A 192.0.2.1", i))
	}
	hosts := map[string]*host{"10.0.0.1": answers(t, time.Millisecond, lines...)}
	inWorld(t, resolver.Config{Stubs: stub("example", "10.0.0.1"), CacheLimit: 10}, hosts, func(w *world) {
		g := NewWithT(w.t)
		for i := range 20 {
			w.resolve(fmt.Sprintf("a%d.example", i), mdns.TypeA)
			w.resolve("a0.example", mdns.TypeA)
		}
		g.Expect(w.log).To(HaveLen(20), "what is used stays")
		g.Expect(w.resolve("a1.example", mdns.TypeA).FromCache).To(BeFalse())
		g.Expect(w.resolve("a19.example", mdns.TypeA).FromCache).To(BeTrue())
	})
}

func TestCallbacksMayResolve(t *testing.T) {
	hosts := map[string]*host{"10.0.0.1": answers(t, time.Millisecond, "a.example. 0 IN A 192.0.2.1")}
	inWorld(t, resolver.Config{Stubs: stub("example", "10.0.0.1")}, hosts, func(w *world) {
		rounds := 0
		var again func(resolver.Answer)
		again = func(resolver.Answer) {
			if rounds++; rounds < 5 {
				w.r.Resolve("a.example", mdns.TypeA, again)
			}
		}
		w.r.Resolve("a.example", mdns.TypeA, again)
		w.runFor(time.Second)
		NewWithT(w.t).Expect(rounds).To(Equal(5))
	})
}

func TestSameSeedSameQueries(t *testing.T) {
	play := func() []sent {
		var log []sent
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, resolver.Config{Stubs: stub("aclab.uk", "10.0.0.53")}, gslb(t))
			for i := range 200 {
				w.hosts[ip("10.166.111.1")].down = i%50 > 40
				w.resolve("application01.aclab.uk", mdns.TypeA)
				w.runFor(time.Duration(i) * 100 * time.Millisecond)
			}
			log = w.log
		})
		return log
	}
	NewWithT(t).Expect(play()).To(Equal(play()))
}

func TestCacheHitIsCheap(t *testing.T) {
	hosts := map[string]*host{"10.0.0.1": answers(t, 0, "a.example. 60 IN CNAME b.example.", "b.example. 60 IN A 192.0.2.1")}
	inWorld(t, resolver.Config{Stubs: stub("example", "10.0.0.1")}, hosts, func(w *world) {
		w.resolve("a.example", mdns.TypeA)
		hits := 0
		done := func(a resolver.Answer) {
			if a.FromCache {
				hits++
			}
		}
		allocs := testing.AllocsPerRun(100, func() { w.r.Resolve("a.example.", mdns.TypeA, done) })
		NewWithT(w.t).Expect(hits).To(Equal(101), "done is called within the call")
		NewWithT(w.t).Expect(allocs).To(BeNumerically("<=", 3))
	})
}

func BenchmarkCacheHit(b *testing.B) {
	w := newWorld(nil, resolver.Config{Stubs: stub("example", "10.0.0.1")}, nil)
	w.hosts[ip("10.0.0.1")] = &host{answer: func(q *mdns.Msg) *mdns.Msg {
		m := new(mdns.Msg).SetReply(q)
		rr, _ := mdns.NewRR("a.example. 86400 IN A 192.0.2.1")
		m.Answer = []mdns.RR{rr}
		return m
	}}
	w.r.Resolve("a.example.", mdns.TypeA, func(resolver.Answer) {})
	w.runFor(0)
	b.ReportAllocs()
	for b.Loop() {
		w.r.Resolve("a.example.", mdns.TypeA, func(a resolver.Answer) {
			if !a.FromCache {
				b.Fatal("not from the cache")
			}
		})
	}
}
