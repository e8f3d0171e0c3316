package dns

import "maps"

// index is an immutable map from strings, split into small shards so that a
// changed copy costs what changed: an edit clones the touched shards only.
// The zero index is empty.
type index[V any] struct {
	shards []map[string]V // length is a power of two, or zero
	size   int
}

const (
	indexMinShards = 16
	indexMaxShards = 1 << 16
	// indexFill is the average number of keys in a shard of a new index; an
	// edit splits the shards when it reaches four times that.
	indexFill = 6
)

// fnv64a hashes s with FNV-1a.
func fnv64a(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}

func (ix *index[V]) get(key string) (V, bool) {
	if len(ix.shards) == 0 {
		var none V
		return none, false
	}
	v, ok := ix.shards[ix.shard(key)][key]
	return v, ok
}

func (ix *index[V]) shard(key string) int {
	return int(mix64(fnv64a(key)) & uint64(len(ix.shards)-1))
}

// edit begins a changed copy of the index, sized for about grow more keys.
func (ix *index[V]) edit(grow int) *indexEdit[V] {
	e := &indexEdit[V]{}
	want := shardsFor(ix.size + grow)
	if len(ix.shards) == 0 || want > 4*len(ix.shards) {
		e.rebuild(ix, want)
		return e
	}
	e.next = index[V]{shards: make([]map[string]V, len(ix.shards)), size: ix.size}
	copy(e.next.shards, ix.shards)
	e.owned = make([]bool, len(ix.shards))
	return e
}

func shardsFor(keys int) int {
	n := indexMinShards
	for n < indexMaxShards && n*indexFill < keys {
		n *= 2
	}
	return n
}

// indexEdit builds the next version of an index.
type indexEdit[V any] struct {
	next  index[V]
	owned []bool // shards that belong to next alone
}

func (e *indexEdit[V]) rebuild(from *index[V], shards int) {
	e.next = index[V]{shards: make([]map[string]V, shards)}
	e.owned = make([]bool, shards)
	for _, shard := range from.shards {
		for k, v := range shard {
			e.set(k, v)
		}
	}
}

func (e *indexEdit[V]) own(i int) map[string]V {
	if !e.owned[i] {
		e.owned[i] = true
		e.next.shards[i] = maps.Clone(e.next.shards[i])
	}
	if e.next.shards[i] == nil {
		e.next.shards[i] = make(map[string]V)
	}
	return e.next.shards[i]
}

func (e *indexEdit[V]) get(key string) (V, bool) { return e.next.get(key) }

func (e *indexEdit[V]) set(key string, v V) {
	shard := e.own(e.next.shard(key))
	before := len(shard)
	shard[key] = v
	e.next.size += len(shard) - before
}

func (e *indexEdit[V]) delete(key string) {
	i := e.next.shard(key)
	if _, ok := e.next.shards[i][key]; !ok {
		return
	}
	delete(e.own(i), key)
	e.next.size--
}

// done returns the new index; the edit must not be used afterwards.
func (e *indexEdit[V]) done() index[V] { return e.next }
