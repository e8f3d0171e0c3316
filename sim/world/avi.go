package world

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"strings"

	mdns "github.com/miekg/dns"

	"github.com/gslbsim/gslbsim/dns"
	"github.com/gslbsim/gslbsim/fakeavi"
	"github.com/gslbsim/gslbsim/sim/aviclient"
	"github.com/gslbsim/gslbsim/sim/network"
	"github.com/gslbsim/gslbsim/sim/scenario"
)

// httpsPort is where controllers serve their API.
const httpsPort = 443

// dnsService is the name of every site's DNS virtual service.
func dnsService(s *scenario.Site) string { return "dns-" + s.Name }

// startControllers installs the Avi controllers with their engines. It must run on the event loop.
func (w *world) startControllers() error {
	for _, s := range w.top.GSLBSites() {
		c, err := fakeavi.New(fakeavi.Config{
			Name: s.Controller.Name, Site: s.Name, Version: w.top.GSLB.Version,
			Addresses: []netip.Addr{s.Controller.Address},
			Username:  w.top.GSLB.Username, Password: w.top.GSLB.Password,
			Seed:    w.streams.seedOf("avi/" + s.Name),
			Engines: []fakeavi.EngineConfig{{Name: "Default-Group", Addr: s.Engines.Address}},
			Network: fakeavi.NetworkConfig{Name: s.VIPs.Network, Prefix: s.VIPs.Subnet, Begin: s.VIPs.First, End: s.VIPs.Last},
			DNS:     []fakeavi.DNSConfig{{Name: dnsService(s), VIP: s.Engines.DNS}},
			Geo:     w.top.Geo.DB,
		}, fakeavi.Deps{Scheduler: w.loop, Wire: w.wire, Prober: w.prober, Observer: w.observer()})
		if err != nil {
			return err
		}
		w.controllers[s.Name] = c
		w.prober.engines[engineHost(s)] = c.Engines()[0]
		for addr, host := range c.Hosts() {
			w.wire.receivers[addr] = host.Receive
		}
		if err := w.serve(s, c); err != nil {
			return err
		}
	}
	return nil
}

// serve connects a controller's API and its engine's DNS to the network.
func (w *world) serve(s *scenario.Site, c *fakeavi.Controller) error {
	at := netip.AddrPortFrom(s.Controller.Address, httpsPort)
	stop, err := w.net.Serve(at, network.Service{Handler: w.calls.counting(s.Name, c.Handler())})
	if err != nil {
		return fmt.Errorf("controller of %s: %w", s.Name, err)
	}
	w.teardown = append(w.teardown, stop)
	engine, addr := c.Engines()[0], s.Engines.DNS
	w.dns.servers[addr] = func(q *mdns.Msg, from dns.Client) *mdns.Msg {
		reply, why, served := engine.Respond(addr, q, from)
		if served {
			w.logQuery(s, &why, q, reply)
		}
		return reply
	}
	return nil
}

// formFederation makes the controllers one GSLB federation. It must run on the event loop.
func (w *world) formFederation() error {
	sites := w.top.GSLBSites()
	f := fakeavi.Federation{
		Leader: w.member(sites[0]), Domains: w.top.GSLB.Subdomains,
		Settings: map[string]any{"send_interval": int(w.top.GSLB.SendInterval.Seconds())},
	}
	var followers []string
	for _, s := range sites[1:] {
		f.Followers = append(f.Followers, w.member(s))
		followers = append(followers, s.Name)
	}
	if err := f.Form(); err != nil {
		return err
	}
	w.rec.Event("administrator", "federation", "%s leads, followed by %s", sites[0].Name, cmp.Or(strings.Join(followers, ", "), "nobody"))
	return nil
}

func (w *world) member(s *scenario.Site) fakeavi.Member {
	m := fakeavi.Member{Controller: w.controllers[s.Name], Name: s.Name, Passive: s.Controller.Passive}
	if l := s.Location; l != nil {
		m.Settings = map[string]any{"location": map[string]any{
			"source":   "GSLB_LOCATION_SRC_USER_CONFIGURED",
			"location": map[string]any{"latitude": l.Latitude, "longitude": l.Longitude, "name": l.Name, "tag": l.Tag},
		}}
	}
	return m
}

// target is how to log in to a site's controller as its administrator.
func (w *world) target(s *scenario.Site) aviclient.Target {
	return aviclient.Target{
		Address: s.Controller.Address, Version: w.top.GSLB.Version, Username: w.top.GSLB.Username, Password: w.top.GSLB.Password,
	}
}

// enableVirtualService does what an administrator would in the controller's console.
func (w *world) enableVirtualService(_ context.Context, s *scenario.Site, host string, enabled bool) error {
	transport := w.net.Transport(w.desk())
	defer transport.CloseIdleConnections()
	session, err := aviclient.Open(w.target(s), transport)
	if err != nil {
		return err
	}
	all, err := aviclient.List(session, "virtualservice", "")
	if err != nil {
		return err
	}
	for _, vs := range all {
		if !servesHost(vs, host) {
			continue
		}
		var reply aviclient.Object
		path := fmt.Sprintf("api/virtualservice/%s", vs["uuid"])
		return session.Patch(path, aviclient.Object{"enabled": enabled}, "replace", &reply)
	}
	return fmt.Errorf("the controller of %s has no virtual service for %s", s.Name, host)
}

// servesHost reports whether a virtual service is the child that serves a host name.
func servesHost(vs aviclient.Object, host string) bool {
	matches, _ := vs["vh_matches"].([]any)
	for _, m := range matches {
		if match, ok := m.(aviclient.Object); ok && match["host"] == host {
			return true
		}
	}
	names, _ := vs["vh_domain_name"].([]any)
	for _, n := range names {
		if n == host {
			return true
		}
	}
	return false
}
