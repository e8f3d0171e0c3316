package inventory

import "github.com/gslbsim/gslbsim/fakeavi/federation"

// The API's description calls what a gslb object shows of its exchange with other sites strings; its form is unconfirmed.

// RemoteSite says how the exchange with another site goes.
func (g Gslb) RemoteSite(v federation.SiteView) Body {
	out := Body{
		"cluster_uuid": v.Cluster, "site_name": v.Name, "role": string(v.Role), "state": string(v.State), "num_of_retries": int64(v.Retries),
		"virtualservices": int64(v.VSCount), "sync_state": string(v.Sync), "pending_object_count": int64(v.Pending),
		"oper_status": OperationalStatus(siteStatus(v), v.LastContact),
	}
	if v.Reason != "" {
		out["state_reason"] = v.Reason
	}
	if v.Version != "" {
		out["sw_version"] = v.Version
	}
	return out
}

// ReplicationWindow says what a follower lacks of the leader's configuration. There is no window but what is pending, for replication
// is never adaptive.
func (g Gslb) ReplicationWindow(v federation.SiteView) Body {
	out := g.ConfigReplication(v)
	return Body{
		"cluster_uuid": v.Cluster, "site_name": v.Name, "replication_policy": out["replication_policy"],
		"acknowledged_version": int64(v.Acknowledged.General), "target_version": int64(v.Target), "pending_object_count": int64(v.Pending),
	}
}
