package fakeavi

import (
	"slices"

	"github.com/gslbsim/gslbsim/fakeavi/engine"
	"github.com/gslbsim/gslbsim/fakeavi/health"
)

// told are the keys of what engines find of the members of GSLB services and others were told, by the names of the engines and the uuids
// of the services.
type told map[string]map[string][]string

// replace notes the findings of an engine about a service, and returns the keys that others are to forget: those of its earlier findings
// that neither it nor another engine has.
func (t told) replace(by, service string, states []engine.VSState) (gone []string) {
	if t[by] == nil {
		t[by] = map[string][]string{}
	}
	earlier := t[by][service]
	delete(t[by], service)
	for _, s := range states {
		t[by][service] = append(t[by][service], s.UUID)
	}
	for _, key := range earlier {
		if !t.has(service, key) {
			gone = append(gone, key)
		}
	}
	return gone
}

func (t told) has(service, key string) bool {
	for _, services := range t {
		if slices.Contains(services[service], key) {
			return true
		}
	}
	return false
}

// tellProxied tells other sites what an engine of this one, as their proxy, finds of the members of a GSLB service, and takes back what
// no engine finds any more.
func (c *Controller) tellProxied(l *link, s engine.ServiceState) {
	states := findings(s, func(m *engine.MemberState) bool { return m.Proxy })
	gone := c.proxied.replace(l.engine.Name(), s.UUID, states)
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
