package policy

import (
	"cmp"
	"slices"
	"strings"

	"github.com/gslbsim/gslbsim/operator/ingest"
	"github.com/gslbsim/gslbsim/operator/model"
)

// monitors decides how a service is probed: the monitors that the operator makes for it, the names of all that are
// attached, and how many must be up for a member to be up. The controllers' own view of a member counts as one monitor.
//
// UNCONFIRMED is the controller's arithmetic; the numbers are AMKO's: with monitors made for paths, the controllers' view
// and one of them; with users' monitors, all of them. AMKO sets the latter on one pool only; it holds for all.
func (p *Policy) monitors(key model.Key, s Settings, candidates []ingest.Candidate) (made []model.Monitor, attached []string, needed uint32) {
	switch {
	case s.ControlPlaneOnly != nil && *s.ControlPlaneOnly:
		return nil, nil, 1
	case len(s.MonitorRefs) > 0:
		return nil, s.MonitorRefs, uint32(len(s.MonitorRefs)) + 1 // at most model.MaxMonitors
	}
	made = p.made(key, s.Template, candidates)
	for _, m := range made {
		attached = append(attached, m.Key.Name)
	}
	slices.Sort(attached)
	return made, attached, 2
}

// made are the monitors that the operator makes for a service: one for each path if any member has paths, else one for the
// smallest port of its layer-4 members, else, if TLS is passed through, the one that all such services share. Third-party
// members tell nothing about how to probe them; a service of these alone is probed at "/".
func (p *Policy) made(key model.Key, template *Template, candidates []ingest.Candidate) []model.Monitor {
	var paths []string
	var tls, passthrough bool
	var l4 *ingest.Candidate
	for i, c := range candidates {
		paths = append(paths, c.Paths...)
		tls = tls || c.TLS
		passthrough = passthrough || c.Passthrough
		if c.Port != 0 && (l4 == nil || probedBefore(c, *l4)) {
			l4 = &candidates[i]
		}
	}
	switch {
	case len(paths) > 0:
	case l4 != nil:
		return []model.Monitor{model.PortMonitor(key, p.CreatedBy, l4.Probe, l4.Port)}
	case passthrough:
		return []model.Monitor{model.PassthroughMonitor(key.Tenant, p.CreatedBy)}
	default:
		paths = []string{"/"}
	}
	made := make([]model.Monitor, 0, model.MaxMonitors)
	port := webPort(candidates, tls)
	for _, path := range probedPaths(paths) {
		// One member with TLS makes all be probed with it: the site serves it, wherever the other members redirect to.
		m := model.PathMonitor(key, p.CreatedBy, path, tls)
		if port != 0 {
			m.Port = port
		}
		if template != nil {
			m = m.FromTemplate(template.Name, template.Request, template.Codes)
		}
		made = append(made, m)
	}
	return made
}

// webPort is the unusual port that paths are probed on, 0 for the usual one. A monitor has one port for all members: it is
// unusual only if it is for all that are served the way that is probed.
func webPort(candidates []ingest.Candidate, tls bool) uint32 {
	var port uint32
	first := true
	for _, c := range candidates {
		if len(c.Paths) == 0 || c.TLS != tls {
			continue
		}
		if !first && c.WebPort != port {
			return 0
		}
		port, first = c.WebPort, false
	}
	return port
}

// probedBefore orders layer-4 members by port; of two protocols on one port TCP is probed.
func probedBefore(a, b ingest.Candidate) bool {
	return cmp.Or(cmp.Compare(a.Port, b.Port), cmp.Compare(a.Probe, b.Probe)) < 0
}

// probedPaths are the paths that get a monitor, sorted. The controller takes at most six monitors, and refuses a service
// with more (AMKO sends one for each path, and drops the service then). Of more paths the six shallowest are probed: a path
// stands for those below it, and one up monitor is enough for a member to be up anyway.
func probedPaths(paths []string) []string {
	paths = unique(paths)
	if len(paths) > model.MaxMonitors {
		slices.SortFunc(paths, func(a, b string) int {
			return cmp.Or(cmp.Compare(depth(a), depth(b)), cmp.Compare(a, b))
		})
		paths = slices.Sorted(slices.Values(paths[:model.MaxMonitors]))
	}
	return paths
}

// depth is the number of segments of a path; "/" has none.
func depth(path string) int {
	return len(strings.FieldsFunc(path, func(r rune) bool { return r == '/' }))
}
