package fakeavi

import (
	"slices"
	"time"

	"github.com/gslbsim/gslbsim/fakeavi/engine"
	"github.com/gslbsim/gslbsim/fakeavi/health"
)

// link is what a controller knows of one of its engines.
type link struct {
	engine   *engine.Engine
	schedule health.Schedule
	timer    func()

	boot   uint64 // of the engine, as last heard; 0: never
	alive  bool
	misses int // heartbeats in a row without an answer
	// settled: since the controller started, the engine has told all of its virtual services, or is taken for dead.
	settled bool

	full    bool // the engine is to be sent everything
	flying  bool
	seq     uint64
	backlog backlog

	vss      map[string]engine.VSState // as last reported
	services map[string]engine.ServiceState
}

// backlog is what an engine has not been sent yet. Objects are named, not held: an Update says how they are when it is
// sent.
type backlog struct {
	vss      map[string]struct{} // uuids
	services map[string]struct{}
	sites    []engine.SiteControl
}

// siteBacklog bounds the reports of other sites that wait for an engine; one that lacks more is sent everything.
const siteBacklog = 1000

func newBacklog() backlog {
	return backlog{vss: map[string]struct{}{}, services: map[string]struct{}{}}
}

func (b *backlog) empty() bool { return len(b.vss)+len(b.services)+len(b.sites) == 0 }

func newLink(e *engine.Engine) *link {
	l := &link{engine: e, schedule: health.NewSchedule(engine.HeartbeatInterval, e.Addr().String())}
	l.forget()
	return l
}

// forget makes a link that of a controller that has just started.
func (l *link) forget() {
	l.boot, l.alive, l.misses, l.settled, l.full, l.flying, l.seq = 0, false, 0, false, true, false, 0
	l.backlog = newBacklog()
	l.vss, l.services = map[string]engine.VSState{}, map[string]engine.ServiceState{}
}

func (l *link) stop() {
	if l.timer != nil {
		l.timer()
		l.timer = nil
	}
	l.forget()
}

// startLinks greets all engines at once, and from then on every HeartbeatInterval.
func (c *Controller) startLinks() {
	for _, l := range c.links {
		c.setHeartbeat(l)
		c.later(0, "greet/"+l.engine.Name(), func() { c.heartbeat(l) })
	}
}

func (c *Controller) setHeartbeat(l *link) {
	next := l.schedule.Next(time.Now())
	l.timer = c.later(time.Until(next), "heartbeat/"+l.engine.Name(), func() {
		c.setHeartbeat(l)
		c.heartbeat(l)
	})
}

// send sends a message to an engine and runs done in an act of its own, unless the controller lost power in between.
func (c *Controller) send(l *link, msg any, done func(reply any, err error)) {
	session := c.session
	c.say(func() {
		c.deps.Wire.Send(c.Addr(), l.engine.Addr(), msg, func(reply any, err error) {
			c.act(func() {
				if c.powered.Load() && c.session == session {
					done(reply, err)
				}
			})
		})
	})
}

func (c *Controller) heartbeat(l *link) {
	seq, flying := l.seq, l.flying
	c.send(l, engine.Heartbeat{Session: c.session}, func(reply any, err error) {
		if beat, ok := reply.(engine.Beat); ok && err == nil {
			quiet := !flying && !l.flying && l.seq == seq
			c.beat(l, beat, quiet)
			return
		}
		l.misses++
		if l.misses == engine.HeartbeatMisses {
			if l.alive {
				l.alive = false
				c.engineGone(l)
			}
			c.settle(l)
		}
	})
}

// beat takes a sign of life. An engine that is not at the last Update although none was under way (quiet) is sent
// everything.
func (c *Controller) beat(l *link, b engine.Beat, quiet bool) {
	back := !l.alive
	l.alive, l.misses = true, 0
	if l.boot != 0 && l.boot != b.Boot {
		l.vss, l.services = map[string]engine.VSState{}, map[string]engine.ServiceState{}
		// What the engine found stays until another one, or the engine itself, finds something.
		delete(c.proxied, l.engine.Name())
		delete(c.shards.told, l.engine.Name())
		back = true
	}
	l.boot = b.Boot
	if quiet && (b.Session != c.session || b.Seq != l.seq) {
		l.full = true
	}
	if back {
		c.engineBack(l)
	}
	c.push(l)
}

// hello takes an engine that has power again.
func (c *Controller) hello(h engine.Hello) {
	if l := c.linkNamed(h.Engine); l != nil && h.Boot != l.boot {
		l.full = true
		c.heartbeat(l)
	}
}

// reported takes what an engine tells.
func (c *Controller) reported(r *engine.Report) {
	l := c.linkNamed(r.Engine)
	if l == nil {
		return
	}
	for _, s := range r.VirtualServices {
		l.vss[s.UUID] = s
	}
	var gone []string
	for _, uuid := range r.GoneVS {
		delete(l.vss, uuid)
		if !c.elsewhere(uuid) {
			gone = append(gone, uuid)
		}
	}
	for _, s := range r.Services {
		was, known := l.services[s.UUID]
		if !known {
			was = c.assumed(s)
		}
		c.serviceEvents(l, was, s)
		l.services[s.UUID] = s
		c.tellProxied(l, s)
		c.tellShared(l, s)
	}
	for _, uuid := range r.GoneServices {
		delete(l.services, uuid)
		c.tellProxied(l, engine.ServiceState{UUID: uuid})
		c.tellShared(l, engine.ServiceState{UUID: uuid})
	}
	c.statesChanged(r.VirtualServices, gone)
}

// elsewhere reports whether an engine has a virtual service, as one has that another engine gave up.
func (c *Controller) elsewhere(uuid string) bool {
	return slices.ContainsFunc(c.links, func(l *link) bool { _, ok := l.vss[uuid]; return ok })
}

// settle notes that all is known of an engine. When that is so of all engines, what the site reports is complete.
func (c *Controller) settle(l *link) {
	if l.settled {
		return
	}
	l.settled = true
	if !c.settled() {
		return
	}
	c.say(c.node.StatesComplete)
	c.tellEngines(c.ownSite())
}

func (c *Controller) settled() bool {
	return !slices.ContainsFunc(c.links, func(l *link) bool { return !l.settled })
}

// ownSite is what the control plane reports of this site's virtual services.
func (c *Controller) ownSite() engine.SiteControl {
	own := engine.SiteControl{Cluster: c.cluster, Reachable: true, Known: true, Full: true}
	for _, uuid := range sortedKeys(c.states) {
		own.States = append(own.States, c.states[uuid])
	}
	for _, key := range sortedKeys(c.shards.found) {
		own.States = append(own.States, c.shards.found[key])
	}
	return own
}

// statesChanged tells other sites, and the engines of this one, of new states of virtual services.
func (c *Controller) statesChanged(changed []engine.VSState, gone []string) {
	for _, s := range changed {
		if was, known := c.states[s.UUID]; known {
			c.vsEvent(was, s)
		}
		c.states[s.UUID] = s
	}
	for _, uuid := range gone {
		delete(c.states, uuid)
	}
	if len(changed)+len(gone) == 0 {
		return
	}
	c.say(func() { c.node.SetStates(changed, gone) })
	if c.settled() {
		c.tellEngines(engine.SiteControl{Cluster: c.cluster, Reachable: true, Known: true, States: changed, Gone: gone})
	}
}

// engineGone makes the virtual services of an engine that does not answer those of a dead one.
func (c *Controller) engineGone(l *link) {
	var down []engine.VSState
	for _, uuid := range sortedKeys(l.vss) {
		s := l.vss[uuid]
		s.Status = health.Status{State: health.StateDown, Reason: "service engine is down"}
		down = append(down, s)
	}
	c.statesChanged(down, nil)
}

// engineBack restores what an engine last reported; what changed in between, it reports itself.
func (c *Controller) engineBack(l *link) {
	var states []engine.VSState
	for _, uuid := range sortedKeys(l.vss) {
		states = append(states, l.vss[uuid])
	}
	c.statesChanged(states, nil)
}
