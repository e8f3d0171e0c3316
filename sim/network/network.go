// Package network is the simulated network between the named hosts of a world: one table of hosts, links and faults that
// every kind of traffic asks.
//
// Frequent traffic (DNS messages, health probes, messages between controllers) is a function call on the event loop: see
// Send. API traffic is real HTTP over in-memory connections: see Serve and Transport. How long a message takes is a
// function of (seed, the two ends, the message, the instant), never of the order in which goroutines happen to run.
package network

import (
	"context"
	"fmt"
	"hash/fnv"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/gslbsim/gslbsim/internal/loop"
)

// DefaultLatency is the one-way delay between two sites without a link of their own; SameSiteLatency that between two
// hosts of one site.
const (
	DefaultLatency  = 10 * time.Millisecond
	SameSiteLatency = 500 * time.Microsecond
)

// Link says how messages travel from one site to another.
type Link struct {
	Latency time.Duration // one way, >= 0
	Jitter  float64       // share of Latency by which a message may be later, 0..1; spread evenly
	Loss    float64       // share of datagrams that get lost, 0..1; does not touch HTTP, which TCP repairs
}

// Network is safe for concurrent use.
type Network struct {
	loop *loop.Loop
	seed uint64

	mu        sync.Mutex
	hosts     map[string]*host
	byAddr    map[netip.Addr]*host
	links     map[direction]Link
	cuts      map[direction]int
	changed   chan struct{} // closed and replaced whenever reachability changes
	listeners map[netip.AddrPort]*listener
	watchers  []func()
	closed    chan struct{} // closed when the network is
	closeOnce sync.Once
}

type host struct {
	name, site string
	addrs      []netip.Addr
	down       bool
}

// direction is one way of a link. An empty site in a cut means every site.
type direction struct{ from, to string }

// New returns a network without hosts whose messages are delivered by l. Delays and losses are drawn from seed.
func New(l *loop.Loop, seed uint64) *Network {
	return &Network{
		loop: l, seed: seed,
		hosts: map[string]*host{}, byAddr: map[netip.Addr]*host{},
		links: map[direction]Link{}, cuts: map[direction]int{},
		changed: make(chan struct{}), closed: make(chan struct{}), listeners: map[netip.AddrPort]*listener{},
	}
}

// AddHost places a host at a site. Names and addresses are unique in a network; an error names the one that is taken.
func (n *Network) AddHost(name, site string, addrs ...netip.Addr) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.hosts[name] != nil {
		return fmt.Errorf("network: host %s exists already", name)
	}
	h := &host{name: name, site: site}
	n.hosts[name] = h
	for _, a := range addrs {
		if err := n.own(h, a); err != nil {
			return err
		}
	}
	return nil
}

// AddAddress gives a host one more address, such as a VIP that its service engine answers for.
func (n *Network) AddAddress(name string, addr netip.Addr) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	h := n.hosts[name]
	if h == nil {
		return fmt.Errorf("network: no host %s", name)
	}
	return n.own(h, addr)
}

func (n *Network) own(h *host, addr netip.Addr) error {
	if owner := n.byAddr[addr]; owner != nil && owner != h {
		return fmt.Errorf("network: address %s of host %s is taken by host %s", addr, h.name, owner.name)
	}
	if n.byAddr[addr] == nil {
		n.byAddr[addr] = h
		h.addrs = append(h.addrs, addr)
	}
	return nil
}

// RemoveAddress takes an address away from the host that has it, if any.
func (n *Network) RemoveAddress(addr netip.Addr) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if h := n.byAddr[addr]; h != nil {
		delete(n.byAddr, addr)
		h.addrs = slices.DeleteFunc(h.addrs, func(a netip.Addr) bool { return a == addr })
	}
}

// Owner returns the host that has addr, and its site.
func (n *Network) Owner(addr netip.Addr) (name, site string, ok bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	h := n.byAddr[addr]
	if h == nil {
		return "", "", false
	}
	return h.name, h.site, true
}

// SetLink sets both ways of the link between two sites; with a == b, the link inside a site.
func (n *Network) SetLink(a, b string, l Link) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.links[direction{a, b}], n.links[direction{b, a}] = l, l
}

// Latency returns the longest one-way delay, jitter included, that a message between the two sites can have.
func (n *Network) Latency(a, b string) time.Duration {
	n.mu.Lock()
	defer n.mu.Unlock()
	l := n.link(a, b)
	return l.Latency + time.Duration(float64(l.Latency)*l.Jitter)
}

// PowerOff makes a host silent: nothing that is sent to it arrives, nothing that it sends leaves, and its idle
// connections end. Requests that it had begun to serve stay unanswered.
func (n *Network) PowerOff(name string) error { return n.power(name, true) }

// PowerOn makes a host reachable again. Peers that still hold connections from before learn that they are broken.
func (n *Network) PowerOn(name string) error { return n.power(name, false) }

func (n *Network) power(name string, down bool) error {
	n.mu.Lock()
	h := n.hosts[name]
	if h == nil {
		n.mu.Unlock()
		return fmt.Errorf("network: no host %s", name)
	}
	if h.down == down {
		n.mu.Unlock()
		return nil
	}
	h.down = down
	var ends []*listener
	for at, ln := range n.listeners {
		if n.byAddr[at.Addr()] == h {
			ends = append(ends, ln)
		}
	}
	n.mu.Unlock()
	for _, ln := range ends {
		ln.dropConnections(down)
	}
	n.reachabilityChanged()
	return nil
}

// Down reports whether a host is powered off.
func (n *Network) Down(name string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	h := n.hosts[name]
	return h != nil && h.down
}

// Cut stops everything that travels from one site to another; an empty name stands for every site. The other way stays
// open: cut both for a partition. Cuts add up, and each needs a Heal of its own.
func (n *Network) Cut(from, to string) { n.cut(from, to, 1) }

// Heal takes one Cut back.
func (n *Network) Heal(from, to string) { n.cut(from, to, -1) }

func (n *Network) cut(from, to string, by int) {
	n.mu.Lock()
	d := direction{from, to}
	n.cuts[d] = max(0, n.cuts[d]+by)
	n.mu.Unlock()
	n.reachabilityChanged()
}

// OnChange registers fn to be called after every change of reachability (power, cuts), on the goroutine that changed it.
func (n *Network) OnChange(fn func()) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.watchers = append(n.watchers, fn)
}

func (n *Network) reachabilityChanged() {
	n.mu.Lock()
	close(n.changed)
	n.changed = make(chan struct{})
	watchers := slices.Clone(n.watchers)
	n.mu.Unlock()
	for _, fn := range watchers {
		fn()
	}
}

// Open reports whether a message sent from one address to the other would arrive. An address without a host is never
// reached.
func (n *Network) Open(from, to netip.Addr) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.open(from, to)
}

func (n *Network) open(from, to netip.Addr) bool {
	a, b := n.byAddr[from], n.byAddr[to]
	if a == nil || b == nil || a.down || b.down {
		return false
	}
	if a.site == b.site {
		return true
	}
	for _, d := range [...]direction{{a.site, b.site}, {"", b.site}, {a.site, ""}} {
		if n.cuts[d] > 0 {
			return false
		}
	}
	return true
}

// Send delivers a datagram: deliver runs on the event loop when the message arrives. A message that is lost, or that
// cannot leave or arrive, is gone without notice. key names the message; two messages with one key, between the same
// ends, at the same instant share their fate.
func (n *Network) Send(from, to netip.Addr, key string, deliver func()) {
	n.send(from, to, key, true, deliver)
}

// SendSegment is Send for a segment of a TCP connection: the link's loss does not touch it, a cut or a host without power
// does.
func (n *Network) SendSegment(from, to netip.Addr, key string, deliver func()) {
	n.send(from, to, key, false, deliver)
}

func (n *Network) send(from, to netip.Addr, key string, datagram bool, deliver func()) {
	n.mu.Lock()
	ok := n.open(from, to)
	delay, lost := n.travel(from, to, key, time.Now())
	n.mu.Unlock()
	if !ok || lost && datagram {
		return
	}
	n.loop.After(delay, "net/"+key, func() {
		if n.Open(from, to) {
			deliver()
		}
	})
}

// Delay returns how long a message with this key takes if it is sent at this instant.
func (n *Network) Delay(from, to netip.Addr, key string) time.Duration {
	n.mu.Lock()
	defer n.mu.Unlock()
	d, _ := n.travel(from, to, key, time.Now())
	return d
}

// Steady reports whether messages between the two addresses share one fate: their link loses none at random.
func (n *Network) Steady(a, b netip.Addr) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	x, y := n.byAddr[a], n.byAddr[b]
	return x == nil || y == nil || n.link(x.site, y.site).Loss == 0
}

// Lost draws whether a datagram with this key that is sent at this instant gets lost.
func (n *Network) Lost(from, to netip.Addr, key string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	_, lost := n.travel(from, to, key, time.Now())
	return lost
}

// travel draws a message's delay, at least a nanosecond, and whether it gets lost.
func (n *Network) travel(from, to netip.Addr, key string, at time.Time) (time.Duration, bool) {
	var l Link
	if a, b := n.byAddr[from], n.byAddr[to]; a != nil && b != nil {
		l = n.link(a.site, b.site)
	}
	draw := n.draw(from, to, key, at)
	delay := l.Latency + time.Duration(float64(l.Latency)*l.Jitter*unit(draw))
	return max(delay, 1), l.Loss > 0 && unit(draw*0x9E3779B97F4A7C15+1) < l.Loss
}

func (n *Network) link(a, b string) Link {
	if l, ok := n.links[direction{a, b}]; ok {
		return l
	}
	if a == b {
		return Link{Latency: SameSiteLatency, Jitter: 0.1}
	}
	return Link{Latency: DefaultLatency, Jitter: 0.1}
}

func (n *Network) draw(from, to netip.Addr, key string, at time.Time) uint64 {
	h := fnv.New64a()
	var b [16]byte
	putUint64(b[:8], n.seed)
	putUint64(b[8:], uint64(at.UnixNano()))
	h.Write(b[:])
	f, t := from.As16(), to.As16()
	h.Write(f[:])
	h.Write(t[:])
	h.Write([]byte(key))
	return mix(h.Sum64())
}

// Close ends what waits for a path to open: it fails with net.ErrClosed, as does whatever would have to wait from then on.
// HTTP clients dial in goroutines of their own that outlive the request; in a bubble nothing may be left of them.
func (n *Network) Close() { n.closeOnce.Do(func() { close(n.closed) }) }

// waitOpen blocks until both ways between the two addresses are open, or ctx or the network ends.
func (n *Network) waitOpen(ctx context.Context, from, to netip.Addr) error {
	for {
		n.mu.Lock()
		ok, changed := n.open(from, to) && n.open(to, from), n.changed
		n.mu.Unlock()
		if ok {
			return nil
		}
		select {
		case <-changed:
		case <-n.closed:
			return net.ErrClosed
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func putUint64(b []byte, v uint64) {
	for i := range 8 {
		b[i] = byte(v >> (8 * i))
	}
}

// mix spreads the bits of an FNV sum (the finalizer of SplitMix64), whose high bits are weak on short inputs.
func mix(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xBF58476D1CE4E5B9
	x ^= x >> 27
	x *= 0x94D049BB133111EB
	return x ^ x>>31
}

// unit maps a draw to [0, 1).
func unit(x uint64) float64 { return float64(x>>11) / (1 << 53) }
