package api_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/vmware/alb-sdk/go/clients"
	"github.com/vmware/alb-sdk/go/session"

	"github.com/gslbsim/gslbsim/fakeavi/schema"
	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// federation puts into a controller what AMKO expects to find: a leader with a third-party site, a cloud, built-in monitors.
func federation(t testing.TB, f *fixture) {
	t.Helper()
	cluster := "cluster-11111111-aaaa-4aaa-8aaa-111111111111"
	for _, o := range []struct {
		typ  string
		body map[string]any
	}{
		{"cloud", map[string]any{"name": "Default-Cloud", "vtype": "CLOUD_NONE"}},
		{"gslb", map[string]any{"name": "Default", "leader_cluster_uuid": cluster,
			"dns_configs":       []any{map[string]any{"domain_name": "gslb.test"}},
			"sites":             []any{map[string]any{"name": "site-1", "cluster_uuid": cluster, "username": "admin", "password": "secret"}},
			"third_party_sites": []any{map[string]any{"name": "tp-1", "cluster_uuid": "tp_cluster-1"}}}},
		{"healthmonitor", map[string]any{"name": "System-GSLB-TCP", "type": "HEALTH_MONITOR_TCP", "is_federated": true}},
		{"healthmonitor", map[string]any{"name": "local", "type": "HEALTH_MONITOR_TCP"}},
		{"applicationpersistenceprofile", map[string]any{"name": "gap-1", "persistence_type": "PERSISTENCE_TYPE_GSLB_SITE", "is_federated": true}},
		{"pkiprofile", map[string]any{"name": "pki-1", "is_federated": true}},
	} {
		if _, err := f.store.Create(o.typ, o.body, store.System()); err != nil {
			t.Fatal(err)
		}
	}
}

// amko is a client pool as AMKO makes one: eight parallel logins for a tenant.
func amko(f *fixture, tenant string) []*clients.AviClient {
	f.t.Helper()
	pool := make([]*clients.AviClient, 8)
	var wg sync.WaitGroup
	for i := range pool {
		wg.Go(func() {
			c, err := clients.NewAviClient(f.host(), "admin", session.SetPassword(adminPassword), session.SetInsecure,
				session.SetTenant(tenant), session.DisableControllerStatusCheckOnFailure(true))
			if err != nil {
				f.t.Error(err)
				return
			}
			_ = session.SetVersion(testVersion)(c.AviSession) // AMKO states its version after the login
			pool[i] = c
		})
	}
	wg.Wait()
	return pool
}

// The acceptance list for a fake that carries the real AMKO: its boot sequence and its writes, request by request, with what it
// reads from the replies.
func TestBootOfAMKO(t *testing.T) {
	g := NewWithT(t)
	f := newFixture(t)
	federation(t, f)
	everywhere, admin := amko(f, "*")[0].AviSession, amko(f, "admin")[0].AviSession
	get := func(s *session.AviSession, path string) map[string]any {
		t.Helper()
		var out map[string]any
		g.Expect(s.Get(path, &out)).To(Succeed(), path)
		return out
	}
	results := func(reply map[string]any, count int) []any {
		t.Helper()
		g.Expect(reply).To(HaveKeyWithValue("count", float64(count)))
		g.Expect(reply["results"]).To(HaveLen(count))
		return reply["results"].([]any)
	}
	get(everywhere, "/api/cloud")
	cluster := get(admin, "/api/cluster")
	g.Expect(cluster).To(And(HaveKey("name"), HaveKey("uuid"), Not(HaveKey("results"))))
	gslb := results(get(admin, "/api/gslb"), 1)[0]
	g.Expect(gslb).To(HaveKeyWithValue("leader_cluster_uuid", cluster["uuid"]))
	for _, typ := range []string{"healthmonitor", "applicationpersistenceprofile", "pkiprofile"} {
		o := results(get(everywhere, "/api/"+typ+"?include_name=&is_federated=true&page_size=100"), 1)[0]
		g.Expect(o).To(And(HaveKey("name"), HaveKey("uuid"), HaveKeyWithValue("tenant_ref", HaveSuffix("/api/tenant/admin#admin"))))
		g.Expect(o).To(HaveKeyWithValue("uuid", HavePrefix(typ+"-")))
	}
	results(get(everywhere, "/api/gslbservice?created_by=amko-gslb&include_name=&page_size=100"), 0)
	results(get(everywhere, "/api/gslbservice?created_by=amko-1&include_name=&page_size=100"), 0)

	var hm, gs map[string]any
	post := func(path string, body string, out *map[string]any) error {
		return admin.Post(path, rawJSON(body), out)
	}
	const hmBody = `{"allow_duplicate_monitors":true,"description":"created by: amko, gsname: a.gslb.test, path: /, protocol: http","failed_checks":3,
		"http_monitor":{"http_request":"HEAD / HTTP/1.0","http_response_code":["HTTP_2XX","HTTP_3XX"]},"is_federated":true,
		"markers":[{"key":"created-by","values":["amko-1"]}],"monitor_port":80,"name":"amko--1","receive_timeout":4,"send_interval":10,
		"successful_checks":3,"tenant_ref":"https:///api/tenant/?name=admin","type":"HEALTH_MONITOR_HTTP"}`
	g.Expect(post("/api/healthmonitor/", hmBody, &hm)).To(Succeed())
	g.Expect(hm).To(And(HaveKey("name"), HaveKeyWithValue("uuid", HavePrefix("healthmonitor-")), HaveKeyWithValue("type", "HEALTH_MONITOR_HTTP"),
		HaveKeyWithValue("monitor_port", 80.0), HaveKey("description"), HaveKeyWithValue("url", ContainSubstring("/api/healthmonitor/"))))
	gsBody := `{"controller_health_status_enabled":true,"created_by":"amko-1","description":"INGRESS/c1/default/app/a.gslb.test",
		"domain_names":["a.gslb.test"],"enabled":true,"groups":[{"algorithm":"GSLB_ALGORITHM_ROUND_ROBIN","enabled":true,"members":[
		{"cluster_uuid":"c","enabled":true,"ip":{"addr":"10.1.1.1","type":"V4"},"ratio":10,"vs_uuid":""}],"min_health_monitors_up":2,
		"name":"amko-gs-group-10","priority":10}],"health_monitor_refs":["/api/healthmonitor?name=amko--1"],
		"health_monitor_scope":"GSLB_SERVICE_HEALTH_MONITOR_ALL_MEMBERS","is_federated":true,"min_members":0,"name":"a.gslb.test",
		"pool_algorithm":"GSLB_SERVICE_ALGORITHM_PRIORITY","resolve_cname":false,"site_persistence_enabled":false,
		"tenant_ref":"https:///api/tenant/?name=admin","use_edns_client_subnet":true,"wildcard_match":false}`
	g.Expect(post("/api/gslbservice/", gsBody, &gs)).To(Succeed())
	g.Expect(strings.Split(gs["url"].(string), "/")[4]).To(Equal("gslbservice"))
	g.Expect(gs).To(HaveKeyWithValue("site_persistence_enabled", false))
	for _, ref := range gs["health_monitor_refs"].([]any) {
		g.Expect(strings.Split(ref.(string), "#")).To(Equal([]string{"https://" + f.host() + "/api/healthmonitor/" + hm["uuid"].(string), "amko--1"}))
	}
	listed := results(get(everywhere, "/api/gslbservice?created_by=amko-1&include_name=&page_size=100"), 1)[0].(map[string]any)
	g.Expect(listed).To(And(HaveKey("description"), HaveKey("groups"), HaveKeyWithValue("site_persistence_enabled", false)))
	member := listed["groups"].([]any)[0].(map[string]any)["members"].([]any)[0].(map[string]any)
	g.Expect(member).To(And(HaveKeyWithValue("ratio", 10.0), HaveKeyWithValue("ip", HaveKeyWithValue("addr", "10.1.1.1"))))

	err := post("/api/healthmonitor/", hmBody, &hm)
	g.Expect(err).To(MatchError(ContainSubstring("Health monitor with this Name and Tenant ref already exists")))
	g.Expect(err.(session.AviError).HttpStatusCode).To(Equal(409))
	g.Expect(err.(session.AviError).Message).NotTo(BeNil(), "AMKO reads the message without looking")
	results(get(admin, "api/healthmonitor?name=amko--1"), 1)
	results(get(admin, "/api/gslbservice?created_by=amko-1&include_name=&name=a.gslb.test"), 1)
	results(get(admin, "/api/pkiprofile?is_federated=true&page_size=10"), 1)

	g.Expect(admin.Put("/api/gslbservice/"+gs["uuid"].(string), rawJSON(gsBody), &gs)).To(Succeed())
	err = admin.Delete("/api/healthmonitor/" + hm["uuid"].(string))
	g.Expect(err.(session.AviError).HttpStatusCode).To(Equal(403))
	g.Expect(admin.Delete("/api/gslbservice/" + gs["uuid"].(string))).To(Succeed())
	g.Expect(admin.Delete("/api/healthmonitor/" + hm["uuid"].(string))).To(Succeed())
	err = admin.Put("/api/gslbservice/"+gs["uuid"].(string), rawJSON(gsBody), &gs)
	g.Expect(err.(session.AviError).HttpStatusCode).To(Equal(404))
}

// rawJSON is a body that the SDK sends as it is.
type rawJSON string

func (r rawJSON) MarshalJSON() ([]byte, error) { return []byte(r), nil }

// Every field that AMKO writes is stored and comes back from every operation that returns an object.
func TestFieldsOfAMKO(t *testing.T) {
	g := NewWithT(t)
	f := newFixture(t)
	federation(t, f)
	c := f.login()
	c.do(201, "POST", "/api/healthmonitor", `{"name":"hm","type":"HEALTH_MONITOR_PING","is_federated":true}`)
	full := map[string]string{
		"healthmonitor": `{"allow_duplicate_monitors":true,"description":"d","failed_checks":3,"https_monitor":{"http_request":"HEAD / HTTP/1.0",
			"http_response_code":["HTTP_2XX"]},"is_federated":true,"markers":[{"key":"created-by","values":["x"]}],"monitor_port":443,"name":"n",
			"receive_timeout":4,"send_interval":11,"successful_checks":3,"tcp_monitor":{"tcp_half_open":false},
			"udp_monitor":{"udp_request":"r"},"type":"HEALTH_MONITOR_HTTPS"}`,
		"gslbservice": `{"application_persistence_profile_ref":"/api/applicationpersistenceprofile?name=gap-1","controller_health_status_enabled":true,
			"created_by":"c","description":"d","domain_names":["a.gslb.test","b.gslb.test"],"down_response":{"fallback_ip":{"addr":"1.1.1.1","type":"V4"},
			"type":"GSLB_SERVICE_DOWN_RESPONSE_FALLBACK_IP"},"enabled":true,"groups":[{"algorithm":"GSLB_ALGORITHM_GEO","consistent_hash_mask":24,
			"enabled":true,"fallback_algorithm":"GSLB_ALGORITHM_CONSISTENT_HASH","members":[{"cluster_uuid":"c","enabled":true,"ip":{"addr":"1.1.1.1","type":"V4"},
			"public_ip":{"ip":{"addr":"2.2.2.2","type":"V4"}},"ratio":5,"vs_uuid":"v"}],"min_health_monitors_up":2,"name":"g","priority":11}],
			"health_monitor_refs":["/api/healthmonitor?name=hm"],"health_monitor_scope":"GSLB_SERVICE_HEALTH_MONITOR_ALL_MEMBERS","is_federated":true,
			"min_members":0,"name":"n","pki_profile_ref":"/api/pkiprofile?name=pki-1","pool_algorithm":"GSLB_SERVICE_ALGORITHM_PRIORITY",
			"resolve_cname":false,"site_persistence_enabled":true,"ttl":10,"use_edns_client_subnet":true,"wildcard_match":false}`,
	}
	checked := 0
	for typ, body := range full {
		sent := decode(t, body)
		posted := c.do(201, "POST", "/api/"+typ, body)
		path := "/api/" + typ + "/" + posted["uuid"].(string)
		for operation, reply := range map[string]map[string]any{
			"POST":        posted,
			"PUT":         c.do(200, "PUT", path, body),
			"GET":         c.do(200, "GET", path+"?include_name", ""),
			"GET by name": c.do(200, "GET", "/api/"+typ+"?include_name&name=n", "")["results"].([]any)[0].(map[string]any),
			"GET list":    c.do(200, "GET", "/api/"+typ+"?include_name=&is_federated=true&page_size=100&sort=-name", "")["results"].([]any)[0].(map[string]any),
			"PATCH":       c.do(200, "PATCH", path, `{"replace":{"description":"d"}}`),
		} {
			if reply["name"] != "n" {
				t.Fatalf("%s: %v", operation, reply["name"])
			}
			for field, value := range sent {
				checked++
				if strings.HasSuffix(field, "_ref") || strings.HasSuffix(field, "_refs") {
					g.Expect(fmt.Sprint(reply[field])).To(ContainSubstring("#"), "%s %s", operation, typ)
				}
				if missing := lacks(field, value, reply[field]); missing != "" {
					t.Errorf("%s %s: %s", operation, typ, missing)
				}
			}
		}
	}
	t.Logf("%d operation x field pairs of what AMKO writes: all stored and returned", checked)
}

// lacks names the first part of what was sent that is not in what came back, empty if there is none. References come back resolved,
// and secrets masked.
func lacks(path string, sent, got any) string {
	switch s := sent.(type) {
	case map[string]any:
		g, _ := got.(map[string]any)
		for k, v := range s {
			if missing := lacks(path+"."+k, v, g[k]); missing != "" {
				return missing
			}
		}
		return ""
	case []any:
		g, _ := got.([]any)
		if len(g) != len(s) {
			return fmt.Sprintf("%s has %d elements, want %d", path, len(g), len(s))
		}
		for i := range s {
			if missing := lacks(fmt.Sprintf("%s[%d]", path, i), s[i], g[i]); missing != "" {
				return missing
			}
		}
		return ""
	}
	if ref, ok := sent.(string); ok && strings.Contains(ref, "/api/") {
		if resolved, _ := got.(string); strings.HasPrefix(resolved, "https://") {
			return ""
		}
	}
	if sent != got && got != schema.Masked {
		return fmt.Sprintf("%s is %v, want %v", path, got, sent)
	}
	return ""
}
