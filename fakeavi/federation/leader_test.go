package federation_test

import (
	"errors"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/fakeavi/federation"
	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// takeOver runs changeleader at a site.
func (s *stage) takeOver(x *site) (err error) {
	s.Now(func() { err = x.node.ChangeLeader(x.cluster, nil) })
	return err
}

func TestFollowerTakesOver(t *testing.T) {
	onStage(t, 3, func(s *stage, g *GomegaWithT) {
		s.found(g, nil)
		old, next, other := s.sites[0], s.sites[1], s.sites[2]
		g.Expect(s.create(old, "app")).To(Succeed())
		s.Pass(time.Second)
		s.off(old)
		g.Expect(s.create(next, "frozen")).To(MatchError(ContainSubstring("ONLY on leader")))
		s.Pass(time.Minute)
		s.took()
		g.Expect(s.takeOver(next)).To(Succeed())
		s.Pass(time.Second)
		g.Expect(next.node.Role()).To(Equal(federation.RoleLeader))
		g.Expect(s.took()).To(ContainElements(
			"region02 follows cluster-region02 view 1", "region03 follows cluster-region02 view 1",
			"region02 pushes 2 to region03 full=true",
		))
		g.Expect(s.create(next, "more")).To(Succeed())
		s.Pass(time.Second)
		g.Expect(other.services()).To(Equal("app more"))

		// The old leader is told when it is back, and gets the new leader's copy.
		s.on(old)
		s.Pass(16 * time.Second)
		g.Expect(old.node.Role()).To(Equal(federation.RoleMember))
		g.Expect(old.services()).To(Equal("app more"))
		g.Expect(s.create(old, "late")).To(MatchError(ContainSubstring("ONLY on leader")))
	})
}

func TestOldLeaderLosesWhatTheNewOneDoesNotHave(t *testing.T) {
	onStage(t, 2, func(s *stage, g *GomegaWithT) {
		s.found(g, nil)
		old, next := s.sites[0], s.sites[1]
		s.part(old, next)
		g.Expect(s.create(old, "unseen")).To(Succeed())
		s.Pass(time.Minute)
		g.Expect(s.takeOver(next)).To(Succeed())
		g.Expect(s.create(next, "app")).To(Succeed())
		s.Pass(time.Minute)
		g.Expect(old.node.Role()).To(Equal(federation.RoleLeader), "both lead while they are apart")
		s.join(old, next)
		s.Pass(30 * time.Second)
		g.Expect(old.services()).To(Equal("app"))
		g.Expect(old.node.Role()).To(Equal(federation.RoleMember))
	})
}

func TestUnrepentantOldLeaderIsToldByAnyone(t *testing.T) {
	onStage(t, 3, func(s *stage, g *GomegaWithT) {
		s.found(g, nil)
		old, next, other := s.sites[0], s.sites[1], s.sites[2]
		s.part(old, next)
		s.part(old, other)
		g.Expect(s.takeOver(next)).To(Succeed())
		s.Pass(time.Minute)
		s.join(old, other) // the new leader still cannot reach the old one
		s.took()
		s.Pass(30 * time.Second)
		g.Expect(s.took()).To(ContainElement("region01 is told that cluster-region02 leads"))
		g.Expect(old.node.View().Superseded).To(BeTrue())
		g.Expect(s.create(old, "app")).To(MatchError(ContainSubstring("ONLY on leader")))
		g.Expect(other.node.Gslb().Leader).To(Equal(next.cluster))

		// The operator's way out: tell the old leader who leads, and in which view.
		view := next.node.View().Claim.ViewID
		s.Now(func() { g.Expect(old.node.ChangeLeader(next.cluster, &view)).To(Succeed()) })
		g.Expect(old.node.Role()).To(Equal(federation.RoleMember))
		s.join(old, next)
		s.Pass(30 * time.Second)
		g.Expect(next.sees("region01").Sync).To(Equal(federation.SyncInSync))
	})
}

func TestFollowerIgnoresALeaderOfAnOlderView(t *testing.T) {
	onStage(t, 3, func(s *stage, g *GomegaWithT) {
		s.found(g, nil)
		old, next, other := s.sites[0], s.sites[1], s.sites[2]
		s.part(old, next)
		s.part(old, other)
		g.Expect(s.takeOver(next)).To(Succeed())
		s.Pass(20 * time.Second)
		s.join(old, other)
		g.Expect(s.create(old, "stale")).To(Succeed()) // not yet told
		s.Pass(10 * latency)
		g.Expect(other.services()).To(BeEmpty())
		g.Expect(old.node.View().Superseded).To(BeTrue())
	})
}

func TestChangeLeaderRefusals(t *testing.T) {
	onStage(t, 3, func(s *stage, g *GomegaWithT) {
		try := func(x *site, leader string, view *uint64) (err error) {
			s.Now(func() { err = x.node.ChangeLeader(leader, view) })
			return err
		}
		zero := uint64(0)
		g.Expect(try(s.sites[0], s.sites[0].cluster, nil)).To(MatchError(ContainSubstring("not a member")))
		s.found(g, map[string]any{"sites": []any{
			s.sites[0].siteBody(nil), s.sites[1].siteBody(nil),
			s.sites[2].siteBody(map[string]any{"member_type": "GSLB_PASSIVE_MEMBER"}),
		}})
		g.Expect(try(s.sites[0], s.sites[0].cluster, nil)).To(MatchError(ContainSubstring("is the leader already")))
		g.Expect(try(s.sites[1], "cluster-x", nil)).To(MatchError(ContainSubstring("no site with cluster uuid")))
		g.Expect(try(s.sites[1], s.sites[2].cluster, nil)).To(MatchError(ContainSubstring("not an enabled active member")))
		g.Expect(try(s.sites[1], s.sites[0].cluster, nil)).To(MatchError(ContainSubstring("state its view_id")))
		g.Expect(s.takeOver(s.sites[1])).To(Succeed())
		g.Expect(try(s.sites[1], s.sites[0].cluster, &zero)).To(MatchError(ContainSubstring("view_id 0 is older than 1")))
	})
}

// automatic makes the second site of three the candidate.
func automatic(s *stage) map[string]any {
	return map[string]any{"short_probe_interval": 30, "leader_change_info": map[string]any{
		"enabled": true, "leader_change_mode": "GSLB_LC_MODE_AUTO", "max_unsuccessful_probes": 15,
		"leader_candidates": []any{map[string]any{"cluster_id": s.sites[1].cluster}},
	}}
}

func TestCandidateTakesOverWhenMostSitesMissTheLeader(t *testing.T) {
	onStage(t, 3, func(s *stage, g *GomegaWithT) {
		s.found(g, automatic(s))
		s.Pass(time.Hour)
		g.Expect(s.sites[1].node.Role()).To(Equal(federation.RoleMember))
		s.off(s.sites[0])
		s.Pass(14 * 30 * time.Second)
		g.Expect(s.sites[1].node.Role()).To(Equal(federation.RoleMember))
		s.Pass(2*30*time.Second + 10*time.Second)
		g.Expect(s.sites[1].node.Role()).To(Equal(federation.RoleLeader))
		g.Expect(s.sites[2].node.Gslb().Leader).To(Equal(s.sites[1].cluster))
		s.on(s.sites[0])
		s.Pass(time.Minute)
		g.Expect(s.sites[0].node.Role()).To(Equal(federation.RoleMember))
	})
}

func TestCandidateThatIsAloneDoesNotTakeOver(t *testing.T) {
	onStage(t, 3, func(s *stage, g *GomegaWithT) {
		s.found(g, automatic(s))
		s.part(s.sites[0], s.sites[1])
		s.Pass(time.Hour)
		g.Expect(s.sites[1].node.Role()).To(Equal(federation.RoleMember))
		g.Expect(s.sites[1].node.View().Misses).To(BeNumerically(">", 100))
	})
}

func TestTwoSitesDoNotChangeTheirLeaderAutomatically(t *testing.T) {
	onStage(t, 2, func(s *stage, g *GomegaWithT) {
		s.found(g, automatic(s))
		s.off(s.sites[0])
		s.Pass(time.Hour)
		g.Expect(s.sites[1].node.Role()).To(Equal(federation.RoleMember))
	})
}

// enablePool switches the pool of a service at a site.
func (s *stage) enablePool(x *site, name string, on bool, more func(map[string]any)) (err error) {
	s.Now(func() {
		o, _ := x.store.Lookup("gslbservice", "admin", name)
		body := deepCopy(o.Body()).(map[string]any)
		delete(body, "_last_modified")
		body["groups"].([]any)[0].(map[string]any)["enabled"] = on
		if more != nil {
			more(body)
		}
		_, err = x.store.Update("gslbservice", o.UUID, body)
	})
	return err
}

// poolEnabled reports the pool's flag at a site.
func (x *site) poolEnabled(name string) bool {
	o, _ := x.store.Lookup("gslbservice", "admin", name)
	return o.Body()["groups"].([]any)[0].(map[string]any)["enabled"].(bool)
}

func TestMembersMayBeSwitchedAtAFollower(t *testing.T) {
	onStage(t, 3, func(s *stage, g *GomegaWithT) {
		s.found(g, map[string]any{"enable_config_by_members": true})
		leader, follower, other := s.sites[0], s.sites[1], s.sites[2]
		g.Expect(s.create(leader, "app")).To(Succeed())
		s.Pass(time.Second)
		err := s.enablePool(follower, "app", false, func(b map[string]any) { b["ttl"] = 5 })
		g.Expect(err).To(MatchError(ContainSubstring("ONLY on leader")))
		s.part(leader, follower)
		g.Expect(s.enablePool(follower, "app", false, nil)).To(Succeed())
		s.Pass(time.Minute)
		g.Expect(follower.poolEnabled("app")).To(BeFalse())
		g.Expect(leader.poolEnabled("app")).To(BeTrue())
		s.join(leader, follower)
		s.Pass(20 * time.Second)
		g.Expect(leader.poolEnabled("app")).To(BeFalse())
		g.Expect(other.poolEnabled("app")).To(BeFalse())
		o, _ := leader.store.Lookup("gslbservice", "admin", "app")
		theirs, _ := follower.store.Get("gslbservice", o.UUID)
		g.Expect(theirs.Modified).To(Equal(o.Modified))
	})
}

// A change that the leader refuses is taken back at the follower, to what the leader has last taken of it.
func TestSwitchThatTheLeaderRefusesIsTakenBack(t *testing.T) {
	onStage(t, 2, func(s *stage, g *GomegaWithT) {
		s.found(g, map[string]any{"enable_config_by_members": true})
		leader, follower := s.sites[0], s.sites[1]
		g.Expect(s.create(leader, "app")).To(Succeed())
		s.Pass(time.Second)
		o, _ := leader.store.Lookup("gslbservice", "admin", "app")
		leader.refuses = errors.New("not today")
		g.Expect(s.enablePool(follower, "app", false, nil)).To(Succeed())
		g.Expect(follower.poolEnabled("app")).To(BeFalse())
		s.Pass(time.Second)
		g.Expect(follower.poolEnabled("app")).To(BeTrue())
		theirs, _ := follower.store.Get("gslbservice", o.UUID)
		g.Expect(theirs.Modified).To(Equal(o.Modified))
		g.Expect(s.refused).To(HaveLen(1))
		g.Expect(s.refused[0].Reason).To(ContainSubstring("not today"))

		leader.refuses = nil
		g.Expect(s.enablePool(follower, "app", false, nil)).To(Succeed())
		s.Pass(time.Second)
		g.Expect(leader.poolEnabled("app")).To(BeFalse())
		g.Expect(follower.poolEnabled("app")).To(BeFalse())
	})
}

// While the leader cannot be reached a follower may change its mind: what the leader refuses then goes back to what it had.
func TestSwitchesThatTheLeaderRefusesTogetherAreTakenBackTogether(t *testing.T) {
	onStage(t, 2, func(s *stage, g *GomegaWithT) {
		s.found(g, map[string]any{"enable_config_by_members": true})
		leader, follower := s.sites[0], s.sites[1]
		g.Expect(s.create(leader, "app")).To(Succeed())
		s.Pass(time.Second)
		s.part(leader, follower)
		g.Expect(s.enablePool(follower, "app", false, nil)).To(Succeed())
		g.Expect(s.enablePool(follower, "app", true, nil)).To(Succeed())
		leader.refuses = errors.New("not today")
		s.join(leader, follower)
		s.Pass(20 * time.Second)
		o, _ := leader.store.Lookup("gslbservice", "admin", "app")
		theirs, _ := follower.store.Get("gslbservice", o.UUID)
		g.Expect(theirs.Body()).To(Equal(o.Body()))
		g.Expect(s.refused).To(HaveLen(1))
	})
}

func TestMembersMayNotBeSwitchedWithoutPermission(t *testing.T) {
	onStage(t, 2, func(s *stage, g *GomegaWithT) {
		s.found(g, nil)
		g.Expect(s.create(s.sites[0], "app")).To(Succeed())
		s.Pass(time.Second)
		err := s.enablePool(s.sites[1], "app", false, nil)
		g.Expect(store.StatusOf(err)).To(Equal(400))
	})
}

func TestNewRefusesAnIncompleteConfig(t *testing.T) {
	g := NewWithT(t)
	_, err := federation.New(federation.Config{}, federation.Deps{})
	g.Expect(err).To(MatchError(ContainSubstring("Cluster, Name, Addr and Version")))
}

func TestWhoLeadsIsNotForClientsToWrite(t *testing.T) {
	onStage(t, 2, func(s *stage, g *GomegaWithT) {
		s.found(g, nil)
		g.Expect(s.takeOver(s.sites[1])).To(Succeed())
		g.Expect(s.change(s.sites[1], func(b map[string]any) {
			delete(b, "view_id")
			b["leader_cluster_uuid"] = s.sites[0].cluster
		})).To(Succeed())
		g.Expect(s.sites[1].node.View().Claim).To(Equal(federation.Claim{Leader: s.sites[1].cluster, ViewID: 1}))
	})
}
