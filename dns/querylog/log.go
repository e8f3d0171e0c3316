package querylog

import (
	"slices"
	"sync"
	"time"
)

// Policy says which entries are kept. Throttles are entries per second of one
// virtual service on one service engine, each kind for itself; 0 is no limit.
type Policy struct {
	// Significant throttles significant entries, Filtered those that match a
	// client log filter, Full all others.
	Significant int
	Filtered    int
	Full        int
	// PerEngine throttles all entries of a service engine together, times
	// the Cores of each engine.
	PerEngine int
	Cores     int
	// FullSince is when logging of insignificant entries was turned on, and
	// FullDuration for how long it lasts; 0 is no limit.
	FullSince    time.Time
	FullDuration time.Duration
	// Exclude lists the reasons (InvalidQuery, ...) that do not make an entry
	// significant.
	Exclude []string
	// Limit is how many entries are kept; older ones give way.
	Limit int
}

// DefaultPolicy returns the product's: 10 entries of each kind per second, 100
// per second and core of a service engine, insignificant ones for 30 minutes
// from the given time. 100,000 entries are kept.
func DefaultPolicy(since time.Time) Policy {
	return Policy{
		Significant:  10,
		Filtered:     10,
		Full:         10,
		PerEngine:    100,
		Cores:        1,
		FullSince:    since,
		FullDuration: 30 * time.Minute,
		Limit:        100_000,
	}
}

// Log keeps the entries of any number of virtual services.
type Log struct {
	mu       sync.Mutex
	throttle throttle
	entries  []Entry // a ring once it has reached the policy's limit
	next     int
	lost     int
	added    uint64
}

// New returns an empty log. A limit below 1 means 1.
func New(policy Policy) *Log {
	policy.Limit = max(policy.Limit, 1)
	return &Log{throttle: newThrottle(policy)}
}

// Add numbers and keeps an entry, unless the policy throttles it or has ended the logging
// of insignificant entries; it tells which. Within a window entries should
// come in order of time.
func (l *Log) Add(e Entry) (kept bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e.Significance = l.throttle.policy.significance(e.Significance)
	if !l.throttle.admits(e.VirtualService, e.ServiceEngine, e.kind(), e.Start) {
		l.lost++
		return false
	}
	l.added++
	e.ID = l.added
	if len(l.entries) < l.throttle.policy.Limit {
		l.entries = append(l.entries, e)
		return true
	}
	l.entries[l.next] = e
	l.next = (l.next + 1) % l.throttle.policy.Limit
	return true
}

// Lost is how many entries were not kept because of throttles or because the
// logging of insignificant ones had ended.
func (l *Log) Lost() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lost
}

// Entries returns the kept entries in the order they were added. What their
// slices refer to must not be changed.
func (l *Log) Entries() []Entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Concat(l.entries[l.next:], l.entries[:l.next])
}
