package dns

import (
	"encoding/binary"
	"iter"
	"math/bits"
	"slices"
	"unsafe"
)

// index is an immutable map from strings, split into small shards so that a
// changed copy costs what changed: an edit clones the touched shards only.
// The zero index is empty.
//
// It is made for being asked from cold memory: a key is found in one cache
// line, two at times, and the places to look at can be told beforehand
// (slots), so that the lines of many keys are fetched at the same time.
type index[V any] struct {
	shards [][]slot[V] // length is a power of two, or zero
	size   int
}

// slot holds one key of a shard. A shard is a hash table with linear probing;
// its length is a power of two, and some slots are always free.
type slot[V any] struct {
	hash  uint64 // 0: free
	key   string
	value V
}

const (
	indexMinShards = 16
	indexMaxShards = 1 << 16
	// indexFill is the average number of keys in a shard of a new index; an
	// edit splits the shards when it reaches four times that.
	indexFill = 32
	minSlots  = 8
)

// fnv64a hashes s with FNV-1a.
func fnv64a(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}

// hashKey hashes a key eight bytes at a time; it is never 0.
func hashKey(key string) uint64 {
	const k0, k1 = 0x9e3779b97f4a7c15, 0xbf58476d1ce4e5b9
	b := unsafe.Slice(unsafe.StringData(key), len(key))
	h := uint64(len(b)) ^ k1
	for ; len(b) > 8; b = b[8:] {
		h = fold(h^binary.LittleEndian.Uint64(b), k0)
	}
	var last [8]byte
	copy(last[:], b)
	return fold(h^binary.LittleEndian.Uint64(last[:]), k1) | 1
}

// fold multiplies to 128 bits and folds the halves.
func fold(a, b uint64) uint64 {
	high, low := bits.Mul64(a, b)
	return high ^ low
}

func (ix *index[V]) get(key string) (V, bool) {
	hash := hashKey(key)
	return find(ix.slots(hash), hash, key)
}

// slots is the shard that holds the keys of a hash; nil in an empty index.
func (ix *index[V]) slots(hash uint64) []slot[V] {
	if len(ix.shards) == 0 {
		return nil
	}
	return ix.shards[ix.shard(hash)]
}

// shard is chosen by other bits of the hash than the slot within it.
func (ix *index[V]) shard(hash uint64) int { return int(hash>>32) & (len(ix.shards) - 1) }

// first is where the search for a hash begins in a shard that is not empty.
func first[V any](slots []slot[V], hash uint64) int { return int(hash>>1) & (len(slots) - 1) }

// find looks for a key in the shard of its hash.
func find[V any](slots []slot[V], hash uint64, key string) (V, bool) {
	if i, ok := locate(slots, hash, key); ok {
		return slots[i].value, true
	}
	var none V
	return none, false
}

// locate is where a key is in a shard, or the free slot where it may go; the
// number means nothing where the shard has no slots.
func locate[V any](slots []slot[V], hash uint64, key string) (at int, found bool) {
	if len(slots) == 0 {
		return 0, false
	}
	for i := first(slots, hash); ; i = (i + 1) & (len(slots) - 1) {
		s := &slots[i]
		if s.hash == 0 {
			return i, false
		}
		if s.hash == hash && s.key == key {
			return i, true
		}
	}
}

// all yields keys and values in no order.
func (ix *index[V]) all() iter.Seq2[string, V] {
	return func(yield func(string, V) bool) {
		for _, shard := range ix.shards {
			for i := range shard {
				if s := &shard[i]; s.hash != 0 && !yield(s.key, s.value) {
					return
				}
			}
		}
	}
}

// edit begins a changed copy of the index, sized for about grow more keys.
func (ix *index[V]) edit(grow int) *indexEdit[V] {
	e := &indexEdit[V]{}
	want := shardsFor(ix.size + grow)
	if len(ix.shards) == 0 || want > 4*len(ix.shards) {
		e.rebuild(ix, want)
		return e
	}
	e.next = index[V]{shards: slices.Clone(ix.shards), size: ix.size}
	e.keys = slices.Repeat([]int{shared}, len(ix.shards))
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
	next index[V]
	keys []int // in each shard, or shared
}

// shared stands for the number of keys of a shard that belongs to the earlier
// version too.
const shared = -1

func (e *indexEdit[V]) rebuild(from *index[V], shards int) {
	e.next = index[V]{shards: make([][]slot[V], shards)}
	e.keys = make([]int, shards)
	for key, value := range from.all() {
		e.set(key, value)
	}
}

// own makes a shard one that belongs to next alone.
func (e *indexEdit[V]) own(i int) {
	if e.keys[i] != shared {
		return
	}
	e.keys[i] = 0
	e.next.shards[i] = slices.Clone(e.next.shards[i])
	for j := range e.next.shards[i] {
		if e.next.shards[i][j].hash != 0 {
			e.keys[i]++
		}
	}
}

func (e *indexEdit[V]) get(key string) (V, bool) { return e.next.get(key) }

func (e *indexEdit[V]) set(key string, v V) {
	hash := hashKey(key)
	i := e.next.shard(hash)
	e.own(i)
	at, found := locate(e.next.shards[i], hash, key)
	if !found {
		// An eighth stays free, so that searches end soon.
		if e.keys[i] >= len(e.next.shards[i])/8*7 {
			e.next.shards[i] = spread(e.next.shards[i], max(minSlots, 2*len(e.next.shards[i])))
			at, _ = locate(e.next.shards[i], hash, key)
		}
		e.keys[i]++
		e.next.size++
	}
	e.next.shards[i][at] = slot[V]{hash: hash, key: key, value: v}
}

// spread copies the keys of a shard into one of another length.
func spread[V any](from []slot[V], length int) []slot[V] {
	to := make([]slot[V], length)
	for _, s := range from {
		if s.hash != 0 {
			at, _ := locate(to, s.hash, s.key)
			to[at] = s
		}
	}
	return to
}

func (e *indexEdit[V]) delete(key string) {
	hash := hashKey(key)
	i := e.next.shard(hash)
	at, found := locate(e.next.shards[i], hash, key)
	if !found {
		return
	}
	e.own(i)
	e.next.shards[i][at] = slot[V]{}
	// Searches end at a free slot: what stands behind this one moves up.
	e.next.shards[i] = spread(e.next.shards[i], len(e.next.shards[i]))
	e.keys[i]--
	e.next.size--
}

// done returns the new index; the edit must not be used afterwards.
func (e *indexEdit[V]) done() index[V] { return e.next }
