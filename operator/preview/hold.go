package preview

import (
	"maps"
	"slices"

	"github.com/gslbsim/gslbsim/operator/policy"
)

// knownClusters is what is known of the member clusters: what was given, and for clusters that were not, what the controller
// holds of them.
func (p *planner) knownClusters() policy.KnownClusters {
	silent := slices.DeleteFunc(slices.Sorted(maps.Keys(p.clusters)), func(name string) bool {
		_, given := p.in.Members[name]
		return given
	})
	return policy.NewKnownClusters(p.index, p.book, p.inventory, silent)
}
