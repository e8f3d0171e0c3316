package store

import (
	"slices"

	"k8s.io/apimachinery/pkg/watch"
)

// Event is one commit.
type Event struct {
	// Type is Added, Modified or Deleted.
	Type watch.EventType
	// Object is the state after the commit; of a deleted object the last one, with the resource version of the removal.
	Object *Object
	// Prev is the state before; nil for Added.
	Prev *Object
}

// history is the log of a table: a linked list, whose nodes live as long as the log or a watcher needs them.
type history struct {
	oldest *node // has been trimmed: its resource version is the oldest that a watch can start from
	newest *node
	count  int
	bytes  int
}

type node struct {
	Event
	rv   uint64
	seq  uint64 // counts the commits of this log
	next *node
}

func newHistory(rv uint64) history {
	n := &node{rv: rv}
	return history{oldest: n, newest: n}
}

func (h *history) append(e Event, limits Limits) {
	n := &node{Event: e, rv: e.Object.RV, seq: h.newest.seq + 1}
	h.newest.next = n
	h.newest = n
	h.count++
	h.bytes += e.Object.Size()
	for h.count > limits.HistoryEvents || h.bytes > limits.HistoryBytes && h.count > 1 {
		h.oldest = h.oldest.next
		h.count--
		h.bytes -= h.oldest.Object.Size()
	}
}

// after returns the last node whose resource version is not above rv.
func (h *history) after(rv uint64) (*node, error) {
	if rv < h.oldest.rv {
		return nil, ErrExpired
	}
	if rv >= h.newest.rv {
		return h.newest, nil
	}
	n := h.oldest
	for n.next != nil && n.next.rv <= rv {
		n = n.next
	}
	return n, nil
}

// events returns what follows n, in a namespace or, if it is empty, in all.
func (n *node) events(namespace string) []Event {
	var out []Event
	for n = n.next; n != nil; n = n.next {
		if namespace == "" || n.Object.Meta.Namespace == namespace {
			out = append(out, n.Event)
		}
	}
	return out
}

// Watcher reads the commits of a table in their order. It is for one goroutine; only Wake's channel and Stop are for any.
type Watcher struct {
	table   *Table
	at      *node
	wake    chan struct{}
	stopped bool
}

// Watch returns a watcher of the commits after a resource version, or ErrExpired. A resource version of the future is
// served: what comes up to it is left out by the caller.
func (t *Table) Watch(rv uint64) (*Watcher, error) {
	t.store.mu.Lock()
	defer t.store.mu.Unlock()
	at, err := t.log.after(rv)
	if err != nil {
		return nil, err
	}
	return t.watch(at), nil
}

// ListAndWatch returns the objects of a namespace, or of all if it is empty, the resource version that they are of, and
// a watcher of what comes after it.
func (t *Table) ListAndWatch(namespace string) ([]*Object, uint64, *Watcher) {
	t.store.mu.Lock()
	defer t.store.mu.Unlock()
	return t.objects(namespace), t.store.rv, t.watch(t.log.newest)
}

func (t *Table) watch(at *node) *Watcher {
	w := &Watcher{table: t, at: at, wake: make(chan struct{}, 1)}
	t.watchers = append(t.watchers, w)
	return w
}

// OldestRV returns the oldest resource version from which a watch can start.
func (t *Table) OldestRV() uint64 {
	t.store.mu.RLock()
	defer t.store.mu.RUnlock()
	return t.log.oldest.rv
}

// Wake returns the channel that has a value when there may be something to read.
func (w *Watcher) Wake() <-chan struct{} { return w.wake }

func (w *Watcher) notify() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// Next appends at most limit unread commits to events. drained says that nothing is left to read; then reached is the
// resource version of the store, else that of the last commit read. It does not block. Its errors are final: ErrLagging, and
// ErrStopped, which comes after the last commit from before the stop.
func (w *Watcher) Next(events []Event, limit int) (_ []Event, reached uint64, drained bool, err error) {
	s := w.table.store
	s.mu.RLock()
	defer s.mu.RUnlock()
	if w.stopped && w.at.next == nil {
		return events, w.at.rv, false, ErrStopped
	}
	if !w.stopped && w.table.log.newest.seq-w.at.seq > uint64(s.limits.WatchLag) {
		return events, w.at.rv, false, ErrLagging
	}
	for range limit {
		if w.at.next == nil {
			break
		}
		w.at = w.at.next
		events = append(events, w.at.Event)
	}
	if w.stopped || w.at.next != nil {
		return events, w.at.rv, false, nil
	}
	return events, s.rv, true, nil
}

// Stop ends a watcher and frees what it pins.
func (w *Watcher) Stop() {
	s := w.table.store
	s.mu.Lock()
	defer s.mu.Unlock()
	if w.stopped {
		return
	}
	w.stopped = true
	w.notify()
	w.table.watchers = slices.DeleteFunc(w.table.watchers, func(other *Watcher) bool { return other == w })
}
