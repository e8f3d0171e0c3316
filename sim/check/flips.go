package check

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gslbsim/gslbsim/sim/result"
	"github.com/gslbsim/gslbsim/sim/strict"
)

// Flips promises that after a change answers go to one site, and how soon: the time from the change to the last answer
// with another site, at the authorities and at the clients, stays within the computed bounds.
//
// It is judged by the answers for the GSLB services that the change concerns: that of its host name, or all with a member at
// its site.
type Flips struct {
	When string `yaml:"when"` // name of a fault
	Ends bool   `yaml:"ends"` // the fault's end instead of its beginning
	To   string `yaml:"to"`   // site
	Host string `yaml:"host"` // judge by this GSLB service alone, or by the one that this alias leads to
}

// Check implements Promise.
func (p *Flips) Check(f *strict.File, field string, s Scenario) {
	if !slices.Contains(s.Faults, p.When) {
		f.Fail(field+".when", "no such entry of the time line: %q; known are %s", p.When, strings.Join(s.Faults, ", "))
	}
	if p.Ends && slices.Contains(s.Faults, p.When) && !slices.Contains(s.Ending, p.When) {
		f.Fail(field+".ends", "%s never ends: give it an end (until), or leave this out", p.When)
	}
	checkHost(f, field+".host", p.Host, s)
	if !slices.Contains(s.Sites, p.To) {
		f.Fail(field+".to", "no such site: %q; known are %s", p.To, strings.Join(s.Sites, ", "))
	}
}

// Judge implements Promise.
func (p *Flips) Judge(r *result.Result) []result.Promise {
	for _, c := range changes(r) {
		if c.Fault == p.When && c.Ends == p.Ends {
			of := touched(r, c)
			if p.Host != "" {
				of = lookup(r, p.Host)
			}
			authoritative, cached := ofChange(r, c, of)
			return []result.Promise{
				p.judge(r, c, result.LayerAuthoritative, of.answers(r.Evidence.Authoritative), authoritative),
				p.judge(r, c, result.LayerClient, of.answers(r.Evidence.Client), cached),
			}
		}
	}
	return []result.Promise{{
		Name: fmt.Sprintf("%s -> %s", change{Change: result.Change{Fault: p.When, Ends: p.Ends}}, p.To), Kind: "flips",
		Verdict: result.Inconclusive, Observed: "the change never came", Bound: "-",
	}}
}

func (p *Flips) judge(r *result.Result, c change, layer string, answers []result.Answer, b Bound) result.Promise {
	end := until(r, c.At)
	out := result.Promise{
		Name: fmt.Sprintf("%s -> %s%s, %s", c, p.To, ofHost(p.Host), layerName(layer)), Kind: "flips", Verdict: result.Pass,
		Bound: "<= " + seconds(b.At), Formula: b.Formula,
	}
	if b == never {
		out.Bound = "none"
	}
	seen := window(answers, c.At, end)
	last, stale := lastStale(seen, p.To)
	followed := slices.ContainsFunc(seen, func(a result.Answer) bool { return a.Site == p.To })
	switch {
	case !followed && end-c.At < b.At:
		out.Observed = "not yet"
	case !followed && len(window(seen, c.At+b.At+1, end)) == 0:
		out.Verdict, out.Observed = result.Inconclusive, "not seen"
		out.Detail = fmt.Sprintf("nobody asked from %s to %s, once the bound had passed", offset(c.At+b.At), offset(end))
	case !followed:
		out.Verdict, out.Observed = result.Broken, "never"
		out.Detail = fmt.Sprintf("no answer with %s until %s", p.To, offset(end))
	case !stale:
		out.Observed = "at once"
	default:
		late := last.At - c.At
		out.Observed = seconds(late)
		if late > b.At {
			out.Verdict = result.Broken
			out.Detail = at(last) + ", " + seconds(late) + " after " + c.String()
		}
	}
	if end-c.At < b.At && out.Verdict == result.Pass {
		out.Verdict = result.Inconclusive
		out.Detail = fmt.Sprintf("the next change came after %s, before the bound had passed", seconds(end-c.At))
		if b == never {
			out.Detail = "nobody can notice the change, so that no time can be promised"
		}
	}
	return out
}

// checkHost reports a host name that leads to no GSLB service.
func checkHost(f *strict.File, field, host string, s Scenario) {
	if host != "" && !slices.Contains(s.Hosts, host) {
		f.Fail(field, "no GSLB service or alias of this name: %q; known are %s", host, strings.Join(s.Hosts, ", "))
	}
}

// ofHost names the service that a promise is about, if it is about one.
func ofHost(host string) string {
	if host == "" {
		return ""
	}
	return " of " + host
}

// layerName is what a layer is called in the names of promises.
func layerName(layer string) string {
	if layer == result.LayerClient {
		return "clients"
	}
	return "DNS"
}

// lastStale returns the last answer with another site than the one wanted.
func lastStale(answers []result.Answer, want string) (last result.Answer, found bool) {
	for i := len(answers) - 1; i >= 0; i-- {
		if a := answers[i]; a.Answered() && a.Site != want {
			return a, true
		}
	}
	return result.Answer{}, false
}

// firstOf returns when the first answer of a site came, counted from an instant.
func firstOf(answers []result.Answer, site string, from time.Duration) (time.Duration, bool) {
	i := slices.IndexFunc(answers, func(a result.Answer) bool { return a.Site == site })
	if i < 0 {
		return 0, false
	}
	return answers[i].At - from, true
}
