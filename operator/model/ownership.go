package model

import "slices"

// What the operator writes of an object, and what it leaves to the people who work on the controller:
//
//	owned        The operator's on every write: what the objects of the clusters and the policy say, and the settings that
//	             the meaning of a policy rests on (priority groups, counting the controllers' view as a monitor).
//	conditional  TTL and down response: the operator's while a policy sets them. A value that a person sets while no policy
//	             does stays. So that a value is taken back when a policy stops setting it, also over a restart, a marker
//	             on the service names the fields that come from a policy.
//	seeded       Written at creation, then left alone: switches that people turn by hand for maintenance (enabled, of
//	             service, pool and member) and tuning (timers of monitors, EDNS client subnet, minimum of members).
//	kept         Everything else, known or not: it is sent back as it was received.
//
// AMKO sends whole objects and so resets what it does not send, such as a TTL set by hand.
//
// Membership is owned as a whole: pools and members that nobody but a person knows of are removed.

// owned are the owned fields of a service, its groups apart.
func (s Service) owned() document {
	d := document{
		"name":                             s.Key.Name,
		"tenant_ref":                       tenantRef(s.Key.Tenant),
		"created_by":                       s.CreatedBy,
		"description":                      describe(s.Sources),
		"domain_names":                     texts(s.DomainNames),
		"is_federated":                     true,
		"pool_algorithm":                   "GSLB_SERVICE_ALGORITHM_PRIORITY",
		"controller_health_status_enabled": true,
		"health_monitor_scope":             "GSLB_SERVICE_HEALTH_MONITOR_ALL_MEMBERS",
		"wildcard_match":                   false,
		"resolve_cname":                    false,
		"site_persistence_enabled":         s.Persistence != "",
	}
	if len(s.Monitors) > 0 {
		d["health_monitor_refs"] = monitorRefs(s.Monitors)
	}
	if s.Persistence != "" {
		d["application_persistence_profile_ref"] = refByName("applicationpersistenceprofile", s.Persistence)
		if s.PKI != "" {
			d["pki_profile_ref"] = refByName("pkiprofile", s.PKI)
		}
	}
	return d
}

// conditional are the conditional fields that the policy sets.
func (s Service) conditional() document {
	d := document{}
	if s.TTL != nil {
		d["ttl"] = *s.TTL
	}
	if s.Down != nil {
		d["down_response"] = s.Down.body()
	}
	return d
}

// policyFieldsMarker is the key of the marker that names the conditional fields which come from a policy.
const policyFieldsMarker = "amko-policy-fields"

// conditionalFields are all conditional fields, sorted.
var conditionalFields = [...]string{"down_response", "ttl"}

// policyFields are the names of the conditional fields that the policy sets, sorted.
func (s Service) policyFields() []string {
	set := s.conditional()
	var fields []string
	for _, field := range conditionalFields {
		if _, ok := set[field]; ok {
			fields = append(fields, field)
		}
	}
	return fields
}

func policyMarker(fields []string) map[string]any {
	return map[string]any{"key": policyFieldsMarker, "values": texts(fields)}
}

func seededService() document {
	return document{"enabled": true, "min_members": 0, "use_edns_client_subnet": true}
}

// optionalOwned are the owned fields that are absent when they do not apply, and are removed from a stored object then.
var (
	optionalOwnedService = []string{"health_monitor_refs", "application_persistence_profile_ref", "pki_profile_ref"}
	optionalOwnedPool    = []string{"fallback_algorithm", "consistent_hash_mask"}
	optionalOwnedMember  = []string{"cluster_uuid", "vs_uuid", "public_ip"}
)

// owned are the owned fields of a monitor, marker and probe block apart.
func (m Monitor) owned() document {
	return document{
		"name":         m.Key.Name,
		"tenant_ref":   tenantRef(m.Key.Tenant),
		"description":  m.Description(),
		"is_federated": true,
		"type":         string(m.Probe),
		"monitor_port": m.Port,
	}
}

func (m Monitor) marker() map[string]any {
	return map[string]any{"key": createdByMarker, "values": []any{m.CreatedBy}}
}

// probeBlock is the object that belongs to the monitor's probe, and its field. What it holds is owned; other fields of the
// block, such as the TLS attributes of an HTTPS probe, are kept.
func (m Monitor) probeBlock() (field string, spec document) {
	switch m.Probe {
	case ProbeHTTP, ProbeHTTPS:
		field = "http_monitor"
		if m.Probe == ProbeHTTPS {
			field = "https_monitor"
		}
		return field, document{"http_request": m.Request, "http_response_code": texts(slices.Clone(m.Codes))}
	case ProbeTCP:
		return "tcp_monitor", document{"tcp_half_open": false}
	case ProbeUDP:
		// The controller wants a payload; any will do.
		return "udp_monitor", document{"udp_request": "created_by: amko, request string not required"}
	}
	return "", nil
}

func seededMonitor() document {
	return document{
		"allow_duplicate_monitors": true,
		"send_interval":            SendInterval, "receive_timeout": ReceiveTimeout,
		"successful_checks": SuccessfulChecks, "failed_checks": FailedChecks,
	}
}
