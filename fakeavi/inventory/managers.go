package inventory

import (
	"time"

	"github.com/gslbsim/gslbsim/fakeavi/federation"
	"github.com/gslbsim/gslbsim/fakeavi/health"
)

// Identifiers of the parts of a site's runtime. That they are derived from the cluster's uuid is unconfirmed.
const (
	prefixSM  = "gslbsm-"
	prefixHSM = "gslbhsm-"
	prefixCRM = "gslbcrm-"
)

// part is what the runtimes of a site's managers have in common.
func (g Gslb) part(kind string, v federation.SiteView) Body {
	return Body{
		"uuid": kind + v.Cluster, "url": "/api/" + kind[:len(kind)-1] + "/" + kind + v.Cluster, "name": v.Name,
		"obj_uuid": g.Object.UUID, "cluster_uuid": v.Cluster, "site_name": v.Name, "tenant_ref": "/api/tenant/admin",
	}
}

// SiteManager builds a GslbSMRuntime: how a site takes part.
func (g Gslb) SiteManager(v federation.SiteView) Body {
	out := g.part(prefixSM, v)
	out["leader_cluster_uuid"], out["cluster_leader"] = g.Gslb.Leader, g.leaderName()
	out["view_id"], out["role"], out["state"] = int64(g.View.Claim.ViewID), string(v.Role), string(v.State)
	out["site_type"], out["enabled"], out["num_of_retries"] = "GSLB_AVI_SITE", v.State != federation.SiteDisabled, int64(v.Retries)
	out["member_type"] = "GSLB_PASSIVE_MEMBER"
	if v.Active {
		out["member_type"] = "GSLB_ACTIVE_MEMBER"
	}
	if v.Version != "" {
		out["sw_version"] = v.Version
	}
	if info := healthMonitorInfo(g.Gslb, v); info != "" {
		out["health_monitor_info"] = info
	}
	out["oper_status"] = OperationalStatus(siteStatus(v), v.LastContact)
	var configs []any
	for _, d := range g.Gslb.Domains {
		configs = append(configs, Body{"domain_name": d})
	}
	set(out, "dns_configs", configs)
	if v.Self {
		out["dns_info"] = g.dnsInfo()
	}
	return out
}

// HealthStatus builds a GslbHSMRuntime: the exchange of health with another site.
func (g Gslb) HealthStatus(v federation.SiteView) Body {
	out := g.part(prefixHSM, v)
	out["enabled"], out["send_interval"] = v.State != federation.SiteDisabled, int64(g.Gslb.SendInterval.Seconds())
	out["oper_status"] = OperationalStatus(siteStatus(v), v.LastContact)
	return out
}

// ConfigReplication builds a GslbCRMRuntime: the replication of configuration to another site.
func (g Gslb) ConfigReplication(v federation.SiteView) Body {
	out := g.part(prefixCRM, v)
	out["remote_info"] = Body{"sync_info": syncInfo(v), "sync_stats": replicationStats(g.View, v)}
	out["status_info"] = OperationalStatus(syncStatus(v), time.Time{})
	if s, ok := g.Gslb.Site(v.Cluster); ok {
		policy := Body{"replication_mode": "REPLICATION_MODE_CONTINUOUS"}
		if s.Replication.Manual {
			policy["replication_mode"] = "REPLICATION_MODE_MANUAL"
		}
		if s.Replication.Checkpoint != "" {
			policy["checkpoint_uuid"] = s.Replication.Checkpoint
		}
		out["replication_policy"] = policy
	}
	return out
}

// syncStatus is a sync state in words of operation. The mapping is unconfirmed.
func syncStatus(v federation.SiteView) health.Status {
	switch v.Sync {
	case federation.SyncInSync, federation.SyncCheckpoint, federation.SyncInProgress:
		return health.Status{State: health.StateUp}
	case federation.SyncDisabled, federation.SyncSuspended, federation.SyncNotApplicable:
		return health.Status{State: health.StateDisabled, Reason: v.SyncReason}
	default:
		return health.Status{State: health.StateDown, Reason: v.SyncReason}
	}
}
