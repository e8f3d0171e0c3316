package check

import (
	"fmt"

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
	out := result.Promise{Name: "nobody is answered with a dead member", Kind: "no-dead-answers", Verdict: result.Pass, Bound: "= 0"}
	authoritative := deadAnswers(r, r.Evidence.Authoritative, Bounds.Down)
	cached := deadAnswers(r, r.Evidence.Client, func(b Bounds, s Sight) Bound { return b.Cached(b.Down(s)) })
	out.Observed = fmt.Sprintf("0 of %d", len(r.Evidence.Authoritative)+len(r.Evidence.Client))
	switch {
	case authoritative.dead+cached.dead > 0:
		out.Observed = fmt.Sprintf("DNS %d, clients %d", authoritative.dead, cached.dead)
		out.Verdict, out.Detail = result.Broken, authoritative.first
		if out.Detail == "" {
			out.Detail = cached.first
		}
	case len(r.Evidence.Outages) == 0:
		out.Verdict, out.Detail = result.Inconclusive, "no member was ever down"
	}
	return []result.Promise{out}
}

// mortality is how many answers had a member that had been down for too long, and the first of them.
type mortality struct {
	dead  int
	first string
}

func deadAnswers(r *result.Result, answers []result.Answer, bound func(Bounds, Sight) Bound) mortality {
	var m mortality
	for _, o := range r.Evidence.Outages {
		of := lookup(r, o.Service)
		if len(of) == 0 {
			continue
		}
		names, bounds := of.names(), boundsOf(r, of[0])
		b := bound(bounds, sightDown(r, bounds, o))
		for _, a := range window(answers, o.From+b.At+1, o.To) {
			if a.Addr != o.Address || !names[a.Name] {
				continue
			}
			if m.dead++; m.dead == 1 {
				m.first = fmt.Sprintf("%s, down since %s, bound %s", at(a), offset(o.From), b.Formula)
			}
		}
	}
	return m
}
