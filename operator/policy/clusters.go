package policy

import (
	"net/netip"
	"slices"

	"github.com/gslbsim/gslbsim/operator/ingest"
	"github.com/gslbsim/gslbsim/operator/model"
)

// Holdings are what the controller holds; *plan.Inventory is one.
type Holdings interface {
	// Services returns the services of an FQDN, in all tenants.
	Services(fqdn string) []model.StoredService
	// Attached returns the monitors that a service refers to.
	Attached(s model.StoredService) []model.StoredMonitor
}

// KnownClusters is what is known of the member clusters: what was read, and of those that cannot be asked, what the
// controller holds of them. It implements Clusters.
type KnownClusters struct {
	*ingest.Index
	book     *RuleBook
	holdings Holdings
	silence  ingest.Silence
}

var _ Clusters = KnownClusters{}

// NewKnownClusters returns what index knows, together with what holdings know of the silent clusters. Addresses that a rule
// of book gives a service are nobody's members.
func NewKnownClusters(index *ingest.Index, book *RuleBook, holdings Holdings, silent []string) KnownClusters {
	k := KnownClusters{Index: index, book: book, holdings: holdings}
	if len(silent) > 0 {
		k.silence = ingest.Silence{Clusters: map[string]bool{}, Controllers: index.Controllers()}
		for _, name := range silent {
			k.silence.Clusters[name] = true
		}
	}
	return k
}

// Candidates implements Clusters.
func (k KnownClusters) Candidates(fqdn string) []ingest.Candidate {
	known := k.Index.Candidates(fqdn)
	held, _ := k.held(fqdn, known)
	if len(held) == 0 {
		return known
	}
	all := append(known, held...)
	slices.SortStableFunc(all, func(a, b ingest.Candidate) int { return a.Source.Compare(b.Source) })
	return all
}

// Aliases implements Clusters. The names of a service with members that are kept are kept too: a HostRule of the cluster
// that does not answer may have given them.
func (k KnownClusters) Aliases(fqdn string) []string {
	aliases := k.Index.Aliases(fqdn)
	if held, names := k.held(fqdn, k.Index.Candidates(fqdn)); len(held) > 0 {
		aliases = append(aliases, names...)
		slices.Sort(aliases)
		aliases = slices.Compact(aliases)
	}
	return aliases
}

// held are the members of silent clusters, and the further names of their services.
func (k KnownClusters) held(fqdn string, known []ingest.Candidate) (held []ingest.Candidate, names []string) {
	if len(k.silence.Clusters) == 0 {
		return nil, nil
	}
	thirdParty := map[netip.Addr]bool{}
	if rule := k.book.Rule(fqdn); rule != nil {
		for _, m := range rule.ThirdParty {
			thirdParty[m.VIP] = true
		}
	}
	for _, s := range k.holdings.Services(fqdn) {
		if of := ingest.Held(s, k.holdings.Attached(s), k.silence, known, thirdParty); len(of) > 0 {
			held = append(held, of...)
			names = append(names, slices.DeleteFunc(slices.Clone(s.DomainNames), func(n string) bool { return n == fqdn })...)
		}
	}
	return held, names
}
