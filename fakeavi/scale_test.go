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

// scaleHour is what the idle hour may cost in real time.
const scaleHour = 2 * time.Second

// realNow reads the machine's clock, which virtual time does not touch.
func realNow() time.Duration {
	var t syscall.Timeval
	if err := syscall.Gettimeofday(&t); err != nil {
		panic(err)
	}
	return time.Duration(t.Nano())
}

// TestIdleHour builds three sites with many healthy GSLB services and lets an hour pass: health must cost what changes.
func TestIdleHour(t *testing.T) {
	if testing.Short() {
		t.Skip("builds many services at three sites")
	}
	virtual.Run(t, func(c virtual.Clock) {
		g := NewWithT(c.T)
		w := newWorld(c)
		for range 3 {
			w.add()
		}
		w.form(nil)
		w.monitor()
		begin := realNow()
		w.Now(func() {
			for i := range scaleServices {
				_, err := w.regions[0].Store().Create("gslbservice", wideService(i))
				g.Expect(err).NotTo(HaveOccurred())
			}
		})
		w.Pass(time.Minute)
		built := realNow()
		for _, r := range w.regions {
			status := r.Engine("dns-group").Status()
			g.Expect(status.Monitors).To(Equal(6 * scaleServices))
			g.Expect(r.Engine("dns-group").Services()).To(HaveLen(scaleServices))
			state, _ := r.Engine("dns-group").Service(r.Engine("dns-group").Services()[0].UUID)
			g.Expect(state.Status.State).To(Equal(health.StateUp))
		}
		before := realNow()
		w.Pass(time.Hour)
		took := realNow() - before
		c.T.Logf("%d services x 6 members x 3 sites: built in %v, idle hour in %v", scaleServices, built-begin, took)
		c.T.Logf("a sixth of all members dies: %v", w.loseOneOfSix())
		g.Expect(took).To(BeNumerically("<", scaleHour))
	})
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
