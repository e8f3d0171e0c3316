package check

import (
	"fmt"

	"github.com/gslbsim/gslbsim/sim/result"
	"github.com/gslbsim/gslbsim/sim/strict"
)

// AlwaysAnswered promises that every query of a client is answered with an address while at least one site can serve.
type AlwaysAnswered struct{}

// Check implements Promise.
func (*AlwaysAnswered) Check(*strict.File, string, Scenario) {}

// Judge implements Promise.
func (*AlwaysAnswered) Judge(r *result.Result) []result.Promise {
	out := result.Promise{
		Name: "every live name is answered", Kind: "always-answered", Verdict: result.Pass, Bound: "= 0",
	}
	unanswered, asked := 0, 0
	for _, a := range r.Evidence.Client {
		if nobodyServes(r, a) {
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

// nobodyServes reports whether all members of every service were out while an answer was waited for.
func nobodyServes(r *result.Result, a result.Answer) bool {
	for _, s := range r.Services {
		for _, m := range s.Members {
			if !memberOut(r, m.Address, a) {
				return false
			}
		}
	}
	return true
}

func memberOut(r *result.Result, addr string, a result.Answer) bool {
	for _, o := range r.Evidence.Outages {
		if o.Address == addr && o.From <= a.At && a.At-a.Took < o.To {
			return true
		}
	}
	return false
}
