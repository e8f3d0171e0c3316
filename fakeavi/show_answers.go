package fakeavi

import (
	"github.com/gslbsim/gslbsim/fakeavi/engine"
	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// answerCounts lists how often a DNS virtual service has answered with each member of the GSLB services on it. The form is unconfirmed.
func (c *Controller) answerCounts(e *engine.Engine, uuid string) any {
	list := []any{}
	for _, t := range e.Tallies(uuid) {
		o, ok := c.store.Get("gslbservice", t.Service)
		if !ok {
			continue
		}
		groups := []any{}
		for _, p := range t.Pools {
			groups = append(groups, groupCounts(p, groupNamed(o, p.Name)))
		}
		list = append(list, map[string]any{
			"gslbservice_uuid": o.UUID, "gslbservice": o.Name, "pool_algorithm": text(o, "pool_algorithm"),
			"queries": t.Queries, "down_responses": t.Down, "groups": groups,
		})
	}
	return counted(list)
}

func groupCounts(p engine.PoolTally, group map[string]any) map[string]any {
	members := []any{}
	for _, m := range p.Members {
		entry := map[string]any{"answers": m.Answers}
		if m.Addr.IsValid() {
			entry["ip"] = m.Addr.String()
		}
		if m.FQDN != "" {
			entry["fqdn"] = m.FQDN
		}
		members = append(members, entry)
	}
	out := map[string]any{"name": p.Name, "fallbacks": p.Fallback, "members": members}
	for _, key := range [...]string{"algorithm", "fallback_algorithm", "priority"} {
		if v, ok := group[key]; ok {
			out[key] = v
		}
	}
	return out
}

func groupNamed(o *store.Object, name string) map[string]any {
	for _, e := range list(o.Body(), "groups") {
		if g, _ := e.(map[string]any); g["name"] == name {
			return g
		}
	}
	return nil
}

// locations lists where the members of the GSLB services on a DNS virtual service are. The form is unconfirmed.
func locations(e *engine.Engine, uuid string) any {
	list := []any{}
	for _, p := range e.Placings(uuid) {
		entry := map[string]any{"gslbservice_uuid": p.Service, "group": p.Pool}
		if p.Addr.IsValid() {
			entry["ip"] = p.Addr.String()
		}
		if p.FQDN != "" {
			entry["fqdn"] = p.FQDN
		}
		if p.At != nil {
			source := "GSLB_LOCATION_SRC_USER_CONFIGURED"
			if p.FromGeoDB {
				source = "GSLB_LOCATION_SRC_FROM_GEODB"
			}
			entry["location"] = map[string]any{"source": source, "location": p.At}
		}
		list = append(list, entry)
	}
	return counted(list)
}
