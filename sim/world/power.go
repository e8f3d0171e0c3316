package world

import (
	"slices"

	"github.com/gslbsim/gslbsim/sim/fault"
	"github.com/gslbsim/gslbsim/sim/scenario"
)

// The hosts of a site, by the names that they have in the network.
func controllerHost(s *scenario.Site) string { return s.Name + "/controller" }
func engineHost(s *scenario.Site) string     { return s.Name + "/engines" }
func clusterHost(c *scenario.Cluster) string { return "cluster/" + c.Name }
func resolverHost(name string) string        { return "resolver/" + name }
func parentHost() string                     { return "parent-dns" }

// PowerOff implements fault.World. All hosts fall silent before any of them is looked at. What has no power already stays
// without until every fault that took it is over.
func (w *world) PowerOff(site string, parts []fault.Part) {
	s := w.top.Site(site)
	if parts = w.power.take(site, parts); len(parts) == 0 {
		return
	}
	for _, host := range hostsOf(s, parts) {
		w.switchHost(host, false)
		w.programs.stop(host)
	}
	if c := w.controllers[site]; c != nil {
		if slices.Contains(parts, fault.Engines) {
			for _, e := range c.Engines() {
				e.PowerOff()
			}
		}
		if slices.Contains(parts, fault.Controller) {
			c.PowerOff()
		}
	}
	w.noteSilence(s, parts)
	w.rec.Event(site, "powered-off", "%v", parts)
	w.reachabilityChanged()
}

// hostsOf returns the hosts that play the given parts of a site.
func hostsOf(s *scenario.Site, parts []fault.Part) []string {
	var out []string
	if s.Controller != nil && slices.Contains(parts, fault.Controller) {
		out = append(out, controllerHost(s))
	}
	if s.Engines != nil && slices.Contains(parts, fault.Engines) {
		out = append(out, engineHost(s))
	}
	if slices.Contains(parts, fault.Clusters) {
		for i := range s.Clusters {
			out = append(out, clusterHost(&s.Clusters[i]))
		}
	}
	return out
}

// PowerOn implements fault.World. Controllers start before their engines, which ask them for a configuration, and those
// before the programs of the clusters.
func (w *world) PowerOn(site string, parts []fault.Part) {
	s := w.top.Site(site)
	if parts = w.power.giveBack(site, parts); len(parts) == 0 {
		return
	}
	if slices.Contains(parts, fault.Clusters) {
		for _, c := range s.Clusters {
			w.clusters[c.Name].Restart()
		}
	}
	hosts := hostsOf(s, parts)
	for _, host := range hosts {
		w.switchHost(host, true)
	}
	if c := w.controllers[site]; c != nil {
		if slices.Contains(parts, fault.Controller) {
			c.PowerOn()
		}
		if slices.Contains(parts, fault.Engines) {
			for _, e := range c.Engines() {
				e.PowerOn()
			}
		}
	}
	for _, host := range hosts {
		w.programs.start(host)
	}
	w.noteReturn(s, parts)
	w.rec.Event(site, "powered-on", "%v", parts)
	w.reachabilityChanged()
}

// switchHost switches a host of the topology, which exists.
func (w *world) switchHost(host string, on bool) {
	change := w.net.PowerOff
	if on {
		change = w.net.PowerOn
	}
	if err := change(host); err != nil {
		panic(err)
	}
}

// reachabilityChanged lets health checks and the truth look again.
func (w *world) reachabilityChanged() {
	w.prober.notify(zeroAddr)
	w.truth.look()
}

// EnableVirtualService implements fault.World. The administrator works in the background.
//
// A virtual service that several faults disable is enabled when the last of them is over.
func (w *world) EnableVirtualService(site, host string, enabled bool) {
	s := w.top.Site(site)
	if !w.disabled.change(site+" "+host, !enabled) {
		return
	}
	w.background.Go(func() {
		if err := w.enableVirtualService(w.ctx, s, host, enabled); err != nil {
			w.giveUp("the administrator could not switch the virtual service of %s at %s: %s", host, site, describe(err))
			return
		}
		kind := "vs-disabled"
		if enabled {
			kind = "vs-enabled"
		}
		w.rec.Event(site+"/controller", kind, "%s", host)
	})
}
