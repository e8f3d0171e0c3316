package inventory

import (
	"net/netip"
	"slices"
	"time"

	"github.com/gslbsim/gslbsim/fakeavi/config"
	"github.com/gslbsim/gslbsim/fakeavi/engine"
	"github.com/gslbsim/gslbsim/fakeavi/health"
)

// VirtualService is all that the runtime of a virtual service is made of.
type VirtualService struct {
	Object config.Object
	DNS    bool
	// State is nil until the engine has reported the virtual service.
	State *engine.VSState
	// Engine is the name of the service engine that serves it, EngineUUID its uuid, Address its management address.
	Engine, EngineUUID string
	Address            netip.Addr
	// Alive: the engine answers its controller.
	Alive    bool
	VIPs     []Body   // the vip messages of its vsvip
	Children []string // uuids
}

// status is the state as the controller knows it. A virtual service whose engine does not answer is down.
func (v VirtualService) status() (health.Status, time.Time) {
	switch {
	case v.Object.Body["enabled"] == false:
		return health.Status{State: health.StateDisabled, Reason: "virtual service is disabled"}, time.Time{}
	case !v.Alive:
		return health.Status{State: health.StateDown, Reason: "service engine does not answer"}, time.Time{}
	case v.State == nil:
		return health.Status{State: health.StateInitializing, Reason: "service engine has not reported"}, time.Time{}
	default:
		return v.State.Status, v.State.Since
	}
}

// Summary builds a VsRuntimeSummary.
func (v VirtualService) Summary() Body {
	status, since := v.status()
	out := Body{"oper_status": OperationalStatus(status, since), "percent_ses_up": v.percentUp()}
	if list := v.VIPSummary(); len(list) > 0 {
		out["vip_summary"] = list[0]
	}
	return out
}

func (v VirtualService) percentUp() int64 {
	if v.Alive {
		return 100
	}
	return 0
}

// VIPSummary builds a list of VipSummary.
func (v VirtualService) VIPSummary() []any {
	status, since := v.status()
	out := []any{}
	for _, vip := range v.VIPs {
		entry := Body{
			"vip_id": vip["vip_id"], "oper_status": OperationalStatus(status, since), "percent_ses_up": v.percentUp(),
			"num_se_assigned": int64(1), "num_se_requested": int64(1), "service_engine": []any{v.assigned(status, since)},
		}
		for _, key := range [...]string{"ip_address", "auto_allocate_ip", "avi_allocated_vip", "enabled", "prefix_length"} {
			if value, ok := vip[key]; ok {
				entry[key] = value
			}
		}
		out = append(out, entry)
	}
	return out
}

// assigned builds a VipSeAssigned.
func (v VirtualService) assigned(status health.Status, since time.Time) Body {
	return Body{
		"name": v.Engine, "ref": "/api/serviceengine/" + v.EngineUUID, "mgmt_ip": ipAddr(v.Address), "primary": true,
		"standby": false, "connected": v.Alive, "active_on_se": v.Alive, "active_on_cloud": true,
		"oper_status": OperationalStatus(status, since),
	}
}

// Detail builds a VirtualServiceRuntime.
func (v VirtualService) Detail() Body {
	status, since := v.status()
	out := Body{
		"uuid": v.Object.UUID, "is_dns_vs": v.DNS, "type": text(v.Object.Body, "type"), "manual_placement": false,
		"marked_for_delete": false, "one_plus_one_ha": false,
	}
	if !since.IsZero() {
		out["last_changed_time"] = timeStamp(since)
	}
	var vips, children []any
	for _, vip := range v.VIPs {
		vips = append(vips, Body{
			"vip_id": vip["vip_id"], "supp_runtime_status": OperationalStatus(status, since),
			"se_list": []any{Body{
				"se_ref": "/api/serviceengine/" + v.EngineUUID, "mgmt_ip": ipAddr(v.Address), "is_primary": true,
				"active_on_se": v.Alive, "se_programming_done": v.State != nil,
			}},
		})
	}
	for _, uuid := range v.Children {
		children = append(children, "/api/virtualservice/"+uuid)
	}
	set(out, "vip_runtime", vips)
	set(out, "vh_child_vs_ref", children)
	return out
}

// Pool is all that the runtime of a pool is made of.
type Pool struct {
	Object config.Object
	// UsedBy are the states of the virtual services that send requests to it.
	UsedBy []engine.VSState
}

// Status is a pool's state: unused without a virtual service, down as soon as the engine of one of them finds it so. A virtual
// service that has no pools but this one and whose own servers are dead reports the pool as down, too.
func (p Pool) Status() health.Status {
	switch {
	case p.Object.Body["enabled"] == false:
		return health.Status{State: health.StateDisabled, Reason: "pool is disabled"}
	case len(p.UsedBy) == 0:
		return health.Status{State: "OPER_UNUSED"}
	}
	for _, vs := range p.UsedBy {
		if slices.Contains(vs.DownPools, p.Object.UUID) {
			return health.Status{State: health.StateDown, Reason: "no server answers"}
		}
	}
	return health.Status{State: health.StateUp}
}

// Summary builds a PoolRuntimeSummary. All servers of a pool share its fate.
func (p Pool) Summary() Body {
	status := p.Status()
	servers := items(p.Object.Body, "servers")
	var enabled, up int64
	for _, s := range servers {
		if s["enabled"] == false {
			continue
		}
		enabled++
		if status.Up() {
			up++
		}
	}
	total := int64(len(servers))
	return Body{
		"oper_status": OperationalStatus(status, time.Time{}), "num_servers": total, "num_servers_enabled": enabled, "num_servers_up": up,
		"percent_servers_up_enabled": percent(up, enabled), "percent_servers_up_total": percent(up, total),
	}
}

func percent(part, whole int64) int64 {
	if whole == 0 {
		return 0
	}
	return 100 * part / whole
}

// Servers builds the list of ServerRuntimeSummary of a pool.
func (p Pool) Servers() []Body {
	status := p.Status()
	var out []Body
	for _, s := range items(p.Object.Body, "servers") {
		own := status
		if s["enabled"] == false {
			own = health.Status{State: health.StateDisabled, Reason: "server is disabled"}
		}
		port := s["port"]
		if port == nil {
			port = p.Object.Body["default_server_port"]
		}
		entry := Body{"ip_addr": s["ip"], "port": port, "oper_status": OperationalStatus(own, time.Time{})}
		if name := text(s, "hostname"); name != "" {
			entry["hostname"] = name
		}
		out = append(out, entry)
	}
	return out
}
