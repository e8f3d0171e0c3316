package dns

import "net/netip"

// Decision is how a reply came about: everything an explanation needs. It
// refers to the table's own objects, which must not be changed.
type Decision struct {
	// Name and Type are the question; Name is as it was asked. They are zero
	// when there was no usable question.
	Name string
	Type uint16
	// Client is where the query came from.
	Client Client

	// Outcome is what was done, Drop why there was no reply.
	Outcome Outcome
	Drop    DropReason
	// Rcode of the reply, also where it stands in an OPT record.
	Rcode int
	// Truncated: the reply was cut to the size limit.
	Truncated bool

	// Match is what the name was found as, Owner the name of the entry
	// (canonical), and Wildcard whether Owner is a suffix of the name only.
	Match    Match
	Owner    string
	Wildcard bool
	// Zone is the authoritative domain the name is in; empty for none.
	Zone string
	// Service is set for MatchService, Record for MatchRecord and
	// MatchDelegation (the first one of the answered type).
	Service *Service
	Record  *Record

	// ECS is the network of the query's client subnet option, if it had a
	// usable one; ECSUsed says that steering looked at it and Scope how many
	// bits of it the answer depends on.
	ECS     netip.Prefix
	ECSUsed bool
	Scope   int
	// ClientClass is set where the service's answers depend on it.
	ClientClass ClientClass
	// Location is the client's, if it was looked up and found.
	Location Location
	Located  bool

	// Pools are those the answer was chosen from: the selected one, then
	// those added to reach MinMembers. PoolDraw is the turn by which it was
	// selected among equals. PoolFallback: geo could not decide among pools.
	Pools        []*Pool
	PoolDraw     Draw
	PoolFallback bool
	// Algorithm is the one that chose members. FallbackUsed: the pool's own
	// could not decide. Draw is the turn, for algorithms that take turns.
	Algorithm    Algorithm
	FallbackUsed bool
	Draw         Draw
	// DistanceKm is how far the closest member is, for Geo.
	DistanceKm float64
	// TopologyRule is the rule that matched, Site the site it chose.
	TopologyRule string
	Site         string
	// Members are those answered with, in order.
	Members []*Member
	// DownUsed: the answer is the service's down response, of type Down.
	DownUsed bool
	Down     DownType

	entry *serviceEntry
}

// Outcome is what was done with a query.
type Outcome uint8

const (
	// Dropped: no reply was sent.
	Dropped Outcome = iota
	// Answered: NOERROR with records in the answer section.
	Answered
	// Empty: NOERROR without answer records.
	Empty
	// NameError: NXDOMAIN.
	NameError
	// Referral: the name servers of a delegated domain.
	Referral
	// Rejected: the query itself was in error (FORMERR, NOTIMP, BADVERS,
	// REFUSED).
	Rejected
	// PassedThrough: the query is for the pass-through pool.
	PassedThrough

	// Outcomes is how many there are.
	Outcomes = 7
)

var outcomeNames = [Outcomes]string{
	"dropped", "answered", "empty answer", "name error", "referral", "rejected", "passed through",
}

// String returns the outcome in lower-case words.
func (o Outcome) String() string {
	if int(o) < len(outcomeNames) {
		return outcomeNames[o]
	}
	return "unknown outcome"
}

// DropReason is why a query got no reply.
type DropReason uint8

const (
	// NotDropped: there was a reply, or it is the pass-through pool's to make.
	NotDropped DropReason = iota
	// DropNoTable: no table has been published.
	DropNoTable
	// DropNotQuery: the message is a response.
	DropNotQuery
	// DropMalformed: the message cannot be understood and the profile drops.
	DropMalformed
	// DropUnsupportedQuery: opcode, class or EDNS version are not supported
	// and the profile drops.
	DropUnsupportedQuery
	// DropUnknownName: the name has no entry and the profile drops.
	DropUnknownName
	// DropOutsideDomains: there is a pass-through pool, but it serves only
	// names within the profile's domains.
	DropOutsideDomains
	// DropNoIPv6: AAAA for a name with only IPv4, and the profile drops.
	DropNoIPv6
	// DropServiceDown: the service is down and its down response is none.
	DropServiceDown

	// DropReasons is how many there are, NotDropped included.
	DropReasons = 9
)

var dropReasonNames = [DropReasons]string{
	"", "no table published", "not a query", "malformed query", "unsupported query",
	"unknown name", "name outside the profile's domains", "no IPv6 address", "service down",
}

// String returns the reason in lower-case words; empty for NotDropped.
func (r DropReason) String() string {
	if int(r) < len(dropReasonNames) {
		return dropReasonNames[r]
	}
	return "unknown reason"
}

// Match is what a name was found as.
type Match uint8

const (
	// MatchNone: the name has no entry.
	MatchNone Match = iota
	// MatchService: a GSLB service.
	MatchService
	// MatchRecord: static records or the FQDN of a virtual service.
	MatchRecord
	// MatchDelegation: at or below a delegated name.
	MatchDelegation
	// MatchZone: the top of an authoritative domain, asked for SOA or NS.
	MatchZone

	matches = 5
)

var matchNames = [matches]string{"nothing", "GSLB service", "record", "delegation", "zone"}

// String returns what was matched.
func (m Match) String() string {
	if int(m) < len(matchNames) {
		return matchNames[m]
	}
	return "unknown match"
}

// PoolReport is the state of one pool at the time of a decision.
type PoolReport struct {
	Pool *Pool
	// Usable is how many members are enabled and up; Fitting how many of
	// them hold the kind of data asked for.
	Usable, Fitting int
	// Chosen: members of the pool took part in the choice.
	Chosen bool
	// Why says in a few words why it was chosen or not.
	Why string
}

// PoolReports tells for every pool of the matched service, in configured
// order, why it was chosen or not. Nil without a matched service.
func (d Decision) PoolReports() []PoolReport {
	if d.entry == nil {
		return nil
	}
	reports := make([]PoolReport, len(d.entry.svc.Pools))
	for i := range reports {
		reports[i] = d.reportPool(&d.entry.svc.Pools[i])
	}
	return reports
}

func (d *Decision) reportPool(pool *Pool) PoolReport {
	r := PoolReport{Pool: pool}
	for i := range pool.Members {
		m := &pool.Members[i]
		if !m.Enabled || !m.Up {
			continue
		}
		r.Usable++
		if d.fits(m) {
			r.Fitting++
		}
	}
	for i, p := range d.Pools {
		if p == pool {
			r.Chosen = true
			r.Why = d.whyChosen(i)
			return r
		}
	}
	r.Why = d.whyNotChosen(&r)
	return r
}

func (d *Decision) fits(m *Member) bool {
	for _, kind := range answerKindsFor(d.entry.svc.RecordType, d.Type) {
		if m.answers(kind, d.ClientClass) {
			return true
		}
	}
	return false
}

func (d *Decision) whyChosen(i int) string {
	switch {
	case d.Algorithm == Topology && d.entry.svc.TopologyEnabled && d.Site != "":
		return "topology policy"
	case i > 0:
		return "added to reach min_members"
	case d.entry.svc.PoolAlgorithm == PoolsByGeo && !d.PoolFallback:
		return "closest to the client"
	case d.PoolDraw.Slots > 1:
		return "its turn among equal priorities"
	default:
		return "highest usable priority"
	}
}

func (d *Decision) whyNotChosen(r *PoolReport) string {
	switch {
	case !d.entry.svc.Enabled:
		return "service disabled"
	case !r.Pool.Enabled:
		return "disabled"
	case r.Pool.Priority == 0:
		return "priority 0"
	case !r.Pool.Kind.serves(d.ClientClass):
		return "not for " + d.ClientClass.String() + " clients"
	case r.Usable == 0:
		return "no usable member"
	case r.Fitting == 0:
		return "no member of the asked type"
	case len(d.Pools) == 0:
		return "not needed"
	case d.entry.svc.PoolAlgorithm == PoolsByGeo && !d.PoolFallback:
		return "not the closest"
	case r.Pool.Priority == d.Pools[0].Priority:
		return "not its turn"
	default:
		return "lower priority"
	}
}
