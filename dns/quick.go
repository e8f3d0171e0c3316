package dns

import (
	"slices"

	mdns "github.com/miekg/dns"
)

// quick answers a query of the batch. False means that it did nothing, no
// cursor moved, and the responder has to answer: all that could make the
// quick path unfit is looked at before the choice of members begins.
func (w *Worker) quick(a *asked, buf []byte, c *Client) ([]byte, Verdict, bool) {
	t, s := w.table, &a.seen
	if s.edns && !t.profile.EDNS || c.Cookie.malformed() {
		return nil, Verdict{}, false
	}
	w.told.plan = nil
	w.seen, w.wire, w.buf, w.limit = s, a.wire, buf, min(s.sizeLimit(c.TCP), len(buf))
	if a.plan != nil && a.plan.rota.slots > 0 && w.fits(1, addressSize6) {
		return w.byRota(a.plan, c)
	}
	switch s.qtype {
	case mdns.TypeSOA, mdns.TypeNS, mdns.TypeANY:
		return nil, Verdict{}, false
	}
	w.begin(c)
	if a.entry != nil {
		return w.service(a.entry)
	}
	found := t.lookUp(w.q.name)
	switch {
	case found.delegation != nil:
		return nil, Verdict{}, false
	case found.service != nil:
		return w.service(found.service)
	case found.node != nil:
		return w.records(found)
	default:
		return w.unknownName()
	}
}

// begin makes w.q and w.d those of the query.
func (w *Worker) begin(c *Client) {
	w.d = Decision{}
	w.q = query{
		responder: &w.responder.cursors, table: w.table, client: *c, d: &w.d,
		name: w.seen.name(), qtype: w.seen.qtype, scratch: &w.scratch,
	}
	w.q.client.Addr = c.Addr.Unmap().WithZone("")
	if w.seen.edns && w.seen.subnet.IsValid() {
		w.q.ecs.addr, w.q.ecs.source = w.seen.subnet.Addr(), w.seen.subnet.Bits()
	}
}

const (
	addressSize4 = 16 // of a record whose owner is a pointer
	addressSize6 = 28
	subnetSize   = 8 + 16
	cookieHeader = 4
)

// fits tells whether n records of a size surely fit the client's buffer.
func (w *Worker) fits(n, size int) bool {
	total := w.seen.end + n*size
	if w.seen.edns {
		total += optFixedSize + subnetSize + cookieHeader + maxCookie
	}
	return total <= w.limit
}

// finish completes the reply.
func (w *Worker) finish(outcome Outcome, rcode int) ([]byte, Verdict, bool) {
	if w.seen.edns {
		w.reply.opt(w.seen, w.q.ecs.scope, w.q.client.Cookie.bytes())
	}
	return w.reply.out, Verdict{Outcome: outcome, Rcode: rcode, Quick: true}, true
}

func (w *Worker) drop(reason DropReason) ([]byte, Verdict, bool) {
	return nil, Verdict{Outcome: Dropped, Drop: reason, Quick: true}, true
}

// service answers for a GSLB service: Responder's answerService for services
// of addresses.
func (w *Worker) service(e *serviceEntry) ([]byte, Verdict, bool) {
	q := &w.q
	if e.serves != AddressRecords {
		return nil, Verdict{}, false
	}
	var kind answerKind
	size := addressSize4
	switch q.qtype {
	case mdns.TypeA:
		kind = answerA
	case mdns.TypeAAAA:
		kind, size = answerAAAA, addressSize6
	case mdns.TypeCNAME:
		return nil, Verdict{}, false
	default:
		return w.missingType(false)
	}
	plan := e.plan(q.classify(e), kind, q.table.geo)
	if !plan.up {
		return nil, Verdict{}, false
	}
	if len(plan.top) == 0 {
		return w.missingType(true)
	}
	most := plan.members
	if e.numIPs > 0 {
		most = min(most, e.numIPs)
	}
	if !plan.addresses || !w.fits(most, size) || !w.mayDecline() {
		return nil, Verdict{}, false
	}
	members, result := q.steerBy(e, plan, e.wanted())
	if result == siteDeclined {
		return w.empty(true)
	}
	w.d.Members = members
	w.reply.begin(w.buf, w.wire, w.seen.end, w.seen.edns)
	w.addMembers(e, members)
	return w.finish(Answered, mdns.RcodeSuccess)
}

// mayDecline tells whether the quick path can reply if a topology rule lets
// no member be chosen.
func (w *Worker) mayDecline() bool {
	return len(w.q.table.topology) == 0 || w.fitsSOA(w.q.table.zoneOf(w.q.name))
}

// fitsSOA tells whether the SOA record of a zone, if there is one, can be
// added.
func (w *Worker) fitsSOA(z *zone) bool {
	return z == nil || z.wire != nil && w.fits(1, z.wire.size())
}

// addMembers answers with chosen members, as many as the service allows and
// each address once.
func (w *Worker) addMembers(e *serviceEntry, members []*Member) {
	class := w.q.d.ClientClass
	if len(members) == 1 {
		w.reply.address(members[0].address(class), e.ttl)
		return
	}
	limit := e.numIPs
	if limit == 0 {
		limit = len(members)
	}
	answered := w.scratch.answered[:0]
	for _, m := range members {
		if len(answered) == limit {
			break
		}
		if addr := m.address(class); !slices.Contains(answered, addr) {
			answered = append(answered, addr)
			w.reply.address(addr, e.ttl)
		}
	}
	w.scratch.answered = answered
}

// records answers address records that are answered whole.
func (w *Worker) records(found finding) ([]byte, Verdict, bool) {
	q, node := &w.q, found.node
	set := node.find(q.qtype, found.wildcard)
	if set == nil {
		if node.find(mdns.TypeCNAME, found.wildcard) != nil {
			return nil, Verdict{}, false
		}
		return w.missingType(node.find(mdns.TypeA, found.wildcard) != nil)
	}
	if len(set.addrs) == 0 || set.picks() || !w.fits(len(set.addrs), addressSize6) {
		return nil, Verdict{}, false
	}
	w.reply.begin(w.buf, w.wire, w.seen.end, w.seen.edns)
	for _, addr := range set.addrs {
		w.reply.address(addr, set.ttl)
	}
	return w.finish(Answered, mdns.RcodeSuccess)
}

// missingType replies for a known name that has nothing of the asked type.
func (w *Worker) missingType(onlyIPv4 bool) ([]byte, Verdict, bool) {
	reason, withSOA := w.q.table.profile.missing(w.q.qtype, onlyIPv4)
	if reason != NotDropped {
		return w.drop(reason)
	}
	return w.empty(withSOA)
}

// empty replies NOERROR without an answer.
func (w *Worker) empty(withSOA bool) ([]byte, Verdict, bool) {
	return w.negative(Empty, mdns.RcodeSuccess, withSOA, true)
}

// unknownName replies for a name without an entry.
func (w *Worker) unknownName() ([]byte, Verdict, bool) {
	t := w.q.table
	zone := t.zoneOf(w.q.name)
	switch {
	case zone == nil && t.passThrough:
		return nil, Verdict{}, false
	case t.profile.ErrorResponse == ErrorDrop:
		return w.drop(DropUnknownName)
	default:
		return w.negative(NameError, mdns.RcodeNameError, true, zone != nil)
	}
}

// negative replies without an answer.
func (w *Worker) negative(outcome Outcome, rcode int, withSOA, authoritative bool) ([]byte, Verdict, bool) {
	zone := w.q.table.zoneOf(w.q.name)
	if withSOA && !w.fitsSOA(zone) {
		return nil, Verdict{}, false
	}
	w.reply.begin(w.buf, w.wire, w.seen.end, w.seen.edns)
	w.reply.setCode(byte(rcode), authoritative)
	if withSOA && zone != nil {
		w.reply.soa(zone.wire)
	}
	return w.finish(outcome, rcode)
}
