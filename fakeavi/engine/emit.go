package engine

import "github.com/gslbsim/gslbsim/fakeavi/health"

func (e *Engine) emitMember(s *gslbService, pool, index int, from, to health.Status) {
	fn := e.deps.Observer.Member
	if fn == nil {
		return
	}
	m := &s.spec.DNS.Pools[pool].Members[index]
	ev := MemberEvent{
		At: e.at(), Service: s.spec.DNS.Name, ServiceUUID: s.uuid(), Pool: s.spec.DNS.Pools[pool].Name,
		Member: m.Addr, FQDN: m.FQDN, MemberSite: m.Site, From: from, To: to,
	}
	e.say(func() { fn(ev) })
}

func (e *Engine) emitPool(s *gslbService, pool int, from, to health.Status) {
	fn := e.deps.Observer.Pool
	if fn == nil || from.State == to.State {
		return
	}
	ev := PoolEvent{
		At: e.at(), Service: s.spec.DNS.Name, ServiceUUID: s.uuid(), Pool: s.spec.DNS.Pools[pool].Name, From: from, To: to,
	}
	e.say(func() { fn(ev) })
}

func (e *Engine) emitService(s *gslbService, from, to health.Status) {
	fn := e.deps.Observer.Service
	if fn == nil || from.State == to.State {
		return
	}
	ev := ServiceEvent{At: e.at(), Service: s.spec.DNS.Name, ServiceUUID: s.uuid(), From: from, To: to}
	e.say(func() { fn(ev) })
}

func (e *Engine) emitVS(vs *virtualService, from health.Status) {
	fn := e.deps.Observer.VirtualService
	if fn == nil || from.State == vs.status.State {
		return
	}
	ev := VSEvent{At: e.at(), Name: vs.spec.Name, UUID: vs.spec.UUID, From: from, To: vs.status}
	e.say(func() { fn(ev) })
}

func (e *Engine) emitTable(d *dnsService, changed, removed int, rejected []string) {
	fn := e.deps.Observer.Table
	if fn == nil {
		return
	}
	ev := TableEvent{At: e.at(), DNS: d.vs.spec.Name, Changed: changed, Removed: removed, Rejected: rejected}
	if d.table != nil {
		ev.Services = d.table.Len()
	}
	e.say(func() { fn(ev) })
}

func (e *Engine) emitApplied(u *Update) {
	if fn := e.deps.Observer.Applied; fn != nil {
		ev := AppliedEvent{At: e.at(), Session: u.Session, Seq: u.Seq, Full: u.Full}
		e.say(func() { fn(ev) })
	}
}

func (e *Engine) emitHeadless(headless bool) {
	if fn := e.deps.Observer.Headless; fn != nil {
		ev := HeadlessEvent{At: e.at(), Headless: headless}
		e.say(func() { fn(ev) })
	}
}
