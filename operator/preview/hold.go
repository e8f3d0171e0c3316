package preview

import (
	"net/netip"
	"slices"

	"github.com/gslbsim/gslbsim/operator/ingest"
)

// knownClusters is what is known of the member clusters: what was given, and for clusters that were not, what the controller
// holds of them.
func (p *planner) knownClusters() heldClusters {
	silence := ingest.Silence{Clusters: map[string]bool{}, Controllers: p.index.Controllers()}
	for name := range p.clusters {
		if _, given := p.in.Members[name]; !given {
			silence.Clusters[name] = true
		}
	}
	return heldClusters{Index: p.index, planner: p, silence: silence}
}

// heldClusters implements policy.Clusters.
type heldClusters struct {
	*ingest.Index
	planner *planner
	silence ingest.Silence
}

// Candidates implements policy.Clusters.
func (h heldClusters) Candidates(fqdn string) []ingest.Candidate {
	known := h.Index.Candidates(fqdn)
	held, _ := h.held(fqdn, known)
	all := append(known, held...)
	slices.SortStableFunc(all, func(a, b ingest.Candidate) int { return a.Source.Compare(b.Source) })
	return all
}

// Aliases implements policy.Clusters.
func (h heldClusters) Aliases(fqdn string) []string {
	aliases := h.Index.Aliases(fqdn)
	if held, names := h.held(fqdn, h.Index.Candidates(fqdn)); len(held) > 0 {
		aliases = append(aliases, names...)
		slices.Sort(aliases)
		aliases = slices.Compact(aliases)
	}
	return aliases
}

// held are the members of clusters that were not given, and the further names of their services.
func (h heldClusters) held(fqdn string, known []ingest.Candidate) (held []ingest.Candidate, names []string) {
	if len(h.silence.Clusters) == 0 {
		return nil, nil
	}
	thirdParty := map[netip.Addr]bool{}
	if rule := h.planner.book.Rule(fqdn); rule != nil {
		for _, m := range rule.ThirdParty {
			thirdParty[m.VIP] = true
		}
	}
	for _, s := range h.planner.inventory.Services(fqdn) {
		if of := ingest.Held(s, h.planner.inventory.Attached(s), h.silence, known, thirdParty); len(of) > 0 {
			held = append(held, of...)
			names = append(names, slices.DeleteFunc(slices.Clone(s.DomainNames), func(n string) bool { return n == fqdn })...)
		}
	}
	return held, names
}
