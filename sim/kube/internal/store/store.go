package store

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/watch"
)

var (
	// ErrExpired means that a resource version is older than the log reaches.
	ErrExpired = errors.New("too old resource version")
	// ErrFuture means that a resource version has not been reached.
	ErrFuture = errors.New("too large resource version")
	// ErrFull means that the store holds as many objects as it may.
	ErrFull = errors.New("the store is full")
	// ErrLagging means that a watcher has fallen further behind than Limits.WatchLag.
	ErrLagging = errors.New("the watcher is too slow")
	// ErrStopped means that a watcher was ended by Drop or Stop.
	ErrStopped = errors.New("the watcher was stopped")
)

// Limits bound what a store keeps. All must be positive.
type Limits struct {
	// Objects is how many objects all tables hold together.
	Objects int
	// HistoryEvents and HistoryBytes are how many commits, and how many bytes of encoded objects, the log of one table
	// keeps for watchers that come back.
	HistoryEvents int
	HistoryBytes  int
	// WatchLag is how many commits a watcher may be behind.
	WatchLag int
}

// Store holds tables of objects.
type Store struct {
	limits Limits

	mu      sync.RWMutex
	rv      uint64
	objects int
	tables  []*Table
}

// New returns an empty store. Its resource version is 1, since 0 has a meaning of its own in the API.
func New(limits Limits) *Store { return &Store{limits: limits, rv: 1} }

// RV returns the resource version of the last commit.
func (s *Store) RV() uint64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.rv
}

// Table holds the objects of one resource, sorted by namespace and name as etcd sorts its keys.
type Table struct {
	store    *Store
	records  []*record
	log      history
	watchers []*Watcher
}

type record struct {
	key     string
	object  *Object
	content map[string]any
}

// NewTable adds an empty table.
func (s *Store) NewTable() *Table {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := &Table{store: s, log: newHistory(s.rv)}
	s.tables = append(s.tables, t)
	return t
}

// RemoveTable ends the watches of a table and forgets it with its objects.
func (s *Store) RemoveTable(t *Table) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.objects -= len(t.records)
	t.records = nil
	t.drop(s.rv)
	s.tables = slices.DeleteFunc(s.tables, func(other *Table) bool { return other == t })
}

// Drop ends all watchers, once they have read what is committed, and forgets the history, as an API server does that starts anew with the same etcd: whoever
// comes back with an older resource version than the current one has to list again.
func (s *Store) Drop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.tables {
		t.drop(s.rv)
	}
}

func (t *Table) drop(rv uint64) {
	for _, w := range t.watchers {
		w.stopped = true
		w.notify()
	}
	t.watchers = nil
	t.log = newHistory(rv)
}

func keyOf(namespace, name string) string { return namespace + "/" + name }

func (t *Table) find(key string) (int, bool) {
	return slices.BinarySearchFunc(t.records, key, func(r *record, key string) int { return strings.Compare(r.key, key) })
}

// Tx is a series of commits that nobody sees half of. It is valid inside the function given to Update only.
type Tx struct {
	store   *Store
	touched []*Table
}

// Update runs fn alone and then wakes the watchers of what it wrote. There is no way back: what fn has put stays, even if
// it returns an error, so it checks before it writes. fn must not call other methods of the store.
func (s *Store) Update(fn func(*Tx) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	tx := &Tx{store: s}
	defer func() {
		for _, t := range tx.touched {
			for _, w := range t.watchers {
				w.notify()
			}
		}
	}()
	return fn(tx)
}

// Get returns an object and its content (everything but apiVersion, kind and metadata), neither of which may be modified,
// or nil.
func (tx *Tx) Get(t *Table, namespace, name string) (*Object, map[string]any) {
	i, ok := t.find(keyOf(namespace, name))
	if !ok {
		return nil, nil
	}
	return t.records[i].object, t.records[i].content
}

// List returns the objects of a namespace, or of all if it is empty.
func (tx *Tx) List(t *Table, namespace string) []*Object { return t.objects(namespace) }

// Any says whether a namespace holds objects.
func (tx *Tx) Any(t *Table, namespace string) bool {
	from, _ := t.find(namespace + "/")
	return from < len(t.records) && strings.HasPrefix(t.records[from].key, namespace+"/")
}

// Put creates or replaces the object that has meta's namespace and name, and returns what is stored. An object that is
// equal to the present one is not written: there is no commit, and no watcher hears of it. Put takes meta and content
// over. Its errors are ErrFull, wrapped, and what JSON cannot express.
func (tx *Tx) Put(t *Table, meta *metav1.ObjectMeta, content map[string]any, selectable fields.Set) (*Object, error) {
	key := keyOf(meta.Namespace, meta.Name)
	i, exists := t.find(key)
	if !exists && tx.store.objects >= tx.store.limits.Objects {
		return nil, fmt.Errorf("%w: it holds %d objects, which is its limit", ErrFull, tx.store.objects)
	}
	rest, err := encodeContent(content)
	if err != nil {
		return nil, err
	}
	e := Event{Type: watch.Added}
	if exists {
		e.Type, e.Prev = watch.Modified, t.records[i].object
		if e.Prev.equal(meta, rest) {
			return e.Prev, nil
		}
	}
	rv := tx.store.rv + 1
	meta.ResourceVersion = formatRV(rv)
	e.Object = &Object{Meta: meta, RV: rv, Fields: selectable, rest: rest}
	if err := e.Object.encodeMeta(); err != nil {
		return nil, err
	}
	tx.store.rv = rv
	if exists {
		t.records[i] = &record{key, e.Object, content}
	} else {
		t.records = slices.Insert(t.records, i, &record{key, e.Object, content})
		tx.store.objects++
	}
	tx.commit(t, e)
	return e.Object, nil
}

// Delete removes an object and returns its last state with the resource version of the removal, or nil if there is none.
func (tx *Tx) Delete(t *Table, namespace, name string) *Object {
	i, ok := t.find(keyOf(namespace, name))
	if !ok {
		return nil
	}
	prev := t.records[i].object
	t.records = slices.Delete(t.records, i, i+1)
	tx.store.objects--
	tx.store.rv++
	last := prev.At(tx.store.rv)
	tx.commit(t, Event{watch.Deleted, last, prev})
	return last
}

func (tx *Tx) commit(t *Table, e Event) {
	t.log.append(e, tx.store.limits)
	if !slices.Contains(tx.touched, t) {
		tx.touched = append(tx.touched, t)
	}
}

func formatRV(rv uint64) string { return strconv.FormatUint(rv, 10) }
