package api_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/vmware/alb-sdk/go/models"
	"github.com/vmware/alb-sdk/go/session"

	"github.com/gslbsim/gslbsim/fakeavi/api"
	"github.com/gslbsim/gslbsim/fakeavi/store"
)

func monitors(t testing.TB, s *store.Store, n int) {
	t.Helper()
	for i := range n {
		if _, err := s.Create("healthmonitor", map[string]any{
			"name": fmt.Sprintf("hm-%03d", i), "type": "HEALTH_MONITOR_PING", "is_federated": i%2 == 0}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestPaging(t *testing.T) {
	g := NewWithT(t)
	f := newFixture(t)
	monitors(t, f.store, 230)
	c := f.login()
	page := c.do(200, "GET", "/api/healthmonitor", "")
	g.Expect(page).To(HaveKeyWithValue("count", 230.0))
	g.Expect(page["results"]).To(HaveLen(25))
	g.Expect(page["next"]).To(Equal("https://" + f.host() + "/api/healthmonitor?page=2"))
	page = c.do(200, "GET", "/api/healthmonitor?page_size=1000", "")
	g.Expect(page["results"]).To(HaveLen(200))
	page = c.do(200, "GET", "/api/healthmonitor?page_size=100&page=3", "")
	g.Expect(page["results"]).To(HaveLen(30))
	g.Expect(page).NotTo(HaveKey("next"))
	page = c.do(200, "GET", "/api/healthmonitor?page_size=115&page=2", "")
	g.Expect(page).NotTo(HaveKey("next"), "the last page is exactly full")
	page = c.do(200, "GET", "/api/healthmonitor?page=99", "")
	g.Expect(page["results"]).To(BeEmpty())
	page = c.do(200, "GET", "/api/healthmonitor?limit_by=30&page=2", "")
	g.Expect(page["results"]).To(HaveLen(5))
	g.Expect(page).To(HaveKeyWithValue("count", 30.0))
	page = c.do(200, "GET", "/api/healthmonitor?limit_by=30&page=3", "")
	g.Expect(page["results"]).To(BeEmpty())
	for _, query := range []string{"page=0", "page=x", "page_size=0", "page_size=-1", "limit_by=", "page=99999999999999999999", "refers_to=x",
		"include_name=maybe", "search=(x", "search=(x)|"} {
		g.Expect(c.do(400, "GET", "/api/healthmonitor?"+query, "")).To(HaveKey("error"), query)
	}
}

// AMKO follows `next` by cutting it at the collection's path, and adds its filter again.
func TestFollowingNextAsAMKO(t *testing.T) {
	g := NewWithT(t)
	f := newFixture(t)
	monitors(t, f.store, 90)
	c := f.login().as("X-Avi-Tenant", "*")
	seen := map[string]bool{}
	path := "//api/healthmonitor?include_name=&is_federated=true&page_size=20"
	for path != "" {
		page := c.do(200, "GET", path, "")
		g.Expect(page).To(HaveKeyWithValue("count", 45.0))
		for _, o := range page["results"].([]any) {
			seen[o.(map[string]any)["name"].(string)] = true
		}
		path = ""
		if next, ok := page["next"].(string); ok {
			parts := strings.Split(next, "/api/healthmonitor")
			g.Expect(parts).To(HaveLen(2))
			path = "//api/healthmonitor" + parts[1] + "&is_federated=true"
		}
	}
	g.Expect(seen).To(HaveLen(45))
}

// The SDK follows `next` by putting the whole URL behind its host.
func TestFollowingNextAsTheSDK(t *testing.T) {
	g := NewWithT(t)
	f := newFixture(t)
	monitors(t, f.store, 90)
	all, err := f.sdk().HealthMonitor.GetAll()
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(all).To(HaveLen(90))
}

func TestFilters(t *testing.T) {
	f := newFixture(t)
	c := f.login()
	create := func(typ, body string) map[string]any { return c.do(201, "POST", "/api/"+typ, body) }
	c.do(200, "POST", "/api/cloud", `{"name":"Default-Cloud","vtype":"CLOUD_NONE"}`)
	other := c.do(200, "POST", "/api/cloud", `{"name":"other","vtype":"CLOUD_NONE"}`)
	hm := create("healthmonitor", `{"name":"hm","type":"HEALTH_MONITOR_PING","is_federated":true}`)
	a := create("gslbservice", `{"name":"a.test","created_by":"amko-1","ttl":5,"health_monitor_refs":["/api/healthmonitor?name=hm"]}`)
	create("gslbservice", `{"name":"b.test","created_by":"amko-2","description":"spaced out"}`)
	create("gslbservice", `{"name":"C.test","created_by":"amko-1","enabled":false}`)
	create("pool", `{"name":"p1"}`)
	create("pool", `{"name":"p2","cloud_ref":"/api/cloud?name=other"}`)
	for path, want := range map[string]string{
		"gslbservice?name=a.test":                                        "a.test",
		"gslbservice?name=a.test&":                                       "a.test",
		"gslbservice?name=nothing":                                       "",
		"gslbservice?created_by=amko-1":                                  "C.test a.test",
		"gslbservice?created_by=amko-1&created_by=amko-1":                "C.test a.test",
		"gslbservice?created_by=amko-1&enabled=true":                     "a.test",
		"gslbservice?enabled=True":                                       "a.test b.test",
		"gslbservice?ttl=5":                                              "a.test",
		"gslbservice?description=spaced%20out":                           "b.test",
		"gslbservice?description=spaced+out":                             "b.test",
		"gslbservice?name.in=a.test,b.test":                              "a.test b.test",
		"gslbservice?name.isin=a.test,b.test":                            "a.test b.test",
		"gslbservice?name.contains=c.":                                   "",
		"gslbservice?name.icontains=c.":                                  "C.test",
		"gslbservice?uuid.in=" + a["uuid"].(string):                      "a.test",
		"gslbservice?uuid.in=" + a["uuid"].(string) + "&exclude=uuid.in": "C.test b.test",
		"gslbservice?search=amko-2":                                      "b.test",
		"gslbservice?isearch=SPACED":                                     "b.test",
		"gslbservice?search=(name,a.)|(created_by,amko-2)":               "a.test b.test",
		"gslbservice?refers_to=healthmonitor:" + hm["uuid"].(string):     "a.test",
		"gslbservice?refers_to=HealthMonitor:" + hm["uuid"].(string):     "a.test",
		"gslbservice?health_monitor_refs.name=hm":                        "a.test",
		"healthmonitor?referred_by=gslbservice:" + a["uuid"].(string):    "hm",
		"gslbservice?sort=-name":                                         "b.test a.test C.test",
		"gslbservice?sort=created_by,-name":                              "a.test C.test b.test",
		"gslbservice?nosuchfield=1":                                      "C.test a.test b.test",
		"gslbservice?limit_by=1":                                         "C.test",
		"pool?cloud_ref.name=other":                                      "p2",
		"pool?cloud_ref.uuid=" + other["uuid"].(string):                  "p2",
		"pool?cloud_uuid=" + other["uuid"].(string):                      "p2",
		"pool?cloud_ref.name=Default-Cloud":                              "p1",
	} {
		t.Run(path, func(t *testing.T) {
			g := NewWithT(t)
			page := c.do(200, "GET", "/api/"+path, "")
			var names []string
			for _, o := range page["results"].([]any) {
				names = append(names, o.(map[string]any)["name"].(string))
			}
			g.Expect(strings.Join(names, " ")).To(Equal(want))
			g.Expect(page).To(HaveKeyWithValue("count", float64(len(names))))
		})
	}
}

func TestShapeOfReplies(t *testing.T) {
	g := NewWithT(t)
	f := newFixture(t)
	c := f.login()
	base := "https://" + f.host()
	hm := c.do(201, "POST", "/api/healthmonitor", `{"name":"h m","type":"HEALTH_MONITOR_PING","is_federated":true}`)
	gs := c.do(201, "POST", "/api/gslbservice", `{"name":"a","health_monitor_refs":["/api/healthmonitor?name=h m"]}`)
	path := "/api/gslbservice/" + gs["uuid"].(string)
	withName := map[string]any{
		"url": base + path + "#a", "tenant_ref": base + "/api/tenant/admin#admin",
		"health_monitor_refs": []any{base + "/api/healthmonitor/" + hm["uuid"].(string) + "#h m"},
	}
	plain := map[string]any{
		"url": base + path, "tenant_ref": base + "/api/tenant/admin",
		"health_monitor_refs": []any{base + "/api/healthmonitor/" + hm["uuid"].(string)},
	}
	for query, want := range map[string]map[string]any{
		"": plain, "?include_name": withName, "?include_name=": withName, "?include_name=true": withName, "?include_name=false": plain,
	} {
		got := c.do(200, "GET", path+query, "")
		listed := c.do(200, "GET", "/api/gslbservice"+query, "")["results"].([]any)[0]
		for k, v := range want {
			g.Expect(got).To(HaveKeyWithValue(k, v), query)
			g.Expect(listed).To(HaveKeyWithValue(k, v), query)
		}
	}
	for k, v := range withName {
		g.Expect(gs).To(HaveKeyWithValue(k, v), "replies to writes have names")
	}
	few := c.do(200, "GET", path+"?fields=enabled,ttl", "")
	g.Expect(few).To(And(HaveLen(4), HaveKey("name"), HaveKey("uuid"), HaveKey("url"), HaveKeyWithValue("enabled", true)))
	short := c.do(200, "GET", path+"?skip_default=true", "")
	g.Expect(short).NotTo(HaveKey("enabled"))
	g.Expect(short).To(HaveKey("health_monitor_refs"))
	g.Expect(c.do(200, "GET", path+"?skip_default=false", "")).To(HaveKey("enabled"))
}

func TestJoinedSubresources(t *testing.T) {
	g := NewWithT(t)
	f := newFixture(t)
	f.api.Subresource("healthmonitor", "runtime", func(r *http.Request, o *store.Object) (any, error) {
		if o.Name == "hm-001" {
			return nil, store.Refuse(503, "not now")
		}
		return map[string]any{"of": o.Name, "for": api.CallerOf(r.Context()).User}, nil
	})
	monitors(t, f.store, 2)
	c := f.login()
	page := c.do(200, "GET", "/api/healthmonitor?join_subresources=runtime,nothing&name=hm-000", "")
	hm := page["results"].([]any)[0].(map[string]any)
	g.Expect(hm).To(HaveKeyWithValue("runtime", map[string]any{"of": "hm-000", "for": "admin"}))
	path := "/api/healthmonitor/" + hm["uuid"].(string)
	g.Expect(c.do(200, "GET", path, "")).NotTo(HaveKey("runtime"))
	g.Expect(c.do(200, "GET", path+"?join=runtime", "")).To(HaveKey("runtime"))
	g.Expect(c.do(200, "GET", path+"/runtime/", "")).To(HaveKeyWithValue("of", "hm-000"))
	c.do(405, "POST", path+"/runtime", "{}")
	c.do(404, "GET", path+"/other", "")
	c.do(404, "GET", "/api/healthmonitor/healthmonitor-1/runtime", "")
	c.do(503, "GET", "/api/healthmonitor?join_subresources=runtime", "")
}

func TestSDKQueries(t *testing.T) {
	g := NewWithT(t)
	f := newFixture(t)
	c := f.sdk()
	monitors(t, f.store, 3)
	var list []*models.HealthMonitor
	g.Expect(c.AviSession.GetCollection("/api/healthmonitor", &list, session.SetParams(map[string]string{
		"is_federated": "true", "page_size": "100", "include_name": "true"}))).To(Succeed())
	g.Expect(list).To(HaveLen(2))
	var one *models.HealthMonitor
	g.Expect(c.AviSession.GetObject("healthmonitor", session.SetName("hm-001"), session.SetResult(&one))).To(Succeed())
	g.Expect(*one.Name).To(Equal("hm-001"))
	err := c.AviSession.GetObject("healthmonitor", session.SetName("nothing"), session.SetResult(&one))
	g.Expect(err).To(MatchError("No object of type healthmonitor with name nothing is found"))
	version, err := c.AviSession.GetControllerVersion()
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(version).To(Equal(testVersion))
	var bare map[string]any
	g.Expect(c.AviSession.Get("/api/cluster", &bare)).To(Succeed())
	g.Expect(bare).To(HaveKeyWithValue("name", "cluster-0-1"))
}

// FuzzQuery checks that no query makes the API fail in another way than with 400.
func FuzzQuery(f *testing.F) {
	fx := newFixture(f)
	monitors(f, fx.store, 30)
	handler := fx.api
	c := fx.login()
	for _, seed := range []string{"name=hm-001", "page=2&page_size=3", "fields=a,b&include_name", "search=(name,hm)|(type,PING)", "%zz=%", "a.b.in=1&exclude=a.b.in",
		"sort=-name,type", "refers_to=a:b", "tenant_ref.name=admin", "_last_modified.contains=1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		status, body := serve(handler, c, "GET", &url.URL{Path: "/api/healthmonitor", RawQuery: query}, "")
		checkReply(t, status, body)
	})
}
