package fakeavi

import (
	"net/http"

	"github.com/gslbsim/gslbsim/fakeavi/api"
	"github.com/gslbsim/gslbsim/fakeavi/federation"
	"github.com/gslbsim/gslbsim/fakeavi/inventory"
	"github.com/gslbsim/gslbsim/fakeavi/schema"
	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// permissionGslb guards what is about the federation as a whole.
const permissionGslb = "PERMISSION_GSLB"

// makeInventory adds runtime and inventory to the REST API. The paths are those of the API's own description; what runtime/internal
// shows beyond runtime/detail is not public, so they are the same here.
func (c *Controller) makeInventory() error {
	c.show("gslb", "GslbRuntime", c.gslbRuntime, "runtime", "runtime/detail", "runtime/internal")
	c.show("gslb", "GslbRuntimeSummary", c.gslbSummary, "summary")
	c.show("gslbservice", "GslbServiceRuntime", c.serviceRuntime, "runtime", "healthstatus")
	c.show("virtualservice", "VsRuntimeSummary", c.vsSummary, "runtime")
	c.show("virtualservice", "VirtualServiceRuntime", c.vsDetail, "runtime/detail", "runtime/internal")
	c.show("pool", "PoolRuntimeSummary", c.poolSummary, "runtime", "runtime/detail", "runtime/internal")
	c.api.Subresource("pool", "runtime/server", c.poolServers)
	for _, typ := range [...]string{"healthmonitor", "jwtprofile", "jwtserverprofile"} {
		c.api.Subresource(typ, "federated_info", c.federatedInfo)
	}
	c.api.Subresource("gslbgeodbprofile", "runtime", c.federatedInfo)
	c.api.Subresource("federationcheckpoint", "pendingobjects", c.pendingObjects)
	c.showDNS()
	c.showSites()
	c.api.Inventory("gslb-inventory", api.Inventory{
		Type: "gslb", Model: "GslbInventory", More: runtimeOnly(c.gslbSummary),
	})
	c.api.Inventory("gslbservice-inventory", api.Inventory{
		Type: "gslbservice", Model: "GslbServiceInventory", More: runtimeOnly(c.serviceRuntime),
	})
	c.api.Inventory("virtualservice-inventory", api.Inventory{
		Type: "virtualservice", Model: "VsInventory", More: c.vsInventory, Config: c.vsInventoryConfig,
	})
	c.api.Inventory("pool-inventory", api.Inventory{Type: "pool", Model: "PoolInventory", More: c.poolInventory})
	c.list("GslbSMRuntime", inventory.Gslb.SiteManager, true, "gslbsm", "gslbsmruntime")
	c.list("GslbHSMRuntime", inventory.Gslb.HealthStatus, false, "gslbhsm", "gslbhsmruntime")
	c.list("GslbCRMRuntime", inventory.Gslb.ConfigReplication, false, "gslbcrm", "gslbcrmruntime")
	return nil
}

// message returns a message of the schema, which has it: the paths that need it are fixed.
func (c *Controller) message(name string) *schema.Message {
	m, ok := c.store.Schema().Message(name)
	if !ok {
		panic("fakeavi: the schema has no message " + name)
	}
	return m
}

// show adds sub-resources of a type that are one message.
func (c *Controller) show(typ, model string, build func(*store.Object) (map[string]any, error), names ...string) {
	m := c.message(model)
	for _, name := range names {
		c.api.Subresource(typ, name, func(_ *http.Request, o *store.Object) (any, error) {
			body, err := build(o)
			return api.Part{Message: m, Body: body}, err
		})
	}
}

// list adds collections with an entry per site; self says whether the controller's own site has one.
func (c *Controller) list(model string, build func(inventory.Gslb, federation.SiteView) map[string]any, self bool, paths ...string) {
	entries := func(*http.Request) ([]map[string]any, error) {
		objects, _ := c.store.List("gslb", store.Query{})
		g, ok := c.gslb(objects)
		var out []map[string]any
		for _, v := range g.View.Sites {
			if ok && (self || !v.Self) {
				out = append(out, build(g, v))
			}
		}
		return out, nil
	}
	for _, path := range paths {
		c.api.List(path, api.Listing{Model: model, Permission: permissionGslb, Entries: entries})
	}
}

func runtimeOnly(build func(*store.Object) (map[string]any, error)) func(*store.Object) (map[string]any, error) {
	return func(o *store.Object) (map[string]any, error) {
		body, err := build(o)
		return map[string]any{"runtime": body}, err
	}
}

// gslb collects what the runtime of the federation is made of; false if the controller is no member of one.
func (c *Controller) gslb(objects []*store.Object) (inventory.Gslb, bool) {
	g := c.node.Gslb()
	if g == nil || len(objects) == 0 {
		return inventory.Gslb{}, false
	}
	return inventory.Gslb{Object: object(objects[0]), Gslb: g, View: c.node.View(), DNS: c.placedDNS(g)}, true
}

func (c *Controller) gslbRuntime(o *store.Object) (map[string]any, error) {
	g, ok := c.gslb([]*store.Object{o})
	if !ok {
		return nil, store.NotFound("Gslb")
	}
	return g.Runtime(), nil
}

func (c *Controller) gslbSummary(o *store.Object) (map[string]any, error) {
	body, err := c.gslbRuntime(o)
	return map[string]any{"info": body}, err
}

// federatedInfo says which sites have a federated object. The product's form is unconfirmed.
func (c *Controller) federatedInfo(_ *http.Request, o *store.Object) (any, error) {
	sites := []any{}
	g := c.node.Gslb()
	for _, copied := range c.node.Copies(o) {
		site := map[string]any{"cluster_uuid": copied.Cluster, "current": copied.Current}
		if g != nil {
			if s, ok := g.Site(copied.Cluster); ok {
				site["site_name"] = s.Name
			}
		}
		if copied.Failed != "" {
			site["reason"] = copied.Failed
		}
		sites = append(sites, site)
	}
	return map[string]any{"uuid": o.UUID, "name": o.Name, "is_federated": o.Federated, "sites": sites}, nil
}

// pendingObjects names what changed since a checkpoint: what a site that follows it does not have. The product's form is unconfirmed.
func (c *Controller) pendingObjects(_ *http.Request, o *store.Object) (any, error) {
	history, ok := c.store.Since(o.Version)
	if !ok {
		return nil, store.Refuse(http.StatusNotFound, "the changes since checkpoint %s are not kept any more", o.Name)
	}
	last := map[string]store.Change{}
	for _, ch := range history {
		if x := ch.Object(); federation.Federated(x) && !federation.Immediate(x) {
			last[x.UUID] = ch
		}
	}
	list := []any{}
	for _, uuid := range sortedKeys(last) {
		x := last[uuid].Object()
		list = append(list, map[string]any{"uuid": uuid, "name": x.Name, "type": x.Type, "operation": last[uuid].Op.String()})
	}
	return counted(list), nil
}
