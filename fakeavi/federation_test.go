package fakeavi_test

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"
)

// gslbOf returns the path of the federation's object and a copy of its sites.
func (w *world) gslbOf() (path string, sites []any) {
	o, _ := w.regions[0].Store().Lookup("gslb", "admin", "Default")
	return "/api/gslb/" + o.UUID, clone(o.Body()["sites"]).([]any)
}

// setSite changes a field of a site by a request to the leader.
func (w *world) setSite(c *client, site int, key string, value any) {
	path, sites := w.gslbOf()
	sites[site].(map[string]any)[key] = value
	code, reply := c.do("PATCH", path, map[string]any{"replace": map[string]any{"sites": sites}})
	w.g.Expect(code).To(Equal(200), "%v", reply)
	w.Pass(time.Second)
}

// sync returns what the leader's runtime says of the second site: the state of the site, that of its configuration, and why.
func (w *world) sync(c *client) (state, sync, reason any) {
	path, _ := w.gslbOf()
	site := at(w.g, c.get(path+"/runtime"), "site", 1)
	info := at(w.g, site, "site_cfg", "sync_info").(map[string]any)
	return at(w.g, site, "site_info", "state"), info["sync_state"], info["reason"]
}

// Each state of a site's configuration is brought about, seen in the runtime, and left again.
func TestSyncStatesAreVisible(t *testing.T) {
	inWorld(t, 2, func(w *world, g *GomegaWithT) {
		c := w.login(w.regions[0])
		create := func(name string) {
			code, reply := c.do("POST", "/api/healthmonitor", map[string]any{"name": name, "type": "HEALTH_MONITOR_PING", "is_federated": true})
			g.Expect(code).To(Equal(201), "%v", reply)
			w.Pass(time.Second)
		}
		expect := func(state, sync string) {
			t.Helper()
			s, y, _ := w.sync(c)
			g.Expect([]any{s, y}).To(Equal([]any{state, sync}))
		}
		expect("SITE_STATE_HS_IN_PROGRESS", "GSLB_SITE_CFG_IN_SYNC")

		w.setSite(c, 1, "suspend_mode", true)
		create("while-suspended")
		expect("SITE_STATE_HS_IN_PROGRESS", "GSLB_SITE_CFG_SYNC_SUSPENDED")
		_, there := w.regions[1].Store().Lookup("healthmonitor", "admin", "while-suspended")
		g.Expect(there).To(BeFalse())
		w.setSite(c, 1, "suspend_mode", false)
		w.Pass(20 * time.Second)
		expect("SITE_STATE_HS_IN_PROGRESS", "GSLB_SITE_CFG_IN_SYNC")

		w.setSite(c, 1, "enabled", false)
		expect("SITE_STATE_DISABLED", "GSLB_SITE_CFG_SYNC_DISABLED")
		w.setSite(c, 1, "enabled", true)
		w.Pass(20 * time.Second)
		expect("SITE_STATE_HS_IN_PROGRESS", "GSLB_SITE_CFG_IN_SYNC")

		code, point := c.do("POST", "/api/federationcheckpoint", map[string]any{"name": "point"})
		g.Expect(code).To(Equal(201))
		w.setSite(c, 1, "replication_policy", map[string]any{"replication_mode": "REPLICATION_MODE_MANUAL", "checkpoint_uuid": point["uuid"]})
		create("after-the-checkpoint")
		expect("SITE_STATE_HS_IN_PROGRESS", "GSLB_SITE_CFG_SYNCED_TILL_CHECKPOINT")
		code, refusal := c.do("DELETE", "/api/federationcheckpoint/"+point["uuid"].(string), nil)
		g.Expect(code).To(Equal(403), "a checkpoint in use stays")
		g.Expect(refusal).To(HaveKeyWithValue("error", "Cannot delete, object is referred by: ['GslbSite region02']"))
		g.Expect(at(g, c.get("/api/federationcheckpoint/"+point["uuid"].(string)+"/pendingobjects/"), "results", 0, "name")).To(Equal("after-the-checkpoint"))
		w.setSite(c, 1, "replication_policy", map[string]any{"replication_mode": "REPLICATION_MODE_CONTINUOUS"})
		w.Pass(20 * time.Second)
		expect("SITE_STATE_HS_IN_PROGRESS", "GSLB_SITE_CFG_IN_SYNC")

		w.reject = "bad"
		create("bad")
		expect("SITE_STATE_HS_IN_PROGRESS", "GSLB_SITE_CFG_OUT_OF_SYNC")
		path, _ := w.gslbOf()
		info := at(g, c.get(path+"/runtime"), "site", 1, "site_cfg", "sync_info")
		g.Expect(at(g, info, "errored_objects", 0, "name")).To(Equal("bad"))
		g.Expect(at(g, info, "last_fail_obj", "obj_name")).To(Equal("bad"))
		w.reject = ""
		w.Pass(5*time.Minute + time.Second)
		expect("SITE_STATE_HS_IN_PROGRESS", "GSLB_SITE_CFG_IN_SYNC")

		code, _ = c.do("PATCH", path, map[string]any{"replace": map[string]any{"maintenance_mode": true}})
		g.Expect(code).To(Equal(200))
		w.Pass(time.Second)
		expect("SITE_STATE_MMODE", "GSLB_SITE_CFG_IN_SYNC")
		code, refused := c.do("POST", "/api/healthmonitor", map[string]any{"name": "x", "type": "HEALTH_MONITOR_PING", "is_federated": true})
		g.Expect(code).To(Equal(400))
		g.Expect(refused["error"]).To(Equal("GSLB system is in maintenance mode."))
		code, _ = c.do("POST", "/api/healthmonitor", map[string]any{"name": "local", "type": "HEALTH_MONITOR_PING"})
		g.Expect(code).To(Equal(201), "what is not federated is free")
		g.Expect(at(g, c.get(path), "send_interval")).To(BeEquivalentTo(1800))
		g.Expect(at(g, c.get(path), "send_interval_prior_to_maintenance_mode")).To(BeEquivalentTo(15))
		code, _ = c.do("PATCH", path, map[string]any{"replace": map[string]any{"maintenance_mode": false}})
		g.Expect(code).To(Equal(200))
		w.Pass(time.Second)
		g.Expect(at(g, c.get(path), "send_interval")).To(BeEquivalentTo(15))
		expect("SITE_STATE_HS_IN_PROGRESS", "GSLB_SITE_CFG_IN_SYNC")
	})
}

// A follower answers as the product does: reads are served, writes of federated objects are for the leader.
func TestFollowerThroughREST(t *testing.T) {
	inWorld(t, 2, func(w *world, g *GomegaWithT) {
		service := w.running(nil)
		leader, follower := w.login(w.regions[0]), w.login(w.regions[1])
		path := "/api/gslbservice/" + service
		g.Expect(follower.get(path)["name"]).To(Equal("app.gslb.example"))
		gslb, _ := w.gslbOf()
		for _, try := range []struct {
			method, path string
			body         any
		}{
			{"POST", "/api/gslbservice", w.service(map[string]any{"name": "x", "domain_names": []any{"x.gslb.example"}})},
			{"PUT", path, w.service(map[string]any{"ttl": 5})},
			{"PATCH", path, map[string]any{"replace": map[string]any{"enabled": false}}},
			{"DELETE", path, nil},
			{"POST", "/api/healthmonitor", map[string]any{"name": "x", "type": "HEALTH_MONITOR_PING", "is_federated": true}},
			{"PATCH", gslb, map[string]any{"replace": map[string]any{"send_interval": 5}}},
			{"DELETE", gslb, nil},
		} {
			code, reply := follower.do(try.method, try.path, try.body)
			g.Expect(code).To(Equal(400), "%s %s", try.method, try.path)
			g.Expect(reply["error"]).To(ContainSubstring("Config Operations can be done ONLY on leader"))
		}
		code, _ := follower.do("POST", "/api/pool", map[string]any{"name": "own"})
		g.Expect(code).To(Equal(201))

		code, _ = leader.do("PATCH", gslb, map[string]any{"replace": map[string]any{"enable_config_by_members": true}})
		g.Expect(code).To(Equal(200))
		w.Pass(time.Second)
		groups := clone(group(w.service(nil))).(map[string]any)
		groups["enabled"] = false
		code, reply := follower.do("PATCH", path, map[string]any{"replace": map[string]any{"groups": []any{groups}}})
		g.Expect(code).To(Equal(200), "%v", reply)
		w.Pass(time.Second)
		g.Expect(at(g, leader.get(path), "groups", 0, "enabled")).To(BeFalse(), "the leader has it")
		code, _ = follower.do("PATCH", path, map[string]any{"replace": map[string]any{"ttl": 7}})
		g.Expect(code).To(Equal(400), "nothing else is for members")
	})
}

// A third-party site has no controller: its members go by their monitors, its switch takes them out, and it is in the runtime.
func TestThirdPartySite(t *testing.T) {
	inWorld(t, 2, func(w *world, g *GomegaWithT) {
		c := w.login(w.regions[0])
		path, _ := w.gslbOf()
		code, reply := c.do("PATCH", path, map[string]any{"add": map[string]any{"third_party_sites": []any{map[string]any{"name": "cdn"}}}})
		g.Expect(code).To(Equal(200))
		cdn := at(g, reply, "third_party_sites", 0, "cluster_uuid").(string)
		g.Expect(cdn).To(HavePrefix("tp_cluster-"))
		w.deploy()
		w.monitor()
		body := clone(w.service(nil)).(map[string]any)
		group(body)["members"] = append(group(body)["members"].([]any), map[string]any{
			"ip": map[string]any{"addr": "100.0.0.9", "type": "V4"}, "cluster_uuid": cdn,
		})
		service := w.regions[0].create(w, "gslbservice", body)
		w.Pass(20 * time.Second)
		g.Expect(w.state(w.regions[0], service, 2)).To(Equal("OPER_UP"))
		member := at(g, c.get("/api/gslbservice/"+service+"/runtime"), "groups", 0, "members", 2).(map[string]any)
		g.Expect(member).To(And(HaveKeyWithValue("site_name", "cdn"), HaveKeyWithValue("vip_type", "NON_AVI_VIP"), Not(HaveKey("controller_status"))))
		g.Expect(at(g, c.get(path+"/runtime"), "third_party_sites", 0, "site_info", "site_type")).To(Equal("GSLB_THIRD_PARTY_SITE"))

		third := clone(reply["third_party_sites"]).([]any)
		third[0].(map[string]any)["enabled"] = false
		code, _ = c.do("PATCH", path, map[string]any{"replace": map[string]any{"third_party_sites": third}})
		g.Expect(code).To(Equal(200))
		w.Pass(20 * time.Second)
		for _, r := range w.regions {
			g.Expect(w.state(r, service, 2)).To(Equal("OPER_DISABLED"), r.name)
		}
		g.Expect(at(g, c.get(path+"/runtime"), "third_party_sites", 0, "site_info", "oper_status", "state")).To(Equal("OPER_DISABLED"))
	})
}

// A site whose password is changed refuses the others until the leader has been told the new one.
func TestPasswordOfASiteIsChanged(t *testing.T) {
	inWorld(t, 2, func(w *world, g *GomegaWithT) {
		c, far := w.login(w.regions[0]), w.login(w.regions[1])
		admin := at(g, far.get("/api/user?name=admin"), "results", 0, "uuid").(string)
		code, reply := far.do("PATCH", "/api/user/"+admin, map[string]any{"replace": map[string]any{"password": "changed"}})
		g.Expect(code).To(Equal(200), "%v", reply)
		w.Pass(20 * time.Second)
		state, _, _ := w.sync(c)
		g.Expect(state).To(Equal("SITE_STATE_UNREACHABLE"))
		path, _ := w.gslbOf()
		g.Expect(at(g, c.get(path+"/runtime"), "site", 1, "site_info", "state_reason")).To(Equal("credentials are refused"))

		w.setSite(c, 1, "password", "changed")
		w.Pass(20 * time.Second)
		state, sync, _ := w.sync(c)
		g.Expect([]any{state, sync}).To(Equal([]any{"SITE_STATE_HS_IN_PROGRESS", "GSLB_SITE_CFG_IN_SYNC"}))
	})
}

// A candidate that leads is no follower any more, and takes changes all the same.
func TestCandidateThatTookOverTakesChanges(t *testing.T) {
	inWorld(t, 3, func(w *world, g *GomegaWithT) {
		path, _ := w.gslbOf()
		first, second := w.login(w.regions[0]), w.login(w.regions[1])
		replace := func(c *client, fields map[string]any) (int, any) {
			code, reply := c.do("PATCH", path, map[string]any{"replace": fields})
			return code, reply["error"]
		}
		candidate := func(r *region) map[string]any {
			return map[string]any{
				"leader_change_mode": "GSLB_LC_MODE_AUTO", "leader_candidates": []any{map[string]any{"cluster_id": r.ClusterUUID()}},
			}
		}
		code, _ := replace(first, map[string]any{"leader_change_info": candidate(w.regions[1])})
		g.Expect(code).To(Equal(200))
		w.Pass(time.Minute)
		w.siteOff(w.regions[0])
		w.Pass(10 * time.Minute)
		g.Expect(at(g, second.get(path), "leader_cluster_uuid")).To(Equal(w.regions[1].ClusterUUID()))

		code, refusal := replace(second, map[string]any{"enable_config_by_members": true})
		g.Expect(code).To(Equal(200), "%v", refusal)
		code, _ = replace(second, map[string]any{"leader_change_info": candidate(w.regions[2])})
		g.Expect(code).To(Equal(200))
		code, refusal = replace(second, map[string]any{"leader_change_info": candidate(w.regions[1])})
		g.Expect(code).To(Equal(400), "the leader cannot be made a candidate")
		g.Expect(refusal).To(ContainSubstring("is not an enabled active follower"))
	})
}
