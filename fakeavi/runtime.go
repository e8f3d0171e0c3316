package fakeavi

import (
	"github.com/gslbsim/gslbsim/fakeavi/engine"
	"github.com/gslbsim/gslbsim/fakeavi/federation"
)

// Federation returns what the controller knows of the other sites.
func (c *Controller) Federation() federation.View { return c.node.View() }

// EngineState is what a controller knows of one of its engines.
type EngineState struct {
	Name  string
	Alive bool
	// Pending counts the objects that the engine has not been sent yet; -1 if it is to be sent everything.
	Pending int
}

// EngineStates returns what the controller knows of its engines, in configured order.
func (c *Controller) EngineStates() []EngineState {
	c.mu.Lock()
	defer c.mu.Unlock()
	var all []EngineState
	for _, l := range c.links {
		s := EngineState{Name: l.engine.Name(), Alive: l.alive, Pending: len(l.backlog.vss) + len(l.backlog.services)}
		if l.full {
			s.Pending = -1
		}
		all = append(all, s)
	}
	return all
}

// VirtualService returns the state of a virtual service of this site, as its engine last reported it.
func (c *Controller) VirtualService(uuid string) (engine.VSState, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s, ok := c.states[uuid]
	return s, ok
}

// Service returns the state of a GSLB service as each engine of this site that hosts it last reported it, by engine name.
func (c *Controller) Service(uuid string) map[string]engine.ServiceState {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := map[string]engine.ServiceState{}
	for _, l := range c.links {
		if s, ok := l.services[uuid]; ok {
			out[l.engine.Name()] = s
		}
	}
	return out
}
