package fakeavi

import (
	"net/http"

	"github.com/gslbsim/gslbsim/fakeavi/api"
	"github.com/gslbsim/gslbsim/fakeavi/config"
	"github.com/gslbsim/gslbsim/fakeavi/engine"
	"github.com/gslbsim/gslbsim/fakeavi/inventory"
	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// virtualService collects what the runtime of a virtual service is made of.
func (c *Controller) virtualService(o *store.Object) inventory.VirtualService {
	l := c.placement(o)
	v := inventory.VirtualService{
		Object: object(o), DNS: config.ReadVirtualService(object(o), c.find).Kind == engine.KindDNS, VIPs: c.vipsOf(o),
		Engine: seName(l.engine.Name()), Address: l.engine.Addr(),
	}
	if se, ok := c.store.Lookup("serviceengine", store.AdminTenant, v.Engine); ok {
		v.EngineUUID = se.UUID
	}
	for _, x := range c.store.ReferredBy(o.UUID) {
		if x.Type == "virtualservice" {
			v.Children = append(v.Children, x.UUID)
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	v.Alive = l.alive
	if s, ok := c.states[o.UUID]; ok {
		v.State = &s
	}
	return v
}

// vipsOf returns the vip messages of a virtual service's vsvip, its parent's for a child.
func (c *Controller) vipsOf(o *store.Object) []map[string]any {
	if parent, ok := target(o.Body(), "vh_parent_vs_ref"); ok {
		if p, ok := c.store.Get("virtualservice", parent.UUID); ok {
			o = p
		}
	}
	t, ok := target(o.Body(), "vsvip_ref")
	if !ok {
		return nil
	}
	v, ok := c.store.Get("vsvip", t.UUID)
	if !ok {
		return nil
	}
	var out []map[string]any
	for _, e := range list(v.Body(), "vip") {
		if vip, ok := e.(map[string]any); ok {
			out = append(out, vip)
		}
	}
	return out
}

func (c *Controller) vsSummary(o *store.Object) (map[string]any, error) {
	return c.virtualService(o).Summary(), nil
}

func (c *Controller) vsDetail(o *store.Object) (map[string]any, error) {
	return c.virtualService(o).Detail(), nil
}

// vsInventory builds an entry of the virtual services' inventory. There is no traffic to score, so health is all or nothing.
func (c *Controller) vsInventory(o *store.Object) (map[string]any, error) {
	v := c.virtualService(o)
	out := map[string]any{"runtime": v.Summary()}
	if profile, ok := target(o.Body(), "application_profile_ref"); ok {
		if p, ok := c.store.Get(profile.Type, profile.UUID); ok {
			out["app_profile_type"] = text(p, "type")
		}
	}
	for _, t := range o.Targets() {
		entry := []any{map[string]any{"ref": t.Path()}}
		switch t.Type {
		case "pool":
			out["pools"] = append(list(out, "pools"), entry...)
		case "poolgroup":
			out["poolgroups"] = append(list(out, "poolgroups"), entry...)
		}
	}
	out["health_score"] = score(v.State != nil && v.Alive && v.State.Status.Up())
	return out, nil
}

func (c *Controller) vsInventoryConfig(o *store.Object) map[string]any {
	var vips []any
	for _, v := range c.vipsOf(o) {
		vips = append(vips, v)
	}
	if vips == nil {
		return nil
	}
	return map[string]any{"vip": vips}
}

// score builds a HealthScoreSummary.
func score(up bool) map[string]any {
	if up {
		return map[string]any{"health_score": 100.0}
	}
	return map[string]any{"health_score": 0.0}
}

// pool collects what the runtime of a pool is made of.
func (c *Controller) pool(o *store.Object) inventory.Pool {
	p := inventory.Pool{Object: object(o)}
	seen := map[string]bool{}
	c.usersOf(o.UUID, seen, func(vs *store.Object) {
		if s, ok := c.VirtualService(vs.UUID); ok {
			p.UsedBy = append(p.UsedBy, s)
		}
	})
	return p
}

// usersOf calls fn with the virtual services that refer to an object, directly or by pool groups and policies.
func (c *Controller) usersOf(uuid string, seen map[string]bool, fn func(*store.Object)) {
	for _, o := range c.store.ReferredBy(uuid) {
		if seen[o.UUID] {
			continue
		}
		seen[o.UUID] = true
		switch o.Type {
		case "virtualservice":
			fn(o)
		case "poolgroup", "httppolicyset":
			c.usersOf(o.UUID, seen, fn)
		}
	}
}

func (c *Controller) poolSummary(o *store.Object) (map[string]any, error) {
	return c.pool(o).Summary(), nil
}

// poolInventory builds an entry of the pools' inventory.
func (c *Controller) poolInventory(o *store.Object) (map[string]any, error) {
	p := c.pool(o)
	out := map[string]any{"runtime": p.Summary(), "health_score": score(p.Status().Up())}
	var users []any
	c.usersOf(o.UUID, map[string]bool{}, func(vs *store.Object) {
		users = append(users, map[string]any{"ref": store.Target{Type: vs.Type, UUID: vs.UUID}.Path()})
	})
	if users != nil {
		out["virtualservices"] = users
	}
	return out, nil
}

// poolServers answers runtime/server: a list of the servers.
func (c *Controller) poolServers(_ *http.Request, o *store.Object) (any, error) {
	m := c.message("ServerRuntimeSummary")
	parts := []api.Part{}
	for _, s := range c.pool(o).Servers() {
		parts = append(parts, api.Part{Message: m, Body: s})
	}
	return parts, nil
}
