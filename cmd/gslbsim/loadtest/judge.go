package loadtest

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	mdns "github.com/miekg/dns"

	"github.com/gslbsim/gslbsim/sim/check"
	"github.com/gslbsim/gslbsim/sim/result"
)

// judge says how a question was answered, as far as its counts go.
func judge(q Question, e Expectation, n Count) result.Promise {
	p := result.Promise{Name: q.String(), Kind: "answers", Verdict: result.Pass}
	total := n.Answered + n.Answers[Silence]
	if e.Shares == nil {
		rcode := mdns.RcodeToString[e.Rcode]
		p.Bound = "= " + rcode
		p.Observed = fmt.Sprintf("%d of %d", n.Rcodes[e.Rcode], n.Answered)
		if n.Rcodes[e.Rcode] != n.Answered {
			p.Verdict, p.Detail = result.Broken, fmt.Sprintf("other reply codes: %v", codes(n.Rcodes))
		}
	} else {
		answers := slices.Sorted(maps.Keys(e.Shares))
		p.Name += ": " + strings.Join(answers, ", ")
		p.Bound = "= " + percentages(answers, func(a string) float64 { return e.Shares[a] })
		p.Observed = fmt.Sprintf("%s of %d", percentages(answers, func(a string) float64 { return float64(n.Answers[a]) / float64(max(total, 1)) }), total)
		p.Verdict, p.Detail = shares(e.Shares, n.Answers, total)
	}
	if p.Verdict == result.Pass && total == 0 {
		p.Verdict, p.Detail = result.Inconclusive, "was never asked"
	}
	return p
}

// shares compares counts with shares. What was lost is judged elsewhere.
func shares(want map[string]float64, got map[string]int, total int) (result.Verdict, string) {
	for _, answer := range slices.Sorted(maps.Keys(got)) {
		if _, expected := want[answer]; !expected && answer != Silence {
			return result.Broken, fmt.Sprintf("%d answers with %s", got[answer], answer)
		}
	}
	if want[Silence] == 0 {
		total -= got[Silence]
	}
	for _, answer := range slices.Sorted(maps.Keys(want)) {
		if !check.Plausible(got[answer], total, want[answer]) {
			return result.Broken, fmt.Sprintf("%s got %d of %d", answer, got[answer], total)
		}
	}
	return result.Pass, ""
}

// percentages writes shares as "60/30/10 %".
func percentages(answers []string, share func(string) float64) string {
	parts := make([]string, len(answers))
	for i, a := range answers {
		parts[i] = fmt.Sprintf("%.3g", 100*share(a))
	}
	return strings.Join(parts, "/") + " %"
}

func codes(counts map[int]int) []string {
	var out []string
	for _, code := range slices.Sorted(maps.Keys(counts)) {
		out = append(out, fmt.Sprintf("%s %d", mdns.RcodeToString[code], counts[code]))
	}
	return out
}

// nothingLost promises that as many queries stay without reply as must.
func nothingLost(sent, lost, silent int) result.Promise {
	p := result.Promise{
		Name: "nothing is lost", Kind: "lost", Verdict: result.Pass,
		Observed: fmt.Sprintf("%d of %d", lost, sent), Bound: fmt.Sprintf("= %d", silent),
	}
	if lost != silent {
		p.Verdict = result.Broken
	}
	if sent == 0 {
		p.Verdict, p.Detail = result.Inconclusive, "nothing was sent"
	}
	return p
}

// verdict sums up promises.
func verdict(promises []result.Promise) result.Verdict {
	v := result.Pass
	for _, p := range promises {
		if p.Verdict == result.Broken {
			return result.Broken
		}
		if p.Verdict == result.Inconclusive {
			v = result.Inconclusive
		}
	}
	return v
}
