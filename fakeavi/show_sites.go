package fakeavi

import (
	"net/http"
	"slices"

	"github.com/gslbsim/gslbsim/fakeavi/federation"
	"github.com/gslbsim/gslbsim/fakeavi/inventory"
	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// showSites adds what a gslb object shows of other sites.
func (c *Controller) showSites() {
	c.api.Subresource("gslb", "remote_site_watcher/summary", c.eachSite(inventory.Gslb.RemoteSite, func(v federation.SiteView) bool { return !v.Self }))
	c.api.Subresource("gslb", "remote_site_watcher/events", c.siteEvents)
	c.api.Subresource("gslb", "adaptrepl/window", c.eachSite(inventory.Gslb.ReplicationWindow, func(v federation.SiteView) bool {
		return v.Active && !v.Self && c.node.View().Role == federation.RoleLeader
	}))
}

// eachSite makes a sub-resource with an entry per site that is chosen.
func (c *Controller) eachSite(
	build func(inventory.Gslb, federation.SiteView) map[string]any, chosen func(federation.SiteView) bool,
) func(*http.Request, *store.Object) (any, error) {
	return func(_ *http.Request, o *store.Object) (any, error) {
		g, ok := c.gslb([]*store.Object{o})
		if !ok {
			return nil, store.NotFound("Gslb")
		}
		list := []any{}
		for _, v := range g.View.Sites {
			if chosen(v) {
				list = append(list, build(g, v))
			}
		}
		return counted(list), nil
	}
}

// siteEventsMax bounds the events that remote_site_watcher/events lists.
const siteEventsMax = 200

// siteEvents lists the events about other sites, latest first.
func (c *Controller) siteEvents(*http.Request, *store.Object) (any, error) {
	list := []any{}
	for _, e := range slices.Backward(c.events.Events()) {
		if e.Module == "GSLB_REMOTE" && len(list) < siteEventsMax {
			list = append(list, e.Record())
		}
	}
	return counted(list), nil
}

func counted(list []any) map[string]any { return map[string]any{"count": len(list), "results": list} }
