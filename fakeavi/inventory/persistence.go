package inventory

import (
	"time"

	"github.com/gslbsim/gslbsim/fakeavi/health"
)

// sitePersistence adds to the runtime of a service what its site persistence is made of: for every member the pool by which its virtual
// service reaches those of the other sites, and a status of them all. UNCONFIRMED: that a pool counts members as this site finds
// them, and that the whole is up while every pool has a server that is.
func (s Service) sitePersistence(runtime Body) {
	if s.Object.Body["site_persistence_enabled"] != true {
		return
	}
	var members []Body
	for _, g := range items(runtime, "groups") {
		members = append(members, items(g, "members")...)
	}
	total := health.Status{State: health.StateUp}
	for _, m := range members {
		servers, up := elsewhere(members, m)
		if up == 0 {
			total = health.Status{State: health.StateDown, Reason: "a site persistence pool has no server that is up"}
		}
		m["sp_pools"] = []any{Body{"name": s.persistencePool(m), "num_servers": servers, "num_servers_up": up}}
	}
	if s.State == nil {
		total = unhosted(s.Object.Body)
	}
	runtime["sp_oper_status"] = OperationalStatus(total, time.Time{})
}

// elsewhere counts the virtual services of other sites than a member's, and those of them that are up.
func elsewhere(members []Body, of Body) (servers, up int64) {
	seen := map[string]bool{}
	for _, m := range members {
		vs := text(m, "vs_uuid")
		if m["cluster_uuid"] == of["cluster_uuid"] || seen[vs] {
			continue
		}
		seen[vs] = true
		servers++
		if status, _ := m["oper_status"].(Body); status["state"] == string(health.StateUp) {
			up++
		}
	}
	return servers, up
}

// persistencePool is the name of the pool that a member's virtual service has for the others.
func (s Service) persistencePool(m Body) string {
	vs := text(m, "vs_name")
	if vs == "" {
		vs = text(m, "vs_uuid")
	}
	return "SP-" + s.Object.Name + "-" + vs
}
