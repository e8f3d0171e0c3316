package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gslbsim/gslbsim/sim/result"
	"github.com/gslbsim/gslbsim/sim/strict"
)

// EqualConfiguration promises that at the end all controllers of the federation hold the same federated objects. A controller
// that cannot be read, such as one without power, leaves the promise open.
type EqualConfiguration struct{}

// Check implements Promise.
func (*EqualConfiguration) Check(*strict.File, string, Scenario) {}

// Judge implements Promise.
func (*EqualConfiguration) Judge(r *result.Result) []result.Promise {
	out := result.Promise{
		Name: "equal configuration on all controllers", Kind: "equal-configuration", Verdict: result.Pass, Bound: "= 0",
	}
	all := r.Evidence.Configuration
	if len(all) < 2 {
		out.Verdict, out.Observed, out.Detail = result.Inconclusive, "-", "there are fewer than two controllers"
		return []result.Promise{out}
	}
	var unread []string
	var read []result.Configuration
	for _, c := range all {
		if c.Err != "" {
			unread = append(unread, fmt.Sprintf("%s could not be read: %s", c.Site, c.Err))
		} else {
			read = append(read, c)
		}
	}
	if len(read) == 0 {
		out.Verdict, out.Observed, out.Detail = result.Inconclusive, "-", several(unread)
		return []result.Promise{out}
	}
	var differences []string
	for _, other := range read[1:] {
		differences = append(differences, compare(read[0], other)...)
	}
	out.Observed = fmt.Sprintf("%d of %d objects", len(differences), len(read[0].Objects))
	switch {
	case len(differences) > 0:
		out.Verdict, out.Detail = result.Broken, several(differences)
	case len(unread) > 0:
		out.Verdict, out.Detail = result.Inconclusive, several(unread)
	case len(read[0].Objects) == 0:
		out.Verdict, out.Detail = result.Inconclusive, "no controller holds a federated object"
	}
	return []result.Promise{out}
}

// several joins the first few of some findings.
func several(found []string) string { return strings.Join(found[:min(3, len(found))], "; ") }

func compare(a, b result.Configuration) []string {
	ids := map[string]bool{}
	for id := range a.Objects {
		ids[id] = true
	}
	for id := range b.Objects {
		ids[id] = true
	}
	sorted := make([]string, 0, len(ids))
	for id := range ids {
		sorted = append(sorted, id)
	}
	slices.Sort(sorted)
	var out []string
	for _, id := range sorted {
		x, inA := a.Objects[id]
		y, inB := b.Objects[id]
		switch {
		case !inB:
			out = append(out, fmt.Sprintf("%s is only in %s", id, a.Site))
		case !inA:
			out = append(out, fmt.Sprintf("%s is only in %s", id, b.Site))
		case x != y:
			out = append(out, fmt.Sprintf("%s differs between %s and %s", id, a.Site, b.Site))
		}
	}
	return out
}
