package schema_test

import (
	"fmt"
	"testing"

	"github.com/gslbsim/gslbsim/fakeavi/schema"
)

// only returns a type with nothing but one field of a message.
func only(t *testing.T, message, field string) *schema.Type {
	t.Helper()
	m, ok := schema.Load().Message(message)
	if !ok || m.Field(field) == nil {
		t.Fatalf("the schema has no %s.%s", message, field)
	}
	f := *m.Field(field)
	f.ReadOnly, f.Message = false, nil
	if f.Kind == schema.Object {
		f.Message = &schema.Message{Name: f.MessageName}
	}
	return &schema.Type{Model: message, Message: &schema.Message{Name: message, Fields: []schema.Field{f}}}
}

func takes(typ *schema.Type, field string, value any) bool {
	_, err := typ.Normalize(map[string]any{field: value}, schema.Options{})
	return err == nil
}

// What the product's documentation says of numbers: the range, a special value outside of it, the default.
func TestDocumentedNumbers(t *testing.T) {
	const none = -7
	for _, d := range []struct {
		message, field             string
		low, high, special, preset int64
	}{
		{"Gslb", "send_interval", 1, 3600, none, 15},
		{"Gslb", "async_interval", 0, 5, none, 0},
		{"Gslb", "clear_on_max_retries", 1, 1024, none, 20},
		{"Gslb", "error_resync_interval", 60, 3600, 0, 300},
		{"Gslb", "short_probe_interval", 1, 3600, none, 30},
		{"LeaderChangeInfo", "max_unsuccessful_probes", 1, 3600, none, 15},
		{"GslbSite", "ratio", 1, 20, none, none},
		{"GslbThirdPartySite", "ratio", 1, 20, none, none},
		{"GslbService", "num_dns_ip", 1, 20, 0, none},
		{"GslbService", "ttl", 0, 86400, none, none},
		{"GslbService", "min_members", 1, 65535, 0, 0},
		{"GslbPool", "priority", 0, 100, none, 10},
		{"GslbPool", "consistent_hash_mask", 1, 31, none, none},
		{"GslbPool", "consistent_hash_mask6", 1, 127, none, none},
		{"GslbPoolMember", "ratio", 1, 20, none, 1},
		{"GslbPoolMember", "preference_order", 1, 128, none, 1},
		{"GslbGeoDbEntry", "priority", 1, 100, none, 10},
		{"HealthMonitor", "send_interval", 1, 3600, none, 10},
		{"HealthMonitor", "receive_timeout", 1, 2400, none, 4},
		{"HealthMonitor", "successful_checks", 1, 50, none, 2},
		{"HealthMonitor", "failed_checks", 1, 50, none, 2},
		{"HealthMonitor", "monitor_port", 1, 65535, 0, none},
		{"DnsServiceApplicationProfile", "num_dns_ip", 1, 20, 0, 1},
		{"DnsServiceApplicationProfile", "ttl", 0, 86400, none, 30},
		{"DnsServiceApplicationProfile", "negative_caching_ttl", 0, 86400, none, 30},
		{"DnsRecord", "num_records_in_response", 0, 20, none, 0},
		{"ControllerProperties", "api_idle_timeout", 0, 1440, none, 15},
		{"PortalConfiguration", "api_force_timeout", 1, 24, none, 24},
	} {
		t.Run(d.message+"."+d.field, func(t *testing.T) {
			typ := only(t, d.message, d.field)
			for value, want := range map[int64]bool{d.low: true, d.high: true, d.low - 1: d.special == d.low-1, d.high + 1: false} {
				if takes(typ, d.field, value) != want {
					t.Errorf("takes %d: %v", value, !want)
				}
			}
			if d.special != none && !takes(typ, d.field, d.special) {
				t.Errorf("does not take %d", d.special)
			}
			preset := int64(none)
			if v, ok := typ.Message.Fields[0].Default.(int64); ok {
				preset = v
			}
			if preset != d.preset {
				t.Errorf("default %d, want %d", preset, d.preset)
			}
		})
	}
}

// What it says of the length of lists.
func TestDocumentedLengths(t *testing.T) {
	for _, d := range []struct {
		message, field string
		min, max       int
		element        any
	}{
		{"Gslb", "sites", 1, 0, map[string]any{}},
		{"LeaderChangeInfo", "leader_candidates", 0, 1, map[string]any{}},
		{"GslbSite", "ip_addresses", 0, 3, map[string]any{}},
		{"GslbService", "domain_names", 1, 0, "x"},
		{"GslbService", "groups", 1, 0, map[string]any{}},
		{"GslbService", "health_monitor_refs", 0, 6, "/api/healthmonitor?name=x"},
		{"GslbPool", "members", 1, 0, map[string]any{}},
		{"DnsServiceApplicationProfile", "domain_names", 0, 100, "x"},
		{"DnsServiceApplicationProfile", "dns_zones", 0, 100, map[string]any{}},
		{"DnsRecord", "fqdn", 1, 0, "x"},
		{"DnsRecord", "ip_address", 0, 4, map[string]any{}},
		{"DnsRecord", "ip6_address", 0, 4, map[string]any{}},
		{"DnsRecord", "ns", 0, 13, map[string]any{}},
		{"DnsRecord", "mx_records", 0, 4, map[string]any{}},
		{"DnsRecord", "txt_records", 0, 4, map[string]any{}},
		{"DnsRecord", "service_locator", 0, 4, map[string]any{}},
		{"HealthMonitorHttp", "maintenance_code", 0, 4, 503},
		{"GslbGeoDbProfile", "entries", 1, 0, map[string]any{}},
		{"PKIProfile", "allow_pki_errors", 0, 1, "x"},
	} {
		t.Run(d.message+"."+d.field, func(t *testing.T) {
			typ := only(t, d.message, d.field)
			typ.Message.Fields[0].Enum = nil
			long := func(n int) []any {
				list := []any{}
				for range n {
					list = append(list, d.element)
				}
				return list
			}
			for n, want := range map[int]bool{d.min: true, d.min - 1: false, d.max: true, d.max + 1: false} {
				skipped := n < 0 || n == d.max && d.max == 0 || n == d.max+1 && d.max == 0 || n == d.min && n == d.max
				if !skipped && takes(typ, d.field, long(n)) != want {
					t.Errorf("takes %d: %v", n, !want)
				}
			}
		})
	}
}

// What it says of words: all of them, the default among them.
func TestDocumentedWords(t *testing.T) {
	for _, d := range []struct {
		message, field, prefix, preset string
		words                          []string
	}{
		{"GslbService", "pool_algorithm", "GSLB_SERVICE_ALGORITHM_", "PRIORITY", []string{"PRIORITY", "GEO"}},
		{"GslbService", "health_monitor_scope", "GSLB_SERVICE_HEALTH_MONITOR_", "ALL_MEMBERS", []string{"ALL_MEMBERS", "ONLY_NON_AVI_MEMBERS"}},
		{"GslbService", "record_type", "GSLB_SERVICE_RECORD_TYPE_", "A_AAAA_CNAME", []string{"A_AAAA_CNAME", "SRV"}},
		{"GslbPool", "algorithm", "GSLB_ALGORITHM_", "ROUND_ROBIN", []string{"ROUND_ROBIN", "CONSISTENT_HASH", "GEO", "TOPOLOGY", "PREFERENCE_ORDER"}},
		{"GslbServiceDownResponse", "type", "GSLB_SERVICE_DOWN_RESPONSE_", "NONE", []string{"NONE", "ALL_RECORDS", "FALLBACK_IP", "EMPTY", "CNAME"}},
		{"GslbSite", "member_type", "GSLB_", "PASSIVE_MEMBER", []string{"PASSIVE_MEMBER", "ACTIVE_MEMBER"}},
		{"ReplicationPolicy", "replication_mode", "REPLICATION_MODE_", "CONTINUOUS", []string{"CONTINUOUS", "MANUAL", "ADAPTIVE"}},
		{"LeaderChangeInfo", "leader_change_mode", "GSLB_LC_MODE_", "MANUAL", []string{"MANUAL", "AUTO"}},
		{"GslbClientIpAddrGroup", "type", "GSLB_IP_", "PUBLIC", []string{"PUBLIC", "PRIVATE"}},
		{"HealthMonitor", "type", "HEALTH_MONITOR_", "", []string{"PING", "TCP", "HTTP", "HTTPS", "EXTERNAL", "UDP", "DNS", "GSLB", "SIP"}},
		{"HealthMonitorDNS", "qtype", "DNS_", "QUERY_TYPE", []string{"QUERY_TYPE", "ANY_TYPE", "ANY_THING"}},
		{"HealthMonitorDNS", "rcode", "RCODE_", "NO_ERROR", []string{"NO_ERROR", "ANYTHING"}},
		{"DnsServiceApplicationProfile", "error_response", "DNS_ERROR_RESPONSE_", "NONE", []string{"NONE", "ERROR"}},
		{"DnsRecord", "algorithm", "DNS_RECORD_RESPONSE_", "ROUND_ROBIN", []string{"ROUND_ROBIN", "CONSISTENT_HASH"}},
		{"DnsInfo", "algorithm", "DNS_RECORD_RESPONSE_", "CONSISTENT_HASH", []string{"ROUND_ROBIN", "CONSISTENT_HASH"}},
		{"ApplicationPersistenceProfile", "server_hm_down_recovery", "HM_DOWN_", "PICK_NEW_SERVER",
			[]string{"PICK_NEW_SERVER", "ABORT_CONNECTION", "CONTINUE_PERSISTENT_SERVER"}},
	} {
		t.Run(d.message+"."+d.field, func(t *testing.T) {
			typ := only(t, d.message, d.field)
			for _, word := range d.words {
				if !takes(typ, d.field, d.prefix+word) {
					t.Errorf("does not take %s", d.prefix+word)
				}
			}
			if takes(typ, d.field, d.prefix+"NO_SUCH_WORD") {
				t.Error("takes any word")
			}
			preset := ""
			if v := typ.Message.Fields[0].Default; v != nil {
				preset = fmt.Sprint(v)[len(d.prefix):]
			}
			if preset != d.preset {
				t.Errorf("default %q, want %q", preset, d.preset)
			}
		})
	}
}
