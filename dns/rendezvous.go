package dns

import (
	"cmp"
	"slices"
)

// byHash chooses by rendezvous hashing: every member gets a score from its
// own hash and the client network's, and the highest score wins. Members
// share clients evenly, and a member that leaves moves only its own clients,
// because nobody else's highest score changes; a ring would need many virtual
// nodes for the same evenness. The product's hash function is unconfirmed.
func (q *query) byHash(e *serviceEntry, set *memberSet, want int) []*Member {
	client := q.clientFor(e.svc.UseECS)
	mask := set.pools[0].HashMask
	if client.addr.Is6() {
		mask = set.pools[0].HashMask6
	}
	if mask == 0 {
		mask = client.addr.BitLen()
	}
	q.needBits(client, mask)
	key := clientHash(client.addr, mask)
	if want == 1 {
		best := set.highest(key)
		return set.members[best : best+1 : best+1]
	}
	return q.ranked(set, want, func(a, b int) int {
		return cmp.Compare(score(set.hashes[b], key), score(set.hashes[a], key))
	})
}

func score(member, client uint64) uint64 { return mixPair(member, client) }

// highest is the index of the member with the highest score for a client.
func (s *memberSet) highest(client uint64) int {
	best, bestScore := 0, uint64(0)
	for i, h := range s.hashes {
		if sc := score(h, client); sc > bestScore {
			best, bestScore = i, sc
		}
	}
	return best
}

// ranked returns the first want members in an order, all for 0; equal ones
// stay in set order.
func (q *query) ranked(set *memberSet, want int, order func(a, b int) int) []*Member {
	indexes := q.scratch.indexes(len(set.members))
	for i := range indexes {
		indexes[i] = i
	}
	slices.SortStableFunc(indexes, order)
	if want > 0 && want < len(indexes) {
		indexes = indexes[:want]
	}
	members := q.scratch.members(len(indexes))
	for _, index := range indexes {
		members = append(members, set.members[index])
	}
	return members
}
