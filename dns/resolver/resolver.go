package resolver

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"time"

	mdns "github.com/miekg/dns"
)

// Scheduler runs callbacks later, one at a time, on the goroutine that also
// calls the resolver.
type Scheduler interface {
	// After runs fn once after d, unless cancelled. Callbacks due at the
	// same instant run in the order of their keys. cancel does nothing once
	// fn has run.
	After(d time.Duration, key string, fn func()) (cancel func())
}

// Exchanger sends a query to a server.
type Exchanger interface {
	// Exchange sends q. done is called at most once, on the scheduler's
	// goroutine, within the call or later, with the reply or an error if the
	// server cannot be reached. It need not be called at all: the resolver
	// has its own timeout and ignores what comes late. q must not be changed;
	// the reply is the resolver's to keep.
	Exchange(server netip.Addr, q *mdns.Msg, done func(*mdns.Msg, error))
}

// StreamExchanger is an Exchanger that can also ask over TCP, which the
// resolver does after a truncated reply. Without it truncated replies are
// used as far as they go.
type StreamExchanger interface {
	Exchanger
	// ExchangeStream is Exchange over TCP.
	ExchangeStream(server netip.Addr, q *mdns.Msg, done func(*mdns.Msg, error))
}

// Errors in Answer.Err. All come with Rcode SERVFAIL, except ErrBadQuestion.
var (
	// ErrTimeout: TotalTimeout passed, or no server answered in time.
	ErrTimeout = errors.New("no server answered in time")
	// ErrServers: every server refused, failed or could not be reached.
	ErrServers = errors.New("no server gave a usable answer")
	// ErrNoServers: no stub holds the name, or no server of its zone has an
	// address.
	ErrNoServers = errors.New("no server is known for the name")
	// ErrLimit: a limit on referrals, aliases, queries or questions in
	// flight was reached.
	ErrLimit = errors.New("a resolution limit was reached")
	// ErrRecentFailure: the same question failed less than FailureTTL ago.
	ErrRecentFailure = errors.New("the question failed a moment ago")
	// ErrBadQuestion: the name is not a domain name (FORMERR), or the type
	// cannot be resolved (NOTIMP).
	ErrBadQuestion = errors.New("the question cannot be resolved")
)

// Answer is what became of a question.
type Answer struct {
	// Rcode is NOERROR (also for a name without records of the type),
	// NXDOMAIN, or as Err says.
	Rcode int
	// Addrs are the addresses, for types A and AAAA, in the order they were
	// served. It belongs to the resolver and must not be changed.
	Addrs []netip.Addr
	// Chain are the CNAMEs followed, in order, then the records of the asked
	// type, with their remaining TTLs in whole seconds, rounded down. The
	// records are the caller's; what their slices refer to is not.
	Chain []mdns.RR
	// FromCache: no server was asked for this caller. Stale: the records had
	// expired.
	FromCache bool
	Stale     bool
	// Err is nil unless resolution failed; test with errors.Is.
	Err error
	// Server gave the last of the records, or their absence; also for
	// answers from the cache.
	Server netip.Addr
	// Took is the time from Resolve to done.
	Took time.Duration
}

// Stats counts what a resolver did. All counts but Questions include the
// resolver's own look-ups of name servers' addresses.
type Stats struct {
	Questions uint64 // calls of Resolve
	Hits      uint64 // answered from fresh cache
	Joined    uint64 // joined a question in flight
	Stale     uint64 // answered with stale records
	Failed    uint64 // answered with an error
	Sent      uint64 // queries to servers
	Timeouts  uint64 // queries that got no reply in time
}

// Resolver is a caching recursive resolver. It is a plain state machine: all
// calls and callbacks must happen on the scheduler's goroutine, and nothing
// blocks. With equal inputs it does equal things.
type Resolver struct {
	cfg     Config
	ex      Exchanger
	sched   Scheduler
	rng     *rand.Rand
	stubs   map[string][]netip.Addr // by canonical zone
	cache   cache
	servers serverBook
	tasks   map[question]*task
	lastID  uint64 // of tasks
	stats   Stats
}

// question is what is asked: a canonical name and a type, by whom.
type question struct {
	name  string
	qtype uint16
	// subnet is the client's network; the zero Prefix if servers are not
	// told.
	subnet netip.Prefix
}

// New returns a resolver. rng is the only source of chance and must be the
// resolver's own.
func New(cfg Config, ex Exchanger, s Scheduler, rng *rand.Rand) *Resolver {
	cfg = cfg.withDefaults()
	r := &Resolver{
		cfg:   cfg,
		ex:    ex,
		sched: s,
		rng:   rng,
		stubs: make(map[string][]netip.Addr, len(cfg.Stubs)),
		tasks: make(map[question]*task),
	}
	for zone, servers := range cfg.Stubs {
		r.stubs[mdns.CanonicalName(zone)] = servers
	}
	r.cache.limit = cfg.CacheLimit
	r.servers.reprobe = cfg.ReprobeInterval
	return r
}

// Stats returns the counts so far.
func (r *Resolver) Stats() Stats { return r.stats }

// Resolve finds the records of a name. done is called exactly once: within
// the call if the answer is known, else later on the scheduler's goroutine.
// done may call Resolve again.
func (r *Resolver) Resolve(name string, qtype uint16, done func(Answer)) {
	r.ResolveFor(netip.Addr{}, name, qtype, done)
}

// ResolveFor is Resolve for a client, on whose network the answer may depend
// if the resolver tells servers of it.
func (r *Resolver) ResolveFor(client netip.Addr, name string, qtype uint16, done func(Answer)) {
	r.stats.Questions++
	q := question{canonicalName(name), qtype, r.subnetOf(client)}
	if err := q.check(); err != nil {
		r.stats.Failed++
		done(Answer{Rcode: q.badRcode(), Err: err})
		return
	}
	now := time.Now()
	if answer, ok := r.cached(q, now.UnixNano()); ok {
		done(answer)
		return
	}
	r.ask(q, waiter{done: done, since: now}, nil)
}

func (q question) check() error {
	switch {
	case q.badRcode() == mdns.RcodeNotImplemented:
		return fmt.Errorf("%w: type %s", ErrBadQuestion, mdns.Type(q.qtype))
	case q.badRcode() == mdns.RcodeFormatError:
		return fmt.Errorf("%w: %q is not a domain name", ErrBadQuestion, q.name)
	default:
		return nil
	}
}

// badRcode is the reply code for a question that cannot be resolved, NOERROR
// for others. Meta types have no record sets of their own.
func (q question) badRcode() int {
	switch q.qtype {
	case mdns.TypeNone, mdns.TypeANY, mdns.TypeAXFR, mdns.TypeIXFR, mdns.TypeOPT, mdns.TypeMAILA, mdns.TypeMAILB:
		return mdns.RcodeNotImplemented
	}
	if _, ok := mdns.IsDomainName(q.name); !ok {
		return mdns.RcodeFormatError
	}
	return mdns.RcodeSuccess
}

// cached answers from the cache: fresh records, or a failure remembered, for
// which stale records stand in.
func (r *Resolver) cached(q question, now int64) (Answer, bool) {
	var walk walk
	walk.follow(&r.cache, q, now, 0)
	switch walk.end {
	case endRecords, endAbsence:
		r.stats.Hits++
		answer := walk.answer(q, now, 0)
		answer.FromCache = true
		return answer, true
	case endFailure:
		if stale, ok := r.stale(q, now); ok {
			r.stats.Stale++
			stale.FromCache = true
			return stale, true
		}
		r.stats.Failed++
		return Answer{Rcode: mdns.RcodeServerFailure, Err: ErrRecentFailure, FromCache: true}, true
	default:
		return Answer{}, false
	}
}

// stale answers with records that may have expired.
func (r *Resolver) stale(q question, now int64) (Answer, bool) {
	if r.cfg.ServeStale.MaxAge <= 0 {
		return Answer{}, false
	}
	var walk walk
	walk.follow(&r.cache, q, now, r.cfg.ServeStale.MaxAge)
	if walk.end != endRecords && walk.end != endAbsence {
		return Answer{}, false
	}
	answer := walk.answer(q, now, r.cfg.ServeStale.AnswerTTL)
	answer.Stale = true
	return answer, true
}

// ask joins a question in flight or starts one. parent is the task that needs
// the answer, if it is a name server's address.
func (r *Resolver) ask(q question, w waiter, parent *task) {
	t := r.tasks[q]
	switch {
	case t == nil && len(r.tasks) >= r.cfg.InFlightLimit,
		t != nil && len(t.waiters) >= r.cfg.InFlightLimit,
		t != nil && parent.within(t):
		r.stats.Failed++
		w.done(Answer{Rcode: mdns.RcodeServerFailure, Err: ErrLimit})
	case t != nil:
		r.join(t, w)
	default:
		r.begin(q, w, parent)
	}
}

// join waits for a question in flight; when it has been for too long, stale
// records do at once.
func (r *Resolver) join(t *task, w waiter) {
	r.stats.Joined++
	if t.overdue {
		if stale, ok := r.stale(t.q, time.Now().UnixNano()); ok {
			r.stats.Stale++
			w.done(stale)
			return
		}
	}
	t.waiters = append(t.waiters, w)
}

// canonicalName is the form names are kept in: lower case, with final dot.
func canonicalName(name string) string {
	for i := range len(name) {
		if c := name[i]; c >= 'A' && c <= 'Z' || c >= 0x80 {
			return mdns.CanonicalName(name)
		}
	}
	return mdns.Fqdn(name)
}
