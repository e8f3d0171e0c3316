package check

import (
	"fmt"
	"slices"

	"github.com/gslbsim/gslbsim/sim/result"
	"github.com/gslbsim/gslbsim/sim/strict"
)

// AlwaysAnswered promises that every query of a client for a GSLB service is answered with an address while at least one of
// the service's members can serve. A member that could not counts again once it has had the time to be noticed: its bound, and
// what a resolver may take until it asks again.
type AlwaysAnswered struct{}

// Check implements Promise.
func (*AlwaysAnswered) Check(*strict.File, string, Scenario) {}

// Judge implements Promise.
func (*AlwaysAnswered) Judge(r *result.Result) []result.Promise {
	out := result.Promise{
		Name: "every live name is answered", Kind: "always-answered", Verdict: result.Pass, Bound: "= 0",
	}
	unanswered, asked := 0, 0
	outages, known := unseen(r), byName(r)
	for _, a := range r.Evidence.Client {
		s := known[a.Name]
		if s == nil || nobodyServes(s, outages, a) {
			continue
		}
		asked++
		if !a.Answered() {
			if unanswered == 0 {
				out.Detail = at(a)
			}
			unanswered++
		}
	}
	out.Observed = fmt.Sprintf("%d of %d", unanswered, asked)
	switch {
	case unanswered > 0:
		out.Verdict = result.Broken
	case asked == 0:
		out.Verdict, out.Detail = result.Inconclusive, "no query was asked while a site could serve"
	}
	return []result.Promise{out}
}

// unseen returns the outages, each lengthened by the time in which its end may go unnoticed.
func unseen(r *result.Result) []result.Outage {
	out := slices.Clone(r.Evidence.Outages)
	for i, o := range out {
		if of := lookup(r, o.Service); len(of) > 0 {
			b := boundsOf(r, of[0])
			out[i].To += b.Up(sightUp(r, b, o)).At + r.Timing.Patience.Duration()
		}
	}
	return out
}

// nobodyServes reports whether all members of a service were out while an answer was waited for.
func nobodyServes(s *result.Service, outages []result.Outage, a result.Answer) bool {
	return !slices.ContainsFunc(s.Members, func(m result.Member) bool {
		return !slices.ContainsFunc(outages, func(o result.Outage) bool {
			return o.Service == s.Name && o.Address == m.Address && o.From <= a.At && a.At-a.Took < o.To
		})
	})
}
