package resolver

import (
	"net/netip"
	"slices"

	mdns "github.com/miekg/dns"
)

// zoneServers are the servers of a zone.
type zoneServers struct {
	name  string // canonical
	addrs []netip.Addr
	hosts []string // name servers whose addresses are not known, canonical
}

func (z *zoneServers) add(addr netip.Addr) {
	if len(z.addrs) < maxZoneServers && !slices.Contains(z.addrs, addr) {
		z.addrs = append(z.addrs, addr)
	}
}

// closestZone finds the deepest zone which a name is in and whose servers are
// known: a stub, or a delegation learned earlier. No servers if there is none.
func (r *Resolver) closestZone(name string, now int64) zoneServers {
	for up := name; ; {
		if addrs := r.stubs[up]; len(addrs) > 0 {
			return zoneServers{name: up, addrs: slices.Clone(addrs)}
		}
		if z := r.delegation(up, now); len(z.addrs) > 0 || len(z.hosts) > 0 {
			return z
		}
		if up == "." {
			return zoneServers{}
		}
		i, end := mdns.NextLabel(up, 0)
		if end {
			up = "."
		} else {
			up = up[i:]
		}
	}
}

// delegation returns a zone's servers from its cached NS records. Name
// servers within the zone count only with their addresses: to look those up
// the zone's servers would have to be asked, so the parent's are instead.
func (r *Resolver) delegation(zone string, now int64) zoneServers {
	z := zoneServers{name: zone}
	node := r.cache.nodes[zone]
	if node == nil {
		return z
	}
	set := node.find(mdns.TypeNS, records, netip.Prefix{})
	if !set.usable(now, 0) || set.content != records {
		return z
	}
	for _, rr := range set.rrs {
		host := canonicalName(rr.(*mdns.NS).Ns)
		known := len(z.addrs)
		for _, addr := range r.hostAddrs(host, now) {
			z.add(addr)
		}
		if len(z.addrs) == known && !mdns.IsSubDomain(zone, host) && len(z.hosts) < maxHostLookups {
			z.hosts = append(z.hosts, host)
		}
	}
	return z
}

// hostAddrs are the addresses the cache has for a name server.
func (r *Resolver) hostAddrs(host string, now int64) []netip.Addr {
	node := r.cache.nodes[host]
	if node == nil {
		return nil
	}
	var addrs []netip.Addr
	for _, rrtype := range [...]uint16{mdns.TypeA, mdns.TypeAAAA} {
		if set := node.find(rrtype, records, netip.Prefix{}); set.usable(now, 0) {
			addrs = append(addrs, set.addrs...)
		}
	}
	return addrs
}
