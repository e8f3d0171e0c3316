package fakeavi

import (
	"strings"

	"github.com/gslbsim/gslbsim/fakeavi/config"
	"github.com/gslbsim/gslbsim/fakeavi/federation"
	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// Rules across fields and objects that the schema cannot state. Which of them the controller checks when an object is written, rather
// than acting upon what makes sense of it, is documented for some only; each function says where it is unconfirmed.

// admitFederated refuses references from federated objects to ones that are not, and to change what an object is. That the scope of an
// object cannot change is unconfirmed: what was replicated would be left behind.
func (c *Controller) admitFederated(_ store.Op, old, now *store.Object) error {
	if now == nil || !replicable(now.Type) {
		return nil
	}
	if old != nil && old.Federated != now.Federated {
		return refuse("%s %s: is_federated cannot be changed", c.model(now), now.Name)
	}
	if !now.Federated {
		return nil
	}
	for _, t := range now.Targets() {
		target, ok := c.store.Get(t.Type, t.UUID)
		if !ok || !replicable(t.Type) || target.Federated {
			continue
		}
		if _, stated := target.Body()["is_federated"]; stated {
			return refuse("%s %s: %s %s is not federated", c.model(now), now.Name, t.Type, target.Name)
		}
	}
	return nil
}

func replicable(typ string) bool {
	for _, t := range federation.Types {
		if t == typ {
			return true
		}
	}
	return false
}

func (c *Controller) model(o *store.Object) string {
	if t, ok := c.store.Schema().Type(o.Type); ok {
		return t.Model
	}
	return o.Type
}

// checkDownResponse refuses a down response without what it answers.
func checkDownResponse(o *store.Object) error {
	down, _ := o.Body()["down_response"].(map[string]any)
	switch down["type"] {
	case "GSLB_SERVICE_DOWN_RESPONSE_FALLBACK_IP":
		for _, key := range [...]string{"fallback_ip", "fallback_ip6", "public_fallback_ip", "public_fallback_ip6"} {
			if down[key] != nil {
				return nil
			}
		}
		return refuse("GslbService %s: down response FALLBACK_IP needs a fallback_ip", o.Name)
	case "GSLB_SERVICE_DOWN_RESPONSE_CNAME":
		if name, _ := down["fallback_cname"].(string); name == "" {
			return refuse("GslbService %s: down response CNAME needs a fallback_cname", o.Name)
		}
	}
	return nil
}

// checkMembers refuses members that there is nothing to answer of. That a member of a service of SRV records needs its data and a name
// is unconfirmed.
func checkMembers(o *store.Object) error {
	srv := o.Body()["record_type"] == "GSLB_SERVICE_RECORD_TYPE_SRV"
	for _, g := range list(o.Body(), "groups") {
		group, _ := g.(map[string]any)
		for _, e := range list(group, "members") {
			m, _ := e.(map[string]any)
			name, _ := m["fqdn"].(string)
			switch {
			case m["ip"] == nil && name == "":
				return refuse("GslbService %s: a member of pool %v has neither ip nor fqdn", o.Name, group["name"])
			case srv && (m["srv_rdata"] == nil || name == ""):
				return refuse("GslbService %s: a member of pool %v needs fqdn and srv_rdata for SRV records", o.Name, group["name"])
			}
		}
	}
	return nil
}

// checkPersistentMembers refuses members that site persistence cannot pin clients to: it needs virtual services of active sites, one of
// each site.
func (c *Controller) checkPersistentMembers(o *store.Object) error {
	g := c.node.Gslb()
	if o.Body()["site_persistence_enabled"] != true || g == nil {
		return nil
	}
	seen := map[string]string{}
	for _, e := range list(o.Body(), "groups") {
		group, _ := e.(map[string]any)
		for _, e := range list(group, "members") {
			m, _ := e.(map[string]any)
			cluster, _ := m["cluster_uuid"].(string)
			vs, _ := m["vs_uuid"].(string)
			site, ok := g.Site(cluster)
			switch {
			case vs == "" || !ok || !site.Active:
				return refuse("GslbService %s: site persistence needs members that are virtual services of active sites", o.Name)
			case seen[cluster] != "" && seen[cluster] != vs:
				return refuse("GslbService %s: site persistence takes one virtual service of site %s", o.Name, site.Name)
			}
			seen[cluster] = vs
		}
	}
	return nil
}

// checkSites refuses settings of sites that contradict their role. That a passive site has no DNS virtual services is documented, that
// it is refused is unconfirmed.
func (c *Controller) checkSites(name string, g *config.Gslb) error {
	for _, s := range g.Sites {
		switch {
		case s.Suspended && s.Cluster == g.Leader:
			return refuse("Gslb %s: the leader %s cannot be in suspend mode", name, s.Name)
		case !s.Active && len(s.Placements) > 0:
			return refuse("Gslb %s: passive site %s cannot have DNS virtual services", name, s.Name)
		}
		if id := s.Replication.Checkpoint; id != "" {
			if _, ok := c.store.Get("federationcheckpoint", id); !ok {
				return refuse("Gslb %s: checkpoint %s of site %s does not exist", name, id, s.Name)
			}
		}
	}
	return nil
}

// checkSubdomains refuses subdomains that are no domain names or listed twice, and to take one away from GSLB services that have names in
// it; that the controller does is unconfirmed.
func (c *Controller) checkSubdomains(name string, g *config.Gslb) error {
	seen := map[string]bool{}
	for _, d := range g.Domains {
		switch {
		case !isDomainName(d):
			return refuse("Gslb %s: dns_configs: %q is not a domain name", name, d)
		case seen[canonical(d)]:
			return refuse("Gslb %s: dns_configs: %s is listed twice", name, d)
		}
		seen[canonical(d)] = true
	}
	for _, fqdn := range c.names.all() {
		if !g.InDomains(fqdn) {
			return refuse("Gslb %s: domain name %s of a GSLB service does not belong to any subdomain", name, fqdn)
		}
	}
	return nil
}

// admitCheckpoint refuses to delete a checkpoint that sites are held at. That the controller does is unconfirmed; without it no write of the
// gslb object would be accepted until the sites have another one.
func (c *Controller) admitCheckpoint(_ store.Op, old, now *store.Object) error {
	g := c.node.Gslb()
	if now != nil || old.Type != "federationcheckpoint" || g == nil {
		return nil
	}
	for _, s := range g.Sites {
		if s.Replication.Checkpoint == old.UUID {
			return store.Referred([]string{"GslbSite " + s.Name})
		}
	}
	return nil
}

// admitVirtualService refuses two sources of names: the schema takes one of fqdn and dns_info.
func (c *Controller) admitVirtualService(_ store.Op, _, now *store.Object) error {
	if now != nil && now.Type == "virtualservice" && text(now, "fqdn") != "" && len(list(now.Body(), "dns_info")) > 0 {
		return refuse("VirtualService %s: only one of fqdn and dns_info can be set", now.Name)
	}
	return nil
}

// admitGeoDB refuses a profile without entries, and entries of equal priority.
func (c *Controller) admitGeoDB(_ store.Op, _, now *store.Object) error {
	if now == nil || now.Type != "gslbgeodbprofile" {
		return nil
	}
	entries := list(now.Body(), "entries")
	if len(entries) == 0 {
		return refuse("GslbGeoDbProfile %s: entries needs at least 1 item", now.Name)
	}
	seen := map[int64]bool{}
	for _, e := range entries {
		entry, _ := e.(map[string]any)
		p := number(entry, "priority")
		if seen[p] {
			return refuse("GslbGeoDbProfile %s: two entries have priority %d", now.Name, p)
		}
		seen[p] = true
	}
	return nil
}

// checkDNSMonitor refuses a DNS monitor that asks for nothing.
func checkDNSMonitor(o *store.Object) error {
	if text(o, "type") != "HEALTH_MONITOR_DNS" {
		return nil
	}
	part, _ := o.Body()["dns_monitor"].(map[string]any)
	if name, _ := part["query_name"].(string); strings.TrimSpace(name) == "" {
		return refuse("HealthMonitor %s: a DNS monitor needs a query_name", o.Name)
	}
	return nil
}
