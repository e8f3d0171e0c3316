package check

import (
	"fmt"
	"time"

	"github.com/gslbsim/gslbsim/sim/result"
	"github.com/gslbsim/gslbsim/sim/strict"
)

// NoDeadAnswers promises that nobody is answered with a member that has been down for longer than its bound: by the
// authorities, within detection; by resolvers, within detection plus TTL.
type NoDeadAnswers struct{}

// Check implements Promise.
func (*NoDeadAnswers) Check(*strict.File, string, Scenario) {}

// Judge implements Promise.
func (*NoDeadAnswers) Judge(r *result.Result) []result.Promise {
	return []result.Promise{
		deadAnswers(r, result.LayerAuthoritative, r.Evidence.Authoritative, func(b Bounds, dark bool) Bound { return b.Down(dark) }),
		deadAnswers(r, result.LayerClient, r.Evidence.Client, func(b Bounds, dark bool) Bound { return b.Cached(b.Down(dark)) }),
	}
}

func deadAnswers(r *result.Result, layer string, answers []result.Answer, bound func(Bounds, bool) Bound) result.Promise {
	out := result.Promise{
		Name: fmt.Sprintf("no %s answer with a member that is down past its bound", layer), Kind: "no-dead-answers",
		Verdict: result.Pass, Bound: "= 0",
	}
	dead, checked := 0, 0
	var latest time.Duration
	for _, o := range r.Evidence.Outages {
		b := bound(boundsOfName(r, o.Service), o.SiteDark)
		for _, a := range window(answers, o.From, o.To) {
			if a.Addr != o.Address {
				continue
			}
			checked++
			latest = max(latest, a.At-o.From)
			if a.At > o.From+b.At {
				if dead == 0 {
					out.Detail = fmt.Sprintf("%s, down since %s, bound %s", at(a), offset(o.From), b.Formula)
				}
				dead++
			}
		}
	}
	out.Observed = fmt.Sprintf("%d", dead)
	switch {
	case dead > 0:
		out.Verdict = result.Broken
	case len(r.Evidence.Outages) == 0:
		out.Verdict, out.Detail = result.Inconclusive, "no member was ever down"
	case checked > 0:
		out.Detail = fmt.Sprintf("%d answers with a member that had just gone down, the latest after %s", checked, seconds(latest))
	}
	return out
}

func boundsOfName(r *result.Result, name string) Bounds {
	for _, s := range r.Services {
		if s.Name == name {
			return boundsOf(r, s)
		}
	}
	return Bounds{Timing: r.Timing}
}
