package federation_test

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/fakeavi/engine"
	"github.com/gslbsim/gslbsim/fakeavi/federation"
	"github.com/gslbsim/gslbsim/fakeavi/health"
)

func TestStatesOfVirtualServicesTravelWithTheNextContact(t *testing.T) {
	onStage(t, 2, func(s *stage, g *GomegaWithT) {
		s.found(g, nil)
		a, b := s.sites[0], s.sites[1]
		s.Pass(time.Minute)
		a.controls = nil
		s.Now(func() { b.node.SetStates([]engine.VSState{vs("vs-1", health.StateUp)}, nil) })
		s.Pass(15*time.Second + 2*latency)
		g.Expect(a.controls).To(Equal([]engine.SiteControl{
			{Cluster: b.cluster, Reachable: true, Known: true, States: []engine.VSState{vs("vs-1", health.StateUp)}},
		}))
		g.Expect(a.node.Controls()).To(Equal([]engine.SiteControl{{
			Cluster: b.cluster, Reachable: true, Known: true, Full: true, States: []engine.VSState{vs("vs-1", health.StateUp)},
		}}))
		s.Now(func() { b.node.SetStates([]engine.VSState{vs("vs-2", health.StateDown)}, []string{"vs-1"}) })
		s.Pass(16 * time.Second)
		g.Expect(a.node.Controls()[0].States).To(Equal([]engine.VSState{vs("vs-2", health.StateDown)}))
		a.controls = nil
		s.Pass(time.Minute)
		g.Expect(a.controls).To(BeEmpty(), "only what changed is told")
	})
}

func TestSiteThatRestartsTellsEverythingAgain(t *testing.T) {
	onStage(t, 2, func(s *stage, g *GomegaWithT) {
		s.found(g, nil)
		a, b := s.sites[0], s.sites[1]
		s.Now(func() { b.node.SetStates([]engine.VSState{vs("vs-1", health.StateUp)}, nil) })
		s.Pass(20 * time.Second)
		s.off(b)
		s.Now(func() { s.wire.Attach(b.addr, b.node); b.node.PowerOn() })
		s.Pass(20 * time.Second)
		g.Expect(a.node.Controls()[0].States).To(Equal([]engine.VSState{vs("vs-1", health.StateUp)}), "it does not know yet")
		s.Now(func() { b.node.SetStates([]engine.VSState{vs("vs-2", health.StateUp)}, nil); b.node.StatesComplete() })
		s.Pass(20 * time.Second)
		g.Expect(a.node.Controls()[0].States).To(Equal([]engine.VSState{vs("vs-2", health.StateUp)}))
	})
}

func TestUnreachableSiteIsReportedAtOnceAndFlushedAfterTheLimit(t *testing.T) {
	onStage(t, 2, func(s *stage, g *GomegaWithT) {
		s.found(g, nil)
		a, b := s.sites[0], s.sites[1]
		s.Now(func() { b.node.SetStates([]engine.VSState{vs("vs-1", health.StateUp)}, nil) })
		s.Pass(30 * time.Second)
		s.off(b)
		a.controls = nil
		s.Pass(15*time.Second + 3*time.Second)
		g.Expect(a.controls).To(Equal([]engine.SiteControl{{Cluster: b.cluster, Known: true}}))
		g.Expect(a.node.Controls()[0].States).To(HaveLen(1))
		s.Pass(19*15*time.Second + 3*time.Second)
		g.Expect(a.controls).To(Equal([]engine.SiteControl{{Cluster: b.cluster, Known: true}, {Cluster: b.cluster}}))
		g.Expect(a.node.Controls()[0].States).To(BeEmpty())
		g.Expect(a.sees("region02").Retries).To(BeNumerically(">=", 20))
	})
}

func TestIdleFederationCostsOneMessagePerPairAndInterval(t *testing.T) {
	onStage(t, 3, func(s *stage, g *GomegaWithT) {
		s.found(g, nil)
		s.Pass(time.Minute)
		before := s.wire.Sent()
		s.Pass(time.Hour)
		g.Expect(s.wire.Sent() - before).To(BeNumerically("==", 3*2*240))
	})
}

func TestMaintenanceMode(t *testing.T) {
	onStage(t, 2, func(s *stage, g *GomegaWithT) {
		s.found(g, map[string]any{"send_interval": 20})
		leader, follower := s.sites[0], s.sites[1]
		set := func(on bool) {
			g.Expect(s.change(leader, func(b map[string]any) { b["maintenance_mode"] = on })).To(Succeed())
			s.Pass(time.Second)
		}
		set(true)
		g.Expect(s.create(leader, "app")).To(MatchError(ContainSubstring("GSLB system is in maintenance mode.")))
		g.Expect(s.create(follower, "app")).To(MatchError(ContainSubstring("ONLY on leader")))
		err := s.change(leader, func(b map[string]any) { b["send_interval"] = 30 })
		g.Expect(err).To(MatchError(ContainSubstring("maintenance mode")))
		g.Expect(follower.node.Gslb().Maintenance).To(BeTrue())
		g.Expect(follower.node.Gslb().SendInterval).To(Equal(1800 * time.Second))
		s.Pass(20 * time.Second)
		g.Expect(leader.sees("region02").State).To(Equal(federation.SiteMaintenance))
		s.off(follower)
		s.Pass(5 * time.Hour)
		g.Expect(leader.node.Controls()[0].Known).To(BeTrue(), "20 x 1800 s have not passed")
		s.on(follower)
		set(false)
		g.Expect(leader.node.Gslb().SendInterval).To(Equal(20 * time.Second))
		s.Pass(30 * time.Second)
		g.Expect(follower.node.Gslb().SendInterval).To(Equal(20 * time.Second))
		g.Expect(s.create(leader, "app")).To(Succeed())
	})
}

func TestVerify(t *testing.T) {
	onStage(t, 2, func(s *stage, g *GomegaWithT) {
		ask := func(c federation.Credentials) federation.VerifyReply {
			reply, err := s.wire.Call(s.sites[0].addr, s.sites[1].addr, federation.Verify{Credentials: c})
			g.Expect(err).NotTo(HaveOccurred())
			return reply.(federation.VerifyReply)
		}
		g.Expect(ask(federation.Credentials{Username: "admin"})).To(Equal(federation.VerifyReply{Denied: true}))
		g.Expect(ask(credentials)).To(Equal(federation.VerifyReply{Cluster: "cluster-region02", Name: "region02", Version: "31.2.1"}))
		s.found(g, nil)
		g.Expect(ask(credentials).Member).To(BeTrue())
		g.Expect(ask(credentials).Claim.Leader).To(Equal("cluster-region01"))
	})
}

func TestNothingIsSaidOfSitesBeforeTheFirstContact(t *testing.T) {
	onStage(t, 2, func(s *stage, g *GomegaWithT) {
		s.found(g, nil)
		a, b := s.sites[0], s.sites[1]
		s.off(b)
		s.off(a)
		s.on(a)
		g.Expect(a.node.Controls()).To(BeEmpty())
		s.Pass(4 * time.Second)
		g.Expect(a.node.Controls()).To(Equal([]engine.SiteControl{{Cluster: b.cluster, Known: true}}))
		s.Pass(10 * time.Minute)
		g.Expect(a.node.Controls()).To(Equal([]engine.SiteControl{{Cluster: b.cluster}}))
	})
}
