package fakeavi

import (
	"net/http"

	"github.com/gslbsim/gslbsim/fakeavi/api"
	"github.com/gslbsim/gslbsim/fakeavi/config"
	"github.com/gslbsim/gslbsim/fakeavi/engine"
	"github.com/gslbsim/gslbsim/fakeavi/inventory"
	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// serviceRuntime builds the runtime of a GSLB service.
func (c *Controller) serviceRuntime(o *store.Object) (map[string]any, error) {
	s := inventory.Service{
		Object: object(o), Cluster: c.cluster, Gslb: c.node.Gslb(), Reported: c.node.Reported, Copies: c.node.Copies(o),
	}
	if state, ok := c.hosted(o.UUID); ok {
		s.State = &state
	}
	for _, e := range list(o.Body(), "health_monitor_refs") {
		ref, _ := e.(string)
		if m, ok := c.find(ref); ok {
			s.MonitorNames = append(s.MonitorNames, m.Name)
		}
	}
	return s.Runtime(), nil
}

// hosted returns the state of a GSLB service as the first of this site's engines that hosts it reported it.
func (c *Controller) hosted(uuid string) (engine.ServiceState, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, l := range c.links {
		if s, ok := l.services[uuid]; ok {
			return c.withShared(s), true
		}
	}
	return engine.ServiceState{}, false
}

// placedDNS collects the DNS virtual services of this site that GSLB services are placed on.
func (c *Controller) placedDNS(g *config.Gslb) []inventory.PlacedDNS {
	self, ok := g.Site(c.cluster)
	if !ok {
		return nil
	}
	var out []inventory.PlacedDNS
	for _, p := range self.Placements {
		d := inventory.PlacedDNS{UUID: p.DNS, Domains: p.Domains}
		o, ok := c.store.Get("virtualservice", p.DNS)
		if !ok {
			out = append(out, d)
			continue
		}
		l := c.placement(o)
		d.Name, d.Valid = o.Name, config.ReadVirtualService(object(o), c.find).Kind == engine.KindDNS
		c.mu.Lock()
		state := c.states[o.UUID]
		d.Status, d.Since, d.Engines = state.Status, state.Since, []string{seName(l.engine.Name())}
		d.Pending = len(l.backlog.services)
		if l.full {
			d.Pending = -1
		}
		c.mu.Unlock()
		out = append(out, d)
	}
	return out
}

// showDNS adds what a DNS virtual service's engine is asked for: the table that it answers from, and the GSLB services on it. The
// replies' form is unconfirmed, for the API's description calls them strings; the columns of dnstable are those of the command line.
func (c *Controller) showDNS() {
	rows := func(e *engine.Engine, uuid string) any {
		table, _ := e.Rows(uuid)
		list := []any{}
		for _, r := range table {
			list = append(list, map[string]any{
				"fqdn": r.FQDN, "ttl": r.TTL, "num_ips": r.NumIPs, "ip_addresses": r.Addresses, "service": r.Service, "tenant": r.Tenant,
			})
		}
		return counted(list)
	}
	services := func(e *engine.Engine, uuid string) any {
		m := c.message("GslbServiceRuntime")
		list := []api.Part{}
		for _, service := range e.Placed(uuid) {
			if o, ok := c.store.Get("gslbservice", service); ok {
				body, _ := c.serviceRuntime(o)
				list = append(list, api.Part{Message: m, Body: body})
			}
		}
		return list
	}
	for name, build := range map[string]func(*engine.Engine, string) any{
		"dnstable": rows, "gslbservicedetail": services, "gslbserviceinternal": services, "gslbservicehmonstat": monitorStates,
		"gslbsiteinternal": siteStates, "gslbservicealgostat": c.answerCounts, "geolocationinfo": locations,
	} {
		c.api.Subresource("virtualservice", name, func(_ *http.Request, o *store.Object) (any, error) {
			e, err := c.answering(o)
			if err != nil {
				return nil, err
			}
			return build(e, o.UUID), nil
		})
	}
}

// answering returns the engine of a DNS virtual service, which must answer its controller to be asked.
func (c *Controller) answering(o *store.Object) (*engine.Engine, error) {
	l := c.placement(o)
	c.mu.Lock()
	alive := l.alive
	c.mu.Unlock()
	switch {
	case config.ReadVirtualService(object(o), c.find).Kind != engine.KindDNS:
		return nil, store.Refuse(http.StatusBadRequest, "virtual service %s is no DNS virtual service", o.Name)
	case !alive:
		return nil, store.Refuse(http.StatusServiceUnavailable, "service engine %s does not answer", seName(l.engine.Name()))
	}
	return l.engine, nil
}

// monitorStates lists what the monitors of an engine hold of each member of the GSLB services on a DNS virtual service.
func monitorStates(e *engine.Engine, uuid string) any {
	list := []any{}
	for _, service := range e.Placed(uuid) {
		s, ok := e.Service(service)
		if !ok {
			continue
		}
		for _, p := range s.Pools {
			for _, m := range p.Members {
				monitors := []string{}
				for _, v := range m.Monitors {
					monitors = append(monitors, v.String())
				}
				list = append(list, map[string]any{
					"gslbservice_uuid": s.UUID, "gslbservice": s.Name, "group": p.Name, "ip": m.Addr.String(), "fqdn": m.FQDN,
					"health_monitors": monitors, "oper_status": inventory.OperationalStatus(m.Status, m.Since),
				})
			}
		}
	}
	return counted(list)
}

// siteStates lists what an engine was last told of other sites.
func siteStates(e *engine.Engine, _ string) any {
	list := []any{}
	for _, s := range e.Sites() {
		list = append(list, map[string]any{
			"cluster_uuid": s.Cluster, "reachable": s.Reachable, "known": s.Known, "virtualservices": len(s.States),
		})
	}
	return counted(list)
}
