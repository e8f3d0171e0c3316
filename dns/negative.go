package dns

import mdns "github.com/miekg/dns"

// Choices where the product's behaviour without an answer is unconfirmed.
const (
	// dropCoversAAAA: a profile that drops also drops AAAA queries for names
	// with only IPv4 addresses, whatever AAAAEmpty says. Seen in a 20.1 lab;
	// the setting's own text promises an empty reply.
	dropCoversAAAA = true
	// dropCoversTypes: a profile that drops also drops queries for types a
	// known name does not have. The guide says that they get an empty
	// NOERROR; the schema's text of error_response lists them with what is
	// dropped.
	dropCoversTypes = false
	// aaaaEmptyHasSOA: the empty AAAA reply carries the zone's SOA. A lab
	// captured it without one.
	aaaaEmptyHasSOA = false
	// downEmptyHasSOA: the down response "empty" carries the zone's SOA.
	downEmptyHasSOA = true
)

// emptyAnswer replies NOERROR without records, with the SOA of the
// authoritative domain the name is in if wanted.
func (q *query) emptyAnswer(withSOA bool) {
	q.begin(mdns.RcodeSuccess, true)
	q.d.Outcome = Empty
	if withSOA {
		q.addSOA()
	}
}

func (q *query) addSOA() {
	if q.zone != nil {
		q.reply.Ns = append(q.reply.Ns, q.zone.soa())
	}
}

// missingType replies for a known name that has nothing of the asked type.
// onlyIPv4 says that it has IPv4 addresses but no IPv6 address.
func (q *query) missingType(onlyIPv4 bool) {
	if reason, withSOA := q.table.profile.missing(q.qtype, onlyIPv4); reason != NotDropped {
		q.drop(reason)
	} else {
		q.emptyAnswer(withSOA)
	}
}

// missing decides on a type that a known name has nothing of: why it is
// dropped, or whether the empty answer has the zone's SOA.
func (p *Profile) missing(qtype uint16, onlyIPv4 bool) (drop DropReason, withSOA bool) {
	drops := p.ErrorResponse == ErrorDrop
	switch {
	case qtype == mdns.TypeAAAA && onlyIPv4:
		if drops && (dropCoversAAAA || !p.AAAAEmpty) {
			return DropNoIPv6, false
		}
		return NotDropped, aaaaEmptyHasSOA || !p.AAAAEmpty
	case drops && dropCoversTypes:
		return DropUnsupportedQuery, false
	default:
		return NotDropped, true
	}
}

// unknownName replies for a name without an entry. Names within an
// authoritative domain never reach the pass-through pool; NXDOMAIN carries
// the SOA, and AA, only for them.
func (q *query) unknownName() {
	switch {
	case q.zone == nil && q.table.passThrough:
		q.passThrough()
	case q.table.profile.ErrorResponse == ErrorDrop:
		q.drop(DropUnknownName)
	default:
		q.begin(mdns.RcodeNameError, q.zone != nil)
		q.addSOA()
	}
}

// passThrough leaves the query to the pass-through pool, unless the profile
// names the domains it serves: the name is then known to be outside.
func (q *query) passThrough() {
	if len(q.table.profile.Domains) > 0 {
		q.drop(DropOutsideDomains)
		return
	}
	q.d.Outcome = PassedThrough
}
