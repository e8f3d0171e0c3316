package federation_test

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/fakeavi/federation"
	"github.com/gslbsim/gslbsim/fakeavi/store"
)

func TestJoinDownloadsEverything(t *testing.T) {
	onStage(t, 2, func(s *stage, g *GomegaWithT) {
		leader, follower := s.sites[0], s.sites[1]
		s.Now(func() {
			_, err := leader.store.Create("healthmonitor", map[string]any{"name": "hm", "type": "HEALTH_MONITOR_TCP", "monitor_port": 80, "is_federated": true})
			g.Expect(err).NotTo(HaveOccurred())
			_, err = leader.store.Create("healthmonitor", map[string]any{"name": "local", "type": "HEALTH_MONITOR_TCP", "monitor_port": 80})
			g.Expect(err).NotTo(HaveOccurred())
		})
		s.found(g, nil)
		g.Expect(s.took()).To(ContainElements(
			"region01 pushes 2 to region02 full=true", "region02 receives 2 full=true failed=0",
			"region02 follows cluster-region01 view 0", "region02 in sync: GSLB_SITE_CFG_IN_SYNC",
		))
		g.Expect(follower.node.Role()).To(Equal(federation.RoleMember))
		mine, ok := leader.store.Lookup("healthmonitor", "admin", "hm")
		g.Expect(ok).To(BeTrue())
		theirs, ok := follower.store.Get("healthmonitor", mine.UUID)
		g.Expect(ok).To(BeTrue())
		g.Expect(theirs.Body()).To(Equal(mine.Body()))
		_, ok = follower.store.Lookup("healthmonitor", "admin", "local")
		g.Expect(ok).To(BeFalse())
		g.Expect(leader.sees("region02").State).To(Equal(federation.SiteHealthy))
		g.Expect(leader.sees("region02").Sync).To(Equal(federation.SyncInSync))
		g.Expect(leader.sees("region01").Role).To(Equal(federation.RoleLeader))
	})
}

func TestChangesArriveAfterOneWay(t *testing.T) {
	onStage(t, 3, func(s *stage, g *GomegaWithT) {
		s.found(g, nil)
		s.took()
		g.Expect(s.create(s.sites[0], "app")).To(Succeed())
		s.Pass(latency)
		g.Expect(s.sites[1].services()).To(Equal("app"))
		g.Expect(s.sites[2].services()).To(Equal("app"))
		s.Pass(latency)
		g.Expect(s.took()).To(Equal([]string{
			"region01 pushes 1 to region02 full=false", "region01 pushes 1 to region03 full=false",
			"region02 receives 1 full=false failed=0", "region03 receives 1 full=false failed=0",
			"region02 in sync: GSLB_SITE_CFG_IN_SYNC", "region03 in sync: GSLB_SITE_CFG_IN_SYNC",
		}))
		o, _ := s.sites[0].store.Lookup("gslbservice", "admin", "app")
		s.Now(func() { _, _ = s.sites[0].store.Delete("gslbservice", o.UUID) })
		s.Pass(latency)
		g.Expect(s.sites[1].services()).To(BeEmpty())
	})
}

func TestAsyncIntervalGathersChanges(t *testing.T) {
	onStage(t, 2, func(s *stage, g *GomegaWithT) {
		s.found(g, map[string]any{"async_interval": 5})
		s.Pass(10 * time.Second)
		s.took()
		for _, name := range []string{"a", "b", "c"} {
			g.Expect(s.create(s.sites[0], name)).To(Succeed())
			s.Pass(time.Second)
		}
		g.Expect(s.sites[1].services()).To(BeEmpty())
		s.Pass(3 * time.Second)
		g.Expect(s.sites[1].services()).To(Equal("a b c"))
		g.Expect(s.took()[0]).To(Equal("region01 pushes 3 to region02 full=false"))
	})
}

func TestFollowerRefusesWrites(t *testing.T) {
	onStage(t, 2, func(s *stage, g *GomegaWithT) {
		s.found(g, nil)
		err := s.create(s.sites[1], "app")
		g.Expect(err).To(MatchError(ContainSubstring("Config Operations can be done ONLY on leader")))
		g.Expect(store.StatusOf(err)).To(Equal(400))
		s.Now(func() {
			_, err = s.sites[1].store.Create("healthmonitor", map[string]any{"name": "local", "type": "HEALTH_MONITOR_TCP", "monitor_port": 80})
		})
		g.Expect(err).NotTo(HaveOccurred(), "objects that are not federated are nobody else's business")
		o, _ := s.sites[1].store.Lookup("healthmonitor", "admin", "local")
		body := deepCopy(o.Body()).(map[string]any)
		body["is_federated"] = true
		s.Now(func() { _, err = s.sites[1].store.Update("healthmonitor", o.UUID, body) })
		g.Expect(err).To(MatchError(ContainSubstring("ONLY on leader")))
	})
}

func TestWrongPasswordKeepsASiteOut(t *testing.T) {
	onStage(t, 2, func(s *stage, g *GomegaWithT) {
		s.found(g, map[string]any{"sites": []any{
			s.sites[0].siteBody(nil), s.sites[1].siteBody(map[string]any{"password": "wrong"}),
		}})
		s.Pass(time.Minute)
		g.Expect(s.sites[1].node.Role()).To(Equal(federation.RoleNone))
		g.Expect(s.sites[0].sees("region02").Reason).To(Equal("credentials are refused"))
		g.Expect(s.sites[0].sees("region02").State).To(Equal(federation.SiteUnreachable))
	})
}

func TestUnreachableFollowerIsBroughtUpToDate(t *testing.T) {
	onStage(t, 2, func(s *stage, g *GomegaWithT) {
		s.found(g, nil)
		leader, follower := s.sites[0], s.sites[1]
		s.part(leader, follower)
		g.Expect(s.create(leader, "app")).To(Succeed())
		s.Pass(time.Minute)
		g.Expect(leader.sees("region02").State).To(Equal(federation.SiteUnreachable))
		g.Expect(leader.sees("region02").Pending).To(Equal(1))
		g.Expect(leader.sees("region02").Sync).To(Equal(federation.SyncOutOfSync))
		s.join(leader, follower)
		s.took()
		s.Pass(15*time.Second + time.Second)
		g.Expect(follower.services()).To(Equal("app"))
		g.Expect(s.took()).To(ContainElement("region01 pushes 1 to region02 full=false"))
		g.Expect(leader.sees("region02").Sync).To(Equal(federation.SyncInSync))
	})
}

func TestFollowerThatWasAwayTooLongIsSentEverything(t *testing.T) {
	onStage(t, 2, func(s *stage, g *GomegaWithT) {
		s.found(g, map[string]any{"clear_on_max_retries": 3})
		leader, follower := s.sites[0], s.sites[1]
		s.off(follower)
		s.Pass(90 * time.Second)
		g.Expect(s.create(leader, "app")).To(Succeed())
		s.on(follower)
		s.took()
		s.Pass(20 * time.Second)
		g.Expect(follower.services()).To(Equal("app"))
		g.Expect(s.took()).To(ContainElements("region01 pushes 2 to region02 full=true", "region02 receives 1 full=true failed=0"))
	})
}

func TestPowerCycleOfAFollowerResumesWhereItWas(t *testing.T) {
	onStage(t, 2, func(s *stage, g *GomegaWithT) {
		s.found(g, nil)
		s.off(s.sites[1])
		g.Expect(s.create(s.sites[0], "app")).To(Succeed())
		s.Pass(30 * time.Second)
		s.on(s.sites[1])
		s.took()
		s.Pass(20 * time.Second)
		g.Expect(s.sites[1].services()).To(Equal("app"))
		g.Expect(s.took()).To(ContainElement("region02 receives 1 full=false failed=0"))
	})
}

func TestPowerCycleOfALeaderResumesWhereItWas(t *testing.T) {
	onStage(t, 2, func(s *stage, g *GomegaWithT) {
		s.found(g, nil)
		leader := s.sites[0]
		s.off(leader)
		s.Pass(time.Minute)
		s.on(leader)
		s.took()
		g.Expect(s.create(leader, "app")).To(Succeed())
		s.Pass(time.Second)
		g.Expect(s.sites[1].services()).To(Equal("app"))
		g.Expect(s.took()).To(ContainElement("region01 pushes 1 to region02 full=false"))
	})
}

func TestObjectThatFailsIsTriedAgain(t *testing.T) {
	onStage(t, 2, func(s *stage, g *GomegaWithT) {
		s.found(g, map[string]any{"error_resync_interval": 60})
		leader, follower := s.sites[0], s.sites[1]
		follower.reject = func(o *store.Object) error {
			if o.Name == "bad" {
				return errDiskFull
			}
			return nil
		}
		g.Expect(s.create(leader, "bad")).To(Succeed())
		g.Expect(s.create(leader, "good")).To(Succeed())
		s.Pass(time.Second)
		g.Expect(follower.services()).To(Equal("good"))
		view := leader.sees("region02")
		g.Expect(view.Sync).To(Equal(federation.SyncOutOfSync))
		g.Expect(view.Failed).To(HaveLen(1))
		g.Expect(view.Failed[0].Reason).To(Equal("disk is full"))
		s.Pass(time.Minute)
		g.Expect(follower.services()).To(Equal("good"))
		follower.reject = nil
		s.Pass(time.Minute)
		g.Expect(follower.services()).To(Equal("bad good"))
		g.Expect(leader.sees("region02").Sync).To(Equal(federation.SyncInSync))
	})
}

// A tenant must be made at every site; what belongs to one that is missing waits for it.
func TestObjectOfATenantThatIsMissingWaits(t *testing.T) {
	onStage(t, 2, func(s *stage, g *GomegaWithT) {
		s.found(g, map[string]any{"error_resync_interval": 60})
		leader, follower := s.sites[0], s.sites[1]
		tenant := func(st *site) {
			s.Now(func() {
				_, err := st.store.Create("tenant", map[string]any{"name": "blue"})
				g.Expect(err).NotTo(HaveOccurred())
			})
		}
		tenant(leader)
		s.Now(func() {
			_, err := leader.store.Create("healthmonitor", map[string]any{"name": "hm", "type": "HEALTH_MONITOR_PING", "is_federated": true}, store.InTenant("blue"))
			g.Expect(err).NotTo(HaveOccurred())
		})
		s.Pass(time.Second)
		g.Expect(leader.sees("region02").Failed[0].Reason).To(Equal("Tenant 'blue' does not exist!"))
		tenant(follower)
		s.Pass(time.Minute)
		g.Expect(leader.sees("region02").Sync).To(Equal(federation.SyncInSync))
		_, ok := follower.store.Lookup("healthmonitor", "blue", "hm")
		g.Expect(ok).To(BeTrue())
	})
}

func TestObjectOfTheSitesOwnStandsInTheWay(t *testing.T) {
	onStage(t, 2, func(s *stage, g *GomegaWithT) {
		s.found(g, map[string]any{"error_resync_interval": 60})
		leader, follower := s.sites[0], s.sites[1]
		var own *store.Object
		s.Now(func() {
			var err error
			own, err = follower.store.Create("healthmonitor", map[string]any{"name": "hm", "type": "HEALTH_MONITOR_TCP"})
			g.Expect(err).NotTo(HaveOccurred())
			_, err = leader.store.Create("healthmonitor", map[string]any{"name": "hm", "type": "HEALTH_MONITOR_PING", "is_federated": true})
			g.Expect(err).NotTo(HaveOccurred())
		})
		s.Pass(time.Second)
		view := leader.sees("region02")
		g.Expect(view.Sync).To(Equal(federation.SyncOutOfSync))
		g.Expect(view.Failed[0].Reason).To(Equal("Health monitor with this Name and Tenant ref already exists."))
		g.Expect(follower.store.Len("healthmonitor")).To(Equal(1))
		s.Now(func() {
			_, err := follower.store.Delete("healthmonitor", own.UUID)
			g.Expect(err).NotTo(HaveOccurred())
		})
		s.Pass(time.Minute)
		g.Expect(leader.sees("region02").Sync).To(Equal(federation.SyncInSync))
		g.Expect(follower.store.Len("healthmonitor")).To(Equal(1))
	})
}

func TestManualModeFollowsCheckpoints(t *testing.T) {
	onStage(t, 2, func(s *stage, g *GomegaWithT) {
		leader, follower := s.sites[0], s.sites[1]
		s.found(g, nil)
		policy := func(checkpoint string) {
			g.Expect(s.change(leader, func(body map[string]any) {
				member(body, 1)["replication_policy"] = map[string]any{
					"replication_mode": "REPLICATION_MODE_MANUAL", "checkpoint_uuid": checkpoint,
				}
			})).To(Succeed())
			s.Pass(time.Second)
		}
		checkpoint := func(name string) (uuid string) {
			s.Now(func() {
				o, err := leader.store.Create("federationcheckpoint", map[string]any{"name": name})
				g.Expect(err).NotTo(HaveOccurred())
				uuid = o.UUID
			})
			s.Pass(time.Second)
			return uuid
		}
		g.Expect(s.create(leader, "before")).To(Succeed())
		s.Pass(time.Second)
		policy("")
		g.Expect(s.create(leader, "one")).To(Succeed())
		first := checkpoint("first")
		g.Expect(s.create(leader, "two")).To(Succeed())
		second := checkpoint("second")
		g.Expect(follower.services()).To(Equal("before"))
		policy(first)
		g.Expect(follower.services()).To(Equal("before one"))
		g.Expect(leader.sees("region02").Sync).To(Equal(federation.SyncCheckpoint))
		policy(second)
		g.Expect(follower.services()).To(Equal("before one two"))
		policy(first)
		g.Expect(follower.services()).To(Equal("before one two"), "a site never goes back")
	})
}

func TestNewSiteInManualModeGetsItsCheckpoint(t *testing.T) {
	onStage(t, 2, func(s *stage, g *GomegaWithT) {
		leader, follower := s.sites[0], s.sites[1]
		s.found(g, map[string]any{"sites": []any{leader.siteBody(nil)}})
		g.Expect(s.create(leader, "edited")).To(Succeed())
		g.Expect(s.create(leader, "deleted")).To(Succeed())
		var checkpoint string
		s.Now(func() {
			o, err := leader.store.Create("federationcheckpoint", map[string]any{"name": "cp"})
			g.Expect(err).NotTo(HaveOccurred())
			checkpoint = o.UUID
			gone, _ := leader.store.Lookup("gslbservice", "admin", "deleted")
			_, err = leader.store.Delete("gslbservice", gone.UUID)
			g.Expect(err).NotTo(HaveOccurred())
			o, _ = leader.store.Lookup("gslbservice", "admin", "edited")
			_, err = leader.store.Update("gslbservice", o.UUID, serviceBody("edited", "10.0.0.2"))
			g.Expect(err).NotTo(HaveOccurred())
		})
		g.Expect(s.create(leader, "later")).To(Succeed())
		g.Expect(s.change(leader, func(body map[string]any) {
			body["sites"] = append(body["sites"].([]any), follower.siteBody(map[string]any{"replication_policy": map[string]any{
				"replication_mode": "REPLICATION_MODE_MANUAL", "checkpoint_uuid": checkpoint,
			}}))
		})).To(Succeed())
		s.Pass(time.Second)
		g.Expect(follower.services()).To(Equal("deleted edited"))
	})
}

func TestSuspendedSiteReceivesNothingAndThenEverything(t *testing.T) {
	onStage(t, 2, func(s *stage, g *GomegaWithT) {
		s.found(g, nil)
		leader, follower := s.sites[0], s.sites[1]
		suspend := func(on bool) {
			g.Expect(s.change(leader, func(b map[string]any) { member(b, 1)["suspend_mode"] = on })).To(Succeed())
			s.Pass(time.Second)
		}
		suspend(true)
		g.Expect(s.create(leader, "app")).To(Succeed())
		s.Pass(time.Minute)
		g.Expect(follower.services()).To(BeEmpty())
		g.Expect(leader.sees("region02").Sync).To(Equal(federation.SyncSuspended))
		s.took()
		suspend(false)
		g.Expect(follower.services()).To(Equal("app"))
		g.Expect(s.took()).To(ContainElement("region01 pushes 2 to region02 full=true"))
	})
}

func TestDisabledSiteIsLeftAloneAndThenTreatedAsNew(t *testing.T) {
	onStage(t, 3, func(s *stage, g *GomegaWithT) {
		s.found(g, nil)
		leader, follower := s.sites[0], s.sites[1]
		enable := func(on bool) {
			g.Expect(s.change(leader, func(b map[string]any) { member(b, 1)["enabled"] = on })).To(Succeed())
			s.Pass(time.Second)
		}
		leader.controls = nil
		enable(false)
		g.Expect(s.create(leader, "app")).To(Succeed())
		s.Pass(time.Minute)
		g.Expect(follower.services()).To(BeEmpty())
		g.Expect(follower.node.Gslb().Sites[1].Enabled).To(BeFalse(), "the site is told that it is disabled")
		g.Expect(leader.sees("region02").State).To(Equal(federation.SiteDisabled))
		g.Expect(leader.sees("region02").Sync).To(Equal(federation.SyncDisabled))
		g.Expect(leader.controls).To(ContainElement(HaveField("Known", BeFalse())))
		s.took()
		enable(true)
		g.Expect(follower.services()).To(Equal("app"))
		g.Expect(s.took()).To(ContainElement("region01 pushes 2 to region02 full=true"))
	})
}

func TestSiteThatIsTakenOutForgetsTheFederation(t *testing.T) {
	onStage(t, 2, func(s *stage, g *GomegaWithT) {
		s.found(g, nil)
		leader, follower := s.sites[0], s.sites[1]
		g.Expect(s.create(leader, "app")).To(Succeed())
		s.Pass(time.Second)
		s.part(leader, follower)
		g.Expect(s.change(leader, func(b map[string]any) { b["sites"] = b["sites"].([]any)[:1] })).To(Succeed())
		s.Pass(40 * time.Second)
		g.Expect(follower.services()).To(Equal("app"))
		s.join(leader, follower)
		s.Pass(20 * time.Second)
		g.Expect(follower.services()).To(BeEmpty())
		g.Expect(follower.node.Role()).To(Equal(federation.RoleNone))
		g.Expect(s.create(follower, "own")).To(Succeed())
	})
}

func TestPassiveSiteIsContactedAndGetsNoConfiguration(t *testing.T) {
	onStage(t, 3, func(s *stage, g *GomegaWithT) {
		passive := s.sites[2]
		s.found(g, map[string]any{"sites": []any{
			s.sites[0].siteBody(nil), s.sites[1].siteBody(nil),
			passive.siteBody(map[string]any{"member_type": "GSLB_PASSIVE_MEMBER"}),
		}})
		g.Expect(s.create(s.sites[0], "app")).To(Succeed())
		s.Pass(time.Minute)
		g.Expect(passive.services()).To(BeEmpty())
		g.Expect(passive.node.Role()).To(Equal(federation.RoleNone))
		g.Expect(s.sites[0].sees("region03").State).To(Equal(federation.SiteHealthy))
		g.Expect(s.sites[1].sees("region03").State).To(Equal(federation.SiteHealthy))
		g.Expect(s.sites[0].sees("region03").Sync).To(Equal(federation.SyncNotApplicable))
	})
}

func TestManyChangesAreSentInBatches(t *testing.T) {
	onStage(t, 2, func(s *stage, g *GomegaWithT) {
		s.found(g, nil)
		s.part(s.sites[0], s.sites[1])
		s.Now(func() {
			for i := range 4500 {
				name := "app" + string(rune('a'+i%26)) + time.Duration(i).String()
				_, err := s.sites[0].store.Create("gslbservice", serviceBody(name, "10.0.0.1"))
				g.Expect(err).NotTo(HaveOccurred())
			}
		})
		s.join(s.sites[0], s.sites[1])
		s.took()
		s.Pass(20 * time.Second)
		g.Expect(s.sites[1].store.Len("gslbservice")).To(Equal(4500))
		g.Expect(s.took()).To(ContainElements(
			"region01 pushes 2000 to region02 full=false", "region01 pushes 2000 to region02 full=false",
			"region01 pushes 500 to region02 full=false",
		))
	})
}

func TestLostReplyCostsNoDownload(t *testing.T) {
	onStage(t, 2, func(s *stage, g *GomegaWithT) {
		s.found(g, nil)
		leader, follower := s.sites[0], s.sites[1]
		s.wire.Cut(follower.addr, leader.addr) // replies only
		g.Expect(s.create(leader, "app")).To(Succeed())
		s.Pass(2 * latency)
		g.Expect(follower.services()).To(Equal("app"))
		s.Pass(5 * time.Second)
		s.wire.Heal(follower.addr, leader.addr)
		g.Expect(s.create(leader, "more")).To(Succeed())
		s.took()
		s.Pass(20 * time.Second)
		g.Expect(follower.services()).To(Equal("app more"))
		g.Expect(s.took()).To(ContainElement("region01 pushes 1 to region02 full=false"))
		g.Expect(leader.sees("region02").Sync).To(Equal(federation.SyncInSync))
	})
}

func TestFederationThatIsDeletedIsLeftByAll(t *testing.T) {
	onStage(t, 3, func(s *stage, g *GomegaWithT) {
		s.found(g, nil)
		g.Expect(s.create(s.sites[0], "app")).To(Succeed())
		s.Pass(time.Second)
		s.off(s.sites[2])
		s.Now(func() {
			o, _ := s.sites[0].store.Lookup("gslb", "admin", "Default")
			_, err := s.sites[0].store.Delete("gslb", o.UUID)
			g.Expect(err).NotTo(HaveOccurred())
		})
		s.Pass(time.Minute)
		g.Expect(s.sites[1].node.Role()).To(Equal(federation.RoleNone))
		g.Expect(s.sites[1].services()).To(BeEmpty())
		s.on(s.sites[2])
		s.Pass(30 * time.Second)
		g.Expect(s.sites[2].node.Role()).To(Equal(federation.RoleNone))
		g.Expect(s.sites[0].services()).To(Equal("app"), "the leader keeps its own objects")
		messages := s.wire.Sent()
		s.Pass(time.Hour)
		g.Expect(s.wire.Sent()).To(Equal(messages))
	})
}

func TestFollowerThatIsElsewhereAsksForEverything(t *testing.T) {
	onStage(t, 2, func(s *stage, g *GomegaWithT) {
		s.found(g, nil)
		claim := s.sites[0].node.View().Claim
		at := s.sites[1].node.View().Received
		send := func(base federation.Position) (r federation.ReplicateReply) {
			s.Now(func() {
				r = s.sites[1].node.Receive(&federation.Replicate{Credentials: credentials, Claim: claim, Base: base, To: at}).(federation.ReplicateReply)
			})
			return r
		}
		behind := at
		behind.General--
		g.Expect(send(behind)).To(Equal(federation.ReplicateReply{NeedFull: true, Claim: claim, Received: at}))
		g.Expect(send(at)).To(Equal(federation.ReplicateReply{Claim: claim, Received: at}))
	})
}

func TestSiteInManualModeThatWasAwayKeepsWhatItHas(t *testing.T) {
	onStage(t, 2, func(s *stage, g *GomegaWithT) {
		leader, follower := s.sites[0], s.sites[1]
		s.found(g, map[string]any{"clear_on_max_retries": 2})
		g.Expect(s.create(leader, "before")).To(Succeed())
		s.Pass(time.Second)
		g.Expect(s.change(leader, func(body map[string]any) {
			member(body, 1)["replication_policy"] = map[string]any{"replication_mode": "REPLICATION_MODE_MANUAL"}
		})).To(Succeed())
		s.Pass(time.Second)
		s.off(follower)
		g.Expect(s.create(leader, "later")).To(Succeed())
		s.Pass(2 * time.Minute)
		s.on(follower)
		s.took()
		s.Pass(time.Minute)
		g.Expect(s.took()).To(ContainElement(HaveSuffix("to region02 full=true")))
		g.Expect(follower.services()).To(Equal("before"))
	})
}
