package fakeavi_test

import (
	"net/netip"
	"testing"
	"time"

	mdns "github.com/miekg/dns"
	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/dns"
	"github.com/gslbsim/gslbsim/fakeavi/engine"
	"github.com/gslbsim/gslbsim/fakeavi/health"
	"github.com/gslbsim/gslbsim/fakeavi/internal/virtual"
)

func TestChangesReachEnginesWithOneMessage(t *testing.T) {
	inWorld(t, 2, func(w *world, g *GomegaWithT) {
		service := w.running(nil)
		a, b := w.regions[0], w.regions[1]
		g.Expect(a.patch(w, "gslbservice", service, map[string]any{"down_response": map[string]any{"type": "GSLB_SERVICE_DOWN_RESPONSE_ALL_RECORDS"}})).To(Succeed())
		w.Pass(2 * latency)
		g.Expect(a.EngineStates()).To(HaveEach(HaveField("Pending", 0)))
		w.Now(func() {
			for _, r := range w.regions {
				r.Engine("app-group").SetApp(r.pool, engine.App{Dead: true})
			}
		})
		w.Pass(time.Minute)
		g.Expect(w.ask(a)).NotTo(Equal("dropped"), "the changed down response is in use")
		g.Expect(w.ask(b)).NotTo(Equal("dropped"))
	})
}

func TestMonitorThatChangesIsUsedAtOnce(t *testing.T) {
	inWorld(t, 2, func(w *world, g *GomegaWithT) {
		w.running(nil)
		hm, _ := w.regions[0].Store().Lookup("healthmonitor", "admin", "hm")
		w.Now(func() { w.regions[1].Engine("app-group").SetApp(w.regions[1].pool, engine.App{Code: 404}) })
		w.Pass(time.Minute)
		g.Expect(w.ask(w.regions[0])).To(Equal("region01"))
		g.Expect(w.regions[0].patch(w, "healthmonitor", hm.UUID, map[string]any{"http_monitor": map[string]any{
			"http_request": "HEAD / HTTP/1.0", "http_response_code": []any{"HTTP_2XX", "HTTP_4XX"},
		}})).To(Succeed())
		w.Pass(time.Second)
		g.Expect(w.ask(w.regions[0])).To(Equal("region01 region02"))
	})
}

func TestEngineThatMissedUpdatesIsSentEverything(t *testing.T) {
	inWorld(t, 2, func(w *world, g *GomegaWithT) {
		service := w.running(nil)
		a := w.regions[0]
		e := a.Engine("dns-group")
		w.Now(func() { w.wire.Cut(a.Addr(), e.Addr()) })
		g.Expect(a.patch(w, "gslbservice", service, map[string]any{"enabled": false})).To(Succeed())
		w.Pass(5 * time.Second)
		g.Expect(w.ask(a)).To(Equal("region01 region02"), "the engine has not heard of the change")
		g.Expect(a.EngineStates()[0].Pending).To(Equal(-1))
		w.Now(func() { w.wire.Heal(a.Addr(), e.Addr()) })
		w.Pass(15 * time.Second)
		g.Expect(w.ask(a)).To(Equal("dropped"))
		g.Expect(a.EngineStates()[0]).To(HaveField("Pending", 0))
	})
}

func TestVirtualServicesArePlacedByTheirGroup(t *testing.T) {
	inWorld(t, 1, func(w *world, g *GomegaWithT) {
		w.deploy()
		r := w.regions[0]
		g.Expect(r.Engine("app-group").VirtualServices()).To(HaveLen(1))
		g.Expect(r.Engine("dns-group").VirtualServices()).To(HaveLen(1))
		g.Expect(r.Engine("nope")).To(BeNil())
		g.Expect(r.patch(w, "virtualservice", r.appVS, map[string]any{"se_group_ref": "/api/serviceenginegroup?name=dns-group"})).To(Succeed())
		w.Pass(time.Second)
		g.Expect(r.Engine("app-group").VirtualServices()).To(BeEmpty())
		g.Expect(r.Engine("dns-group").VirtualServices()).To(HaveLen(2))
		s, ok := r.VirtualService(r.appVS)
		g.Expect(ok).To(BeTrue())
		g.Expect(s.Status.State).To(Equal(health.StateUp))
	})
}

func TestServicesFollowThePlacementOfTheirDNS(t *testing.T) {
	inWorld(t, 2, func(w *world, g *GomegaWithT) {
		w.running(nil)
		a, b := w.regions[0], w.regions[1]
		gslb, _ := a.Store().Lookup("gslb", "admin", "Default")
		sites := clone(gslb.Body()["sites"]).([]any)
		placed := sites[1].(map[string]any)["dns_vses"]
		sites[1].(map[string]any)["dns_vses"] = []any{}
		g.Expect(a.patch(w, "gslb", gslb.UUID, map[string]any{"sites": sites})).To(Succeed())
		w.Pass(time.Second)
		g.Expect(b.Engine("dns-group").Services()).To(BeEmpty())
		g.Expect(w.ask(b)).To(Equal("NXDOMAIN"))
		sites[1].(map[string]any)["dns_vses"] = placed
		g.Expect(a.patch(w, "gslb", gslb.UUID, map[string]any{"sites": sites})).To(Succeed())
		w.Pass(time.Second)
		g.Expect(w.ask(b)).To(Equal("region01 region02"))
	})
}

func TestEngineThatRestartsUnseenIsSentEverything(t *testing.T) {
	inWorld(t, 2, func(w *world, g *GomegaWithT) {
		w.running(nil)
		a := w.regions[0]
		e := a.Engine("dns-group")
		w.Now(func() {
			w.wire.Cut(e.Addr(), a.Addr()) // its greeting is lost
			e.PowerOff()
			e.PowerOn()
		})
		w.Pass(latency)
		w.Now(func() { w.wire.Heal(e.Addr(), a.Addr()) })
		w.Pass(15 * time.Second)
		g.Expect(w.ask(a)).To(Equal("region01 region02"))
	})
}

func TestServicesMoveWithTheirDNSVirtualService(t *testing.T) {
	inWorld(t, 2, func(w *world, g *GomegaWithT) {
		w.running(nil)
		a := w.regions[0]
		vs, _ := a.Store().Lookup("virtualservice", "admin", "dns")
		g.Expect(a.patch(w, "virtualservice", vs.UUID, map[string]any{"se_group_ref": "/api/serviceenginegroup?name=app-group"})).To(Succeed())
		w.Pass(time.Second)
		g.Expect(a.Engine("dns-group").Services()).To(BeEmpty())
		g.Expect(a.Engine("app-group").Services()).To(HaveLen(1))
		g.Expect(w.ask(a)).To(Equal("region01 region02"))
	})
}

// TestRestartOfAControllerTakesNobodyDown restarts controllers under members that only the control plane watches: what is
// not known yet must not be taken for down.
func TestRestartOfAControllerTakesNobodyDown(t *testing.T) {
	inWorld(t, 2, func(w *world, g *GomegaWithT) {
		w.running(map[string]any{"health_monitor_refs": []any{}})
		for i := range 40 {
			r := w.regions[i%2]
			w.controllerOff(r)
			w.Pass(time.Duration(i) * 100 * time.Millisecond)
			w.controllerOn(r)
			w.Pass(time.Duration(i) * time.Second)
		}
		w.Pass(time.Minute)
		g.Expect(w.took()).To(BeEmpty())
		g.Expect(w.ask(w.regions[0])).To(Equal("region01 region02"))
	})
}

func TestRestartedControllerGivesUpASiteThatDoesNotAnswer(t *testing.T) {
	inWorld(t, 2, func(w *world, g *GomegaWithT) {
		w.running(map[string]any{"health_monitor_refs": []any{}})
		a, b := w.regions[0], w.regions[1]
		w.controllerOff(b)
		w.controllerOff(a)
		w.controllerOn(a)
		w.Pass(4 * time.Minute)
		g.Expect(w.took()).NotTo(ContainElement(HavePrefix("region01: member of region02")))
		w.Pass(2 * time.Minute)
		g.Expect(w.took()).To(ContainElement("region01: member of region02 OPER_DOWN by control-plane"))
	})
}

// places locates clients by the first byte of their address.
type places struct{}

func (places) Locate(a netip.Addr) (dns.Location, bool) {
	switch a.As4()[0] {
	case 1:
		return dns.Location{Latitude: 50, Longitude: 8}, true
	case 2:
		return dns.Location{Latitude: 40, Longitude: -74}, true
	}
	return dns.Location{}, false
}

func TestGeoDatabase(t *testing.T) {
	virtual.Run(t, func(c virtual.Clock) {
		w := newWorld(c)
		w.geo = places{}
		r := w.add()
		w.form(nil)
		at := func(lat, long float64) map[string]any {
			return map[string]any{"source": "GSLB_LOCATION_SRC_USER_CONFIGURED", "location": map[string]any{"latitude": lat, "longitude": long}}
		}
		r.create(w, "gslbservice", map[string]any{
			"name": "geo", "domain_names": []any{"geo.gslb.example"}, "groups": []any{map[string]any{
				"name": "p", "algorithm": "GSLB_ALGORITHM_GEO", "fallback_algorithm": "GSLB_ALGORITHM_ROUND_ROBIN", "members": []any{
					map[string]any{"ip": map[string]any{"addr": "10.99.0.1", "type": "V4"}, "location": at(48, 2)},
					map[string]any{"ip": map[string]any{"addr": "10.99.0.2", "type": "V4"}, "location": at(41, -87)},
				},
			}},
		})
		w.Pass(time.Second)
		ask := func(client string) string {
			q := new(mdns.Msg).SetQuestion("geo.gslb.example.", mdns.TypeA)
			reply, _, _ := r.Engine("dns-group").Respond(r.dnsVIP, q, dns.Client{Addr: netip.MustParseAddr(client)})
			return reply.Answer[0].(*mdns.A).A.String()
		}
		w.g.Expect(ask("1.1.1.1")).To(Equal("10.99.0.1"))
		w.g.Expect(ask("2.1.1.1")).To(Equal("10.99.0.2"))
	})
}
