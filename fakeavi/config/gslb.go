package config

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/gslbsim/gslbsim/dns"
)

// Gslb is a gslb object: the federation as one of its sites knows it.
type Gslb struct {
	UUID   string
	Leader string // uuid of the cluster that leads
	ViewID uint64
	Sites  []Site
	Third  []ThirdPartySite
	// Domains are the subdomains that FQDNs of GSLB services must belong to.
	Domains []string

	SendInterval    time.Duration // between contacts of two sites
	AsyncInterval   time.Duration // by which a change is held back, 0-5 s
	ErrorResync     time.Duration // between attempts at objects that failed; 0: never
	ClearAfter      int           // contacts that fail until a site counts as new
	Maintenance     bool
	ConfigByMembers bool
	Replication     Replication
	LeaderChange    LeaderChange
	Clients         *dns.ClientGroup
}

// Site is a site with an Avi controller.
type Site struct {
	Name, Cluster      string
	Addrs              []netip.Addr
	Username, Password string
	Active             bool // else passive: it only hosts VIPs
	Enabled            bool
	Suspended          bool
	Placements         []Placement
	Ratio              int // 0: none
	Location           *dns.Location
	FromGeoDB          bool
	// Replication is the site's own policy, or the federation's.
	Replication Replication
	Proxies     []Proxy
	// Sharded: the engines of the site that host GSLB services share the checks among them.
	Sharded bool
}

// Proxy is a site that checks the members of another one on behalf of all.
type Proxy struct {
	Cluster string // uuid
	Private bool   // only members with private addresses
}

// Placement says which GSLB services a DNS virtual service hosts.
type Placement struct {
	DNS     string   // uuid of the virtual service
	Domains []string // none: all
}

// ThirdPartySite is a site without an Avi controller.
type ThirdPartySite struct {
	Name, Cluster string
	Enabled       bool
	Ratio         int
	Location      *dns.Location
	FromGeoDB     bool
	Proxies       []Proxy
}

// Replication says how far a site follows its leader.
type Replication struct {
	// Manual: only up to a checkpoint. The adaptive mode of the product is taken for continuous.
	Manual     bool
	Checkpoint string // uuid; empty: none is chosen
}

// LeaderChange says whether a follower may take over by itself.
type LeaderChange struct {
	Auto          bool
	Candidate     string // cluster uuid
	ProbeInterval time.Duration
	MaxProbes     int // that fail until the leader is held to be down
}

// MaintenanceSendInterval is the send interval of a federation in maintenance mode.
const MaintenanceSendInterval = 1800 * time.Second

// ReadGslb reads the body of a gslb object.
func ReadGslb(body map[string]any) Gslb {
	f := fields(body)
	g := Gslb{
		UUID: f.text("uuid"), Leader: f.text("leader_cluster_uuid"), ViewID: uint64(max(0, f.number("view_id", 0))),
		SendInterval:    seconds(f.number("send_interval", 15)),
		AsyncInterval:   seconds(f.number("async_interval", 0)),
		ErrorResync:     seconds(f.number("error_resync_interval", 300)),
		ClearAfter:      f.number("clear_on_max_retries", 20),
		Maintenance:     f.flag("maintenance_mode", false),
		ConfigByMembers: f.flag("enable_config_by_members", false),
		Replication:     readReplication(f.message("replication_policy")),
		LeaderChange:    readLeaderChange(f),
		Clients:         readClients(f.message("client_ip_addr_group")),
	}
	for _, d := range f.messages("dns_configs") {
		g.Domains = append(g.Domains, d.text("domain_name"))
	}
	for _, s := range f.messages("sites") {
		g.Sites = append(g.Sites, readSite(s, g.Replication))
	}
	for _, s := range f.messages("third_party_sites") {
		g.Third = append(g.Third, readThirdPartySite(s))
	}
	g.readProxies(f)
	return g
}

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }

func readReplication(f fields) Replication {
	r := Replication{
		Manual: f.text("replication_mode") == "REPLICATION_MODE_MANUAL", Checkpoint: f.text("checkpoint_uuid"),
	}
	if r.Checkpoint == "" {
		r.Checkpoint = uuidOf(f.text("checkpoint_ref"))
	}
	return r
}

func readLeaderChange(f fields) LeaderChange {
	info := f.message("leader_change_info")
	c := LeaderChange{
		Auto:          info.flag("enabled", true) && info.text("leader_change_mode") == "GSLB_LC_MODE_AUTO",
		ProbeInterval: seconds(f.number("short_probe_interval", 30)),
		MaxProbes:     info.number("max_unsuccessful_probes", 15),
	}
	if candidates := info.messages("leader_candidates"); len(candidates) > 0 {
		c.Candidate = candidates[0].text("cluster_id")
	}
	return c
}

func readSite(f fields, common Replication) Site {
	s := Site{
		Name: f.text("name"), Cluster: f.text("cluster_uuid"),
		Username: f.text("username"), Password: f.text("password"),
		Active:    f.text("member_type") == "GSLB_ACTIVE_MEMBER",
		Enabled:   f.flag("enabled", true),
		Suspended: f.flag("suspend_mode", false),
		Ratio:     f.number("ratio", 0),
		Sharded:   f.flag("hm_shard_enabled", false),
	}
	s.Replication = common
	if own := f.message("replication_policy"); own.text("replication_mode") != "" {
		s.Replication = readReplication(own)
	}
	for _, ip := range f.messages("ip_addresses") {
		if a, err := netip.ParseAddr(ip.text("addr")); err == nil {
			s.Addrs = append(s.Addrs, a)
		}
	}
	if a, err := netip.ParseAddr(f.text("address")); err == nil && len(s.Addrs) == 0 {
		s.Addrs = append(s.Addrs, a)
	}
	for _, d := range f.messages("dns_vses") {
		s.Placements = append(s.Placements, Placement{DNS: d.text("dns_vs_uuid"), Domains: d.texts("domain_names")})
	}
	s.Location, s.FromGeoDB = readLocation(f.message("location"), nil, false)
	return s
}

func readThirdPartySite(f fields) ThirdPartySite {
	s := ThirdPartySite{
		Name: f.text("name"), Cluster: f.text("cluster_uuid"), Enabled: f.flag("enabled", true), Ratio: f.number("ratio", 0),
	}
	s.Location, s.FromGeoDB = readLocation(f.message("location"), nil, false)
	return s
}

// readLocation reads a GslbGeoLocation; a member's may refer to its site's.
func readLocation(f fields, site *dns.Location, siteFromDB bool) (at *dns.Location, fromDB bool) {
	switch f.text("source") {
	case "GSLB_LOCATION_SRC_USER_CONFIGURED":
		l := f.message("location")
		return &dns.Location{
			Latitude: l.real("latitude"), Longitude: l.real("longitude"), Name: l.text("name"), Tag: l.text("tag"),
		}, false
	case "GSLB_LOCATION_SRC_FROM_GEODB":
		return nil, true
	default:
		// INHERIT_FROM_SITE. That a member without any location inherits as well is unconfirmed.
		return site, siteFromDB
	}
}

func readClients(f fields) *dns.ClientGroup {
	if f == nil {
		return nil
	}
	g := &dns.ClientGroup{}
	if f.text("type") == "GSLB_IP_PRIVATE" {
		g.Kind = dns.ListsPrivate
	}
	for _, a := range f.messages("addrs") {
		if addr, err := netip.ParseAddr(a.text("addr")); err == nil {
			g.Prefixes = append(g.Prefixes, netip.PrefixFrom(addr, addr.BitLen()))
		}
	}
	for _, p := range f.messages("prefixes") {
		if prefix := p.prefix(); prefix.IsValid() {
			g.Prefixes = append(g.Prefixes, prefix)
		}
	}
	for _, r := range f.messages("ranges") {
		prefixes, err := dns.RangePrefixes(r.addr("begin"), r.addr("end"))
		if err == nil {
			g.Prefixes = append(g.Prefixes, prefixes...)
		}
	}
	return g
}

// Site returns the site of a cluster.
func (g *Gslb) Site(cluster string) (Site, bool) {
	i := slices.IndexFunc(g.Sites, func(s Site) bool { return s.Cluster == cluster })
	if i < 0 {
		return Site{}, false
	}
	return g.Sites[i], true
}

// InDomains reports whether an FQDN belongs to one of the federation's subdomains. Without any, none is refused.
func (g *Gslb) InDomains(fqdn string) bool {
	fqdn = strings.ToLower(strings.TrimSuffix(fqdn, "."))
	return len(g.Domains) == 0 || slices.ContainsFunc(g.Domains, func(d string) bool {
		d = strings.ToLower(strings.Trim(d, "."))
		return fqdn == d || strings.HasSuffix(fqdn, "."+d)
	})
}
