package health_test

import (
	"net/netip"
	"time"

	"github.com/gslbsim/gslbsim/fakeavi/health"
	"github.com/gslbsim/gslbsim/fakeavi/internal/virtual"
)

// targets is a prober of scripted targets.
type targets struct {
	state   map[netip.Addr]health.Outcome
	changed []func(netip.Addr)
	asked   []time.Time
}

func newTargets() *targets { return &targets{state: map[netip.Addr]health.Outcome{}} }

func (p *targets) Probe(_ netip.Addr, c health.Check, done func(health.Outcome)) {
	p.asked = append(p.asked, time.Now())
	done(p.state[c.Target])
}

func (p *targets) Changed(fn func(netip.Addr)) { p.changed = append(p.changed, fn) }

func (p *targets) set(target netip.Addr, o health.Outcome) {
	o.Stable = true
	p.state[target] = o
	for _, fn := range p.changed {
		fn(target)
	}
}

// live is the same prober without promises.
type live struct{ *targets }

func (live) Changed() {}

func (p live) Probe(from netip.Addr, c health.Check, done func(health.Outcome)) {
	p.targets.Probe(from, c, func(o health.Outcome) {
		o.Stable = false
		done(o)
	})
}

var (
	alive = health.Outcome{OK: true}
	dead  = health.Outcome{Silent: true}
	vip   = netip.MustParseAddr("10.1.0.1")
)

// amko is the rhythm of the monitors that AMKO makes.
func amko(target netip.Addr) health.Monitor {
	return health.Monitor{
		Check: health.Check{
			Kind: health.KindHTTP, Target: target, Port: 80, Host: "app.gslb.example", Method: "HEAD", Path: "/",
			Timeout: 4 * time.Second,
		},
		Thresholds: health.Thresholds{Successes: 3, Failures: 3},
		Interval:   10 * time.Second,
	}
}

func checker(c virtual.Clock, p health.Prober) *health.Checker {
	return health.NewChecker(health.CheckerConfig{
		Name: "region01", From: netip.MustParseAddr("10.1.9.9"), Scheduler: c, Prober: p,
	})
}
