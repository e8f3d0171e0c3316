package federation

import (
	"slices"
	"time"

	"github.com/gslbsim/gslbsim/fakeavi/config"
	"github.com/gslbsim/gslbsim/fakeavi/health"
)

// election is a follower's watch over its leader, where the leader may be changed automatically.
type election struct {
	timer   func()
	probing bool
	polling bool
	misses  int // short probes that failed in a row
}

func (e *election) stop() {
	if e.timer != nil {
		e.timer()
		e.timer = nil
	}
}

// setElection starts or ends the short probes. Followers make them if the federation changes its leader automatically and
// has at least three active sites.
func (n *Node) setElection() {
	e := &n.loaded.election
	if !n.watchesLeader() {
		e.stop()
		e.misses = 0
		return
	}
	if e.timer == nil {
		n.setProbeTimer()
	}
}

func (n *Node) watchesLeader() bool {
	self, ok := n.self()
	return ok && n.role() == RoleMember && n.gslb.LeaderChange.Auto && self.Active && self.Enabled && len(n.activeSites()) >= 3
}

func (n *Node) activeSites() []config.Site {
	var out []config.Site
	for _, s := range n.gslb.Sites {
		if s.Active && s.Enabled {
			out = append(out, s)
		}
	}
	return out
}

func (n *Node) setProbeTimer() {
	every := max(n.gslb.LeaderChange.ProbeInterval, time.Second)
	next := health.NewSchedule(every, n.cfg.Cluster+"?").Next(time.Now())
	n.loaded.election.timer = n.later(time.Until(next), "probe", func() {
		if n.watchesLeader() {
			n.setProbeTimer()
			n.probeLeader()
		}
	})
}

// probeLeader makes a short probe.
func (n *Node) probeLeader() {
	leader, ok := n.gslb.Site(n.gslb.Leader)
	if !ok || len(leader.Addrs) == 0 || n.loaded.election.probing {
		return
	}
	n.loaded.election.probing = true
	n.send(leader.Addrs[0], Probe{From: n.cfg.Cluster}, func(_ any, err error) {
		e := &n.loaded.election
		e.probing = false
		if !n.watchesLeader() || n.gslb.Leader != leader.Cluster {
			return
		}
		if err == nil {
			e.misses = 0
			return
		}
		e.misses++
		if e.misses >= n.gslb.LeaderChange.MaxProbes && n.gslb.LeaderChange.Candidate == n.cfg.Cluster {
			n.poll(leader.Cluster)
		}
	})
}

// poll asks the other active sites whether they, too, miss the leader. The candidate takes over if one of them does: most
// of the active sites cannot reach the leader then. That the product decides so is unconfirmed.
func (n *Node) poll(leader string) {
	e := &n.loaded.election
	if e.polling {
		return
	}
	voters := slices.DeleteFunc(n.activeSites(), func(s config.Site) bool {
		return s.Cluster == leader || s.Cluster == n.cfg.Cluster || len(s.Addrs) == 0
	})
	if len(voters) == 0 {
		return
	}
	e.polling = true
	open, agreed := len(voters), false
	for _, s := range voters {
		n.send(s.Addrs[0], Ballot{Leader: leader}, func(reply any, err error) {
			open--
			if r, ok := reply.(BallotReply); ok && err == nil && n.gslb != nil && r.Misses >= n.gslb.LeaderChange.MaxProbes {
				agreed = true
			}
			if open > 0 {
				return
			}
			n.loaded.election.polling = false
			if agreed && n.watchesLeader() && n.gslb.Leader == leader {
				n.say(func() { _ = n.ChangeLeader(n.cfg.Cluster, nil) })
			}
		})
	}
}

// vote answers a Ballot.
func (n *Node) vote(b Ballot) BallotReply {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.gslb == nil || n.gslb.Leader != b.Leader {
		return BallotReply{}
	}
	return BallotReply{Misses: n.loaded.election.misses}
}
