package fakeavi_test

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/fakeavi/engine"
)

// dnsOf returns the path of the DNS virtual service of a client's region.
func dnsOf(g *GomegaWithT, c *client) string {
	return "/api/virtualservice/" + at(g, c.get("/api/virtualservice?name=dns"), "results", 0, "uuid").(string)
}

// What DNS answers is counted by member, what it cannot answer as down.
func TestAnswersAreCounted(t *testing.T) {
	inWorld(t, 2, func(w *world, g *GomegaWithT) {
		service := w.running(nil)
		c := w.login(w.regions[0])
		path := dnsOf(g, c) + "/gslbservicealgostat/"
		stat := at(g, c.get(path), "results", 0)
		g.Expect(stat).To(And(HaveKeyWithValue("gslbservice_uuid", service), HaveKeyWithValue("queries", 0.0)))
		for range 10 {
			w.askOnce(w.regions[0], "app.gslb.example")
		}
		w.askOnce(w.regions[1], "app.gslb.example")
		stat = at(g, c.get(path), "results", 0)
		g.Expect(stat).To(And(HaveKeyWithValue("queries", 10.0), HaveKeyWithValue("down_responses", 0.0)))
		group := at(g, stat, "groups", 0)
		g.Expect(group).To(And(HaveKeyWithValue("algorithm", "GSLB_ALGORITHM_ROUND_ROBIN"), HaveKeyWithValue("fallbacks", 0.0)))
		for i, r := range w.regions {
			g.Expect(at(g, group, "members", i)).To(And(HaveKeyWithValue("ip", r.appVIP.String()), HaveKeyWithValue("answers", 5.0)))
		}

		for _, r := range w.regions {
			w.Now(func() { r.Engine("app-group").SetApp(r.pool, engine.App{Dead: true}) })
		}
		w.Pass(time.Minute)
		w.askOnce(w.regions[0], "app.gslb.example")
		g.Expect(at(g, c.get(path), "results", 0)).To(And(HaveKeyWithValue("queries", 11.0), HaveKeyWithValue("down_responses", 1.0)))
	})
}

// Members that are taken out, and services that are deleted, are not counted any more.
func TestCountsOfMembersThatAreGone(t *testing.T) {
	inWorld(t, 2, func(w *world, g *GomegaWithT) {
		service := w.running(nil)
		r, c := w.regions[0], w.login(w.regions[0])
		path := dnsOf(g, c) + "/gslbservicealgostat/"
		counts := func() (out []float64) {
			for _, m := range at(g, c.get(path), "results", 0, "groups", 0, "members").([]any) {
				out = append(out, at(g, m, "answers").(float64))
			}
			return out
		}
		only := func(i int) {
			body := clone(w.service(nil)).(map[string]any)
			group(body)["members"] = group(body)["members"].([]any)[i : i+1]
			g.Expect(r.patch(w, "gslbservice", service, map[string]any{"groups": body["groups"]})).To(Succeed())
			w.Pass(20 * time.Second)
			w.ask(r)
		}
		w.ask(r)
		g.Expect(counts()).To(Equal([]float64{1, 1}))
		only(0)
		g.Expect(counts()).To(Equal([]float64{3}))
		only(1)
		g.Expect(counts()).To(Equal([]float64{2}), "a member that was taken out begins anew")

		w.Now(func() {
			_, err := r.Store().Delete("gslbservice", service)
			g.Expect(err).NotTo(HaveOccurred())
		})
		w.Pass(time.Second)
		g.Expect(c.get(path)).To(HaveKeyWithValue("count", 0.0))
	})
}

func TestLocationsOfMembers(t *testing.T) {
	inWorld(t, 1, func(w *world, g *GomegaWithT) {
		body := clone(w.service(map[string]any{"health_monitor_refs": nil})).(map[string]any)
		place := map[string]any{"source": "GSLB_LOCATION_SRC_USER_CONFIGURED", "location": map[string]any{
			"latitude": 50.11, "longitude": 8.68, "name": "Germany/Hesse/Frankfurt", "tag": "east",
		}}
		group(body)["members"] = []any{
			map[string]any{"ip": map[string]any{"addr": "192.0.2.1", "type": "V4"}, "location": place},
			map[string]any{"fqdn": "cdn.example"},
		}
		service := w.regions[0].create(w, "gslbservice", body)
		w.Pass(time.Second)
		c := w.login(w.regions[0])
		found := at(g, c.get(dnsOf(g, c)+"/geolocationinfo/"), "results").([]any)
		g.Expect(found).To(HaveLen(2))
		g.Expect(found[0]).To(Equal(map[string]any{"gslbservice_uuid": service, "group": "pool", "ip": "192.0.2.1", "location": place}))
		g.Expect(found[1]).To(Equal(map[string]any{"gslbservice_uuid": service, "group": "pool", "fqdn": "cdn.example"}))
	})
}

// What a gslb object shows of other sites follows what becomes of them.
func TestRemoteSites(t *testing.T) {
	inWorld(t, 3, func(w *world, g *GomegaWithT) {
		service := w.running(nil)
		c := w.login(w.regions[0])
		path, _ := w.gslbOf()
		site := at(g, c.get(path+"/remote_site_watcher/summary/"), "results", 0)
		g.Expect(site).To(And(HaveKeyWithValue("site_name", "region02"), HaveKeyWithValue("state", "SITE_STATE_HS_IN_PROGRESS"),
			HaveKeyWithValue("num_of_retries", 0.0), HaveKeyWithValue("virtualservices", 2.0)))
		g.Expect(at(g, c.get(path+"/adaptrepl/window/"), "results", 0)).To(HaveKeyWithValue("pending_object_count", 0.0))

		w.controllerOff(w.regions[1])
		w.Pass(20 * time.Second)
		g.Expect(w.regions[0].patch(w, "gslbservice", service, map[string]any{"ttl": 7})).To(Succeed())
		w.Pass(20 * time.Second)
		site = at(g, c.get(path+"/remote_site_watcher/summary/"), "results", 0)
		g.Expect(site).To(And(HaveKeyWithValue("state", "SITE_STATE_UNREACHABLE"), HaveKeyWithValue("pending_object_count", 1.0)))
		g.Expect(at(g, site, "num_of_retries")).NotTo(BeZero())
		g.Expect(at(g, c.get(path+"/adaptrepl/window/"), "results", 0)).To(HaveKeyWithValue("pending_object_count", 1.0))
		events := at(g, c.get(path+"/remote_site_watcher/events/"), "results").([]any)
		g.Expect(events).To(ContainElement(HaveKeyWithValue("event_description", MatchRegexp("region02.*SITE_STATE_UNREACHABLE"))))

		follower := w.login(w.regions[2])
		g.Expect(follower.get(path + "/remote_site_watcher/summary/")).To(HaveKeyWithValue("count", 2.0))
		g.Expect(follower.get(path+"/adaptrepl/window/")).To(HaveKeyWithValue("count", 0.0), "a follower replicates to nobody")
	})
}

func TestRuntimeOfAGeoDatabase(t *testing.T) {
	inWorld(t, 2, func(w *world, g *GomegaWithT) {
		profile := w.regions[0].create(w, "gslbgeodbprofile", map[string]any{"name": "geo", "entries": []any{map[string]any{"priority": 1}}})
		w.Pass(time.Second)
		runtime := w.login(w.regions[0]).get("/api/gslbgeodbprofile/" + profile + "/runtime/")
		g.Expect(at(g, runtime, "sites", 0)).To(And(HaveKeyWithValue("site_name", "region02"), HaveKeyWithValue("current", true)))
	})
}
