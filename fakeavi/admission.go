package fakeavi

import (
	"net/http"

	"github.com/gslbsim/gslbsim/fakeavi/config"
	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// refuse makes a 400 from a format.
func refuse(format string, args ...any) error {
	return store.Refuse(http.StatusBadRequest, format, args...)
}

// admitHealthMonitor refuses a timeout that does not fit its interval.
func (c *Controller) admitHealthMonitor(_ store.Op, _, now *store.Object) error {
	if now == nil || now.Type != "healthmonitor" {
		return nil
	}
	interval, timeout := number(now.Body(), "send_interval"), number(now.Body(), "receive_timeout")
	if timeout >= interval {
		return refuse("HealthMonitor %s: receive_timeout %d must be less than send_interval %d", now.Name, timeout, interval)
	}
	return checkDNSMonitor(now)
}

// admitGslb refuses a federation that makes no sense.
func (c *Controller) admitGslb(op store.Op, old, now *store.Object) error {
	if now == nil || now.Type != "gslb" {
		return nil
	}
	g := config.ReadGslb(now.Body())
	self, ok := g.Site(c.cluster)
	switch {
	case op == store.Created && c.store.Len("gslb") > 0:
		return refuse("Gslb: this controller belongs to a GSLB federation already")
	case g.Leader == c.cluster && (!ok || !self.Active || !self.Enabled):
		return refuse("Gslb %s: the leader must be an enabled active site", now.Name)
	case op == store.Created && g.Leader != c.cluster:
		return refuse("Gslb %s: leader_cluster_uuid %s is not this cluster", now.Name, g.Leader)
	case old != nil && old.Body()["tenant_scoped"] != now.Body()["tenant_scoped"]:
		return refuse("Gslb %s: tenant_scoped cannot be changed", now.Name)
	}
	checks := []func() error{
		func() error { return uniqueSites(&g) },
		func() error { return c.checkSites(now.Name, &g) },
		func() error { return c.checkSubdomains(now.Name, &g) },
	}
	for _, check := range checks {
		if err := check(); err != nil {
			return err
		}
	}
	if id := g.LeaderChange.Candidate; id != "" {
		if s, ok := g.Site(id); !ok || !s.Active || !s.Enabled || id == g.Leader {
			return refuse("Gslb %s: leader candidate %s is not an enabled active follower", now.Name, id)
		}
	}
	return nil
}

func uniqueSites(g *config.Gslb) error {
	names, clusters := map[string]bool{}, map[string]bool{}
	see := func(name, cluster string) error {
		if names[name] || clusters[cluster] {
			return refuse("Gslb: site %s (%s) is listed twice", name, cluster)
		}
		names[name], clusters[cluster] = true, true
		return nil
	}
	for _, s := range g.Sites {
		if err := see(s.Name, s.Cluster); err != nil {
			return err
		}
		if len(s.Addrs) == 0 {
			return refuse("Gslb: site %s has no IP address", s.Name)
		}
	}
	for _, s := range g.Third {
		if err := see(s.Name, s.Cluster); err != nil {
			return err
		}
	}
	return nil
}

// admitService refuses a GSLB service that breaks a rule which its schema cannot state.
func (c *Controller) admitService(_ store.Op, _, now *store.Object) error {
	if now == nil || now.Type != "gslbservice" {
		return nil
	}
	if g := c.node.Gslb(); g != nil {
		for _, d := range domains(now) {
			if !g.InDomains(d) {
				return refuse("GslbService %s: domain name %s does not belong to a GSLB subdomain", now.Name, d)
			}
		}
	}
	checks := []func(*store.Object) error{
		c.checkMonitors, checkGroups, checkMembers, checkDownResponse, c.checkPersistence, c.checkPersistentMembers,
	}
	for _, check := range checks {
		if err := check(now); err != nil {
			return err
		}
	}
	if name, owner, ok := c.names.claim(now); !ok {
		return store.DomainConflict(name+" of "+c.store.NameOf(owner), now.Name)
	}
	return nil
}

// portTypes are the monitors that need a port where they are used for GSLB.
var portTypes = map[string]bool{
	"HEALTH_MONITOR_HTTP": true, "HEALTH_MONITOR_HTTPS": true, "HEALTH_MONITOR_TCP": true, "HEALTH_MONITOR_UDP": true,
	"HEALTH_MONITOR_EXTERNAL": true,
}

func (c *Controller) checkMonitors(o *store.Object) error {
	for _, t := range o.Targets() {
		m, ok := c.store.Get(t.Type, t.UUID)
		if ok && t.Type == "healthmonitor" && portTypes[text(m, "type")] && number(m.Body(), "monitor_port") == 0 {
			return refuse("GslbService %s: health monitor %s needs a monitor_port for GSLB", o.Name, m.Name)
		}
	}
	return nil
}

// checkGroups refuses algorithms without what they need. That the controller asks for a mask with consistent hash, and
// for a fallback with geo, is unconfirmed.
func checkGroups(o *store.Object) error {
	names := map[string]bool{}
	for _, e := range list(o.Body(), "groups") {
		g, _ := e.(map[string]any)
		name, _ := g["name"].(string)
		if names[name] {
			return refuse("GslbService %s: two pools are named %s", o.Name, name)
		}
		names[name] = true
		if len(list(g, "members")) == 0 {
			return refuse("GslbService %s: pool %s has no members", o.Name, name)
		}
		fallback, _ := g["fallback_algorithm"].(string)
		if g["algorithm"] == "GSLB_ALGORITHM_GEO" && fallback == "" {
			return refuse("GslbService %s: pool %s needs a fallback_algorithm", o.Name, name)
		}
		hashes := g["algorithm"] == "GSLB_ALGORITHM_CONSISTENT_HASH" || fallback == "GSLB_ALGORITHM_CONSISTENT_HASH"
		if hashes && number(g, "consistent_hash_mask") == 0 && number(g, "consistent_hash_mask6") == 0 {
			return refuse("GslbService %s: pool %s needs a consistent_hash_mask", o.Name, name)
		}
	}
	return nil
}

// checkPersistence refuses site persistence without a profile for it.
func (c *Controller) checkPersistence(o *store.Object) error {
	if o.Body()["site_persistence_enabled"] != true {
		return nil
	}
	t, ok := target(o.Body(), "application_persistence_profile_ref")
	if !ok {
		return refuse("GslbService %s: site persistence needs an application_persistence_profile_ref", o.Name)
	}
	p, ok := c.store.Get(t.Type, t.UUID)
	if ok && text(p, "persistence_type") != "PERSISTENCE_TYPE_GSLB_SITE" {
		return refuse("GslbService %s: persistence profile %s is not of type PERSISTENCE_TYPE_GSLB_SITE", o.Name, p.Name)
	}
	return nil
}

func list(body map[string]any, key string) []any { l, _ := body[key].([]any); return l }

func number(body map[string]any, key string) int64 { n, _ := body[key].(int64); return n }
