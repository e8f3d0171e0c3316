package fakeavi_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/vmware/alb-sdk/go/models"

	"github.com/gslbsim/gslbsim/fakeavi/engine"
	"github.com/gslbsim/gslbsim/fakeavi/schema"
	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// fits asserts that a reply is a message of the vendor's schema: known fields only, with values that they take. Fields that are
// required somewhere deep in messages made for other purposes are not asked for.
func fits(g *GomegaWithT, model string, reply any) {
	g.THelper()
	m, ok := schema.Load().Message(model)
	g.Expect(ok).To(BeTrue(), model)
	body, ok := reply.(map[string]any)
	g.Expect(ok).To(BeTrue(), "%T", reply)
	_, err := (&schema.Type{Model: model, Message: m}).Normalize(body, schema.Options{KeepReadOnly: true})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(body).NotTo(BeEmpty())
}

// at follows a path of keys and indexes into a reply.
func at(g *GomegaWithT, reply any, path ...any) any {
	g.THelper()
	for _, step := range path {
		switch s := step.(type) {
		case string:
			m, ok := reply.(map[string]any)
			g.Expect(ok).To(BeTrue(), "%v of %T", s, reply)
			g.Expect(m).To(HaveKey(s))
			reply = m[s]
		case int:
			l, ok := reply.([]any)
			g.Expect(ok).To(BeTrue(), "%v of %T", s, reply)
			g.Expect(len(l)).To(BeNumerically(">", s))
			reply = l[s]
		}
	}
	return reply
}

// get makes a request that must be answered 200.
func (c *client) get(path string) map[string]any {
	c.w.g.THelper()
	code, reply := c.do("GET", path, nil)
	c.w.g.Expect(code).To(Equal(200), "%s: %v", path, reply)
	return reply
}

func TestRuntimeFitsTheSchema(t *testing.T) {
	inWorld(t, 3, func(w *world, g *GomegaWithT) {
		service := w.running(nil)
		c := w.login(w.regions[0])
		gslb := at(g, c.get("/api/gslb"), "results", 0, "uuid").(string)
		dns := at(g, c.get("/api/virtualservice?name=dns"), "results", 0, "uuid").(string)
		app := w.regions[0]
		for path, model := range map[string]string{
			"/api/gslb/" + gslb + "/runtime/":                             "GslbRuntime",
			"/api/gslb/" + gslb + "/runtime/detail/":                      "GslbRuntime",
			"/api/gslb/" + gslb + "/runtime/internal/":                    "GslbRuntime",
			"/api/gslb/" + gslb + "/summary/":                             "GslbRuntimeSummary",
			"/api/gslb-inventory/" + gslb:                                 "GslbInventory",
			"/api/gslbservice/" + service + "/runtime/":                   "GslbServiceRuntime",
			"/api/gslbservice/" + service + "/healthstatus/":              "GslbServiceRuntime",
			"/api/gslbservice-inventory/" + service:                       "GslbServiceInventory",
			"/api/virtualservice/" + app.appVS + "/runtime/":              "VsRuntimeSummary",
			"/api/virtualservice/" + app.appVS + "/runtime/detail/":       "VirtualServiceRuntime",
			"/api/virtualservice/" + dns + "/runtime/":                    "VsRuntimeSummary",
			"/api/virtualservice/" + dns + "/runtime/detail/":             "VirtualServiceRuntime",
			"/api/virtualservice-inventory/" + app.appVS:                  "VsInventory",
			"/api/virtualservice-inventory/" + dns + "?include_name=true": "VsInventory",
			"/api/pool/" + app.pool + "/runtime/":                         "PoolRuntimeSummary",
			"/api/pool-inventory/" + app.pool:                             "PoolInventory",
		} {
			fits(g, model, c.get(path))
		}
		for path, want := range map[string]struct {
			model string
			count int
		}{
			"/api/gslb-inventory":           {"GslbInventory", 1},
			"/api/gslbservice-inventory":    {"GslbServiceInventory", 1},
			"/api/virtualservice-inventory": {"VsInventory", 2},
			"/api/pool-inventory":           {"PoolInventory", 1},
			"/api/gslbsm":                   {"GslbSMRuntime", 3},
			"/api/gslbsmruntime":            {"GslbSMRuntime", 3},
			"/api/gslbhsm":                  {"GslbHSMRuntime", 2},
			"/api/gslbcrm":                  {"GslbCRMRuntime", 2},
		} {
			reply := c.get(path)
			g.Expect(reply["count"]).To(BeEquivalentTo(want.count), path)
			results := reply["results"].([]any)
			g.Expect(results).To(HaveLen(want.count), path)
			for i, r := range results {
				fits(g, want.model, r)
				fits(g, want.model, c.get(path+"/"+at(g, results, i, "uuid").(string)))
			}
			code, _ := c.do("GET", path+"/nothing", nil)
			g.Expect(code).To(Equal(404), path)
		}
	})
}

// The SDK's models take what the inventories show.
func TestInventoryDecodesWithTheSDK(t *testing.T) {
	inWorld(t, 2, func(w *world, g *GomegaWithT) {
		w.running(nil)
		c := w.login(w.regions[0])
		decode := func(path string, into any) {
			text, err := json.Marshal(at(g, c.get(path), "results", 0))
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(json.Unmarshal(text, into)).To(Succeed(), path)
		}
		var service models.GslbServiceInventory
		decode("/api/gslbservice-inventory", &service)
		g.Expect(*service.Config.Name).To(Equal("app.gslb.example"))
		g.Expect(*service.Runtime.Groups[0].Members[1].OperStatus.State).To(Equal("OPER_UP"))
		var gslb models.GslbInventory
		decode("/api/gslb-inventory", &gslb)
		g.Expect(*gslb.Runtime.Info.Site[1].SiteInfo.Role).To(Equal("GSLB_MEMBER"))
		var vs models.VsInventory
		decode("/api/virtualservice-inventory?name=app", &vs)
		g.Expect(*vs.Runtime.OperStatus.State).To(Equal("OPER_UP"))
		var pool models.PoolInventory
		decode("/api/pool-inventory", &pool)
		g.Expect(*pool.Config.Name).To(Equal("app-pool"))
		var alert models.Alert
		decode("/api/alert", &alert)
		g.Expect(*alert.State).To(Equal("ALERT_STATE_ON"))
	})
}

func TestServiceRuntimeFollowsHealth(t *testing.T) {
	inWorld(t, 2, func(w *world, g *GomegaWithT) {
		service := w.running(nil)
		c := w.login(w.regions[0])
		path := "/api/gslbservice/" + service + "/runtime"
		members := func() (states []any) {
			for i := range w.regions {
				states = append(states, at(g, c.get(path), "groups", 0, "members", i, "oper_status", "state"))
			}
			return states
		}
		g.Expect(members()).To(Equal([]any{"OPER_UP", "OPER_UP"}))
		up := at(g, c.get(path), "oper_status", "last_changed_time", "secs")
		first := at(g, c.get(path), "groups", 0, "members", 0).(map[string]any)
		g.Expect(first).To(And(
			HaveKeyWithValue("site_name", "region01"), HaveKeyWithValue("vs_name", "app"), HaveKeyWithValue("vip_type", "AVI_VIP"),
			HaveKeyWithValue("health_monitor_info", []any{"hm: up"}),
		))
		g.Expect(at(g, first, "oper_ips", 0, "addr")).To(Equal(w.regions[0].appVIP.String()))
		g.Expect(at(g, first, "controller_status", "state")).To(Equal("OPER_UP"))
		g.Expect(at(g, first, "datapath_status", 0, "site_uuid")).To(Equal(w.regions[0].ClusterUUID()))

		w.siteOff(w.regions[1])
		w.Pass(time.Minute)
		g.Expect(members()).To(Equal([]any{"OPER_UP", "OPER_DOWN"}))
		second := at(g, c.get(path), "groups", 0, "members", 1)
		g.Expect(at(g, second, "datapath_status", 0, "oper_status", "state")).To(Equal("OPER_DOWN"))
		g.Expect(at(g, second, "oper_status", "reason", 0)).To(ContainSubstring("no response"))
		g.Expect(at(g, c.get(path), "oper_status", "state")).To(Equal("OPER_UP"))
		g.Expect(at(g, c.get(path), "oper_status", "last_changed_time", "secs")).To(Equal(up))

		g.Expect(w.regions[0].patch(w, "gslbservice", service, map[string]any{"enabled": false})).To(Succeed())
		w.Pass(time.Second)
		g.Expect(at(g, c.get("/api/gslbservice?join_subresources=runtime"), "results", 0, "runtime", "oper_status", "state")).
			To(Equal("OPER_DISABLED"))
		g.Expect(at(g, c.get("/api/gslbservice-inventory?name=app.gslb.example"), "results", 0, "config", "enabled")).To(BeFalse())
	})
}

func TestGslbRuntimeFollowsFederation(t *testing.T) {
	inWorld(t, 2, func(w *world, g *GomegaWithT) {
		c := w.login(w.regions[0])
		gslb := at(g, c.get("/api/gslb"), "results", 0, "uuid").(string)
		path := "/api/gslb/" + gslb + "/runtime"
		w.Pass(20 * time.Second)
		self, other := at(g, c.get(path), "site", 0), at(g, c.get(path), "site", 1)
		g.Expect(at(g, self, "site_info", "role")).To(Equal("GSLB_LEADER"))
		g.Expect(at(g, self, "site_info", "dns_info", "dns_vs_states", 0, "gslb_download", "state")).To(Equal("GSLB_DOWNLOAD_DONE"))
		g.Expect(at(g, other, "site_info", "state")).To(Equal("SITE_STATE_HS_IN_PROGRESS"))
		g.Expect(at(g, other, "site_cfg", "sync_info", "sync_state")).To(Equal("GSLB_SITE_CFG_IN_SYNC"))
		g.Expect(at(g, other, "site_info", "sw_version")).To(Equal("31.2.1"))

		w.controllerOff(w.regions[1])
		w.monitor()
		w.Pass(time.Minute)
		other = at(g, c.get(path), "site", 1)
		g.Expect(at(g, other, "site_info", "state")).To(Equal("SITE_STATE_UNREACHABLE"))
		g.Expect(at(g, other, "site_info", "num_of_retries")).To(BeNumerically(">=", 2))
		g.Expect(at(g, other, "site_cfg", "sync_info", "sync_state")).To(Equal("GSLB_SITE_CFG_OUT_OF_SYNC"))
		g.Expect(at(g, other, "replication_stats", "pending_object_count")).To(BeEquivalentTo(1))
		g.Expect(at(g, c.get("/api/gslbcrm?site_name=region02"), "results", 0, "status_info", "state")).To(Equal("OPER_DOWN"))
		hm := at(g, c.get("/api/healthmonitor?name=hm"), "results", 0, "uuid").(string)
		g.Expect(at(g, c.get("/api/healthmonitor/"+hm+"/federated_info/"), "sites", 0, "current")).To(BeFalse())

		w.controllerOn(w.regions[1])
		w.Pass(time.Minute)
		g.Expect(at(g, c.get(path), "site", 1, "site_info", "state")).To(Equal("SITE_STATE_HS_IN_PROGRESS"))
		g.Expect(at(g, c.get("/api/healthmonitor/"+hm+"/federated_info/"), "sites", 0, "current")).To(BeTrue())
	})
}

// A GSLB service that has no name has a list neither of names nor of nothing.
func TestRuntimeOfAServiceWithoutNames(t *testing.T) {
	inWorld(t, 1, func(w *world, g *GomegaWithT) {
		service := w.running(nil)
		w.Now(func() {
			// No client may do so, but a state that is loaded may hold one.
			_, err := w.regions[0].Store().Patch("gslbservice", service, map[string]any{"delete": map[string]any{"domain_names": nil}}, store.System())
			g.Expect(err).NotTo(HaveOccurred())
		})
		runtime := w.login(w.regions[0]).get("/api/gslbservice/" + service + "/runtime")
		g.Expect(runtime).NotTo(HaveKey("domain_names"))
		fits(g, "GslbServiceRuntime", runtime)
	})
}

func TestRuntimeOfApplications(t *testing.T) {
	inWorld(t, 1, func(w *world, g *GomegaWithT) {
		w.deploy()
		r := w.regions[0]
		g.Expect(r.patch(w, "pool", r.pool, map[string]any{"servers": []any{
			map[string]any{"ip": map[string]any{"addr": "10.1.7.1", "type": "V4"}},
			map[string]any{"ip": map[string]any{"addr": "10.1.7.2", "type": "V4"}, "enabled": false},
		}})).To(Succeed())
		w.Pass(time.Second)
		c := w.login(r)
		vs, pool := "/api/virtualservice/"+r.appVS+"/runtime", "/api/pool/"+r.pool+"/runtime"
		g.Expect(at(g, c.get(vs), "oper_status", "state")).To(Equal("OPER_UP"))
		g.Expect(c.get(pool)).To(And(HaveKeyWithValue("num_servers", 2.0), HaveKeyWithValue("num_servers_enabled", 1.0), HaveKeyWithValue("num_servers_up", 1.0)))
		g.Expect(at(g, c.get("/api/virtualservice-inventory?name=app&include_name"), "results", 0, "pools", 0, "ref")).To(HaveSuffix("#app-pool"))
		g.Expect(at(g, c.get("/api/virtualservice-inventory?name=app&include=runtime"), "results", 0)).NotTo(HaveKey("config"))
		g.Expect(at(g, c.get("/api/virtualservice-inventory?name=app"), "results", 0, "config", "vip", 0, "ip_address", "addr")).To(Equal(r.appVIP.String()))

		w.Now(func() { r.Engine("app-group").SetApp(r.pool, engine.App{Dead: true}) })
		w.Pass(time.Second)
		g.Expect(at(g, c.get(vs), "oper_status", "state")).To(Equal("OPER_DOWN"))
		g.Expect(at(g, c.get(pool), "oper_status", "state")).To(Equal("OPER_DOWN"))
		g.Expect(c.get(pool)).To(HaveKeyWithValue("num_servers_up", 0.0))
		code, _ := c.do("GET", strings.TrimSuffix(vs, "runtime")+"dnstable", nil)
		g.Expect(code).To(Equal(400))

		w.enginesOff(r)
		w.Pass(2 * time.Minute)
		g.Expect(at(g, c.get(vs), "oper_status", "reason", 0)).To(Equal("service engine does not answer"))
	})
}

func TestDNSTable(t *testing.T) {
	inWorld(t, 1, func(w *world, g *GomegaWithT) {
		service := w.running(nil)
		c := w.login(w.regions[0])
		dns := at(g, c.get("/api/virtualservice?name=dns"), "results", 0, "uuid").(string)
		row := at(g, c.get("/api/virtualservice/"+dns+"/dnstable/"), "results", 0)
		g.Expect(row).To(And(HaveKeyWithValue("fqdn", "app.gslb.example"), HaveKeyWithValue("ttl", 30.0), HaveKeyWithValue("tenant", "admin")))
		g.Expect(at(g, row, "ip_addresses", 0)).To(ContainSubstring(w.regions[0].appVIP.String()))
		code, detail := c.list("/api/virtualservice/" + dns + "/gslbservicedetail/")
		g.Expect(code).To(Equal(200))
		fits(g, "GslbServiceRuntime", detail[0])
		g.Expect(at(g, detail[0], "uuid")).To(Equal(service))
		g.Expect(at(g, c.get("/api/virtualservice/"+dns+"/gslbservicehmonstat/"), "results", 0, "health_monitors", 0)).To(Equal("up"))
		g.Expect(c.get("/api/virtualservice/" + dns + "/gslbsiteinternal/")).To(HaveKey("results"))

		w.enginesOff(w.regions[0])
		w.Pass(2 * time.Minute)
		code, _ = c.do("GET", "/api/virtualservice/"+dns+"/dnstable/", nil)
		g.Expect(code).To(Equal(503))
	})
}
