package federation

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/gslbsim/gslbsim/fakeavi/engine"
)

// contact exchanges a message with a site, unless one is under way.
func (n *Node) contact(p *peer) {
	if p.contacting || !p.site.Enabled {
		return
	}
	p.contacting = true
	msg := Contact{
		Credentials: p.credentials(), From: n.cfg.Cluster, Claim: n.claim(), Epoch: p.epoch, Seen: p.seen,
	}
	n.send(p.addr(), msg, func(reply any, err error) {
		p.contacting = false
		if n.loaded.peers[p.site.Cluster] != p || !p.site.Enabled {
			return
		}
		r, ok := reply.(ContactReply)
		switch {
		case err != nil:
			n.contactFailed(p, err.Error())
		case !ok:
			n.contactFailed(p, fmt.Sprintf("reply of unexpected type %T", reply))
		case r.Denied:
			n.contactFailed(p, "credentials are refused")
		case r.Cluster != p.site.Cluster:
			n.contactFailed(p, "the address belongs to cluster "+r.Cluster)
		default:
			n.contactDone(p, r)
		}
		n.assess(p)
	})
}

// contactFailed counts. The first failure makes the control plane's report of the site one of the past; the
// clear_on_max_retries-th flushes it, and makes the site one that has to be sent everything when it is back.
func (n *Node) contactFailed(p *peer, reason string) {
	p.retries++
	p.reason, p.reachable = reason, false
	if p.retries == 1 {
		n.control(engine.SiteControl{Cluster: p.site.Cluster, Known: true})
	}
	if p.retries == n.gslb.ClearAfter {
		n.forgetStates(p)
		p.full, p.positioned, p.synced = true, false, false
	}
}

// contactDone takes what the site reports, and pushes what it lacks.
func (n *Node) contactDone(p *peer, r ContactReply) {
	back := !p.reachable
	p.reachable, p.retries, p.reason = true, 0, ""
	p.last, p.version = time.Now(), r.Version
	c := engine.SiteControl{Cluster: p.site.Cluster, Reachable: true, Known: true}
	if d := r.States; !d.Pending {
		p.take(d)
		c.Full, c.States, c.Gone = d.Full, d.States, d.Gone
	}
	if back || c.Full || len(c.States)+len(c.Gone) > 0 {
		n.control(c)
	}
	n.told(r.Claim)
	n.position(p, r.Received)
	n.pump(p)
	n.retryFailed(p)
}

// take notes what a site reports.
func (p *peer) take(d Delta) {
	p.known, p.epoch, p.seen = true, d.Epoch, d.Seen
	if d.Full {
		p.states = map[string]engine.VSState{}
	}
	for _, s := range d.States {
		p.states[s.UUID] = s
	}
	for _, uuid := range d.Gone {
		delete(p.states, uuid)
	}
}

// contacted answers another site's Contact.
func (n *Node) contacted(m Contact) ContactReply {
	if !n.deps.Authorize(m.Credentials) {
		return ContactReply{Denied: true}
	}
	var r ContactReply
	n.act(func() {
		n.told(m.Claim)
		r = ContactReply{
			Cluster: n.cfg.Cluster, Version: n.cfg.Version, Claim: n.claim(), Received: n.received,
			States: n.loaded.states.since(m.Epoch, m.Seen),
		}
	})
	return r
}

// told notes a claim that somebody else makes. A leader that hears of a later view stops leading: it pushes no more and
// refuses changes, until the leader of that view has made it a follower or it has been told to be one.
func (n *Node) told(c Claim) {
	if n.role() != RoleLeader || n.loaded.superseded || c.Leader == n.cfg.Cluster || c.Leader == "" || c.ViewID <= n.gslb.ViewID {
		return
	}
	n.loaded.superseded, n.loaded.other = true, c
	if fn := n.deps.Observer.Dual; fn != nil {
		ev := DualEvent{Site: n.name(), Mine: n.claim(), Other: c}
		n.say(func() { fn(ev) })
	}
}

// Controls returns all that the control plane reports of other sites, for an engine that is sent everything, in the order
// of the cluster uuids. Of a site with which no contact has ended yet it says nothing: what the engine knows of it stays.
func (n *Node) Controls() []engine.SiteControl {
	n.mu.Lock()
	defer n.mu.Unlock()
	var out []engine.SiteControl
	for _, cluster := range n.sortedPeers() {
		p := n.loaded.peers[cluster]
		c := engine.SiteControl{Cluster: cluster, Reachable: p.reachable, Known: p.known, Full: p.known}
		switch {
		case p.known:
			for _, uuid := range slices.Sorted(maps.Keys(p.states)) {
				c.States = append(c.States, p.states[uuid])
			}
		case p.site.Enabled && !p.reachable && p.retries == 0:
			continue
		case p.site.Enabled && p.retries < n.gslb.ClearAfter:
			c.Known = true
		}
		out = append(out, c)
	}
	return out
}
