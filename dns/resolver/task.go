package resolver

import (
	"net/netip"
	"strconv"
	"time"

	mdns "github.com/miekg/dns"
)

// waiter is a caller that waits for a question.
type waiter struct {
	done  func(Answer)
	since time.Time
}

// task resolves one question for all who wait for it.
type task struct {
	r       *Resolver
	q       question
	id      string // for timer keys
	parent  *task  // the task that needs this name server address
	depth   int    // of parents
	waiters []waiter
	over    bool
	overdue bool // callers get stale records by now

	walk      walk
	zone      zoneServers
	tried     []serverTry
	queries   int
	referrals int
	silences  int // queries without a reply

	attempt     int // number of the query in flight; replies to others are late
	cancelTry   func()
	cancelTotal func()
	cancelStale func()
}

// serverTry counts a task's queries to one server.
type serverTry struct {
	addr  netip.Addr
	tries int
}

// within tells whether t is o or works for it.
func (t *task) within(o *task) bool {
	for ; t != nil; t = t.parent {
		if t == o {
			return true
		}
	}
	return false
}

// begin starts a task.
func (r *Resolver) begin(q question, w waiter, parent *task) {
	r.lastID++
	t := &task{
		r:       r,
		q:       q,
		id:      "resolver/" + r.cfg.Name + "/" + strconv.FormatUint(r.lastID, 10),
		parent:  parent,
		waiters: []waiter{w},
	}
	if parent != nil {
		t.depth = parent.depth + 1
	}
	t.walk.name = q.name
	r.tasks[q] = t
	t.cancelTotal = r.sched.After(r.cfg.TotalTimeout, t.id+"/total", func() { t.fail(ErrTimeout) })
	t.offerStale()
	t.step()
}

// offerStale arms the timer after which callers get stale records while the
// resolution goes on.
func (t *task) offerStale() {
	if t.r.cfg.ServeStale.MaxAge <= 0 {
		return
	}
	if _, ok := t.r.stale(t.q, time.Now().UnixNano()); !ok {
		return
	}
	t.cancelStale = t.r.sched.After(t.r.cfg.ServeStale.ClientTimeout, t.id+"/stale", func() {
		t.overdue = true
		if stale, ok := t.r.stale(t.q, time.Now().UnixNano()); ok && !t.over {
			t.r.stats.Stale += uint64(len(t.waiters))
			t.tell(stale)
		}
	})
}

// step goes on from where the chain has come to: to the answer if the cache
// knows the rest, else to the servers of the zone the name is in.
func (t *task) step() {
	now := time.Now().UnixNano()
	t.walk.follow(&t.r.cache, t.q, now, 0)
	switch t.walk.end {
	case endUnknown, endFailure:
		t.enterZone(t.r.closestZone(t.walk.name, now))
	case endLoop:
		t.fail(ErrLimit)
	default:
		t.succeed(now)
	}
}

// enterZone takes over a zone's servers and asks one of them.
func (t *task) enterZone(z zoneServers) {
	t.zone, t.tried = z, nil
	t.askNext()
}

// askNext asks the zone's next server.
func (t *task) askNext() {
	now := time.Now().UnixNano()
	candidates := t.candidates()
	switch {
	case t.queries >= maxQueries:
		t.fail(ErrLimit)
	case len(candidates) > 0:
		t.send(t.r.choose(candidates, now))
	case len(t.zone.hosts) > 0:
		t.lookUpHost()
	case t.silences > 0 && t.silences == t.queries:
		t.fail(ErrTimeout)
	case t.queries > 0:
		t.fail(ErrServers)
	default:
		t.fail(ErrNoServers)
	}
}

// candidates are the servers of the zone that were tried least, as long as
// they have tries left.
func (t *task) candidates() []netip.Addr {
	least := maxTriesPerHost
	for _, addr := range t.zone.addrs {
		least = min(least, t.tries(addr))
	}
	if least >= maxTriesPerHost {
		return nil
	}
	var candidates []netip.Addr
	for _, addr := range t.zone.addrs {
		if t.tries(addr) == least {
			candidates = append(candidates, addr)
		}
	}
	return candidates
}

func (t *task) tries(addr netip.Addr) int {
	for _, try := range t.tried {
		if try.addr == addr {
			return try.tries
		}
	}
	return 0
}

// count adds n tries of a server; maxTriesPerHost rules it out.
func (t *task) count(addr netip.Addr, n int) {
	for i := range t.tried {
		if t.tried[i].addr == addr {
			t.tried[i].tries += n
			return
		}
	}
	t.tried = append(t.tried, serverTry{addr, n})
}

// lookUpHost finds the address of the next name server that came without
// glue, then goes on.
func (t *task) lookUpHost() {
	host := t.zone.hosts[0]
	t.zone.hosts = t.zone.hosts[1:]
	if t.depth >= maxNestedLookups {
		t.zone.hosts = nil
		t.askNext()
		return
	}
	zone := t.zone.name
	done := func(a Answer) {
		if t.over || t.zone.name != zone {
			return
		}
		for _, addr := range a.Addrs {
			t.zone.add(addr)
		}
		t.askNext()
	}
	now := time.Now()
	q := question{host, mdns.TypeA, t.r.subnetOf(netip.Addr{})}
	if a, ok := t.r.cached(q, now.UnixNano()); ok {
		done(a)
		return
	}
	t.r.ask(q, waiter{done: done, since: now}, t)
}

// succeed ends the task with the chain it has.
func (t *task) succeed(now int64) {
	t.end(t.walk.answer(t.q, now, 0))
}

// fail ends the task with an error, or with stale records, and remembers the
// failure.
func (t *task) fail(err error) {
	if t.over {
		return
	}
	now := time.Now().UnixNano()
	t.r.cache.put(t.q.name, &rrset{
		rrtype:  t.q.qtype,
		content: failure,
		expires: now + int64(t.r.cfg.FailureTTL),
	}, now)
	if stale, ok := t.r.stale(t.q, now); ok {
		t.r.stats.Stale += uint64(len(t.waiters))
		t.end(stale)
		return
	}
	t.r.stats.Failed += uint64(len(t.waiters))
	t.end(Answer{Rcode: mdns.RcodeServerFailure, Err: err})
}

func (t *task) end(a Answer) {
	if t.over {
		return
	}
	t.over = true
	delete(t.r.tasks, t.q)
	for _, cancel := range [...]func(){t.cancelTry, t.cancelTotal, t.cancelStale} {
		if cancel != nil {
			cancel()
		}
	}
	t.tell(a)
}

// tell answers all who wait. Each gets records of its own.
func (t *task) tell(a Answer) {
	waiters := t.waiters
	t.waiters = nil
	for i, w := range waiters {
		own := a
		own.Took = time.Since(w.since)
		if i > 0 {
			own.Chain = copyChain(a.Chain)
		}
		w.done(own)
	}
}

func copyChain(chain []mdns.RR) []mdns.RR {
	if chain == nil {
		return nil
	}
	c := make([]mdns.RR, len(chain))
	for i, rr := range chain {
		c[i] = withTTL(rr, rr.Header().Ttl)
	}
	return c
}
