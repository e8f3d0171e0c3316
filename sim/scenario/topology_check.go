package scenario

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/gslbsim/gslbsim/sim/strict"
)

// addresses makes sure that no address is given out twice.
type addresses struct {
	f     *strict.File
	owner map[netip.Addr]string
}

func (a *addresses) take(field string, addr netip.Addr, owner string) {
	if !addr.IsValid() {
		a.f.Fail(field, "is missing: an IP address")
		return
	}
	if other := a.owner[addr]; other != "" {
		a.f.Fail(field, "%s is the address of %s already", addr, other)
		return
	}
	a.owner[addr] = owner
}

func (t *Topology) checkSites(c *addresses) {
	f := t.file
	if len(t.Sites) == 0 {
		f.Fail("sites", "there are none")
	}
	if len(t.Sites) > MaxSites {
		f.Fail("sites", "there are %d, at most %d are allowed", len(t.Sites), MaxSites)
	}
	names, clusters := map[string]bool{}, map[string]bool{}
	for i, s := range t.Sites {
		field := fmt.Sprintf("sites[%d]", i)
		unique(f, field+".name", s.Name, names)
		if s.Domain != "" {
			checkDomain(f, field+".domain", s.Domain)
		}
		for j, cl := range s.Clusters {
			at := fmt.Sprintf("%s.clusters[%d]", field, j)
			unique(f, at+".name", cl.Name, clusters)
			c.take(at+".api", cl.API, "cluster "+cl.Name)
		}
		if s.Controller == nil {
			if s.Engines != nil || s.VIPs != nil {
				f.Fail(field, "has engines or VIPs but no controller")
			}
			continue
		}
		t.checkAvi(c, field, s)
	}
}

func (t *Topology) checkAvi(c *addresses, field string, s Site) {
	f := t.file
	c.take(field+".controller.address", s.Controller.Address, "the controller of "+s.Name)
	if s.Controller.Name == "" {
		f.Fail(field+".controller.name", "is missing")
	}
	if s.Engines == nil {
		f.Fail(field+".engines", "is missing: who has a controller has engines")
	} else {
		c.take(field+".engines.address", s.Engines.Address, "the engines of "+s.Name)
		c.take(field+".engines.dns", s.Engines.DNS, "the DNS virtual service of "+s.Name)
		checkDomain(f, field+".engines.name-server", s.Engines.Name)
	}
	if s.VIPs == nil {
		f.Fail(field+".vips", "is missing: the range from which VIPs are handed out")
		return
	}
	v := s.VIPs
	at := field + ".vips"
	if v.Network == "" {
		f.Fail(at+".network", "is missing")
	}
	if !v.Subnet.Contains(v.First) || !v.Subnet.Contains(v.Last) || v.Last.Less(v.First) {
		f.Fail(at, "first and last must lie in subnet, first not after last")
	}
}

func (t *Topology) checkGSLB() {
	f := t.file
	leader := t.Site(t.GSLB.Leader)
	switch {
	case leader == nil:
		f.Fail("gslb.leader", "no such site: %q; known are %v", t.GSLB.Leader, t.siteNames())
	case leader.Controller == nil:
		f.Fail("gslb.leader", "site %s has no controller", leader.Name)
	case leader.Controller.Passive:
		f.Fail("gslb.leader", "site %s is a passive member; a leader is active", leader.Name)
	}
	if len(t.GSLB.Subdomains) == 0 {
		f.Fail("gslb.subdomains", "there are none")
	}
	for i, d := range t.GSLB.Subdomains {
		checkDomain(f, fmt.Sprintf("gslb.subdomains[%d]", i), d)
	}
	if t.GSLB.Password == "" {
		f.Fail("gslb.password", "is missing: that of the controllers' administrator")
	}
	if s := t.GSLB.SendInterval; s < time.Second || s > time.Hour || s%time.Second != 0 {
		f.Fail("gslb.send-interval", "must be whole seconds from 1s to 1h, not %s", s)
	}
}

func (t *Topology) checkParent(c *addresses) {
	f := t.file
	checkDomain(f, "parent.zone", t.Parent.Zone)
	if t.Site(t.Parent.Site) == nil {
		f.Fail("parent.site", "no such site: %q; known are %v", t.Parent.Site, t.siteNames())
	}
	c.take("parent.address", t.Parent.Address, "the parent zone's server")
	for i, d := range t.GSLB.Subdomains {
		if !under(d, t.Parent.Zone) {
			f.Fail(fmt.Sprintf("gslb.subdomains[%d]", i), "%s is not under the parent zone %s", d, t.Parent.Zone)
		}
	}
}

func (t *Topology) checkResolvers(c *addresses) {
	f := t.file
	if len(t.Resolvers) == 0 {
		f.Fail("resolvers", "there are none")
	}
	total, names := 0, map[string]bool{}
	for i, r := range t.Resolvers {
		field := fmt.Sprintf("resolvers[%d]", i)
		unique(f, field+".name", r.Name, names)
		if t.Site(r.Site) == nil {
			f.Fail(field+".site", "no such site: %q; known are %v", r.Site, t.siteNames())
		}
		total += r.Count
		if r.Count < 1 || total > MaxResolvers {
			f.Fail(field+".count", "must be at least 1, and all together at most %d", MaxResolvers)
			return
		}
		for n, addr := 0, r.First; n < r.Count; n, addr = n+1, addr.Next() {
			c.take(field+".first", addr, fmt.Sprintf("resolver %s-%d", r.Name, n+1))
			if !addr.IsValid() {
				break
			}
		}
	}
}

func (t *Topology) checkLinks() {
	f := t.file
	for i, l := range t.Links {
		field := fmt.Sprintf("links[%d]", i)
		if len(l.Between) != 2 {
			f.Fail(field+".between", "must name two sites")
			continue
		}
		for j, name := range l.Between {
			if t.Site(name) == nil {
				f.Fail(fmt.Sprintf("%s.between[%d]", field, j), "no such site: %q; known are %v", name, t.siteNames())
			}
		}
		if l.Latency < 0 || l.Latency > 10*time.Second {
			f.Fail(field+".latency", "must be from 0s to 10s, not %s", l.Latency)
		}
		if l.Jitter < 0 || l.Jitter > 1 {
			f.Fail(field+".jitter", "must be from 0 to 1, not %g", l.Jitter)
		}
		if l.Loss < 0 || l.Loss > 1 {
			f.Fail(field+".loss", "must be from 0 to 1, not %g", l.Loss)
		}
	}
}

// unique reports names that are missing or taken.
func unique(f *strict.File, field, name string, taken map[string]bool) {
	switch {
	case name == "":
		f.Fail(field, "is missing")
	case taken[name]:
		f.Fail(field, "%q is taken", name)
	}
	taken[name] = true
}

// checkDomain reports what is no domain name (RFC 1123, 2.1).
func checkDomain(f *strict.File, field, name string) {
	if !validDomain(name) {
		f.Fail(field, "must be a domain name such as gslb.example.com, not %q", name)
	}
}

func validDomain(name string) bool {
	if name == "" || len(name) > 253 {
		return false
	}
	return !slices.ContainsFunc(strings.Split(name, "."), func(label string) bool {
		return label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' ||
			strings.ContainsFunc(label, func(c rune) bool {
				return !(c == '-' || c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z')
			})
	})
}

// under reports whether a name is the domain or lies below it.
func under(name, domain string) bool {
	return name == domain || strings.HasSuffix(name, "."+domain)
}
