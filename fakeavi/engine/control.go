package engine

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/gslbsim/gslbsim/fakeavi/health"
)

// siteControl is what the engine was last told of a site's virtual services; known once it was told all of them.
type siteControl struct {
	reachable, known bool
	vss              map[string]VSState
}

// setSite takes what the control plane reports of a site and derives what depends on it again.
func (e *Engine) setSite(c SiteControl) {
	site := e.loaded.sites[c.Cluster]
	if site == nil {
		site = &siteControl{vss: map[string]VSState{}}
		e.loaded.sites[c.Cluster] = site
	}
	touched := map[string]bool{}
	if c.Full || !c.Known {
		for uuid := range site.vss {
			touched[uuid] = true
		}
		site.vss = map[string]VSState{}
	}
	for _, s := range c.States {
		site.vss[s.UUID] = s
		touched[s.UUID] = true
	}
	for _, uuid := range c.Gone {
		delete(site.vss, uuid)
		touched[uuid] = true
	}
	known := c.Known && (site.known || c.Full)
	whole := site.reachable != c.Reachable || site.known != known || c.Full
	site.reachable, site.known = c.Reachable, known
	for _, s := range e.affected(c.Cluster, touched, whole) {
		e.judge(s)
	}
}

// affected returns the services with members at virtual services of a cluster, in the order of their uuids.
func (e *Engine) affected(cluster string, vss map[string]bool, whole bool) []*gslbService {
	found := map[*gslbService]struct{}{}
	if whole {
		for key, services := range e.loaded.watching {
			if key.cluster == cluster {
				for s := range services {
					found[s] = struct{}{}
				}
			}
		}
	}
	for uuid := range vss {
		for s := range e.loaded.watching[vsKey{cluster, uuid}] {
			found[s] = struct{}{}
		}
	}
	list := make([]*gslbService, 0, len(found))
	for s := range found {
		list = append(list, s)
	}
	slices.SortFunc(list, func(a, b *gslbService) int { return strings.Compare(a.uuid(), b.uuid()) })
	return list
}

// control fills in what the control plane reports of a member. A member is out of sync once its virtual service reports
// other addresses, and stays so until its GSLB service is edited.
func (e *Engine) control(in *health.MemberInput, spec *ServiceMember, addr netip.Addr, m *member) {
	if !spec.Control {
		return
	}
	in.Control = health.ControlUnknown
	site := e.loaded.sites[spec.Cluster]
	if site == nil {
		return
	}
	in.Reachable = site.reachable && !e.loaded.headless
	if !site.known {
		return
	}
	vs, found := site.vss[spec.VS]
	switch {
	case !found:
		in.Control, in.ControlReason = health.ControlDown, "virtual service is not found at its site"
	case vs.Status.Up():
		in.Control = health.ControlUp
	default:
		in.Control, in.ControlReason = health.ControlDown, vs.Status.Reason
	}
	if found && addr.IsValid() && len(vs.VIPs) > 0 && !slices.Contains(vs.VIPs, addr) {
		m.outOfSync = true
	}
}

// Sites returns what the engine was last told of every site, in the order of their cluster uuids.
func (e *Engine) Sites() []SiteControl {
	e.mu.Lock()
	defer e.mu.Unlock()
	var all []SiteControl
	for _, cluster := range sortedKeys(e.loaded.sites) {
		s := e.loaded.sites[cluster]
		c := SiteControl{Cluster: cluster, Reachable: s.reachable, Known: s.known, Full: true}
		for _, uuid := range sortedKeys(s.vss) {
			c.States = append(c.States, s.vss[uuid])
		}
		all = append(all, c)
	}
	return all
}

// proxied sums up what proxies report of a member: up if any finds it up, down if all that have reported find it down. What was last
// heard of a proxy whose controller does not answer stays valid until its site is declared gone.
func (e *Engine) proxied(clusters []string, key string) (health.Verdict, string) {
	verdict, reason := health.VerdictUnknown, ""
	for _, cluster := range clusters {
		site := e.loaded.sites[cluster]
		if site == nil || !site.known {
			continue
		}
		found, ok := site.vss[key]
		switch {
		case !ok:
		case found.Status.Up():
			return health.VerdictUp, ""
		case found.Status.State == health.StateDown:
			verdict, reason = health.VerdictDown, found.Status.Reason
		}
	}
	return verdict, reason
}
