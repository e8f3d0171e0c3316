package dns

import (
	"net/netip"
	"slices"

	mdns "github.com/miekg/dns"
)

// What the types of questions ask for.
var (
	askA     = []answerKind{answerA}
	askAAAA  = []answerKind{answerAAAA}
	askCNAME = []answerKind{answerCNAME}
	askSRV   = []answerKind{answerSRV}
	askAny   = []answerKind{answerA, answerAAAA}
)

// answerKindsFor lists what a question asks of a service; nothing if the
// service does not serve the type. Unconfirmed: ANY, taken as everything the
// service serves.
func answerKindsFor(serves RecordType, qtype uint16) []answerKind {
	if serves == SRVRecords {
		if qtype == mdns.TypeSRV || qtype == mdns.TypeANY {
			return askSRV
		}
		return nil
	}
	switch qtype {
	case mdns.TypeA:
		return askA
	case mdns.TypeAAAA:
		return askAAAA
	case mdns.TypeCNAME:
		return askCNAME
	case mdns.TypeANY:
		return askAny
	default:
		return nil
	}
}

// answerService replies for a GSLB service.
func (q *query) answerService(e *serviceEntry) {
	q.d.Match, q.d.Service, q.d.entry = MatchService, &e.svc, e
	kinds := answerKindsFor(e.svc.RecordType, q.qtype)
	if len(kinds) == 0 {
		q.missingType(false)
		return
	}
	q.begin(mdns.RcodeSuccess, true)
	declined := false
	for _, kind := range kinds {
		members, result := q.steer(e, kind, e.wanted())
		switch result {
		case serviceDown:
			q.answerDown(e, kinds)
			return
		case siteDeclined:
			declined = true
		case steered:
			q.addMembers(e, kind, members)
		}
		if q.named() {
			break
		}
	}
	switch {
	case len(q.reply.Answer) > 0:
	case declined:
		// That "no address" is an empty answer rather than no reply is
		// unconfirmed.
		q.emptyAnswer(true)
	default:
		q.missingType(e.svc.RecordType == AddressRecords)
	}
}

// wanted is how many members to choose, 0 for all. More than one answer may
// have to skip members, so that all are ranked then.
func (e *serviceEntry) wanted() int {
	if e.numIPs == 1 {
		return 1
	}
	return 0
}

// named tells whether the answer is a CNAME, beside which nothing else can
// stand.
func (q *query) named() bool {
	return len(q.reply.Answer) > 0 && q.reply.Answer[0].Header().Rrtype == mdns.TypeCNAME
}

// addMembers answers with chosen members, as many as the service allows and
// each address once. If the first one has an FQDN the answer is that CNAME
// alone; behind an address, members with an FQDN are skipped.
func (q *query) addMembers(e *serviceEntry, kind answerKind, members []*Member) {
	if kind != answerSRV && members[0].FQDN != "" && len(q.reply.Answer) == 0 {
		q.addCNAME(e, members[0])
		return
	}
	limit := e.numIPs
	if limit == 0 {
		limit = len(members)
	}
	answered := make([]*Member, 0, min(limit, len(members)))
	for _, m := range members {
		if len(answered) == limit {
			break
		}
		if q.addMember(e, kind, m, answered) {
			answered = append(answered, m)
		}
	}
	q.d.Members = append(q.d.Members, answered...)
}

// addMember answers with one member, unless it does not fit beside those
// already answered.
func (q *query) addMember(e *serviceEntry, kind answerKind, m *Member, answered []*Member) bool {
	if kind == answerSRV {
		q.addSRV(e, m)
		return true
	}
	addr := m.address(q.d.ClientClass)
	same := func(o *Member) bool { return o.address(q.d.ClientClass) == addr }
	if m.FQDN != "" || slices.ContainsFunc(answered, same) {
		return false
	}
	q.addAddress(addr, e.ttl)
	return true
}

func (q *query) addAddress(addr netip.Addr, ttl uint32) {
	q.reply.Answer = append(q.reply.Answer, addressRR(q.header(0, ttl), addr))
}

// addCNAME answers with a member's FQDN and, if the service resolves CNAMEs,
// its address in the additional section where that fits the question.
func (q *query) addCNAME(e *serviceEntry, m *Member) {
	q.d.Members = append(q.d.Members, m)
	q.addAlias(m.FQDN, e.ttl)
	addr := m.address(q.d.ClientClass)
	wanted := q.qtype == mdns.TypeCNAME || q.qtype == mdns.TypeANY || isIPv6(addr) == (q.qtype == mdns.TypeAAAA)
	if e.svc.ResolveCNAME && addr.IsValid() && wanted {
		q.addAdditional(m.FQDN, addr, e.ttl)
	}
}

func (q *query) addAlias(target string, ttl uint32) {
	q.reply.Answer = append(q.reply.Answer,
		&mdns.CNAME{Hdr: q.header(mdns.TypeCNAME, ttl), Target: mdns.Fqdn(target)})
}

func (q *query) addSRV(e *serviceEntry, m *Member) {
	q.reply.Answer = append(q.reply.Answer, &mdns.SRV{
		Hdr:      q.header(mdns.TypeSRV, e.ttl),
		Priority: m.SRV.Priority,
		Weight:   m.SRV.Weight,
		Port:     m.SRV.Port,
		Target:   mdns.Fqdn(m.FQDN),
	})
	if addr := m.address(q.d.ClientClass); e.svc.AdditionalRecords && addr.IsValid() {
		q.addAdditional(m.FQDN, addr, e.ttl)
	}
}

func (q *query) addAdditional(name string, addr netip.Addr, ttl uint32) {
	header := mdns.RR_Header{Name: mdns.Fqdn(name), Class: mdns.ClassINET, Ttl: ttl}
	q.reply.Extra = append(q.reply.Extra, addressRR(header, addr))
}
