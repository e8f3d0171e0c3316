package fakeavi

import (
	"fmt"
	"time"

	"github.com/gslbsim/gslbsim/fakeavi/analytics"
	"github.com/gslbsim/gslbsim/fakeavi/api"
	"github.com/gslbsim/gslbsim/fakeavi/engine"
	"github.com/gslbsim/gslbsim/fakeavi/federation"
	"github.com/gslbsim/gslbsim/fakeavi/health"
	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// eventsMax bounds the events that a controller keeps; the oldest give way.
const eventsMax = 10_000

// happened adds an event to the log, and raises the alerts that are configured for it.
func (c *Controller) happened(e analytics.Event) {
	e.At = time.Now()
	if e.Tenant == "" {
		e.Tenant = store.AdminTenant
	}
	c.events.Add(e)
	c.alerts.Raise(e)
}

// assumed is what a GSLB service must have been before its first report: what changed since the controller has power was
// initializing, the rest was as it is.
func (c *Controller) assumed(s engine.ServiceState) engine.ServiceState {
	was := func(now health.Status, since time.Time) health.Status {
		if since.Before(c.since) {
			return now
		}
		return health.Status{State: health.StateInitializing}
	}
	out := engine.ServiceState{UUID: s.UUID, Status: was(s.Status, s.Since)}
	for _, p := range s.Pools {
		pool := engine.PoolState{Name: p.Name, Status: was(p.Status, p.Since)}
		for _, m := range p.Members {
			pool.Members = append(pool.Members, engine.MemberState{Addr: m.Addr, FQDN: m.FQDN, Status: was(m.Status, m.Since)})
		}
		out.Pools = append(out.Pools, pool)
	}
	return out
}

// serviceEvents tells of what changed in the state of a GSLB service.
func (c *Controller) serviceEvents(l *link, was, now engine.ServiceState) {
	tenant := store.AdminTenant
	if o, ok := c.store.Get("gslbservice", now.UUID); ok {
		tenant = o.Tenant
	}
	event := func(subject string, s health.Status, text string, details map[string]any) {
		c.happened(analytics.Event{
			ID: subject + upOrDown(s), Module: "SE_HM", ObjType: "GSLBSERVICE", ObjUUID: now.UUID, ObjName: now.Name, Tenant: tenant,
			Description: text, Details: details,
		})
	}
	se := seName(l.engine.Name())
	for i, p := range now.Pools {
		if i >= len(was.Pools) || was.Pools[i].Name != p.Name || len(was.Pools[i].Members) != len(p.Members) {
			continue
		}
		for j, m := range p.Members {
			before := was.Pools[i].Members[j]
			if before.Addr == m.Addr && before.FQDN == m.FQDN && crosses(before.Status, m.Status) {
				event("GS_MEMBER_", m.Status, fmt.Sprintf("Member %s of group %s is %s", memberName(m), p.Name, upOrDown(m.Status)),
					map[string]any{"se_hm_gsgroup_details": gsGroupDetails(now, p, se, m)})
			}
		}
		if crosses(was.Pools[i].Status, p.Status) {
			event("GS_GROUP_", p.Status, fmt.Sprintf("Group %s is %s", p.Name, upOrDown(p.Status)),
				map[string]any{"se_hm_gsgroup_details": map[string]any{"gslb_service": now.Name, "gsgroup": p.Name, "se_name": se}})
		}
	}
	if crosses(was.Status, now.Status) {
		details := map[string]any{"gslb_service": now.Name, "se_name": se}
		if now.Status.Reason != "" {
			details["reason"] = now.Status.Reason
		}
		event("GS_", now.Status, fmt.Sprintf("GSLB service %s is %s", now.Name, upOrDown(now.Status)), map[string]any{"se_hm_gs_details": details})
	}
}

func gsGroupDetails(s engine.ServiceState, p engine.PoolState, se string, m engine.MemberState) map[string]any {
	member := map[string]any{"domain": m.FQDN}
	if m.Addr.IsValid() {
		member["ip"] = ip(m.Addr)
	}
	out := map[string]any{"gslb_service": s.Name, "gsgroup": p.Name, "se_name": se, "gsmember": member}
	if m.Status.Reason != "" {
		out["ha_reason"] = m.Status.Reason
	}
	return out
}

func memberName(m engine.MemberState) string {
	if m.Addr.IsValid() {
		return m.Addr.String()
	}
	return m.FQDN
}

// crosses reports whether a state went up, or was up and is so no more. Leaving INITIALIZING for DOWN counts, too.
func crosses(was, now health.Status) bool {
	return was.State != "" && was.State != now.State && now.State != health.StateInitializing &&
		(was.Up() || now.Up() || was.State == health.StateInitializing)
}

func upOrDown(s health.Status) string {
	if s.Up() {
		return "UP"
	}
	return "DOWN"
}

// vsEvent tells that a virtual service went up or down.
func (c *Controller) vsEvent(was, now engine.VSState) {
	if !crosses(was.Status, now.Status) {
		return
	}
	details := map[string]any{"virtual_service": now.Name}
	if now.Status.Reason != "" {
		details["reason"] = now.Status.Reason
	}
	if len(now.VIPs) > 0 {
		details["vip_address"] = ip(now.VIPs[0])
	}
	tenant := store.AdminTenant
	if o, ok := c.store.Get("virtualservice", now.UUID); ok {
		tenant = o.Tenant
	}
	c.happened(analytics.Event{
		ID: "VS_" + upOrDown(now.Status), Module: "VSERVER", ObjType: "VIRTUALSERVICE", ObjUUID: now.UUID, ObjName: now.Name, Tenant: tenant,
		Description: fmt.Sprintf("Virtual service %s is %s", now.Name, upOrDown(now.Status)),
		Details:     map[string]any{"se_hm_vs_details": details},
	})
}

// federationEvents returns an observer that adds what happens in the federation to the event log, and then tells another one. Which
// event the product makes of a change of leader is unconfirmed.
func (c *Controller) federationEvents(next federation.Observer) federation.Observer {
	out := next
	out.Site = func(e federation.SiteEvent) {
		text := fmt.Sprintf("Site %s changed from %s to %s", e.Site, e.From, e.To)
		c.gslbEvent("GSLB_SITE_OPER_STATUS", "GSLB_REMOTE", text, e.Reason)
		if next.Site != nil {
			next.Site(e)
		}
	}
	out.InSync = func(e federation.SyncEvent) {
		text := fmt.Sprintf("Site %s has the configuration up to version %d: %s", e.Site, e.Version, e.State)
		c.gslbEvent("GSLB_SITE_SYNC_STATUS", "GSLB_REMOTE", text, "")
		if next.InSync != nil {
			next.InSync(e)
		}
	}
	out.Received = func(e federation.ReceiveEvent) {
		if e.Failed > 0 {
			text := fmt.Sprintf("%d of %d objects from the leader could not be stored", e.Failed, e.Objects+e.Failed)
			c.gslbEvent("GSLB_CRM_STATUS", "GSLB_LOCAL", text, "")
		}
		if next.Received != nil {
			next.Received(e)
		}
	}
	out.Leader = func(e federation.LeaderEvent) {
		c.gslbEvent("GSLB_SM_STATUS", "GSLB_LOCAL", fmt.Sprintf("The leader is cluster %s in view %d", e.To.Leader, e.To.ViewID), "")
		if next.Leader != nil {
			next.Leader(e)
		}
	}
	out.Dual = func(e federation.DualEvent) {
		text := fmt.Sprintf("Two sites lead: this one in view %d, cluster %s in view %d", e.Mine.ViewID, e.Other.Leader, e.Other.ViewID)
		c.gslbEvent("GSLB_SITE_EXCEPTION_STATUS", "GSLB_LOCAL", text, "")
		if next.Dual != nil {
			next.Dual(e)
		}
	}
	out.Refused = func(e federation.RefusedEvent) {
		text := fmt.Sprintf("The leader refused a change of %s, which is taken back: %s", e.Service, e.Reason)
		c.gslbEvent("GSLB_CRM_STATUS", "GSLB_LOCAL", text, "")
		if next.Refused != nil {
			next.Refused(e)
		}
	}
	return out
}

func (c *Controller) gslbEvent(id, module, text, reason string) {
	e := analytics.Event{ID: id, Module: module, ObjType: "GSLB", Description: text}
	details := []any{text}
	if reason != "" {
		details = append(details, reason)
	}
	status := map[string]any{"details": details}
	if objects, _ := c.store.List("gslb", store.Query{}); len(objects) > 0 {
		e.ObjUUID, e.ObjName = objects[0].UUID, objects[0].Name
		status["uuid"], status["name"] = e.ObjUUID, e.ObjName
	}
	e.Details = map[string]any{"glb_info": status}
	c.happened(e)
}

// configEvents are what the API reports as events of the log.
var configEvents = map[api.Action]struct{ id, details string }{
	api.Created:   {"CONFIG_CREATE", "config_create_details"},
	api.Updated:   {"CONFIG_UPDATE", "config_update_details"},
	api.Deleted:   {"CONFIG_DELETE", "config_delete_details"},
	api.LoggedIn:  {"USER_LOGIN", "config_user_login_details"},
	api.LoggedOut: {"USER_LOGOUT", "config_user_logout_details"},
}

// audited tells of a request that a client made.
func (c *Controller) audited(a api.Audit) {
	kind := configEvents[a.Action]
	m, _ := c.store.Schema().Message("EventDetails")
	f := m.Field(kind.details)
	if f == nil {
		return
	}
	status := "SUCCESS"
	if a.Err != nil {
		status = "FAILURE"
	}
	details := map[string]any{}
	for name, value := range map[string]string{
		"user": a.User, "client_ip": a.ClientIP, "user_agent": a.UserAgent, "path": a.Path, "status": status,
		"resource_type": a.Type, "resource_name": a.Name,
	} {
		if f.Message.Field(name) != nil && value != "" {
			details[name] = value
		}
	}
	if a.Err != nil {
		details["error_message"] = a.Err.Error()
	}
	c.happened(analytics.Event{
		ID: kind.id, Module: "CONFIG", ObjType: a.EventType(), ObjUUID: a.UUID, ObjName: a.Name, Tenant: a.Tenant, Config: true,
		Description: fmt.Sprintf("%s by %s: %s", kind.id, a.User, status), Details: map[string]any{kind.details: details},
	})
}
