package fakeavi

import (
	"net/http"
	"strings"

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
	if now == nil && old.Type == "gslb" {
		return c.admitEnd()
	}
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
	return checkCandidate(old, now, &g)
}

// checkCandidate refuses a leader candidate that could not take over. One that has done so stays what it is, until another one is named:
// that the product leaves it in place is unconfirmed.
func checkCandidate(old, now *store.Object, g *config.Gslb) error {
	id := g.LeaderChange.Candidate
	if id == "" {
		return nil
	}
	s, ok := g.Site(id)
	leads := id == g.Leader && (old == nil || config.ReadGslb(old.Body()).LeaderChange.Candidate != id)
	if !ok || !s.Active || !s.Enabled || leads {
		return refuse("Gslb %s: leader candidate %s is not an enabled active follower", now.Name, id)
	}
	return nil
}

// admitEnd refuses to delete the federation while it has GSLB services. That the controller does is unconfirmed, but none of them would
// belong to a subdomain any more.
func (c *Controller) admitEnd() error {
	services, _ := c.store.List("gslbservice", store.Query{Limit: referrersMax})
	if len(services) == 0 {
		return nil
	}
	var names []string
	for _, o := range services {
		names = append(names, "GslbService "+o.Name)
	}
	return store.Referred(names)
}

// referrersMax bounds how many objects a refusal names.
const referrersMax = 10

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
	checks := []func(*store.Object) error{
		c.checkDomains, c.checkMonitors, checkGroups, checkMembers, checkDownResponse, c.checkPersistence, c.checkPersistentMembers,
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

// checkDomains refuses a service without a name, and names that no DNS virtual service could be asked for. That the list is required is
// what its minimum length means: what the product stores does not tell an empty list from a missing one. That a controller without a GSLB refuses all
// services, for it has no subdomain that they could belong to, is unconfirmed.
func (c *Controller) checkDomains(o *store.Object) error {
	names := domains(o)
	if len(names) == 0 {
		return refuse("GslbService %s: domain_names needs at least 1 item", o.Name)
	}
	g := c.node.Gslb()
	if g == nil {
		return refuse("GslbService %s: GSLB is not configured on this controller", o.Name)
	}
	for _, d := range names {
		switch {
		case !isDomainName(d):
			return refuse("GslbService %s: %q is not a domain name", o.Name, d)
		case !g.InDomains(d):
			return refuse("GslbService %s: domain name %s does not belong to a GSLB subdomain", o.Name, d)
		}
	}
	return nil
}

// isDomainName reports whether a text is a domain name, with or without a dot at its end (RFC 1035, section 2.3.4); underscores are taken
// (RFC 2181, section 11), and an asterisk.
func isDomainName(text string) bool {
	text = strings.TrimSuffix(text, ".")
	if text == "" || len(text) > 253 {
		return false
	}
	for _, label := range strings.Split(text, ".") {
		if label == "" || len(label) > 63 || strings.Trim(label, labelBytes) != "" || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
	}
	return true
}

const labelBytes = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_*"

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
	groups := list(o.Body(), "groups")
	if len(groups) == 0 {
		return refuse("GslbService %s: groups needs at least 1 item", o.Name)
	}
	for _, e := range groups {
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
