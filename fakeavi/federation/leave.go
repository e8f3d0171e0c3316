package federation

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// farewell is a Leave on its way to a site that is no member any more.
type farewell struct {
	addr  netip.Addr
	msg   Leave
	every time.Duration // between attempts
	tries int           // that are left
}

// dismiss tells a former member to leave, at once and then every send interval, clear_on_max_retries times at most.
func (n *Node) dismiss(p *peer, claim Claim) {
	f := &farewell{
		addr: p.addr(), msg: Leave{Credentials: p.credentials(), Claim: claim},
		every: max(p.schedule.Interval, time.Second), tries: farewells,
	}
	if n.gslb != nil {
		f.tries = n.gslb.ClearAfter
	}
	n.loaded.leaving[p.site.Cluster] = f
	n.sayFarewell(p.site.Cluster, f)
}

// farewells is how often a site is told to leave a federation that is gone: the default of clear_on_max_retries.
const farewells = 20

func (n *Node) sayFarewell(cluster string, f *farewell) {
	f.tries--
	n.send(f.addr, f.msg, func(reply any, err error) {
		if n.loaded.leaving[cluster] != f {
			return
		}
		if _, ok := reply.(Acknowledged); ok && err == nil || f.tries <= 0 {
			delete(n.loaded.leaving, cluster)
			return
		}
		n.later(f.every, "leave/"+cluster, func() {
			if n.loaded.leaving[cluster] == f {
				n.sayFarewell(cluster, f)
			}
		})
	})
}

// leave ends the membership: the federation's objects are deleted, but for the shipped ones.
func (n *Node) leave(m Leave) Acknowledged {
	if !n.deps.Authorize(m.Credentials) {
		return Acknowledged{Denied: true}
	}
	n.applying.Lock()
	defer n.applying.Unlock()
	n.mu.Lock()
	mine := n.claim()
	n.mu.Unlock()
	if mine.Leader == n.cfg.Cluster || m.Claim.ViewID < mine.ViewID {
		return Acknowledged{}
	}
	var changes []store.Change
	for _, o := range slices.Backward(all(n.deps.Store)) {
		if !strings.HasPrefix(o.Name, "System-") {
			changes = append(changes, store.Change{Op: store.Deleted, Old: o})
		}
	}
	// Deletions of existing objects are well-formed, so Apply cannot refuse them.
	_ = n.deps.Store.Apply(changes)
	n.act(func() { n.received = Position{} })
	return Acknowledged{}
}
