package ingest

import (
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/gslbsim/gslbsim/operator/model"
)

// Silence is what is known where a service is looked at of which some members' clusters cannot be asked.
type Silence struct {
	// Clusters are those that have not been read since the operator started.
	Clusters map[string]bool
	// Controllers are the controllers that the candidates of the other clusters are of.
	Controllers map[string]bool
}

// Held reads back, from a service as the controller holds it, the candidates of clusters that cannot be asked. While a
// cluster's API server is away its load balancers still serve; taking their members out would turn an outage of the control
// plane into one of the applications.
//
// known are the candidates that other clusters have for the service, thirdParty addresses that a policy gives it, monitors
// those attached to it.
//
// The controller does not say which cluster a member comes from. If there are as many members as objects in the service's
// description, in one pool, then they stand in the same order. Otherwise a member is taken to be a silent cluster's if no
// known cluster and no policy accounts for it; if some of these are of a controller that no known cluster uses, only they
// are: the others are left over. In doubt a member is kept; it goes when its cluster is back.
func Held(s model.StoredService, monitors []model.StoredMonitor, silence Silence, known []Candidate, thirdParty map[netip.Addr]bool) []Candidate {
	explained := maps.Clone(thirdParty)
	if explained == nil {
		explained = map[netip.Addr]bool{}
	}
	for _, c := range known {
		explained[c.VIP] = true
	}
	var held []Candidate
	for i, m := range silence.members(s, explained) {
		sources := slices.DeleteFunc(slices.Clone(s.Sources), func(src model.Source) bool { return !silence.Clusters[src.Cluster] })
		c := Candidate{
			// If there are fewer objects than members, the last one stands for the rest.
			Source: sources[min(i, len(sources)-1)], VIP: m.VIP, VirtualService: m.VirtualService, Controller: m.Controller,
			Tenant: s.Key.Tenant, Held: true,
		}
		if c.Host == "" {
			c.Host = s.Key.Name
		}
		held = append(held, c.probedBy(monitors))
	}
	return held
}

// members are the members of silent clusters, in order; none if no object of these clusters is behind the service.
func (s Silence) members(service model.StoredService, explained map[netip.Addr]bool) []model.StoredMember {
	if !slices.ContainsFunc(service.Sources, func(src model.Source) bool { return s.Clusters[src.Cluster] }) {
		return nil
	}
	var left, elsewhere []model.StoredMember
	inOrder := len(service.Members) == len(service.Sources) &&
		!slices.ContainsFunc(service.Members, func(m model.StoredMember) bool { return m.Priority != service.Members[0].Priority })
	for i, m := range service.Members {
		if explained[m.VIP] || inOrder && !s.Clusters[service.Sources[i].Cluster] {
			continue
		}
		left = append(left, m)
		if m.Controller != "" && !s.Controllers[m.Controller] {
			elsewhere = append(elsewhere, m)
		}
	}
	if inOrder || len(elsewhere) == 0 {
		return left
	}
	return elsewhere
}

// probedBy fills in how the candidate is probed, so that the service keeps the monitors it has.
func (c Candidate) probedBy(monitors []model.StoredMonitor) Candidate {
	for _, m := range monitors {
		switch {
		case m.Path != "":
			c.Paths = append(c.Paths, m.Path)
			c.TLS = c.TLS || m.Probe == model.ProbeHTTPS
		case m.Service != "":
			c.Probe, c.Port = m.Probe, m.Port
		case strings.Contains(m.Key.Name, "passthrough"):
			c.Passthrough = true
		}
	}
	return c
}
