package engine

import (
	"net/netip"
	"slices"
	"time"

	"github.com/gslbsim/gslbsim/dns"
	"github.com/gslbsim/gslbsim/fakeavi/health"
)

// gslbService is a GSLB service and the health of its members.
type gslbService struct {
	spec   *Service
	pools  []gslbPool
	status health.Status
	since  time.Time // of the last change of status.State
}

type gslbPool struct {
	members []*member
	status  health.Status
	since   time.Time // of the last change of status.State
}

// member is the health of one pool member.
type member struct {
	watches   []*health.Watch
	status    health.Status
	since     time.Time
	control   health.Control
	reachable bool
	verdicts  []health.Verdict
	dataPlane health.Verdict
	held      bool // by manual_resume
	outOfSync bool
}

// vsKey names a virtual service of any site.
type vsKey struct{ cluster, vs string }

func (s *gslbService) uuid() string { return s.spec.DNS.UUID }

func (e *Engine) sortedServices() []*gslbService {
	all := make([]*gslbService, 0, len(e.loaded.services))
	for _, uuid := range sortedKeys(e.loaded.services) {
		all = append(all, e.loaded.services[uuid])
	}
	return all
}

// setService adds or replaces a GSLB service. Members that stay keep their state, monitors that stay keep running.
func (e *Engine) setService(spec *Service) {
	old := e.loaded.services[spec.DNS.UUID]
	s := &gslbService{spec: spec}
	if old != nil {
		s.status, s.since = old.status, old.since
	}
	kept := keptMembers(old)
	for i, p := range spec.Pools {
		pool := gslbPool{}
		if old != nil && i < len(old.pools) && old.spec.DNS.Pools[i].Name == spec.DNS.Pools[i].Name {
			pool.status, pool.since = old.pools[i].status, old.pools[i].since
		}
		for j, m := range p.Members {
			id := idOf(&spec.DNS.Pools[i].Members[j], &m)
			pool.members = append(pool.members, e.startMember(spec, i, &m, kept.take(id)))
		}
		s.pools = append(s.pools, pool)
	}
	e.stopService(old)
	e.loaded.services[s.uuid()] = s
	e.index(s, true)
	e.judge(s)
	e.loaded.report.service(s.uuid())
	e.serviceChanged(s)
}

// startMember makes a member with its monitors. A member that was disabled and is enabled has been resumed.
func (e *Engine) startMember(spec *Service, pool int, m *ServiceMember, before *keptMember) *member {
	next := &member{}
	if before != nil {
		resumed := m.Enabled && !before.enabled || !spec.Pools[pool].ManualResume
		next.status, next.since = before.state.status, before.state.since
		next.held = before.state.held && !resumed
		next.outOfSync = before.state.outOfSync && before.revision == spec.Revision
	}
	uuid := spec.DNS.UUID
	monitors := m.Monitors
	if e.loaded.headless {
		monitors = slices.Concat(monitors, m.Standby)
	}
	for _, mon := range monitors {
		next.watches = append(next.watches, e.checker.Watch(mon, func() { e.verdictChanged(uuid) }))
	}
	return next
}

// standsBy reports whether the engine runs monitors of the service only while it is headless.
func (s *gslbService) standsBy() bool {
	return slices.ContainsFunc(s.spec.Pools, func(p ServicePool) bool {
		return slices.ContainsFunc(p.Members, func(m ServiceMember) bool { return len(m.Standby) > 0 })
	})
}

// verdictChanged is called by monitors, on the scheduler's goroutine.
func (e *Engine) verdictChanged(service string) {
	e.act(func() {
		if s := e.loaded.services[service]; s != nil && e.on {
			e.judge(s)
		}
	})
}

func (e *Engine) removeService(uuid string) {
	s := e.loaded.services[uuid]
	if s == nil {
		return
	}
	e.stopService(s)
	delete(e.loaded.services, uuid)
	e.loaded.report.goneService(uuid)
	e.serviceGone(uuid)
}

// stopService ends the monitors of a service.
func (e *Engine) stopService(s *gslbService) {
	if s == nil {
		return
	}
	e.index(s, false)
	for _, p := range s.pools {
		for _, m := range p.members {
			for _, w := range m.watches {
				w.Stop()
			}
		}
	}
}

// index notes, or forgets, which virtual services a service waits for reports of.
func (e *Engine) index(s *gslbService, add bool) {
	for i, p := range s.spec.Pools {
		for j, m := range p.Members {
			if m.Control {
				e.indexKey(vsKey{m.Cluster, m.VS}, s, add)
			}
			for _, cluster := range m.Proxies {
				e.indexKey(vsKey{cluster, ProxyKey(s.uuid(), s.spec.DNS.Pools[i].Members[j].Addr)}, s, add)
			}
		}
	}
}

func (e *Engine) indexKey(key vsKey, s *gslbService, add bool) {
	if !add {
		delete(e.loaded.watching[key], s)
		if len(e.loaded.watching[key]) == 0 {
			delete(e.loaded.watching, key)
		}
		return
	}
	if e.loaded.watching[key] == nil {
		e.loaded.watching[key] = map[*gslbService]struct{}{}
	}
	e.loaded.watching[key][s] = struct{}{}
}

// judge derives the status of a service, its pools and its members, and tells what changed.
func (e *Engine) judge(s *gslbService) {
	changed, restated := false, false
	var pools []health.Status
	for i := range s.pools {
		p := &s.pools[i]
		var members []health.Status
		for j, m := range p.members {
			before := m.status
			e.judgeMember(s, i, j, m)
			changed = changed || m.status != before
			restated = restated || m.status.State != before.State
			members = append(members, m.status)
		}
		next := health.Pool(s.spec.DNS.Enabled, s.spec.DNS.Pools[i].Enabled, members)
		if next != p.status {
			e.emitPool(s, i, p.status, next)
			p.since = sinceChange(p.since, p.status, next)
			p.status, changed = next, true
		}
		pools = append(pools, next)
	}
	if next := health.Service(s.spec.DNS.Enabled, pools); next != s.status {
		e.emitService(s, s.status, next)
		s.since = sinceChange(s.since, s.status, next)
		s.status, changed = next, true
	}
	if changed {
		e.loaded.report.service(s.uuid())
		e.scheduleReport()
	}
	if restated {
		e.serviceChanged(s)
	}
}

// sinceChange returns the instant of the last change of a state.
func sinceChange(since time.Time, from, to health.Status) time.Time {
	if from.State == to.State {
		return since
	}
	return time.Now()
}

// judgeMember derives the status of a member.
func (e *Engine) judgeMember(s *gslbService, pool, index int, m *member) {
	in := e.memberInput(s, pool, index, m)
	next := health.Member(in)
	if s.spec.Pools[pool].ManualResume && next.State == health.StateDown && m.status.State == health.StateUp {
		m.held, in.Held = true, true
		next = health.Member(in)
	}
	if next.State != m.status.State {
		m.since = sinceChange(m.since, m.status, next)
		e.emitMember(s, pool, index, m.status, next)
	}
	m.status = next
}

// memberInput collects what a member's status depends on.
func (e *Engine) memberInput(s *gslbService, pool, index int, m *member) health.MemberInput {
	spec, answer := &s.spec.Pools[pool].Members[index], &s.spec.DNS.Pools[pool]
	in := health.MemberInput{
		ServiceEnabled: s.spec.DNS.Enabled, PoolEnabled: answer.Enabled,
		MemberEnabled: spec.Enabled, SiteEnabled: spec.SiteEnabled,
		MinUp: s.spec.Pools[pool].MinUp, Before: m.status.State,
	}
	e.control(&in, spec, answer.Members[index].Addr, m)
	m.control, m.reachable = in.Control, in.Reachable
	m.verdicts = make([]health.Verdict, 0, len(m.watches))
	for _, w := range m.watches {
		v, reason := w.Verdict()
		if v == health.VerdictDown {
			in.MonitorReason = reason
		}
		m.verdicts = append(m.verdicts, v)
	}
	if len(spec.Proxies) > 0 && len(m.watches) == 0 {
		v, reason := e.proxied(spec.Proxies, ProxyKey(s.uuid(), answer.Members[index].Addr))
		m.verdicts, in.MonitorReason = append(m.verdicts, v), reason
	}
	in.Monitors = m.verdicts
	before := m.dataPlane
	if m.dataPlane = health.DataPlane(in); m.dataPlane != before && (spec.Proxy || spec.Shared) {
		e.loaded.report.service(s.uuid())
		e.scheduleReport()
	}
	in.OutOfSync, in.Held = m.outOfSync, m.held
	return in
}

// answerable returns a service as DNS answers it: members that are out for any reason but their health are disabled.
func (s *gslbService) answerable() dns.Service {
	svc := s.spec.DNS
	svc.Pools = slices.Clone(svc.Pools)
	for i := range svc.Pools {
		members := slices.Clone(svc.Pools[i].Members)
		for j := range members {
			state := s.pools[i].members[j].status.State
			members[j].Enabled = state != health.StateDisabled
			members[j].Up = state == health.StateUp
		}
		svc.Pools[i].Members = members
	}
	return svc
}

// state returns what the engine reports of a service.
func (s *gslbService) state() ServiceState {
	out := ServiceState{UUID: s.uuid(), Name: s.spec.DNS.Name, Status: s.status, Since: s.since}
	for i, p := range s.pools {
		pool := PoolState{Name: s.spec.DNS.Pools[i].Name, Status: p.status, Since: p.since}
		for j, m := range p.members {
			spec := &s.spec.DNS.Pools[i].Members[j]
			pool.Members = append(pool.Members, MemberState{
				Addr: spec.Addr, FQDN: spec.FQDN, Site: spec.Site, Status: m.status,
				Control: m.control, Reachable: m.reachable, Monitors: m.verdicts, Since: m.since,
				Proxy: s.spec.Pools[i].Members[j].Proxy, Shared: s.spec.Pools[i].Members[j].Shared, DataPlane: m.dataPlane,
			})
		}
		out.Pools = append(out.Pools, pool)
	}
	return out
}

// Services returns the states of all GSLB services, in the order of their uuids.
func (e *Engine) Services() []ServiceState {
	e.mu.Lock()
	defer e.mu.Unlock()
	var all []ServiceState
	for _, s := range e.sortedServices() {
		all = append(all, s.state())
	}
	return all
}

// Service returns the state of one GSLB service.
func (e *Engine) Service(uuid string) (ServiceState, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	s := e.loaded.services[uuid]
	if s == nil {
		return ServiceState{}, false
	}
	return s.state(), true
}

// memberID tells the members of one service apart.
type memberID struct {
	addr              netip.Addr
	fqdn, cluster, vs string
}

func idOf(m *dns.Member, h *ServiceMember) memberID {
	return memberID{addr: m.Addr, fqdn: m.FQDN, cluster: h.Cluster, vs: h.VS}
}

// keptMember is a member of a service that is being replaced.
type keptMember struct {
	state    *member
	enabled  bool
	revision int64
}

type kept map[memberID][]*keptMember

func keptMembers(old *gslbService) kept {
	k := kept{}
	if old == nil {
		return k
	}
	for i, p := range old.pools {
		for j, m := range p.members {
			spec := &old.spec.Pools[i].Members[j]
			id := idOf(&old.spec.DNS.Pools[i].Members[j], spec)
			k[id] = append(k[id], &keptMember{state: m, enabled: spec.Enabled, revision: old.spec.Revision})
		}
	}
	return k
}

// take returns the state of a member, once; nil if there is none.
func (k kept) take(id memberID) *keptMember {
	if len(k[id]) == 0 {
		return nil
	}
	first := k[id][0]
	k[id] = k[id][1:]
	return first
}
