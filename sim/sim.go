// Package sim plays scenarios: it puts a whole multi-region GSLB stack into virtual time and judges what happened.
package sim

import (
	"fmt"

	"github.com/gslbsim/gslbsim/dns/querylog"
	"github.com/gslbsim/gslbsim/sim/bubble"
	"github.com/gslbsim/gslbsim/sim/check"
	"github.com/gslbsim/gslbsim/sim/result"
	"github.com/gslbsim/gslbsim/sim/scenario"
	"github.com/gslbsim/gslbsim/sim/world"
)

// Options change how a scenario is run.
type Options struct {
	// Runner enters virtual time; nil: bubble.Run, that of ordinary programs. Tests pass bubble.In(t).
	Runner bubble.Runner
	// Sabotage breaks the stack on purpose, so that promises break; one of SabotageNames, or empty.
	Sabotage string
	// Ask lists answers to explain in the result's Why.
	Ask []Inquiry
	// QueryLog keeps the query log in the result's Queries, under this policy; nil: none is kept.
	QueryLog *querylog.Policy
	// Repeat is the command that repeats the run, for reports.
	Repeat string
}

// Check returns an error for options that make no sense.
func (o Options) Check() error { return world.Sabotage(o.Sabotage).Check() }

// SabotageNames lists the ways to break the stack.
func SabotageNames() []string {
	var out []string
	for _, s := range world.Sabotages {
		out = append(out, string(s))
	}
	return out
}

// Run plays a scenario in virtual time and judges it. The result holds a verdict even if the run went wrong on the way;
// an error means that the world could not be built at all, or that a part of it panicked.
func Run(s *scenario.Scenario, o Options) (*result.Result, error) {
	if err := o.Check(); err != nil {
		return nil, err
	}
	for _, q := range o.Ask {
		if err := q.Check(s); err != nil {
			return nil, err
		}
	}
	run := o.Runner
	if run == nil {
		run = bubble.Run
	}
	var r *result.Result
	var failed error
	err := run(func() {
		r, failed = world.Play(s, world.Options{Settle: bubble.Settle, Sabotage: world.Sabotage(o.Sabotage), Ask: o.Ask, QueryLog: o.QueryLog})
	})
	if err == nil {
		err = failed
	}
	if err != nil {
		return nil, fmt.Errorf("scenario %s: %w", s.Name, err)
	}
	r.Repeat = o.Repeat
	promises := make([]check.Promise, len(s.Promises))
	for i, p := range s.Promises {
		promises[i] = p.Promise
	}
	check.Judge(r, promises)
	return r, nil
}
