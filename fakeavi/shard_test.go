package fakeavi_test

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/fakeavi/engine"
)

const sharedMembers = 40

// sharing gives the first region a second DNS virtual service, on the engine of its applications, lets its engines share the checks if
// shard says so, and makes a GSLB service of many members at addresses that are nobody's.
func (w *world) sharing(shard bool) (service string) {
	r := w.regions[0]
	r.create(w, "vsvip", map[string]any{"name": "dns2-vip", "vip": []any{map[string]any{
		"vip_id": "1", "ip_address": map[string]any{"addr": addr(1, 0, 54).String(), "type": "V4"},
	}}})
	second := r.create(w, "virtualservice", map[string]any{
		"name": "dns2", "vsvip_ref": "/api/vsvip?name=dns2-vip", "services": []any{map[string]any{"port": 53}},
		"application_profile_ref": "/api/applicationprofile?name=System-DNS", "se_group_ref": "/api/serviceenginegroup?name=app-group",
	})
	gslb, _ := r.Store().Lookup("gslb", "admin", "Default")
	sites := clone(gslb.Body()["sites"]).([]any)
	site := sites[0].(map[string]any)
	site["dns_vses"] = append(site["dns_vses"].([]any), map[string]any{"dns_vs_uuid": second})
	site["hm_shard_enabled"] = shard
	w.g.Expect(r.patch(w, "gslb", gslb.UUID, map[string]any{"sites": sites})).To(Succeed())
	w.monitor()
	var members []any
	for i := range sharedMembers {
		members = append(members, map[string]any{"ip": map[string]any{"addr": fmt.Sprintf("100.0.0.%d", i+1), "type": "V4"}})
	}
	service = r.create(w, "gslbservice", map[string]any{
		"name": "many.gslb.example", "domain_names": []any{"many.gslb.example"}, "health_monitor_refs": []any{"/api/healthmonitor?name=hm"},
		"groups": []any{map[string]any{"name": "pool", "members": members}},
	})
	w.Pass(20 * time.Second)
	return service
}

// monitors returns how many monitors each engine of the first region runs.
func (w *world) monitors() (dnsGroup, appGroup int) {
	return w.regions[0].Engine("dns-group").Status().Monitors, w.regions[0].Engine("app-group").Status().Monitors
}

// up returns how many members an engine of the first region holds for up.
func (w *world) up(name, service string) (n int) {
	s, _ := w.regions[0].Engine(name).Service(service)
	for _, m := range s.Pools[0].Members {
		if m.Status.Up() {
			n++
		}
	}
	return n
}

func (w *world) kill(dead byte) {
	w.Now(func() {
		w.dead = dead
		for _, fn := range w.watch {
			fn(netip.Addr{})
		}
	})
}

func TestWithoutShardingEveryEngineChecksEverything(t *testing.T) {
	inWorld(t, 1, func(w *world, g *GomegaWithT) {
		w.sharing(false)
		a, b := w.monitors()
		g.Expect([]int{a, b}).To(Equal([]int{sharedMembers, sharedMembers}))
	})
}

// Each member is checked by one engine, and both engines act upon what it finds.
func TestShardedChecks(t *testing.T) {
	inWorld(t, 1, func(w *world, g *GomegaWithT) {
		service := w.sharing(true)
		a, b := w.monitors()
		g.Expect(a + b).To(Equal(sharedMembers))
		g.Expect(a).To(And(BeNumerically(">", sharedMembers/5), BeNumerically("<", sharedMembers*4/5)))
		for _, name := range []string{"dns-group", "app-group"} {
			g.Expect(w.up(name, service)).To(Equal(sharedMembers), name)
		}
		w.kill(100)
		w.Pass(checks*every + timeout + time.Second)
		for _, name := range []string{"dns-group", "app-group"} {
			g.Expect(w.up(name, service)).To(BeZero(), name)
		}
		w.kill(0)
		w.Pass(checks*every + time.Second)
		for _, name := range []string{"dns-group", "app-group"} {
			g.Expect(w.up(name, service)).To(Equal(sharedMembers), name)
		}
	})
}

// Runtime shows of each member what the engine that checks it found.
func TestRuntimeOfShardedChecks(t *testing.T) {
	inWorld(t, 1, func(w *world, g *GomegaWithT) {
		service := w.sharing(true)
		w.regions[0].create(w, "healthmonitor", map[string]any{"name": "ping", "type": "HEALTH_MONITOR_PING", "is_federated": true})
		both := []any{"/api/healthmonitor?name=hm", "/api/healthmonitor?name=ping"}
		g.Expect(w.regions[0].patch(w, "gslbservice", service, map[string]any{"health_monitor_refs": both})).To(Succeed())
		w.Pass(20 * time.Second)
		runtime := w.login(w.regions[0]).get("/api/gslbservice/" + service + "/runtime")
		for i := range sharedMembers {
			member := at(g, runtime, "groups", 0, "members", i)
			g.Expect(at(g, member, "health_monitor_info")).To(Equal([]any{"hm: up", "ping: up"}))
			g.Expect(at(g, member, "datapath_status", 0, "oper_status", "state")).To(Equal("OPER_UP"))
		}
	})
}

// The checks of an engine without power are taken over when its controller holds it for gone, and given back.
func TestShardsOfADeadEngineAreTakenOver(t *testing.T) {
	inWorld(t, 1, func(w *world, g *GomegaWithT) {
		service := w.sharing(true)
		r := w.regions[0]
		e := r.Engine("app-group")
		w.Now(func() { e.PowerOff(); w.wire.Attach(e.Addr(), nil) })
		w.Pass(engine.HeartbeatInterval * (engine.HeartbeatMisses + 1))
		a, _ := w.monitors()
		g.Expect(a).To(Equal(sharedMembers))
		g.Expect(w.up("dns-group", service)).To(Equal(sharedMembers))
		w.kill(100)
		w.Pass(checks*every + timeout + time.Second)
		g.Expect(w.up("dns-group", service)).To(BeZero())

		w.Now(func() { w.wire.Attach(e.Addr(), e); e.PowerOn() })
		w.kill(0)
		w.Pass(time.Minute)
		a, b := w.monitors()
		g.Expect(a + b).To(Equal(sharedMembers))
		g.Expect(a).NotTo(BeZero())
		g.Expect(w.up("app-group", service)).To(Equal(sharedMembers))
		g.Expect(w.up("dns-group", service)).To(Equal(sharedMembers))
	})
}

// Engines without a controller do not hear of one another: each checks everything until the controller is back.
func TestHeadlessEnginesDoNotShare(t *testing.T) {
	inWorld(t, 1, func(w *world, g *GomegaWithT) {
		service := w.sharing(true)
		w.controllerOff(w.regions[0])
		w.Pass(engine.HeartbeatInterval * (engine.HeartbeatMisses + 1))
		a, b := w.monitors()
		g.Expect([]int{a, b}).To(Equal([]int{sharedMembers, sharedMembers}))
		w.kill(100)
		w.Pass(checks*every + timeout + time.Second)
		g.Expect(w.up("dns-group", service)).To(BeZero())
		g.Expect(w.up("app-group", service)).To(BeZero())
		w.controllerOn(w.regions[0])
		w.Pass(20 * time.Second)
		a, b = w.monitors()
		g.Expect(a + b).To(Equal(sharedMembers))
		g.Expect(w.up("dns-group", service)).To(BeZero())
		w.kill(0)
		w.Pass(checks*every + time.Second)
		g.Expect(w.up("dns-group", service)).To(Equal(sharedMembers))
		g.Expect(w.up("app-group", service)).To(Equal(sharedMembers))
	})
}

// A GSLB service that is deleted takes what was told of its members with it; so does the end of sharing.
func TestSharedFindingsAreForgotten(t *testing.T) {
	inWorld(t, 1, func(w *world, g *GomegaWithT) {
		service := w.sharing(true)
		r := w.regions[0]
		told := func() int { return len(r.Engine("dns-group").Sites()[0].States) }
		before := told()
		g.Expect(before).To(BeNumerically(">=", sharedMembers))
		w.Now(func() {
			_, err := r.Store().Delete("gslbservice", service)
			g.Expect(err).NotTo(HaveOccurred())
		})
		w.Pass(time.Second)
		g.Expect(told()).To(Equal(before - sharedMembers))
	})
}

// Engines that share the checks of a site may make them on behalf of another one: it hears of what all of them find.
func TestShardsOfAProxy(t *testing.T) {
	inWorld(t, 2, func(w *world, g *GomegaWithT) {
		r, far := w.regions[0], w.regions[1]
		gslb, _ := r.Store().Lookup("gslb", "admin", "Default")
		sites := clone(gslb.Body()["sites"]).([]any)
		sites[1].(map[string]any)["hm_proxies"] = []any{map[string]any{"site_uuid": r.ClusterUUID(), "proxy_type": "GSLB_HEALTH_MONITOR_PROXY_ALL_MEMBERS"}}
		g.Expect(r.patch(w, "gslb", gslb.UUID, map[string]any{"sites": sites})).To(Succeed())
		service := w.sharing(true)
		body, _ := r.Store().Get("gslbservice", service)
		groups := clone(body.Body()["groups"]).([]any)
		for _, m := range groups[0].(map[string]any)["members"].([]any) {
			m.(map[string]any)["cluster_uuid"] = far.ClusterUUID()
		}
		g.Expect(r.patch(w, "gslbservice", service, map[string]any{"groups": groups})).To(Succeed())
		up := func() (n int) {
			s, _ := far.Engine("dns-group").Service(service)
			for _, m := range s.Pools[0].Members {
				if m.Status.Up() {
					n++
				}
			}
			return n
		}
		w.Pass(20 * time.Second)
		g.Expect(far.Engine("dns-group").Status().Monitors).To(BeZero())
		g.Expect(up()).To(Equal(sharedMembers))
		w.kill(100)
		w.Pass(time.Minute)
		g.Expect(up()).To(BeZero())
		w.kill(0)
		w.Pass(time.Minute)
		g.Expect(up()).To(Equal(sharedMembers))
	})
}
