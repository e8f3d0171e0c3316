package federation

import (
	"fmt"
	"maps"

	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// ChangeLeader does what the operation changeleader does at this site.
//
// With this controller's own cluster uuid, the site takes over: it leads from then on in a later view, and every other site
// follows as soon as the new leader reaches it. With another site's uuid and the view_id of that site, this site becomes
// its follower, as an old leader must that came back; view is ignored where it is nil only in the first case.
//
// The view of a new leader is the one before plus one; that rule is unconfirmed. The error says why the change is refused,
// in which case nothing has changed.
func (n *Node) ChangeLeader(leader string, view *uint64) error {
	o, body, err := n.planLeader(leader, view)
	if err != nil {
		return fmt.Errorf("changeleader: %w", err)
	}
	n.changing.Store(true)
	defer n.changing.Store(false)
	if _, err := n.deps.Store.Update("gslb", o.UUID, body, store.System()); err != nil {
		return fmt.Errorf("changeleader: %w", err)
	}
	return nil
}

// planLeader returns the gslb object as it is and as it is to be.
func (n *Node) planLeader(leader string, view *uint64) (*store.Object, map[string]any, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.gslb == nil || !n.on {
		return nil, nil, fmt.Errorf("cluster %s is not a member of a GSLB federation", n.cfg.Cluster)
	}
	site, ok := n.gslb.Site(leader)
	switch {
	case !ok:
		return nil, nil, fmt.Errorf("there is no site with cluster uuid %q", leader)
	case !site.Active || !site.Enabled:
		return nil, nil, fmt.Errorf("site %s is not an enabled active member", site.Name)
	}
	next, err := n.nextView(leader, view)
	if err != nil {
		return nil, nil, err
	}
	o, ok := n.deps.Store.Get("gslb", n.gslb.UUID)
	if !ok {
		return nil, nil, fmt.Errorf("gslb object %s is gone", n.gslb.UUID)
	}
	body := maps.Clone(o.Body())
	body["leader_cluster_uuid"], body["view_id"] = leader, next
	delete(body, "_last_modified")
	return o, body, nil
}

func (n *Node) nextView(leader string, view *uint64) (uint64, error) {
	mine := n.gslb.ViewID
	switch {
	case leader != n.cfg.Cluster && view == nil:
		return 0, fmt.Errorf("run it at the new leader, or state its view_id")
	case view != nil && *view < mine:
		return 0, fmt.Errorf("view_id %d is older than %d, the view of this site", *view, mine)
	case view != nil:
		return *view, nil
	case n.leads():
		return 0, fmt.Errorf("site %s is the leader already", n.name())
	default:
		return max(mine, n.loaded.other.ViewID) + 1, nil
	}
}
