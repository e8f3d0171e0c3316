package dns

import (
	"cmp"
	"slices"
)

// plan is what a service holds for one class of clients and one kind of
// question while its configuration and health stay as they are.
type plan struct {
	// rota answers if the plan is that simple; see there. It is in front so
	// that it begins with a cache line.
	rota rota
	// up: some member of some pool open to the class is usable.
	up bool
	// members is how many members the plan chooses from, and addresses says
	// that they all have addresses of the asked family to answer with.
	addresses bool
	members   int
	// only is the set that is always chosen from; nil where the query
	// decides among several.
	only *memberSet
	// top are the sets that take turns under PoolsByPriority: one for each
	// pool of the highest usable priority, filled up to MinMembers. Empty if
	// no usable member has the kind asked for.
	top []*memberSet
	// turns is the cursor over top.
	turns cursorID
	// each holds one set per usable pool, for PoolsByGeo. MinMembers plays
	// no part there: it is defined by priorities, which geo ignores.
	each []*memberSet
	// all holds the members of every usable pool, for TopologyEnabled.
	all *memberSet
}

// poolState is one pool within a plan.
type poolState struct {
	pool    *Pool
	members []*Member // usable ones of the asked kind
}

func compilePlan(e *serviceEntry, class ClientClass, kind answerKind, geo GeoDB) *plan {
	p := &plan{}
	if !e.svc.Enabled {
		return p
	}
	usable := p.usablePools(e, class, kind)
	if len(usable) == 0 {
		return p
	}
	p.addresses = kind == answerA || kind == answerAAAA
	for _, state := range usable {
		p.members += len(state.members)
		for _, m := range state.members {
			p.addresses = p.addresses && m.FQDN == ""
		}
	}
	b := setBuilder{entry: e, class: class, kind: kind, geo: geo}
	slices.SortStableFunc(usable, func(a, b poolState) int {
		return cmp.Compare(b.pool.Priority, a.pool.Priority)
	})
	equal := 1
	for equal < len(usable) && usable[equal].pool.Priority == usable[0].pool.Priority {
		equal++
	}
	p.turns = b.cursor("pools")
	for i := range equal {
		set := b.build(gather(usable, equal, i, e.svc.MinMembers))
		p.top = append(p.top, set)
		p.turns.sig = mixPair(p.turns.sig, set.turns.id.key)
	}
	if e.svc.PoolAlgorithm == PoolsByGeo {
		for i := range usable {
			p.each = append(p.each, b.build(usable[i:i+1]))
		}
	}
	if e.svc.TopologyEnabled {
		p.all = b.build(usable)
	}
	if len(p.top) == 1 && e.svc.PoolAlgorithm == PoolsByPriority && !e.svc.TopologyEnabled {
		p.only = p.top[0]
		if p.addresses && e.serves == AddressRecords && e.numIPs == 1 {
			p.rota.fill(p.only, class, kind, e.ttl)
		}
	}
	return p
}

// usablePools lists the pools that can answer the kind asked for, in
// configured order, and finds out whether the service is up for the class at
// all.
func (p *plan) usablePools(e *serviceEntry, class ClientClass, kind answerKind) []poolState {
	var usable []poolState
	for i := range e.svc.Pools {
		pool := &e.svc.Pools[i]
		if !pool.open(class) {
			continue
		}
		state := poolState{pool: pool}
		for j := range pool.Members {
			m := &pool.Members[j]
			if !m.Enabled || !m.Up {
				continue
			}
			p.up = true
			if m.answers(kind, class) {
				state.members = append(state.members, m)
			}
		}
		if len(state.members) > 0 {
			usable = append(usable, state)
		}
	}
	return usable
}

// open tells whether configuration lets the pool serve a class of clients.
// Priority 0 is documented as "do not choose members from this pool".
func (p *Pool) open(class ClientClass) bool {
	return p.Enabled && p.Priority > 0 && p.Kind.serves(class)
}

// answers tells whether the member holds the kind of data asked for.
func (m *Member) answers(kind answerKind, class ClientClass) bool {
	switch kind {
	case answerSRV:
		return m.FQDN != "" && m.SRV != nil
	case answerCNAME:
		return m.FQDN != ""
	default:
		if m.FQDN != "" {
			return true
		}
		addr := m.address(class)
		return addr.IsValid() && isIPv6(addr) == (kind == answerAAAA)
	}
}

// gather forms the set of pools which starts at pool first of the equal ones
// at the front of usable and grows until it has minMembers members: first by
// the other equal pools in turn, then by those of lower priority. How the
// product merges pools is unconfirmed; chosen is that the first pool's
// algorithm then runs over the members of all of them.
func gather(usable []poolState, equal, first, minMembers int) []poolState {
	set := []poolState{usable[first]}
	count := len(usable[first].members)
	add := func(s poolState) {
		if count < minMembers {
			set = append(set, s)
			count += len(s.members)
		}
	}
	for i := 1; i < equal; i++ {
		add(usable[(first+i)%equal])
	}
	for _, s := range usable[equal:] {
		add(s)
	}
	return set
}

// dependsOnClass tells whether private and public clients may differ.
func dependsOnClass(s *Service) bool {
	if s.Down.PublicFallbackIP.IsValid() || s.Down.PublicFallbackIP6.IsValid() {
		return true
	}
	for i := range s.Pools {
		if s.Pools[i].Kind != GenericPool {
			return true
		}
		for j := range s.Pools[i].Members {
			if s.Pools[i].Members[j].PublicAddr.IsValid() {
				return true
			}
		}
	}
	return false
}
