package inventory

import (
	"fmt"
	"slices"
	"time"

	"github.com/gslbsim/gslbsim/fakeavi/config"
	"github.com/gslbsim/gslbsim/fakeavi/engine"
	"github.com/gslbsim/gslbsim/fakeavi/federation"
	"github.com/gslbsim/gslbsim/fakeavi/health"
)

// Service is all that the runtime of a GSLB service is made of.
type Service struct {
	Object config.Object
	// Cluster is the uuid of the controller that is asked.
	Cluster string
	Gslb    *config.Gslb // nil: the controller is no member of a federation
	// State is the service as an engine of the controller's own site sees it; nil where none hosts it.
	State *engine.ServiceState
	// Reported finds the state of a virtual service of any site.
	Reported func(cluster, vs string) (engine.VSState, bool)
	// MonitorNames are those of the attached health monitors, in their order.
	MonitorNames []string
	Copies       []federation.Copy
}

// Runtime builds a GslbServiceRuntime.
func (s Service) Runtime() Body {
	o := s.Object
	out := Body{
		"uuid": o.UUID, "obj_uuid": o.UUID, "name": o.Name, "tenant_name": o.Tenant, "cluster_uuid": s.Cluster,
		"send_status": false, "send_event": false,
	}
	if names, ok := o.Body["domain_names"]; ok {
		out["domain_names"] = names
	}
	status, since := unhosted(o.Body), time.Time{}
	if s.State != nil {
		status, since = s.State.Status, s.State.Since
	}
	out["oper_status"] = OperationalStatus(status, since)
	groups := []any{}
	for i, g := range items(o.Body, "groups") {
		groups = append(groups, s.pool(i, g))
	}
	out["groups"] = groups
	s.sitePersistence(out)
	if version, ok := configVersion(o.Body); ok && len(s.Copies) > 0 {
		out["ldr_state"] = Body{"site_uuid": s.Cluster, "cfg_version": version, "status": "SYSERR_SUCCESS"}
		var states []any
		for _, c := range s.Copies {
			states = append(states, copyState(c, version))
		}
		out["flr_state"] = states
	}
	return out
}

// unhosted is the status of a service at a site none of whose engines hosts it; that it is unavailable there is unconfirmed.
func unhosted(body Body) health.Status {
	if body["enabled"] == false {
		return health.Status{State: health.StateDisabled, Reason: "GSLB service is disabled"}
	}
	return health.Status{State: health.StateUnavailable, Reason: "no DNS virtual service of this site hosts the GSLB service"}
}

// copyState builds the CfgState of a follower's copy.
func copyState(c federation.Copy, version int64) Body {
	out := Body{"site_uuid": c.Cluster, "status": "SYSERR_SUCCESS"}
	switch {
	case c.Failed != "":
		out["status"], out["reason"] = "SYSERR_FAILURE", c.Failed
	case c.Current:
		out["cfg_version"] = version
	default:
		out["cfg_version_in_flight"], out["status"] = version, "SYSERR_NOT_READY"
	}
	return out
}

func configVersion(body Body) (int64, bool) {
	attributes, _ := body["configpb_attributes"].(Body)
	n, ok := attributes["version"].(int64)
	return n, ok
}

// pool builds a GslbPoolRuntime.
func (s Service) pool(index int, group Body) Body {
	var state *engine.PoolState
	members := items(group, "members")
	if s.State != nil && index < len(s.State.Pools) {
		p := &s.State.Pools[index]
		if p.Name == text(group, "name") && len(p.Members) == len(members) {
			state = p
		}
	}
	status, since := unhosted(s.Object.Body), time.Time{}
	if state != nil {
		status, since = state.Status, state.Since
	}
	list := []any{}
	for i, m := range members {
		var member *engine.MemberState
		if state != nil {
			member = &state.Members[i]
		}
		list = append(list, s.member(m, member))
	}
	return Body{"name": text(group, "name"), "oper_status": OperationalStatus(status, since), "members": list}
}

// member builds a GslbPoolMemberRuntimeInfo.
func (s Service) member(m Body, state *engine.MemberState) Body {
	cluster, vs := text(m, "cluster_uuid"), text(m, "vs_uuid")
	out := Body{"gs_name": s.Object.Name, "gs_uuid": s.Object.UUID, "vip_type": "NON_AVI_VIP"}
	for _, key := range [...]string{"ip", "fqdn", "cluster_uuid", "vs_uuid"} {
		if v, ok := m[key]; ok && v != "" {
			out[key] = v
		}
	}
	if name := s.siteName(cluster); name != "" {
		out["site_name"] = name
	}
	if vs != "" {
		out["vip_type"] = "AVI_VIP"
		if reported, ok := s.Reported(cluster, vs); ok {
			out["vs_name"], out["oper_ips"] = reported.Name, IPAddrs(reported.VIPs)
		}
	}
	if state == nil {
		out["oper_status"] = OperationalStatus(unhosted(s.Object.Body), time.Time{})
		return out
	}
	out["oper_status"] = OperationalStatus(state.Status, state.Since)
	if state.Control != health.ControlNone {
		out["controller_status"] = controllerStatus(state)
	}
	out["datapath_status"] = s.datapath(m, state)
	out["health_monitor_info"] = s.monitors(state)
	return out
}

func (s Service) siteName(cluster string) string {
	if s.Gslb == nil || cluster == "" {
		return ""
	}
	if site, ok := s.Gslb.Site(cluster); ok {
		return site.Name
	}
	for _, t := range s.Gslb.Third {
		if t.Cluster == cluster {
			return t.Name
		}
	}
	return ""
}

// controllerStatus is what the control plane says of a member.
func controllerStatus(m *engine.MemberState) Body {
	status := health.Status{State: health.StateInitializing, Reason: "the site has not reported"}
	switch {
	case m.Control == health.ControlUp:
		status = health.Status{State: health.StateUp}
	case m.Control == health.ControlDown:
		status = health.Status{State: health.StateDown}
		if m.Status.Cause == health.CauseControlPlane {
			status.Reason = m.Status.Reason
		}
	}
	if !m.Reachable && m.Control != health.ControlUnknown {
		status.Reason = "the site's controller cannot be reached; this is its last report"
	}
	return OperationalStatus(status, time.Time{})
}

// datapath lists what the engines of sites found, one GslbPoolMemberDatapathStatus per site that checks the member and tells: the site
// itself, or those that check on its behalf.
func (s Service) datapath(body Body, m *engine.MemberState) []any {
	out := []any{}
	if !s.checkedHere(text(body, "cluster_uuid")) {
		for _, site := range s.Gslb.Sites {
			if state, ok := s.Reported(site.Cluster, engine.ProxyKey(s.Object.UUID, m.Addr)); ok {
				out = append(out, Body{"site_uuid": site.Cluster, "oper_status": OperationalStatus(state.Status, time.Time{})})
			}
		}
		if len(out) > 0 {
			return out
		}
	}
	if len(m.Monitors) > 0 {
		out = append(out, Body{"site_uuid": s.Cluster, "oper_status": OperationalStatus(verdicts(m.Monitors), time.Time{})})
	}
	return out
}

// checkedHere reports whether the engines of this site check the members of a site themselves.
func (s Service) checkedHere(cluster string) bool {
	if s.Gslb == nil {
		return true
	}
	var proxies []config.Proxy
	if site, ok := s.Gslb.Site(cluster); ok {
		proxies = site.Proxies
	}
	for _, t := range s.Gslb.Third {
		if t.Cluster == cluster {
			proxies = t.Proxies
		}
	}
	return len(proxies) == 0 || slices.ContainsFunc(proxies, func(p config.Proxy) bool { return p.Cluster == s.Cluster })
}

// verdicts sums up monitors: DOWN if one is, UP if all are.
func verdicts(monitors []health.Verdict) health.Status {
	out := health.Status{State: health.StateUp}
	for _, v := range monitors {
		switch v {
		case health.VerdictDown:
			return health.Status{State: health.StateDown}
		case health.VerdictUnknown:
			out.State = health.StateInitializing
		}
	}
	return out
}

// monitors says what each monitor holds, in a line. The product's form is unconfirmed.
func (s Service) monitors(m *engine.MemberState) []any {
	out := []any{}
	for i, v := range m.Monitors {
		name := "monitor"
		if i < len(s.MonitorNames) {
			name = s.MonitorNames[i]
		}
		out = append(out, fmt.Sprintf("%s: %s", name, v))
	}
	return out
}
