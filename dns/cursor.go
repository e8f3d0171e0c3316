package dns

import (
	"sync"
	"sync/atomic"
)

// Draw is one turn of a round-robin cursor.
type Draw struct {
	// Slots is the length of the schedule; 0 means nothing was drawn.
	Slots int
	// Slot is the position in the schedule.
	Slot int
	// Count is how many turns the cursor had given over this schedule before.
	Count uint64
}

// cursors holds the round-robin positions of one Responder.
type cursors struct {
	seed   uint64
	shards [64]cursorShard
	size   atomic.Int64
	// bound is the size at which cursors of vanished owners are dropped.
	bound atomic.Int64
}

// minCursorBound keeps small tables from ever sweeping.
const minCursorBound = 4096

type cursorShard struct {
	mu   sync.RWMutex
	byID map[uint64]*cursor
}

// cursor is the position in one schedule. It lives across tables, so that an
// update which leaves the schedule alone does not disturb the turns.
type cursor struct {
	run   atomic.Pointer[cursorRun]
	owner uint64
}

// cursorRun counts the turns over one version of the schedule. When the set
// of members or a weight changes a new run begins at a drawn position:
// starting at the front each time would favour whoever is first whenever
// health flaps, and keeping the count would resonate with a set that changes
// in step with the queries.
type cursorRun struct {
	of    *cursors
	sig   uint64
	start uint64
	epoch uint64
	count atomic.Uint64
	_     [24]byte // fills a cache line: runs of other schedules have their own
}

// turn takes the next turn of a cursor over a schedule of n slots.
func (c *cursors) turn(id cursorID, n int) Draw {
	return c.cursor(id).at(id, c).turn(n)
}

func (run *cursorRun) turn(n int) Draw { return run.draw(run.count.Add(1)-1, n) }

func (run *cursorRun) draw(count uint64, n int) Draw {
	return Draw{Slots: n, Slot: int((run.start + count) % uint64(n)), Count: count}
}

// cursorRef is the cursor of a schedule that a table holds. It remembers the
// run of the Responder that took the last turn: there is one Responder to a
// table as a rule, and the run need not be looked up again.
type cursorRef struct {
	id   cursorID
	last atomic.Pointer[cursorRun]
}

// turnOf is turn for a schedule that a table holds.
func (c *cursors) turnOf(ref *cursorRef, n int) Draw { return c.runOf(ref).turn(n) }

// runOf is the run that a schedule's cursor is at.
func (c *cursors) runOf(ref *cursorRef) *cursorRun {
	run := ref.last.Load()
	if run == nil || run.of != c {
		run = c.cursor(ref.id).at(ref.id, c)
		ref.last.Store(run)
	}
	return run
}

// nextOf is next for a schedule that a table holds.
func (c *cursors) nextOf(ref *cursorRef, n int) Draw {
	if run := ref.last.Load(); run != nil && run.of == c {
		return run.draw(run.count.Load(), n)
	}
	return c.next(ref.id, n)
}

// next is the turn that would be taken, without taking it.
func (c *cursors) next(id cursorID, n int) Draw {
	shard := &c.shards[id.key%uint64(len(c.shards))]
	shard.mu.RLock()
	found := shard.byID[id.key]
	shard.mu.RUnlock()
	var last *cursorRun
	if found != nil {
		last = found.run.Load()
	}
	if last != nil && last.sig == id.sig {
		return last.draw(last.count.Load(), n)
	}
	return newRun(last, id, c).draw(0, n)
}

func (c *cursors) cursor(id cursorID) *cursor {
	shard := &c.shards[id.key%uint64(len(c.shards))]
	shard.mu.RLock()
	found := shard.byID[id.key]
	shard.mu.RUnlock()
	if found != nil {
		return found
	}
	shard.mu.Lock()
	defer shard.mu.Unlock()
	if found := shard.byID[id.key]; found != nil {
		return found
	}
	if shard.byID == nil {
		shard.byID = make(map[uint64]*cursor)
	}
	made := &cursor{owner: id.owner}
	shard.byID[id.key] = made
	c.size.Add(1)
	return made
}

// at returns the cursor's run over a schedule, beginning a new one if the
// last was over another.
func (c *cursor) at(id cursorID, of *cursors) *cursorRun {
	for {
		last := c.run.Load()
		if last != nil && last.sig == id.sig {
			return last
		}
		next := newRun(last, id, of)
		if c.run.CompareAndSwap(last, next) {
			return next
		}
	}
}

// newRun is the run that follows another, which may be nil.
func newRun(last *cursorRun, id cursorID, of *cursors) *cursorRun {
	next := &cursorRun{of: of, sig: id.sig}
	if last != nil {
		next.epoch = last.epoch + 1
	}
	// Half the range keeps start+count from wrapping, where the modulus would
	// jump.
	next.start = mixPair(mixPair(of.seed, id.key), next.epoch) >> 1
	return next
}

// sweep drops the cursors of services and records that a table does not hold
// any more, once there are many.
func (c *cursors) sweep(t *Table) {
	if c.size.Load() < max(c.bound.Load(), minCursorBound) {
		return
	}
	owners := t.owners()
	for i := range c.shards {
		c.shards[i].drop(func(owner uint64) bool { return !owners[owner] }, &c.size)
	}
	c.bound.Store(2 * c.size.Load())
}

func (s *cursorShard) drop(gone func(owner uint64) bool, size *atomic.Int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for key, cur := range s.byID {
		if gone(cur.owner) {
			delete(s.byID, key)
			size.Add(-1)
		}
	}
}
