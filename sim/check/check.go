// Package check judges a finished run. Each kind of promise is a value that is read from a scenario file and that finds
// in a run's evidence whether it was kept. Nothing here runs in virtual time.
//
// Bounds are computed, never fitted: see Bounds.
package check

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/gslbsim/gslbsim/sim/result"
	"github.com/gslbsim/gslbsim/sim/strict"
)

// Promise is one kind of promise with its parameters.
type Promise interface {
	// Check reports parameters that make no sense for this scenario. field is the promise's path in f.
	Check(f *strict.File, field string, s Scenario)
	// Judge finds out whether the promise was kept. It returns at least one result.Promise.
	Judge(r *result.Result) []result.Promise
}

// Scenario is what a promise may refer to.
type Scenario struct {
	Phases []string
	Faults []string
	Sites  []string // those that have members
	Groups []string // of clients
	Ending []string // those of Faults that are taken back
	Hosts  []string // GSLB services and the aliases that lead to them
}

// Kinds lists the kinds of promises by the name that they have in scenario files.
var Kinds = map[string]func() Promise{
	"answers":             func() Promise { return &Answers{} },
	"flips":               func() Promise { return &Flips{} },
	"no-dead-answers":     func() Promise { return &NoDeadAnswers{} },
	"always-answered":     func() Promise { return &AlwaysAnswered{} },
	"equal-configuration": func() Promise { return &EqualConfiguration{} },
}

// Names returns the names of Kinds, sorted.
func Names() []string {
	names := make([]string, 0, len(Kinds))
	for name := range Kinds {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Judge fills in the promises and the verdict of a run. A run whose assumptions do not hold is inconclusive, whatever
// its promises say; otherwise one broken promise breaks it, and one that could not be judged leaves it open.
func Judge(r *result.Result, promises []Promise) {
	for _, p := range promises {
		r.Promises = append(r.Promises, p.Judge(r)...)
	}
	r.Ladders = Ladders(r)
	r.Reasons = append(r.Reasons, assumptions(r)...)
	r.Verdict = verdict(r)
}

func verdict(r *result.Result) result.Verdict {
	v := result.Pass
	if len(r.Reasons) > 0 || len(r.Promises) == 0 {
		return result.Inconclusive
	}
	for _, p := range r.Promises {
		switch p.Verdict {
		case result.Broken:
			return result.Broken
		case result.Inconclusive:
			v = result.Inconclusive
		}
	}
	return v
}

// NobodyAsked is the reason of a run without clients.
const NobodyAsked = "no client asked anything"

// assumptions returns what must be so before any promise means something, and is not.
func assumptions(r *result.Result) []string {
	var missing []string
	if len(r.Evidence.Client) == 0 {
		missing = append(missing, NobodyAsked)
	}
	if len(r.Services) == 0 {
		missing = append(missing, "the policy selects no object, so there is no GSLB service to judge")
	}
	return missing
}

// change is an instant at which what should be answered may change.
type change struct {
	result.Change
	fault result.Fault
}

func (c change) String() string {
	if c.Ends {
		return c.Fault + " over"
	}
	return c.Fault
}

// changes returns the changes of a run in the order of time.
func changes(r *result.Result) []change {
	var out []change
	for _, c := range r.Evidence.Changes {
		i := slices.IndexFunc(r.Faults, func(f result.Fault) bool { return f.Name == c.Fault })
		out = append(out, change{c, r.Faults[i]})
	}
	slices.SortStableFunc(out, func(a, b change) int { return cmp.Compare(a.At, b.At) })
	return out
}

// until returns when the change after instant at comes, or the end of the run.
func until(r *result.Result, at time.Duration) time.Duration {
	for _, c := range changes(r) {
		if c.At > at {
			return c.At
		}
	}
	return r.Span.Duration()
}

// window returns the answers with from <= At < to; none if the window ends before it begins.
func window(answers []result.Answer, from, to time.Duration) []result.Answer {
	by := func(a result.Answer, at time.Duration) int { return cmp.Compare(a.At, at) }
	i, _ := slices.BinarySearchFunc(answers, from, by)
	j, _ := slices.BinarySearchFunc(answers, max(from, to), by)
	return answers[i:j]
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.1fs", d.Seconds()) }

func offset(d time.Duration) string {
	return fmt.Sprintf("%d:%06.3f", int(d.Minutes()), (d % time.Minute).Seconds())
}

// at names an answer in the detail of a promise.
func at(a result.Answer) string {
	got := a.Addr
	if got == "" {
		got = "nothing"
	}
	return fmt.Sprintf("at %s %s answered %s with %s", offset(a.At), a.By, a.Name, got)
}
