package scenario

import (
	"fmt"
	"net/netip"
	"regexp"
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

// take gives an address out, and reports whether it could.
func (a *addresses) take(field string, addr netip.Addr, owner string) bool {
	if !addr.IsValid() {
		a.f.Fail(field, "is missing: an IP address")
		return false
	}
	if other := a.owner[addr]; other != "" {
		a.f.Fail(field, "%s is the address of %s already", addr, other)
		return false
	}
	a.owner[addr] = owner
	return true
}

func (t *Topology) checkSites(c *addresses) {
	f := t.file
	if len(t.Sites) == 0 {
		f.Fail("sites", "there are none")
	}
	if len(t.Sites) > MaxSites {
		f.Fail("sites", "there are %d, at most %d are allowed", len(t.Sites), MaxSites)
	}
	names, clusters, controllers := map[string]bool{}, map[string]bool{}, map[string]bool{}
	domains := map[string]bool{}
	for i, s := range t.Sites {
		field := fmt.Sprintf("sites[%d]", i)
		unique(f, field+".name", s.Name, names)
		if s.Domain != "" {
			t.checkSiteDomain(field+".domain", s.Domain, domains)
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
		unique(f, field+".controller.name", s.Controller.Name, controllers)
		t.checkAvi(c, field, s)
	}
	t.checkNameServers()
}

// checkSiteDomain reports a site's own domain that the parent zone could not delegate.
func (t *Topology) checkSiteDomain(field, domain string, taken map[string]bool) {
	checkDomain(t.file, field, domain)
	unique(t.file, field, domain, taken)
	switch {
	case domain == t.Parent.Zone || t.outside(domain):
		t.file.Fail(field, "%s is not below the parent zone %s", domain, t.Parent.Zone)
	case slices.ContainsFunc(t.GSLB.Subdomains, func(d string) bool { return d != t.Parent.Zone && under(domain, d) }):
		t.file.Fail(field, "%s belongs to the GSLB subdomains already", domain)
	}
}

// checkNameServers reports names that the parent zone cannot give an address.
func (t *Topology) checkNameServers() {
	names := map[string]bool{}
	for i, s := range t.Sites {
		if s.Controller == nil || s.Engines == nil {
			continue
		}
		field := fmt.Sprintf("sites[%d].engines.name-server", i)
		unique(t.file, field, s.Engines.Name, names)
		if t.outside(s.Engines.Name) {
			t.file.Fail(field, "%s is not in the parent zone %s, so that no resolver finds its address", s.Engines.Name, t.Parent.Zone)
		}
	}
}

func (t *Topology) checkAvi(c *addresses, field string, s Site) {
	f := t.file
	c.take(field+".controller.address", s.Controller.Address, "the controller of "+s.Name)
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
	switch {
	case !v.First.Is4() || !v.Last.Is4():
		f.Fail(at, "first and last must be IPv4 addresses: only these are handed out")
	case !v.Subnet.Contains(v.First) || !v.Subnet.Contains(v.Last) || v.Last.Less(v.First):
		f.Fail(at, "first and last must lie in subnet, first not after last")
	default:
		c.takeRange(at, v.First, v.Last, s.Name)
	}
}

// takeRange gives a range of addresses to a site's VIPs. Its DNS virtual service may lie in it.
func (a *addresses) takeRange(field string, first, last netip.Addr, site string) {
	own, n := "the DNS virtual service of "+site, 0
	for addr := first; !last.Less(addr); addr = addr.Next() {
		if n++; n > MaxVIPs {
			a.f.Fail(field, "are more than %d addresses from %s to %s: choose a smaller range", MaxVIPs, first, last)
			return
		}
		if other := a.owner[addr]; other != "" && other != own {
			a.f.Fail(field, "%s is the address of %s already: choose another range", addr, other)
			return
		}
		if a.owner[addr] == "" {
			a.owner[addr] = "a VIP of " + site
		}
	}
}

// versionForm is how versions of the controllers' API are written.
var versionForm = regexp.MustCompile(`^[0-9]+\.[0-9]+\.[0-9]+$`)

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
	names := map[string]bool{}
	for i, d := range t.GSLB.Subdomains {
		field := fmt.Sprintf("gslb.subdomains[%d]", i)
		checkDomain(f, field, d)
		unique(f, field, d, names)
	}
	if !versionForm.MatchString(t.GSLB.Version) {
		f.Fail("gslb.version", "must be of the form 31.1.1, not %q", t.GSLB.Version)
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
		if d == t.Parent.Zone || t.outside(d) {
			f.Fail(fmt.Sprintf("gslb.subdomains[%d]", i), "%s is not under the parent zone %s", d, t.Parent.Zone)
		}
	}
	checkTTL(f, "parent.ttl", t.Parent.TTL)
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
			if n > 0 && !addr.IsValid() {
				f.Fail(field+".first", "there are no %d addresses from %s on", r.Count, r.First)
			} else if c.take(field+".first", addr, fmt.Sprintf("resolver %s-%d", r.Name, n+1)) {
				continue
			}
			break
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

// checkTTL reports what a DNS server refuses as a TTL.
func checkTTL(f *strict.File, field string, ttl time.Duration) {
	if ttl < 0 || ttl > 24*time.Hour || ttl%time.Second != 0 {
		f.Fail(field, "must be whole seconds up to 24h, not %s", ttl)
	}
}

// checkDomain reports what is no domain name, and whether it is one (RFC 1123, 2.1).
func checkDomain(f *strict.File, field, name string) (ok bool) {
	switch {
	case validDomain(name):
		return true
	case validDomain(strings.TrimSuffix(strings.ToLower(name), ".")):
		f.Fail(field, "must be written in lower case and without a final dot: %s, not %q", strings.TrimSuffix(strings.ToLower(name), "."), name)
	default:
		f.Fail(field, "must be a domain name such as gslb.example.com, not %q", name)
	}
	return false
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

// outside reports whether a name is not in the parent zone, if that has a name.
func (t *Topology) outside(name string) bool {
	return validDomain(t.Parent.Zone) && !under(name, t.Parent.Zone)
}

// under reports whether a name is the domain or lies below it.
func under(name, domain string) bool {
	return name == domain || strings.HasSuffix(name, "."+domain)
}
