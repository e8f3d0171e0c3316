package dns

import mdns "github.com/miekg/dns"

const (
	// MaxUDPSize is the longest reply over UDP in bytes, however large a
	// buffer the client offers.
	MaxUDPSize = 4096
	// advertisedUDPSize is the buffer the reply's OPT record offers.
	// Unconfirmed for current releases; 512 was captured in a 20.1 lab.
	advertisedUDPSize = 512
)

// begin starts the reply. RA is never set; RD is copied from the query, as
// the product's log model says (of two lab captures one shows that, the other
// shows no RD).
func (q *query) begin(rcode int, authoritative bool) {
	q.reply = &mdns.Msg{
		MsgHdr: mdns.MsgHdr{
			Id:               q.msg.Id,
			Response:         true,
			Opcode:           q.msg.Opcode,
			Authoritative:    authoritative,
			RecursionDesired: q.msg.RecursionDesired,
			Rcode:            rcode,
		},
		Compress: true,
	}
	if len(q.msg.Question) == 1 {
		q.reply.Question = []mdns.Question{q.msg.Question[0]}
	}
}

// header is the record header of an answer: the owner is the name as asked,
// letter case included.
func (q *query) header(rrtype uint16, ttl uint32) mdns.RR_Header {
	return mdns.RR_Header{Name: q.asked, Rrtype: rrtype, Class: mdns.ClassINET, Ttl: ttl}
}

// drop sends nothing.
func (q *query) drop(reason DropReason) {
	q.reply = nil
	q.d.Outcome, q.d.Drop = Dropped, reason
}

// finish completes the reply: outcome, OPT record and size limit.
func (q *query) finish() *mdns.Msg {
	reply := q.reply
	if reply == nil {
		return nil
	}
	q.d.Rcode = reply.Rcode
	if q.d.Outcome == Dropped { // not set to something more telling
		q.d.Outcome = outcomeOf(reply)
	}
	q.addOPT()
	reply.Truncate(q.sizeLimit())
	// Truncate turns compression off where it is not needed; the product
	// compresses always.
	reply.Compress = true
	q.d.Truncated = reply.Truncated
	return reply
}

func outcomeOf(reply *mdns.Msg) Outcome {
	switch {
	case reply.Rcode == mdns.RcodeNameError:
		return NameError
	case len(reply.Answer) > 0:
		return Answered
	default:
		return Empty
	}
}

// sizeLimit is the longest reply the client can take, in bytes. The product
// documents 512 over UDP; that it honours larger EDNS buffers is unconfirmed.
func (q *query) sizeLimit() int {
	switch {
	case q.client.TCP:
		return mdns.MaxMsgSize
	case q.opt == nil:
		return mdns.MinMsgSize
	default:
		return min(max(int(q.opt.UDPSize()), mdns.MinMsgSize), MaxUDPSize)
	}
}

// addOPT answers the query's OPT record with one of its own, and the client
// subnet option with the scope the answer depends on (RFC 7871 section
// 7.2.1). What scope the product sends is unconfirmed.
func (q *query) addOPT() {
	if q.opt == nil {
		return
	}
	opt := &mdns.OPT{Hdr: mdns.RR_Header{Name: ".", Rrtype: mdns.TypeOPT}}
	opt.SetUDPSize(advertisedUDPSize)
	opt.SetDo(q.opt.Do())
	if e := q.ecs.option; e != nil {
		q.d.Scope = q.ecs.scope
		opt.Option = append(opt.Option, &mdns.EDNS0_SUBNET{
			Code:          mdns.EDNS0SUBNET,
			Family:        e.Family,
			SourceNetmask: e.SourceNetmask,
			SourceScope:   uint8(q.ecs.scope),
			Address:       append([]byte(nil), e.Address...),
		})
	}
	if option := q.client.Cookie.option(); option != nil {
		opt.Option = append(opt.Option, option)
	}
	q.reply.Extra = append(q.reply.Extra, opt)
}
