// Package loop runs timed callbacks one at a time, in an order that does not depend on the scheduler of the Go runtime.
//
// Whatever happens often in a simulated world (DNS queries, health probes, messages between controllers, faults) is a
// plain state machine whose steps are callbacks of one Loop. Callbacks run on the loop's goroutine, ordered by (time,
// key, order of registration). Inside a testing/synctest bubble time is virtual and a run of hours takes seconds; outside
// of one the same code runs in real time.
package loop

import (
	"container/heap"
	"context"
	"errors"
	"sync"
	"time"
)

// ErrCancelled is returned by Do when the context ended before the callback ran.
var ErrCancelled = errors.New("loop: cancelled before the callback ran")

// Loop is a queue of timed callbacks and the goroutine that runs them. All methods are safe for concurrent use, also from
// inside callbacks. The zero value is not usable; see New.
type Loop struct {
	settle func()

	mu      sync.Mutex
	pending eventHeap
	seq     uint64
	asleep  bool      // Run waits for sleepTo
	sleepTo time.Time // zero: no event is pending
	wake    chan struct{}
}

// Option changes a Loop at construction.
type Option func(*Loop)

// Settle makes the loop call fn before every callback. A virtual run passes a function that returns when every other
// goroutine of the bubble is blocked, so that a callback never runs beside another goroutine of its instant.
func Settle(fn func()) Option { return func(l *Loop) { l.settle = fn } }

// New returns a loop without callbacks. Run must be called for callbacks to run. Inside a bubble, New must be called
// inside the bubble too: the loop owns a channel.
func New(opts ...Option) *Loop {
	l := &Loop{settle: func() {}, wake: make(chan struct{}, 1)}
	for _, opt := range opts {
		opt(l)
	}
	return l
}

// After runs fn on the loop's goroutine d from now; a negative d counts as zero. Callbacks due at the same instant run
// in the order of their keys, those with equal keys in the order of registration: a key names the actor and its purpose,
// such as "health/region01/10.0.0.1". cancel takes the callback back; it does nothing once the callback has begun.
func (l *Loop) After(d time.Duration, key string, fn func()) (cancel func()) {
	if d < 0 {
		d = 0
	}
	return l.At(time.Now().Add(d), key, fn)
}

// At is After with an instant instead of a delay. An instant in the past is due at once.
func (l *Loop) At(t time.Time, key string, fn func()) (cancel func()) {
	ev := &event{at: t, key: key, fn: fn}
	l.push(ev)
	return func() { l.remove(ev) }
}

// Do runs fn on the loop's goroutine d from now and blocks the caller until fn has returned. It returns ErrCancelled,
// and fn will never run, if ctx ends first. It must not be called from inside a callback, which it would block for ever.
func (l *Loop) Do(ctx context.Context, d time.Duration, key string, fn func()) error {
	done := make(chan struct{})
	cancel := l.After(d, key, func() {
		defer close(done)
		fn()
	})
	select {
	case <-done:
		return nil
	case <-ctx.Done():
	}
	cancel()
	select {
	case <-done:
		return nil
	default:
		return ErrCancelled
	}
}

// Run runs callbacks as they fall due until ctx ends, and returns then. Callbacks that are still pending are kept and
// run if Run is called again. Only one Run may be active at a time.
func (l *Loop) Run(ctx context.Context) {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for ctx.Err() == nil {
		l.settle()
		if fn := l.due(); fn != nil {
			fn()
			continue
		}
		l.sleep(ctx, timer)
	}
}

// Pending returns how many callbacks are waiting.
func (l *Loop) Pending() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.pending)
}

// due takes the first callback whose time has come, or nil. When there is none it records, under the same lock, until
// when the loop will sleep, so that a push in between is not missed.
func (l *Loop) due() func() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.pending) == 0 {
		l.asleep, l.sleepTo = true, time.Time{}
		return nil
	}
	if first := l.pending[0]; first.at.After(time.Now()) {
		l.asleep, l.sleepTo = true, first.at
		return nil
	}
	return heap.Pop(&l.pending).(*event).fn
}

func (l *Loop) sleep(ctx context.Context, timer *time.Timer) {
	l.mu.Lock()
	until := l.sleepTo
	l.mu.Unlock()
	var fires <-chan time.Time
	if !until.IsZero() {
		timer.Reset(time.Until(until))
		fires = timer.C
	}
	select {
	case <-fires:
	case <-l.wake:
	case <-ctx.Done():
	}
	l.mu.Lock()
	l.asleep = false
	l.mu.Unlock()
}

func (l *Loop) push(ev *event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.seq++
	ev.seq = l.seq
	heap.Push(&l.pending, ev)
	if l.asleep && (l.sleepTo.IsZero() || ev.at.Before(l.sleepTo)) {
		l.asleep = false
		select {
		case l.wake <- struct{}{}:
		default:
		}
	}
}

func (l *Loop) remove(ev *event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if ev.index >= 0 && ev.index < len(l.pending) && l.pending[ev.index] == ev {
		heap.Remove(&l.pending, ev.index)
	}
}
