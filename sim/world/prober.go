package world

import (
	"net/netip"

	"github.com/gslbsim/gslbsim/fakeavi/engine"
	"github.com/gslbsim/gslbsim/fakeavi/health"
	"github.com/gslbsim/gslbsim/sim/network"
)

// prober makes the health checks of service engines: it asks the network whether check and answer can pass, and the
// engine that owns the address what it answers. As long as nobody reports a change, the same check gets the same outcome.
type prober struct {
	net     *network.Network
	engines map[string]*engine.Engine // by the name of their host
	changed []func(target netip.Addr)
	// falsify, if set, replaces what a check found.
	falsify func(found health.Outcome) health.Outcome
}

func newProber(n *network.Network) *prober {
	return &prober{net: n, engines: map[string]*engine.Engine{}}
}

// Probe implements health.Prober.
func (p *prober) Probe(from netip.Addr, c health.Check, done func(health.Outcome)) {
	if p.falsify != nil {
		report := done
		done = func(found health.Outcome) { report(p.falsify(found)) }
	}
	steady := p.net.Steady(from, c.Target)
	key := "probe/" + c.Describe()
	silent := health.Outcome{Silent: true, Stable: steady, Reason: "no answer"}
	if !p.net.Open(from, c.Target) || !p.net.Open(c.Target, from) || p.net.Lost(from, c.Target, key) {
		done(silent)
		return
	}
	owner, _, _ := p.net.Owner(c.Target)
	e := p.engines[owner]
	if e == nil {
		done(silent)
		return
	}
	out := p.ask(e, c)
	if !out.Silent {
		out.Took += p.net.Delay(from, c.Target, key) + p.net.Delay(c.Target, from, key+"/reply")
	}
	out.Stable = steady
	done(out)
}

// ask lets the engine answer and judges the answer.
func (p *prober) ask(e *engine.Engine, c health.Check) health.Outcome {
	out := engine.Answer(c, e.Serve)
	if out.Silent {
		return health.Outcome{Silent: true, Reason: "no answer"}
	}
	return out
}

// Changed implements health.ChangeNotifier.
func (p *prober) Changed(fn func(target netip.Addr)) { p.changed = append(p.changed, fn) }

// notify tells that answers of a target may differ from their last; the zero Addr stands for all targets.
func (p *prober) notify(target netip.Addr) {
	for _, fn := range p.changed {
		fn(target)
	}
}
