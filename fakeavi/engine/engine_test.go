package engine_test

import (
	"net/netip"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/fakeavi/engine"
	"github.com/gslbsim/gslbsim/fakeavi/health"
)

func TestNewRefusesAnIncompleteConfig(t *testing.T) {
	g := NewWithT(t)
	_, err := engine.New(engine.Config{}, engine.Deps{})
	g.Expect(err).To(MatchError(ContainSubstring("Name, Addr and Controller are required")))
	_, err = engine.New(engine.Config{Name: "e", Addr: engineAddr, Controller: controllerAddr}, engine.Deps{})
	g.Expect(err).To(MatchError(ContainSubstring("engine e: Scheduler, Wire and Prober are required")))
}

func TestUpdateThatDoesNotFollowIsRefused(t *testing.T) {
	inWorld(t, func(w *world, g *GomegaWithT) {
		send := func(u engine.Update) (ack engine.UpdateAck) {
			w.Now(func() { ack = w.e.Receive(&u).(engine.UpdateAck) })
			return ack
		}
		g.Expect(send(engine.Update{Session: 1, Seq: 1}).NeedFull).To(BeTrue())
		g.Expect(send(engine.Update{Session: 1, Seq: 5, Full: true})).To(Equal(engine.UpdateAck{Boot: 1, Seq: 5}))
		g.Expect(send(engine.Update{Session: 1, Seq: 6})).To(Equal(engine.UpdateAck{Boot: 1, Seq: 6}))
		g.Expect(send(engine.Update{Session: 1, Seq: 8})).To(Equal(engine.UpdateAck{Boot: 1, Seq: 6, NeedFull: true}))
		g.Expect(send(engine.Update{Session: 2, Seq: 7}).NeedFull).To(BeTrue())
	})
}

func TestFullUpdateForgetsWhatIsNotListed(t *testing.T) {
	inWorld(t, func(w *world, g *GomegaWithT) {
		w.twoSites()
		w.push(engine.Update{Full: true, VirtualServices: []engine.VirtualService{dnsVS()}})
		w.Pass(time.Second)
		g.Expect(w.e.Services()).To(BeEmpty())
		g.Expect(w.e.VirtualServices()).To(HaveLen(1))
		g.Expect(w.ask("app.gslb.example")).To(Equal("NXDOMAIN"))
		g.Expect(w.e.Serve(webVIP, 80, engine.TCP, engine.Request{}).Kind).To(Equal(engine.Silent))
		last := w.reports[len(w.reports)-1]
		g.Expect(last.GoneVS).To(Equal([]string{"virtualservice-web"}))
		g.Expect(last.GoneServices).To(Equal([]string{"gslbservice-app"}))
	})
}

func TestHeadlessEngineServesAndTrustsItsOwnChecksAlone(t *testing.T) {
	inWorld(t, func(w *world, g *GomegaWithT) {
		w.twoSites()
		down := vsUp("virtualservice-far", farVIP)
		down.Status = health.Status{State: health.StateDown, Reason: "all pools are down"}
		w.push(engine.Update{Sites: []engine.SiteControl{{Cluster: "cluster-2", Reachable: true, Known: true, States: []engine.VSState{down}}}})
		last := time.Since(w.start)
		w.since(0)
		w.Now(func() { w.wire.Attach(controllerAddr, nil) })
		w.Pass(engine.HeartbeatInterval*engine.HeartbeatMisses + time.Second)
		g.Expect(w.since(0)).To(Equal([]string{
			(last + time.Minute).String() + " headless true",
			(last + time.Minute).String() + " member 10.2.0.80 OPER_UP by data-plane",
		}))
		g.Expect([]string{w.ask("app.gslb.example"), w.ask("app.gslb.example")}).To(ConsistOf("10.1.0.80 ", "10.2.0.80 "))
		w.Now(func() { w.setFar(farVIP, health.Outcome{Silent: true}) })
		w.Pass(time.Hour)
		g.Expect(w.ask("app.gslb.example")).To(Equal("10.1.0.80 "))
		w.log = nil
		w.Now(func() { w.wire.Attach(controllerAddr, w); w.e.Receive(engine.Heartbeat{Session: 1}) })
		g.Expect(w.log[0]).To(HaveSuffix("headless false"))
		g.Expect(w.e.Status().Headless).To(BeFalse())
	})
}

func TestLostReportIsToldAgainAfterTheNextHeartbeat(t *testing.T) {
	inWorld(t, func(w *world, g *GomegaWithT) {
		w.twoSites()
		w.reports = nil
		w.Now(func() { w.wire.Attach(controllerAddr, nil) })
		w.Now(func() { w.e.SetApp("pool-web", engine.App{Dead: true}) })
		w.Pass(20 * time.Second)
		g.Expect(w.reports).To(BeEmpty())
		w.Now(func() { w.wire.Attach(controllerAddr, w); w.e.Receive(engine.Heartbeat{Session: 1}) })
		w.Pass(time.Second)
		g.Expect(w.reports).To(HaveLen(1))
		g.Expect(w.reports[0].VirtualServices).To(HaveLen(1))
		g.Expect(w.reports[0].VirtualServices[0].Status.State).To(Equal(health.StateDown))
	})
}

func TestNewSessionIsToldEverything(t *testing.T) {
	inWorld(t, func(w *world, g *GomegaWithT) {
		w.twoSites()
		w.reports, w.session = nil, 2
		w.twoSites()
		g.Expect(w.reports).NotTo(BeEmpty())
		g.Expect(w.reports[0].VirtualServices).To(HaveLen(2))
		g.Expect(w.reports[0].Services).To(HaveLen(1))
	})
}

func TestPowerOffTakesEverything(t *testing.T) {
	inWorld(t, func(w *world, g *GomegaWithT) {
		w.twoSites()
		w.Now(func() {
			g.Expect(w.e.PowerOff()).To(BeTrue())
			g.Expect(w.e.PowerOff()).To(BeFalse())
		})
		w.Pass(time.Hour)
		g.Expect(w.log).To(BeEmpty())
		g.Expect(w.ask("app.gslb.example")).To(Equal("silent"))
		g.Expect(w.e.Serve(webVIP, 80, engine.TCP, engine.Request{}).Kind).To(Equal(engine.Silent))
		g.Expect(w.e.Receive(engine.Heartbeat{Session: 1})).To(BeNil())
		g.Expect(w.e.Status()).To(Equal(engine.Status{Checks: w.e.Status().Checks}))
		w.Now(func() {
			g.Expect(w.e.PowerOn()).To(BeTrue())
			g.Expect(w.e.PowerOn()).To(BeFalse())
		})
		w.Pass(time.Second)
		g.Expect(w.hellos).To(Equal([]engine.Hello{{Engine: "Default-Group", Boot: 2}}))
		w.twoSites()
		g.Expect(w.ask("app.gslb.example")).To(HaveSuffix(".0.80 "))
	})
}

func TestPowerCycleDuringAReportDoesNoHarm(t *testing.T) {
	inWorld(t, func(w *world, g *GomegaWithT) {
		w.twoSites()
		w.Now(func() { w.e.SetApp("pool-web", engine.App{Dead: true}) })
		w.Now(func() { w.e.PowerOff(); w.e.PowerOn() })
		w.Pass(time.Minute)
		g.Expect(w.e.VirtualServices()).To(BeEmpty())
		w.twoSites()
		states := w.e.VirtualServices()
		g.Expect(states[1].Status.State).To(Equal(health.StateDown), "the world's apps stay dead through a power cycle")
	})
}

// TestMemberHere shows the whole way: a virtual service of the engine itself dies, its check fails, DNS stops answering it.
func TestMemberHere(t *testing.T) {
	inWorld(t, func(w *world, g *GomegaWithT) {
		w.twoSites()
		at := time.Since(w.start)
		w.Now(func() { w.e.SetApp("pool-web", engine.App{Code: 500}) })
		w.beat(time.Minute)
		g.Expect(w.since(at)).To(ConsistOf(HaveSuffix("member 10.1.0.80 OPER_DOWN by data-plane")))
		g.Expect(w.ask("app.gslb.example")).To(Equal("10.2.0.80 "))
	})
}

func TestRespondKnowsItsAddresses(t *testing.T) {
	inWorld(t, func(w *world, g *GomegaWithT) {
		g.Expect(w.ask("app.gslb.example")).To(Equal("silent"))
		w.twoSites()
		g.Expect(w.e.Responder(webVIP)).To(BeNil())
		g.Expect(w.e.Responder(dnsVIP)).NotTo(BeNil())
		g.Expect(w.e.VIPs()).To(Equal([]netip.Addr{dnsVIP, webVIP}))
		off := dnsVS()
		off.Enabled = false
		w.push(engine.Update{VirtualServices: []engine.VirtualService{off}})
		g.Expect(w.ask("app.gslb.example")).To(Equal("silent"))
	})
}

func TestNewVIPIsReportedForChildrenToo(t *testing.T) {
	inWorld(t, func(w *world, g *GomegaWithT) {
		w.push(engine.Update{Full: true, VirtualServices: shared()})
		w.Pass(time.Second)
		w.reports = nil
		parent := shared()[0]
		parent.VIPs = []netip.Addr{farVIP}
		w.push(engine.Update{VirtualServices: []engine.VirtualService{parent}})
		w.Pass(time.Second)
		g.Expect(w.reports).To(HaveLen(1))
		g.Expect(w.reports[0].VirtualServices).To(HaveLen(3))
		for _, s := range w.reports[0].VirtualServices {
			g.Expect(s.VIPs).To(Equal([]netip.Addr{farVIP}))
		}
	})
}

func TestUnchangedVirtualServicesAreNotReportedAgain(t *testing.T) {
	inWorld(t, func(w *world, g *GomegaWithT) {
		w.twoSites()
		w.reports = nil
		w.push(engine.Update{VirtualServices: []engine.VirtualService{webVS()}})
		w.Pass(time.Second)
		g.Expect(w.reports).To(HaveLen(1))
		g.Expect(w.reports[0].VirtualServices).To(HaveLen(1))
	})
}
