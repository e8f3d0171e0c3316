package model

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"strconv"
)

const (
	poolNamePrefix = "amko-gs-group-"
	// createdByMarker is the key of the marker that says which operator instance made a monitor.
	createdByMarker = "created-by"
	// defaultPriority is what the controller gives a pool without a priority.
	defaultPriority uint32 = 10
)

// Timers of the monitors that the operator makes: seconds between probes, seconds to wait for an answer, probes in a row
// that turn a member up or down. AMKO's values.
const (
	SendInterval     = 10
	ReceiveTimeout   = 4
	SuccessfulChecks = 3
	FailedChecks     = 3
)

// document is a JSON object being built or changed.
type document map[string]any

func (d document) bytes() json.RawMessage {
	b, err := json.Marshal(d)
	if err != nil {
		// A document holds strings, numbers, booleans, lists and maps of these.
		panic(fmt.Sprintf("model: a document cannot be encoded: %v", err))
	}
	return b
}

// Body is the body that creates the service.
func (s Service) Body() json.RawMessage {
	d := s.owned()
	for field, value := range seededService() {
		d[field] = value
	}
	for field, value := range s.conditional() {
		d[field] = value
	}
	if fields := s.policyFields(); len(fields) > 0 {
		d["markers"] = []any{policyMarker(fields)}
	}
	groups := make([]any, len(s.Pools))
	for i, pool := range s.Pools {
		groups[i] = map[string]any(pool.create())
	}
	d["groups"] = groups
	return d.bytes()
}

// Body is the body that creates the monitor.
func (m Monitor) Body() json.RawMessage {
	d := m.owned()
	for field, value := range seededMonitor() {
		d[field] = value
	}
	d["markers"] = []any{m.marker()}
	if block, spec := m.probeBlock(); block != "" {
		d[block] = map[string]any(spec)
	}
	return d.bytes()
}

func (p Pool) create() document {
	d := p.owned()
	d["enabled"] = true
	members := make([]any, len(p.Members))
	for i, m := range p.Members {
		doc := m.owned()
		doc["enabled"] = true
		members[i] = map[string]any(doc)
	}
	d["members"] = members
	return d
}

// owned are the fields of a pool that the operator writes, its members apart.
func (p Pool) owned() document {
	d := document{
		"name": p.Name(), "priority": p.Priority, "algorithm": p.Algorithm, "min_health_monitors_up": p.MinMonitorsUp,
	}
	if p.Fallback != "" {
		d["fallback_algorithm"] = p.Fallback
	}
	if p.HashMask != 0 {
		d["consistent_hash_mask"] = p.HashMask
	}
	return d
}

func (m Member) owned() document {
	d := document{"ip": ipAddr(m.VIP), "ratio": m.Ratio}
	if m.Controller != "" {
		d["cluster_uuid"] = m.Controller
	}
	if m.VirtualService != "" {
		d["vs_uuid"] = m.VirtualService
	}
	if m.PublicIP.IsValid() {
		d["public_ip"] = map[string]any{"ip": ipAddr(m.PublicIP)}
	}
	return d
}

// ipAddr is the controller's address object; its type follows the address (AMKO calls every address V4).
func ipAddr(addr netip.Addr) map[string]any {
	addr = addr.Unmap()
	kind := "V4"
	if addr.Is6() {
		kind = "V6"
	}
	return map[string]any{"addr": addr.String(), "type": kind}
}

// body of a down response: the fallback address goes where its family belongs.
func (r DownResponse) body() map[string]any {
	d := map[string]any{"type": r.Type}
	if r.Fallback.IsValid() {
		field := "fallback_ip"
		if r.Fallback.Unmap().Is6() {
			field = "fallback_ip6"
		}
		d[field] = ipAddr(r.Fallback)
	}
	return d
}

// refByName is a reference that the controller resolves by name in the tenant of the request. References in bodies carry
// names as they are, not escaped as in URLs.
func refByName(kind, name string) string { return "/api/" + kind + "?name=" + name }

// tenantRef has no host. AMKO sends one that is always empty ("https:///api/...").
func tenantRef(tenant string) string { return "/api/tenant/?name=" + tenant }

func monitorRefs(names []string) []any {
	refs := make([]any, len(names))
	for i, name := range names {
		refs[i] = refByName("healthmonitor", name)
	}
	return refs
}

func texts(list []string) []any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}

func uitoa(n uint32) string { return strconv.FormatUint(uint64(n), 10) }
