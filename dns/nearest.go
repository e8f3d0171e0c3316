package dns

import (
	"cmp"
	"math"
)

// byDistance takes the members closest to the client. It is undecided when
// the client or every member lacks a location; members without one come last
// otherwise.
//
// Unconfirmed: what the product does with members at the same distance (two
// VIPs of one site, as a rule). Chosen is to spread clients over them by
// rendezvous hashing of the client's address, which keeps no state; the first
// configured member would get everything otherwise.
func (q *query) byDistance(e *serviceEntry, set *memberSet, want int) (members []*Member, decided bool) {
	if !set.located {
		return nil, false
	}
	client := q.clientFor(e.svc.UseECS)
	loc := q.locate(client)
	if loc == nil {
		return nil, false
	}
	here := placeOf(*loc)
	best, ties := set.closest(here)
	q.d.DistanceKm = kilometres(set.closeness(best, here))
	if want == 1 && ties == 1 {
		return set.members[best : best+1 : best+1], true
	}
	q.needBits(client, client.addr.BitLen())
	key := clientHash(client.addr, 0)
	return q.ranked(set, want, func(a, b int) int {
		return cmp.Or(
			cmp.Compare(set.closeness(b, here), set.closeness(a, here)),
			cmp.Compare(score(set.hashes[b], key), score(set.hashes[a], key)),
		)
	}), true
}

// nearestPool is the pool with the member closest to the client, nil where
// geo cannot decide. Of pools at the same distance the one of the highest
// priority is taken, then the first configured (unconfirmed).
func (q *query) nearestPool(e *serviceEntry, p *plan) *memberSet {
	loc := q.locate(q.clientFor(e.svc.UseECS))
	if loc == nil {
		return nil
	}
	here := placeOf(*loc)
	var nearest *memberSet
	best := 0.0
	for _, set := range p.each {
		if !set.located {
			continue
		}
		i, _ := set.closest(here)
		if c := set.closeness(i, here); nearest == nil || c > best {
			nearest, best = set, c
		}
	}
	return nearest
}

// closest is the index of the member closest to a place and how many are
// exactly as close.
func (s *memberSet) closest(here place) (best, ties int) {
	for i := range s.places {
		switch cmp.Compare(s.closeness(i, here), s.closeness(best, here)) {
		case 1:
			best, ties = i, 1
		case 0:
			ties++
		}
	}
	return best, ties
}

// closeness of a member to a place; of members without a location the least
// there is.
func (s *memberSet) closeness(i int, here place) float64 {
	if !s.places[i].known {
		return math.Inf(-1)
	}
	return closeness(s.places[i], here)
}
