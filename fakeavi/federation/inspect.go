package federation

import (
	"maps"
	"slices"

	"github.com/gslbsim/gslbsim/fakeavi/config"
	"github.com/gslbsim/gslbsim/fakeavi/engine"
	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// View returns what the node knows of its federation. Sites are in the order of the gslb object. It is computed when asked
// for; its cost grows with the changes that sites lack.
func (n *Node) View() View {
	n.mu.Lock()
	defer n.mu.Unlock()
	v := View{
		Cluster: n.cfg.Cluster, Role: n.role(), Claim: n.claim(), Received: n.received,
		Superseded: n.loaded.superseded, Other: n.loaded.other, Misses: n.loaded.election.misses,
	}
	if n.gslb == nil {
		return v
	}
	for _, s := range n.gslb.Sites {
		v.Sites = append(v.Sites, n.viewOf(s))
	}
	return v
}

func (n *Node) viewOf(s config.Site) SiteView {
	v := SiteView{Name: s.Name, Cluster: s.Cluster, Active: s.Active, Role: RoleMember, Sync: SyncNotApplicable}
	if s.Cluster == n.gslb.Leader {
		v.Role = RoleLeader
	}
	if s.Cluster == n.cfg.Cluster {
		v.Self, v.State, v.Version = true, SiteHealthy, n.cfg.Version
		v.VSCount = n.loaded.states.count()
		if n.role() == RoleLeader {
			v.Sync, v.Target = SyncInSync, n.deps.Store.Version()
		}
		return v
	}
	p := n.loaded.peers[s.Cluster]
	if p == nil {
		v.State = SiteInit
		return v
	}
	v.State, v.Reason, v.Retries, v.Version = n.siteState(p), p.reason, p.retries, p.version
	v.LastContact, v.VSCount = p.last, len(p.states)
	if n.role() == RoleLeader && s.Active {
		n.viewSync(p, &v)
	}
	return v
}

func (n *Node) viewSync(p *peer, v *SiteView) {
	v.Sync, v.SyncReason = n.syncState(p)
	v.Acknowledged, v.Target = p.cursor, n.target(p).General
	v.Pending = n.pendingOf(p)
	for _, uuid := range slices.Sorted(maps.Keys(p.failed)) {
		v.Failed = append(v.Failed, p.failed[uuid])
	}
}

// pendingOf counts the objects that a site lacks.
func (n *Node) pendingOf(p *peer) int {
	if p.full || !p.joined {
		return len(all(n.deps.Store))
	}
	history, ok := n.deps.Store.Since(min(p.scanned.General, p.scanned.Federation))
	if !ok {
		return len(all(n.deps.Store))
	}
	return len(latest(pending(history, p.scanned, n.target(p))))
}

// syncState says how far a site has the leader's configuration.
func (n *Node) syncState(p *peer) (state SyncState, reason string) {
	switch {
	case !p.site.Enabled:
		return SyncDisabled, "site is disabled"
	case p.site.Suspended:
		return SyncSuspended, "site is in suspend mode"
	case n.loaded.superseded:
		return SyncStalled, "another site leads"
	case p.stalled != "":
		return SyncStalled, p.stalled
	case p.pushing:
		return SyncInProgress, ""
	case len(p.failed) > 0:
		return SyncOutOfSync, "objects could not be stored"
	case !p.reachable:
		return n.unreachableState(p)
	case n.pendingOf(p) > 0:
		return SyncOutOfSync, "changes are pending"
	case p.site.Replication.Manual:
		return SyncCheckpoint, ""
	default:
		return SyncInSync, ""
	}
}

func (n *Node) unreachableState(p *peer) (SyncState, string) {
	if n.pendingOf(p) == 0 {
		return SyncInSync, ""
	}
	return SyncOutOfSync, "site cannot be reached"
}

// Reported returns the state of a virtual service as its site last reported it, be it this one; false if it has not, or if
// what it reported has been flushed.
func (n *Node) Reported(cluster, vs string) (state engine.VSState, found bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if cluster == n.cfg.Cluster {
		e, ok := n.loaded.states.entries[vs]
		return e.state, ok && !e.gone
	}
	p := n.loaded.peers[cluster]
	if p == nil {
		return engine.VSState{}, false
	}
	state, found = p.states[vs]
	return state, found
}

// Copy says whether a follower has an object in its present state, as far as the leader knows.
type Copy struct {
	Cluster string // uuid
	Current bool
	Failed  string // why the follower could not store it; empty: it could
}

// Copies returns what the leader knows of the copies of a federated object at its active followers, in the order of the gslb
// object; nothing at any other site.
func (n *Node) Copies(o *store.Object) []Copy {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.role() != RoleLeader || !Federated(o) {
		return nil
	}
	var out []Copy
	for _, s := range n.gslb.Sites {
		p := n.loaded.peers[s.Cluster]
		if p == nil || !s.Active {
			continue
		}
		at := p.cursor.General
		if Immediate(o) {
			at = p.cursor.Federation
		}
		c := Copy{Cluster: s.Cluster, Current: p.joined && !p.full && p.cursor.Claim == n.claim() && at >= o.Version}
		if f, failed := p.failed[o.UUID]; failed {
			c.Current, c.Failed = false, f.Reason
		}
		out = append(out, c)
	}
	return out
}
