package dns

import (
	"fmt"
	"strings"

	mdns "github.com/miekg/dns"
)

// Explain tells in a few lines of English how the reply came about. The text
// is stable: equal decisions give equal text.
func (d Decision) Explain() string {
	var b strings.Builder
	if d.Name != "" {
		fmt.Fprintf(&b, "query %s %s from %v", d.Name, mdns.Type(d.Type), d.Client.Addr)
		if d.Client.TCP {
			b.WriteString(" over TCP")
		}
		b.WriteByte('\n')
	}
	d.explainMatch(&b)
	d.explainClient(&b)
	d.explainPools(&b)
	d.explainChoice(&b)
	d.explainOutcome(&b)
	return b.String()
}

func (d *Decision) explainMatch(b *strings.Builder) {
	if d.Name == "" {
		return
	}
	switch d.Match {
	case MatchNone:
		b.WriteString("match: nothing")
	case MatchService:
		fmt.Fprintf(b, "match: GSLB service %s at %s", d.Service.Name, d.Owner)
	case MatchRecord, MatchDelegation:
		fmt.Fprintf(b, "match: %v at %s", d.Match, d.Owner)
		if d.Record != nil {
			fmt.Fprintf(b, " (%v %s)", d.Record.Origin, d.Record.Owner)
		}
	default:
		fmt.Fprintf(b, "match: %v at %s", d.Match, d.Owner)
	}
	if d.Wildcard {
		b.WriteString(", by suffix")
	}
	if d.Zone != "" {
		fmt.Fprintf(b, "; authoritative for %s", d.Zone)
	}
	b.WriteByte('\n')
}

func (d *Decision) explainClient(b *strings.Builder) {
	if d.ECS.IsValid() {
		used := "not used"
		if d.ECSUsed {
			used = fmt.Sprintf("used, scope /%d", d.Scope)
		}
		fmt.Fprintf(b, "client subnet: %v, %s\n", d.ECS, used)
	}
	if d.ClientClass != UnsortedClient {
		fmt.Fprintf(b, "client class: %v\n", d.ClientClass)
	}
	if d.Located {
		fmt.Fprintf(b, "client location: %.4f,%.4f %s\n", d.Location.Latitude, d.Location.Longitude, d.Location.Name)
	}
}

func (d *Decision) explainPools(b *strings.Builder) {
	for _, r := range d.PoolReports() {
		chosen := "not chosen"
		if r.Chosen {
			chosen = "chosen"
		}
		fmt.Fprintf(b, "pool %s: priority %d, %d of %d members usable, %s: %s\n",
			r.Pool.Name, r.Pool.Priority, r.Usable, len(r.Pool.Members), chosen, r.Why)
	}
}

func (d *Decision) explainChoice(b *strings.Builder) {
	if d.TopologyRule != "" {
		fmt.Fprintf(b, "topology rule: %s, site: %s\n", d.TopologyRule, orNone(d.Site))
	}
	if len(d.Pools) > 0 {
		fmt.Fprintf(b, "algorithm: %v", d.Algorithm)
		if d.FallbackUsed {
			b.WriteString(" (fallback)")
		}
		if d.Algorithm == Geo {
			fmt.Fprintf(b, ", %.0f km", d.DistanceKm)
		}
		if d.Draw.Slots > 0 {
			fmt.Fprintf(b, ", turn %d of %d", d.Draw.Slot+1, d.Draw.Slots)
		}
		b.WriteByte('\n')
	}
	for _, m := range d.Members {
		fmt.Fprintf(b, "member: %s", m.label(d.ClientClass))
		if m.Site != "" {
			fmt.Fprintf(b, " at %s", m.Site)
		}
		b.WriteByte('\n')
	}
	if d.DownUsed {
		fmt.Fprintf(b, "service down, down response: %v\n", d.Down)
	}
}

func (d *Decision) explainOutcome(b *strings.Builder) {
	switch d.Outcome {
	case Dropped:
		fmt.Fprintf(b, "outcome: dropped, %v\n", d.Drop)
	case PassedThrough:
		fmt.Fprintf(b, "outcome: %v\n", d.Outcome)
	default:
		fmt.Fprintf(b, "outcome: %v, %s", d.Outcome, rcodeName(d.Rcode))
		if d.Truncated {
			b.WriteString(", truncated")
		}
		b.WriteByte('\n')
	}
}

// label names a member by what it is answered with.
func (m *Member) label(c ClientClass) string {
	if m.FQDN != "" {
		return m.FQDN
	}
	return m.address(c).String()
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
