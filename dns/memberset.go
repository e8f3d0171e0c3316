package dns

import (
	"cmp"
	"encoding/binary"
	"slices"
	"strconv"
)

// memberSet is a group of usable members among which one algorithm chooses:
// a pool's, or those of several pools merged.
type memberSet struct {
	algorithm Algorithm
	fallback  Algorithm
	located   bool      // some member has a place
	pools     []*Pool   // the first one's settings apply
	schedule  []uint16  // indexes of members, for RoundRobin
	members   []*Member // in preference order, then configured order
	turns     cursorRef // of schedule
	hashes    []uint64  // one per member
	places    []place   // one per member
	lead      []uint16  // schedule of the leading members only
	leading   int       // how many at the front share the best preference
	leadTurns cursorRef // of lead
	sites     []siteSet
}

// siteSet are the members of a set at one site.
type siteSet struct {
	site string
	set  *memberSet
}

// cursorID names a cursor of the Responder and what it runs over.
type cursorID struct {
	owner uint64 // the service or record it belongs to
	key   uint64 // stable across tables
	sig   uint64 // changes with what is scheduled
}

// setBuilder builds the member sets of one plan.
type setBuilder struct {
	entry *serviceEntry
	class ClientClass
	kind  answerKind
	geo   GeoDB
}

// cursor names a cursor by its use within service, client class and kind of
// question. Questions of different kinds have cursors of their own: clients
// that ask for A and AAAA in turn would otherwise see every other slot only.
func (b *setBuilder) cursor(use string) cursorID {
	view := uint64(b.class)<<8 | uint64(b.kind)
	return cursorID{owner: b.entry.id, key: mixString(mixPair(b.entry.id, view), use)}
}

// poolName is a name for the pool that no other pool of the service has.
func (b *setBuilder) poolName(pool *Pool) string {
	same := 0
	for i := range b.entry.svc.Pools {
		other := &b.entry.svc.Pools[i]
		if other == pool {
			break
		}
		if other.Name == pool.Name {
			same++
		}
	}
	return pool.Name + "/" + strconv.Itoa(same)
}

func (b *setBuilder) build(states []poolState) *memberSet {
	set := b.sequence(states)
	if set.algorithm == Topology || set.fallback == Topology || b.entry.svc.TopologyEnabled {
		b.splitBySite(set, states)
	}
	return set
}

// sequence builds a set without its per-site subsets.
func (b *setBuilder) sequence(states []poolState) *memberSet {
	first := states[0].pool
	set := &memberSet{algorithm: first.Algorithm, fallback: first.Fallback}
	for _, s := range states {
		set.pools = append(set.pools, s.pool)
		set.members = append(set.members, s.members...)
	}
	slices.SortStableFunc(set.members, func(x, y *Member) int {
		return cmp.Compare(x.preference(), y.preference())
	})
	n := len(set.members)
	weights := make([]int, n)
	set.hashes = make([]uint64, n)
	set.places = make([]place, n)
	for i, m := range set.members {
		weights[i] = m.weight()
		set.hashes[i] = memberHash(m)
		set.places[i] = b.place(m)
		set.located = set.located || set.places[i].known
		if m.preference() == set.members[0].preference() {
			set.leading = i + 1
		}
	}
	set.schedule = smoothSchedule(weights)
	set.lead = smoothSchedule(weights[:set.leading])
	name := b.poolName(first)
	set.turns.id = b.cursor("pool/" + name)
	set.turns.id.sig = scheduleSig(set.hashes, weights)
	set.leadTurns.id = b.cursor("preferred/" + name)
	set.leadTurns.id.sig = scheduleSig(set.hashes[:set.leading], weights)
	return set
}

// splitBySite adds a subset for each site the members are at.
func (b *setBuilder) splitBySite(set *memberSet, states []poolState) {
	for _, m := range set.members {
		if m.Site == "" || set.atSite(m.Site) != nil {
			continue
		}
		only := make([]poolState, 0, len(states))
		for _, s := range states {
			here := slices.DeleteFunc(slices.Clone(s.members), func(o *Member) bool { return o.Site != m.Site })
			only = append(only, poolState{pool: s.pool, members: here})
		}
		sub := b.sequence(only)
		// Within a site the choice is by turns: topology names sites only.
		sub.algorithm, sub.fallback = RoundRobin, RoundRobin
		sub.turns.id.key = mixString(sub.turns.id.key, m.Site)
		set.sites = append(set.sites, siteSet{site: m.Site, set: sub})
	}
}

// atSite returns the members at a site, nil if there are none.
func (s *memberSet) atSite(site string) *memberSet {
	for i := range s.sites {
		if s.sites[i].site == site {
			return s.sites[i].set
		}
	}
	return nil
}

// place locates a member.
func (b *setBuilder) place(m *Member) place {
	if m.Location != nil {
		return placeOf(*m.Location)
	}
	if !m.LocationFromDB || b.geo == nil {
		return place{}
	}
	addr := m.Addr
	if m.PublicAddr.IsValid() {
		addr = m.PublicAddr
	}
	if loc, ok := b.geo.Locate(addr); ok {
		return placeOf(loc)
	}
	return place{}
}

// memberHash identifies a member by what it is answered with, so that it
// stays the same member wherever it moves in the configuration.
func memberHash(m *Member) uint64 {
	if m.FQDN != "" {
		return mixString(1, m.FQDN)
	}
	addr := m.Addr
	if !addr.IsValid() {
		addr = m.PublicAddr
	}
	b := addr.As16()
	return mixPair(mixPair(2, binary.BigEndian.Uint64(b[:8])), binary.BigEndian.Uint64(b[8:]))
}

func scheduleSig(hashes []uint64, weights []int) uint64 {
	sig := uint64(len(hashes))
	for i, h := range hashes {
		sig = mixPair(mixPair(sig, h), uint64(weights[i]))
	}
	return sig
}
