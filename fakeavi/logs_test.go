package fakeavi_test

import (
	"fmt"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/fakeavi/schema"
)

// events returns "<event id> <object name>" of the events that a search finds, oldest first.
func (c *client) events(filters ...string) (found []string) {
	path := "/api/analytics/logs?type=2&page_size=10000&orderby=report_timestamp"
	for _, f := range filters {
		path += "&filter=" + url.QueryEscape(f)
	}
	for _, e := range c.get(path)["results"].([]any) {
		found = append(found, fmt.Sprint(at(c.w.g, e, "event_id"), " ", at(c.w.g, e, "obj_name")))
	}
	return found
}

func TestEventsOfAFailover(t *testing.T) {
	inWorld(t, 2, func(w *world, g *GomegaWithT) {
		w.running(nil)
		c := w.login(w.regions[0])
		before := len(c.events("sw(event_id,GS_)"))
		g.Expect(c.events("sw(event_id,GS_)")).To(ContainElements("GS_MEMBER_UP app.gslb.example", "GS_GROUP_UP app.gslb.example", "GS_UP app.gslb.example"))
		w.siteOff(w.regions[1])
		w.Pass(time.Minute)
		g.Expect(c.events("sw(event_id,GS_)")[before:]).To(Equal([]string{"GS_MEMBER_DOWN app.gslb.example"}))
		g.Expect(c.events("eq(event_id,GSLB_SITE_OPER_STATUS)", "co(event_description,UNREACHABLE)")).To(Equal([]string{"GSLB_SITE_OPER_STATUS Default"}))
		member := at(g, c.get("/api/analytics/logs?type=2&filter=eq(event_id,gs_member_down)"), "results", 0)
		g.Expect(at(g, member, "event_details", "se_hm_gsgroup_details", "gsmember", "ip", "addr")).To(Equal(w.regions[1].appVIP.String()))

		w.siteOn(w.regions[1])
		w.Now(func() {
			w.dead = 10
			for _, fn := range w.watch {
				fn(netip.Addr{})
			}
		})
		w.Pass(2 * time.Minute)
		g.Expect(c.events("eq(event_id,[gs_down,gs_up])")).To(Equal([]string{"GS_UP app.gslb.example", "GS_DOWN app.gslb.example"}))
		g.Expect(c.events("eq(event_id,VS_DOWN)")).To(BeEmpty(), "virtual services are well, checks fail")
	})
}

// Every event is an EventLog of the schema, but for its time stamp, which replies write as text.
func TestEventsFitTheSchema(t *testing.T) {
	inWorld(t, 2, func(w *world, g *GomegaWithT) {
		w.running(nil)
		w.siteOff(w.regions[1])
		w.Pass(time.Minute)
		c := w.login(w.regions[0])
		code, made := c.do("POST", "/api/pool", map[string]any{"name": "p"})
		g.Expect(code).To(Equal(201))
		code, _ = c.do("POST", "/api/pool", map[string]any{"name": "p"})
		g.Expect(code).To(Equal(409))
		c.do("PATCH", "/api/pool/"+made["uuid"].(string), map[string]any{"replace": map[string]any{"description": "d"}})
		c.do("DELETE", "/api/pool/"+made["uuid"].(string), nil)
		m, _ := schema.Load().Message("EventLog")
		seen := map[any]int{}
		for _, e := range c.get("/api/analytics/logs?type=2&page_size=10000")["results"].([]any) {
			event := e.(map[string]any)
			at, err := time.Parse(time.RFC3339, event["report_timestamp"].(string))
			g.Expect(err).NotTo(HaveOccurred())
			event["report_timestamp"] = at.UnixMicro()
			_, err = (&schema.Type{Model: "EventLog", Message: m}).Normalize(event, schema.Options{KeepReadOnly: true})
			g.Expect(err).NotTo(HaveOccurred())
			seen[event["event_id"]]++
		}
		for _, id := range []string{"CONFIG_UPDATE", "CONFIG_DELETE", "USER_LOGIN", "GSLB_SITE_OPER_STATUS", "GSLB_SITE_SYNC_STATUS", "GS_MEMBER_DOWN", "GS_UP"} {
			g.Expect(seen).To(HaveKey(id))
		}
		g.Expect(c.events("eq(event_id,CONFIG_CREATE)", "eq(obj_type,POOL)")).To(HaveLen(2))
		refused := at(g, c.get("/api/analytics/logs?type=2&filter=eq(event_id,config_create)&filter=eq(event_details.config_create_details.status,failure)"), "results", 0)
		g.Expect(at(g, refused, "event_details", "config_create_details", "error_message")).To(ContainSubstring("already exists"))
		g.Expect(at(g, refused, "event_details", "config_create_details", "user")).To(Equal("admin"))
	})
}

func TestAlerts(t *testing.T) {
	inWorld(t, 2, func(w *world, g *GomegaWithT) {
		w.running(nil)
		c := w.login(w.regions[0])
		clear := func() {
			for c.get("/api/alert")["count"] != 0.0 {
				code, _ := c.do("DELETE", "/api/alert/"+at(g, c.get("/api/alert"), "results", 0, "uuid").(string), nil)
				g.Expect(code).To(Equal(204))
			}
		}
		clear()
		w.siteOff(w.regions[1])
		w.Pass(time.Minute)
		alert := at(g, c.get("/api/alert?name=x&obj_name=Default"), "count")
		g.Expect(alert).To(BeEquivalentTo(0), "nothing has that name")
		reply := c.get("/api/alert?obj_name=Default&include_name")
		g.Expect(reply["count"]).To(BeEquivalentTo(1))
		one := at(g, reply, "results", 0).(map[string]any)
		fits(g, "Alert", one)
		g.Expect(one).To(And(HaveKeyWithValue("level", "ALERT_HIGH"), HaveKeyWithValue("state", "ALERT_STATE_ON")))
		g.Expect(one["alert_config_ref"]).To(HaveSuffix("#System-GSLB-Alert"))
		path := "/api/alert/" + one["uuid"].(string)
		code, dismissed := c.do("PATCH", path, map[string]any{"replace": map[string]any{"state": "ALERT_STATE_DISMISSED"}})
		g.Expect(code).To(Equal(200))
		g.Expect(dismissed["state"]).To(Equal("ALERT_STATE_DISMISSED"))
		code, _ = c.do("PUT", path, map[string]any{"state": "ALERT_STATE_ON"})
		g.Expect(code).To(Equal(400))
		g.Expect(c.get(path)["state"]).To(Equal("ALERT_STATE_DISMISSED"))

		w.Pass(25 * time.Hour)
		c = w.login(w.regions[0])
		g.Expect(c.get("/api/alert")["count"]).To(BeEquivalentTo(0), "alerts expire")
	})
}

// An alert configuration of one's own: members that go down, at most once in ten minutes, the second time that it happens.
func TestAlertConfigOfOnesOwn(t *testing.T) {
	inWorld(t, 2, func(w *world, g *GomegaWithT) {
		w.running(nil)
		w.regions[0].create(w, "alertconfig", map[string]any{
			"name": "mine", "source": "EVENT_LOGS", "category": "ROLLINGWINDOW", "threshold": 2, "rolling_window": 3600, "throttle": 600,
			"alert_rule": map[string]any{"sys_event_rule": []any{map[string]any{"event_id": "GS_MEMBER_DOWN", "event_details": []any{
				map[string]any{"event_details_key": "gsgroup", "event_details_value": "pool", "comparator": "ALERT_OP_EQ"},
			}}}},
		})
		c := w.login(w.regions[0])
		mine := func() any {
			ref := at(g, c.get("/api/alertconfig?name=mine"), "results", 0, "uuid")
			n := 0
			for _, a := range c.get("/api/alert?page_size=200")["results"].([]any) {
				if at(g, a, "alert_config_ref").(string)[len("https://10.1.9.1/api/alertconfig/"):] == ref {
					n++
				}
			}
			return n
		}
		fail := func() {
			w.siteOff(w.regions[1])
			w.Pass(time.Minute)
			w.siteOn(w.regions[1])
			w.Pass(time.Minute)
		}
		fail()
		g.Expect(mine()).To(Equal(0))
		fail()
		g.Expect(mine()).To(Equal(1))
		fail()
		fail()
		g.Expect(mine()).To(Equal(1), "throttled")
		w.Pass(10 * time.Minute)
		fail()
		fail()
		g.Expect(mine()).To(Equal(2))
	})
}

func TestDNSLogs(t *testing.T) {
	inWorld(t, 1, func(w *world, g *GomegaWithT) {
		w.running(nil)
		c := w.login(w.regions[0])
		r := w.regions[0]
		dns := at(g, c.get("/api/virtualservice?name=dns"), "results", 0, "uuid").(string)
		logs := "/api/analytics/logs?type=0&virtualservice=" + dns
		ask := func(name string, n int) {
			w.Now(func() {
				for range n {
					w.askOnce(r, name)
				}
			})
		}
		ask("app.gslb.example", 3)
		ask("unknown.example", 20)
		g.Expect(c.get(logs)["count"]).To(BeEquivalentTo(10), "errors only, ten in a second")
		g.Expect(c.get(logs + "&nf=true&filter=eq(dns_fqdn,app.gslb.example)")["count"]).To(BeEquivalentTo(0))

		g.Expect(r.patch(w, "virtualservice", dns, map[string]any{"analytics_policy": map[string]any{
			"full_client_logs": map[string]any{"enabled": true, "throttle": 0, "duration": 30},
		}})).To(Succeed())
		w.Pass(time.Second)
		ask("app.gslb.example", 30)
		g.Expect(c.get(logs + "&filter=eq(dns_fqdn,app.gslb.example)")["count"]).To(BeEquivalentTo(0), "they are not significant")
		reply := c.get(logs + "&nf=true&page_size=20&filter=eq(dns_fqdn,app.gslb.example)")
		g.Expect(reply["count"]).To(BeEquivalentTo(30))
		g.Expect(reply["results"]).To(HaveLen(20))
		one := at(g, reply, "results", 0).(map[string]any)
		g.Expect(one).To(And(
			HaveKeyWithValue("dns_etype", "DNS_ENTRY_GSLB"), HaveKeyWithValue("gslbservice_name", "app.gslb.example"),
			HaveKeyWithValue("gslbpool_name", "pool"), HaveKeyWithValue("virtualservice", dns), HaveKeyWithValue("dns_qtype", "DNS_RECORD_A"),
		))
		m, _ := schema.Load().Message("ConnectionLog")
		for name := range one {
			g.Expect(m.Field(name)).NotTo(BeNil(), name)
		}
		second := c.get("/api/" + reply["next"].(string)[len("https://10.1.9.1/api/"):])
		g.Expect(second["results"]).To(HaveLen(10))
		g.Expect(c.get(logs + "&nf=true&filter=eq(dns_ips," + r.appVIP.String() + ")&filter=eq(client_ip,10.99.0.1)")["count"]).To(BeEquivalentTo(30))
		g.Expect(at(g, c.get(logs+"&nf=true&groupby=dns_etype"), "results", 0)).To(Equal(map[string]any{"dns_etype": "DNS_ENTRY_GSLB", "count": 30.0}))

		w.Pass(31 * time.Minute)
		c = w.login(r)
		ask("app.gslb.example", 5)
		g.Expect(c.get(logs + "&nf=true&filter=eq(dns_fqdn,app.gslb.example)")["count"]).To(BeEquivalentTo(30), "full logs are over")

		req := httptest.NewRequest("GET", "https://10.1.9.1"+logs+"&nf=true&download=true&cols=dns_fqdn,dns_ips&filter=eq(dns_fqdn,app.gslb.example)&page_size=1", nil)
		for _, k := range c.cookies {
			req.AddCookie(k)
		}
		rec := httptest.NewRecorder()
		w.Now(func() { r.Handler().ServeHTTP(rec, req) })
		g.Expect(rec.Body.String()).To(Equal("dns_fqdn,dns_ips\napp.gslb.example," + r.appVIP.String() + "\n"))
		g.Expect(rec.Header().Get("Content-Type")).To(Equal("text/csv"))
	})
}

func TestLogsThatAreRefused(t *testing.T) {
	inWorld(t, 1, func(w *world, g *GomegaWithT) {
		w.deploy()
		c := w.login(w.regions[0])
		for path, want := range map[string]int{
			"?type=0":                            400,
			"?type=9":                            400,
			"?type=2&filter=like(a,b)":           400,
			"?virtualservice=nothing":            404,
			"?virtualservice=app":                200,
			"?type=1&virtualservice=app":         200,
			"?virtualservice=dns&download=false": 200,
		} {
			code, _ := c.do("GET", "/api/analytics/logs"+path, nil)
			g.Expect(code).To(Equal(want), path)
		}
		w.enginesOff(w.regions[0])
		w.Pass(2 * time.Minute)
		code, _ := c.do("GET", "/api/analytics/logs?virtualservice=dns", nil)
		g.Expect(code).To(Equal(503))
	})
}
