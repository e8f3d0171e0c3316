package federation

import (
	"net/netip"
	"time"

	"github.com/gslbsim/gslbsim/fakeavi/config"
	"github.com/gslbsim/gslbsim/fakeavi/engine"
	"github.com/gslbsim/gslbsim/fakeavi/health"
)

// peer is another site with an Avi controller.
type peer struct {
	site     config.Site
	schedule health.Schedule
	timer    func() // cancels the next contact; nil: none is due

	contacting bool
	reachable  bool // the last contact succeeded
	known      bool // the site has reported since it was last taken for new
	retries    int  // contacts in a row that failed
	reason     string
	state      SiteState
	last       time.Time
	version    string

	epoch, seen uint64 // of the site's states
	states      map[string]engine.VSState

	replica
}

func (p *peer) addr() netip.Addr { return p.site.Addrs[0] }

func (p *peer) credentials() Credentials {
	return Credentials{Username: p.site.Username, Password: p.site.Password}
}

func (p *peer) stop() {
	if p.timer != nil {
		p.timer()
		p.timer = nil
	}
	p.replica.stop()
}

// setPeer makes a peer, or changes one.
func (n *Node) setPeer(s config.Site) {
	p := n.loaded.peers[s.Cluster]
	if p == nil {
		p = &peer{site: s, states: map[string]engine.VSState{}, state: SiteInit}
		n.loaded.peers[s.Cluster] = p
		delete(n.loaded.leaving, s.Cluster)
		n.begin(p)
		return
	}
	was := p.site
	p.site = s
	switch {
	case was.Enabled && !s.Enabled:
		n.disable(p)
	case !was.Enabled && s.Enabled:
		p.full, p.dismissed = true, false
		n.begin(p)
	case p.schedule.Interval != n.gslb.SendInterval:
		n.reschedule(p)
	}
	if was.Suspended && !s.Suspended {
		p.full = true
	}
	n.assess(p)
}

// begin contacts a peer at once, and from then on at every tick of its schedule.
func (n *Node) begin(p *peer) {
	if !p.site.Enabled {
		n.assess(p)
		return
	}
	n.reschedule(p)
	n.contactNow(p)
	n.assess(p)
}

// contactNow contacts a peer out of turn.
func (n *Node) contactNow(p *peer) {
	n.later(0, "begin/"+p.site.Cluster, func() {
		if n.loaded.peers[p.site.Cluster] == p {
			n.contact(p)
		}
	})
}

// reschedule sets the timer of the next contact.
func (n *Node) reschedule(p *peer) {
	if p.timer != nil {
		p.timer()
	}
	p.schedule = health.NewSchedule(n.gslb.SendInterval, n.cfg.Cluster+">"+p.site.Cluster)
	n.setTimer(p)
}

func (n *Node) setTimer(p *peer) {
	next := p.schedule.Next(time.Now())
	p.timer = n.later(time.Until(next), "contact/"+p.site.Cluster, func() {
		if n.loaded.peers[p.site.Cluster] == p && p.site.Enabled {
			n.setTimer(p)
			n.contact(p)
		}
	})
}

// disable stops the exchange with a site. Its leader tells it, once, that it is disabled: it pushes that change as any
// other, and what it cannot push it does not try again.
func (n *Node) disable(p *peer) {
	p.stop()
	n.forgetStates(p)
	p.reachable, p.retries, p.reason = false, 0, ""
}

// dropPeer ends a peer. A leader tells a site that is no member any more to leave, be it that the site was taken out or
// that the federation is gone.
func (n *Node) dropPeer(p *peer, before Claim) {
	p.stop()
	delete(n.loaded.peers, p.site.Cluster)
	n.forgetStates(p)
	if before.Leader != n.cfg.Cluster || n.loaded.superseded {
		return
	}
	if n.gslb != nil {
		if _, still := n.gslb.Site(p.site.Cluster); still {
			return
		}
	}
	n.dismiss(p, before)
}

// forgetStates flushes what a site has reported.
func (n *Node) forgetStates(p *peer) {
	p.known, p.epoch, p.seen = false, 0, 0
	p.states = map[string]engine.VSState{}
	n.control(engine.SiteControl{Cluster: p.site.Cluster})
}

func (n *Node) control(c engine.SiteControl) {
	if fn := n.deps.Control; fn != nil {
		n.say(func() { fn(c) })
	}
}

// assess tells the observer of a new state of a site.
func (n *Node) assess(p *peer) {
	state := n.siteState(p)
	if state == p.state {
		return
	}
	ev := SiteEvent{Observer: n.name(), Site: p.site.Name, From: p.state, To: state, Reason: p.reason}
	p.state = state
	if fn := n.deps.Observer.Site; fn != nil {
		n.say(func() { fn(ev) })
	}
}

func (n *Node) siteState(p *peer) SiteState {
	switch {
	case !p.site.Enabled:
		return SiteDisabled
	case p.retries > 0:
		return SiteUnreachable
	case !p.reachable:
		return SiteInit
	case n.gslb.Maintenance:
		return SiteMaintenance
	case n.leads() && p.site.Active && !p.joined:
		return SiteJoining
	default:
		return SiteHealthy
	}
}
