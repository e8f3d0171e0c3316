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
	seen  quickQuery
}

func (a *asked) read(wire []byte) {
	a.wire, a.entry, a.plan, a.run = wire, nil, nil, nil
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
		if a := &batch[i]; a.run != nil {
			sum += a.touchTurn()
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

// touchRun notes where the plan's rota stands.
func (a *asked) touchRun() uint64 {
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
