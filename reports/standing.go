package reports

import (
	"slices"
	"strings"

	"github.com/gslbsim/gslbsim/reports/internal/wording"
	"github.com/gslbsim/gslbsim/sim/result"
)

// standing is how a run came out: its verdict, and its promises with the broken ones first.
type standing struct {
	verdict      result.Verdict
	promises     []result.Promise // broken, then inconclusive, then kept; in the order of the run within each
	broken       int
	inconclusive int
	kept         int
}

func standingOf(r *result.Result) standing {
	s := standing{verdict: known(r.Verdict), promises: slices.Clone(r.Promises)}
	for i := range s.promises {
		v := known(s.promises[i].Verdict)
		s.promises[i].Verdict = v
		switch v {
		case result.Broken:
			s.broken++
		case result.Inconclusive:
			s.inconclusive++
		default:
			s.kept++
		}
		if severity(v) > severity(s.verdict) {
			s.verdict = v
		}
	}
	if len(r.Reasons) > 0 && r.Verdict == result.Inconclusive {
		s.verdict = r.Verdict // as the exit status says: what broke may have done so for these reasons
	}
	slices.SortStableFunc(s.promises, func(a, b result.Promise) int {
		return severity(b.Verdict) - severity(a.Verdict)
	})
	return s
}

// known returns v, or Inconclusive if v is none of the three verdicts.
func known(v result.Verdict) result.Verdict {
	switch v {
	case result.Pass, result.Broken:
		return v
	}
	return result.Inconclusive
}

func severity(v result.Verdict) int {
	switch v {
	case result.Pass:
		return 0
	case result.Broken:
		return 2
	}
	return 1
}

// headline says in one line, without the verdict itself, how many promises were kept.
func (s standing) headline() string {
	total := len(s.promises)
	switch {
	case total == 0:
		return "the scenario makes no promises"
	case s.kept == total && total == 1:
		return "the one promise was kept"
	case s.kept == total:
		return "all " + wording.Count(total) + " promises kept"
	}
	var parts []string
	if s.broken > 0 {
		parts = append(parts, wording.Count(s.broken)+" of "+wording.Plural(total, "promise", "promises")+" broken")
	}
	if s.inconclusive > 0 && s.broken > 0 {
		parts = append(parts, wording.Count(s.inconclusive)+" inconclusive")
	}
	if s.inconclusive > 0 && s.broken == 0 {
		parts = append(parts, wording.Count(s.inconclusive)+" of "+wording.Plural(total, "promise", "promises")+" inconclusive")
	}
	return strings.Join(parts, ", ")
}

// word is the verdict of a promise as a word: "BROKEN", "inconclusive", "kept". The one that must not be missed is in
// capitals.
func word(v result.Verdict) string {
	switch v {
	case result.Broken:
		return "BROKEN"
	case result.Pass:
		return "kept"
	}
	return "inconclusive"
}

// title is the verdict of a run in capitals: "PASS", "BROKEN", "INCONCLUSIVE".
func title(v result.Verdict) string { return strings.ToUpper(string(v)) }
