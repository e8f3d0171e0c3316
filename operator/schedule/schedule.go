// Package schedule decides which FQDNs are worked on when: at most a few at a time, in order of their names, after an error
// not before a while, and none while the controller as a whole does not take writes.
//
// A Queue is a plain state machine: it starts nothing, keeps no timer, and takes the time from its caller. FQDNs are never
// given up: what is wanted stays wanted, only the time between two attempts grows, up to a bound.
package schedule

import (
	"container/heap"
	"maps"
	"slices"
	"time"
)

// Queue holds the FQDNs that need work. It is not safe for concurrent use.
type Queue struct {
	parallel int
	tasks    map[string]*task
	due      names
	delayed  times
	running  int
	blocked  map[string]struct{}
	// pausedUntil and failures are those of the controller as a whole; see Pause.
	pausedUntil time.Time
	failures    int
}

// state says where a task is. Entries of due and delayed whose task is elsewhere by now are passed over.
type state int

const (
	isDue state = iota
	isDelayed
	isBlocked
	isRunning
)

// task is an FQDN that needs work or is worked on.
type task struct {
	state     state
	again     bool // added while running
	notBefore time.Time
	attempts  int // failures in a row
}

// New returns an empty Queue that lets so many FQDNs be worked on at a time.
func New(parallel int) *Queue {
	return &Queue{parallel: parallel, tasks: map[string]*task{}, blocked: map[string]struct{}{}}
}

// Add notes that an FQDN needs work, now: what is wanted may have changed, so that a former failure says nothing. One that
// is being worked on is worked on again afterwards.
func (q *Queue) Add(fqdn string) {
	t := q.tasks[fqdn]
	switch {
	case t == nil:
		t = &task{}
		q.tasks[fqdn] = t
	case t.state == isRunning:
		t.again = true
		return
	case t.state == isDue:
		t.attempts = 0
		return
	}
	t.attempts = 0
	q.makeDue(fqdn, t)
}

// Recheck notes that an FQDN is to be looked at. Unlike Add it does not say that anything has changed: one that waits for
// another attempt goes on waiting.
func (q *Queue) Recheck(fqdn string) {
	if q.tasks[fqdn] == nil {
		q.Add(fqdn)
	}
}

func (q *Queue) makeDue(fqdn string, t *task) {
	delete(q.blocked, fqdn)
	t.state = isDue
	heap.Push(&q.due, fqdn)
}

// Take returns the first FQDN by name that may be worked on now, and notes that work on it has begun. There is none while
// the queue is paused or as many as may be are running; after a pause that is one, until something has succeeded.
func (q *Queue) Take(now time.Time) (fqdn string, ok bool) {
	limit := q.parallel
	if q.failures > 0 {
		limit = 1
	}
	if now.Before(q.pausedUntil) || q.running >= limit {
		return "", false
	}
	for len(q.delayed) > 0 && !q.delayed[0].at.After(now) {
		entry := heap.Pop(&q.delayed).(timed) // a heap of these
		if t := q.tasks[entry.fqdn]; t != nil && t.state == isDelayed && t.notBefore.Equal(entry.at) {
			q.makeDue(entry.fqdn, t)
		}
	}
	for len(q.due) > 0 {
		fqdn := heap.Pop(&q.due).(string) // a heap of these
		if t := q.tasks[fqdn]; t != nil && t.state == isDue {
			t.state, t.again = isRunning, false
			q.running++
			return fqdn, true
		}
	}
	return "", false
}

// Idle notes that an FQDN that was taken needs no work. Unlike a success it says nothing about the controller.
func (q *Queue) Idle(fqdn string) { q.finish(fqdn) }

// Succeeded notes that work on an FQDN has ended and nothing is left to do, other than what was added meanwhile.
func (q *Queue) Succeeded(fqdn string) {
	q.Resume()
	q.finish(fqdn)
	q.unblock()
}

func (q *Queue) finish(fqdn string) {
	t := q.tasks[fqdn]
	q.running--
	if t.again {
		t.attempts = 0
		q.makeDue(fqdn, t)
		return
	}
	delete(q.tasks, fqdn)
}

// Failed notes that work on an FQDN has failed, and is to be tried again after a delay of the policy, or at once if it was
// added meanwhile.
func (q *Queue) Failed(fqdn string, p Delay, now time.Time) {
	t := q.tasks[fqdn]
	q.running--
	if t.again {
		t.attempts = 0
		q.makeDue(fqdn, t)
	} else {
		t.state, t.notBefore = isDelayed, now.Add(p.After(fqdn, t.attempts))
		t.attempts++
		heap.Push(&q.delayed, timed{t.notBefore, fqdn})
	}
	q.unblock()
}

// Block notes that an FQDN that was taken has to wait for another one. It is due again after the next success or failure.
func (q *Queue) Block(fqdn string) {
	q.running--
	q.tasks[fqdn].state = isBlocked
	q.blocked[fqdn] = struct{}{}
}

// Blocked returns the FQDNs that wait for others, sorted.
func (q *Queue) Blocked() []string { return slices.Sorted(maps.Keys(q.blocked)) }

// Unblock makes an FQDN due that waits for others.
func (q *Queue) Unblock(fqdn string) {
	if t := q.tasks[fqdn]; t != nil && t.state == isBlocked {
		q.makeDue(fqdn, t)
	}
}

func (q *Queue) unblock() {
	for _, fqdn := range q.Blocked() {
		q.Unblock(fqdn)
	}
}

// Pause notes that the controller as a whole takes no writes now: nothing is started for a delay of the policy, but not for
// less than atLeast. The more pauses follow one another without a success between them, the longer they get. It returns how
// many have.
func (q *Queue) Pause(p Delay, atLeast time.Duration, now time.Time) int {
	if now.Before(q.pausedUntil) {
		// Calls that were under way when the pause began fail for the same cause.
		return q.failures
	}
	q.pausedUntil = now.Add(max(atLeast, p.After("", q.failures)))
	q.failures++
	return q.failures
}

// Resume ends a pause: there is reason to believe that the controller takes writes.
func (q *Queue) Resume() { q.failures, q.pausedUntil = 0, time.Time{} }

// Paused says whether the queue is paused.
func (q *Queue) Paused(now time.Time) bool { return now.Before(q.pausedUntil) }

// Running is how many FQDNs are worked on.
func (q *Queue) Running() int { return q.running }

// Pending is how many FQDNs need work or are worked on, those included that wait for another attempt.
func (q *Queue) Pending() int { return len(q.tasks) }

// NeedsWork says whether an FQDN needs work or is worked on.
func (q *Queue) NeedsWork(fqdn string) bool { return q.tasks[fqdn] != nil }

// Resting says whether nothing is worked on, and nothing will be until some time has passed or something is added.
func (q *Queue) Resting(now time.Time) bool {
	if q.running > 0 {
		return false
	}
	at, ok := q.Next(now)
	return (!q.hasDue() || q.Paused(now)) && (!ok || at.After(now))
}

// Next returns when Take may return something that it does not return now; ok is false if that depends on a call of
// another method only.
func (q *Queue) Next(now time.Time) (at time.Time, ok bool) {
	for len(q.delayed) > 0 {
		first := q.delayed[0]
		if t := q.tasks[first.fqdn]; t == nil || t.state != isDelayed || !t.notBefore.Equal(first.at) {
			heap.Pop(&q.delayed)
			continue
		}
		at, ok = first.at, true
		break
	}
	if q.hasDue() {
		at, ok = now, true
	}
	if ok && at.Before(q.pausedUntil) {
		at = q.pausedUntil
	}
	return at, ok && at.After(now)
}

func (q *Queue) hasDue() bool {
	for len(q.due) > 0 {
		if t := q.tasks[q.due[0]]; t != nil && t.state == isDue {
			return true
		}
		heap.Pop(&q.due)
	}
	return false
}
