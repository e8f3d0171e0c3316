package dns

// steering is what choosing members came to.
type steering uint8

const (
	steered      steering = iota // members were chosen
	serviceDown                  // no member is usable
	kindMissing                  // usable members, none of the kind asked for
	siteDeclined                 // a topology rule allows no usable member
)

// steer chooses members of a service for one kind of question: the pool
// first (level 1), then members within it (level 2). The members are in
// answer order, at least want of them if there are so many; want 0 means all.
func (q *query) steer(e *serviceEntry, kind answerKind, want int) ([]*Member, steering) {
	return q.steerBy(e, e.plan(q.classify(e), kind, q.table.geo), want)
}

// steerBy is steer along the plan for the client's class and the question.
func (q *query) steerBy(e *serviceEntry, p *plan, want int) ([]*Member, steering) {
	switch {
	case p.only != nil:
		return q.steerWithin(e, p.only, want)
	case !p.up:
		return nil, serviceDown
	case len(p.top) == 0:
		return nil, kindMissing
	}
	if e.svc.TopologyEnabled {
		// The schema lets the configured algorithms decide whenever the rules
		// find no member, so SitePreferred plays no part here.
		if members, ok := q.bySites(p.all, q.matchTopology(), want); ok {
			q.d.Pools, q.d.Algorithm = p.all.pools, Topology
			return members, steered
		}
	}
	return q.steerWithin(e, q.choosePool(e, p), want)
}

// steerWithin chooses members of the pools that have been chosen.
func (q *query) steerWithin(e *serviceEntry, set *memberSet, want int) ([]*Member, steering) {
	q.d.Pools = set.pools
	members := q.chooseMembers(e, set, want)
	if len(members) == 0 {
		return nil, siteDeclined
	}
	return members, steered
}

// classify finds the client's class where a service's answers depend on it.
// Unconfirmed: whether the product sorts by the client subnet address;
// chosen is the address that all other steering of the service uses.
func (q *query) classify(e *serviceEntry) ClientClass {
	group := q.table.profile.Clients
	if !e.classed || group == nil {
		return UnsortedClient
	}
	client := q.clientFor(e.svc.UseECS)
	q.inPrefixes(client, group.Prefixes)
	q.d.ClientClass = group.class(client.addr)
	return q.d.ClientClass
}

// choosePool takes the closest pool, or gives the pools of the highest usable
// priority their turns. Where geo cannot decide, priority does.
func (q *query) choosePool(e *serviceEntry, p *plan) *memberSet {
	if e.svc.PoolAlgorithm == PoolsByGeo {
		if set := q.nearestPool(e, p); set != nil {
			return set
		}
		q.d.PoolFallback = true
	}
	if len(p.top) == 1 {
		return p.top[0]
	}
	q.d.PoolDraw = q.turn(p.turns, len(p.top))
	return p.top[q.d.PoolDraw.Slot]
}

// chooseMembers runs the set's algorithm, then its fallback where the
// algorithm cannot decide, then round robin. It returns no member only where
// a topology rule forbids all of them.
func (q *query) chooseMembers(e *serviceEntry, set *memberSet, want int) []*Member {
	for _, algorithm := range [...]Algorithm{set.algorithm, set.fallback} {
		q.d.Algorithm = algorithm
		if members, decided := q.run(e, set, algorithm, want); decided {
			return members
		}
		q.d.FallbackUsed = true
	}
	q.d.Algorithm = RoundRobin
	return q.byTurns(set, set.schedule, &set.turns, want)
}

func (q *query) run(e *serviceEntry, set *memberSet, algorithm Algorithm, want int) (members []*Member, decided bool) {
	switch algorithm {
	case ConsistentHash:
		return q.byHash(e, set, want), true
	case Geo:
		return q.byDistance(e, set, want)
	case Topology:
		return q.byTopology(set, want)
	case PreferenceOrder:
		return q.byPreference(set, want), true
	default:
		return q.byTurns(set, set.schedule, &set.turns, want), true
	}
}

// byTurns takes the member whose turn it is, then those whose turns follow,
// each at most once.
func (q *query) byTurns(set *memberSet, schedule []uint16, ref *cursorRef, want int) []*Member {
	slot := 0
	if len(schedule) > 1 {
		q.d.Draw = q.turnOf(ref, len(schedule))
		slot = q.d.Draw.Slot
	}
	if want == 1 {
		i := schedule[slot]
		return set.members[i : i+1 : i+1]
	}
	if want == 0 {
		want = len(set.members)
	}
	picked, seen := q.scratch.members(min(want, len(set.members))), q.scratch.flags(len(set.members))
	for k := 0; k < len(schedule) && len(picked) < cap(picked); k++ {
		i := schedule[(slot+k)%len(schedule)]
		if !seen[i] {
			seen[i] = true
			picked = append(picked, set.members[i])
		}
	}
	return picked
}

// byPreference takes turns among the members that share the lowest
// preference order; further answers follow in that order.
func (q *query) byPreference(set *memberSet, want int) []*Member {
	members := q.byTurns(set, set.lead, &set.leadTurns, want)
	if want == 1 || len(set.members) == set.leading {
		return members
	}
	rest := set.members[set.leading:]
	if want > 0 {
		rest = rest[:min(len(rest), want-len(members))]
	}
	return append(members, rest...)
}

// byTopology follows the first matching rule of the topology policy. It is
// undecided without a rule, and where the rule merely prefers sites of which
// none has a usable member.
func (q *query) byTopology(set *memberSet, want int) (members []*Member, decided bool) {
	rule := q.matchTopology()
	if rule == nil {
		return nil, false
	}
	if members, ok := q.bySites(set, rule, want); ok {
		return members, true
	}
	return nil, !rule.SitePreferred
}

// bySites takes members at the rule's site, or at the first of its fallback
// sites that has any.
func (q *query) bySites(set *memberSet, rule *topologyRule, want int) (members []*Member, ok bool) {
	if rule == nil {
		return nil, false
	}
	site := rule.Site
	sub := set.atSite(site)
	for i := 0; sub == nil && i < len(rule.Fallbacks); i++ {
		site = rule.Fallbacks[i]
		sub = set.atSite(site)
	}
	if sub == nil {
		return nil, false
	}
	q.d.Site = site
	return q.byTurns(sub, sub.schedule, &sub.turns, want), true
}
