package schema_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/fakeavi/schema"
)

func Example() {
	gslbService, _ := schema.Load().Type("gslbservice")
	body, err := gslbService.Normalize(map[string]any{
		"name": "app.gslb.test",
		"groups": []any{map[string]any{
			"name":    "pool",
			"members": []any{map[string]any{"ip": map[string]any{"addr": "10.0.0.1", "type": "V4"}}},
		}},
	}, schema.Options{})
	fmt.Println(err)
	member := body["groups"].([]any)[0].(map[string]any)["members"].([]any)[0].(map[string]any)
	fmt.Println(body["enabled"], body["pool_algorithm"], member["ratio"])

	member["ratio"] = 21
	_, err = gslbService.Normalize(body, schema.Options{})
	fmt.Println(err)
	// Output:
	// <nil>
	// true GSLB_SERVICE_ALGORITHM_PRIORITY 1
	// GslbService: groups[0].members[0].ratio 21 is not in the range 1 to 20
}

func typeOf(t testing.TB, name string) *schema.Type {
	t.Helper()
	typ, ok := schema.Load().Type(name)
	if !ok {
		t.Fatalf("no type %s", name)
	}
	return typ
}

func parse(t testing.TB, text string) map[string]any {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	var body map[string]any
	if err := dec.Decode(&body); err != nil {
		t.Fatal(err)
	}
	return body
}

func TestNormalizeRefuses(t *testing.T) {
	for _, tc := range []struct {
		name, typ, body, want string
		version               string
	}{
		{name: "required", typ: "gslbservice", body: `{}`, want: "name is required"},
		{name: "required and empty", typ: "gslbservice", body: `{"name":""}`, want: "name is required"},
		{name: "required below", typ: "gslb", body: `{"name":"g","leader_cluster_uuid":"c","sites":[{"name":"s"}]}`,
			want: "sites[0].cluster_uuid is required; sites[0].password is required; sites[0].username is required"},
		{name: "address", typ: "gslb", body: `{"name":"g","leader_cluster_uuid":"c","client_ip_addr_group":{"addrs":[{"addr":"999.0.2.1","type":"V4"}]}}`,
			want: `client_ip_addr_group.addrs[0].addr "999.0.2.1" is not an IPv4 address`},
		{name: "address of the other family", typ: "gslb", body: `{"name":"g","leader_cluster_uuid":"c","client_ip_addr_group":{"addrs":[{"addr":"192.0.2.1","type":"V6"}]}}`,
			want: `client_ip_addr_group.addrs[0].addr "192.0.2.1" is not an IPv6 address`},
		{name: "address with a zone", typ: "gslb", body: `{"name":"g","leader_cluster_uuid":"c","client_ip_addr_group":{"addrs":[{"addr":"fe80::1%eth0","type":"V6"}]}}`,
			want: `client_ip_addr_group.addrs[0].addr "fe80::1%eth0" is not an IPv6 address`},
		{name: "mask", typ: "gslb", body: `{"name":"g","leader_cluster_uuid":"c","client_ip_addr_group":{"prefixes":[{"ip_addr":{"addr":"192.0.2.0","type":"V4"},"mask":33}]}}`,
			want: `client_ip_addr_group.prefixes[0].mask 33 is not in the range 0 to 32`},
		{name: "addresses in the wrong order", typ: "gslb",
			body: `{"name":"g","leader_cluster_uuid":"c","client_ip_addr_group":{"ranges":[{"begin":{"addr":"192.0.2.9","type":"V4"},"end":{"addr":"192.0.2.1","type":"V4"}}]}}`,
			want: `client_ip_addr_group.ranges[0].end 192.0.2.1 does not follow 192.0.2.9`},
		{name: "unknown", typ: "gslbservice", body: `{"name":"a","colour":1}`, want: "colour is not a field of GslbService"},
		{name: "unknown below", typ: "gslbservice", body: `{"name":"a","down_response":{"type":"GSLB_SERVICE_DOWN_RESPONSE_NONE","x":1}}`,
			want: "down_response.x is not a field of GslbServiceDownResponse"},
		{name: "enumeration", typ: "gslbservice", body: `{"name":"a","pool_algorithm":"RANDOM"}`,
			want: `pool_algorithm "RANDOM" is not one of GSLB_SERVICE_ALGORITHM_PRIORITY, GSLB_SERVICE_ALGORITHM_GEO`},
		{name: "enumeration in a list", typ: "healthmonitor",
			body: `{"name":"a","type":"HEALTH_MONITOR_HTTP","http_monitor":{"http_response_code":["HTTP_2XX","HTTP_9XX"]}}`,
			want: `http_monitor.http_response_code[1] "HTTP_9XX" is not one of`},
		{name: "range", typ: "gslbservice", body: `{"name":"a","ttl":86401}`, want: "ttl 86401 is not in the range 0 to 86400"},
		{name: "range with special value", typ: "gslbservice", body: `{"name":"a","num_dns_ip":21}`,
			want: "num_dns_ip 21 is not in the range 1 to 20, 0"},
		{name: "range with a special value in it", typ: "gslbservice", body: `{"name":"a","groups":[{"name":"p","priority":101}],"ttl":-1}`,
			want: "groups[0].priority 101 is not in the range 0 to 100; ttl -1"},
		{name: "range of a float", typ: "gslb",
			body: `{"name":"g","leader_cluster_uuid":"c","third_party_sites":[{"name":"t","location":{"source":"GSLB_LOCATION_SRC_USER_CONFIGURED","location":{"latitude":91}}}]}`,
			want: "third_party_sites[0].location.location.latitude 91 is not in the range -90 to 90"},
		{name: "string for a number", typ: "gslbservice", body: `{"name":"a","ttl":"5"}`, want: `ttl must be a whole number, not the string "5"`},
		{name: "fraction", typ: "gslbservice", body: `{"name":"a","ttl":5.5}`, want: "ttl must be a whole number, not 5.5"},
		{name: "negative", typ: "gslbservice", body: `{"name":"a","min_members":-1}`, want: "min_members -1 does not fit its type"},
		{name: "too big for uint32", typ: "gslbservice", body: `{"name":"a","min_members":4294967296}`,
			want: "min_members 4294967296 does not fit its type"},
		{name: "too big for uint64", typ: "gslb", body: `{"name":"g","leader_cluster_uuid":"c","view_id":18446744073709551616}`,
			want: "view_id must be a whole number, not 18446744073709551616"},
		{name: "number for a boolean", typ: "gslbservice", body: `{"name":"a","enabled":1}`, want: "enabled must be true or false, not 1"},
		{name: "object for a string", typ: "gslbservice", body: `{"name":{}}`, want: "name must be a string, not an object"},
		{name: "scalar for a list", typ: "gslbservice", body: `{"name":"a","domain_names":"a"}`,
			want: `domain_names must be a list, not the string "a"`},
		{name: "list for an object", typ: "gslbservice", body: `{"name":"a","down_response":[]}`, want: "down_response must be an object, not a list"},
		{name: "null in a list", typ: "gslbservice", body: `{"name":"a","domain_names":[null]}`,
			want: "domain_names[0] must be a string, not null"},
		{name: "too few items", typ: "gslbservice", body: `{"name":"a","domain_names":[]}`, want: "domain_names needs at least 1 item"},
		{name: "too many items", typ: "gslbservice", body: `{"name":"a","health_monitor_refs":["1","2","3","4","5","6","7"]}`,
			want: "health_monitor_refs takes at most 6 items, not 7"},
		{name: "long name", typ: "gslbservice", body: `{"name":"` + strings.Repeat("a", 256) + `"}`, want: "name is longer than 255 bytes"},
		{name: "newer field", typ: "gslbservice", body: `{"name":"a","pki_profile_ref":"x"}`, version: "22.1.2",
			want: "pki_profile_ref does not exist in API version 22.1.2"},
		{name: "several", typ: "gslbservice", body: `{"ttl":-1,"enabled":"x"}`,
			want: `enabled must be true or false, not the string "x"; name is required; ttl -1 does not fit its type`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			g := NewWithT(t)
			var o schema.Options
			if tc.version != "" {
				v, err := schema.ParseVersion(tc.version)
				g.Expect(err).NotTo(HaveOccurred())
				o.Version = v
			}
			typ := typeOf(t, tc.typ)
			_, err := typ.Normalize(parse(t, tc.body), o)
			g.Expect(err).To(MatchError(HavePrefix(typ.Model + ": " + tc.want)))
		})
	}
}

func TestNormalizeFillsDefaults(t *testing.T) {
	g := NewWithT(t)
	in := parse(t, `{"name":"a","min_members":0,"down_response":null,"groups":[{"name":"p","members":[{"ip":{"addr":"1.1.1.1","type":"V4"}}]}],
		"url":"ignored","_last_modified":"1"}`)
	before := encode(t, in)
	body, err := typeOf(t, "gslbservice").Normalize(in, schema.Options{})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(encode(t, in)).To(Equal(before), "the input is not changed")
	want := map[string]any{
		"name": "a", "min_members": int64(0), "controller_health_status_enabled": true, "enabled": true, "is_federated": true,
		"health_monitor_scope": "GSLB_SERVICE_HEALTH_MONITOR_ALL_MEMBERS", "include_additional_records": false,
		"pool_algorithm": "GSLB_SERVICE_ALGORITHM_PRIORITY", "record_type": "GSLB_SERVICE_RECORD_TYPE_A_AAAA_CNAME",
		"resolve_cname": false, "site_persistence_enabled": false, "topology_policy_enabled": false,
		"use_edns_client_subnet": true, "wildcard_match": false,
		"groups": []any{map[string]any{
			"name": "p", "algorithm": "GSLB_ALGORITHM_ROUND_ROBIN", "enabled": true, "gslb_pool_type": "GSLB_POOL_TYPE_GENERIC",
			"manual_resume": false, "priority": int64(10),
			"members": []any{map[string]any{
				"ip": map[string]any{"addr": "1.1.1.1", "type": "V4"}, "enabled": true, "ratio": int64(1),
				"preference_order": int64(1), "resolve_fqdn_to_v6": false,
			}},
		}},
	}
	g.Expect(cmp.Diff(want, body)).To(BeEmpty())

	again, err := typeOf(t, "gslbservice").Normalize(body, schema.Options{})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(cmp.Diff(body, again)).To(BeEmpty(), "normalising is idempotent")
}

func encode(t testing.TB, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestNormalizeKeepsReadOnlyForTheController(t *testing.T) {
	g := NewWithT(t)
	body := parse(t, `{"name":"g","leader_cluster_uuid":"c","third_party_sites":[{"name":"t","cluster_uuid":"tp_cluster-1"}]}`)
	typ := typeOf(t, "gslb")
	site := func(o schema.Options) map[string]any {
		out, err := typ.Normalize(body, o)
		g.Expect(err).NotTo(HaveOccurred())
		return out["third_party_sites"].([]any)[0].(map[string]any)
	}
	g.Expect(site(schema.Options{})).NotTo(HaveKey("cluster_uuid"))
	g.Expect(site(schema.Options{KeepReadOnly: true})).To(HaveKeyWithValue("cluster_uuid", "tp_cluster-1"))
}

func TestNormalizeNumbers(t *testing.T) {
	g := NewWithT(t)
	typ := typeOf(t, "gslb")
	for _, view := range []any{json.Number("18446744073709551615"), uint64(18446744073709551615)} {
		body, err := typ.Normalize(map[string]any{"name": "g", "leader_cluster_uuid": "c", "view_id": view}, schema.Options{})
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(body["view_id"]).To(Equal(uint64(18446744073709551615)))
	}
	for _, ten := range []any{10, int32(10), int64(10), uint32(10), uint64(10), 10.0, json.Number("10"), json.Number("1e1")} {
		body, err := typ.Normalize(map[string]any{"name": "g", "leader_cluster_uuid": "c", "send_interval": ten}, schema.Options{})
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(body["send_interval"]).To(Equal(int64(10)), "%T", ten)
	}
}

// FuzzNormalize checks that whatever is accepted is accepted again unchanged, and that nothing panics.
func FuzzNormalize(f *testing.F) {
	for _, seed := range []string{
		`{"name":"a","groups":[{"name":"p","members":[{"ip":{"addr":"1.1.1.1","type":"V4"}}]}]}`,
		`{"name":"a","ttl":1e2,"domain_names":["x"]}`, `{"name":null}`, `[]`, `{"groups":[[[]]]}`,
	} {
		f.Add("gslbservice", seed)
	}
	f.Add("gslb", `{"name":"g","leader_cluster_uuid":"c","view_id":18446744073709551615,"sites":[{"password":"<sensitive>"}]}`)
	f.Add("systemconfiguration", `{"portal_configuration":{}}`)
	f.Fuzz(func(t *testing.T, name, text string) {
		typ, ok := schema.Load().Type(name)
		if !ok {
			return
		}
		dec := json.NewDecoder(strings.NewReader(text))
		dec.UseNumber()
		var in map[string]any
		if dec.Decode(&in) != nil {
			return
		}
		body, err := typ.Normalize(in, schema.Options{})
		if err != nil {
			if err.Error() == "" {
				t.Fatal("an error without text")
			}
			return
		}
		again, err := typ.Normalize(body, schema.Options{})
		if err != nil || cmp.Diff(body, again) != "" {
			t.Fatalf("not idempotent: %v\n%s", err, cmp.Diff(body, again))
		}
		if got := typ.Message.Canonical(parse(t, encode(t, body))); cmp.Diff(body, got) != "" {
			t.Fatalf("not the same after JSON:\n%s", cmp.Diff(body, got))
		}
	})
}
