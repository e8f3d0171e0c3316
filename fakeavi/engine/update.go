package engine

import "slices"

// apply brings the engine to the configuration of an Update. An Update that does not follow the last one is refused.
func (e *Engine) apply(u *Update) UpdateAck {
	l := &e.loaded
	if !u.Full && (u.Session != l.session || u.Seq != l.seq+1) {
		return UpdateAck{Boot: e.boot, Seq: l.seq, NeedFull: true}
	}
	e.applyVirtualServices(u)
	for _, site := range u.Sites {
		e.setSite(site)
	}
	e.applyServices(u)
	l.session, l.seq = u.Session, u.Seq
	e.emitApplied(u)
	e.scheduleReport()
	ack := UpdateAck{Boot: e.boot, Seq: l.seq}
	if u.Full {
		for _, vs := range e.sortedVS() {
			ack.States = append(ack.States, e.state(vs))
		}
	}
	return ack
}

// applyVirtualServices replaces what the Update lists, and then judges: virtual services refer to one another.
func (e *Engine) applyVirtualServices(u *Update) {
	gone := u.GoneVirtualServices
	if u.Full {
		gone = missing(sortedKeys(e.loaded.vss), len(u.VirtualServices), func(i int) string { return u.VirtualServices[i].UUID })
	}
	if len(gone) == 0 && len(u.VirtualServices) == 0 {
		return
	}
	for _, uuid := range gone {
		e.removeVS(uuid)
	}
	for _, vs := range u.VirtualServices {
		e.setVS(vs)
	}
	e.link()
	for _, vs := range e.sortedVS() {
		if vs.spec.Parent == "" || e.loaded.vss[vs.spec.Parent] == nil {
			e.judgeVS(vs)
		}
	}
	e.reportVSs(u)
}

// reportVSs makes the next report tell of the virtual services that an Update lists, and of their children, which share
// their VIPs.
func (e *Engine) reportVSs(u *Update) {
	for i := range u.VirtualServices {
		vs := e.loaded.vss[u.VirtualServices[i].UUID]
		e.loaded.report.vs(vs.spec.UUID)
		for _, child := range vs.children {
			e.loaded.report.vs(child.spec.UUID)
		}
	}
}

func (e *Engine) applyServices(u *Update) {
	gone := u.GoneServices
	if u.Full {
		gone = missing(sortedKeys(e.loaded.services), len(u.Services), func(i int) string { return u.Services[i].DNS.UUID })
	}
	for _, uuid := range gone {
		e.removeService(uuid)
	}
	for _, s := range u.Services {
		e.setService(s)
	}
}

// missing returns the uuids that a list of n does not have.
func missing(uuids []string, n int, uuid func(int) string) []string {
	listed := make(map[string]struct{}, n)
	for i := range n {
		listed[uuid(i)] = struct{}{}
	}
	return slices.DeleteFunc(uuids, func(u string) bool { _, ok := listed[u]; return ok })
}
