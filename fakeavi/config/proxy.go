package config

import (
	"net/netip"
	"slices"
)

// readProxies reads hm_proxies of all sites. A proxy is named by the uuid of its cluster or of its site; one that is no enabled active
// site is ignored, as it checks nothing (that the product does so is unconfirmed).
func (g *Gslb) readProxies(f fields) {
	clusters := map[string]string{}
	for i, s := range f.messages("sites") {
		if site := g.Sites[i]; site.Active && site.Enabled {
			clusters[site.Cluster] = site.Cluster
			if id := s.text("uuid"); id != "" {
				clusters[id] = site.Cluster
			}
		}
	}
	read := func(s fields) (out []Proxy) {
		for _, p := range s.messages("hm_proxies") {
			if cluster, ok := clusters[p.text("site_uuid")]; ok {
				out = append(out, Proxy{Cluster: cluster, Private: p.text("proxy_type") != "GSLB_HEALTH_MONITOR_PROXY_ALL_MEMBERS"})
			}
		}
		return out
	}
	for i, s := range f.messages("sites") {
		g.Sites[i].Proxies = read(s)
	}
	for i, s := range f.messages("third_party_sites") {
		g.Third[i].Proxies = read(s)
	}
}

// proxiesFor returns the clusters that check a member on behalf of all sites; none: every active site checks it. That a private member
// is one with an address of a private network is unconfirmed.
func proxiesFor(proxies []Proxy, addr netip.Addr) []string {
	var out []string
	for _, p := range proxies {
		if (!p.Private || addr.IsPrivate()) && !slices.Contains(out, p.Cluster) {
			out = append(out, p.Cluster)
		}
	}
	return out
}
