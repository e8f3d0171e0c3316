package scenario

import (
	"fmt"
	"slices"
	"strings"

	networkingv1 "k8s.io/api/networking/v1"

	akov1beta1 "github.com/gslbsim/gslbsim/operator/api/ako/v1beta1"
	"github.com/gslbsim/gslbsim/sim/strict"
)

// AliasesOf returns the aliases that lead to a host name, directly or through others, sorted.
func (s *Scenario) AliasesOf(host string) []string {
	var out []string
	for _, a := range s.Aliases {
		if target, ok := s.follow(a.Name); ok && target == host {
			out = append(out, a.Name)
		}
	}
	slices.Sort(out)
	return out
}

// follow returns where aliases lead from a name: the name itself if it is none. It reports false if they lead in a circle.
func (s *Scenario) follow(name string) (target string, ends bool) {
	for range len(s.Aliases) + 1 {
		i := slices.IndexFunc(s.Aliases, func(a Alias) bool { return a.Name == name })
		if i < 0 {
			return name, true
		}
		name = s.Aliases[i].To
	}
	return name, false
}

func (s *Scenario) checkAliases() {
	f, names := s.file, map[string]bool{}
	for i, a := range s.Aliases {
		field := fmt.Sprintf("aliases[%d]", i)
		checkTTL(f, field+".ttl", a.TTL)
		unique(f, field+".name", a.Name, names)
		if checkDomain(f, field+".name", a.Name) {
			s.checkAliasName(field+".name", a.Name)
		}
		if !checkDomain(f, field+".to", a.To) {
			continue
		}
		if target, ends := s.follow(a.Name); !ends {
			f.Fail(field+".to", "%s leads back to itself", a.Name)
		} else if target == a.To {
			s.checkServed(field+".to", a.To)
		}
	}
}

// checkAliasName reports names that the parent zone cannot hold a CNAME for.
func (s *Scenario) checkAliasName(field, name string) {
	t := s.World
	delegated := append(slices.Clone(t.GSLB.Subdomains), t.domains()...)
	within := slices.IndexFunc(delegated, func(d string) bool { return under(name, d) })
	switch {
	case !under(name, t.Parent.Zone):
		s.file.Fail(field, "%s is not in the parent zone %s", name, t.Parent.Zone)
	case name == t.Parent.Zone:
		s.file.Fail(field, "%s is the parent zone itself, which has other records", name)
	case within >= 0:
		s.file.Fail(field, "%s lies in %s, which the parent zone delegates", name, delegated[within])
	case slices.ContainsFunc(t.GSLBSites(), func(site *Site) bool { return site.Engines.Name == name }):
		s.file.Fail(field, "%s is a name server", name)
	}
}

// domains returns the domains of the sites' own.
func (t *Topology) domains() []string {
	var out []string
	for _, site := range t.GSLBSites() {
		if site.Domain != "" {
			out = append(out, site.Domain)
		}
	}
	return out
}

// checkServed reports a host name that nothing of the scenario serves.
func (s *Scenario) checkServed(field, name string) {
	known := s.served()
	if s.incomplete || slices.Contains(known, name) {
		return
	}
	hint := "known are " + strings.Join(known, ", ")
	if near := strict.Nearest(name, known); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	if len(known) == 0 {
		hint = "no manifest has an Ingress with a host"
	}
	s.file.Fail(field, "nobody serves %s (%s)", name, hint)
}

// served returns the host names of all Ingresses, the global names that HostRules give them, and the aliases.
func (s *Scenario) served() []string {
	var out []string
	for _, o := range s.Objects {
		switch object := o.Typed.(type) {
		case *networkingv1.Ingress:
			out = append(out, hostsOf(object)...)
		case *akov1beta1.HostRule:
			out = append(out, object.Spec.VirtualHost.Gslb.Fqdn)
		}
	}
	for _, a := range s.Aliases {
		out = append(out, a.Name)
	}
	slices.Sort(out)
	return slices.DeleteFunc(slices.Compact(out), func(name string) bool { return name == "" })
}

func hostsOf(ing *networkingv1.Ingress) []string {
	var out []string
	for _, rule := range ing.Spec.Rules {
		out = append(out, rule.Host)
	}
	return out
}

// hostsBySite returns the host names of the Ingresses in each site's clusters, sorted.
func (s *Scenario) hostsBySite() map[string][]string {
	out := map[string][]string{}
	for _, site := range s.World.Sites {
		out[site.Name] = []string{}
	}
	for _, o := range s.Objects {
		ing, ok := o.Typed.(*networkingv1.Ingress)
		_, site := s.World.Cluster(o.Cluster)
		if ok && site != nil {
			out[site.Name] = append(out[site.Name], hostsOf(ing)...)
		}
	}
	for site := range out {
		slices.Sort(out[site])
		out[site] = slices.Compact(out[site])
	}
	return out
}
