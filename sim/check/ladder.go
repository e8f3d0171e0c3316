package check

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/gslbsim/gslbsim/sim/result"
)

// rungKinds are the kinds of events that a recovery ladder shows, the first of each actor and kind after its change.
var rungKinds = map[string]string{
	"powered-off":    "goes dark",
	"powered-on":     "has power again",
	"vs-disabled":    "has been told to disable the virtual service",
	"vs-enabled":     "has been told to enable the virtual service",
	"serves-no-more": "serves no longer",
	"serves-again":   "serves again",
	"site-lost":      "cannot reach its peer",
	"site-back":      "reaches its peer again",
	"headless":       "go on without their controller",
	"headless-over":  "have their controller again",
	"member-down":    "take the member out",
	"member-up":      "take the member back",
	"answers":        "answers otherwise",
	"sync":           "knows its peer in sync",
}

// Ladders returns, for every change, what happened in which order until answers had followed it.
func Ladders(r *result.Result) []result.Ladder {
	var out []result.Ladder
	for _, c := range changes(r) {
		l := result.Ladder{After: c.String(), At: result.Millis(c.At)}
		end := until(r, c.At)
		l.Steps = append(rungs(r, c.At, end), answerRungs(r, c, end)...)
		slices.SortStableFunc(l.Steps, func(a, b result.Step) int { return cmp.Compare(a.After, b.After) })
		out = append(out, l)
	}
	return out
}

func rungs(r *result.Result, from, to time.Duration) []result.Step {
	var out []result.Step
	seen := map[string]bool{}
	for _, e := range r.Events {
		at := time.Duration(e.Nanos)
		what, ok := rungKinds[e.Kind]
		if !ok || at < from || at >= to || seen[e.Actor+e.Kind] {
			continue
		}
		seen[e.Actor+e.Kind] = true
		out = append(out, result.Step{After: result.Millis(at - from), What: e.Actor + " " + what})
	}
	return out
}

// answerRungs are the last answers of the old kind and the first of the other, per layer: the old kind is the site that
// most answers had just before the change.
func answerRungs(r *result.Result, c change, end time.Duration) []result.Step {
	of := touched(r, c)
	authoritative, cached := ofChange(r, c, of)
	var out []result.Step
	for _, layer := range []struct {
		name    string
		answers []result.Answer
		bound   Bound
	}{{result.LayerAuthoritative, of.answers(r.Evidence.Authoritative), authoritative}, {result.LayerClient, of.answers(r.Evidence.Client), cached}} {
		after := window(layer.answers, c.At, end)
		to := prevailing(window(layer.answers, c.At+layer.bound.At, end))
		if to == "" {
			continue
		}
		if first, ok := firstOf(after, to, c.At); ok {
			out = append(out, result.Step{After: result.Millis(first), What: fmt.Sprintf("first %s answer with %s", layer.name, to)})
		}
		if last, ok := lastStale(after, to); ok {
			out = append(out, result.Step{
				After: result.Millis(last.At - c.At), Bound: result.Millis(layer.bound.At),
				What: fmt.Sprintf("last %s answer with %s", layer.name, last.Site),
			})
		}
	}
	return out
}

// prevailing returns the site of all answers, or "" if they differ or are none.
func prevailing(answers []result.Answer) string {
	site := ""
	for _, a := range answers {
		if !a.Answered() || a.Site == site {
			continue
		}
		if site != "" {
			return ""
		}
		site = a.Site
	}
	return site
}
