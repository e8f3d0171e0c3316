package fakeavi_test

import (
	"net/netip"
	"testing"
	"time"

	. "github.com/onsi/gomega"
)

// withProxies makes region01 the health monitor proxy of region03, and runs the application.
func (w *world) withProxies(kind string, extra ...any) string {
	gslb, _ := w.regions[0].Store().Lookup("gslb", "admin", "Default")
	sites := clone(gslb.Body()["sites"]).([]any)
	proxies := append([]any{map[string]any{"site_uuid": w.regions[0].ClusterUUID(), "proxy_type": "GSLB_HEALTH_MONITOR_PROXY_" + kind}}, extra...)
	sites[2].(map[string]any)["hm_proxies"] = proxies
	w.g.Expect(w.regions[0].patch(w, "gslb", gslb.UUID, map[string]any{"sites": sites})).To(Succeed())
	return w.running(nil)
}

// state is what a region's DNS engine holds of a member.
func (w *world) state(r *region, service string, member int) string {
	s, _ := r.Engine("dns-group").Service(service)
	return string(s.Pools[0].Members[member].Status.State)
}

// Only the proxy can reach the site; the others go by what it finds, which they hear with the next contact.
func TestHealthMonitorProxy(t *testing.T) {
	inWorld(t, 3, func(w *world, g *GomegaWithT) {
		far := w.regions[2]
		w.probesCut = [2]byte{w.regions[1].index, far.index}
		service := w.withProxies("PRIVATE_MEMBERS")
		for _, r := range w.regions[:2] {
			g.Expect(w.state(r, service, 2)).To(Equal("OPER_UP"), r.name)
		}
		g.Expect(w.regions[1].Engine("dns-group").Status().Monitors).To(Equal(2), "it checks the two others")
		g.Expect(w.regions[0].Engine("dns-group").Status().Monitors).To(Equal(3))
		c := w.login(w.regions[1])
		member := at(g, c.get("/api/gslbservice/"+service+"/runtime"), "groups", 0, "members", 2)
		g.Expect(at(g, member, "datapath_status", 0, "site_uuid")).To(Equal(w.regions[0].ClusterUUID()))
		gslb := at(g, c.get("/api/gslb-inventory"), "results", 0, "runtime", "info", "site", 2, "health_monitor_info")
		g.Expect(gslb).To(Equal("Health monitors are run by region01"))

		w.Now(func() {
			w.silent = far.appVIP
			for _, fn := range w.watch {
				fn(netip.Addr{})
			}
		})
		w.Pass(checks*every + timeout)
		g.Expect(w.state(w.regions[0], service, 2)).To(Equal("OPER_DOWN"))
		w.Pass(15 * time.Second)
		g.Expect(w.state(w.regions[1], service, 2)).To(Equal("OPER_DOWN"))

		w.Now(func() {
			w.silent = netip.Addr{}
			for _, fn := range w.watch {
				fn(netip.Addr{})
			}
		})
		w.Pass(checks*every + 15*time.Second)
		g.Expect(w.state(w.regions[1], service, 2)).To(Equal("OPER_UP"))
	})
}

// Without proxies the same cut makes the site that cannot reach the member hold it for down.
func TestWithoutProxyEverySiteGoesByItsOwnChecks(t *testing.T) {
	inWorld(t, 3, func(w *world, g *GomegaWithT) {
		w.probesCut = [2]byte{w.regions[1].index, w.regions[2].index}
		service := w.running(nil)
		w.Pass(time.Minute)
		g.Expect(w.state(w.regions[0], service, 2)).To(Equal("OPER_UP"))
		g.Expect(w.state(w.regions[1], service, 2)).To(Equal("OPER_DOWN"))
	})
}

// The member counts as up if any of several proxies reaches it.
func TestSeveralProxies(t *testing.T) {
	inWorld(t, 3, func(w *world, g *GomegaWithT) {
		far := w.regions[2]
		w.probesCut = [2]byte{w.regions[0].index, far.index}
		service := w.withProxies("ALL_MEMBERS", map[string]any{"site_uuid": far.ClusterUUID(), "proxy_type": "GSLB_HEALTH_MONITOR_PROXY_ALL_MEMBERS"})
		w.Pass(time.Minute)
		g.Expect(w.state(w.regions[0], service, 2)).To(Equal("OPER_DOWN"), "a proxy goes by its own checks")
		g.Expect(w.state(w.regions[1], service, 2)).To(Equal("OPER_UP"))
	})
}

// What was heard of a proxy stays when its controller is gone, and is heard again when it is back.
func TestProxyWhoseControllerIsGone(t *testing.T) {
	inWorld(t, 3, func(w *world, g *GomegaWithT) {
		service := w.withProxies("ALL_MEMBERS")
		w.controllerOff(w.regions[0])
		w.Pass(10 * time.Minute)
		g.Expect(w.state(w.regions[1], service, 2)).To(Equal("OPER_UP"))
		w.controllerOn(w.regions[0])
		w.siteOff(w.regions[2])
		w.Pass(3 * time.Minute)
		g.Expect(w.state(w.regions[1], service, 2)).To(Equal("OPER_DOWN"))
	})
}

// A service that is deleted takes what was told of its members with it.
func TestProxyForgetsServices(t *testing.T) {
	inWorld(t, 3, func(w *world, g *GomegaWithT) {
		service := w.withProxies("ALL_MEMBERS")
		_, told := w.regions[1].Node().Reported(w.regions[0].ClusterUUID(), service+"/"+w.regions[2].appVIP.String())
		g.Expect(told).To(BeTrue())
		w.Now(func() {
			_, err := w.regions[0].Store().Delete("gslbservice", service)
			g.Expect(err).NotTo(HaveOccurred())
		})
		w.Pass(20 * time.Second)
		_, told = w.regions[1].Node().Reported(w.regions[0].ClusterUUID(), service+"/"+w.regions[2].appVIP.String())
		g.Expect(told).To(BeFalse())
	})
}
