package dns

import mdns "github.com/miekg/dns"

// admit checks the query itself and reads its question and OPT record. False
// means that the query has been dealt with.
//
// Which codes the product rejects with is unconfirmed; chosen are those other
// servers use: FORMERR for what cannot be understood, NOTIMP for opcodes,
// REFUSED for classes, BADVERS for EDNS versions.
func (q *query) admit() bool {
	switch {
	case q.msg == nil || q.msg.Response:
		q.d.Drop = DropNotQuery
		return false
	case q.msg.Opcode != mdns.OpcodeQuery:
		return q.reject(mdns.RcodeNotImplemented, DropUnsupportedQuery)
	case q.flaws.cut || !q.readOPT() || q.opt != nil && q.client.Cookie.malformed():
		return q.reject(mdns.RcodeFormatError, DropMalformed)
	case q.wantsCookieOnly():
		q.begin(mdns.RcodeSuccess, false)
		return false
	case len(q.msg.Question) != 1:
		return q.reject(mdns.RcodeFormatError, DropMalformed)
	}
	question := q.msg.Question[0]
	name, err := canonical(question.Name)
	if question.Name == "." {
		name, err = ".", nil
	}
	if err != nil {
		return q.reject(mdns.RcodeFormatError, DropMalformed)
	}
	q.asked, q.name, q.qtype = question.Name, name, question.Qtype
	q.d.Name, q.d.Type = q.asked, q.qtype
	switch {
	case q.opt != nil && q.opt.Version() != 0:
		return q.reject(mdns.RcodeBadVers, DropUnsupportedQuery)
	case question.Qclass != mdns.ClassINET && question.Qclass != mdns.ClassANY:
		return q.reject(mdns.RcodeRefused, DropUnsupportedQuery)
	}
	return true
}

// wantsCookieOnly tells whether a query asks for nothing but a server cookie
// (RFC 7873 section 5.4).
func (q *query) wantsCookieOnly() bool {
	return len(q.msg.Question) == 0 && q.opt != nil && q.opt.Version() == 0 && len(q.client.Cookie.bytes()) > 0
}

// readOPT takes the query's OPT record, unless the profile ignores EDNS. More
// than one is an error (RFC 6891 section 6.1.1).
func (q *query) readOPT() bool {
	if !q.table.profile.EDNS {
		return true
	}
	for _, rr := range q.msg.Extra {
		opt, ok := rr.(*mdns.OPT)
		if !ok {
			continue
		}
		if q.opt != nil {
			return false
		}
		q.opt = opt
	}
	if q.flaws.badOPT {
		return false
	}
	if q.opt != nil {
		q.ecs = readSubnet(q.opt)
		if q.ecs.addr.IsValid() {
			q.d.ECS, _ = q.ecs.addr.Prefix(q.ecs.source)
		}
	}
	return true
}

// reject answers an erroneous query with a code, or drops it, as the profile
// says. It returns false for admit's sake.
func (q *query) reject(rcode int, reason DropReason) bool {
	if q.table.profile.ErrorResponse == ErrorDrop {
		q.d.Drop = reason
		return false
	}
	q.begin(rcode, false)
	q.d.Outcome = Rejected
	return false
}
