package world

import (
	"context"
	"fmt"
	"net/netip"

	"github.com/gslbsim/gslbsim/sim/aviclient"
	"github.com/gslbsim/gslbsim/sim/scenario"
)

// topologyPolicy is the name of every site's DNS policy with the topology's rules.
const topologyPolicy = "topology-policy"

// applyTopologyPolicy gives the DNS virtual service of each active site the topology's rules, as an administrator would
// who wants all sites to answer alike: DNS policies are not replicated.
func (w *world) applyTopologyPolicy(_ context.Context) error {
	if len(w.top.Policy) == 0 {
		return nil
	}
	for _, s := range answering(w.scenario) {
		if err := w.applyPolicyAt(s); err != nil {
			return fmt.Errorf("topology policy at %s: %w", s.Name, err)
		}
		w.rec.Event("administrator", "topology-policy", "%d rules for %s", len(w.top.Policy), dnsService(s))
	}
	return nil
}

func (w *world) applyPolicyAt(s *scenario.Site) error {
	transport := w.net.Transport(w.admin)
	defer transport.CloseIdleConnections()
	session, err := aviclient.Open(w.target(s), transport)
	if err != nil {
		return err
	}
	var reply aviclient.Object
	policy := aviclient.Object{"name": topologyPolicy, "rule": policyRules(w.top.Policy)}
	if err := session.Post("api/dnspolicy", policy, &reply); err != nil {
		return err
	}
	vs, err := aviclient.Find(session, "virtualservice", dnsService(s))
	if err != nil {
		return err
	}
	if vs == nil {
		return fmt.Errorf("there is no %s", dnsService(s))
	}
	use := aviclient.Object{"dns_policies": []any{aviclient.Object{"index": 1, "dns_policy_ref": "/api/dnspolicy?name=" + topologyPolicy}}}
	return session.Patch(fmt.Sprintf("api/virtualservice/%s", vs["uuid"]), use, "replace", &reply)
}

// policyRules are the rules as the API has them.
func policyRules(rules []scenario.TopologyRule) []any {
	out := make([]any, len(rules))
	for i, r := range rules {
		site := aviclient.Object{"site_name": r.Site, "is_site_preferred": r.Preferred == nil || *r.Preferred}
		if len(r.Fallbacks) > 0 {
			site["fallback_site_names"] = r.Fallbacks
		}
		rule := aviclient.Object{"name": r.Name, "index": i + 1, "enable": true, "action": aviclient.Object{"gslb_site_selection": site}}
		match := aviclient.Object{}
		if len(r.Clients) > 0 {
			match["client_ip_address"] = aviclient.Object{"client_ip": aviclient.Object{"match_criteria": "IS_IN", "prefixes": apiPrefixes(r.Clients)}}
		}
		if r.GeoName != "" || r.GeoTag != "" {
			geo := aviclient.Object{"match_criteria": "IS_IN"}
			if r.GeoName != "" {
				geo["geolocation_name"] = r.GeoName
			}
			if r.GeoTag != "" {
				geo["geolocation_tag"] = r.GeoTag
			}
			match["geo_location"] = geo
		}
		if len(match) > 0 {
			rule["match"] = match
		}
		out[i] = rule
	}
	return out
}

func apiPrefixes(prefixes []netip.Prefix) []any {
	out := make([]any, len(prefixes))
	for i, p := range prefixes {
		family := "V6"
		if p.Addr().Is4() {
			family = "V4"
		}
		out[i] = aviclient.Object{"ip_addr": aviclient.Object{"addr": p.Addr().String(), "type": family}, "mask": p.Bits()}
	}
	return out
}
