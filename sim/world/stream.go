package world

import (
	"hash/fnv"
	"math/rand/v2"
)

// streams hands out the random streams of a run: one per actor, named, so that one more actor changes nobody else's
// draws.
type streams struct{ seed uint64 }

func (s streams) of(name string) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(name))
	return rand.New(rand.NewPCG(s.seed, h.Sum64()))
}

// seedOf returns a seed for something that makes its own streams.
func (s streams) seedOf(name string) uint64 { return s.of(name).Uint64() }
