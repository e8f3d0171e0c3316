package check_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/sim/check"
	"github.com/gslbsim/gslbsim/sim/result"
	"github.com/gslbsim/gslbsim/sim/strict"
)

// run builds results: two regions, the first preferred, whose virtual service is out from 2 min to 6 min and whose site
// is dark from 10 min to 15 min of 20.
type run struct{ *result.Result }

const (
	region01, region02 = "region01", "region02"
	vip01, vip02       = "10.0.1.1", "10.0.2.1"
	host               = "app.gslb.example"
)

func newRun() run {
	r := &result.Result{
		Scenario: "test", Span: result.Millis(20 * time.Minute),
		Sites: []result.Site{{Name: region01, Role: "leader"}, {Name: region02, Role: "follower"}, {Name: "office"}},
		Services: []result.Service{{
			Name: host, TTL: 20,
			Members: []result.Member{{Address: vip01, Site: region01, Priority: 20}, {Address: vip02, Site: region02, Priority: 10}},
			Health: result.HealthSetting{
				ControlPlane: true, SendInterval: ms(15 * time.Second), Monitors: 1, Interval: ms(10 * time.Second),
				Timeout: ms(4 * time.Second), FailedChecks: 3, SuccessfulChecks: 3,
			},
		}},
		Timing: result.Timing{Travel: ms(10 * time.Millisecond), LocalTravel: ms(time.Millisecond), PollTimeout: ms(5 * time.Second),
			LostAfter: 20, EngineLoss: ms(65 * time.Second), Headless: ms(time.Minute), Patience: ms(15 * time.Second)},
		Faults: []result.Fault{{Name: "vs", Site: region01}, {Name: "dark", Site: region01, Dark: true}},
		Evidence: result.Evidence{
			Changes: []result.Change{{Fault: "vs", Ends: false, At: 2 * time.Minute}, {Fault: "vs", Ends: true, At: 6 * time.Minute}, {Fault: "dark", Ends: false, At: 10 * time.Minute}, {Fault: "dark", Ends: true, At: 15 * time.Minute}},
			Outages: []result.Outage{
				{Service: host, Address: vip01, Site: region01, From: 2 * time.Minute, To: 6 * time.Minute},
				{Service: host, Address: vip01, Site: region01, From: 10 * time.Minute, To: 15 * time.Minute, Unpowered: true},
			},
			Silences: []result.Silence{
				{Site: region01, From: 10 * time.Minute, To: 15 * time.Minute},
				{Site: region01, Engines: true, From: 10 * time.Minute, To: 15 * time.Minute},
			},
			Configuration: []result.Configuration{{Site: region01, Objects: map[string]string{"a": "1"}}, {Site: region02, Objects: map[string]string{"a": "1"}}},
		},
	}
	for i, name := range []string{"steady", "vs", "restored", "dark", "returned"} {
		cuts := []time.Duration{0, 2, 6, 10, 15, 20}
		r.Phases = append(r.Phases, result.Phase{Name: name, From: ms(cuts[i] * time.Minute), To: ms(cuts[i+1] * time.Minute)})
	}
	return run{r}
}

func ms(d time.Duration) result.Millis { return result.Millis(d) }

// answer fills both layers: an answer a second, each the site that serves() says.
func (r run) answer(serves func(at time.Duration, layer string) string) run {
	for at := time.Duration(0); at < 20*time.Minute; at += time.Second {
		for _, layer := range []string{result.LayerAuthoritative, result.LayerClient} {
			a := result.Answer{At: at, By: "dns", Name: host, Site: serves(at, layer), Took: time.Millisecond}
			a.Addr = map[string]string{region01: vip01, region02: vip02}[a.Site]
			if layer == result.LayerAuthoritative {
				r.Evidence.Authoritative = append(r.Evidence.Authoritative, a)
			} else {
				r.Evidence.Client = append(r.Evidence.Client, a)
			}
		}
	}
	return r
}

// late is a stack that follows every change after the given delays, clients 20 s after the authorities.
func late(vsDown, vsUp, dark, back time.Duration) func(time.Duration, string) string {
	return func(at time.Duration, layer string) string {
		if layer == result.LayerClient {
			at -= 20 * time.Second
		}
		out := at > 2*time.Minute+vsDown && at <= 6*time.Minute+vsUp || at > 10*time.Minute+dark && at <= 15*time.Minute+back
		if out {
			return region02
		}
		return region01
	}
}

// healthy keeps every bound.
var healthy = late(15*time.Second, 30*time.Second, 34*time.Second, 30*time.Second)

func judge(p check.Promise, r run) []result.Promise { return p.Judge(r.Result) }

func verdicts(ps []result.Promise) []result.Verdict {
	out := make([]result.Verdict, len(ps))
	for i, p := range ps {
		out[i] = p.Verdict
	}
	return out
}

func TestBounds(t *testing.T) {
	both := newRun().Services[0].Health
	controlOnly, dataOnly, slow := both, both, both
	controlOnly.Monitors, dataOnly.ControlPlane, slow.Interval = 0, false, ms(time.Minute)
	often := controlOnly
	often.SendInterval = ms(time.Second)
	unpowered, dark := check.Sight{Unpowered: true}, check.Sight{Unpowered: true, Silent: true}
	timing := newRun().Timing
	for name, tc := range map[string]struct {
		health  result.HealthSetting
		of      func(check.Bounds) check.Bound
		at      time.Duration
		formula string
	}{
		"both planes, down":       {both, down(check.Sight{}), 15021 * time.Millisecond, "min(poll 15s+21ms, data 3x10s+4s)"},
		"both planes, dark":       {both, down(dark), 34 * time.Second, "data 3x10s+4s"},
		"both planes, no engines": {both, down(unpowered), 34 * time.Second, "data 3x10s+4s"},
		"both planes, deaf":       {both, down(check.Sight{Deaf: true}), 34 * time.Second, "data 3x10s+4s"},
		"both planes, up":         {both, up(check.Sight{}), 30021 * time.Millisecond, "max(poll 15s+21ms, data 3x10s+21ms)"},
		"both planes, up, silent": {both, up(check.Sight{Silent: true}), 30021 * time.Millisecond, "max(poll 15s+timeout 5s+21ms, data 3x10s+21ms)"},
		"both planes, up, deaf":   {both, up(check.Sight{Deaf: true, Held: 50 * time.Second}), 50 * time.Second, "max(headless 50s, data 3x10s+21ms)"},
		"slow data, no engines":   {slow, down(unpowered), 80021 * time.Millisecond, "heartbeats 1m5s+poll 15s+21ms"},
		"control, down":           {controlOnly, down(check.Sight{}), 15021 * time.Millisecond, "poll 15s+21ms"},
		"control, dark":           {controlOnly, down(dark), 305021 * time.Millisecond, "polls 20x15s+timeout 5s+21ms"},
		"control, dark, often":    {often, down(dark), 125021 * time.Millisecond, "polls 20x6s+timeout 5s+21ms"},
		"control, no engines":     {controlOnly, down(unpowered), 80021 * time.Millisecond, "heartbeats 1m5s+poll 15s+21ms"},
		"control, nobody listens": {controlOnly, down(check.Sight{Deaf: true}), 200 * 365 * 24 * time.Hour, "nobody can notice"},
		"control, up":             {controlOnly, up(check.Sight{}), 15021 * time.Millisecond, "poll 15s+21ms"},
		"data, down":              {dataOnly, down(check.Sight{}), 34 * time.Second, "data 3x10s+4s"},
		"data, dark":              {dataOnly, down(dark), 34 * time.Second, "data 3x10s+4s"},
		"data, up":                {dataOnly, up(check.Sight{}), 30021 * time.Millisecond, "data 3x10s+21ms"},
		"cached": {both, func(b check.Bounds) check.Bound { return b.Cached(b.Down(dark)) }, 54010 * time.Millisecond,
			"34.0s + TTL 20s+10ms"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			b := tc.of(check.Bounds{Health: tc.health, Timing: timing, TTL: 20 * time.Second})
			g.Expect(b.At).To(Equal(tc.at))
			g.Expect(b.Formula).To(Equal(tc.formula))
		})
	}
}

func down(s check.Sight) func(check.Bounds) check.Bound {
	return func(b check.Bounds) check.Bound { return b.Down(s) }
}

func up(s check.Sight) func(check.Bounds) check.Bound {
	return func(b check.Bounds) check.Bound { return b.Up(s) }
}

func TestFlips(t *testing.T) {
	kept, broken, open := result.Pass, result.Broken, result.Inconclusive
	for name, tc := range map[string]struct {
		promise check.Flips
		serves  func(time.Duration, string) string
		change  func(run)
		want    []result.Verdict
		detail  string
	}{
		"in time":            {promise: check.Flips{When: "vs", To: region02}, serves: healthy, want: []result.Verdict{kept, kept}},
		"back in time":       {promise: check.Flips{When: "vs", Ends: true, To: region01}, serves: healthy, want: []result.Verdict{kept, kept}},
		"dark in time":       {promise: check.Flips{When: "dark", To: region02}, serves: healthy, want: []result.Verdict{kept, kept}},
		"down late":          {promise: check.Flips{When: "vs", To: region02}, serves: late(17*time.Second, 0, 0, 0), want: []result.Verdict{broken, broken}, detail: "at 2:17.000 dns answered app.gslb.example with 10.0.1.1, 17.0s after vs"},
		"up late":            {promise: check.Flips{When: "vs", Ends: true, To: region01}, serves: late(0, 32*time.Second, 0, 0), want: []result.Verdict{broken, broken}, detail: "32.0s after vs over"},
		"dark late":          {promise: check.Flips{When: "dark", To: region02}, serves: late(0, 0, 36*time.Second, 0), want: []result.Verdict{broken, broken}, detail: "36.0s after dark"},
		"clients late":       {promise: check.Flips{When: "vs", To: region02}, serves: cacheIgnoresTTL, want: []result.Verdict{kept, broken}, detail: "with 10.0.1.1"},
		"never":              {promise: check.Flips{When: "vs", To: region02}, serves: always(region01), want: []result.Verdict{broken, broken}, detail: "no answer with region02 until 6:00.000"},
		"silence":            {promise: check.Flips{When: "vs", To: region02}, serves: always(""), want: []result.Verdict{broken, broken}},
		"next change soon":   {promise: check.Flips{When: "vs", To: region02}, serves: healthy, change: func(r run) { r.Evidence.Changes[1].At = 2*time.Minute + 20*time.Second }, want: []result.Verdict{kept, open}, detail: "before the bound had passed"},
		"change never came":  {promise: check.Flips{When: "vs", To: region02}, serves: healthy, change: func(r run) { r.Evidence.Changes = nil }, want: []result.Verdict{open}},
		"counted in effect":  {promise: check.Flips{When: "vs", To: region02}, serves: late(19*time.Second, 0, 0, 0), change: func(r run) { r.Evidence.Outages[0].From += 5 * time.Second }, want: []result.Verdict{kept, kept}},
		"and late after all": {promise: check.Flips{When: "vs", To: region02}, serves: late(22*time.Second, 0, 0, 0), change: func(r run) { r.Evidence.Outages[0].From += 5 * time.Second }, want: []result.Verdict{broken, broken}},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			r := newRun().answer(tc.serves)
			if tc.change != nil {
				tc.change(r)
			}
			got := judge(&tc.promise, r)
			g.Expect(verdicts(got)).To(Equal(tc.want), "%+v", got)
			g.Expect(got[len(got)-1].Detail + got[0].Detail).To(ContainSubstring(tc.detail))
		})
	}
}

func always(site string) func(time.Duration, string) string {
	return func(time.Duration, string) string { return site }
}

// cacheIgnoresTTL is a stack whose resolvers keep what they have for five minutes.
func cacheIgnoresTTL(at time.Duration, layer string) string {
	if layer == result.LayerClient {
		return healthy(at-200*time.Second, layer)
	}
	return healthy(at, layer)
}

func TestAnswers(t *testing.T) {
	kept, broken, open := result.Pass, result.Broken, result.Inconclusive
	every := func(n int) func(time.Duration, string) string {
		return func(at time.Duration, _ string) string {
			if int(at/time.Second)%n == 0 {
				return region02
			}
			return region01
		}
	}
	for name, tc := range map[string]struct {
		promise  check.Answers
		serves   func(time.Duration, string) string
		want     result.Verdict
		observed string
		detail   string
	}{
		"all, kept":              {check.Answers{Phase: "steady", Share: map[string]int{region01: 100}}, healthy, kept, "100 % of 240", ""},
		"all, after the bound":   {check.Answers{Phase: "dark", Share: map[string]int{region02: 100}}, healthy, kept, "100 % of 510", ""},
		"all, one stray":         {check.Answers{Phase: "steady", Share: map[string]int{region01: 100}}, every(100), broken, "98.3 % of 240", "at 0:00.000 dns answered app.gslb.example with 10.0.2.1"},
		"all but one stray":      {check.Answers{Phase: "steady", Share: map[string]int{region01: 100}}, every(2000), broken, "99.2 % of 240", "at 0:00.000 dns"},
		"clients with strays":    {check.Answers{Phase: "vs", Share: map[string]int{region02: 100}}, cacheIgnoresTTL, broken, "DNS 100 % of 224, clients 2 % of 204", "with 10.0.1.1"},
		"swapped":                {check.Answers{Phase: "steady", Share: map[string]int{region01: 100}}, always(region02), broken, "0 % of 240", "with 10.0.2.1"},
		"a third":                {check.Answers{Phase: "vs", Share: map[string]int{region01: 67, region02: 33}}, every(3), kept, "", ""},
		"a half, promised third": {check.Answers{Phase: "vs", Share: map[string]int{region01: 67, region02: 33}}, every(2), broken, "50/50 %", "got 112 of 224 authoritative answers"},
		"nobody answers":         {check.Answers{Phase: "vs", Share: map[string]int{region02: 100}}, always(""), open, "nothing of 0", "only 0 authoritative answers"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			got := judge(&tc.promise, newRun().answer(tc.serves))
			g.Expect(got).To(HaveLen(1))
			g.Expect(got[0].Verdict).To(Equal(tc.want), "%+v", got)
			g.Expect(got[0].Observed).To(ContainSubstring(tc.observed))
			g.Expect(got[0].Detail).To(ContainSubstring(tc.detail))
		})
	}
}

// A share is never rounded to all or to nothing.
func TestAlmostAllIsNotAll(t *testing.T) {
	r := newRun().answer(healthy)
	for i := range 10_000 {
		a := result.Answer{At: 6*time.Minute + 51*time.Second + time.Duration(i)*time.Millisecond, Name: host, Site: region01, Addr: vip01}
		if i == 5_000 {
			a.Site, a.Addr = region02, vip02
		}
		r.Evidence.Authoritative, r.Evidence.Client = append(r.Evidence.Authoritative, a), append(r.Evidence.Client, a)
	}
	byTime := func(a, b result.Answer) int { return int(a.At - b.At) }
	slices.SortStableFunc(r.Evidence.Authoritative, byTime)
	slices.SortStableFunc(r.Evidence.Client, byTime)
	for want, share := range map[string]map[string]int{">99.9 % of ": {region01: 100}, "<0.1 % of ": {region02: 100}} {
		got := judge(&check.Answers{Phase: "restored", Share: share}, r)[0]
		NewWithT(t).Expect(got.Observed).To(HavePrefix(want))
		NewWithT(t).Expect(got.Verdict).To(Equal(result.Broken))
	}
}

func TestNoDeadAnswers(t *testing.T) {
	for name, tc := range map[string]struct {
		serves   func(time.Duration, string) string
		want     result.Verdict
		observed string
	}{
		"kept":                {healthy, result.Pass, "0 of 2400"},
		"frozen":              {always(region01), result.Broken, "DNS 489, clients 449"},
		"caches ignore TTL":   {cacheIgnoresTTL, result.Broken, "DNS 0, clients "},
		"a second past bound": {late(16*time.Second, 0, 0, 0), result.Broken, "DNS 1, clients 1"},
	} {
		t.Run(name, func(t *testing.T) {
			got := judge(&check.NoDeadAnswers{}, newRun().answer(tc.serves))
			NewWithT(t).Expect(got[0].Verdict).To(Equal(tc.want), "%+v", got)
			NewWithT(t).Expect(got[0].Observed).To(HavePrefix(tc.observed))
		})
	}
	r := newRun().answer(healthy)
	r.Evidence.Outages = nil
	NewWithT(t).Expect(judge(&check.NoDeadAnswers{}, r)[0].Verdict).To(Equal(result.Inconclusive))
}

func TestAlwaysAnswered(t *testing.T) {
	silentAt := func(silent time.Duration) func(time.Duration, string) string {
		return func(at time.Duration, layer string) string {
			if at == silent {
				return ""
			}
			return healthy(at, layer)
		}
	}
	for name, tc := range map[string]struct {
		serves func(time.Duration, string) string
		change func(run)
		want   result.Verdict
	}{
		"kept":                     {healthy, nil, result.Pass},
		"one missing":              {silentAt(30 * time.Second), nil, result.Broken},
		"one missing, nobody left": {silentAt(3 * time.Minute), func(r run) { r.bothOut() }, result.Pass},
		"none asked":               {healthy, func(r run) { r.Evidence.Client = nil }, result.Inconclusive},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRun().answer(tc.serves)
			if tc.change != nil {
				tc.change(r)
			}
			NewWithT(t).Expect(judge(&check.AlwaysAnswered{}, r)[0].Verdict).To(Equal(tc.want))
		})
	}
}

func (r run) bothOut() {
	other := r.Evidence.Outages[0]
	other.Address, other.Site = vip02, region02
	r.Evidence.Outages = append(r.Evidence.Outages, other)
}

func TestEqualConfiguration(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(run)
		want   result.Verdict
		detail string
	}{
		"kept":      {func(run) {}, result.Pass, ""},
		"differs":   {func(r run) { r.Evidence.Configuration[1].Objects["a"] = "2" }, result.Broken, "a differs between region01 and region02"},
		"missing":   {func(r run) { r.Evidence.Configuration[0].Objects["b"] = "2" }, result.Broken, "b is only in region01"},
		"too much":  {func(r run) { r.Evidence.Configuration[1].Objects["b"] = "2" }, result.Broken, "b is only in region02"},
		"unread":    {func(r run) { r.Evidence.Configuration[1].Err = "timeout" }, result.Inconclusive, "region02 could not be read: timeout"},
		"empty":     {func(r run) { clear(r.Evidence.Configuration[0].Objects); clear(r.Evidence.Configuration[1].Objects) }, result.Inconclusive, "no controller holds"},
		"one alone": {func(r run) { r.Evidence.Configuration = r.Evidence.Configuration[:1] }, result.Inconclusive, "fewer than two"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			r := newRun()
			tc.change(r)
			got := judge(&check.EqualConfiguration{}, r)[0]
			g.Expect(got.Verdict).To(Equal(tc.want))
			g.Expect(got.Detail).To(ContainSubstring(tc.detail))
		})
	}
}

func TestVerdictOfARun(t *testing.T) {
	promises := []check.Promise{&check.AlwaysAnswered{}, &check.NoDeadAnswers{}}
	for name, tc := range map[string]struct {
		change func(run)
		serves func(time.Duration, string) string
		want   result.Verdict
		status int
	}{
		"pass":             {func(run) {}, healthy, result.Pass, 0},
		"one broken":       {func(run) {}, always(region01), result.Broken, 1},
		"one open":         {func(r run) { r.Evidence.Outages = nil }, healthy, result.Inconclusive, 3},
		"no clients":       {func(r run) { r.Evidence.Client = nil }, always(region01), result.Inconclusive, 3},
		"no services":      {func(r run) { r.Services = nil }, healthy, result.Inconclusive, 3},
		"given up earlier": {func(r run) { r.Reasons = []string{"set-up failed"} }, healthy, result.Inconclusive, 3},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			r := newRun().answer(tc.serves)
			tc.change(r)
			check.Judge(r.Result, promises)
			g.Expect(r.Verdict).To(Equal(tc.want), "%v %+v", r.Reasons, r.Promises)
			g.Expect(r.Verdict.ExitStatus()).To(Equal(tc.status))
		})
	}
	r := newRun().answer(healthy)
	check.Judge(r.Result, nil)
	NewWithT(t).Expect(r.Verdict).To(Equal(result.Inconclusive), "without promises nothing is proven")
}

func TestLaddersTellTheCourseOfAChange(t *testing.T) {
	g := NewWithT(t)
	r := newRun().answer(healthy)
	r.Events = []result.Event{
		{Nanos: int64(2*time.Minute + 12*time.Second), Actor: "region01/engines", Kind: "member-down"},
		{Nanos: int64(2*time.Minute + 14*time.Second), Actor: "region01/engines", Kind: "member-down"},
		{Nanos: int64(3 * time.Minute), Actor: "x", Kind: "irrelevant"},
	}
	ladders := check.Ladders(r.Result)
	g.Expect(ladders).To(HaveLen(4))
	g.Expect(ladders[0].After).To(Equal("vs"))
	var steps []string
	for _, s := range ladders[0].Steps {
		steps = append(steps, fmt.Sprint(s.After, " ", s.What, " ", s.Bound))
	}
	g.Expect(steps).To(Equal([]string{
		"12s region01/engines take the member out 0s",
		"15s last authoritative answer with region01 15.021s",
		"16s first authoritative answer with region02 0s",
		"35s last client answer with region01 35.031s",
		"36s first client answer with region02 0s",
	}))
}

// How often do the statistics fail a healthy stack? Shares that a fair die makes must pass, over many seeds.
func TestHealthySharesAreNotBroken(t *testing.T) {
	g := NewWithT(t)
	p := check.Answers{Phase: "steady", Share: map[string]int{region01: 60, region02: 40}}
	failed := 0
	const seeds = 2000
	for seed := range uint64(seeds) {
		x := seed*2862933555777941757 + 3037000493
		r := newRun().answer(func(time.Duration, string) string {
			x ^= x << 13
			x ^= x >> 7
			x ^= x << 17
			if x%100 < 40 {
				return region02
			}
			return region01
		})
		if judge(&p, r)[0].Verdict != result.Pass {
			failed++
		}
	}
	g.Expect(failed).To(BeZero(), "of %d healthy runs", seeds)
}

// A promise about a group of clients is kept or broken by what that group was answered, once caches have followed.
func TestAnswersOfAGroup(t *testing.T) {
	g := NewWithT(t)
	r := newRun().answer(func(time.Duration, string) string { return region01 })
	for i := range r.Evidence.Client {
		a := &r.Evidence.Client[i]
		if i%2 == 0 {
			a.Group, a.Site, a.Addr = "branch", region02, vip02
			continue
		}
		a.Group = "office"
	}
	of := func(group, site string) result.Promise {
		return judge(&check.Answers{Phase: "steady", Of: group, Share: map[string]int{site: 100}}, r)[0]
	}
	kept := of("office", region01)
	g.Expect(kept.Verdict).To(Equal(result.Pass))
	g.Expect(kept.Name).To(Equal("steady: 100 % region01 for office"))
	g.Expect(kept.Observed).To(Equal("100 % of 60"))
	g.Expect(of("branch", region02).Verdict).To(Equal(result.Pass))
	broken := of("office", region02)
	g.Expect(broken.Verdict).To(Equal(result.Broken))
	g.Expect(broken.Detail).NotTo(BeEmpty())
	g.Expect(of("nobody", region02).Verdict).To(Equal(result.Inconclusive), "nothing to judge by")

	// In the phase after a change, old answers count from the clients' bound on only.
	late := newRun().answer(late(15*time.Second, 30*time.Second, 34*time.Second, 30*time.Second))
	for i := range late.Evidence.Client {
		late.Evidence.Client[i].Group = "office"
	}
	p := &check.Answers{Phase: "dark", Of: "office", Share: map[string]int{region02: 100}}
	g.Expect(judge(p, late)[0].Verdict).To(Equal(result.Pass))
}

func TestParametersAreChecked(t *testing.T) {
	known := check.Scenario{Phases: []string{"steady"}, Faults: []string{"vs"}, Sites: []string{region01, region02}, Groups: []string{"office"}}
	for name, tc := range map[string]struct {
		promise check.Promise
		want    string
	}{
		"phase":       {&check.Answers{Phase: "stedy", Share: map[string]int{region01: 100}}, `x.yaml:1: p.phase: no such phase: "stedy"; known are steady`},
		"site":        {&check.Answers{Phase: "steady", Share: map[string]int{"mars": 100}}, `x.yaml:1: p.share.mars: no such site`},
		"sum":         {&check.Answers{Phase: "steady", Share: map[string]int{region01: 90}}, "p.share: must add up to 100, not 90"},
		"group":       {&check.Answers{Phase: "steady", Of: "ofice", Share: map[string]int{region01: 100}}, `p.of: no such group of clients: "ofice"; known are office`},
		"group share": {&check.Answers{Phase: "steady", Of: "office", Share: map[string]int{region01: 50, region02: 50}}, "p.share: must be 100 for one site"},
		"group good":  {&check.Answers{Phase: "steady", Of: "office", Share: map[string]int{region02: 100}}, ""},
		"percent":     {&check.Answers{Phase: "steady", Share: map[string]int{region01: 120, region02: -20}}, "must be a percentage from 0 to 100, not 120"},
		"fault":       {&check.Flips{When: "v", To: region01}, `p.when: no such entry of the time line: "v"; known are vs`},
		"target":      {&check.Flips{When: "vs", To: "mars"}, `p.to: no such site: "mars"`},
		"good":        {&check.Flips{When: "vs", To: region01}, ""},
		"no options":  {&check.AlwaysAnswered{}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			f := strict.Decode("x.yaml", []byte("a: 1"), &struct {
				A int `yaml:"a"`
			}{})
			tc.promise.Check(f, "p", known)
			if tc.want == "" {
				g.Expect(f.Err()).NotTo(HaveOccurred())
			} else {
				g.Expect(f.Err()).To(MatchError(ContainSubstring(tc.want)))
			}
		})
	}
	NewWithT(t).Expect(slices.IsSorted(check.Names())).To(BeTrue())
}
