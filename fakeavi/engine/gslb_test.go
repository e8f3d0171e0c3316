package engine_test

import (
	"net/netip"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/fakeavi/engine"
	"github.com/gslbsim/gslbsim/fakeavi/health"
)

func TestServiceIsAnsweredWithItsUpMembers(t *testing.T) {
	inWorld(t, func(w *world, g *GomegaWithT) {
		w.twoSites()
		first, second := w.ask("app.gslb.example"), w.ask("app.gslb.example")
		g.Expect([]string{first, second}).To(ConsistOf("10.1.0.80 ", "10.2.0.80 "))
		state, ok := w.e.Service("gslbservice-app")
		g.Expect(ok).To(BeTrue())
		g.Expect(state.Status.State).To(Equal(health.StateUp))
		g.Expect(state.Pools[0].Members).To(HaveLen(2))
		g.Expect(state.Pools[0].Members[0].Monitors).To(Equal([]health.Verdict{health.VerdictUp}))
	})
}

func TestDeadMemberLeavesTheAnswerWithinItsBound(t *testing.T) {
	inWorld(t, func(w *world, g *GomegaWithT) {
		w.twoSites()
		at := time.Since(w.start)
		w.Now(func() { w.setFar(farVIP, health.Outcome{Silent: true}) })
		w.beat(40 * time.Second)
		log := w.since(at)
		g.Expect(log).To(HaveLen(1))
		g.Expect(log[0]).To(HaveSuffix("member 10.2.0.80 OPER_DOWN by data-plane"))
		state, _ := w.e.Service("gslbservice-app")
		took := state.Pools[0].Members[1].Since.Sub(w.start) - at
		g.Expect(took).To(And(BeNumerically(">", 24*time.Second), BeNumerically("<=", 34*time.Second)))
		g.Expect(w.ask("app.gslb.example")).To(Equal("10.1.0.80 "))
		g.Expect(w.ask("app.gslb.example")).To(Equal("10.1.0.80 "))
	})
}

func TestControlPlaneTakesAMemberDownAtOnce(t *testing.T) {
	inWorld(t, func(w *world, g *GomegaWithT) {
		w.twoSites()
		down := engine.VSState{UUID: "virtualservice-far", Status: health.Status{State: health.StateDisabled, Reason: "virtual service is disabled"}, VIPs: []netip.Addr{farVIP}}
		w.push(engine.Update{Sites: []engine.SiteControl{{Cluster: "cluster-2", Reachable: true, Known: true, States: []engine.VSState{down}}}})
		g.Expect(w.log).To(ConsistOf(HaveSuffix("member 10.2.0.80 OPER_DOWN by control-plane")))
		state, _ := w.e.Service("gslbservice-app")
		g.Expect(state.Pools[0].Members[1].Status.Reason).To(Equal("virtual service is disabled"))
	})
}

func TestUnreachableControllerLeavesItToTheDataPlane(t *testing.T) {
	inWorld(t, func(w *world, g *GomegaWithT) {
		w.twoSites()
		w.push(engine.Update{Sites: []engine.SiteControl{{Cluster: "cluster-2", Known: true}}})
		w.push(engine.Update{Sites: []engine.SiteControl{{Cluster: "cluster-2"}}})
		g.Expect(w.log).To(BeEmpty())
		state, _ := w.e.Service("gslbservice-app")
		g.Expect(state.Pools[0].Members[1].Status.Up()).To(BeTrue())
		g.Expect(state.Pools[0].Members[1].Control).To(Equal(health.ControlUnknown))
	})
}

func TestVirtualServiceMissingFromAFullReportIsDown(t *testing.T) {
	inWorld(t, func(w *world, g *GomegaWithT) {
		w.twoSites()
		w.push(engine.Update{Sites: []engine.SiteControl{siteUp("cluster-2")}})
		state, _ := w.e.Service("gslbservice-app")
		g.Expect(state.Pools[0].Members[1].Status.Reason).To(Equal("virtual service is not found at its site"))
	})
}

func TestVIPOutOfSyncLastsUntilTheServiceIsEdited(t *testing.T) {
	inWorld(t, func(w *world, g *GomegaWithT) {
		w.twoSites()
		status := func() health.Status {
			s, _ := w.e.Service("gslbservice-app")
			return s.Pools[0].Members[1].Status
		}
		report := func(vip netip.Addr) engine.Update {
			return engine.Update{Sites: []engine.SiteControl{{
				Cluster: "cluster-2", Reachable: true, Known: true, States: []engine.VSState{vsUp("virtualservice-far", vip)},
			}}}
		}
		w.push(report(farVIP2))
		g.Expect(status()).To(Equal(health.Status{
			State: health.StateDisabled, Reason: "Configured and operational VIPs are out of sync", Cause: health.CauseConfiguration,
		}))
		g.Expect(w.ask("app.gslb.example")).To(Equal("10.1.0.80 "))
		w.push(report(farVIP))
		g.Expect(status().State).To(Equal(health.StateDisabled))

		same := app(map[netip.Addr]engine.ServiceMember{
			webVIP: member(webVIP, "cluster-1", "virtualservice-web"), farVIP: member(farVIP, "cluster-2", "virtualservice-far"),
		}, webVIP, farVIP)
		w.push(engine.Update{Services: []*engine.Service{same}})
		g.Expect(status().State).To(Equal(health.StateDisabled), "a change of something that the service refers to is no edit")
		edited := *same
		edited.Revision = 2
		w.push(engine.Update{Services: []*engine.Service{&edited}})
		g.Expect(status().State).To(Equal(health.StateUp))
	})
}

func TestManualResumeHoldsAMemberUntilItIsEnabledAgain(t *testing.T) {
	inWorld(t, func(w *world, g *GomegaWithT) {
		service := func(revision int64, enabled bool) *engine.Service {
			m := member(farVIP, "", "")
			m.Enabled = enabled
			s := app(map[netip.Addr]engine.ServiceMember{farVIP: m}, farVIP)
			s.Revision, s.Pools[0].ManualResume = revision, true
			return s
		}
		state := func() health.State {
			s, _ := w.e.Service("gslbservice-app")
			return s.Pools[0].Members[0].Status.State
		}
		w.setFar(farVIP, health.Outcome{OK: true})
		w.push(engine.Update{Full: true, Services: []*engine.Service{service(1, true)}})
		w.Pass(time.Second)
		g.Expect(state()).To(Equal(health.StateUp))
		w.Now(func() { w.setFar(farVIP, health.Outcome{Reason: "refused"}) })
		w.Pass(time.Minute)
		g.Expect(state()).To(Equal(health.StateDisabled))
		w.Now(func() { w.setFar(farVIP, health.Outcome{OK: true}) })
		w.Pass(time.Minute)
		g.Expect(state()).To(Equal(health.StateDisabled))
		w.push(engine.Update{Services: []*engine.Service{service(2, true)}})
		g.Expect(state()).To(Equal(health.StateDisabled))
		w.push(engine.Update{Services: []*engine.Service{service(3, false)}})
		w.push(engine.Update{Services: []*engine.Service{service(4, true)}})
		w.Pass(time.Second)
		g.Expect(state()).To(Equal(health.StateUp))
	})
}

func TestDisabledServiceAndSite(t *testing.T) {
	inWorld(t, func(w *world, g *GomegaWithT) {
		w.twoSites()
		m := map[netip.Addr]engine.ServiceMember{
			webVIP: member(webVIP, "cluster-1", "virtualservice-web"), farVIP: member(farVIP, "cluster-2", "virtualservice-far"),
		}
		far := m[farVIP]
		far.SiteEnabled = false
		m[farVIP] = far
		w.push(engine.Update{Services: []*engine.Service{app(m, webVIP, farVIP)}})
		g.Expect(w.ask("app.gslb.example")).To(Equal("10.1.0.80 "))
		off := app(m, webVIP, farVIP)
		off.DNS.Enabled = false
		w.push(engine.Update{Services: []*engine.Service{off}})
		g.Expect(w.ask("app.gslb.example")).To(Equal("dropped"))
		s, _ := w.e.Service("gslbservice-app")
		g.Expect(s.Status.State).To(Equal(health.StateDisabled))
		w.push(engine.Update{GoneServices: []string{"gslbservice-app"}})
		g.Expect(w.ask("app.gslb.example")).To(Equal("NXDOMAIN"))
		g.Expect(w.e.Status().Monitors).To(BeZero())
	})
}

func TestEditThatKeepsAMonitorKeepsItsVerdict(t *testing.T) {
	inWorld(t, func(w *world, g *GomegaWithT) {
		w.twoSites()
		before := w.e.Status().Checks
		edited := app(map[netip.Addr]engine.ServiceMember{
			webVIP: member(webVIP, "cluster-1", "virtualservice-web"), farVIP: member(farVIP, "cluster-2", "virtualservice-far"),
		}, farVIP, webVIP)
		ttl := uint32(2)
		edited.Revision, edited.DNS.TTL = 2, &ttl
		w.push(engine.Update{Services: []*engine.Service{edited}})
		g.Expect(w.e.Status().Checks).To(Equal(before))
		g.Expect(w.log).To(BeEmpty())
	})
}

func TestNewMonitorDoesNotTakeAHealthyMemberAway(t *testing.T) {
	inWorld(t, func(w *world, g *GomegaWithT) {
		w.twoSites()
		m := member(farVIP, "cluster-2", "virtualservice-far")
		m.Monitors[0].Check.Path = "/other"
		w.Now(func() { w.setFar(farVIP, health.Outcome{OK: true, Took: time.Second}) })
		w.push(engine.Update{Services: []*engine.Service{app(map[netip.Addr]engine.ServiceMember{farVIP: m}, farVIP)}})
		g.Expect(w.ask("app.gslb.example")).To(Equal("10.2.0.80 "))
		w.Pass(30 * time.Second)
		g.Expect(w.log).To(BeEmpty())
	})
}

func TestPlacementByDomain(t *testing.T) {
	inWorld(t, func(w *world, g *GomegaWithT) {
		w.twoSites()
		place := func(gslb bool, domains ...string) engine.Update {
			vs := dnsVS()
			vs.DNS.GSLB, vs.DNS.Domains = gslb, domains
			return engine.Update{VirtualServices: []engine.VirtualService{vs}}
		}
		w.push(place(true, "other.example"))
		g.Expect(w.ask("app.gslb.example")).To(Equal("NXDOMAIN"))
		w.push(place(true, "other.example", "GSLB.example."))
		g.Expect(w.ask("app.gslb.example")).To(HaveSuffix(".0.80 "))
		w.push(place(false))
		g.Expect(w.ask("app.gslb.example")).To(Equal("NXDOMAIN"))
	})
}

func TestServiceThatDNSRefusesIsLeftOutAlone(t *testing.T) {
	inWorld(t, func(w *world, g *GomegaWithT) {
		w.twoSites()
		bad := app(nil)
		bad.DNS.UUID, bad.DNS.Name = "gslbservice-bad", "bad" // its name belongs to app
		good := app(nil)
		good.DNS.UUID, good.DNS.Name, good.DNS.Domains = "gslbservice-good", "good", []string{"good.gslb.example"}
		w.push(engine.Update{Services: []*engine.Service{bad, good}})
		g.Expect(w.ask("app.gslb.example")).To(HaveSuffix(".0.80 "))
		g.Expect(w.ask("good.gslb.example")).To(Equal("dropped"))
	})
}

func TestSiteThatHasNotReportedSaysNothingAboutItsMembers(t *testing.T) {
	inWorld(t, func(w *world, g *GomegaWithT) {
		m := member(farVIP, "cluster-2", "virtualservice-far")
		m.Monitors = nil
		w.push(engine.Update{
			Full: true, Services: []*engine.Service{app(map[netip.Addr]engine.ServiceMember{farVIP: m}, farVIP)},
			Sites: []engine.SiteControl{{Cluster: "cluster-2", Known: true}},
		})
		s, _ := w.e.Service("gslbservice-app")
		g.Expect(s.Pools[0].Members[0].Status.State).To(Equal(health.StateInitializing))
		w.push(engine.Update{Sites: []engine.SiteControl{siteUp("cluster-2", vsUp("virtualservice-far", farVIP))}})
		s, _ = w.e.Service("gslbservice-app")
		g.Expect(s.Pools[0].Members[0].Status.State).To(Equal(health.StateUp))
	})
}
