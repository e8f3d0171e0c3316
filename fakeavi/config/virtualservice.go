package config

import (
	"net/netip"
	"strconv"

	"github.com/gslbsim/gslbsim/fakeavi/engine"
)

// ReadVirtualService says what an engine must serve for a virtualservice object. find looks up what it refers to; what
// cannot be found is left out.
func ReadVirtualService(o Object, find Lookup) engine.VirtualService {
	f := fields(o.Body)
	r := vsReader{f: f, find: find}
	vs := engine.VirtualService{
		UUID: o.UUID, Name: o.Name, Kind: r.kind(),
		Enabled: f.flag("enabled", true), TrafficEnabled: f.flag("traffic_enabled", true),
		Pools: r.pools(f.text("pool_ref"), f.text("pool_group_ref")),
		Hosts: r.hosts(),
	}
	if parent := f.text("vh_parent_vs_ref"); parent != "" {
		vs.Parent = uuidOf(parent)
	} else {
		vs.VIPs = ReadVIPs(r.body(f.text("vsvip_ref")))
		vs.Listeners = r.listeners(vs.Kind)
	}
	if vs.Kind == engine.KindHTTP {
		vs.Routes = r.routes()
	}
	return vs
}

type vsReader struct {
	f    fields
	find Lookup
}

func (r *vsReader) body(ref string) fields {
	if ref == "" {
		return nil
	}
	o, _ := r.find(ref)
	return o.Body
}

// kind tells what a virtual service speaks from its application profile.
func (r *vsReader) kind() engine.Kind {
	switch r.body(r.f.text("application_profile_ref")).text("type") {
	case "APPLICATION_PROFILE_TYPE_DNS":
		return engine.KindDNS
	case "APPLICATION_PROFILE_TYPE_L4", "APPLICATION_PROFILE_TYPE_SSL", "APPLICATION_PROFILE_TYPE_SIP":
		return engine.KindL4
	default:
		return engine.KindHTTP
	}
}

// listeners reads the services of a virtual service. A DNS virtual service listens on UDP and TCP; one whose network
// profile is a UDP proxy on UDP; all others on TCP.
func (r *vsReader) listeners(kind engine.Kind) []engine.Listener {
	udp := r.udp(r.f.text("network_profile_ref"))
	var all []engine.Listener
	for _, s := range r.f.messages("services") {
		l := engine.Listener{First: uint16(s.number("port", 0)), TLS: s.flag("enable_ssl", false)}
		l.Last = max(l.First, uint16(s.number("port_range_end", 0)))
		if own := s.text("override_network_profile_ref"); own != "" && r.udp(own) || own == "" && udp {
			l.Protocol = engine.UDP
		}
		all = append(all, l)
		if kind == engine.KindDNS {
			l.Protocol = engine.UDP - l.Protocol
			all = append(all, l)
		}
	}
	return all
}

func (r *vsReader) udp(profile string) bool {
	switch r.body(profile).message("profile").text("type") {
	case "PROTOCOL_TYPE_UDP_PROXY", "PROTOCOL_TYPE_UDP_FAST_PATH":
		return true
	default:
		return false
	}
}

// hosts reads the names of a child: vh_domain_name, or vh_matches with the paths of their rules.
func (r *vsReader) hosts() []engine.Host {
	var all []engine.Host
	for _, name := range r.f.texts("vh_domain_name") {
		all = append(all, engine.Host{Name: name})
	}
	for _, m := range r.f.messages("vh_matches") {
		h := engine.Host{Name: m.text("host")}
		for _, rule := range m.messages("rules") {
			h.Paths = append(h.Paths, rule.message("matches").message("path").texts("match_str")...)
		}
		all = append(all, h)
	}
	return all
}

// pools reads a pool, or the members of a pool group with their ratios and priorities.
func (r *vsReader) pools(pool, group string) []engine.Pool {
	if pool != "" {
		return []engine.Pool{{UUID: uuidOf(pool), Enabled: r.body(pool).flag("enabled", true), Ratio: 1}}
	}
	var all []engine.Pool
	for _, m := range r.body(group).messages("members") {
		ref := m.text("pool_ref")
		priority, _ := strconv.Atoi(m.text("priority_label"))
		all = append(all, engine.Pool{
			UUID: uuidOf(ref), Enabled: r.body(ref).flag("enabled", true), Priority: priority, Ratio: m.number("ratio", 1),
		})
	}
	return all
}

var pathMatches = map[string]engine.PathMatch{
	"BEGINS_WITH": engine.PathBeginsWith,
	"EQUALS":      engine.PathEquals,
	"CONTAINS":    engine.PathContains,
	"ENDS_WITH":   engine.PathEndsWith,
}

// routes reads the rules of HTTP policy sets that send paths to pools. Rules with other conditions or actions are not
// acted upon.
func (r *vsReader) routes() []engine.Route {
	var all []engine.Route
	for _, p := range r.f.messages("http_policies") {
		set := r.body(p.text("http_policy_set_ref"))
		for _, rule := range set.message("http_request_policy").messages("rules") {
			path, action := rule.message("match").message("path"), rule.message("switching_action")
			if action == nil || !rule.flag("enable", true) || path == nil {
				continue
			}
			all = append(all, engine.Route{
				Match: pathMatches[path.text("match_criteria")], Paths: path.texts("match_str"),
				Pools: r.pools(action.text("pool_ref"), action.text("pool_group_ref")),
			})
		}
	}
	return all
}

// ReadVIPs returns the addresses of a vsvip object, floating ones included, in its order. Disabled VIPs are left out.
func ReadVIPs(body map[string]any) []netip.Addr {
	var all []netip.Addr
	for _, v := range fields(body).messages("vip") {
		if !v.flag("enabled", true) {
			continue
		}
		for _, key := range [...]string{"ip_address", "ip6_address", "floating_ip", "floating_ip6"} {
			if a := v.addr(key); a.IsValid() {
				all = append(all, a)
			}
		}
	}
	return all
}
