package health

import (
	"fmt"
	"net/netip"
	"sync"
	"time"
)

// Scheduler runs callbacks later, one at a time, on one goroutine. Callbacks due at the same instant run in the order of
// their keys. After may be called from any goroutine.
type Scheduler interface {
	After(d time.Duration, key string, fn func()) (cancel func())
}

// Monitor is a check and its rhythm. It is comparable.
type Monitor struct {
	Check      Check
	Thresholds Thresholds
	Interval   time.Duration // send_interval, 1 s to 3600 s
	// NoQuickstart makes the first checks keep to the schedule (disable_quickstart). Otherwise they follow one another
	// at once until there is a verdict.
	NoQuickstart bool
}

// Schedule returns the instants at which an engine makes the checks of a monitor. They depend on what it asks whom, and how often; what
// else it sends, or wants of the answer, does not shift them.
func (m Monitor) Schedule(engine string) Schedule {
	type asked struct {
		Kind               Kind
		Target             netip.Addr
		Port               uint16
		Host, Method, Path string
		Codes              Codes
		Maintenance        [4]uint16
		Keyword            string
		Timeout            time.Duration
	}
	c := m.Check
	rhythm := struct {
		Check        asked
		Thresholds   Thresholds
		Interval     time.Duration
		NoQuickstart bool
	}{
		asked{c.Kind, c.Target, c.Port, c.Host, c.Method, c.Path, c.Codes, c.Maintenance, c.Keyword, c.Timeout},
		m.Thresholds, m.Interval, m.NoQuickstart,
	}
	return NewSchedule(m.Interval, fmt.Sprintf("%s|%v", engine, rhythm))
}

// CheckerConfig describes a Checker. All fields but Name are required.
type CheckerConfig struct {
	Name      string     // of the engine: part of the identity from which schedules are derived
	From      netip.Addr // where the checks come from
	Scheduler Scheduler
	Prober    Prober
}

// Checker runs the monitors of one service engine. Equal monitors share their checks. Its methods are safe for concurrent
// use; it calls its prober and its watchers without holding a lock.
type Checker struct {
	cfg CheckerConfig

	mu      sync.Mutex
	runs    map[Monitor]*run
	targets map[netip.Addr]map[*run]struct{}
	probes  uint64
	serial  uint64
}

// NewChecker returns a Checker without monitors. If the prober is a ChangeNotifier, the Checker registers with it.
func NewChecker(cfg CheckerConfig) *Checker {
	c := &Checker{cfg: cfg, runs: map[Monitor]*run{}, targets: map[netip.Addr]map[*run]struct{}{}}
	if n, ok := cfg.Prober.(ChangeNotifier); ok {
		n.Changed(c.Changed)
	}
	return c
}

// run is one state machine, shared by the watches of equal monitors.
type run struct {
	monitor  Monitor
	key      string
	schedule Schedule
	machine  Machine
	reason   string
	watches  []*Watch

	attempt uint64 // of the check under way; an outcome of an earlier one is late
	flying  bool
	dirty   bool   // the target changed since the check under way began
	cancel  func() // of the timer that is set; nil: none is, the monitor sleeps or its check is under way
	stopped bool
}

// Watch is one interest in a monitor.
type Watch struct {
	checker *Checker
	run     *run
	notify  func()
}

// Watch starts a monitor, or joins an equal one that runs already. notify is called on the scheduler's goroutine after
// every change of the verdict, never from within Watch.
func (c *Checker) Watch(m Monitor, notify func()) *Watch {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.runs[m]
	if r == nil {
		r = c.start(m)
	}
	w := &Watch{checker: c, run: r, notify: notify}
	r.watches = append(r.watches, w)
	return w
}

// start makes a run whose first check falls due at once, or at its next tick without quickstart. The caller holds mu.
func (c *Checker) start(m Monitor) *run {
	c.serial++
	r := &run{
		monitor:  m,
		key:      fmt.Sprintf("health/%s/%s/%d", c.cfg.Name, m.Check.Target, c.serial),
		schedule: m.Schedule(c.cfg.Name),
	}
	c.runs[m] = r
	if c.targets[m.Check.Target] == nil {
		c.targets[m.Check.Target] = map[*run]struct{}{}
	}
	c.targets[m.Check.Target][r] = struct{}{}
	if m.NoQuickstart {
		c.sleepToTick(r)
	} else {
		r.cancel = c.cfg.Scheduler.After(0, r.key, func() { c.probe(r) })
	}
	return r
}

// Verdict returns what the monitor holds at present, and why if it is not up.
func (w *Watch) Verdict() (Verdict, string) {
	w.checker.mu.Lock()
	defer w.checker.mu.Unlock()
	return w.run.machine.Verdict(), w.run.reason
}

// Stop ends the watch; the monitor ends with its last watch. A notification that is already under way may still come.
func (w *Watch) Stop() {
	c := w.checker
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, other := range w.run.watches {
		if other == w {
			w.run.watches = append(w.run.watches[:i:i], w.run.watches[i+1:]...)
			break
		}
	}
	if len(w.run.watches) == 0 {
		c.end(w.run)
	}
}

// Reset ends all monitors, as the loss of power does. Watches made before keep their last verdict for ever.
func (c *Checker) Reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, r := range c.runs {
		c.end(r)
	}
}

func (c *Checker) end(r *run) {
	if r.stopped {
		return
	}
	r.stopped = true
	if r.cancel != nil {
		r.cancel()
	}
	delete(c.runs, r.monitor)
	target := r.monitor.Check.Target
	delete(c.targets[target], r)
	if len(c.targets[target]) == 0 {
		delete(c.targets, target)
	}
}

// Changed says that checks of a target may have other outcomes than before: its monitors make their next check when it is
// due. The zero Addr stands for all targets.
func (c *Checker) Changed(target netip.Addr) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !target.IsValid() {
		for _, r := range c.runs {
			c.wake(r)
		}
		return
	}
	for r := range c.targets[target] {
		c.wake(r)
	}
}

// wake has no effect that depends on the order of calls: every run has its own key and its own tick.
func (c *Checker) wake(r *run) {
	r.dirty = true
	if !r.flying && r.cancel == nil {
		c.sleepToTick(r)
	}
}

// Counts returns how many monitors run, and how many checks have been made since the Checker was made.
func (c *Checker) Counts() (monitors int, probes uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.runs), c.probes
}

func (c *Checker) sleepToTick(r *run) {
	at := r.schedule.Next(time.Now())
	r.cancel = c.cfg.Scheduler.After(time.Until(at), r.key, func() { c.probe(r) })
}

// probe makes the check that is due. It waits for the timeout only if done has not been called by the time Probe returns.
func (c *Checker) probe(r *run) {
	c.mu.Lock()
	if r.stopped {
		c.mu.Unlock()
		return
	}
	c.probes++
	r.attempt++
	r.flying, r.dirty, r.cancel = true, false, nil
	attempt := r.attempt
	c.mu.Unlock()

	c.cfg.Prober.Probe(c.cfg.From, r.monitor.Check, func(o Outcome) { c.answered(r, attempt, o) })

	c.mu.Lock()
	defer c.mu.Unlock()
	if c.awaits(r, attempt) && r.cancel == nil {
		r.cancel = c.cfg.Scheduler.After(r.monitor.Check.Timeout, r.key, func() { c.conclude(r, attempt, timedOut(false)) })
	}
}

// answered takes what the prober knows. The outcome counts when the answer is there.
func (c *Checker) answered(r *run, attempt uint64, o Outcome) {
	wait := o.Took
	if timeout := r.monitor.Check.Timeout; o.Silent || o.Took >= timeout {
		o, wait = timedOut(o.Stable), timeout
	}
	if wait <= 0 {
		c.conclude(r, attempt, o)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.awaits(r, attempt) {
		return
	}
	if r.cancel != nil {
		r.cancel()
	}
	r.cancel = c.cfg.Scheduler.After(wait, r.key, func() { c.conclude(r, attempt, o) })
}

func timedOut(stable bool) Outcome {
	return Outcome{Reason: "no response within the receive timeout", Stable: stable}
}

// awaits reports whether a check is still under way. The caller holds mu.
func (c *Checker) awaits(r *run, attempt uint64) bool {
	return !r.stopped && r.flying && r.attempt == attempt
}

// conclude counts the outcome of a check and tells the watchers of a new verdict.
func (c *Checker) conclude(r *run, attempt uint64, o Outcome) {
	c.mu.Lock()
	if !c.awaits(r, attempt) {
		c.mu.Unlock()
		return
	}
	r.flying = false
	if r.cancel != nil {
		r.cancel()
		r.cancel = nil
	}
	r.reason = o.Reason
	changed := r.machine.Observe(o.OK, r.monitor.Thresholds)
	c.goOn(r, o.Stable)
	var notify []func()
	if changed {
		for _, w := range r.watches {
			notify = append(notify, w.notify)
		}
	}
	c.mu.Unlock()
	for _, fn := range notify {
		fn()
	}
}

// goOn decides when the next check is made, if ever. The caller holds mu.
func (c *Checker) goOn(r *run, stable bool) {
	switch {
	case r.machine.Verdict() == VerdictUnknown && !r.monitor.NoQuickstart:
		r.cancel = c.cfg.Scheduler.After(0, r.key, func() { c.probe(r) })
	case r.machine.Settled() && stable && !r.dirty:
		// The monitor sleeps: checks would tell nothing until the prober reports a change.
	default:
		c.sleepToTick(r)
	}
}
