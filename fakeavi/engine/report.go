package engine

// pendingReport is what the controller has not been told yet. It holds uuids, not states: a report tells how things are
// when it is sent.
type pendingReport struct {
	vss, services         map[string]struct{}
	goneVSs, goneServices map[string]struct{}
	scheduled, flying     bool
}

func newPendingReport() pendingReport {
	return pendingReport{
		vss: map[string]struct{}{}, services: map[string]struct{}{},
		goneVSs: map[string]struct{}{}, goneServices: map[string]struct{}{},
	}
}

func (p *pendingReport) vs(uuid string) {
	p.vss[uuid] = struct{}{}
	delete(p.goneVSs, uuid)
}

func (p *pendingReport) goneVS(uuid string) {
	p.goneVSs[uuid] = struct{}{}
	delete(p.vss, uuid)
}

func (p *pendingReport) service(uuid string) {
	p.services[uuid] = struct{}{}
	delete(p.goneServices, uuid)
}

func (p *pendingReport) goneService(uuid string) {
	p.goneServices[uuid] = struct{}{}
	delete(p.services, uuid)
}

func (p *pendingReport) empty() bool {
	return len(p.vss)+len(p.services)+len(p.goneVSs)+len(p.goneServices) == 0
}

// scheduleReport sends a report once the present instant's changes are all made.
func (e *Engine) scheduleReport() {
	p := &e.loaded.report
	if p.scheduled || p.flying {
		return
	}
	p.scheduled = true
	e.atEnd("report", func() {
		e.loaded.report.scheduled = false
		e.flushReport()
	})
}

// flushReport sends what is pending, unless a report is under way; what a lost report told is pending again, until the
// next heartbeat shows that the controller is back.
func (e *Engine) flushReport() {
	p := &e.loaded.report
	if p.flying || p.empty() {
		return
	}
	sent := *p
	e.loaded.report = newPendingReport()
	e.loaded.report.flying = true
	r := e.report(&sent)
	boot := e.boot
	e.say(func() {
		e.deps.Wire.Send(e.cfg.Addr, e.cfg.Controller, r, func(_ any, err error) { e.reported(boot, &sent, err) })
	})
}

func (e *Engine) report(p *pendingReport) *Report {
	r := &Report{
		Engine: e.cfg.Name, Boot: e.boot, GoneVS: sortedKeys(p.goneVSs), GoneServices: sortedKeys(p.goneServices),
	}
	for _, uuid := range sortedKeys(p.vss) {
		if vs := e.loaded.vss[uuid]; vs != nil {
			r.VirtualServices = append(r.VirtualServices, e.state(vs))
		}
	}
	for _, uuid := range sortedKeys(p.services) {
		if s := e.loaded.services[uuid]; s != nil {
			r.Services = append(r.Services, s.state())
		}
	}
	return r
}

func (e *Engine) reported(boot uint64, sent *pendingReport, err error) {
	e.act(func() {
		if !e.on || e.boot != boot {
			return
		}
		p := &e.loaded.report
		p.flying = false
		if err == nil {
			if !p.empty() {
				e.scheduleReport()
			}
			return
		}
		e.restore(sent)
	})
}

// restore makes pending again what a lost report told, as far as it is still so.
func (e *Engine) restore(sent *pendingReport) {
	p := &e.loaded.report
	for uuid := range sent.vss {
		if e.loaded.vss[uuid] != nil {
			p.vs(uuid)
		}
	}
	for uuid := range sent.goneVSs {
		if e.loaded.vss[uuid] == nil {
			p.goneVS(uuid)
		}
	}
	for uuid := range sent.services {
		if e.loaded.services[uuid] != nil {
			p.service(uuid)
		}
	}
	for uuid := range sent.goneServices {
		if e.loaded.services[uuid] == nil {
			p.goneService(uuid)
		}
	}
}
