package dns

import (
	"fmt"
	"math"
	"slices"
	"strings"

	mdns "github.com/miekg/dns"
)

// Explain tells in a few lines of English how the reply came about. The text
// is stable: equal decisions give equal text. Explanation has more, such as
// the records of the reply.
func (d Decision) Explain() string { return d.Explanation(nil).String() }

// String tells the explanation in English, a line for each part, with members
// and records indented below the line they belong to.
func (e Explanation) String() string {
	var b strings.Builder
	e.writeQuestion(&b)
	e.writeMatch(&b)
	e.writeClient(&b)
	e.writeService(&b)
	for i := range e.Pools {
		e.Pools[i].write(&b)
	}
	e.writeChoice(&b)
	e.writeAnswer(&b)
	return b.String()
}

func (e *Explanation) writeQuestion(b *strings.Builder) {
	if e.Question.Name == "" {
		return
	}
	fmt.Fprintf(b, "query: %s %s from %v", e.Question.Name, e.Question.Type, e.Question.Client)
	if e.Question.TCP {
		b.WriteString(" over TCP")
	}
	b.WriteByte('\n')
}

func (e *Explanation) writeMatch(b *strings.Builder) {
	m := e.Match
	if m == nil {
		return
	}
	fmt.Fprintf(b, "match: %s", m.Kind)
	if m.Object != "" && m.Origin == "" {
		fmt.Fprintf(b, " %s", m.Object)
	}
	if m.At != "" {
		fmt.Fprintf(b, " at %s", m.At)
	}
	if m.Origin != "" {
		fmt.Fprintf(b, " (%s)", strings.TrimSpace(m.Origin+" "+m.Object))
	}
	if m.Wildcard {
		b.WriteString(", by suffix")
	}
	if m.Zone != "" {
		fmt.Fprintf(b, "; authoritative for %s", m.Zone)
	}
	b.WriteByte('\n')
}

func (e *Explanation) writeClient(b *strings.Builder) {
	q := &e.Question
	if q.Subnet != "" {
		used := "not used"
		if q.SubnetUsed {
			used = fmt.Sprintf("used, scope /%d", q.Scope)
		}
		fmt.Fprintf(b, "client subnet: %s, %s\n", q.Subnet, used)
	}
	if q.Class != "" {
		fmt.Fprintf(b, "client class: %s\n", q.Class)
	}
	if l := q.Location; l != nil {
		fmt.Fprintf(b, "client location: %.4f,%.4f %s\n", l.Latitude, l.Longitude, l.Name)
	} else if e.byPlace() {
		b.WriteString("client location: not known\n")
	}
}

// byPlace tells whether the answer would depend on where the client is.
func (e *Explanation) byPlace() bool {
	geo := Geo.String()
	return e.Service != nil && e.Service.PoolAlgorithm == PoolsByGeo.String() ||
		slices.ContainsFunc(e.Pools, func(p PoolView) bool { return p.Chosen && p.Algorithm == geo })
}

func (e *Explanation) writeService(b *strings.Builder) {
	s := e.Service
	if s == nil {
		return
	}
	count := "all addresses"
	if s.NumIPs > 0 {
		count = fmt.Sprintf("%d per answer", s.NumIPs)
	}
	fmt.Fprintf(b, "service: %s, pools by %s, %s, TTL %d s, down response %s",
		enabledText(s.Enabled), s.PoolAlgorithm, count, s.TTL, s.DownResponse)
	if s.MinMembers > 0 {
		fmt.Fprintf(b, ", at least %d members", s.MinMembers)
	}
	b.WriteByte('\n')
}

func (p *PoolView) write(b *strings.Builder) {
	chosen := "not chosen"
	if p.Chosen {
		chosen = "chosen"
	}
	fmt.Fprintf(b, "pool %s: priority %d, %s, %d of %d members usable, %s: %s\n",
		p.Name, p.Priority, p.Algorithm, p.Usable, len(p.Members), chosen, p.Why)
	for i := range p.Members {
		p.Members[i].write(b)
	}
}

func (m *MemberView) write(b *strings.Builder) {
	fmt.Fprintf(b, "  %s", m.Name)
	if m.Site != "" {
		fmt.Fprintf(b, " at %s", m.Site)
	}
	fmt.Fprintf(b, ", ratio %d: ", m.Ratio)
	switch {
	case !m.Enabled:
		b.WriteString("disabled")
	case m.Up:
		b.WriteString("up")
	default:
		b.WriteString("down")
	}
	if m.Answered {
		b.WriteString(", answered")
	}
	if m.Note != "" {
		fmt.Fprintf(b, " (%s)", m.Note)
	}
	b.WriteByte('\n')
}

func (e *Explanation) writeChoice(b *strings.Builder) {
	c := e.Choice
	if c == nil {
		return
	}
	if c.TopologyRule != "" {
		fmt.Fprintf(b, "topology rule: %s, site: %s\n", c.TopologyRule, orNone(c.Site))
	}
	if c.PoolTurn != nil {
		fmt.Fprintf(b, "pool turn: %d of %d\n", c.PoolTurn.Slot, c.PoolTurn.Of)
	}
	fmt.Fprintf(b, "algorithm: %s", c.Algorithm)
	if c.FallbackUsed {
		b.WriteString(" (fallback)")
	}
	if c.Algorithm == Geo.String() {
		fmt.Fprintf(b, ", %.0f km", c.DistanceKm)
	}
	if c.MemberTurn != nil {
		fmt.Fprintf(b, ", turn %d of %d", c.MemberTurn.Slot, c.MemberTurn.Of)
	}
	b.WriteByte('\n')
}

func (e *Explanation) writeAnswer(b *strings.Builder) {
	a := &e.Answer
	if a.DownResponse != "" {
		fmt.Fprintf(b, "service down, down response: %s\n", a.DownResponse)
	}
	fmt.Fprintf(b, "outcome: %s", a.Outcome)
	if a.Drop != "" {
		fmt.Fprintf(b, ", %s", a.Drop)
	}
	if a.Rcode != "" {
		fmt.Fprintf(b, ", %s", a.Rcode)
	}
	if a.Truncated {
		b.WriteString(", truncated")
	}
	b.WriteByte('\n')
	for _, r := range a.Records {
		fmt.Fprintf(b, "  %s\n", r)
	}
}

// label names a member by what it is answered with.
func (m *Member) label(c ClientClass) string {
	if m.FQDN != "" {
		return m.FQDN
	}
	return m.address(c).String()
}

// recordText is a record in presentation format with single spaces.
func recordText(rr mdns.RR) string {
	header := rr.Header().String()
	return strings.Join(strings.Fields(header), " ") + " " + rr.String()[len(header):]
}

// roundKm keeps a tenth of a kilometre.
func roundKm(km float64) float64 { return math.Round(km*10) / 10 }

func enabledText(enabled bool) string {
	if enabled {
		return "enabled"
	}
	return "disabled"
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

func rcodeName(rcode int) string {
	if rcode == mdns.RcodeBadVers {
		return "BADVERS" // the library has the code's other name
	}
	if name, ok := mdns.RcodeToString[rcode]; ok {
		return name
	}
	return fmt.Sprintf("rcode %d", rcode)
}
