package check

import (
	"slices"

	"github.com/gslbsim/gslbsim/sim/result"
)

// services are the GSLB services that a promise is about. Answers for other names prove nothing about them.
type services []result.Service

// named returns the service with this name.
func (of services) named(name string) (result.Service, bool) {
	i := slices.IndexFunc(of, func(s result.Service) bool { return s.Name == name })
	if i < 0 {
		return result.Service{}, false
	}
	return of[i], true
}

// lookup returns the services that a host name leads to: one by its own name or an alias. The empty name leads to all.
func lookup(r *result.Result, host string) services {
	if host == "" {
		return r.Services
	}
	var out services
	for _, s := range r.Services {
		if s.Name == host || slices.Contains(s.Aliases, host) {
			out = append(out, s)
		}
	}
	return out
}

// touched returns the services that a change may concern: that of its host name, else those with a member at its site;
// all, if there are none.
func touched(r *result.Result, c change) services {
	var out services
	for _, s := range lookup(r, c.fault.Host) {
		if slices.ContainsFunc(s.Members, func(m result.Member) bool { return m.Site == c.fault.Site }) {
			out = append(out, s)
		}
	}
	if len(out) == 0 {
		return r.Services
	}
	return out
}

// names returns the host names that lead to the services.
func (of services) names() map[string]bool {
	out := map[string]bool{}
	for _, s := range of {
		out[s.Name] = true
		for _, a := range s.Aliases {
			out[a] = true
		}
	}
	return out
}

// answers returns those of the answers that are for the services, in their order.
func (of services) answers(all []result.Answer) []result.Answer {
	names := of.names()
	foreign := func(a result.Answer) bool { return !names[a.Name] }
	if !slices.ContainsFunc(all, foreign) {
		return all
	}
	return slices.DeleteFunc(slices.Clone(all), foreign)
}

// byName finds the services of a run by all the names that lead to them.
func byName(r *result.Result) map[string]*result.Service {
	out := map[string]*result.Service{}
	for i := range r.Services {
		for name := range services(r.Services[i : i+1]).names() {
			out[name] = &r.Services[i]
		}
	}
	return out
}
