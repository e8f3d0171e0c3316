package engine

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	mdns "github.com/miekg/dns"

	"github.com/gslbsim/gslbsim/dns"
)

// dnsService is a DNS virtual service: a responder, and what its table lacks.
type dnsService struct {
	vs        *virtualService
	responder *dns.Responder
	table     *dns.Table // last published; nil: none
	rebuild   bool       // the table is to be made from nothing
	changed   map[string]struct{}
	removed   map[string]struct{}
	scheduled bool
	log       queryLog
	tallies   map[string]*tally // by the GSLB service's uuid
}

// setDNS makes or changes the DNS side of a virtual service.
func (e *Engine) setDNS(vs *virtualService) {
	if vs.spec.DNS == nil {
		e.dropDNS(vs.spec.UUID)
		return
	}
	d := e.loaded.dns[vs.spec.UUID]
	if d == nil {
		d = &dnsService{
			vs: vs, responder: dns.NewResponder(e.seedFor(vs.spec.UUID)),
			changed: map[string]struct{}{}, removed: map[string]struct{}{}, tallies: map[string]*tally{},
		}
		e.loaded.dns[vs.spec.UUID] = d
	}
	d.log.setPolicy(vs.spec.DNS.Log)
	d.rebuild = true
	e.schedulePublish(d)
}

func (e *Engine) dropDNS(uuid string) { delete(e.loaded.dns, uuid) }

// serviceChanged notes that tables hold an old version of a GSLB service.
func (e *Engine) serviceChanged(s *gslbService) {
	for _, uuid := range sortedKeys(e.loaded.dns) {
		d := e.loaded.dns[uuid]
		if d.hosts(s) {
			d.changed[s.uuid()] = struct{}{}
			delete(d.removed, s.uuid())
		} else {
			d.forget(s.uuid())
		}
		e.schedulePublish(d)
	}
}

func (e *Engine) serviceGone(service string) {
	for _, uuid := range sortedKeys(e.loaded.dns) {
		d := e.loaded.dns[uuid]
		d.forget(service)
		e.schedulePublish(d)
	}
}

func (d *dnsService) forget(service string) {
	d.removed[service] = struct{}{}
	delete(d.changed, service)
	delete(d.tallies, service)
}

// hosts reports whether a GSLB service is placed here: by any of its names.
func (d *dnsService) hosts(s *gslbService) bool {
	spec := d.vs.spec.DNS
	if !spec.GSLB {
		return false
	}
	if len(spec.Domains) == 0 {
		return true
	}
	return slices.ContainsFunc(s.spec.DNS.Domains, func(name string) bool {
		return slices.ContainsFunc(spec.Domains, func(domain string) bool { return under(name, domain) })
	})
}

// under reports whether a name is a domain or lies below it.
func under(name, domain string) bool {
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	domain = strings.ToLower(strings.Trim(domain, "."))
	return name == domain || strings.HasSuffix(name, "."+domain)
}

// schedulePublish publishes a table once the present instant's changes are all made.
func (e *Engine) schedulePublish(d *dnsService) {
	if d.scheduled || !d.rebuild && len(d.changed)+len(d.removed) == 0 {
		return
	}
	d.scheduled = true
	uuid := d.vs.spec.UUID
	e.atEnd("publish/"+uuid, func() {
		if e.loaded.dns[uuid] == d {
			d.scheduled = false
			e.publish(d)
		}
	})
}

func (e *Engine) publish(d *dnsService) {
	var rejected []string
	if d.rebuild || d.table == nil {
		rejected = e.newTable(d)
	}
	var changed []dns.Service
	for _, uuid := range sortedKeys(d.changed) {
		if s := e.loaded.services[uuid]; s != nil {
			changed = append(changed, s.answerable())
		}
	}
	removed := sortedKeys(d.removed)
	// New maps, because emptying one costs what it once held.
	d.changed, d.removed = map[string]struct{}{}, map[string]struct{}{}
	if d.table == nil {
		e.emitTable(d, 0, 0, rejected)
		return
	}
	table, refused := with(d.table, changed, removed)
	d.table = table
	d.responder.Publish(table)
	e.emitTable(d, len(changed), len(removed), append(rejected, refused...))
}

// newTable replaces the table by one without GSLB services, and notes those as changed. Records that dns refuses are left
// out; a profile or rule that it refuses leaves the old table in place.
func (e *Engine) newTable(d *dnsService) (rejected []string) {
	d.rebuild = false
	spec := d.vs.spec.DNS
	cfg := dns.Config{
		Profile: spec.Profile, Records: spec.Records, Topology: spec.Topology, Geo: spec.Geo,
		PassThrough: len(d.vs.spec.Pools) > 0,
	}
	table, err := dns.NewTable(cfg)
	if err != nil {
		cfg.Records, rejected = soundRecords(spec.Records)
		table, err = dns.NewTable(cfg)
	}
	if err != nil {
		return append(rejected, err.Error())
	}
	d.table = table
	clear(d.removed)
	for uuid, s := range e.loaded.services {
		if d.hosts(s) {
			d.changed[uuid] = struct{}{}
		}
	}
	return rejected
}

// soundRecords returns the records that dns takes one by one, and why it refuses the others.
func soundRecords(records []dns.Record) (sound []dns.Record, rejected []string) {
	for _, r := range records {
		if _, err := dns.NewTable(dns.Config{Profile: dns.DefaultProfile(), Records: []dns.Record{r}}); err != nil {
			rejected = append(rejected, err.Error())
			continue
		}
		sound = append(sound, r)
	}
	return sound, rejected
}

// with changes a table. If the changes as a whole are refused, they are made one by one without those that are refused.
func with(t *dns.Table, changed []dns.Service, removed []string) (*dns.Table, []string) {
	if next, err := t.With(changed, removed); err == nil {
		return next, nil
	}
	for _, s := range changed {
		removed = append(removed, s.UUID)
	}
	if next, err := t.With(nil, removed); err == nil {
		t = next
	}
	var rejected []string
	for _, s := range changed {
		next, err := t.With([]dns.Service{s}, nil)
		if err != nil {
			rejected = append(rejected, fmt.Sprint(err))
			continue
		}
		t = next
	}
	return t, rejected
}

// Respond answers a DNS query sent to an address. served is false if no enabled DNS virtual service has the address, or none that
// takes queries over TCP for one that came so; then nothing is answered. A nil message means that the query was dropped.
func (e *Engine) Respond(dst netip.Addr, q *mdns.Msg, c dns.Client) (reply *mdns.Msg, why dns.Decision, served bool) {
	d := e.serving(dst, c.TCP)
	if d == nil {
		return nil, dns.Decision{}, false
	}
	reply, why = d.responder.Respond(q, c)
	e.record(d, dst, q, reply, &why)
	return reply, why, true
}

// Responder returns the responder behind an address, or nil if no enabled DNS virtual service has it. The responder is
// another one after a power cycle.
func (e *Engine) Responder(dst netip.Addr) *dns.Responder {
	if d := e.serving(dst, false); d != nil {
		return d.responder
	}
	return nil
}

// serving returns the DNS virtual service behind an address; nil if there is none, or none that takes queries over TCP if tcp.
func (e *Engine) serving(dst netip.Addr, tcp bool) *dnsService {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.on {
		return nil
	}
	for _, vs := range e.listeners(dst) {
		if d := e.loaded.dns[vs.spec.UUID]; d != nil && !(tcp && vs.spec.DNS.NoTCP) {
			return d
		}
	}
	return nil
}

// Rows lists what a DNS virtual service answers for; false if the engine does not have it.
func (e *Engine) Rows(uuid string) ([]dns.Row, bool) {
	e.mu.Lock()
	d := e.loaded.dns[uuid]
	var table *dns.Table
	if d != nil {
		table = d.table
	}
	e.mu.Unlock()
	if table == nil {
		return nil, false
	}
	return table.Rows(), true
}

// Placed returns the uuids of the GSLB services that a DNS virtual service hosts, sorted; none if the engine does not have it.
func (e *Engine) Placed(uuid string) []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	d := e.loaded.dns[uuid]
	if d == nil {
		return nil
	}
	var placed []string
	for _, s := range e.sortedServices() {
		if d.hosts(s) {
			placed = append(placed, s.uuid())
		}
	}
	return placed
}
