package dns

import mdns "github.com/miekg/dns"

// asked is a message of a batch: what it asks, and what the table holds for
// it as far as that was looked up ahead.
type asked struct {
	wire  []byte
	plain bool // seen holds a query for the quick path
	hash  uint64
	slots []slot[*serviceEntry]
	entry *serviceEntry // of exactly this name; nil: none
	plan  *plan         // nil: not known ahead
	run   *cursorRun    // the plan's rota stands at it; nil: not known ahead
	set   *memberSet    // the plan chooses from it; nil: it has a rota, or it is not known ahead
	seen  quickQuery
}

func (a *asked) read(wire []byte) {
	a.wire, a.entry, a.plan, a.run, a.set = wire, nil, nil, nil, nil
	a.plain = a.seen.read(wire)
}

// lookAhead looks the names of a batch up and reads the memory that their
// answers need. A table of thousands of services is not in the CPU's caches,
// and an answer follows several pointers. So each step is made for all
// queries before the next one: the CPU waits for many lines at a time.
func (w *Worker) lookAhead(batch []asked) {
	sum, names := w.sum, &w.table.names
	for i := range batch {
		if a := &batch[i]; a.plain {
			a.hash = hashKey(a.seen.name())
			a.slots = names.slots(a.hash)
		} else {
			a.slots = nil
		}
	}
	for i := range batch {
		if a := &batch[i]; len(a.slots) > 0 {
			sum += a.slots[first(a.slots, a.hash)].hash
		}
	}
	for i := range batch {
		if a := &batch[i]; len(a.slots) > 0 {
			sum += touchSlot(a.slots, a.hash)
		}
	}
	for i := range batch {
		if a := &batch[i]; len(a.slots) > 0 {
			a.entry, _ = find(a.slots, a.hash, a.seen.name())
			sum += a.touchPlan()
		}
	}
	for i := range batch {
		if a := &batch[i]; a.plan != nil {
			sum += a.touchRun()
		}
	}
	for i := range batch {
		switch a := &batch[i]; {
		case a.run != nil:
			sum += a.touchTurn()
		case a.set != nil:
			sum += a.set.touchLists()
		}
	}
	for i := range batch {
		if a := &batch[i]; a.set != nil {
			sum += a.set.touchFirst()
		}
	}
	w.sum = sum
}

// touchSlot reads what a slot that begins a search refers to.
func touchSlot(slots []slot[*serviceEntry], hash uint64) uint64 {
	s := &slots[first(slots, hash)]
	if s.hash != hash {
		return 0
	}
	return uint64(s.key[0]) + uint64(s.value.text[0])
}

// touchPlan notes the plan for the query where it depends on nothing else,
// and reads its first line.
func (a *asked) touchPlan() uint64 {
	if a.entry == nil || a.entry.classed {
		return 0
	}
	switch a.seen.qtype {
	case mdns.TypeA:
		a.plan = a.entry.plans[answerA].Load()
	case mdns.TypeAAAA:
		a.plan = a.entry.plans[answerAAAA].Load()
	}
	if a.plan == nil {
		return 0
	}
	return uint64(a.plan.rota.slots)
}

// touchRun notes where the plan's rota stands, or else which set of members is
// chosen from, and reads that.
func (a *asked) touchRun() uint64 {
	if p := a.plan; p.rota.slots == 0 && p.only != nil {
		a.set = p.only
		return p.only.touch()
	}
	a.run = a.plan.rota.last.Load()
	return uint64(a.plan.rota.near[0])
}

// touchTurn reads the number of turns, and the address of whoever is next.
func (a *asked) touchTurn() uint64 {
	next := a.run.start + a.run.count.Load()
	if r := &a.plan.rota; r.far != nil {
		return uint64(r.address(int(next % uint64(r.slots)))[0])
	}
	return next
}

// touch reads the lines of the set itself, touchLists those that they refer
// to, and touchFirst those of the first pool and member.
func (s *memberSet) touch() uint64 {
	return uint64(s.algorithm) + uint64(len(s.members)) + uint64(len(s.places)) + uint64(len(s.sites))
}

func (s *memberSet) touchLists() uint64 {
	sum := s.hashes[0] + uint64(s.schedule[0])
	if s.places[0].known {
		sum++
	}
	if s.members[0] != nil && s.pools[0] != nil {
		sum++
	}
	if len(s.sites) > 0 && s.sites[0].set != nil {
		sum++
	}
	return sum
}

func (s *memberSet) touchFirst() uint64 {
	sum := uint64(s.members[0].Ratio + s.pools[0].HashMask)
	if len(s.sites) > 0 {
		sum += uint64(s.sites[0].set.algorithm)
	}
	return sum
}
