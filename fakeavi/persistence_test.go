package fakeavi_test

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"
)

// Every member's virtual service has a pool of those of the other sites.
func TestRuntimeOfSitePersistence(t *testing.T) {
	inWorld(t, 3, func(w *world, g *GomegaWithT) {
		w.regions[0].create(w, "applicationpersistenceprofile", map[string]any{
			"name": "gslb", "persistence_type": "PERSISTENCE_TYPE_GSLB_SITE", "is_federated": true,
		})
		service := w.running(map[string]any{
			"site_persistence_enabled": true, "application_persistence_profile_ref": "/api/applicationpersistenceprofile?name=gslb",
		})
		runtime := func(r *region) map[string]any {
			out := w.login(r).get("/api/gslbservice/" + service + "/runtime")
			fits(g, "GslbServiceRuntime", out)
			return out
		}
		pool := func(member int) map[string]any {
			return at(g, runtime(w.regions[0]), "groups", 0, "members", member, "sp_pools", 0).(map[string]any)
		}
		for i := range w.regions {
			g.Expect(pool(i)).To(Equal(map[string]any{"name": "SP-app.gslb.example-app", "num_servers": 2.0, "num_servers_up": 2.0}))
		}
		g.Expect(at(g, runtime(w.regions[1]), "sp_oper_status", "state")).To(Equal("OPER_UP"))

		w.siteOff(w.regions[1])
		w.Pass(time.Minute)
		g.Expect(pool(0)).To(HaveKeyWithValue("num_servers_up", 1.0))
		g.Expect(pool(1)).To(HaveKeyWithValue("num_servers_up", 2.0))
		g.Expect(at(g, runtime(w.regions[0]), "sp_oper_status", "state")).To(Equal("OPER_UP"))

		w.siteOff(w.regions[2])
		w.Pass(time.Minute)
		g.Expect(pool(0)).To(HaveKeyWithValue("num_servers_up", 0.0))
		g.Expect(at(g, runtime(w.regions[0]), "sp_oper_status", "state")).To(Equal("OPER_DOWN"))

		g.Expect(w.regions[0].patch(w, "gslbservice", service, map[string]any{"site_persistence_enabled": false})).To(Succeed())
		g.Expect(runtime(w.regions[0])).NotTo(HaveKey("sp_oper_status"))
	})
}
