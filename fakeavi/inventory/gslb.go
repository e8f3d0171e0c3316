package inventory

import (
	"strings"
	"time"

	"github.com/gslbsim/gslbsim/fakeavi/config"
	"github.com/gslbsim/gslbsim/fakeavi/federation"
	"github.com/gslbsim/gslbsim/fakeavi/health"
)

// Gslb is all that the runtime of a federation is made of.
type Gslb struct {
	Object config.Object
	Gslb   *config.Gslb
	View   federation.View
	// DNS are the placed DNS virtual services of the controller's own site.
	DNS []PlacedDNS
}

// PlacedDNS is a DNS virtual service that GSLB services are placed on.
type PlacedDNS struct {
	UUID, Name string
	// Valid: it exists at this site, with a DNS application profile.
	Valid   bool
	Status  health.Status
	Since   time.Time
	Engines []string // names of those that serve it
	Domains []string // none: all
	// Downloaded: its engine has all GSLB services. Pending counts what it lacks, -1 for everything.
	Pending int
}

// Runtime builds a GslbRuntime.
func (g Gslb) Runtime() Body {
	o := g.Object
	out := Body{
		"uuid": o.UUID, "name": o.Name, "tenant_name": o.Tenant, "dns_enabled": len(g.DNS) > 0, "delete_in_progress": false,
	}
	var sites, managers, hs, crs []any
	for _, v := range g.View.Sites {
		sites = append(sites, g.site(v))
		managers = append(managers, g.SiteManager(v))
		if !v.Self {
			hs = append(hs, g.HealthStatus(v))
			crs = append(crs, g.ConfigReplication(v))
		}
	}
	set(out, "site", sites)
	set(out, "gslb_sm_runtime", managers)
	set(out, "gslb_hsm_runtime", hs)
	set(out, "gslb_crm_runtime", crs)
	var third []any
	for _, t := range g.Gslb.Third {
		third = append(third, thirdParty(t))
	}
	set(out, "third_party_sites", third)
	return out
}

func set(body Body, key string, list []any) {
	if len(list) > 0 {
		body[key] = list
	}
}

// Site builds the GslbSiteRuntime of one site; false if there is no such site.
func (g Gslb) Site(cluster string) (Body, bool) {
	for _, v := range g.View.Sites {
		if v.Cluster == cluster {
			return g.site(v), true
		}
	}
	return nil, false
}

func (g Gslb) site(v federation.SiteView) Body {
	out := Body{
		"glb_uuid": g.Object.UUID, "view_id": int64(g.View.Claim.ViewID), "tenant_name": g.Object.Tenant,
		"send_interval": int64(g.Gslb.SendInterval.Seconds()), "clear_on_max_retries": int64(g.Gslb.ClearAfter),
		"site_info": g.siteInfo(v), "replication_stats": replicationStats(g.View, v),
		"site_cfg": Body{"sync_info": syncInfo(v)},
	}
	if info := healthMonitorInfo(g.Gslb, v); info != "" {
		out["health_monitor_info"] = info
	}
	return out
}

// healthMonitorInfo says who checks the members of a site. The product's wording is unconfirmed.
func healthMonitorInfo(g *config.Gslb, v federation.SiteView) string {
	site, ok := g.Site(v.Cluster)
	if !ok || len(site.Proxies) == 0 {
		return "Health monitors are run by all active sites"
	}
	var names []string
	for _, p := range site.Proxies {
		if proxy, ok := g.Site(p.Cluster); ok {
			names = append(names, proxy.Name)
		}
	}
	return "Health monitors are run by " + strings.Join(names, ", ")
}

// siteInfo builds a GslbSiteRuntimeInfo.
func (g Gslb) siteInfo(v federation.SiteView) Body {
	out := Body{
		"name": v.Name, "cluster_uuid": v.Cluster, "cluster_leader": g.leaderName(), "role": string(v.Role),
		"site_type": "GSLB_AVI_SITE", "state": string(v.State), "num_of_retries": int64(v.Retries),
		"enabled": v.State != federation.SiteDisabled, "hs_state": v.State == federation.SiteHealthy,
		"oper_status": OperationalStatus(siteStatus(v), v.LastContact),
	}
	if v.Reason != "" {
		out["state_reason"] = v.Reason
	}
	if v.Version != "" {
		out["sw_version"] = v.Version
	}
	if v.Self {
		out["dns_info"] = g.dnsInfo()
	}
	return out
}

func (g Gslb) leaderName() string {
	if s, ok := g.Gslb.Site(g.Gslb.Leader); ok {
		return s.Name
	}
	return g.Gslb.Leader
}

// siteStatus is a site's state in words of operation. The mapping is unconfirmed.
func siteStatus(v federation.SiteView) health.Status {
	switch v.State {
	case federation.SiteHealthy, federation.SiteMaintenance:
		return health.Status{State: health.StateUp}
	case federation.SiteDisabled:
		return health.Status{State: health.StateDisabled, Reason: "site is disabled"}
	case federation.SiteUnreachable:
		return health.Status{State: health.StateDown, Reason: v.Reason}
	default:
		return health.Status{State: health.StateInitializing, Reason: v.Reason}
	}
}

// replicationStats builds a GslbReplicationStats: of a follower, as its leader sees it, or of itself.
func replicationStats(all federation.View, v federation.SiteView) Body {
	if v.Self {
		return Body{"received_version": int64(all.Received.General), "pending_object_count": int64(0)}
	}
	return Body{"acknowledged_version": int64(v.Acknowledged.General), "pending_object_count": int64(v.Pending)}
}

// syncInfo builds a GslbSiteCfgSyncInfo.
func syncInfo(v federation.SiteView) Body {
	out := Body{
		"sync_state": string(v.Sync), "site_version": int64(v.Acknowledged.General), "target_version": int64(v.Target),
	}
	if v.Self {
		out["site_version"] = int64(v.Target)
	}
	if v.SyncReason != "" {
		out["reason"] = v.SyncReason
	}
	var failed []any
	for _, f := range v.Failed {
		failed = append(failed, Body{"uuid": f.UUID, "name": f.Name, "ds_name": f.Type, "reason": f.Reason})
	}
	if len(failed) > 0 {
		last := v.Failed[len(v.Failed)-1]
		out["errored_objects"] = failed
		out["last_fail_obj"] = Body{"obj_uuid": last.UUID, "obj_name": last.Name, "event_type": "OBJECT_CONFIG_VERSION"}
		out["recommendation"] = "Correct the object, or what it needs at the site; it is tried again after error_resync_interval"
	}
	return out
}

// dnsInfo builds the GslbDnsInfo of the controller's own site.
func (g Gslb) dnsInfo() Body {
	out := Body{"dns_active": len(g.DNS) > 0, "retry_count": int64(0)}
	var states []any
	update := Body{"type": "GSLB_NO_UPDATE", "num_partial_updates": int64(0)}
	for _, d := range g.DNS {
		states = append(states, d.state())
		switch {
		case d.Pending < 0:
			update["type"], update["state"] = "GSLB_FULL_UPDATE", "GSLB_FULL_UPDATE_PENDING"
		case d.Pending > 0 && update["type"] == "GSLB_NO_UPDATE":
			update["type"], update["state"] = "GSLB_PARTIAL_UPDATE", "GSLB_PARTIAL_UPDATE_PENDING"
			update["num_partial_updates"] = int64(d.Pending)
		}
	}
	set(out, "dns_vs_states", states)
	if len(states) > 0 {
		out["gs_status"] = update
	}
	return out
}

// state builds a GslbPerDnsState.
func (d PlacedDNS) state() Body {
	download := "GSLB_DOWNLOAD_NONE"
	switch {
	case !d.Valid:
	case d.Pending == 0:
		download = "GSLB_DOWNLOAD_DONE"
	default:
		download = "GSLB_DOWNLOAD_PENDING"
	}
	out := Body{
		"uuid": d.UUID, "name": d.Name, "valid_dns_vs": d.Valid, "oper_status": OperationalStatus(d.Status, d.Since),
		"gslb_download": Body{"state": download}, "geo_download": Body{"state": "GSLB_DOWNLOAD_NONE"},
	}
	var engines, rules []any
	for _, e := range d.Engines {
		engines = append(engines, e)
	}
	for _, name := range d.Domains {
		rules = append(rules, Body{"sub_domain": name, "placement_allowed": true})
	}
	set(out, "se_list", engines)
	set(out, "placement_rules", rules)
	return out
}

// thirdParty builds a GslbThirdPartySiteRuntime.
func thirdParty(t config.ThirdPartySite) Body {
	status := health.Status{State: health.StateUp}
	if !t.Enabled {
		status = health.Status{State: health.StateDisabled, Reason: "site is disabled"}
	}
	return Body{"site_info": Body{
		"name": t.Name, "cluster_uuid": t.Cluster, "site_type": "GSLB_THIRD_PARTY_SITE", "enabled": t.Enabled,
		"oper_status": OperationalStatus(status, time.Time{}),
	}}
}
