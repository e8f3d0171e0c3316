package dns

import (
	"slices"

	mdns "github.com/miekg/dns"
)

// Decision tells how the last message came to its answer, of which v is the
// verdict. It is what Responder.RespondWire returns, at the cost of looking
// the name up again where the answer came from the quick path. What its
// slices refer to holds until the next message is answered.
func (w *Worker) Decision(v Verdict) Decision {
	if !v.Quick {
		return w.d
	}
	if w.told.plan != nil {
		w.retell()
	}
	d := w.d
	q := &w.q
	d.Name, d.Type = w.askedName(), q.qtype
	d.Client = q.client
	d.Outcome, d.Drop, d.Rcode = v.Outcome, v.Drop, v.Rcode
	if q.ecs.addr.IsValid() {
		d.ECS, d.Scope = w.seen.subnet, q.ecs.scope
	}
	if v.Outcome == Dropped {
		d.Scope = 0 // nobody was told
	}
	if zone := q.table.zoneOf(q.name); zone != nil {
		d.Zone = zone.domain
	}
	found := q.table.lookUp(q.name)
	d.Wildcard, d.Owner = found.wildcard, found.owner
	switch {
	case found.service != nil:
		d.Match, d.Service, d.entry = MatchService, &found.service.svc, found.service
		d.Members = answeredMembers(found.service, d.Members, d.ClientClass)
	case found.node != nil:
		d.Match, d.Record = MatchRecord, found.node.sets[0].first
		if set := found.node.find(q.qtype, found.wildcard); set != nil {
			d.Record = set.first
		}
	}
	return d
}

// answeredMembers are those of the chosen members whose addresses an answer
// of the quick path holds.
func answeredMembers(e *serviceEntry, chosen []*Member, class ClientClass) []*Member {
	limit := e.numIPs
	if limit == 0 {
		limit = len(chosen)
	}
	var answered []*Member
	for _, m := range chosen {
		same := func(o *Member) bool { return o.address(class) == m.address(class) }
		if len(answered) < limit && !slices.ContainsFunc(answered, same) {
			answered = append(answered, m)
		}
	}
	return answered
}

// askedName is the name of the last question as it was asked, letter case
// included.
func (w *Worker) askedName() string {
	name, _, err := mdns.UnpackDomainName(w.wire, headerSize)
	if err != nil {
		return w.q.name // cannot be: the name was read before
	}
	return name
}
