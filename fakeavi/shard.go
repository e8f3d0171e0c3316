package fakeavi

import (
	"hash/fnv"
	"net/netip"
	"slices"

	"github.com/gslbsim/gslbsim/fakeavi/engine"
)

// With hm_shard_enabled the engines of a site that host GSLB services share the checks of members: each member is checked by one of
// them, and the controller tells the others what it finds. The documentation says no more than that; which engine checks which
// member, and that an engine takes the checks over once its controller holds another one for gone, is unconfirmed.

// shards are the checks that engines of the site make for one another.
type shards struct {
	engines []string // names of those that share at present, sorted; nil: each checks everything
	// found is what they find, by engine.ProxyKey, and told who found it.
	found map[string]engine.VSState
	told  told
}

func newShards() shards {
	return shards{found: map[string]engine.VSState{}, told: told{}}
}

// sharers returns the engines that are to share checks: those that answer and host GSLB services, if there are several.
func (c *Controller) sharers() []string {
	g := c.node.Gslb()
	if g == nil {
		return nil
	}
	if self, ok := g.Site(c.cluster); !ok || !self.Sharded {
		return nil
	}
	var names []string
	for _, l := range c.links {
		if l.alive && c.hostsGSLB(l, g) {
			names = append(names, l.engine.Name())
		}
	}
	if len(names) < 2 {
		return nil
	}
	slices.Sort(names)
	return names
}

// reshard gives out the checks anew if other engines share them than before. It comes before every round of pushes; an engine that
// comes or goes starts one, for its virtual services come and go with it.
func (c *Controller) reshard() {
	now := c.sharers()
	if slices.Equal(now, c.shards.engines) {
		return
	}
	if now == nil {
		c.shards = newShards()
	}
	c.shards.engines = now
	c.eachService(c.touchService)
}

// share leaves to an engine the checks of a GSLB service that are its own.
func (c *Controller) share(svc *engine.Service, name string) {
	if !slices.Contains(c.shards.engines, name) {
		return
	}
	for i := range svc.Pools {
		for j := range svc.Pools[i].Members {
			m := &svc.Pools[i].Members[j]
			if len(m.Monitors) == 0 {
				continue
			}
			if owner(c.shards.engines, engine.ProxyKey(svc.DNS.UUID, svc.DNS.Pools[i].Members[j].Addr)) == name {
				m.Shared = true
				continue
			}
			m.Proxy, m.Proxies = false, []string{c.cluster}
			m.Monitors, m.Standby = nil, m.Monitors
		}
	}
}

// owner returns the engine that has the highest hash together with a key: when engines come and go, the checks of the others stay.
func owner(engines []string, key string) string {
	best, most := "", uint64(0)
	for _, name := range engines {
		h := fnv.New64a()
		h.Write([]byte(name + "\x00" + key))
		// FNV's low bits barely depend on what comes first; a round of mixing makes them.
		n := h.Sum64()
		n = (n ^ n>>32) * 0x9e3779b97f4a7c15
		if n ^= n >> 29; best == "" || n > most {
			best, most = name, n
		}
	}
	return best
}

// tellShared tells the other engines of the site what one finds of the members of a GSLB service that it checks for all.
func (c *Controller) tellShared(l *link, s engine.ServiceState) {
	states := findings(s, func(m *engine.MemberState) bool { return m.Shared })
	for _, state := range states {
		c.shards.found[state.UUID] = state
	}
	gone := c.shards.told.replace(l.engine.Name(), s.UUID, states)
	for _, key := range gone {
		delete(c.shards.found, key)
	}
	if len(states)+len(gone) > 0 && c.settled() {
		c.tellEngines(engine.SiteControl{Cluster: c.cluster, Reachable: true, Known: true, States: states, Gone: gone})
	}
}

// withShared returns the state of a GSLB service as one engine told it, with what others find of the members that they check for it.
func (c *Controller) withShared(s engine.ServiceState) engine.ServiceState {
	if c.shards.engines == nil {
		return s
	}
	s.Pools = slices.Clone(s.Pools)
	for i := range s.Pools {
		members := slices.Clone(s.Pools[i].Members)
		for j := range members {
			if by, ok := c.sharer(s.UUID, i, j, members[j].Addr); ok {
				members[j].Monitors, members[j].DataPlane = by.Monitors, by.DataPlane
			}
		}
		s.Pools[i].Members = members
	}
	return s
}

// sharer returns the state of a member at the engine that checks it for all.
func (c *Controller) sharer(service string, pool, index int, addr netip.Addr) (engine.MemberState, bool) {
	for _, l := range c.links {
		s, ok := l.services[service]
		if !ok || pool >= len(s.Pools) || index >= len(s.Pools[pool].Members) {
			continue
		}
		if m := s.Pools[pool].Members[index]; m.Shared && m.Addr == addr {
			return m, true
		}
	}
	return engine.MemberState{}, false
}
