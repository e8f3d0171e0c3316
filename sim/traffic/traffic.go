// Package traffic plays the clients: stub resolvers on people's machines that ask a caching resolver for a name, again
// and again, and give up after a while.
package traffic

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"time"
)

// Scheduler runs callbacks at a later time, one at a time. *loop.Loop is one.
type Scheduler interface {
	After(d time.Duration, key string, fn func()) (cancel func())
}

// Reply is what a resolver answered.
type Reply struct {
	Addr   netip.Addr // the first address, invalid if there was none
	Rcode  int        // -1: no reply at all
	Cached bool
}

// Resolver answers questions of clients, whose address may be the zero Addr: then it is not known. done is called once, on
// the scheduler's goroutine, possibly before Resolve returns.
type Resolver interface {
	Resolve(client netip.Addr, name string, done func(Reply))
}

// Outcome is how one question of one client ended.
type Outcome struct {
	Reply
	Resolver string
	Took     time.Duration
}

// Group is a number of clients that ask for one name.
type Group struct {
	Name    string
	Host    string
	Clients int
	// Every is the mean time between two questions of one client; single gaps vary evenly by Jitter of it.
	Every   time.Duration
	Timeout time.Duration
	// Network is where the clients are, the first one at its first address and so on, from the start again where it is too
	// small for all; the zero Prefix: their addresses are not known.
	Network netip.Prefix
}

// Jitter is the share of Group.Every by which a gap between two questions is longer or shorter at most.
const Jitter = 0.1

// Named is a resolver and its name.
type Named struct {
	Name string
	Resolver
}

// Start lets the clients of a group ask from now on, for ever; done is told how each question ended. Clients are spread
// evenly over the resolvers, begin at random instants within Every, and draw all that is random from streams of their own:
// stream is called once per client with its name.
func Start(g Group, resolvers []Named, s Scheduler, stream func(name string) *rand.Rand, done func(Outcome)) {
	addr := g.Network.Addr()
	for i := range g.Clients {
		name := fmt.Sprintf("traffic/%s/%06d", g.Name, i)
		c := &client{
			group: g, key: name, resolver: resolvers[i%len(resolvers)], sched: s, rng: stream(name), done: done, addr: addr,
		}
		if addr = addr.Next(); !g.Network.Contains(addr) {
			addr = g.Network.Addr()
		}
		s.After(time.Duration(c.rng.Float64()*float64(g.Every)), c.key, c.ask)
	}
}

type client struct {
	group    Group
	key      string
	resolver Named
	sched    Scheduler
	rng      *rand.Rand
	done     func(Outcome)
	addr     netip.Addr
}

// ask puts one question and plans the next one.
func (c *client) ask() {
	gap := float64(c.group.Every) * (1 + Jitter*(2*c.rng.Float64()-1))
	c.sched.After(time.Duration(gap), c.key, c.ask)

	asked := time.Now()
	var answered bool
	var cancel func()
	finish := func(r Reply) {
		if answered {
			return
		}
		answered = true
		if cancel != nil {
			cancel()
		}
		c.done(Outcome{Reply: r, Resolver: c.resolver.Name, Took: time.Since(asked)})
	}
	c.resolver.Resolve(c.addr, c.group.Host, finish)
	if !answered {
		cancel = c.sched.After(c.group.Timeout, c.key+"/timeout", func() { finish(Reply{Rcode: -1}) })
	}
}
