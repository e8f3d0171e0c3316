package resolver_test

import (
	"cmp"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	mdns "github.com/miekg/dns"

	"github.com/gslbsim/gslbsim/dns"
	"github.com/gslbsim/gslbsim/dns/resolver"
)

// loop is the smallest scheduler: callbacks in order of time, key and
// submission. Use it inside a synctest bubble.
type loop struct {
	due []*callback
	seq int
}

type callback struct {
	at        time.Time
	key       string
	seq       int
	fn        func()
	cancelled bool
}

func (l *loop) After(d time.Duration, key string, fn func()) func() {
	l.seq++
	c := &callback{at: time.Now().Add(d), key: key, seq: l.seq, fn: fn}
	l.due = append(l.due, c)
	return func() { c.cancelled = true }
}

// run runs callbacks until none is left or the time has come.
func (l *loop) run(until time.Time) {
	for len(l.due) > 0 {
		slices.SortStableFunc(l.due, func(a, b *callback) int {
			return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.key, b.key), cmp.Compare(a.seq, b.seq))
		})
		next := l.due[0]
		if next.at.After(until) {
			break
		}
		l.due = l.due[1:]
		if next.cancelled {
			continue
		}
		time.Sleep(time.Until(next.at))
		next.fn()
	}
	if wait := time.Until(until); wait > 0 {
		time.Sleep(wait)
	}
}

func (l *loop) runFor(d time.Duration) { l.run(time.Now().Add(d)) }

// host is a server on the test network.
type host struct {
	answer func(q *mdns.Msg) *mdns.Msg
	stream func(q *mdns.Msg) *mdns.Msg // over TCP
	rtt    time.Duration
	down   bool
	err    error
}

// network delivers queries to hosts after their round-trip time.
type network struct {
	*loop
	hosts map[netip.Addr]*host
	log   []sent
}

type sent struct {
	server netip.Addr
	name   string
	qtype  uint16
}

func (n *network) Exchange(server netip.Addr, q *mdns.Msg, done func(*mdns.Msg, error)) {
	n.deliver(server, q, done, func(h *host) func(*mdns.Msg) *mdns.Msg { return h.answer })
}

func (n *network) ExchangeStream(server netip.Addr, q *mdns.Msg, done func(*mdns.Msg, error)) {
	n.deliver(server, q, done, func(h *host) func(*mdns.Msg) *mdns.Msg { return h.stream })
}

func (n *network) deliver(server netip.Addr, q *mdns.Msg, done func(*mdns.Msg, error), pick func(*host) func(*mdns.Msg) *mdns.Msg) {
	n.log = append(n.log, sent{server, q.Question[0].Name, q.Question[0].Qtype})
	h := n.hosts[server]
	if h == nil || h.down {
		return
	}
	n.After(h.rtt, "network", func() {
		if h.err != nil {
			done(nil, h.err)
			return
		}
		if reply := pick(h)(q); reply != nil {
			done(reply, nil)
		}
	})
}

// count is how many queries a server got.
func (n *network) count(server string) int {
	total := 0
	for _, s := range n.log {
		if s.server == ip(server) {
			total++
		}
	}
	return total
}

// world is one resolver on a test network.
type world struct {
	t *testing.T
	*network
	r *resolver.Resolver
}

// inWorld runs a test in a bubble with one resolver.
func inWorld(t *testing.T, cfg resolver.Config, hosts map[string]*host, test func(w *world)) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, cfg, hosts)
		test(w)
	})
}

func newWorld(t *testing.T, cfg resolver.Config, hosts map[string]*host) *world {
	l := &loop{}
	n := &network{loop: l, hosts: map[netip.Addr]*host{}}
	for addr, h := range hosts {
		n.hosts[ip(addr)] = h
	}
	if cfg.Name == "" {
		cfg.Name = "r"
	}
	return &world{t: t, network: n, r: resolver.New(cfg, n, l, rand.New(rand.NewPCG(1, 2)))}
}

// resolve resolves and runs the loop until the answer is there.
func (w *world) resolve(name string, qtype uint16) resolver.Answer {
	w.t.Helper()
	var got *resolver.Answer
	w.r.Resolve(name, qtype, func(a resolver.Answer) {
		if got != nil {
			w.t.Fatal("done was called twice")
		}
		got = &a
	})
	for i := 0; got == nil; i++ {
		if i > 10_000 {
			w.t.Fatalf("%s: no answer", name)
		}
		w.runFor(10 * time.Millisecond)
	}
	return *got
}

func ip(s string) netip.Addr { return netip.MustParseAddr(s) }

// zoneHost serves records as a DNS virtual service would.
func zoneHost(t *testing.T, rtt time.Duration, cfg dns.Config) *host {
	t.Helper()
	table, err := dns.NewTable(cfg)
	if err != nil {
		t.Fatal(err)
	}
	r := dns.NewResponder(1)
	r.Publish(table)
	return &host{rtt: rtt, answer: func(q *mdns.Msg) *mdns.Msg {
		reply, _ := r.Respond(q, dns.Client{Addr: ip("192.0.2.53")})
		return reply
	}}
}

// scripted answers every query with what a function makes of its reply.
func scripted(rtt time.Duration, fill func(reply *mdns.Msg)) *host {
	return &host{rtt: rtt, answer: func(q *mdns.Msg) *mdns.Msg {
		reply := new(mdns.Msg).SetReply(q)
		reply.Authoritative = true
		fill(reply)
		return reply
	}}
}

// records parses records in zone file format.
func records(t *testing.T, lines ...string) []mdns.RR {
	t.Helper()
	var rrs []mdns.RR
	for _, line := range lines {
		rr, err := mdns.NewRR(line)
		if err != nil {
			t.Fatal(err)
		}
		rrs = append(rrs, rr)
	}
	return rrs
}

// answers serves fixed records: those of the asked name and type, or its
// CNAME; else NODATA or NXDOMAIN with the SOA.
func answers(t *testing.T, rtt time.Duration, lines ...string) *host {
	t.Helper()
	rrs := records(t, lines...)
	return scripted(rtt, func(reply *mdns.Msg) {
		q := reply.Question[0]
		known := false
		for _, rr := range rrs {
			h := rr.Header()
			if h.Name == q.Name && (h.Rrtype == q.Qtype || h.Rrtype == mdns.TypeCNAME) {
				reply.Answer = append(reply.Answer, mdns.Copy(rr))
			}
			known = known || h.Name == q.Name
		}
		for _, rr := range rrs {
			if rr.Header().Rrtype == mdns.TypeSOA && len(reply.Answer) == 0 {
				reply.Ns = append(reply.Ns, mdns.Copy(rr))
			}
		}
		if !known {
			reply.Rcode = mdns.RcodeNameError
		}
	})
}

func stub(zone string, servers ...string) map[string][]netip.Addr {
	addrs := make([]netip.Addr, len(servers))
	for i, s := range servers {
		addrs[i] = ip(s)
	}
	return map[string][]netip.Addr{zone: addrs}
}
