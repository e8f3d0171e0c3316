package dns

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	mdns "github.com/miekg/dns"
)

// topologyRule is a TopologyRule with canonical suffixes.
type topologyRule struct {
	TopologyRule
	suffixes []string
}

func (t *Table) addTopology(rules []TopologyRule) error {
	if err := atMost("topology rules", len(rules), MaxTopologyRules); err != nil {
		return err
	}
	for i := range rules {
		if err := checkTopologyRule(&rules[i]); err != nil {
			return err
		}
		rule := topologyRule{TopologyRule: rules[i]}
		rule.Clients = slices.Clone(rule.Clients)
		rule.Fallbacks = slices.Clone(rule.Fallbacks)
		for _, suffix := range rule.Suffixes {
			name, err := canonical(suffix)
			if err != nil {
				return fmt.Errorf("topology rule %q: suffix: %w", rule.Name, err)
			}
			rule.suffixes = append(rule.suffixes, name)
		}
		t.topology = append(t.topology, rule)
	}
	return nil
}

// matchTopology returns the first rule that matches the query, or nil.
func (q *query) matchTopology() *topologyRule {
	for i := range q.table.topology {
		rule := &q.table.topology[i]
		if rule.matchesName(q.name) && q.matchesClient(rule) && q.matchesGeo(rule) {
			q.d.TopologyRule = rule.Name
			return rule
		}
	}
	return nil
}

func (r *topologyRule) matchesName(name string) bool {
	if len(r.suffixes) == 0 {
		return true
	}
	for _, suffix := range r.suffixes {
		if mdns.IsSubDomain(suffix, name) {
			return true
		}
	}
	return false
}

func (q *query) matchesClient(r *topologyRule) bool {
	if len(r.Clients) == 0 {
		return true
	}
	return q.inPrefixes(q.clientFor(r.UseECS), r.Clients) != r.ClientsNot
}

func (q *query) matchesGeo(r *topologyRule) bool {
	if r.GeoName == "" && r.GeoTag == "" {
		return true
	}
	loc := q.locate(q.clientFor(r.UseECS))
	if loc == nil {
		return false
	}
	return (matchesGeoName(r.GeoName, loc.Name) && (r.GeoTag == "" || r.GeoTag == loc.Tag)) != r.GeoNot
}

// matchesGeoName compares "Country/State/City" with a rule that may name
// only its leading parts.
func matchesGeoName(rule, name string) bool {
	rest, ok := strings.CutPrefix(name, rule)
	return ok && (rest == "" || rest[0] == '/' || rule == "")
}

// inPrefixes tells whether the client is in any of the prefixes and notes how
// many leading bits of its address that depends on: those of each prefix
// examined up to where it parts from the client's address.
func (q *query) inPrefixes(c clientAddr, prefixes []netip.Prefix) bool {
	for _, p := range prefixes {
		if p.Contains(c.addr) {
			q.needBits(c, p.Bits())
			return true
		}
		q.needBits(c, min(p.Bits(), commonBits(p.Addr(), c.addr)+1))
	}
	return false
}
