package fakeavi_test

import (
	"fmt"
	"net/netip"
	"syscall"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/fakeavi/health"
	"github.com/gslbsim/gslbsim/fakeavi/internal/virtual"
)

// realNow reads the machine's clock, which virtual time does not touch.
func realNow() time.Duration {
	var t syscall.Timeval
	if err := syscall.Gettimeofday(&t); err != nil {
		panic(err)
	}
	return time.Duration(t.Nano())
}

// atScale builds three sites with many healthy GSLB services of six members each.
func atScale(c virtual.Clock, services int) *world {
	w := newWorld(c)
	for range 3 {
		w.add()
	}
	w.form(nil)
	w.monitor()
	w.Now(func() {
		for i := range services {
			_, err := w.regions[0].Store().Create("gslbservice", wideService(i))
			w.g.Expect(err).NotTo(HaveOccurred())
		}
	})
	w.Pass(time.Minute)
	for _, r := range w.regions {
		w.g.Expect(r.Engine("dns-group").Status().Monitors).To(Equal(6 * services))
		w.g.Expect(r.Engine("dns-group").Services()).To(HaveLen(services))
		state, _ := r.Engine("dns-group").Service(r.Engine("dns-group").Services()[0].UUID)
		w.g.Expect(state.Status.State).To(Equal(health.StateUp))
	}
	return w
}

// TestIdleHourMakesNoChecks lets an hour pass over healthy services: health must cost what changes.
func TestIdleHourMakesNoChecks(t *testing.T) {
	virtual.Run(t, func(c virtual.Clock) {
		w := atScale(c, 200)
		made := w.regions[1].Engine("dns-group").Status().Checks
		w.Pass(time.Hour)
		w.g.Expect(w.regions[1].Engine("dns-group").Status().Checks).To(Equal(made))
		w.loseOneOfSix()
	})
}

// BenchmarkIdleHour measures, in real seconds, what it costs to build 10,000 services x 6 members x 3 sites, to let an idle hour pass, and to
// notice that a sixth of the members is dead. A bubble needs a *testing.T, which RunTests hands out.
func BenchmarkIdleHour(b *testing.B) {
	measure := func(t *testing.T) {
		virtual.Run(t, func(c virtual.Clock) {
			begin := realNow()
			w := atScale(c, 10_000)
			built := realNow()
			w.Pass(time.Hour)
			passed := realNow()
			lost := w.loseOneOfSix()
			b.ReportMetric((built - begin).Seconds(), "build-s")
			b.ReportMetric((passed - built).Seconds(), "idle-hour-s")
			b.ReportMetric(lost.Seconds(), "lose-a-sixth-s")
		})
	}
	always := func(_, _ string) (bool, error) { return true, nil }
	for b.Loop() {
		if !testing.RunTests(always, []testing.InternalTest{{Name: "IdleHour", F: measure}}) {
			b.Fatal("the measured run failed")
		}
	}
}

// loseOneOfSix makes a member of every service silent, waits until that is known everywhere, and returns what it cost.
func (w *world) loseOneOfSix() time.Duration {
	before := realNow()
	w.Now(func() {
		w.dead = 100
		for _, fn := range w.watch {
			fn(netip.Addr{})
		}
	})
	w.Pass(time.Minute)
	took := realNow() - before
	for _, r := range w.regions {
		for _, s := range r.Engine("dns-group").Services() {
			w.g.Expect(s.Pools[0].Members[0].Status.State).To(Equal(health.StateDown))
			w.g.Expect(s.Pools[0].Members[1].Status.State).To(Equal(health.StateUp))
		}
	}
	return took
}

// wideService has six members elsewhere, which answer.
func wideService(i int) map[string]any {
	name := fmt.Sprintf("app%05d.gslb.example", i)
	var members []any
	for m := range 6 {
		a := netip.AddrFrom4([4]byte{byte(100 + m), byte(i >> 16), byte(i >> 8), byte(i)})
		members = append(members, map[string]any{"enabled": true, "ratio": 1, "ip": map[string]any{"addr": a.String(), "type": "V4"}})
	}
	return map[string]any{
		"name": name, "domain_names": []any{name}, "health_monitor_refs": []any{"/api/healthmonitor?name=hm"},
		"groups": []any{map[string]any{
			"name": "pool", "priority": 10, "algorithm": "GSLB_ALGORITHM_ROUND_ROBIN", "min_health_monitors_up": 2, "members": members,
		}},
	}
}
