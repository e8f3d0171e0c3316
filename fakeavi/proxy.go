package fakeavi

import (
	"slices"

	"github.com/gslbsim/gslbsim/fakeavi/engine"
	"github.com/gslbsim/gslbsim/fakeavi/health"
)

// tellProxied tells other sites what this one, as their proxy, finds of the members of a GSLB service, and takes back what it finds no
// more.
func (c *Controller) tellProxied(s engine.ServiceState) {
	var keys []string
	var states []engine.VSState
	for _, p := range s.Pools {
		for _, m := range p.Members {
			if m.Proxy {
				key := engine.ProxyKey(s.UUID, m.Addr)
				keys = append(keys, key)
				states = append(states, engine.VSState{UUID: key, Name: s.Name, Status: found(m.DataPlane)})
			}
		}
	}
	var gone []string
	for _, key := range c.proxied[s.UUID] {
		if !slices.Contains(keys, key) {
			gone = append(gone, key)
		}
	}
	if len(states)+len(gone) == 0 {
		return
	}
	c.proxied[s.UUID] = keys
	if keys == nil {
		delete(c.proxied, s.UUID)
	}
	c.say(func() { c.node.SetStates(states, gone) })
}

func found(v health.Verdict) health.Status {
	switch v {
	case health.VerdictUp:
		return health.Status{State: health.StateUp}
	case health.VerdictDown:
		return health.Status{State: health.StateDown, Reason: "health monitor proxy finds it down"}
	default:
		return health.Status{State: health.StateInitializing}
	}
}
