package dns

import (
	"encoding/binary"

	mdns "github.com/miekg/dns"
)

// headerSize is the length of a DNS message header in bytes.
const headerSize = 12

// RespondWire is Respond for messages in wire format. The reply is written
// into buf if that is long enough; nil means that nothing is sent. What
// cannot be parsed beyond its header is a malformed query.
func (r *Responder) RespondWire(wire, buf []byte, c Client) ([]byte, Decision) {
	var msg mdns.Msg
	if err := msg.Unpack(wire); err != nil {
		return r.respondMalformed(wire, buf, c)
	}
	reply, d := r.answer(&msg, c, asking{flaws: findFlaws(wire)})
	if reply == nil {
		return nil, d
	}
	packed, err := reply.PackBuffer(buf)
	if err != nil {
		// A name or text of the table that cannot be encoded; tables check
		// theirs, so this is a query name the library could parse only.
		return r.respondMalformed(wire, buf, c)
	}
	return packed, d
}

// respondMalformed answers FORMERR with a bare header, or nothing, as the
// profile says. A message too short for a header, or one that is a response,
// gets nothing in any case.
func (r *Responder) respondMalformed(wire, buf []byte, c Client) ([]byte, Decision) {
	d := Decision{Client: c}
	t := r.table.Load()
	switch {
	case t == nil:
		d.Drop = DropNoTable
	case len(wire) < headerSize || t.profile.ErrorResponse == ErrorDrop:
		d.Drop = DropMalformed
	case wire[2]&0x80 != 0:
		d.Drop = DropNotQuery
	default:
		d.Outcome, d.Rcode = Rejected, mdns.RcodeFormatError
		reply := append(buf[:0], wire[:2]...)
		// QR set, opcode and RD as in the query.
		reply = append(reply, 0x80|wire[2]&0x79, mdns.RcodeFormatError)
		for range 4 {
			reply = binary.BigEndian.AppendUint16(reply, 0)
		}
		return reply, d
	}
	return nil, d
}
