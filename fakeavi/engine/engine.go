package engine

import (
	"errors"
	"fmt"
	"hash/fnv"
	"maps"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/gslbsim/gslbsim/fakeavi/health"
)

// Wire carries messages between hosts. done is called exactly once, on the scheduler's goroutine, with the reply or an
// error: the other side cannot be reached, or has not answered in time. Send may be called from any goroutine and may
// call done before it returns.
type Wire interface {
	Send(from, to netip.Addr, msg any, done func(reply any, err error))
}

// Config describes an engine.
type Config struct {
	Name       string     // of the service engine group
	Site       string     // name of its site, for events
	Addr       netip.Addr // of the engine itself: its checks and messages come from here
	Controller netip.Addr
	Seed       uint64 // of the choices that its DNS virtual services draw
}

// Deps is what an engine needs of its world. Observer may be empty.
type Deps struct {
	Scheduler health.Scheduler
	Wire      Wire
	Prober    health.Prober
	Observer  Observer
}

// Engine is a service engine group. Its methods are safe for concurrent use. In virtual runs they must be called on the
// scheduler's goroutine, and then act in the same order in every run.
type Engine struct {
	cfg     Config
	deps    Deps
	checker *health.Checker

	mu     sync.Mutex
	outbox []func() // to call once mu is free
	apps   map[string]App
	on     bool
	boot   uint64
	loaded loaded
}

// loaded is what an engine knows while it has power.
type loaded struct {
	session, seq uint64
	headless     bool
	silence      func() // cancels the timer that makes the engine headless

	vss      map[string]*virtualService
	vips     map[netip.Addr][]*virtualService // nil: to be made again
	services map[string]*gslbService
	watching map[vsKey]map[*gslbService]struct{}
	sites    map[string]*siteControl
	dns      map[string]*dnsService

	report pendingReport
}

// New returns an engine with power and without configuration. It does nothing until its controller talks to it. All of
// cfg and, but for the Observer, of deps is required.
func New(cfg Config, deps Deps) (*Engine, error) {
	switch {
	case cfg.Name == "" || !cfg.Addr.IsValid() || !cfg.Controller.IsValid():
		return nil, errors.New("engine: Name, Addr and Controller are required")
	case deps.Scheduler == nil || deps.Wire == nil || deps.Prober == nil:
		return nil, fmt.Errorf("engine %s: Scheduler, Wire and Prober are required", cfg.Name)
	}
	e := &Engine{cfg: cfg, deps: deps, apps: map[string]App{}, on: true, boot: 1, loaded: nothing()}
	e.checker = health.NewChecker(health.CheckerConfig{
		Name: cfg.Site + "/" + cfg.Name, From: cfg.Addr, Scheduler: deps.Scheduler, Prober: deps.Prober,
	})
	return e, nil
}

func nothing() loaded {
	return loaded{
		vss: map[string]*virtualService{}, services: map[string]*gslbService{}, sites: map[string]*siteControl{},
		watching: map[vsKey]map[*gslbService]struct{}{}, dns: map[string]*dnsService{}, report: newPendingReport(),
	}
}

// act changes the engine under its lock, and then tells the world what the change wants to say.
func (e *Engine) act(change func()) {
	e.mu.Lock()
	change()
	say := e.outbox
	e.outbox = nil
	e.mu.Unlock()
	for _, fn := range say {
		fn()
	}
}

// say queues a call for the end of act.
func (e *Engine) say(fn func()) { e.outbox = append(e.outbox, fn) }

// later runs change in an act of its own, d from now, unless the engine lost power in between.
func (e *Engine) later(d time.Duration, purpose string, change func()) (cancel func()) {
	return e.schedule(d, "engine/"+e.cfg.Site+"/"+e.cfg.Name+"/"+purpose, change)
}

// atEnd is later for what gathers the changes of the present instant. Its key sorts behind those of other actors, so that
// what they do at this instant is gathered too.
func (e *Engine) atEnd(purpose string, change func()) {
	e.schedule(0, "~engine/"+e.cfg.Site+"/"+e.cfg.Name+"/"+purpose, change)
}

func (e *Engine) schedule(d time.Duration, key string, change func()) (cancel func()) {
	boot := e.boot
	return e.deps.Scheduler.After(d, key, func() {
		e.act(func() {
			if e.on && e.boot == boot {
				change()
			}
		})
	})
}

// Name returns the name of the service engine group.
func (e *Engine) Name() string { return e.cfg.Name }

// Addr returns the engine's own address.
func (e *Engine) Addr() netip.Addr { return e.cfg.Addr }

func (e *Engine) at() At { return At{Site: e.cfg.Site, Engine: e.cfg.Name} }

// PowerOff makes the engine silent and takes all that it was told. It reports whether the engine had power.
func (e *Engine) PowerOff() (changed bool) {
	e.act(func() {
		changed = e.on
		if !e.on {
			return
		}
		for _, vs := range e.sortedVS() {
			e.vipsChanged(vs)
		}
		if e.loaded.silence != nil {
			e.loaded.silence()
		}
		e.checker.Reset()
		e.on, e.loaded = false, nothing()
	})
	return changed
}

// PowerOn starts an engine without configuration, which asks its controller for one. It reports whether the engine was
// off.
func (e *Engine) PowerOn() (changed bool) {
	e.act(func() {
		changed = !e.on
		if e.on {
			return
		}
		e.on = true
		e.boot++
		hello := Hello{Engine: e.cfg.Name, Boot: e.boot}
		e.say(func() { e.deps.Wire.Send(e.cfg.Addr, e.cfg.Controller, hello, func(any, error) {}) })
	})
	return changed
}

// Receive answers a message from the engine's controller; nil if the engine has no power or does not know the message.
func (e *Engine) Receive(msg any) (reply any) {
	e.act(func() {
		if !e.on {
			return
		}
		switch m := msg.(type) {
		case Heartbeat:
			e.heard()
			reply = Beat{Boot: e.boot, Session: e.loaded.session, Seq: e.loaded.seq}
			e.flushReport()
		case *Update:
			e.heard()
			reply = e.apply(m)
		}
	})
	return reply
}

// heard notes a sign of life of the controller.
func (e *Engine) heard() {
	l := &e.loaded
	if l.silence != nil {
		l.silence()
	}
	l.silence = e.later(HeartbeatInterval*HeartbeatMisses, "silence", func() { e.setHeadless(true) })
	e.setHeadless(false)
}

// setHeadless makes the control plane count, or not.
func (e *Engine) setHeadless(headless bool) {
	if e.loaded.headless == headless {
		return
	}
	e.loaded.headless = headless
	e.emitHeadless(headless)
	for _, s := range e.sortedServices() {
		if s.standsBy() {
			e.setService(s.spec)
		} else {
			e.judge(s)
		}
	}
}

// Status is what an engine shows of itself.
type Status struct {
	On, Headless bool
	Session, Seq uint64 // of the last Update applied
	Monitors     int
	Checks       uint64 // made since the engine was made
}

// Status returns what the engine is about at present.
func (e *Engine) Status() Status {
	monitors, checks := e.checker.Counts()
	e.mu.Lock()
	defer e.mu.Unlock()
	return Status{
		On: e.on, Headless: e.loaded.headless, Session: e.loaded.session, Seq: e.loaded.seq, Monitors: monitors, Checks: checks,
	}
}

// seedFor derives the seed of one object's choices.
func (e *Engine) seedFor(uuid string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(e.cfg.Site + "/" + e.cfg.Name + "/" + uuid))
	return h.Sum64() ^ e.cfg.Seed
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
