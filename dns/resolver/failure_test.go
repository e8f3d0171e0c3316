package resolver_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	mdns "github.com/miekg/dns"
	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/dns/resolver"
)

func TestTriesTheOtherServer(t *testing.T) {
	line := "a.example. 0 IN A 192.0.2.1"
	for _, selection := range []resolver.Selection{resolver.SelectBand, resolver.SelectFastest} {
		hosts := map[string]*host{
			"10.0.0.1": answers(t, 10*time.Millisecond, line), "10.0.0.2": answers(t, 10*time.Millisecond, line)}
		cfg := resolver.Config{Stubs: stub("example", "10.0.0.1", "10.0.0.2"), Selection: selection}
		inWorld(t, cfg, hosts, func(w *world) {
			g := NewWithT(w.t)
			w.hosts[ip("10.0.0.1")].down = true
			slow := 0
			for range 50 {
				a := w.resolve("a.example", mdns.TypeA)
				g.Expect(a.Server).To(Equal(ip("10.0.0.2")))
				g.Expect(a.Took).To(BeElementOf(10*time.Millisecond, 810*time.Millisecond))
				if a.Took > 800*time.Millisecond {
					slow++
				}
			}
			g.Expect(slow).To(BeNumerically("<=", 1), "a silent server is avoided")
		})
	}
}

func TestReturnsToAServerThatRecovered(t *testing.T) {
	tests := []struct {
		selection resolver.Selection
		queries   int
		every     time.Duration
	}{
		{resolver.SelectBand, 400, 5 * time.Second}, // past the interval of 15 minutes
		{resolver.SelectFastest, 400, time.Second},
	}
	for _, test := range tests {
		line := "a.example. 0 IN A 192.0.2.1"
		hosts := map[string]*host{
			"10.0.0.1": answers(t, 10*time.Millisecond, line), "10.0.0.2": answers(t, 10*time.Millisecond, line)}
		cfg := resolver.Config{Stubs: stub("example", "10.0.0.1", "10.0.0.2"), Selection: test.selection}
		inWorld(t, cfg, hosts, func(w *world) {
			g := NewWithT(w.t)
			w.hosts[ip("10.0.0.1")].down = true
			for range 10 {
				w.resolve("a.example", mdns.TypeA)
			}
			w.hosts[ip("10.0.0.1")].down = false
			before := w.count("10.0.0.1")
			for range test.queries {
				w.resolve("a.example", mdns.TypeA)
				w.runFor(test.every)
			}
			g.Expect(w.count("10.0.0.1") - before).To(BeNumerically(">", 20))
		})
	}
}

func TestSelection(t *testing.T) {
	tests := []struct {
		name      string
		selection resolver.Selection
		far       time.Duration
		low, high int // of 1000 queries to the near server
	}{
		{"band shares evenly", resolver.SelectBand, 200 * time.Millisecond, 440, 560},
		{"band leaves out the far one", resolver.SelectBand, 600 * time.Millisecond, 990, 1000},
		{"fastest prefers the near one", resolver.SelectFastest, 200 * time.Millisecond, 970, 999},
	}
	for _, test := range tests {
		line := "a.example. 0 IN A 192.0.2.1"
		hosts := map[string]*host{
			"10.0.0.1": answers(t, 10*time.Millisecond, line), "10.0.0.2": answers(t, test.far, line)}
		cfg := resolver.Config{Stubs: stub("example", "10.0.0.2", "10.0.0.1"), Selection: test.selection}
		inWorld(t, cfg, hosts, func(w *world) {
			for range 1000 {
				w.resolve("a.example", mdns.TypeA)
			}
			near := w.count("10.0.0.1")
			if near < test.low || near > test.high {
				t.Errorf("%s: %d of 1000 queries went to the near server, want %d-%d", test.name, near, test.low, test.high)
			}
		})
	}
}

func TestFailures(t *testing.T) {
	refuse := scripted(time.Millisecond, func(m *mdns.Msg) { m.Rcode = mdns.RcodeRefused })
	lame := scripted(time.Millisecond, func(m *mdns.Msg) { m.Authoritative = false })
	liar := scripted(time.Millisecond, func(m *mdns.Msg) { m.Id++ })
	unreachable := &host{rtt: time.Millisecond, err: errors.New("no route")}
	tests := []struct {
		name string
		cfg  resolver.Config
		host *host
		err  error
		took time.Duration
	}{
		{"silent", resolver.Config{}, &host{down: true}, resolver.ErrTimeout, 2400 * time.Millisecond},
		{"total timeout", resolver.Config{TotalTimeout: time.Second}, &host{down: true}, resolver.ErrTimeout, time.Second},
		{"unreachable", resolver.Config{}, unreachable, resolver.ErrTimeout, 3 * time.Millisecond},
		{"refused", resolver.Config{}, refuse, resolver.ErrServers, time.Millisecond},
		{"lame", resolver.Config{}, lame, resolver.ErrServers, time.Millisecond},
		{"wrong id", resolver.Config{}, liar, resolver.ErrServers, time.Millisecond},
	}
	for _, test := range tests {
		test.cfg.Stubs = stub("example", "10.0.0.1")
		inWorld(t, test.cfg, map[string]*host{"10.0.0.1": test.host}, func(w *world) {
			g := NewWithT(w.t)
			a := w.resolve("a.example", mdns.TypeA)
			g.Expect(a.Rcode).To(Equal(mdns.RcodeServerFailure), test.name)
			g.Expect(errors.Is(a.Err, test.err)).To(BeTrue(), "%s: %v", test.name, a.Err)
			g.Expect(a.Took).To(Equal(test.took), test.name)

			sent := len(w.log)
			a = w.resolve("a.example", mdns.TypeA)
			g.Expect(errors.Is(a.Err, resolver.ErrRecentFailure)).To(BeTrue(), test.name)
			g.Expect(w.log).To(HaveLen(sent), "failures are remembered")
			w.runFor(5 * time.Second)
			w.resolve("a.example", mdns.TypeA)
			g.Expect(len(w.log)).To(BeNumerically(">", sent), test.name)
		})
	}
}

// Referrals lead down towards the name that was asked for. Others are of no use, and nobody that they name is asked.
func TestReferralsThatLeadElsewhere(t *testing.T) {
	for name, zone := range map[string]string{
		"to the zone itself": "b.example.", "beside the name": "c.b.example.", "up": "example.", "to the root": ".", "away": "victim.",
	} {
		server := "ns." + zone
		if zone == "." {
			server = "ns.victim."
		}
		ns, glue := records(t, zone+" 60 IN NS "+server), records(t, server+" 60 IN A 203.0.113.66")
		hosts := map[string]*host{
			"10.0.0.1":     scripted(time.Millisecond, func(m *mdns.Msg) { m.Authoritative, m.Ns, m.Extra = false, ns, glue }),
			"203.0.113.66": answers(t, time.Millisecond, "a.b.example. 60 IN A 203.0.113.1"),
		}
		inWorld(t, resolver.Config{Stubs: stub("b.example", "10.0.0.1")}, hosts, func(w *world) {
			g := NewWithT(w.t)
			a := w.resolve("a.b.example", mdns.TypeA)
			g.Expect(a.Err).To(MatchError(resolver.ErrServers), name)
			g.Expect(w.count("203.0.113.66")).To(BeZero(), name)
		})
	}
}

func TestBadQuestions(t *testing.T) {
	inWorld(t, resolver.Config{}, nil, func(w *world) {
		g := NewWithT(w.t)
		g.Expect(w.resolve("a..b", mdns.TypeA).Rcode).To(Equal(mdns.RcodeFormatError))
		g.Expect(w.resolve("a.b", mdns.TypeANY).Rcode).To(Equal(mdns.RcodeNotImplemented))
		g.Expect(w.resolve("a.b", mdns.TypeANY).Err).To(MatchError(resolver.ErrBadQuestion))
		g.Expect(w.resolve("a.b", mdns.TypeA).Err).To(MatchError(resolver.ErrNoServers))
	})
}

func TestOneBadServerDoesNotHurt(t *testing.T) {
	refuse := scripted(time.Millisecond, func(m *mdns.Msg) { m.Rcode = mdns.RcodeRefused })
	hosts := map[string]*host{"10.0.0.1": refuse, "10.0.0.2": answers(t, time.Millisecond, "a.example. 0 IN A 192.0.2.1")}
	inWorld(t, resolver.Config{Stubs: stub("example", "10.0.0.1", "10.0.0.2")}, hosts, func(w *world) {
		for range 20 {
			NewWithT(w.t).Expect(w.resolve("a.example", mdns.TypeA).Addrs).To(HaveLen(1))
		}
		NewWithT(w.t).Expect(w.count("10.0.0.1")).To(BeNumerically(">", 0))
	})
}

func TestServeStale(t *testing.T) {
	hosts := map[string]*host{"10.0.0.1": answers(t, time.Millisecond, "a.example. 30 IN A 192.0.2.1", soaLine)}
	cfg := resolver.Config{Stubs: stub("example", "10.0.0.1"), ServeStale: resolver.ServeStale{MaxAge: time.Hour}}
	inWorld(t, cfg, hosts, func(w *world) {
		g := NewWithT(w.t)
		w.resolve("a.example", mdns.TypeA)
		w.hosts[ip("10.0.0.1")].down = true
		w.runFor(time.Minute)
		a := w.resolve("a.example", mdns.TypeA)
		g.Expect(a.Stale).To(BeTrue())
		g.Expect(a.Err).NotTo(HaveOccurred())
		g.Expect(a.Took).To(Equal(1800 * time.Millisecond))
		g.Expect(a.Chain[0].Header().Ttl).To(BeEquivalentTo(30))

		late := w.resolve("a.example", mdns.TypeA)
		g.Expect(late.Stale).To(BeTrue())
		g.Expect(late.Took).To(BeZero(), "the resolution in flight is overdue")

		w.runFor(time.Second) // it has failed by now
		again := w.resolve("a.example", mdns.TypeA)
		g.Expect(again.Stale).To(BeTrue())
		g.Expect(again.FromCache).To(BeTrue(), "the failure is remembered")

		w.hosts[ip("10.0.0.1")].down = false
		w.runFor(5 * time.Second)
		g.Expect(w.resolve("a.example", mdns.TypeA).Stale).To(BeFalse())

		w.hosts[ip("10.0.0.1")].down = true
		w.runFor(2 * time.Hour)
		g.Expect(w.resolve("a.example", mdns.TypeA).Err).To(HaveOccurred(), "too old")
	})
}

func TestStaleRecordsEndWithTheName(t *testing.T) {
	hosts := map[string]*host{"10.0.0.1": answers(t, time.Millisecond, "a.example. 30 IN A 192.0.2.1", soaLine)}
	cfg := resolver.Config{Stubs: stub("example", "10.0.0.1"), ServeStale: resolver.ServeStale{MaxAge: time.Hour}}
	inWorld(t, cfg, hosts, func(w *world) {
		g := NewWithT(w.t)
		w.resolve("a.example", mdns.TypeA)
		w.hosts[ip("10.0.0.1")] = answers(t, time.Millisecond, soaLine)
		w.runFor(time.Minute)
		g.Expect(w.resolve("a.example", mdns.TypeA).Rcode).To(Equal(mdns.RcodeNameError))
		w.hosts[ip("10.0.0.1")].down = true
		w.runFor(time.Minute)
		a := w.resolve("a.example", mdns.TypeA)
		g.Expect(a.Addrs).To(BeEmpty())
		g.Expect(a.Rcode).To(Equal(mdns.RcodeNameError))
	})
}

func TestLateRepliesAreIgnored(t *testing.T) {
	hosts := map[string]*host{"10.0.0.1": answers(t, 900*time.Millisecond, "a.example. 60 IN A 192.0.2.1")}
	inWorld(t, resolver.Config{Stubs: stub("example", "10.0.0.1")}, hosts, func(w *world) {
		a := w.resolve("a.example", mdns.TypeA)
		NewWithT(w.t).Expect(a.Err).To(MatchError(resolver.ErrTimeout))
		w.runFor(time.Minute)
	})
}

func TestInFlightLimit(t *testing.T) {
	inWorld(t, resolver.Config{Stubs: stub("example", "10.0.0.1"), InFlightLimit: 2}, nil, func(w *world) {
		g := NewWithT(w.t)
		var errs []error
		for i := range 3 {
			w.r.Resolve(fmt.Sprintf("a%d.example", i), mdns.TypeA, func(a resolver.Answer) { errs = append(errs, a.Err) })
		}
		g.Expect(errs).To(ConsistOf(MatchError(resolver.ErrLimit)))
		w.runFor(time.Minute)
		g.Expect(errs).To(HaveLen(3))
	})
}

func TestQueryLimit(t *testing.T) {
	var servers []string
	for i := range 20 {
		servers = append(servers, fmt.Sprintf("10.0.0.%d", i))
	}
	cfg := resolver.Config{Stubs: stub("example", servers...), TotalTimeout: time.Hour}
	inWorld(t, cfg, nil, func(w *world) {
		a := w.resolve("a.example", mdns.TypeA)
		NewWithT(w.t).Expect(a.Err).To(MatchError(resolver.ErrLimit))
		NewWithT(w.t).Expect(w.log).To(HaveLen(32))
	})
}
