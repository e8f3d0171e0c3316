package fakeavi

import (
	"github.com/gslbsim/gslbsim/fakeavi/config"
	"github.com/gslbsim/gslbsim/fakeavi/engine"
	"github.com/gslbsim/gslbsim/fakeavi/federation"
	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// changed notes, for every engine, what a change of the store makes out of date.
func (c *Controller) changed(ch store.Change) {
	if !c.powered.Load() {
		return
	}
	c.act(func() {
		switch o := ch.Object(); o.Type {
		case "virtualservice":
			c.touchVS(o.UUID)
			c.touchRecords(o.UUID)
			c.touchReferrers(o.UUID, map[string]bool{o.UUID: true})
		case "gslbservice":
			c.touchService(o.UUID)
		case "gslb":
			c.touchFederation()
		case "systemconfiguration":
			c.touchDNS()
		default:
			c.touchReferrers(o.UUID, map[string]bool{o.UUID: true})
		}
	})
}

// touchReferrers notes the virtual services and GSLB services that depend on an object, directly or not.
func (c *Controller) touchReferrers(uuid string, seen map[string]bool) {
	for _, o := range c.store.ReferredBy(uuid) {
		if seen[o.UUID] {
			continue
		}
		seen[o.UUID] = true
		switch o.Type {
		case "virtualservice":
			c.touchVS(o.UUID)
			c.touchRecords(o.UUID)
			c.touchReferrers(o.UUID, seen)
		case "gslbservice":
			c.touchService(o.UUID)
		case "pool", "poolgroup", "httppolicyset", "vsvip", "applicationprofile", "networkprofile", "dnspolicy", "ipaddrgroup":
			c.touchReferrers(o.UUID, seen)
		}
	}
}

func (c *Controller) touchVS(uuid string) {
	for _, l := range c.links {
		l.backlog.vss[uuid] = struct{}{}
	}
	c.pushSoon()
}

func (c *Controller) touchService(uuid string) {
	for _, l := range c.links {
		l.backlog.services[uuid] = struct{}{}
	}
	c.pushSoon()
}

// touchFederation notes everything that depends on the gslb object.
func (c *Controller) touchFederation() {
	c.touchDNS()
	services, _ := c.store.List("gslbservice", store.Query{})
	for _, o := range services {
		c.touchService(o.UUID)
	}
	c.pushSoon()
}

// touchDNS notes all DNS virtual services.
func (c *Controller) touchDNS() {
	for _, o := range c.dnsObjects() {
		c.touchVS(o.UUID)
	}
}

// tellEngines notes what the control plane reports of a site.
func (c *Controller) tellEngines(s engine.SiteControl) {
	for _, l := range c.links {
		l.backlog.sites = append(l.backlog.sites, s)
		if len(l.backlog.sites) > siteBacklog {
			l.backlog.sites, l.full = nil, true
		}
	}
	c.pushSoon()
}

func (c *Controller) controlChanged(s engine.SiteControl) {
	c.act(func() { c.tellEngines(s) })
}

// pushSoon pushes once the present instant's changes are all made.
func (c *Controller) pushSoon() {
	if c.soon {
		return
	}
	c.soon = true
	c.atEnd("push", func() {
		c.reshard()
		c.soon = false
		for _, l := range c.links {
			c.push(l)
		}
	})
}

// push sends an engine what it lacks, one Update at a time. An engine that does not answer is tried again after the next
// heartbeat that it answers.
func (c *Controller) push(l *link) {
	if l.flying || !l.alive || !l.full && l.backlog.empty() {
		return
	}
	u := c.update(l)
	l.backlog, l.full, l.flying = newBacklog(), false, true
	l.seq = u.Seq
	c.send(l, u, func(reply any, err error) {
		l.flying = false
		ack, ok := reply.(engine.UpdateAck)
		switch {
		case err != nil || !ok:
			// The engine may have applied the Update although its answer is lost: only a full one is safe to follow.
			l.full = true
		case ack.NeedFull:
			l.full = true
			c.push(l)
		default:
			if u.Full {
				c.told(l, ack.States)
			}
			c.push(l)
		}
	})
}

// told takes the states that an engine tells after a full Update.
func (c *Controller) told(l *link, states []engine.VSState) {
	for _, s := range states {
		l.vss[s.UUID] = s
	}
	c.statesChanged(states, nil)
	c.settle(l)
}

// update makes the next Update for an engine.
func (c *Controller) update(l *link) *engine.Update {
	g := c.node.Gslb()
	u := &engine.Update{Session: c.session, Seq: l.seq + 1, Full: l.full}
	hosting := c.hostsGSLB(l, g)
	if l.full {
		c.fill(u, l, g, hosting)
	} else {
		u.Sites = l.backlog.sites
		for _, uuid := range sortedKeys(l.backlog.vss) {
			c.addVS(u, l, g, uuid)
		}
		if hosting != c.hosting[l.engine.Name()] {
			c.eachService(func(uuid string) { l.backlog.services[uuid] = struct{}{} })
		}
		for _, uuid := range sortedKeys(l.backlog.services) {
			c.addService(u, l, g, uuid, hosting)
		}
	}
	c.hosting[l.engine.Name()] = hosting
	return u
}

// fill makes a full Update.
func (c *Controller) fill(u *engine.Update, l *link, g *config.Gslb, hosting bool) {
	virtual, _ := c.store.List("virtualservice", store.Query{})
	for _, o := range virtual {
		c.addVS(u, l, g, o.UUID)
	}
	u.GoneVirtualServices = nil
	u.Sites = c.node.Controls()
	if c.settled() {
		u.Sites = append(u.Sites, c.ownSite())
	}
	if hosting {
		c.eachService(func(uuid string) { c.addService(u, l, g, uuid, true) })
	}
}

func (c *Controller) eachService(fn func(uuid string)) {
	services, _ := c.store.List("gslbservice", store.Query{})
	for _, o := range services {
		fn(o.UUID)
	}
}

// addVS adds a virtual service to an Update, as one that is gone if it is not placed on the engine.
func (c *Controller) addVS(u *engine.Update, l *link, g *config.Gslb, uuid string) {
	o, ok := c.store.Get("virtualservice", uuid)
	if !ok || c.placement(o) != l {
		u.GoneVirtualServices = append(u.GoneVirtualServices, uuid)
		return
	}
	vs := config.ReadVirtualService(object(o), c.find)
	if vs.Kind == engine.KindDNS {
		vs.DNS = config.ReadDNS(object(o), c.find, g, c.cluster)
		vs.DNS.Geo = c.cfg.Geo
		if _, serving := c.systemDNS()[uuid]; serving {
			vs.DNS.Records = append(vs.DNS.Records, c.localRecords()...)
		}
	}
	u.VirtualServices = append(u.VirtualServices, vs)
}

func (c *Controller) addService(u *engine.Update, l *link, g *config.Gslb, uuid string, hosting bool) {
	o, ok := c.store.Get("gslbservice", uuid)
	if !ok || g == nil || !hosting {
		u.GoneServices = append(u.GoneServices, uuid)
		return
	}
	svc, _ := config.ReadService(object(o), g, c.cluster, c.find)
	c.share(svc, l.engine.Name())
	u.Services = append(u.Services, svc)
}

// placement returns the engine of a virtual service: that of its service engine group, of its parent's for a child, or
// else the first.
func (c *Controller) placement(o *store.Object) *link {
	if parent, ok := c.find(text(o, "vh_parent_vs_ref")); ok {
		if p, ok := c.store.Get("virtualservice", parent.UUID); ok {
			o = p
		}
	}
	if group, ok := c.find(text(o, "se_group_ref")); ok {
		if l := c.linkNamed(group.Name); l != nil {
			return l
		}
	}
	return c.links[0]
}

// hostsGSLB reports whether an engine has a DNS virtual service that GSLB services are placed on.
func (c *Controller) hostsGSLB(l *link, g *config.Gslb) bool {
	if g == nil {
		return false
	}
	self, ok := g.Site(c.cluster)
	if !ok || !self.Active || !self.Enabled {
		return false
	}
	for _, p := range self.Placements {
		if o, ok := c.store.Get("virtualservice", p.DNS); ok && c.placement(o) == l {
			return true
		}
	}
	return false
}

// dnsObjects returns the virtual services with a DNS application profile.
func (c *Controller) dnsObjects() []*store.Object {
	var out []*store.Object
	profiles, _ := c.store.List("applicationprofile", store.Query{})
	for _, p := range profiles {
		if text(p, "type") != "APPLICATION_PROFILE_TYPE_DNS" {
			continue
		}
		for _, o := range c.store.ReferredBy(p.UUID) {
			if o.Type == "virtualservice" {
				out = append(out, o)
			}
		}
	}
	return out
}

// dnsServices names them for other sites.
func (c *Controller) dnsServices() []federation.NamedUUID {
	var out []federation.NamedUUID
	for _, o := range c.dnsObjects() {
		out = append(out, federation.NamedUUID{UUID: o.UUID, Name: o.Name})
	}
	return out
}

// find is the config.Lookup of the store.
func (c *Controller) find(ref string) (config.Object, bool) {
	t, ok := store.ParseTarget(ref)
	if !ok {
		return config.Object{}, false
	}
	o, ok := c.store.Get(t.Type, t.UUID)
	if !ok {
		return config.Object{}, false
	}
	return object(o), true
}

func object(o *store.Object) config.Object {
	return config.Object{UUID: o.UUID, Name: o.Name, Tenant: o.Tenant, Revision: o.Modified, Body: o.Body()}
}

func text(o *store.Object, key string) string {
	s, _ := o.Body()[key].(string)
	return s
}
