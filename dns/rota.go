package dns

import (
	"encoding/binary"
	"sync/atomic"

	mdns "github.com/miekg/dns"
)

// rota answers for a plan that gives the members of one pool, or of pools
// that were merged, their turns: it holds the record of whoever has the turn
// at each slot of the schedule, ready to be sent. It is what most queries are
// answered with, so that all they need stands together.
type rota struct {
	// last is where the schedule's cursor stands, as in its cursorRef.
	last      atomic.Pointer[cursorRun]
	addresses []byte // one after the other, as they are sent; empty: no rota
	size      int    // bytes of one address
	slots     int
	near      [nearAddresses]byte // where few addresses stand
}

const (
	// nearAddresses is how many bytes of addresses stand beside the rota.
	nearAddresses = 64
	// maxRota bounds the bytes of addresses; longer schedules are answered
	// in the general way.
	maxRota = 4096
)

// fill makes the rota of a plan, if its answers are that simple.
func (r *rota) fill(set *memberSet, class ClientClass, kind answerKind) {
	if set == nil || set.algorithm != RoundRobin {
		return
	}
	size := 4
	if kind == answerAAAA {
		size = 16
	}
	total := size * len(set.schedule)
	if total > maxRota {
		return
	}
	addresses := r.near[:0]
	if total > len(r.near) {
		addresses = make([]byte, 0, total)
	}
	for _, i := range set.schedule {
		addresses = append(addresses, set.members[i].address(class).AsSlice()...)
	}
	r.addresses, r.size, r.slots = addresses, size, len(set.schedule)
}

// serves tells whether the rota is how a service answers.
func (r *rota) serves(e *serviceEntry) bool {
	return len(r.addresses) > 0 && e.numIPs == 1 && e.serves == AddressRecords
}

// turn takes the next turn.
func (r *rota) turn(c *cursors, set *memberSet) Draw {
	if r.slots < 2 {
		return Draw{}
	}
	run := r.last.Load()
	if run == nil || run.of != c {
		run = c.runOf(&set.turns)
		r.last.Store(run)
	}
	return run.turn(r.slots)
}

// rotaAnswer is an answer by a rota, as far as telling how it came about
// needs it.
type rotaAnswer struct {
	plan   *plan // nil: the last answer was none by a rota
	draw   Draw
	client Client
}

// byRota answers with whoever has the turn.
func (w *Worker) byRota(e *serviceEntry, p *plan, c Client) ([]byte, Verdict, bool) {
	draw := p.rota.turn(&w.responder.cursors, p.only)
	w.told = rotaAnswer{plan: p, draw: draw, client: c}
	at := draw.Slot * p.rota.size
	w.reply.begin(w.buf, w.wire, w.seen.end, w.seen.edns)
	w.reply.addressBytes(p.rota.addresses[at:at+p.rota.size], e.ttl)
	if w.seen.edns {
		w.reply.opt(w.seen, 0, c.Cookie.bytes())
	}
	return w.reply.out, Verdict{Outcome: Answered, Rcode: mdns.RcodeSuccess, Quick: true}, true
}

// retell makes w.q and w.d what they had been if the last answer had not been
// by a rota.
func (w *Worker) retell() {
	set := w.told.plan.only
	w.begin(w.told.client)
	w.d.Pools, w.d.Algorithm, w.d.Draw = set.pools, RoundRobin, w.told.draw
	i := set.schedule[w.told.draw.Slot]
	w.d.Members = set.members[i : i+1 : i+1]
}

// addressBytes appends an A or AAAA record to the answer.
func (r *quickReply) addressBytes(address []byte, ttl uint32) {
	rrtype := mdns.TypeA
	if len(address) > 4 {
		rrtype = mdns.TypeAAAA
	}
	r.header(rrtype, ttl, len(address))
	r.out = append(r.out, address...)
	binary.BigEndian.PutUint16(r.out[answerCount:], 1)
}
