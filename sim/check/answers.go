package check

import (
	"fmt"
	"maps"
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
//
// Of a single group of clients only what these were answered is judged, and one site must be promised all of it: clients
// behind one cache repeat one answer, so that their counts say nothing about shares in between.
type Answers struct {
	Phase string         `yaml:"phase"`
	Of    string         `yaml:"of"`    // a group of clients, by its name in traffic; "": everybody
	Host  string         `yaml:"host"`  // a GSLB service, or an alias that leads to one; "": all services
	Share map[string]int `yaml:"share"` // site -> percent; sites not named: 0
}

// Check implements Promise.
func (p *Answers) Check(f *strict.File, field string, s Scenario) {
	if !slices.Contains(s.Phases, p.Phase) {
		f.Fail(field+".phase", "no such phase: %q; known are %s", p.Phase, strings.Join(s.Phases, ", "))
	}
	if p.Of != "" && !slices.Contains(s.Groups, p.Of) {
		f.Fail(field+".of", "no such group of clients: %q; known are %s", p.Of, strings.Join(s.Groups, ", "))
	}
	checkHost(f, field+".host", p.Host, s)
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
	if p.Of != "" && !slices.Contains(slices.Collect(maps.Values(p.Share)), 100) {
		f.Fail(field+".share", "must be 100 for one site: behind caches the answers to one group of clients show no other shares")
	}
}

// Judge implements Promise.
func (p *Answers) Judge(r *result.Result) []result.Promise {
	i := slices.IndexFunc(r.Phases, func(ph result.Phase) bool { return ph.Name == p.Phase })
	phase := r.Phases[i]
	of := lookup(r, p.Host)
	authoritative, cached := settled(r, phase.From.Duration(), of)
	if p.Of != "" {
		return []result.Promise{p.judgeGroup(r, phase, of.answers(r.Evidence.Client), cached)}
	}
	made := p.count(phase, result.LayerAuthoritative, of.answers(r.Evidence.Authoritative), authoritative)
	seen := p.count(phase, result.LayerClient, of.answers(r.Evidence.Client), cached)
	out := result.Promise{
		Name: fmt.Sprintf("%s: %s%s", phase.Name, p.want(r), ofHost(p.Host)), Kind: "answers", Verdict: result.Pass,
		Observed: p.observed(r, made, seen), Bound: "= " + p.promised(r),
	}
	for _, t := range []tally{made, seen} {
		if v, detail := p.judge(r, t); worse(v, out.Verdict) {
			out.Verdict, out.Detail = v, detail
		}
	}
	return []result.Promise{out}
}

// judgeGroup judges what one group of clients was answered.
func (p *Answers) judgeGroup(r *result.Result, phase result.Phase, answers []result.Answer, from time.Duration) result.Promise {
	own := slices.DeleteFunc(slices.Clone(window(answers, from, phase.To.Duration())), func(a result.Answer) bool { return a.Group != p.Of })
	seen := p.count(phase, result.LayerClient, own, from)
	out := result.Promise{
		Name: fmt.Sprintf("%s: %s%s for %s", phase.Name, p.want(r), ofHost(p.Host), p.Of), Kind: "answers",
		Observed: fmt.Sprintf("%s of %d", p.shares(r, seen), seen.total), Bound: "= " + p.promised(r),
	}
	out.Verdict, out.Detail = p.judge(r, seen)
	return out
}

// worse reports whether a verdict weighs more than another: broken more than inconclusive, that more than kept.
func worse(a, b result.Verdict) bool {
	weight := map[result.Verdict]int{result.Pass: 0, result.Inconclusive: 1, result.Broken: 2}
	return weight[a] > weight[b]
}

// tally is what one layer answered in a stretch of time.
type tally struct {
	layer    string
	from, to time.Duration
	counts   map[string]int
	total    int
	stray    *result.Answer // the first answer with a site that was promised nothing
}

func (p *Answers) count(phase result.Phase, layer string, answers []result.Answer, from time.Duration) tally {
	t := tally{layer: layer, from: from, to: phase.To.Duration(), counts: map[string]int{}}
	for _, a := range window(answers, t.from, t.to) {
		if !a.Answered() {
			continue
		}
		t.total++
		t.counts[a.Site]++
		if t.stray == nil && p.Share[a.Site] == 0 {
			t.stray = &a
		}
	}
	return t
}

func (p *Answers) judge(r *result.Result, t tally) (result.Verdict, string) {
	if t.from >= t.to {
		return result.Inconclusive, fmt.Sprintf("the phase ends at %s, before %s answers must have followed what began it", offset(t.to), t.layer)
	}
	if t.total < FewestAnswers {
		return result.Inconclusive, fmt.Sprintf("only %d %s answers from %s to %s, %d are needed", t.total, t.layer, offset(t.from), offset(t.to), FewestAnswers)
	}
	if t.stray != nil {
		return result.Broken, at(*t.stray)
	}
	for _, site := range p.sites(r) {
		if !plausible(t.counts[site], t.total, float64(p.Share[site])/100, t.layer) {
			return result.Broken, fmt.Sprintf("%s got %d of %d %s answers from %s on", site, t.counts[site], t.total, t.layer, offset(t.from))
		}
	}
	return result.Pass, ""
}

// plausible is Plausible for a layer. Clients behind one cache repeat one answer, so their counts say nothing about the
// shares in between.
func plausible(k, n int, p float64, layer string) bool {
	if layer == result.LayerClient && p > 0 && p < 1 {
		return true
	}
	return Plausible(k, n, p)
}

// Plausible reports whether k of n is compatible with a true share of p, 0 to 1: whether less than one healthy run in
// 1/Significance would come to it by chance. A share of nothing or of all allows no exception.
func Plausible(k, n int, p float64) bool {
	switch p {
	case 0:
		return k == 0
	case 1:
		return k == n
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

// promised is the shares in the order of the sites: "60/40 %".
func (p *Answers) promised(r *result.Result) string {
	var parts []string
	for _, site := range p.sites(r) {
		if p.Share[site] > 0 {
			parts = append(parts, fmt.Sprint(p.Share[site]))
		}
	}
	return strings.Join(parts, "/") + " %"
}

// observed says which shares the promised sites got on both layers, in one go where those agree.
func (p *Answers) observed(r *result.Result, made, seen tally) string {
	a, b := p.shares(r, made), p.shares(r, seen)
	if a == b {
		return fmt.Sprintf("%s of %d", a, made.total+seen.total)
	}
	return fmt.Sprintf("DNS %s of %d, clients %s of %d", a, made.total, b, seen.total)
}

func (p *Answers) shares(r *result.Result, t tally) string {
	if t.total == 0 {
		return "nothing"
	}
	var parts []string
	for _, site := range p.sites(r) {
		if p.Share[site] > 0 {
			parts = append(parts, percent(t.counts[site], t.total))
		}
	}
	return strings.Join(parts, "/") + " %"
}

// percent is k of n with one decimal. It says 0 and 100 only of nothing and of all.
func percent(k, n int) string {
	rounded := math.Round(1000*float64(k)/float64(n)) / 10
	switch {
	case rounded == 0 && k > 0:
		return "<0.1"
	case rounded == 100 && k < n:
		return ">99.9"
	}
	return fmt.Sprintf("%.4g", rounded)
}

func sortedKeys(m map[string]int) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
