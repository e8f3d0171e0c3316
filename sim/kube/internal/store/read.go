package store

import (
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/watch"
)

// Get returns an object, or nil.
func (t *Table) Get(namespace, name string) *Object {
	t.store.mu.RLock()
	defer t.store.mu.RUnlock()
	if i, ok := t.find(keyOf(namespace, name)); ok {
		return t.records[i].object
	}
	return nil
}

// List returns the objects of a namespace, or of all if it is empty, and the resource version that they are of.
func (t *Table) List(namespace string) ([]*Object, uint64) {
	t.store.mu.RLock()
	defer t.store.mu.RUnlock()
	return t.objects(namespace), t.store.rv
}

// ListAt returns the objects as they were at a resource version. Its errors are ErrExpired and ErrFuture.
func (t *Table) ListAt(namespace string, rv uint64) ([]*Object, error) {
	t.store.mu.RLock()
	defer t.store.mu.RUnlock()
	if rv > t.store.rv {
		return nil, ErrFuture
	}
	since, err := t.log.after(rv)
	if err != nil {
		return nil, err
	}
	return undo(t.objects(namespace), since.events(namespace)), nil
}

func (t *Table) objects(namespace string) []*Object {
	from, to := 0, len(t.records)
	if namespace != "" {
		from, _ = t.find(namespace + "/")
		// '0' is the byte after '/': the first key that cannot belong to the namespace.
		to, _ = t.find(namespace + "0")
	}
	out := make([]*Object, 0, to-from)
	for _, r := range t.records[from:to] {
		out = append(out, r.object)
	}
	return out
}

// undo returns what objects were before events happened.
func undo(objects []*Object, events []Event) []*Object {
	if len(events) == 0 {
		return objects
	}
	state := make(map[string]*Object, len(objects))
	for _, o := range objects {
		state[keyOf(o.Meta.Namespace, o.Meta.Name)] = o
	}
	for _, e := range slices.Backward(events) {
		key := keyOf(e.Object.Meta.Namespace, e.Object.Meta.Name)
		if e.Type == watch.Added {
			delete(state, key)
		} else {
			state[key] = e.Prev
		}
	}
	out := make([]*Object, 0, len(state))
	for _, o := range state {
		out = append(out, o)
	}
	slices.SortFunc(out, func(a, b *Object) int {
		return strings.Compare(keyOf(a.Meta.Namespace, a.Meta.Name), keyOf(b.Meta.Namespace, b.Meta.Name))
	})
	return out
}
