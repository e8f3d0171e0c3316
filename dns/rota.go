package dns

import (
	"encoding/binary"
	"sync/atomic"

	mdns "github.com/miekg/dns"
)

// rota answers for a plan that gives one member at a time its turn, of one
// pool or of pools that were merged: it holds the address of whoever has the
// turn at each slot of the schedule, ready to be sent. It is what most
// queries are answered with. All that they need stands together, as a rule in
// one cache line.
type rota struct {
	// last is where the schedule's cursor stands, as in its cursorRef.
	last  atomic.Pointer[cursorRun]
	ttl   uint32
	slots uint16 // 0: the plan has no rota
	size  uint8  // bytes of an address
	near  [nearAddresses]byte
	far   []byte // the addresses, one after the other, where near is too small for them
}

const (
	// nearAddresses makes the plan, of which the rota is a part, as long as
	// four cache lines; the first one has room for ten addresses of IPv4.
	nearAddresses = 113
	// maxRota bounds the bytes of addresses; longer schedules are answered
	// in the general way.
	maxRota = 4096
)

// fill makes the rota of a set that gives turns, unless it is too long.
func (r *rota) fill(set *memberSet, class ClientClass, kind answerKind, ttl uint32) {
	size := 4
	if kind == answerAAAA {
		size = 16
	}
	total := size * len(set.schedule)
	if set.algorithm != RoundRobin || total > maxRota {
		return
	}
	addresses := r.near[:0]
	if total > len(r.near) {
		r.far = make([]byte, 0, total)
		addresses = r.far
	}
	for _, i := range set.schedule {
		addresses = append(addresses, set.members[i].address(class).AsSlice()...)
	}
	if r.far != nil {
		r.far = addresses
	}
	r.ttl, r.size, r.slots = ttl, uint8(size), uint16(len(set.schedule))
}

// address is that of whoever has the turn at a slot.
func (r *rota) address(slot int) []byte {
	at, size := slot*int(r.size), int(r.size)
	if r.far != nil {
		return r.far[at : at+size]
	}
	return r.near[at : at+size]
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
	return run.turn(int(r.slots))
}

// rotaAnswer is an answer by a rota, as far as telling how it came about
// needs it.
type rotaAnswer struct {
	plan   *plan // nil: the last answer was none by a rota
	draw   Draw
	client *Client
}

// byRota answers with whoever has the turn.
func (w *Worker) byRota(p *plan, c *Client) ([]byte, Verdict, bool) {
	draw := p.rota.turn(&w.responder.cursors, p.only)
	w.told = rotaAnswer{plan: p, draw: draw, client: c}
	w.reply.begin(w.buf, w.wire, w.seen.end, w.seen.edns)
	w.reply.addressBytes(p.rota.address(draw.Slot), p.rota.ttl)
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
