package store

import (
	"fmt"
	"sync"
)

// Op is what happened to an object.
type Op int

// The operations.
const (
	Created Op = iota
	Updated
	Deleted
)

// String returns "created", "updated" or "deleted".
func (o Op) String() string {
	switch o {
	case Created:
		return "created"
	case Updated:
		return "updated"
	case Deleted:
		return "deleted"
	}
	return fmt.Sprintf("Op(%d)", int(o))
}

// Change is one commit.
type Change struct {
	// Op says which of Old and New are set: New for Created, both for Updated, Old for Deleted.
	Op  Op
	Old *Object
	New *Object
	// Version is the store's version after the commit.
	Version uint64
}

// Object returns the state that the change is about: New, or Old for a deletion.
func (c Change) Object() *Object {
	if c.New != nil {
		return c.New
	}
	return c.Old
}

// feed delivers changes to subscribers in the order of their commits.
type feed struct {
	mu          sync.Mutex
	subscribers []*subscriber
	queue       []Change
	delivering  bool
}

type subscriber struct{ fn func(Change) }

// Subscribe registers fn for all later changes; cancel ends it. fn is called after the commit, in commit order, one call at a
// time, with no lock of the store held, on the goroutine of some writer (the one that commits, unless another is delivering
// already). fn may read and write the store; changes that it makes are delivered after it returns.
func (s *Store) Subscribe(fn func(Change)) (cancel func()) {
	sub := &subscriber{fn: fn}
	s.feed.mu.Lock()
	defer s.feed.mu.Unlock()
	s.feed.subscribers = append(append([]*subscriber(nil), s.feed.subscribers...), sub)
	return func() { s.feed.remove(sub) }
}

func (f *feed) remove(sub *subscriber) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var rest []*subscriber
	for _, other := range f.subscribers {
		if other != sub {
			rest = append(rest, other)
		}
	}
	f.subscribers = rest
}

// push queues a change; the caller holds the store's lock, which makes the order that of the commits.
func (f *feed) push(c Change) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.subscribers) > 0 || f.delivering {
		f.queue = append(f.queue, c)
	}
}

// deliver empties the queue, unless somebody is doing so. The caller holds no lock.
func (f *feed) deliver() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.delivering {
		return
	}
	f.delivering = true
	defer func() { f.delivering = false }()
	for len(f.queue) > 0 {
		c := f.queue[0]
		f.queue = f.queue[1:]
		f.call(c, f.subscribers)
	}
	f.queue = nil
}

// call releases the feed's lock while subscribers run.
func (f *feed) call(c Change, subscribers []*subscriber) {
	f.mu.Unlock()
	defer f.mu.Lock()
	for _, sub := range subscribers {
		sub.fn(c)
	}
}

// history is a ring of the latest changes.
type history struct {
	limit   int
	changes []Change // oldest at start
	start   int
	floor   uint64 // version before the oldest change kept
}

func (h *history) add(c Change) {
	if len(h.changes) < h.limit {
		h.changes = append(h.changes, c)
		return
	}
	h.floor = h.changes[h.start].Version
	h.changes[h.start] = c
	h.start = (h.start + 1) % h.limit
}

// Since returns the changes after a version, oldest first. false says that the history does not go back that far (or that the
// version is of the future): the caller must take everything instead.
func (s *Store) Since(version uint64) ([]Change, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	h := &s.history
	if version < h.floor || version > s.version {
		return nil, false
	}
	n := len(h.changes)
	missing := int(s.version - version)
	out := make([]Change, 0, missing)
	for i := n - missing; i < n; i++ {
		out = append(out, h.changes[(h.start+i)%n])
	}
	return out, true
}

// commitAll makes the changes visible, one version each, and delivers them. Changes without effect (the deletion of what is
// not there) are skipped. The caller holds s.writing, or is the only user.
func (s *Store) commitAll(changes []Change) []Change {
	s.mu.Lock()
	defer s.mu.Unlock()
	done := changes[:0]
	for _, c := range changes {
		current := s.objects[c.Object().UUID]
		if c.Op == Deleted && current == nil {
			continue
		}
		s.version++
		c.Version = s.version
		c.Old = current
		switch {
		case c.Op == Deleted:
			s.drop(current)
			s.names.deleted(current)
		default:
			c.New = c.New.at(s.version)
			c.Op = Created
			if current != nil {
				c.Op = Updated
			}
			s.put(current, c.New)
			s.modified = max(s.modified, c.New.Modified)
		}
		s.history.add(c)
		s.feed.push(c)
		done = append(done, c)
	}
	return done
}
