package api_test

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/fakeavi/store"
)

func TestMacro(t *testing.T) {
	g := NewWithT(t)
	f := newFixture(t)
	c := f.login()
	text := `{"model_name":"VirtualService","data":{"name":"vs",
		"vsvip_ref_data":{"name":"vip","vip":[{"vip_id":"0","ip_address":{"addr":"10.0.0.1","type":"V4"}}]},
		"pool_ref_data":{"name":"p","health_monitor_refs_data":[{"name":"h1","type":"HEALTH_MONITOR_PING"},{"name":"h2","type":"HEALTH_MONITOR_TCP"}]},
		"http_policies":[{"index":1,"http_policy_set_ref_data":{"name":"hps"}}]}}`
	vs := c.do(201, "POST", "/api/macro", text)
	g.Expect(vs["pool_ref"]).To(HaveSuffix("#p"))
	g.Expect(vs["vsvip_ref"]).To(HaveSuffix("#vip"))
	g.Expect(vs["http_policies"].([]any)[0]).To(HaveKeyWithValue("http_policy_set_ref", HaveSuffix("#hps")))
	pool, _ := f.store.Lookup("pool", "admin", "p")
	g.Expect(pool.Targets()).To(HaveLen(2))

	again := c.do(201, "POST", "/api/macro", text)
	g.Expect(again["uuid"]).To(Equal(vs["uuid"]), "what exists is updated")
	g.Expect(f.store.Len("pool")).To(Equal(1))
}

func TestARefusedMacroLeavesNothing(t *testing.T) {
	g := NewWithT(t)
	f := newFixture(t)
	c := f.login()
	c.do(201, "POST", "/api/healthmonitor", `{"name":"old","type":"HEALTH_MONITOR_PING","send_interval":30}`)
	before, _ := f.store.Lookup("healthmonitor", "admin", "old")
	for text, want := range map[string]string{
		`{"model_name":"Pool","data":{"name":"p","health_monitor_refs_data":[{"name":"new","type":"HEALTH_MONITOR_PING"},
			{"name":"old","type":"HEALTH_MONITOR_PING"}],"colour":1}}`: "Pool: colour is not a field of Pool",
		`{"model_name":"Pool","data":{"name":"p","health_monitor_refs_data":[{"name":"new","type":"HEALTH_MONITOR_PING"},{"name":"bad"}]}}`: "HealthMonitor: type is required",
		`{"model_name":"Pool","data":{"name":"p","health_monitor_refs_data":"x"}}`:                                                          "health_monitor_refs_data: must be an object or a list of objects",
		`{"model_name":"Nothing","data":{}}`: `model_name: "Nothing" is not a known model`,
		`{"model_name":"Pool","data":[]}`:    "data: must be an object",
		`{"model_name":"Pool"}`:              "data: must be an object",
	} {
		g.Expect(c.do(400, "POST", "/api/macro", text)).To(HaveKeyWithValue("error", want))
		g.Expect(f.store.Len("pool")).To(BeZero())
		g.Expect(f.store.Len("healthmonitor")).To(Equal(1))
		after, _ := f.store.Lookup("healthmonitor", "admin", "old")
		g.Expect(after.Body()).To(HaveKeyWithValue("send_interval", int64(30)), "updates are undone")
		g.Expect(after.UUID).To(Equal(before.UUID))
	}
	refuse := true
	f.store.Admit(func(op store.Op, old, now *store.Object) error {
		if now != nil && now.Type == "pool" && refuse {
			return store.Upgrading()
		}
		return nil
	})
	text := `{"model_name":"Pool","data":{"name":"p","health_monitor_refs_data":[{"name":"new","type":"HEALTH_MONITOR_PING"}]}}`
	c.do(403, "POST", "/api/macro", text)
	g.Expect(f.store.Len("healthmonitor")).To(Equal(1))
	refuse = false
	c.do(201, "POST", "/api/macro", text)
}
