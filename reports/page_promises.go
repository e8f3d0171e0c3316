package reports

import (
	"strconv"

	"github.com/gslbsim/gslbsim/sim/result"
)

// maxCulprits is how many promises that made the verdict are named at the top of the page.
const maxCulprits = 12

// promisesView is the list of promises: what is shown at once, and the kept ones that are folded away.
type promisesView struct {
	Open   []promiseView
	Folded []promiseView
	Hidden int // promises that are not on the page
	Total  int
}

type promiseView struct {
	ID       string
	Verdict  verdictView
	Name     string
	Kind     string
	Observed string
	Bound    string
	Formula  string
	Detail   string
}

func promisesOf(s standing) promisesView {
	v := promisesView{Total: len(s.promises)}
	for i, p := range s.promises {
		switch {
		case i >= maxPromises:
			v.Hidden++
		case i < maxPromisesOpen || p.Verdict != result.Pass:
			v.Open = append(v.Open, promiseOf(i, p))
		default:
			v.Folded = append(v.Folded, promiseOf(i, p))
		}
	}
	return v
}

func promiseOf(i int, p result.Promise) promiseView {
	return promiseView{
		ID:       "promise-" + strconv.Itoa(i+1),
		Verdict:  verdictView{Class: string(p.Verdict), Word: word(p.Verdict)},
		Name:     orElse(name(p.Name), "promise "+strconv.Itoa(i+1)),
		Kind:     name(p.Kind),
		Observed: orDash(name(p.Observed)),
		Bound:    orDash(name(p.Bound)),
		Formula:  text(p.Formula),
		Detail:   text(p.Detail),
	}
}

// culprits returns the promises of v that made the verdict of a run that is no pass, as far as the top of the page has room
// for them, and how many there are besides.
func culprits(v promisesView, s standing) (list []promiseView, hidden int) {
	bad := s.broken
	if s.broken == 0 {
		bad = s.inconclusive
	}
	list = v.Open[:min(bad, maxCulprits)]
	return list, bad - len(list)
}
