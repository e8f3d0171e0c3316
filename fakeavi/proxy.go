package fakeavi

import (
	"slices"

	"github.com/gslbsim/gslbsim/fakeavi/engine"
	"github.com/gslbsim/gslbsim/fakeavi/health"
)

// tellProxied tells other sites what this one, as their proxy, finds of the members of a GSLB service, and takes back what it finds no
// more.
func (c *Controller) tellProxied(s engine.ServiceState) {
	states := findings(s, func(m *engine.MemberState) bool { return m.Proxy })
	gone := replaceKeys(c.proxied, s.UUID, states)
	if len(states)+len(gone) > 0 {
		c.say(func() { c.node.SetStates(states, gone) })
	}
}

// findings are what checks find of the members that are chosen, in the form in which states of virtual services travel.
func findings(s engine.ServiceState, chosen func(*engine.MemberState) bool) []engine.VSState {
	var states []engine.VSState
	for _, p := range s.Pools {
		for i := range p.Members {
			if m := &p.Members[i]; chosen(m) {
				states = append(states, engine.VSState{UUID: engine.ProxyKey(s.UUID, m.Addr), Name: s.Name, Status: found(m.DataPlane)})
			}
		}
	}
	return states
}

// replaceKeys notes the keys that findings of a GSLB service have, and returns those that earlier ones had and that are gone.
func replaceKeys(of map[string][]string, service string, states []engine.VSState) (gone []string) {
	var keys []string
	for _, s := range states {
		keys = append(keys, s.UUID)
	}
	for _, key := range of[service] {
		if !slices.Contains(keys, key) {
			gone = append(gone, key)
		}
	}
	if of[service] = keys; keys == nil {
		delete(of, service)
	}
	return gone
}

func found(v health.Verdict) health.Status {
	switch v {
	case health.VerdictUp:
		return health.Status{State: health.StateUp}
	case health.VerdictDown:
		return health.Status{State: health.StateDown, Reason: "health monitors of another engine or site find it down"}
	default:
		return health.Status{State: health.StateInitializing}
	}
}
