package probe

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync"

	"github.com/gslbsim/gslbsim/fakeavi/engine"
	"github.com/gslbsim/gslbsim/fakeavi/health"
)

// Verdict is what a scripted target, or every target that nobody knows, answers.
type Verdict string

// The verdicts.
const (
	Sockets Verdict = "sockets" // a real check decides
	Up      Verdict = "up"      // every check passes
	Down    Verdict = "down"    // every check is refused
	Silent  Verdict = "silent"  // no check is answered: it fails when its timeout has passed
)

// Verdicts lists all of them.
func Verdicts() []Verdict { return []Verdict{Sockets, Up, Down, Silent} }

// ParseVerdict reads a verdict; the error lists those that exist.
func ParseVerdict(text string) (Verdict, error) {
	for _, v := range Verdicts() {
		if text == string(v) {
			return v, nil
		}
	}
	return "", fmt.Errorf("%q is none of sockets, up, down, silent", text)
}

// Config of a Prober.
type Config struct {
	Scheduler health.Scheduler // required
	// Otherwise is for targets that are neither scripted nor a VIP of an attached engine; Sockets if empty.
	Otherwise Verdict
	// Parallel bounds the checks with sockets that are under way at once, 256 if 0. More of them wait, and fail if their
	// timeout passes while they do.
	Parallel int
}

// scriptMax bounds the scripted targets.
const scriptMax = 100_000

// ErrScriptFull is returned when a script has too many targets.
var ErrScriptFull = errors.New("too many scripted targets")

// Prober implements health.Prober and health.ChangeNotifier. It is safe for concurrent use.
type Prober struct {
	cfg  Config
	ctx  context.Context
	slot chan struct{}

	mu      sync.Mutex
	script  map[netip.Addr]Verdict
	engines []*engine.Engine
	vips    map[netip.Addr]struct{} // addresses that engines have had
	changed []func(netip.Addr)
}

// New returns a Prober. Checks under way end when ctx does.
func New(ctx context.Context, cfg Config) *Prober {
	if cfg.Otherwise == "" {
		cfg.Otherwise = Sockets
	}
	if cfg.Parallel == 0 {
		cfg.Parallel = 256
	}
	return &Prober{cfg: cfg, ctx: ctx, slot: make(chan struct{}, cfg.Parallel), script: map[netip.Addr]Verdict{}, vips: map[netip.Addr]struct{}{}}
}

// Attach makes the VIPs of an engine answer without sockets. Make VIPChanged its Observer's VIP.
func (p *Prober) Attach(e *engine.Engine) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.engines = append(p.engines, e)
}

// Set scripts a target; an empty verdict takes it out of the script. It returns ErrScriptFull where the script has no
// room.
func (p *Prober) Set(target netip.Addr, v Verdict) error {
	p.mu.Lock()
	if _, known := p.script[target]; !known && v != "" && len(p.script) >= scriptMax {
		p.mu.Unlock()
		return ErrScriptFull
	}
	if v == "" {
		delete(p.script, target)
	} else {
		p.script[target] = v
	}
	p.mu.Unlock()
	p.touch(target)
	return nil
}

// Otherwise is how targets answer that are neither scripted nor VIPs.
func (p *Prober) Otherwise() Verdict { return p.cfg.Otherwise }

// Script returns the scripted targets.
func (p *Prober) Script() map[netip.Addr]Verdict {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := make(map[netip.Addr]Verdict, len(p.script))
	for k, v := range p.script {
		out[k] = v
	}
	return out
}

// Changed implements health.ChangeNotifier.
func (p *Prober) Changed(fn func(target netip.Addr)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.changed = append(p.changed, fn)
}

// VIPChanged says that the answers at a VIP of an attached engine may differ from before. An address that once was a VIP
// stays one: when its virtual service or its engine is gone, it is silent.
func (p *Prober) VIPChanged(vip netip.Addr) {
	p.mu.Lock()
	p.vips[vip] = struct{}{}
	p.mu.Unlock()
	p.touch(vip)
}

// touch says that checks of a target may end otherwise than before.
func (p *Prober) touch(target netip.Addr) {
	p.mu.Lock()
	told := p.changed
	p.mu.Unlock()
	p.cfg.Scheduler.After(0, "probe/changed/"+target.String(), func() {
		for _, fn := range told {
			fn(target)
		}
	})
}

// Probe implements health.Prober.
func (p *Prober) Probe(_ netip.Addr, c health.Check, done func(health.Outcome)) {
	p.mu.Lock()
	verdict, scripted := p.script[c.Target]
	_, vip := p.vips[c.Target]
	engines := p.engines
	p.mu.Unlock()
	switch {
	case scripted:
	case vip:
		done(answer(engines, c))
		return
	default:
		verdict = p.cfg.Otherwise
	}
	switch verdict {
	case Up:
		done(health.Outcome{OK: true, Stable: true})
	case Down:
		done(health.Outcome{Reason: "connection refused", Stable: true})
	case Silent:
		done(health.Outcome{Silent: true, Stable: true})
	default:
		go p.real(c, done)
	}
}

// answer asks the engine that has the target.
func answer(engines []*engine.Engine, c health.Check) health.Outcome {
	o := engine.Answer(c, func(dst netip.Addr, port uint16, protocol engine.Protocol, r engine.Request) engine.Reply {
		for _, e := range engines {
			if reply := e.Serve(dst, port, protocol, r); reply.Kind != engine.Silent {
				return reply
			}
		}
		return engine.Reply{}
	})
	o.Stable = true
	return o
}

// real makes a check with sockets and reports on the scheduler's goroutine.
func (p *Prober) real(c health.Check, done func(health.Outcome)) {
	ctx, cancel := context.WithTimeout(p.ctx, c.Timeout)
	defer cancel()
	o := health.Outcome{Silent: true}
	select {
	case p.slot <- struct{}{}:
		o = Check(ctx, c)
		<-p.slot
	case <-ctx.Done():
	}
	p.cfg.Scheduler.After(0, "probe/"+c.Target.String(), func() { done(o) })
}
