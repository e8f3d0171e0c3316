package check

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/gslbsim/gslbsim/sim/result"
	"github.com/gslbsim/gslbsim/sim/strict"
)

// Significance is how unlikely a share must be, if the promised one is true, to break the promise: one healthy run in a
// million would fail a check by chance.
const Significance = 1e-6

// FewestAnswers is below how many answers a share is not judged.
const FewestAnswers = 20

// Answers promises the share of answers per site in a phase, once the change that began it has had its bound of time. It
// is judged at the authorities, where shares are made, and, for sites promised all or nothing, at the clients too.
type Answers struct {
	Phase string         `yaml:"phase"`
	Share map[string]int `yaml:"share"` // site -> percent; sites not named: 0
}

// Check implements Promise.
func (p *Answers) Check(f *strict.File, field string, s Scenario) {
	if !slices.Contains(s.Phases, p.Phase) {
		f.Fail(field+".phase", "no such phase: %q; known are %s", p.Phase, strings.Join(s.Phases, ", "))
	}
	sum := 0
	for _, site := range sortedKeys(p.Share) {
		at := field + ".share." + site
		if !slices.Contains(s.Sites, site) {
			f.Fail(at, "no such site: %q; known are %s", site, strings.Join(s.Sites, ", "))
		}
		if p.Share[site] < 0 || p.Share[site] > 100 {
			f.Fail(at, "must be a percentage from 0 to 100, not %d", p.Share[site])
		}
		sum += p.Share[site]
	}
	if sum != 100 {
		f.Fail(field+".share", "must add up to 100, not %d", sum)
	}
}

// Judge implements Promise.
func (p *Answers) Judge(r *result.Result) []result.Promise {
	i := slices.IndexFunc(r.Phases, func(ph result.Phase) bool { return ph.Name == p.Phase })
	phase := r.Phases[i]
	authoritative, cached := settled(r, phase.From.Duration())
	return []result.Promise{
		p.judge(r, phase, result.LayerAuthoritative, r.Evidence.Authoritative, authoritative),
		p.judge(r, phase, result.LayerClient, r.Evidence.Client, cached),
	}
}

// settled returns from when on answers must have followed the change that happened at an instant, if one did: from the
// first nanosecond past its bound.
func settled(r *result.Result, at time.Duration) (authoritative, cached time.Duration) {
	authoritative, cached = at, at
	for _, c := range changes(r) {
		if c.At == at {
			a, b := ofChange(r, c)
			authoritative, cached = at+a.At+1, at+b.At+1
		}
	}
	return authoritative, cached
}

func (p *Answers) judge(r *result.Result, phase result.Phase, layer string, answers []result.Answer, from time.Duration) result.Promise {
	out := result.Promise{
		Name: fmt.Sprintf("%s: %s answers are %s", phase.Name, layer, p.want(r)),
		Kind: "answers", Verdict: result.Pass, Bound: p.want(r),
	}
	counts, total := map[string]int{}, 0
	var stray *result.Answer
	for _, a := range window(answers, from, phase.To.Duration()) {
		if !a.Answered() {
			continue
		}
		total++
		counts[a.Site]++
		if stray == nil && p.Share[a.Site] == 0 {
			stray = &a
		}
	}
	out.Observed = p.observed(r, counts, total)
	if total < FewestAnswers {
		out.Verdict = result.Inconclusive
		out.Detail = fmt.Sprintf("only %d answers from %s to %s, %d are needed", total, offset(from), offset(phase.To.Duration()), FewestAnswers)
		return out
	}
	for _, site := range p.sites(r) {
		if !plausible(counts[site], total, float64(p.Share[site])/100, layer) {
			out.Verdict = result.Broken
			out.Detail = fmt.Sprintf("%s got %d of %d answers from %s on", site, counts[site], total, offset(from))
		}
	}
	if stray != nil {
		out.Verdict, out.Detail = result.Broken, at(*stray)
	}
	return out
}

// plausible reports whether k of n is compatible with a true share of p. A share of nothing or of all allows no
// exception. Clients behind one cache repeat one answer, so their counts say nothing about the shares in between.
func plausible(k, n int, p float64, layer string) bool {
	switch {
	case p == 0:
		return k == 0
	case p == 1:
		return k == n
	case layer == result.LayerClient:
		return true
	}
	d := distuv.Binomial{N: float64(n), P: p}
	tail := min(d.CDF(float64(k)), 1-d.CDF(float64(k-1)))
	return 2*tail >= Significance
}

// sites returns the sites of the run that have a share or could have one, in the order of the world.
func (p *Answers) sites(r *result.Result) []string {
	var out []string
	for _, s := range r.Sites {
		if s.Role != "" {
			out = append(out, s.Name)
		}
	}
	return out
}

func (p *Answers) want(r *result.Result) string {
	var parts []string
	for _, site := range p.sites(r) {
		if p.Share[site] > 0 {
			parts = append(parts, fmt.Sprintf("%d %% %s", p.Share[site], site))
		}
	}
	return strings.Join(parts, ", ")
}

func (p *Answers) observed(r *result.Result, counts map[string]int, total int) string {
	if total == 0 {
		return "no answers"
	}
	var parts []string
	for _, site := range p.sites(r) {
		if counts[site] > 0 || p.Share[site] > 0 {
			share := math.Round(1000*float64(counts[site])/float64(total)) / 10
			parts = append(parts, fmt.Sprintf("%.4g %% %s", share, site))
		}
	}
	return fmt.Sprintf("%s of %d", strings.Join(parts, ", "), total)
}

func sortedKeys(m map[string]int) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
