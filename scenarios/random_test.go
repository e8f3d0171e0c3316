package scenarios_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/gslbsim/gslbsim/sim/result"
)

// Whatever faults come in whatever order, at the same instants or within one another, a right stack breaks none of the
// promises that hold everywhere, and the run ends.
func TestRandomTimelinesBreakNothing(t *testing.T) {
	for seed := range uint64(min(seeds, 8)) {
		timeline := randomTimeline(rand.New(rand.NewPCG(seed, 1)))
		r := playVariant(t, variant(t, "settle: 1m", "settle: 2m", "clients: 200", "clients: 50",
			wholeTimeline, "timeline:\n"+timeline+"\n",
			wholePromises, "promises:\n  - no-dead-answers: {}\n  - always-answered: {}\n  - equal-configuration: {}\n"))
		for _, p := range r.Promises {
			if p.Verdict == result.Broken {
				t.Errorf("%s: %s, %s, with\n%s", p.Name, p.Observed, p.Detail, timeline)
			}
		}
	}
}

// randomTimeline returns one to five faults within the 20 minutes, half of them at round instants, some for ever.
func randomTimeline(rng *rand.Rand) string {
	kinds := []string{
		"power-off: {site: region0%d}", "power-off: {site: region0%d, parts: [controller]}", "power-off: {site: region0%d, parts: [engines]}",
		"power-off: {site: region0%d, parts: [clusters]}", "disable-virtual-service: {site: region0%d, host: application01.gslb.aclab.uk}",
	}
	var out strings.Builder
	for i := range 1 + rng.IntN(5) {
		at := 5 + rng.IntN(900)
		if rng.IntN(2) == 0 {
			at = 60 + at/60*60
		}
		until := ""
		if rng.IntN(3) > 0 {
			until = fmt.Sprintf("until: %ds, ", at+1+rng.IntN(220))
		}
		action := fmt.Sprintf(kinds[rng.IntN(len(kinds))], 1+rng.IntN(2))
		fmt.Fprintf(&out, "  - {at: %ds, %sname: f%d, %s}\n", at, until, i, action)
	}
	return out.String()
}
