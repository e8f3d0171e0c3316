package world

import (
	"time"

	mdns "github.com/miekg/dns"

	"github.com/gslbsim/gslbsim/dns"
	"github.com/gslbsim/gslbsim/dns/querylog"
	"github.com/gslbsim/gslbsim/sim/scenario"
)

// dnsPort is where DNS virtual services listen.
const dnsPort = 53

func (w *world) startQueryLog(p *querylog.Policy) {
	if p == nil {
		return
	}
	policy := *p
	if policy.FullSince.IsZero() {
		policy.FullSince = w.zero
	}
	w.queries, w.dnsUUIDs = querylog.New(policy), map[string]string{}
}

// logQuery logs a query as the site's service engine does. What is asked during set-up is not part of the run.
func (w *world) logQuery(s *scenario.Site, d *dns.Decision, q, reply *mdns.Msg) {
	if w.queries == nil || w.over || time.Now().Before(w.zero) {
		return
	}
	c := w.controllers[s.Name]
	if w.dnsUUIDs[s.Name] == "" {
		if o, ok := c.Store().Lookup("virtualservice", tenant, dnsService(s)); ok {
			w.dnsUUIDs[s.Name] = o.UUID
		}
	}
	e := querylog.NewEntry(d, q, reply)
	e.VirtualService, e.ServiceEngine = w.dnsUUIDs[s.Name], s.Name+"/"+c.Engines()[0].Name()
	e.VSAddr, e.VSPort, e.Start = s.Engines.DNS, dnsPort, time.Now()
	w.queries.Add(e)
}
