package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/vmware/alb-sdk/go/session"

	"github.com/gslbsim/gslbsim/fakeavi/api"
	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// serve hands a request of a client to a handler without a network.
func serve(h http.Handler, c *client, method string, u *url.URL, body string) (int, []byte) {
	u.Scheme, u.Host = "https", "controller.test"
	r := (&http.Request{
		Method: method, URL: u, Host: u.Host, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
		Header: http.Header{"Referer": {"https://controller.test/"}, "X-Csrftoken": {c.csrf}, "Cookie": {"sessionid=" + c.session}},
	})
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code, w.Body.Bytes()
}

// checkReply fails a test unless a reply is one that a client can read.
func checkReply(t *testing.T, status int, body []byte) {
	t.Helper()
	if status >= 500 {
		t.Fatalf("%d %s", status, body)
	}
	if status == http.StatusNoContent {
		return
	}
	var reply map[string]any
	if err := json.Unmarshal(body, &reply); err != nil {
		t.Fatalf("%d %q: %v", status, body, err)
	}
	if text, _ := reply["error"].(string); status >= 400 && text == "" {
		t.Fatalf("%d without error text: %s", status, body)
	}
}

// FuzzBody checks that no body makes the API fail in another way than with an error that a client can read, and that what is accepted
// comes back as JSON that is accepted again.
func FuzzBody(f *testing.F) {
	fx := newFixture(f)
	c := fx.login()
	for _, seed := range []string{`{"name":"a"}`, `{"name":"a","groups":[{"name":"p","members":[{"ip":{"addr":"x","type":"V4"}}]}]}`, `{`, `[]`, `{"name":"\u0000\ud800"}`,
		`{"add":{"domain_names":["x"]}}`, `{"model_name":"GslbService","data":{"name":"a","health_monitor_refs_data":[{"name":"x"}]}}`} {
		f.Add("POST", "/api/gslbservice", seed)
	}
	f.Add("POST", "/api/macro", `{"model_name":"GslbService","data":{"name":"m"}}`)
	f.Add("PATCH", "/api/cluster", `{"replace":{"nodes":[]}}`)
	f.Fuzz(func(t *testing.T, method, path, body string) {
		if method != strings.ToUpper(method) || !strings.HasPrefix(path, "/api/") || strings.Contains(path, "user") {
			return
		}
		status, reply := serve(fx.api, c, method, &url.URL{Path: path}, body)
		checkReply(t, status, reply)
		if status != http.StatusCreated {
			return
		}
		var o map[string]any
		if err := json.Unmarshal(reply, &o); err != nil {
			t.Fatal(err)
		}
		at, err := url.Parse(o["url"].(string))
		if err != nil {
			at = &url.URL{Path: "/api/gslbservice/" + o["uuid"].(string)}
		}
		status, again := serve(fx.api, c, "PUT", &url.URL{Path: at.Path}, string(reply))
		if status != http.StatusOK {
			t.Fatalf("its own reply is refused: %d %s\n%s", status, again, reply)
		}
		if status, text := serve(fx.api, c, "DELETE", &url.URL{Path: at.Path}, ""); status != http.StatusNoContent && status != http.StatusForbidden {
			t.Fatalf("delete: %d %s", status, text)
		}
	})
}

func TestStatusCodes(t *testing.T) {
	g := NewWithT(t)
	f := newFixture(t)
	c := f.login()
	ping := `{"name":"hm","type":"HEALTH_MONITOR_PING"}`
	hm := c.do(201, "POST", "//api/healthmonitor/", ping)
	path := "/api/healthmonitor/" + hm["uuid"].(string)
	c.do(200, "GET", "//"+path[1:], "")
	c.do(200, "GET", path+"/", "")
	c.do(200, "PUT", path, ping)
	c.do(200, "PATCH", path, `{"add":{"send_interval":20}}`)
	g.Expect(c.do(409, "POST", "/api/healthmonitor", ping)).To(And(
		HaveKeyWithValue("error", "Health monitor with this Name and Tenant ref already exists."), HaveKeyWithValue("obj_name", "hm")))
	c.do(400, "POST", "/api/pool?page=0", `{"name":"unwritten"}`)
	g.Expect(f.store.Len("pool")).To(BeZero(), "a query that can not be answered writes nothing")
	c.do(201, "POST", "/api/gslbservice", `{"name":"gs","health_monitor_refs":["/api/healthmonitor?name=hm"]}`)
	g.Expect(c.do(403, "DELETE", path, "")).To(HaveKeyWithValue("error", "Cannot delete, object is referred by: ['GslbService gs']"))
	g.Expect(c.do(412, "PUT", path, `{"name":"hm","type":"HEALTH_MONITOR_PING","_last_modified":"1"}`)["error"]).To(HavePrefix("concurrent update"))

	for _, tc := range []struct {
		status             int
		method, path, body string
	}{
		{404, "GET", "/", ""}, {404, "GET", "/nothing", ""}, {404, "GET", "/api", ""}, {404, "GET", "/api/nothing", ""},
		{404, "GET", "/api/nothing/x", ""}, {404, "GET", "/api/pool/pool-1", ""}, {404, "GET", "/api/pool/" + hm["uuid"].(string), ""},
		{404, "PUT", "/api/pool/pool-1", `{"name":"x"}`}, {404, "DELETE", "/api/pool/pool-1", ""}, {404, "GET", path + "/x/y", ""},
		{400, "POST", "/api/pool", ""}, {400, "POST", "/api/pool", "{"}, {400, "POST", "/api/pool", "[]"}, {400, "POST", "/api/pool", "{}"},
		{400, "POST", "/api/pool?include_name=maybe", `{"name":"x"}`}, {200, "GET", "/api/pool?name=x", ""},
		{400, "POST", "/api/pool", `{"name":"x"} x`}, {400, "post", "/api/pool", `{"name":"x"}`}, {400, "PUT", path, `x`},
		{405, "PUT", "/api/pool", `{"name":"x"}`}, {405, "DELETE", "/api/pool", ""}, {405, "POST", path, `{}`}, {405, "OPTIONS", "/api/pool", ""},
		{405, "DELETE", "/api/cluster", ""}, {405, "POST", "/api/systemconfiguration", "{}"}, {405, "PUT", "/api/cluster/status", ""},
		{405, "PUT", "/api/user-token", "{}"}, {405, "GET", "/api/macro", ""},
		{204, "DELETE", "/api/gslbservice/" + must(f.store.Lookup("gslbservice", "admin", "gs")).UUID, ""}, {204, "DELETE", path, ""},
		{404, "DELETE", path, ""},
	} {
		status, header, text := c.send(tc.method, tc.path, tc.body)
		g.Expect(status).To(Equal(tc.status), "%s %s: %s", tc.method, tc.path, text)
		if status >= 400 {
			g.Expect(header.Get("Content-Type")).To(Equal("application/json"))
			var reply map[string]any
			g.Expect(json.Unmarshal(text, &reply)).To(Succeed(), "%s %s: %s", tc.method, tc.path, text)
			g.Expect(reply["error"]).NotTo(BeEmpty())
		}
	}
	anonymous := &client{fixture: f}
	for _, path := range []string{"/api/pool", "/api/cluster", "/api/cluster/runtime", "/api/user-token", "/api/nothing"} {
		g.Expect(anonymous.do(401, "GET", path, "")).To(HaveKey("error"))
	}
}

func must[T any](v T, ok bool) T {
	if !ok {
		panic("not found")
	}
	return v
}

func TestBodiesThatAreNoObjects(t *testing.T) {
	g := NewWithT(t)
	c := newFixture(t).login()
	for body, want := range map[string]string{
		"":          "the body is empty",
		" ":         "the body is empty",
		"[]":        "of type array",
		`"x"`:       "of type string",
		"null":      "but null",
		"{} x":      "something after",
		`{"name":`:  "not a JSON object: unexpected EOF",
		`{"name" x`: "not a JSON object: invalid character",
	} {
		g.Expect(c.do(400, "POST", "/api/pool", body)["error"]).To(ContainSubstring(want), body)
	}
}

func TestHeadIsGetWithoutABody(t *testing.T) {
	g := NewWithT(t)
	c := newFixture(t).login()
	for path, want := range map[string]int{"/api/pool": 200, "/api/cluster/status": 200, "/api/pool/pool-1": 404, "/login": 405} {
		status, _, text := c.send("HEAD", path, "")
		g.Expect(status).To(Equal(want), path)
		g.Expect(text).To(BeEmpty(), path)
	}
}

func TestLargeBodiesAreRefused(t *testing.T) {
	f := newFixture(t, func(c *api.Config) { c.BodyMax = 100 })
	f.login().do(413, "POST", "/api/pool", `{"name":"`+strings.Repeat("a", 200)+`"}`)
}

func TestNotReady(t *testing.T) {
	g := NewWithT(t)
	ready := true
	f := newFixture(t, func(c *api.Config) { c.Ready = func() bool { return ready } })
	c := f.login()
	ready = false
	for _, path := range []string{"/api/cluster/status", "/api/pool", "/api/initial-data", "/nothing"} {
		g.Expect(c.do(503, "GET", path, "")).To(HaveKey("error"))
	}
	ready = true
	c.do(200, "GET", "/api/cluster/status", "")
}

func TestAddedRoutes(t *testing.T) {
	g := NewWithT(t)
	f := newFixture(t)
	f.api.Handle("GET /api/gslb/{uuid}/runtime/", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := api.CallerOf(r.Context())
		api.WriteJSON(w, 200, map[string]any{"uuid": r.PathValue("uuid"), "tenant": c.Tenant, "version": c.Version.String(),
			"may": []bool{c.MayRead("PERMISSION_GSLB"), c.MayWrite("PERMISSION_GSLB")}})
	}))
	f.api.Handle("POST /api/gslbsiteops/verify", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		api.WriteError(w, store.NotLeader())
	}))
	f.api.Handle("/api/gslb-inventory", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		o, _ := f.store.Lookup("healthmonitor", "admin", "hm-000")
		text, err := f.api.Render(r, o)
		if err != nil {
			api.WriteError(w, err)
			return
		}
		api.WriteJSON(w, 200, map[string]any{"config": text})
	}))
	monitors(t, f.store, 1)
	c := f.login()
	for _, path := range []string{"//api/gslb/gslb-1/runtime/", "/api/gslb/gslb-1/runtime"} {
		g.Expect(c.as("X-Avi-Tenant", "*").do(200, "GET", path, "")).To(Equal(map[string]any{
			"uuid": "gslb-1", "tenant": "*", "version": testVersion, "may": []any{true, true}}))
	}
	g.Expect(c.do(400, "POST", "/api/gslbsiteops/verify", "{}")).To(HaveKeyWithValue("error", "Config Operations can be done ONLY on leader"))
	g.Expect(c.do(405, "GET", "/api/gslbsiteops/verify", "")).To(HaveKeyWithValue("error", "Method 'GET' not allowed."))
	c.do(404, "GET", "/api/gslbsiteops/verify/more", "")
	g.Expect(c.do(200, "GET", "/api/gslb-inventory?include_name", "")["config"]).To(HaveKeyWithValue("url", HaveSuffix("#hm-000")))
	c.do(400, "GET", "/api/gslb-inventory?include_name=maybe", "")
	(&client{fixture: f}).do(401, "GET", "/api/gslb/gslb-1/runtime", "")
}

func TestClusterAndSingletons(t *testing.T) {
	g := NewWithT(t)
	f := newFixture(t)
	anonymous := &client{fixture: f}
	g.Expect(anonymous.do(200, "GET", "//api/cluster/status", "")["cluster_state"]).To(HaveKeyWithValue("state", "CLUSTER_UP_NO_HA"))
	g.Expect(anonymous.do(200, "GET", "//api/initial-data", "")["version"]).To(HaveKeyWithValue("Version", testVersion))
	c := f.login()
	cluster := c.do(200, "GET", "//api/cluster", "")
	g.Expect(cluster).To(HaveKeyWithValue("uuid", "cluster-11111111-aaaa-4aaa-8aaa-111111111111"))
	g.Expect(cluster).To(HaveKeyWithValue("name", "cluster-0-1"))
	g.Expect(cluster["nodes"].([]any)[0]).To(HaveKeyWithValue("ip", map[string]any{"addr": "10.0.0.1", "type": "V4"}))
	g.Expect(c.do(200, "GET", "/api/cluster/"+cluster["uuid"].(string), "")).To(Equal(cluster))
	runtime := c.do(200, "GET", "/api/cluster/runtime", "")
	g.Expect(runtime["cluster_state"]).To(HaveKeyWithValue("state", "CLUSTER_UP_NO_HA"))
	g.Expect(runtime["node_states"].([]any)[0]).To(HaveKeyWithValue("role", "CLUSTER_LEADER"))
	g.Expect(runtime["node_info"]).To(HaveKeyWithValue("mgmt_ip", "10.0.0.1"))
	g.Expect(c.do(200, "PUT", "/api/cluster", `{"name":"renamed"}`)).To(HaveKeyWithValue("name", "renamed"))
	g.Expect(c.do(200, "GET", "/api/systemconfiguration", "")["portal_configuration"]).To(HaveKeyWithValue("api_force_timeout", 24.0))
	g.Expect(c.do(200, "GET", "/api/controllerproperties", "")).To(HaveKeyWithValue("api_idle_timeout", 15.0))
}

func TestSecretsAreMasked(t *testing.T) {
	g := NewWithT(t)
	f := newFixture(t)
	c := f.login()
	gslb := c.do(201, "POST", "/api/gslb", `{"name":"Default","leader_cluster_uuid":"c","sites":[
		{"name":"s1","cluster_uuid":"c1","username":"admin","password":"one"},{"name":"s2","cluster_uuid":"c2","username":"admin","password":"two"}]}`)
	g.Expect(encode(t, gslb)).NotTo(ContainSubstring("one"))
	path := "/api/gslb/" + gslb["uuid"].(string)
	_, _, text := c.send("GET", path, "")
	g.Expect(text).To(ContainSubstring(`"password":"<sensitive>"`), "as plain text, not escaped")
	c.do(200, "PUT", path, string(text))
	stored, _ := f.store.Get("gslb", gslb["uuid"].(string))
	g.Expect(stored.Body()["sites"].([]any)[1]).To(HaveKeyWithValue("password", "two"))
	c.do(200, "PATCH", path, `{"add":{"sites":[{"name":"s3","cluster_uuid":"c3","username":"admin","password":"three"}]}}`)
	stored, _ = f.store.Get("gslb", gslb["uuid"].(string))
	g.Expect(stored.Body()["sites"].([]any)[0]).To(HaveKeyWithValue("password", "one"))
	g.Expect(stored.Body()["sites"].([]any)[2]).To(HaveKeyWithValue("password", "three"))
	users := c.do(200, "GET", "/api/user?name=admin", "")
	g.Expect(users["results"].([]any)[0]).To(HaveKeyWithValue("password", "<sensitive>"))
}

func TestUUIDFromInput(t *testing.T) {
	g := NewWithT(t)
	f := newFixture(t)
	c := f.login()
	uuid := "pool-00000000-0000-4000-8000-000000000001"
	g.Expect(c.do(201, "POST", "/api/pool", `{"name":"a","uuid":"`+uuid+`"}`)["uuid"]).NotTo(Equal(uuid))
	c.do(200, "PATCH", "/api/systemconfiguration", `{"replace":{"portal_configuration":{"use_uuid_from_input":true}}}`)
	g.Expect(c.do(201, "POST", "/api/pool", `{"name":"b","uuid":"`+uuid+`"}`)["uuid"]).To(Equal(uuid))
	c.do(409, "POST", "/api/pool", `{"name":"c","uuid":"`+uuid+`"}`)
	c.do(400, "POST", "/api/pool", `{"name":"c","uuid":"healthmonitor-1"}`)
	c.do(400, "POST", "/api/pool", `{"name":"c","uuid":"pool-1/../x"}`)
}

// Every object that a controller has can be read and written back as it is, by clients which do that.
func TestReadModifyWriteOfEveryType(t *testing.T) {
	g := NewWithT(t)
	f := newFixture(t)
	c := f.login()
	written := 0
	for _, typ := range f.store.Schema().Types() {
		if typ.Singleton || typ.Message.Field("name") == nil {
			continue
		}
		status, _, _ := c.send("POST", "/api/"+typ.Name, `{"name":"x"}`)
		if status != 201 {
			continue // it has other required fields
		}
		listed := c.do(200, "GET", "/api/"+typ.Name+"?include_name&name=x", "")["results"].([]any)[0].(map[string]any)
		path := "/api/" + typ.Name + "/" + listed["uuid"].(string)
		again := c.do(200, "PUT", path, encode(t, listed))
		for _, changing := range []string{"_last_modified", "configpb_attributes"} {
			delete(listed, changing)
			delete(again, changing)
		}
		g.Expect(again).To(Equal(listed), typ.Name)
		c.do(204, "DELETE", path, "")
		written++
	}
	g.Expect(written).To(BeNumerically(">", 40))
}

// 16 SDK clients change one object: each change is applied to the state that the one before left.
func TestManyClientsOfOneObject(t *testing.T) {
	g := NewWithT(t)
	f := newFixture(t)
	c := f.login()
	gs := c.do(201, "POST", "/api/gslbservice", `{"name":"gs","domain_names":["first"]}`)
	path := "api/gslbservice/" + gs["uuid"].(string)
	const clients, each = 16, 5
	var wg sync.WaitGroup
	for i := range clients {
		wg.Go(func() {
			s := f.sdk().AviSession
			for j := range each {
				var out any
				name := string(rune('a'+i)) + string(rune('0'+j))
				if err := s.Patch(path, map[string]any{"domain_names": []string{name}}, "add", &out); err != nil {
					t.Error(err)
				}
				if err := s.Get(path, &out, session.SetOptTenant("*")); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	g.Expect(c.do(200, "GET", "/"+path, "")["domain_names"]).To(HaveLen(1 + clients*each))
}

// Sixteen clients count in one object by reading, changing and writing it back whole: a write that is based on an older state is refused,
// so that no count is lost, and nobody ever reads half of a write.
func TestManyClientsCountInOneObject(t *testing.T) {
	g := NewWithT(t)
	f := newFixture(t)
	c := f.login()
	const clients, each = 16, 4
	body := func(n int) map[string]any {
		return map[string]any{"name": "gs", "ttl": n, "description": fmt.Sprint(n), "groups": []any{map[string]any{
			"name": fmt.Sprint(n), "members": []any{map[string]any{"ip": map[string]any{"addr": "1.1.1.1", "type": "V4"}, "description": fmt.Sprint(n)}},
		}}}
	}
	path := "/api/gslbservice/" + c.do(201, "POST", "/api/gslbservice", encode(t, body(0)))["uuid"].(string)
	var wg sync.WaitGroup
	for range clients {
		wg.Go(func() {
			own := f.login()
			for counted := 0; counted < each; {
				now := own.do(200, "GET", path, "")
				n := int(now["ttl"].(float64))
				whole := fmt.Sprint(n)
				group := now["groups"].([]any)[0].(map[string]any)
				if now["description"] != whole || group["name"] != whole || group["members"].([]any)[0].(map[string]any)["description"] != whole {
					t.Errorf("torn read: %v", now)
					return
				}
				next := body(n + 1)
				next["_last_modified"] = now["_last_modified"]
				switch status, _, text := own.send("PUT", path, encode(t, next)); status {
				case 200:
					counted++
				case 412:
				default:
					t.Errorf("%d %s", status, text)
					return
				}
			}
		})
	}
	wg.Wait()
	g.Expect(c.do(200, "GET", path, "")["ttl"]).To(BeEquivalentTo(clients * each))
}

func TestReplyIsNotEscapedHTML(t *testing.T) {
	g := NewWithT(t)
	c := newFixture(t).login()
	_, _, text := c.send("POST", "/api/pool", `{"name":"a","description":"<b> & \"q\" \u0001 ü \\"}`)
	g.Expect(json.Valid(text)).To(BeTrue())
	var o map[string]any
	g.Expect(json.Unmarshal(text, &o)).To(Succeed())
	g.Expect(o["description"]).To(Equal("<b> & \"q\" \u0001 ü \\"))
	g.Expect(bytes.Contains(text, []byte("uuid"))).To(BeTrue())
}
