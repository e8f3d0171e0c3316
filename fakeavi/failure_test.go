package fakeavi_test

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/fakeavi/engine"
	"github.com/gslbsim/gslbsim/fakeavi/federation"
	"github.com/gslbsim/gslbsim/fakeavi/health"
)

// The rows of the product's table of what works when only parts fail.

// The monitor checks every 10 s, three times: a failure is noticed more than two intervals after it, and three at most,
// plus what the last check takes to fail.
const (
	checks  = 3
	every   = 10 * time.Second
	timeout = 4 * time.Second
)

// downBy asserts that a member that became silent went down in every one of the sites by the data plane, within the
// bounds of detection.
func (w *world) downBy(member *region, since time.Duration, sites ...*region) {
	w.T.Helper()
	w.downWithin(member, since, timeout, sites...)
}

// downWithin is downBy for a member whose checks take long to fail.
func (w *world) downWithin(member *region, since, long time.Duration, sites ...*region) {
	w.T.Helper()
	for _, s := range sites {
		found := false
		for _, e := range w.log {
			if e.Text == s.name+": member of "+member.name+" OPER_DOWN by data-plane" {
				found = true
				w.g.Expect(e.At - since).To(And(BeNumerically(">", (checks-1)*every+long), BeNumerically("<=", checks*every+long)))
			}
		}
		w.g.Expect(found).To(BeTrue(), "%s in %v", s.name, w.log)
	}
}

func TestFailureOfAFollowersWholeSite(t *testing.T) {
	inWorld(t, 3, func(w *world, g *GomegaWithT) {
		service := w.running(nil)
		leader, dead, other := w.regions[0], w.regions[1], w.regions[2]
		at := time.Since(w.start)
		w.siteOff(dead)
		w.Pass(40 * time.Second)
		w.downBy(dead, at, leader, other)
		g.Expect(w.ask(leader)).To(Equal("region01 region03"))
		g.Expect(w.ask(other)).To(Equal("region01 region03"))
		g.Expect(w.ask(dead)).To(Equal("silent"))
		g.Expect(leader.Federation().Sites[1].State).To(Equal(federation.SiteUnreachable))

		// The configuration can still be changed, and the site gets the change when it is back.
		g.Expect(leader.patch(w, "gslbservice", service, map[string]any{"ttl": 7})).To(Succeed())
		w.siteOn(dead)
		w.Pass(2 * time.Minute)
		g.Expect(w.ask(dead)).To(Equal("region01 region02 region03"))
		g.Expect(w.ask(leader)).To(Equal("region01 region02 region03"))
		o, _ := dead.Store().Get("gslbservice", service)
		g.Expect(o.Body()["ttl"]).To(BeEquivalentTo(7))
	})
}

func TestFailureOfAFollowersControllerOnly(t *testing.T) {
	inWorld(t, 3, func(w *world, g *GomegaWithT) {
		service := w.running(nil)
		leader, headless, other := w.regions[0], w.regions[1], w.regions[2]
		w.controllerOff(headless)
		w.Pass(20 * time.Minute)
		g.Expect(w.took()).To(ConsistOf("region02: dns-group headless true", "region02: app-group headless true"))
		g.Expect(leader.Federation().Sites[1].State).To(Equal(federation.SiteUnreachable), "the control plane sees it")
		for _, r := range w.regions {
			g.Expect(w.ask(r)).To(Equal("region01 region02 region03"), r.name)
		}
		g.Expect(w.serve(headless.appVIP, 80, engine.TCP, engine.Request{}).Code).To(Equal(200))

		// Changes do not reach it until it is back; its engines go on detecting.
		g.Expect(leader.patch(w, "gslbservice", service, map[string]any{"ttl": 7})).To(Succeed())
		at := time.Since(w.start)
		w.Now(func() { other.Engine("app-group").SetApp(other.pool, engine.App{Code: 500}) })
		w.Pass(time.Minute)
		w.downWithin(other, at, 0, leader, headless)
		g.Expect(w.ask(headless)).To(Equal("region01 region02"))
		w.controllerOn(headless)
		w.Pass(30 * time.Second)
		g.Expect(headless.Federation().Role).To(Equal(federation.RoleMember))
		o, _ := headless.Store().Get("gslbservice", service)
		g.Expect(o.Body()["ttl"]).To(BeEquivalentTo(7))
		g.Expect(leader.Federation().Sites[1].Sync).To(Equal(federation.SyncInSync))
		g.Expect(w.ask(headless)).To(Equal("region01 region02"))
	})
}

func TestFailureOfTheLeadersWholeSite(t *testing.T) {
	inWorld(t, 3, func(w *world, g *GomegaWithT) {
		service := w.running(nil)
		dead, next, other := w.regions[0], w.regions[1], w.regions[2]
		at := time.Since(w.start)
		w.siteOff(dead)
		w.Pass(40 * time.Second)
		w.downBy(dead, at, next, other)
		g.Expect(w.ask(next)).To(Equal("region02 region03"))
		g.Expect(w.ask(other)).To(Equal("region02 region03"))
		err := next.patch(w, "gslbservice", service, map[string]any{"ttl": 7})
		g.Expect(err).To(MatchError(ContainSubstring("Config Operations can be done ONLY on leader")))
		w.Pass(24 * time.Hour)
		g.Expect(next.Federation().Role).To(Equal(federation.RoleMember), "no follower takes over by itself")

		// When the site is back, so are its members, and the configuration can be changed again.
		w.siteOn(dead)
		w.Pass(2 * time.Minute)
		for _, r := range w.regions {
			g.Expect(w.ask(r)).To(Equal("region01 region02 region03"), r.name)
		}
		g.Expect(dead.patch(w, "gslbservice", service, map[string]any{"ttl": 7})).To(Succeed())
		w.Pass(time.Second)
		o, _ := other.Store().Get("gslbservice", service)
		g.Expect(o.Body()["ttl"]).To(BeEquivalentTo(7))
	})
}

func TestFailureOfTheLeadersControllerOnly(t *testing.T) {
	inWorld(t, 2, func(w *world, g *GomegaWithT) {
		service := w.running(nil)
		leader, follower := w.regions[0], w.regions[1]
		w.controllerOff(leader)
		w.Pass(time.Hour)
		g.Expect(w.ask(leader)).To(Equal("region01 region02"))
		g.Expect(w.ask(follower)).To(Equal("region01 region02"))
		err := follower.patch(w, "gslbservice", service, map[string]any{"ttl": 7})
		g.Expect(err).To(MatchError(ContainSubstring("ONLY on leader")))
		w.controllerOn(leader)
		w.Pass(20 * time.Second)
		g.Expect(leader.patch(w, "gslbservice", service, map[string]any{"ttl": 7})).To(Succeed())
		w.Pass(time.Second)
		o, _ := follower.Store().Get("gslbservice", service)
		g.Expect(o.Body()["ttl"]).To(BeEquivalentTo(7))
	})
}

func TestFailureOfADNSEngine(t *testing.T) {
	inWorld(t, 2, func(w *world, g *GomegaWithT) {
		w.running(nil)
		a, b := w.regions[0], w.regions[1]
		e := a.Engine("dns-group")
		w.Now(func() { e.PowerOff(); w.wire.Attach(e.Addr(), nil) })
		w.Pass(2 * time.Minute)
		g.Expect(w.ask(a)).To(Equal("silent"))
		g.Expect(w.ask(b)).To(Equal("region01 region02"))
		w.Now(func() { w.wire.Attach(e.Addr(), e); e.PowerOn() })
		w.Pass(time.Second)
		g.Expect(w.ask(a)).To(Equal("region01 region02"))
	})
}

func TestADNSVirtualServiceThatIsDisabledAnswersNobody(t *testing.T) {
	inWorld(t, 2, func(w *world, g *GomegaWithT) {
		w.running(nil)
		a, b := w.regions[0], w.regions[1]
		vs, _ := a.Store().Lookup("virtualservice", "admin", "dns")
		g.Expect(a.patch(w, "virtualservice", vs.UUID, map[string]any{"enabled": false})).To(Succeed())
		w.Pass(time.Second)
		g.Expect(w.ask(a)).To(Equal("silent"))
		g.Expect(w.ask(b)).To(Equal("region01 region02"))
		g.Expect(a.patch(w, "virtualservice", vs.UUID, map[string]any{"enabled": true})).To(Succeed())
		w.Pass(time.Second)
		g.Expect(w.ask(a)).To(Equal("region01 region02"))
	})
}

func TestFailureOfAnApplicationEngine(t *testing.T) {
	inWorld(t, 2, func(w *world, g *GomegaWithT) {
		w.running(nil)
		a, b := w.regions[0], w.regions[1]
		e := b.Engine("app-group")
		at := time.Since(w.start)
		w.Now(func() { e.PowerOff(); w.wire.Attach(e.Addr(), nil) })
		w.Pass(40 * time.Second)
		w.downBy(b, at, a, b)
		g.Expect(w.ask(a)).To(Equal("region01"))
		w.Pass(time.Minute)
		s, _ := b.VirtualService(b.appVS)
		g.Expect(s.Status.Reason).To(Equal("service engine is down"))
		w.Now(func() { w.wire.Attach(e.Addr(), e); e.PowerOn() })
		w.Pass(time.Minute)
		g.Expect(w.ask(a)).To(Equal("region01 region02"))
	})
}

func TestPartitionMakesEachSideActAlone(t *testing.T) {
	inWorld(t, 2, func(w *world, g *GomegaWithT) {
		w.running(nil)
		a, b := w.regions[0], w.regions[1]
		at := time.Since(w.start)
		w.part(a, b, true)
		w.Pass(40 * time.Second)
		w.downBy(b, at, a)
		w.downBy(a, at, b)
		g.Expect(w.ask(a)).To(Equal("region01"))
		g.Expect(w.ask(b)).To(Equal("region02"))
		w.part(a, b, false)
		w.Pass(40 * time.Second)
		g.Expect(w.ask(a)).To(Equal("region01 region02"))
		g.Expect(w.ask(b)).To(Equal("region01 region02"))
	})
}

func TestControlPlaneOnly(t *testing.T) {
	inWorld(t, 2, func(w *world, g *GomegaWithT) {
		w.running(map[string]any{"health_monitor_refs": []any{}})
		a, b := w.regions[0], w.regions[1]
		g.Expect(a.Engine("dns-group").Status().Monitors).To(BeZero())

		// A virtual service that is disabled is known elsewhere with the next contact.
		at := time.Since(w.start)
		g.Expect(b.patch(w, "virtualservice", b.appVS, map[string]any{"enabled": false})).To(Succeed())
		w.Pass(16 * time.Second)
		g.Expect(w.ask(a)).To(Equal("region01"))
		for _, e := range w.log {
			g.Expect(e.Text).To(HaveSuffix("member of region02 OPER_DOWN by control-plane"))
			g.Expect(e.At - at).To(BeNumerically("<=", 15*time.Second+6*latency))
		}
		g.Expect(b.patch(w, "virtualservice", b.appVS, map[string]any{"enabled": true})).To(Succeed())
		w.Pass(16 * time.Second)
		g.Expect(w.ask(a)).To(Equal("region01 region02"))

		// A controller that is gone is believed for clear_on_max_retries contacts.
		w.log = nil
		at = time.Since(w.start)
		w.controllerOff(b)
		w.Pass(10 * time.Minute)
		g.Expect(w.log).To(ContainElement(HaveField("Text", "region01: member of region02 OPER_DOWN by control-plane")))
		for _, e := range w.log {
			if e.Text == "region01: member of region02 OPER_DOWN by control-plane" {
				g.Expect(e.At - at).To(And(BeNumerically(">", 285*time.Second), BeNumerically("<=", 300*time.Second+4*time.Second)))
			}
		}
	})
}

func TestBothPlanesMustAgree(t *testing.T) {
	inWorld(t, 2, func(w *world, g *GomegaWithT) {
		service := w.running(nil)
		a, b := w.regions[0], w.regions[1]
		g.Expect(b.patch(w, "virtualservice", b.appVS, map[string]any{"enabled": false})).To(Succeed())
		w.Pass(16 * time.Second)
		g.Expect(w.took()).To(ContainElement("region01: member of region02 OPER_DOWN by control-plane"))
		state := a.Service(service)["dns-group"]
		g.Expect(state.Pools[0].Members[1].Status.Reason).To(Equal("virtual service is disabled"))
		g.Expect(state.Pools[0].Members[0].Status.State).To(Equal(health.StateUp))
		g.Expect(state.Status.State).To(Equal(health.StateUp))
	})
}

func TestVIPThatMovesIsOutOfSync(t *testing.T) {
	inWorld(t, 2, func(w *world, g *GomegaWithT) {
		service := w.running(nil)
		a, b := w.regions[0], w.regions[1]
		vip, _ := b.Store().Lookup("vsvip", "admin", "app-vip")
		g.Expect(b.patch(w, "vsvip", vip.UUID, map[string]any{"vip": []any{map[string]any{
			"vip_id": "1", "ip_address": map[string]any{"addr": addr(2, 0, 81).String(), "type": "V4"},
		}}})).To(Succeed())
		w.Pass(time.Minute)
		g.Expect(a.Service(service)["dns-group"].Pools[0].Members[1].Status).To(Equal(health.Status{
			State: health.StateDisabled, Reason: health.ReasonVIPOutOfSync, Cause: health.CauseConfiguration,
		}))
		g.Expect(w.ask(a)).To(Equal("region01"))
	})
}

func TestDisabledSiteLeavesAnswers(t *testing.T) {
	inWorld(t, 3, func(w *world, g *GomegaWithT) {
		w.running(nil)
		a, off := w.regions[0], w.regions[1]
		gslbs, _ := a.Store().Lookup("gslb", "admin", "Default")
		enable := func(on bool) {
			sites := clone(gslbs.Body()["sites"]).([]any)
			sites[1].(map[string]any)["enabled"] = on
			g.Expect(a.patch(w, "gslb", gslbs.UUID, map[string]any{"sites": sites})).To(Succeed())
			w.Pass(20 * time.Second)
		}
		enable(false)
		g.Expect(w.ask(a)).To(Equal("region01 region03"))
		g.Expect(w.ask(off)).To(Equal("NXDOMAIN"))
		enable(true)
		g.Expect(w.ask(a)).To(Equal("region01 region02 region03"))
		g.Expect(w.ask(off)).To(Equal("region01 region02 region03"))
	})
}

func TestLeaderChangeEndToEnd(t *testing.T) {
	inWorld(t, 2, func(w *world, g *GomegaWithT) {
		service := w.running(nil)
		old, next := w.regions[0], w.regions[1]
		w.controllerOff(old)
		w.Pass(time.Minute)
		w.Now(func() { g.Expect(next.Node().ChangeLeader(next.ClusterUUID(), nil)).To(Succeed()) })
		g.Expect(next.patch(w, "gslbservice", service, map[string]any{"ttl": 9})).To(Succeed())
		g.Expect(w.ask(old)).To(Equal("region01 region02"), "engines of the old leader go on")
		w.controllerOn(old)
		w.Pass(30 * time.Second)
		g.Expect(old.Federation().Role).To(Equal(federation.RoleMember))
		o, _ := old.Store().Get("gslbservice", service)
		g.Expect(o.Body()["ttl"]).To(BeEquivalentTo(9))
		g.Expect(w.ask(old)).To(Equal("region01 region02"))
	})
}
