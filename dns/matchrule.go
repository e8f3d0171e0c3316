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
		rule.Clients, rule.Countries = slices.Clone(rule.Clients), slices.Clone(rule.Countries)
		rule.Ports, rule.Types = slices.Clone(rule.Ports), slices.Clone(rule.Types)
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
		if rule.matchesQuery(q) && rule.matchesName(q.name) && q.matchesClient(rule) && q.matchesGeo(rule) {
			q.d.TopologyRule = rule.Name
			return rule
		}
	}
	return nil
}

// matchesQuery looks at what does not depend on who asks for what.
func (r *topologyRule) matchesQuery(q *query) bool {
	if len(r.Types) > 0 && slices.Contains(r.Types, q.qtype) == r.TypesNot {
		return false
	}
	if r.Transport != AnyTransport && (r.Transport == OverTCP) != q.client.TCP {
		return false
	}
	return len(r.Ports) == 0 || q.client.Port != 0 && r.hasPort(q.client.Port) != r.PortsNot
}

func (r *topologyRule) hasPort(port uint16) bool {
	for _, p := range r.Ports {
		if p.First <= port && port <= p.Last {
			return true
		}
	}
	return false
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
	if len(r.Clients) == 0 && len(r.Countries) == 0 {
		return true
	}
	client := q.clientFor(r.UseECS)
	return (q.inPrefixes(client, r.Clients) || q.inCountries(client, r.Countries)) != r.ClientsNot
}

func (q *query) inCountries(c clientAddr, countries []string) bool {
	if len(countries) == 0 {
		return false
	}
	loc := q.locate(c)
	if loc == nil {
		return false
	}
	country, _, _ := strings.Cut(loc.Name, "/")
	return slices.Contains(countries, country)
}

func (q *query) matchesGeo(r *topologyRule) bool {
	if r.GeoName == "" && r.GeoTag == "" {
		return true
	}
	loc := q.locate(q.clientFor(r.GeoUseECS))
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
