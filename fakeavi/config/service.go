package config

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/gslbsim/gslbsim/dns"
	"github.com/gslbsim/gslbsim/fakeavi/engine"
	"github.com/gslbsim/gslbsim/fakeavi/health"
)

// Object is a stored object.
type Object struct {
	UUID, Name, Tenant string
	Revision           int64 // another one after every edit
	Body               map[string]any
}

// Lookup finds the object of a stored reference, /api/<type>/<uuid>.
type Lookup func(ref string) (Object, bool)

// ReadService says what engines of the site with the cluster uuid self must do about a gslbservice object. Monitors that cannot be found or understood are left
// out; warnings name them.
func ReadService(o Object, g *Gslb, self string, monitors Lookup) (svc *engine.Service, warnings []string) {
	f := fields(o.Body)
	r := serviceReader{gslb: g, self: self, f: f, control: f.flag("controller_health_status_enabled", true)}
	r.onlyNonAvi = f.text("health_monitor_scope") == "GSLB_SERVICE_HEALTH_MONITOR_ONLY_NON_AVI_MEMBERS"
	r.readMonitors(monitors)
	svc = &engine.Service{Revision: o.Revision, DNS: r.answer(o)}
	for _, group := range f.messages("groups") {
		pool, more := r.pool(group)
		svc.DNS.Pools = append(svc.DNS.Pools, pool)
		svc.Pools = append(svc.Pools, more)
	}
	return svc, r.warnings
}

type serviceReader struct {
	gslb       *Gslb
	self       string
	f          fields
	control    bool
	onlyNonAvi bool
	monitors   []Monitor
	warnings   []string
}

func (r *serviceReader) readMonitors(find Lookup) {
	if r.f.flag("hm_off", false) {
		return
	}
	for _, ref := range r.f.texts("health_monitor_refs") {
		o, ok := find(ref)
		if !ok {
			r.warnings = append(r.warnings, fmt.Sprintf("health monitor %s does not exist here", uuidOf(ref)))
			continue
		}
		m, err := ReadMonitor(o.Body)
		if err != nil {
			r.warnings = append(r.warnings, err.Error())
			continue
		}
		r.monitors = append(r.monitors, m)
	}
}

func (r *serviceReader) answer(o Object) dns.Service {
	f := r.f
	s := dns.Service{
		UUID: o.UUID, Name: o.Name, Tenant: o.Tenant, Domains: f.texts("domain_names"), Enabled: f.flag("enabled", true),
		MinMembers: f.number("min_members", 0), Wildcard: f.flag("wildcard_match", false),
		ResolveCNAME: f.flag("resolve_cname", false), UseECS: f.flag("use_edns_client_subnet", true),
		AdditionalRecords: f.flag("include_additional_records", false),
		TopologyEnabled:   f.flag("topology_policy_enabled", false),
		Down:              readDownResponse(f.message("down_response")),
	}
	if f.text("pool_algorithm") == "GSLB_SERVICE_ALGORITHM_GEO" {
		s.PoolAlgorithm = dns.PoolsByGeo
	}
	if f.text("record_type") == "GSLB_SERVICE_RECORD_TYPE_SRV" {
		s.RecordType = dns.SRVRecords
	}
	if ttl, ok := f.optional("ttl"); ok {
		seconds := uint32(ttl)
		s.TTL = &seconds
	}
	if n, ok := f.optional("num_dns_ip"); ok {
		s.NumIPs = &n
	}
	return s
}

func readDownResponse(f fields) dns.DownResponse {
	types := map[string]dns.DownType{
		"GSLB_SERVICE_DOWN_RESPONSE_ALL_RECORDS": dns.DownAllRecords,
		"GSLB_SERVICE_DOWN_RESPONSE_FALLBACK_IP": dns.DownFallbackIP,
		"GSLB_SERVICE_DOWN_RESPONSE_EMPTY":       dns.DownEmpty,
		"GSLB_SERVICE_DOWN_RESPONSE_CNAME":       dns.DownCNAME,
	}
	return dns.DownResponse{
		Type: types[f.text("type")], FallbackIP: f.addr("fallback_ip"), FallbackIP6: f.addr("fallback_ip6"),
		PublicFallbackIP: f.addr("public_fallback_ip"), PublicFallbackIP6: f.addr("public_fallback_ip6"),
		FallbackCNAME: f.text("fallback_cname"),
	}
}

// algorithms maps the API's words; an empty fallback is round robin.
var algorithms = map[string]dns.Algorithm{
	"GSLB_ALGORITHM_ROUND_ROBIN":      dns.RoundRobin,
	"GSLB_ALGORITHM_CONSISTENT_HASH":  dns.ConsistentHash,
	"GSLB_ALGORITHM_GEO":              dns.Geo,
	"GSLB_ALGORITHM_TOPOLOGY":         dns.Topology,
	"GSLB_ALGORITHM_PREFERENCE_ORDER": dns.PreferenceOrder,
}

func (r *serviceReader) pool(f fields) (dns.Pool, engine.ServicePool) {
	pool := dns.Pool{
		Name: f.text("name"), Priority: f.number("priority", 10), Enabled: f.flag("enabled", true),
		Algorithm: algorithms[f.text("algorithm")], Fallback: algorithms[f.text("fallback_algorithm")],
		HashMask: f.number("consistent_hash_mask", 0), HashMask6: f.number("consistent_hash_mask6", 0),
	}
	switch f.text("gslb_pool_type") {
	case "GSLB_POOL_TYPE_PRIVATE":
		pool.Kind = dns.PrivatePool
	case "GSLB_POOL_TYPE_PUBLIC":
		pool.Kind = dns.PublicPool
	}
	more := engine.ServicePool{
		MinUp: f.number("min_health_monitors_up", 0), ManualResume: f.flag("manual_resume", false),
	}
	for _, m := range f.messages("members") {
		member, health := r.member(m)
		pool.Members = append(pool.Members, member)
		more.Members = append(more.Members, health)
	}
	return pool, more
}

// place is what a member has of the site that it belongs to.
type place struct {
	name     string
	avi      bool
	enabled  bool
	ratio    int
	location *dns.Location
	fromDB   bool
	proxies  []Proxy
}

// placeOf finds a member's site by its cluster uuid. A member that names no site, or an unknown one, belongs to none.
func (r *serviceReader) placeOf(cluster string) place {
	if cluster != "" {
		for _, s := range r.gslb.Sites {
			if s.Cluster == cluster {
				return place{s.Name, true, s.Enabled, s.Ratio, s.Location, s.FromGeoDB, s.Proxies}
			}
		}
		for _, s := range r.gslb.Third {
			if s.Cluster == cluster {
				return place{s.Name, false, s.Enabled, s.Ratio, s.Location, s.FromGeoDB, s.Proxies}
			}
		}
	}
	return place{enabled: true}
}

func (r *serviceReader) member(f fields) (dns.Member, engine.ServiceMember) {
	cluster, vs := f.text("cluster_uuid"), f.text("vs_uuid")
	at := r.placeOf(cluster)
	m := dns.Member{
		Addr: f.addr("ip"), FQDN: f.text("fqdn"), PublicAddr: f.message("public_ip").addr("ip"),
		Ratio: f.number("ratio", 1), PreferenceOrder: f.number("preference_order", 1), Enabled: true,
		Site: at.name, SiteRatio: at.ratio,
	}
	m.Location, m.LocationFromDB = readLocation(f.message("location"), at.location, at.fromDB)
	if srv := f.message("srv_rdata"); srv != nil {
		m.SRV = &dns.SRVData{
			Priority: uint16(srv.number("priority", 0)), Weight: uint16(srv.number("weight", 0)), Port: uint16(srv.number("port", 0)),
		}
	}
	avi := at.avi && vs != ""
	h := engine.ServiceMember{
		Enabled: f.flag("enabled", true), SiteEnabled: at.enabled, Cluster: cluster, VS: vs, Control: r.control && avi,
	}
	if !r.onlyNonAvi || !avi {
		h.Monitors = r.checks(f, m.Addr)
	}
	if proxies := proxiesFor(at.proxies, m.Addr); len(h.Monitors) > 0 && len(proxies) > 0 {
		if slices.Contains(proxies, r.self) {
			h.Proxy = true
		} else {
			h.Proxies, h.Monitors = proxies, nil
		}
	}
	return m, h
}

// checks targets the attached monitors at a member's private address. A member without an address is not checked.
func (r *serviceReader) checks(f fields, target netip.Addr) []health.Monitor {
	if !target.IsValid() {
		return nil
	}
	host := f.text("hostname")
	if host == "" {
		host = f.text("fqdn")
	}
	if names := r.f.texts("domain_names"); host == "" && len(names) > 0 {
		host = names[0]
	}
	var all []health.Monitor
	for _, m := range r.monitors {
		all = append(all, m.For(target, host))
	}
	return all
}
