package api

import (
	"net/http"
	"time"

	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// ClusterState is the state of the controller's own cluster, as /api/cluster/runtime shows it.
type ClusterState string

// States in which a controller serves requests.
const (
	ClusterUpNoHA          ClusterState = "CLUSTER_UP_NO_HA"
	ClusterUpHAActive      ClusterState = "CLUSTER_UP_HA_ACTIVE"
	ClusterUpHACompromised ClusterState = "CLUSTER_UP_HA_COMPROMISED"
)

// versionInfo describes the controller's software. UNCONFIRMED: everything but Version, which clients read.
func (a *API) versionInfo() map[string]any {
	return map[string]any{"Version": a.cfg.Version, "Product": "controller", "min_version": a.cfg.Version}
}

// initialData answers GET /api/initial-data. UNCONFIRMED: that no session is needed, and everything but version.
func (a *API) initialData(w http.ResponseWriter) {
	WriteJSON(w, http.StatusOK, map[string]any{
		"version":             a.versionInfo(),
		"session_cookie_name": cookieAviSession,
		"setup_complete":      true,
	})
}

// clusterStatus answers GET /api/cluster/status, which needs no session: clients poll it until it is not an error.
func (a *API) clusterStatus(w http.ResponseWriter) {
	WriteJSON(w, http.StatusOK, map[string]any{"cluster_state": a.clusterState()})
}

func (a *API) clusterState() map[string]any {
	return map[string]any{
		"state": a.cfg.ClusterState, "progress": 100, "up_since": a.started.UTC().Format(time.DateTime),
	}
}

// clusterRuntime answers GET /api/cluster/runtime: the first node of the cluster leads.
func (a *API) clusterRuntime(w http.ResponseWriter) {
	cluster := singleton(a.store, "cluster")
	if cluster == nil {
		WriteError(w, store.NotFound("Cluster"))
		return
	}
	nodes, _ := cluster.Body()["nodes"].([]any)
	states := []map[string]any{}
	info := map[string]any{"uuid": cluster.UUID, "cluster_uuid": cluster.UUID, "version": a.cfg.Version}
	for i, element := range nodes {
		node, _ := element.(map[string]any)
		role := "CLUSTER_FOLLOWER"
		if i == 0 {
			role = "CLUSTER_LEADER"
			if ip, ok := node["ip"].(map[string]any); ok {
				info["mgmt_ip"] = ip["addr"]
			}
		}
		states = append(states, map[string]any{
			"name": node["name"], "role": role, "state": "CLUSTER_ACTIVE", "up_since": a.started.UTC().Format(time.DateTime),
		})
	}
	WriteJSON(w, http.StatusOK, map[string]any{
		"cluster_state": a.clusterState(), "node_states": states, "node_info": info,
	})
}
