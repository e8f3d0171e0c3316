package traffic_test

import (
	"context"
	"fmt"
	"hash/fnv"
	"maps"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/internal/loop"
	"github.com/gslbsim/gslbsim/sim/bubble"
	"github.com/gslbsim/gslbsim/sim/traffic"
)

type resolverFunc func(client netip.Addr, name string, done func(traffic.Reply))

func (f resolverFunc) Resolve(client netip.Addr, name string, done func(traffic.Reply)) {
	f(client, name, done)
}

func stream(name string) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(name))
	return rand.New(rand.NewPCG(1, h.Sum64()))
}

// play runs a group for a time and returns how its questions ended.
func play(t *testing.T, g traffic.Group, d time.Duration, resolvers func(l *loop.Loop) []traffic.Named) []traffic.Outcome {
	t.Helper()
	var out []traffic.Outcome
	NewWithT(t).Expect(bubble.In(t)(func() {
		ctx, stop := context.WithTimeout(context.Background(), d)
		defer stop()
		l := loop.New(loop.Settle(bubble.Settle))
		traffic.Start(g, resolvers(l), l, stream, func(o traffic.Outcome) { out = append(out, o) })
		l.Run(ctx)
	})).To(Succeed())
	return out
}

var addr = netip.MustParseAddr("10.0.0.1")

func instant(name string) traffic.Named {
	return traffic.Named{Name: name, Resolver: resolverFunc(func(_ netip.Addr, _ string, done func(traffic.Reply)) { done(traffic.Reply{Addr: addr, Cached: true}) })}
}

func TestClientsAskAtTheirRateAndSpreadOverResolvers(t *testing.T) {
	g := NewWithT(t)
	out := play(t, traffic.Group{Name: "u", Host: "a.example", Clients: 100, Every: 10 * time.Second, Timeout: time.Second}, 1000*time.Second,
		func(*loop.Loop) []traffic.Named { return []traffic.Named{instant("r1"), instant("r2")} })
	g.Expect(len(out)).To(BeNumerically("~", 100*100, 150))
	per := map[string]int{}
	for _, o := range out {
		per[o.Resolver]++
		g.Expect(o.Addr).To(Equal(addr))
		g.Expect(o.Took).To(BeZero())
	}
	g.Expect(per["r1"]).To(BeNumerically("~", per["r2"], 100))
}

func TestAQuestionEndsOnceWithItsAnswerOrItsTimeout(t *testing.T) {
	for name, tc := range map[string]struct {
		delay time.Duration
		rcode int
		took  time.Duration
	}{
		"in time":  {300 * time.Millisecond, 0, 300 * time.Millisecond},
		"too late": {3 * time.Second, -1, time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			out := play(t, traffic.Group{Name: "u", Host: "a.example", Clients: 5, Every: 10 * time.Second, Timeout: time.Second}, 100*time.Second,
				func(l *loop.Loop) []traffic.Named {
					return []traffic.Named{{Name: "slow", Resolver: resolverFunc(func(_ netip.Addr, _ string, done func(traffic.Reply)) {
						l.After(tc.delay, "slow", func() { done(traffic.Reply{Addr: addr}) })
					})}}
				})
			g.Expect(len(out)).To(BeNumerically("~", 50, 5))
			for _, o := range out {
				g.Expect(o.Rcode).To(Equal(tc.rcode))
				g.Expect(o.Took).To(Equal(tc.took))
			}
		})
	}
}

// One more client must not change what the others do.
func TestAClientsDrawsAreItsOwn(t *testing.T) {
	g := NewWithT(t)
	times := func(clients int) map[string]int {
		seen := map[string]int{}
		var at time.Time
		play(t, traffic.Group{Name: "u", Host: "h", Clients: clients, Every: time.Second, Timeout: time.Second}, 20*time.Second,
			func(*loop.Loop) []traffic.Named {
				return []traffic.Named{{Name: "r", Resolver: resolverFunc(func(_ netip.Addr, _ string, done func(traffic.Reply)) {
					at = time.Now()
					seen[fmt.Sprint(at.UnixNano())]++
					done(traffic.Reply{})
				})}}
			})
		return seen
	}
	few, more := times(9), times(11)
	for at := range few {
		g.Expect(more).To(HaveKey(at))
	}
}

func TestClientsHaveAddressesOfTheirNetwork(t *testing.T) {
	g := NewWithT(t)
	seen := map[string]bool{}
	ask := func(network string) []string {
		clear(seen)
		group := traffic.Group{Name: "u", Host: "h", Clients: 5, Every: time.Second, Timeout: time.Second}
		if network != "" {
			group.Network = netip.MustParsePrefix(network)
		}
		play(t, group, 5*time.Second, func(*loop.Loop) []traffic.Named {
			return []traffic.Named{{Name: "r", Resolver: resolverFunc(func(client netip.Addr, _ string, done func(traffic.Reply)) {
				seen[client.String()] = true
				done(traffic.Reply{})
			})}}
		})
		return slices.Sorted(maps.Keys(seen))
	}
	g.Expect(ask("192.0.2.0/24")).To(Equal([]string{"192.0.2.0", "192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"}))
	g.Expect(ask("192.0.2.8/31")).To(Equal([]string{"192.0.2.8", "192.0.2.9"}), "from the start again")
	g.Expect(ask("")).To(Equal([]string{"invalid IP"}))
}
