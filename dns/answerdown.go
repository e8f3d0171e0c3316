package dns

import (
	"net/netip"
	"slices"
)

// answerDown replies for a service without a usable member. A disabled
// service is answered the same way; unconfirmed, the product's text says only
// that its addresses are no longer available.
func (q *query) answerDown(e *serviceEntry, kinds []answerKind) {
	q.d.DownUsed, q.d.Down = true, e.svc.Down.Type
	switch e.svc.Down.Type {
	case DownAllRecords:
		q.addAllRecords(e, kinds)
	case DownFallbackIP:
		q.addFallbackIP(e, kinds)
	case DownCNAME:
		q.addAlias(e.svc.Down.FallbackCNAME, e.ttl)
	case DownEmpty:
		q.emptyAnswer(downEmptyHasSOA)
		return
	default:
		q.drop(DropServiceDown)
		return
	}
	if len(q.reply.Answer) == 0 {
		q.missingType(e.svc.RecordType == AddressRecords)
	}
}

// addAllRecords answers every member of every pool, whatever its state: the
// product's text says all members of all pools. Members with an FQDN count
// where no address fits, and then the first of them, as CNAMEs stand alone.
func (q *query) addAllRecords(e *serviceEntry, kinds []answerKind) {
	var alias *Member
	for _, kind := range kinds {
		for i := range e.svc.Pools {
			for j := range e.svc.Pools[i].Members {
				m := &e.svc.Pools[i].Members[j]
				switch {
				case !m.answers(kind, q.d.ClientClass):
				case kind != answerSRV && m.FQDN != "":
					if alias == nil {
						alias = m
					}
				case q.addMember(e, kind, m, q.d.Members):
					q.d.Members = append(q.d.Members, m)
				}
			}
		}
	}
	if alias != nil && len(q.reply.Answer) == 0 {
		q.addCNAME(e, alias)
	}
}

// addFallbackIP answers the fallback address of each family asked for.
func (q *query) addFallbackIP(e *serviceEntry, kinds []answerKind) {
	for _, kind := range kinds {
		var addr netip.Addr
		if slices.Contains([]answerKind{answerA, answerAAAA}, kind) {
			addr = e.svc.Down.fallback(q.d.ClientClass, kind == answerAAAA)
		}
		if addr.IsValid() {
			q.addAddress(addr, e.ttl)
		}
	}
}
