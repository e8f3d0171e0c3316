package health_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/fakeavi/health"
	"github.com/gslbsim/gslbsim/fakeavi/internal/virtual"
)

// journal notes when a watched verdict changes, as time since the bubble began.
type journal struct {
	watch *health.Watch
	start time.Time
	lines []string
}

func watched(c *health.Checker, m health.Monitor) *journal {
	j := &journal{start: time.Now()}
	j.watch = c.Watch(m, func() {
		v, _ := j.watch.Verdict()
		j.lines = append(j.lines, fmt.Sprintf("%s %s", time.Since(j.start), v))
	})
	return j
}

func TestQuickstartReachesAVerdictAtOnce(t *testing.T) {
	virtual.Run(t, func(c virtual.Clock) {
		g := NewWithT(c.T)
		p := newTargets()
		p.set(vip, alive)
		j := watched(checker(c, p), amko(vip))
		c.Pass(0)
		g.Expect(j.lines).To(Equal([]string{"0s up"}))
		g.Expect(p.asked).To(HaveLen(3))
	})
}

func TestQuickstartOfADeadTargetTakesOneTimeoutPerCheck(t *testing.T) {
	virtual.Run(t, func(c virtual.Clock) {
		g := NewWithT(c.T)
		p := newTargets()
		p.set(vip, dead)
		j := watched(checker(c, p), amko(vip))
		c.Pass(time.Minute)
		g.Expect(j.lines).To(Equal([]string{"12s down"}))
	})
}

func TestWithoutQuickstartChecksKeepToTheSchedule(t *testing.T) {
	virtual.Run(t, func(c virtual.Clock) {
		g := NewWithT(c.T)
		p := newTargets()
		p.set(vip, alive)
		m := amko(vip)
		m.NoQuickstart = true
		j := watched(checker(c, p), m)
		c.Pass(time.Minute)
		g.Expect(p.asked).To(HaveLen(3))
		g.Expect(p.asked[1].Sub(p.asked[0])).To(Equal(10 * time.Second))
		g.Expect(j.lines).To(Equal([]string{fmt.Sprintf("%s up", p.asked[2].Sub(j.start))}))
	})
}

func TestDeadTargetIsDownAfterThreeChecksAndATimeout(t *testing.T) {
	virtual.Run(t, func(c virtual.Clock) {
		g := NewWithT(c.T)
		p := newTargets()
		p.set(vip, alive)
		j := watched(checker(c, p), amko(vip))
		c.Then(time.Hour, func() { p.set(vip, dead) })
		first := nextTick(j, vip)
		c.Pass(time.Hour)
		g.Expect(j.lines).To(HaveLen(2))
		g.Expect(j.lines[1]).To(Equal(fmt.Sprintf("%s down", first+20*time.Second+4*time.Second)))
	})
}

// nextTick is when the first check after the present instant falls due, as time since the journal began.
func nextTick(j *journal, target netip.Addr) time.Duration {
	s := amko(target).Schedule("region01")
	return s.Next(time.Now()).Sub(j.start)
}

func TestDetectionStaysWithinItsBoundAtEveryPhase(t *testing.T) {
	virtual.Run(t, func(c virtual.Clock) {
		g := NewWithT(c.T)
		p := newTargets()
		ck := checker(c, p)
		var journals []*journal
		for i := range 200 {
			at := netip.AddrFrom4([4]byte{10, 2, 0, byte(i)})
			p.set(at, alive)
			journals = append(journals, watched(ck, amko(at)))
		}
		c.Then(time.Minute, func() {
			for i := range 200 {
				p.set(netip.AddrFrom4([4]byte{10, 2, 0, byte(i)}), dead)
			}
		})
		c.Pass(time.Minute)
		ticks := map[time.Duration]bool{}
		for _, j := range journals {
			g.Expect(j.lines).To(HaveLen(2))
			after := mustParse(j.lines[1]) - time.Minute
			g.Expect(after).To(BeNumerically(">", 24*time.Second))
			g.Expect(after).To(BeNumerically("<=", 34*time.Second))
			ticks[after] = true
		}
		g.Expect(len(ticks)).To(BeNumerically(">", 180), "checks march in step")
	})
}

func mustParse(line string) time.Duration {
	var d, verdict string
	if _, err := fmt.Sscan(line, &d, &verdict); err != nil {
		panic(err)
	}
	took, err := time.ParseDuration(d)
	if err != nil {
		panic(err)
	}
	return took
}

func TestSettledMonitorSleeps(t *testing.T) {
	virtual.Run(t, func(c virtual.Clock) {
		g := NewWithT(c.T)
		p := newTargets()
		p.set(vip, alive)
		watched(checker(c, p), amko(vip))
		c.Pass(24 * time.Hour)
		g.Expect(p.asked).To(HaveLen(3))
		c.Now(func() { p.set(vip, alive) })
		c.Pass(24 * time.Hour)
		g.Expect(p.asked).To(HaveLen(4))
		g.Expect(c.Pending()).To(BeZero())
	})
}

func TestProberWithoutPromisesIsAskedAtEveryTick(t *testing.T) {
	virtual.Run(t, func(c virtual.Clock) {
		g := NewWithT(c.T)
		p := newTargets()
		p.state[vip] = alive
		watched(checker(c, live{p}.withoutChanges()), amko(vip))
		c.Pass(time.Hour)
		g.Expect(p.asked).To(HaveLen(3 + 360))
	})
}

// withoutChanges hides the notifier.
func (p live) withoutChanges() health.Prober { return struct{ health.Prober }{p} }

// TestSleepingChangesNothing drives two checkers, one over a prober with promises and one over the same targets without,
// through the same random changes: the verdicts must change at the same instants.
func TestSleepingChangesNothing(t *testing.T) {
	virtual.Run(t, func(c virtual.Clock) {
		g := NewWithT(c.T)
		rng := rand.New(rand.NewPCG(7, 7))
		lazy, busy := newTargets(), newTargets()
		lazyChecker, busyChecker := checker(c, lazy), checker(c, live{busy}.withoutChanges())
		outcomes := []health.Outcome{alive, dead, {Reason: "refused"}, {OK: true, Took: 3 * time.Second}, {OK: true, Took: 5 * time.Second}}
		lazy.set(vip, alive)
		busy.state[vip] = alive
		a, b := watched(lazyChecker, amko(vip)), watched(busyChecker, amko(vip))
		for range 500 {
			o := outcomes[rng.IntN(len(outcomes))]
			c.Then(time.Duration(rng.IntN(90_000))*time.Millisecond+time.Microsecond, func() {
				lazy.set(vip, o)
				busy.state[vip] = o
			})
		}
		c.Pass(time.Hour)
		g.Expect(len(a.lines)).To(BeNumerically(">", 50))
		g.Expect(a.lines).To(Equal(b.lines))
		g.Expect(len(lazy.asked)).To(BeNumerically("<", len(busy.asked)))
	})
}

func TestEqualMonitorsShareTheirChecks(t *testing.T) {
	virtual.Run(t, func(c virtual.Clock) {
		g := NewWithT(c.T)
		p := newTargets()
		p.set(vip, alive)
		ck := checker(c, p)
		first, second := watched(ck, amko(vip)), watched(ck, amko(vip))
		c.Pass(0)
		g.Expect(p.asked).To(HaveLen(3))
		g.Expect(second.lines).To(Equal(first.lines))
		first.watch.Stop()
		monitors, _ := ck.Counts()
		g.Expect(monitors).To(Equal(1))
		second.watch.Stop()
		monitors, _ = ck.Counts()
		g.Expect(monitors).To(BeZero())
	})
}

func TestAnswerAfterTheTimeoutFails(t *testing.T) {
	virtual.Run(t, func(c virtual.Clock) {
		g := NewWithT(c.T)
		p := newTargets()
		p.set(vip, health.Outcome{OK: true, Took: 4 * time.Second})
		j := watched(checker(c, p), amko(vip))
		c.Pass(time.Minute)
		_, reason := j.watch.Verdict()
		g.Expect(j.lines).To(Equal([]string{"12s down"}))
		g.Expect(reason).To(Equal("no response within the receive timeout"))
	})
}

// mute never calls done.
type mute struct{}

func (mute) Probe(netip.Addr, health.Check, func(health.Outcome)) {}

func TestProberThatNeverCallsBackFailsTheCheck(t *testing.T) {
	virtual.Run(t, func(c virtual.Clock) {
		g := NewWithT(c.T)
		j := watched(checker(c, mute{}), amko(vip))
		c.Pass(time.Minute)
		g.Expect(j.lines).To(Equal([]string{"12s down"}))
	})
}

func TestChangeDuringACheckIsNotMissed(t *testing.T) {
	virtual.Run(t, func(c virtual.Clock) {
		g := NewWithT(c.T)
		p := newTargets()
		p.set(vip, alive)
		j := watched(checker(c, p), amko(vip))
		c.Then(time.Minute, func() { p.set(vip, health.Outcome{OK: true, Took: 3 * time.Second}) })
		tick := nextTick(j, vip)
		c.Then(tick-time.Since(j.start)+time.Second, func() { p.set(vip, dead) })
		c.Pass(time.Hour)
		g.Expect(j.lines[1:]).To(Equal([]string{fmt.Sprintf("%s down", tick+34*time.Second)}))
	})
}

func TestResetEndsEverything(t *testing.T) {
	virtual.Run(t, func(c virtual.Clock) {
		g := NewWithT(c.T)
		ck := checker(c, newTargets())
		watched(ck, amko(vip))
		c.Pass(time.Second)
		ck.Reset()
		monitors, _ := ck.Counts()
		g.Expect(monitors).To(BeZero())
		g.Expect(c.Pending()).To(BeZero())
	})
}
