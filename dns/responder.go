package dns

import (
	"sync/atomic"

	mdns "github.com/miekg/dns"
)

// Responder answers queries from a table that can be swapped at any time, and
// keeps the round-robin positions across tables. One Responder stands for one
// DNS virtual service on one service engine. It is safe for concurrent use;
// called serially, its answers depend only on the seed, the tables and the
// queries.
type Responder struct {
	table   atomic.Pointer[Table]
	cursors cursors
}

// NewResponder returns a Responder which drops every query until a table is
// published. The seed sets where round robin starts.
func NewResponder(seed uint64) *Responder {
	r := &Responder{}
	r.cursors.seed = seed
	return r
}

// Publish makes t the table to answer from, for every query that begins
// afterwards.
func (r *Responder) Publish(t *Table) {
	r.table.Store(t)
	if t != nil {
		r.cursors.sweep(t)
	}
}

// Table is the published table; nil before the first Publish.
func (r *Responder) Table() *Table { return r.table.Load() }

// Respond answers a query. A nil message means that nothing is sent: the
// query was dropped, or is for the pass-through pool
// (Decision.Outcome == PassedThrough). The reply shares nothing with the
// query and is the caller's; it fits the client's transport: 512 bytes over
// UDP, or what the client's OPT record allows up to MaxUDPSize, with TC set
// where something was cut.
func (r *Responder) Respond(msg *mdns.Msg, c Client) (*mdns.Msg, Decision) {
	return r.answer(msg, c, asking{})
}

// Preview tells what Respond would do with a query, without taking a turn of
// any round robin: it may be asked at any time and changes no later answer.
func (r *Responder) Preview(msg *mdns.Msg, c Client) (*mdns.Msg, Decision) {
	return r.answer(msg, c, asking{preview: true})
}

// asking is what goes with a query besides the message.
type asking struct {
	preview bool // no turn is taken
	flaws   flaws
}

func (r *Responder) answer(msg *mdns.Msg, c Client, as asking) (*mdns.Msg, Decision) {
	var d Decision
	c.Addr = c.Addr.Unmap().WithZone("")
	d.Client = c
	t := r.table.Load()
	if t == nil {
		d.Drop = DropNoTable
		return nil, d
	}
	q := query{responder: &r.cursors, table: t, msg: msg, client: c, d: &d, asking: as}
	q.respond()
	return q.finish(), d
}

// query is one query on its way to a reply.
type query struct {
	responder *cursors
	table     *Table
	msg       *mdns.Msg
	client    Client
	asking
	d *Decision

	asked   string // the name as asked
	name    string // canonical
	qtype   uint16
	zone    *zone // longest authoritative domain, or nil
	opt     *mdns.OPT
	ecs     subnet
	located [2]located // by clientAddr.ecs
	scratch *scratch   // nil: memory is allocated

	reply *mdns.Msg // nil: nothing is sent
}

// respond decides on the query. Errors in the query come first, then SOA and
// NS of the authoritative domains, then the entry found for the name.
func (q *query) respond() {
	if !q.admit() {
		return
	}
	q.zone = q.table.zoneOf(q.name)
	if q.zone != nil {
		q.d.Zone = q.zone.domain
	}
	found := q.table.lookUp(q.name)
	q.d.Wildcard, q.d.Owner = found.wildcard, found.owner
	switch {
	case found.delegation != nil:
		q.refer(found.delegation)
	case q.atZone(found):
		q.answerZone()
	case found.service != nil:
		q.answerService(found.service)
	case found.node != nil:
		q.answerRecords(found.node)
	default:
		q.unknownName()
	}
}

// turn takes a turn of a cursor, or tells which it would be.
func (q *query) turn(id cursorID, n int) Draw {
	if q.preview {
		return q.responder.next(id, n)
	}
	return q.responder.turn(id, n)
}

// turnOf is turn for a schedule that the table holds.
func (q *query) turnOf(ref *cursorRef, n int) Draw {
	if q.preview {
		return q.responder.nextOf(ref, n)
	}
	return q.responder.turnOf(ref, n)
}
