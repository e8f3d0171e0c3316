package fakeavi_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	mdns "github.com/miekg/dns"
	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/dns"
	"github.com/gslbsim/gslbsim/fakeavi/internal/virtual"
	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// answered asks a region's DNS and tells the whole reply: code, then answers with their TTLs, then additional records.
func (w *world) answered(r *region, name string, qtype uint16, client string, subnet string) string {
	q := new(mdns.Msg).SetQuestion(name+".", qtype)
	if subnet != "" {
		q.Extra = append(q.Extra, dns.SubnetOption(netip.MustParsePrefix(subnet)))
	}
	reply, _, served := r.Engine("dns-group").Respond(r.dnsVIP, q, dns.Client{Addr: netip.MustParseAddr(client)})
	if !served || reply == nil {
		return "dropped"
	}
	parts := []string{mdns.RcodeToString[reply.Rcode]}
	for _, section := range [][]mdns.RR{reply.Answer, reply.Ns, reply.Extra} {
		var texts []string
		for _, rr := range section {
			if rr.Header().Rrtype != mdns.TypeOPT {
				texts = append(texts, fmt.Sprintf("%d %s %s", rr.Header().Ttl, mdns.Type(rr.Header().Rrtype), rr.String()[len(rr.Header().String()):]))
			}
		}
		slices.Sort(texts)
		parts = append(parts, strings.Join(texts, ", "))
	}
	if opt := reply.IsEdns0(); opt != nil {
		for _, o := range opt.Option {
			if e, ok := o.(*mdns.EDNS0_SUBNET); ok {
				parts = append(parts, fmt.Sprintf("scope %d", e.SourceScope))
			}
		}
	}
	return strings.TrimRight(strings.Join(parts, " | "), " |")
}

func member(address string, more map[string]any) map[string]any {
	m := map[string]any{"ip": map[string]any{"addr": address, "type": "V4"}}
	if strings.Contains(address, ":") {
		m["ip"] = map[string]any{"addr": address, "type": "V6"}
	}
	for k, v := range more {
		m[k] = v
	}
	return m
}

func poolOf(more map[string]any, members ...any) map[string]any {
	g := map[string]any{"name": "p", "algorithm": "GSLB_ALGORITHM_ROUND_ROBIN", "members": members}
	for k, v := range more {
		g[k] = v
	}
	return g
}

// TestSettingsReachTheAnswers writes one setting after the other to the controller's objects and looks at what its DNS
// virtual service then answers: each is read, pushed and acted upon. 203.0.113.0/24 are public clients.
func TestSettingsReachTheAnswers(t *testing.T) {
	off := map[string]any{"enabled": false}
	ratio := func(n int) map[string]any { return map[string]any{"ratio": n} }
	order := func(n int) map[string]any { return map[string]any{"preference_order": n} }
	prio := func(name string, n int) map[string]any { return map[string]any{"name": name, "priority": n} }
	fqdn := map[string]any{"fqdn": "cdn.example"}
	public := map[string]any{"public_ip": map[string]any{"ip": map[string]any{"addr": "203.0.113.80", "type": "V4"}}}
	down := func(kind string, more map[string]any) map[string]any {
		d := map[string]any{"type": "GSLB_SERVICE_DOWN_RESPONSE_" + kind}
		for k, v := range more {
			d[k] = v
		}
		return map[string]any{"down_response": d}
	}
	v4 := func(a string) map[string]any { return map[string]any{"addr": a, "type": "V4"} }
	tests := []struct {
		name   string
		fields map[string]any
		groups []any
		qtype  uint16
		client string
		subnet string
		want   string
	}{
		{"the profile's TTL", nil, []any{poolOf(nil, member("192.0.2.1", nil))}, mdns.TypeA, "", "", "NOERROR | 30 A 192.0.2.1"},
		{"ttl", map[string]any{"ttl": 7}, []any{poolOf(nil, member("192.0.2.1", nil))}, mdns.TypeA, "", "", "NOERROR | 7 A 192.0.2.1"},
		{"num_dns_ip", map[string]any{"num_dns_ip": 0}, []any{poolOf(nil, member("192.0.2.1", nil), member("192.0.2.2", nil))}, mdns.TypeA, "", "",
			"NOERROR | 30 A 192.0.2.1, 30 A 192.0.2.2"},
		{"priority", nil, []any{poolOf(prio("a", 5), member("192.0.2.1", nil)), poolOf(prio("b", 9), member("192.0.2.2", nil))}, mdns.TypeA, "", "",
			"NOERROR | 30 A 192.0.2.2"},
		{"priority 0", nil, []any{poolOf(prio("a", 0), member("192.0.2.1", nil)), poolOf(prio("b", 1), member("192.0.2.2", nil))}, mdns.TypeA, "", "",
			"NOERROR | 30 A 192.0.2.2"},
		{"pool enabled", nil, []any{poolOf(map[string]any{"name": "a", "priority": 9, "enabled": false}, member("192.0.2.1", nil)),
			poolOf(prio("b", 5), member("192.0.2.2", nil))}, mdns.TypeA, "", "", "NOERROR | 30 A 192.0.2.2"},
		{"member enabled", nil, []any{poolOf(nil, member("192.0.2.1", off), member("192.0.2.2", nil))}, mdns.TypeA, "", "", "NOERROR | 30 A 192.0.2.2"},
		{"min_members", map[string]any{"min_members": 2, "num_dns_ip": 0}, []any{poolOf(prio("a", 9), member("192.0.2.1", nil)),
			poolOf(prio("b", 5), member("192.0.2.2", nil)), poolOf(prio("c", 2), member("192.0.2.3", nil))}, mdns.TypeA, "", "",
			"NOERROR | 30 A 192.0.2.1, 30 A 192.0.2.2"},
		{"preference order", nil, []any{poolOf(map[string]any{"algorithm": "GSLB_ALGORITHM_PREFERENCE_ORDER"}, member("192.0.2.1", order(3)),
			member("192.0.2.2", order(2)))}, mdns.TypeA, "", "", "NOERROR | 30 A 192.0.2.2"},
		{"hash mask", nil, []any{poolOf(map[string]any{"algorithm": "GSLB_ALGORITHM_CONSISTENT_HASH", "consistent_hash_mask": 12},
			member("192.0.2.1", nil), member("192.0.2.1", nil))}, mdns.TypeA, "", "198.51.100.0/24", "NOERROR | 30 A 192.0.2.1 |  |  | scope 12"},
		{"hash mask, IPv6", nil, []any{poolOf(map[string]any{"algorithm": "GSLB_ALGORITHM_CONSISTENT_HASH", "consistent_hash_mask6": 40},
			member("192.0.2.1", nil), member("192.0.2.1", nil))}, mdns.TypeA, "", "2001:db8::/56", "NOERROR | 30 A 192.0.2.1 |  |  | scope 40"},
		{"client subnet off", map[string]any{"use_edns_client_subnet": false}, []any{poolOf(map[string]any{
			"algorithm": "GSLB_ALGORITHM_CONSISTENT_HASH", "consistent_hash_mask": 12}, member("192.0.2.1", nil))}, mdns.TypeA, "", "198.51.100.0/24",
			"NOERROR | 30 A 192.0.2.1 |  |  | scope 0"},
		{"fqdn", nil, []any{poolOf(nil, member("192.0.2.9", fqdn))}, mdns.TypeA, "", "", "NOERROR | 30 CNAME cdn.example."},
		{"resolve_cname", map[string]any{"resolve_cname": true}, []any{poolOf(nil, member("192.0.2.9", fqdn))}, mdns.TypeA, "", "",
			"NOERROR | 30 CNAME cdn.example. |  | 30 A 192.0.2.9"},
		{"SRV", map[string]any{"record_type": "GSLB_SERVICE_RECORD_TYPE_SRV", "include_additional_records": true}, []any{poolOf(nil,
			member("192.0.2.9", map[string]any{"fqdn": "sip.example", "srv_rdata": map[string]any{"port": 5060, "priority": 1, "weight": 2}}))},
			mdns.TypeSRV, "", "", "NOERROR | 30 SRV 1 2 5060 sip.example. |  | 30 A 192.0.2.9"},
		{"IPv6", nil, []any{poolOf(nil, member("2001:db8::1", nil), member("192.0.2.1", nil))}, mdns.TypeAAAA, "", "", "NOERROR | 30 AAAA 2001:db8::1"},
		{"private client", nil, []any{poolOf(nil, member("192.0.2.1", public))}, mdns.TypeA, "10.1.1.1", "", "NOERROR | 30 A 192.0.2.1"},
		{"public client", nil, []any{poolOf(nil, member("192.0.2.1", public))}, mdns.TypeA, "203.0.113.5", "", "NOERROR | 30 A 203.0.113.80"},
		{"pool type", nil, []any{poolOf(map[string]any{"name": "a", "gslb_pool_type": "GSLB_POOL_TYPE_PUBLIC"}, member("192.0.2.1", nil)),
			poolOf(map[string]any{"name": "b", "gslb_pool_type": "GSLB_POOL_TYPE_PRIVATE"}, member("192.0.2.2", nil))}, mdns.TypeA, "10.1.1.1", "",
			"NOERROR | 30 A 192.0.2.2"},
		{"disabled", map[string]any{"enabled": false}, []any{poolOf(nil, member("192.0.2.1", nil))}, mdns.TypeA, "", "", "dropped"},
		{"down, none", nil, []any{poolOf(nil, member("192.0.2.1", off))}, mdns.TypeA, "", "", "dropped"},
		{"down, empty", down("EMPTY", nil), []any{poolOf(nil, member("192.0.2.1", off))}, mdns.TypeA, "", "", "NOERROR"},
		{"down, all records", down("ALL_RECORDS", nil), []any{poolOf(nil, member("192.0.2.1", off), member("192.0.2.2", off))}, mdns.TypeA, "", "",
			"NOERROR | 30 A 192.0.2.1, 30 A 192.0.2.2"},
		{"down, fallback", down("FALLBACK_IP", map[string]any{"fallback_ip": v4("192.0.2.98"), "public_fallback_ip": v4("203.0.113.98")}),
			[]any{poolOf(nil, member("192.0.2.1", off))}, mdns.TypeA, "10.1.1.1", "", "NOERROR | 30 A 192.0.2.98"},
		{"down, public fallback", down("FALLBACK_IP", map[string]any{"fallback_ip": v4("192.0.2.98"), "public_fallback_ip": v4("203.0.113.98")}),
			[]any{poolOf(nil, member("192.0.2.1", off))}, mdns.TypeA, "203.0.113.5", "", "NOERROR | 30 A 203.0.113.98"},
		{"down, CNAME", down("CNAME", map[string]any{"fallback_cname": "sorry.example"}), []any{poolOf(nil, member("192.0.2.1", off))}, mdns.TypeA, "", "",
			"NOERROR | 30 CNAME sorry.example."},
		{"wildcard_match", map[string]any{"wildcard_match": true}, []any{poolOf(nil, member("192.0.2.1", ratio(3)))}, mdns.TypeA, "", "", "NOERROR | 30 A 192.0.2.1"},
	}
	virtual.Run(t, func(c virtual.Clock) {
		w := newWorld(c)
		r := w.add()
		w.form(map[string]any{"client_ip_addr_group": map[string]any{
			"type": "GSLB_IP_PUBLIC", "prefixes": []any{map[string]any{"ip_addr": v4("203.0.113.0"), "mask": 24}},
		}})
		for i, test := range tests {
			host := fmt.Sprintf("s%d.gslb.example", i)
			body := map[string]any{"name": host, "domain_names": []any{host}, "groups": test.groups}
			for k, v := range test.fields {
				body[k] = v
			}
			r.create(w, "gslbservice", body)
			w.Pass(time.Second)
			if test.name == "wildcard_match" {
				host = "any.name.below." + host
			}
			if test.client == "" {
				test.client = "10.99.0.1"
			}
			w.g.Expect(w.answered(r, host, test.qtype, test.client, test.subnet)).To(Equal(test.want), test.name)
		}
	})
}

// TestTheProfileReachesTheAnswers edits the DNS application profile of a running DNS virtual service.
func TestTheProfileReachesTheAnswers(t *testing.T) {
	inWorld(t, 1, func(w *world, g *GomegaWithT) {
		r := w.regions[0]
		r.create(w, "gslbservice", map[string]any{"name": "app.gslb.example", "domain_names": []any{"app.gslb.example"},
			"groups": []any{poolOf(nil, member("192.0.2.1", nil), member("192.0.2.2", nil))}})
		w.Pass(time.Second)
		profile, ok := r.Store().Lookup("applicationprofile", "admin", "System-DNS")
		g.Expect(ok).To(BeTrue())
		ask := func(name string, qtype uint16) string {
			return w.answered(r, name, qtype, "10.99.0.1", "198.51.100.0/24")
		}
		const soa = "9 SOA ns.example. root.example. 1 10800 3600 86400 9"
		for _, step := range []struct {
			set  map[string]any
			want [3]string // A, AAAA, and A of an unknown name
		}{
			{map[string]any{}, [3]string{"NOERROR | 30 A 192.0.2.1 |  |  | scope 0", "NOERROR |  |  |  | scope 0", "NXDOMAIN |  |  |  | scope 0"}},
			{map[string]any{"ttl": 60, "num_dns_ip": 0, "edns": false}, [3]string{"NOERROR | 60 A 192.0.2.1, 60 A 192.0.2.2", "NOERROR", "NXDOMAIN"}},
			{map[string]any{"domain_names": []any{"gslb.example"}, "name_server": "ns.example", "admin_email": "root.example", "negative_caching_ttl": 9, "edns": false,
				"num_dns_ip": 0}, [3]string{"NOERROR | 30 A 192.0.2.1, 30 A 192.0.2.2", "NOERROR", "NXDOMAIN |  | " + soa}},
			{map[string]any{"aaaa_empty_response": false, "domain_names": []any{"gslb.example"}, "name_server": "ns.example", "admin_email": "root.example",
				"negative_caching_ttl": 9, "edns": false, "num_dns_ip": 0}, [3]string{"NOERROR | 30 A 192.0.2.1, 30 A 192.0.2.2", "NOERROR |  | " + soa, "NXDOMAIN |  | " + soa}},
			{map[string]any{"error_response": "DNS_ERROR_RESPONSE_NONE", "edns": false, "num_dns_ip": 0}, [3]string{"NOERROR | 30 A 192.0.2.1, 30 A 192.0.2.2", "dropped", "dropped"}},
		} {
			set := map[string]any{"error_response": "DNS_ERROR_RESPONSE_ERROR"}
			for k, v := range step.set {
				set[k] = v
			}
			g.Expect(r.patch(w, "applicationprofile", profile.UUID, map[string]any{"dns_service_profile": set})).To(Succeed())
			w.Pass(time.Second)
			a := ask("app.gslb.example", mdns.TypeA)
			if strings.Contains(a, "192.0.2.2") && !strings.Contains(a, "192.0.2.1,") {
				a = strings.Replace(a, "192.0.2.2", "192.0.2.1", 1) // whose turn it was
			}
			got := [3]string{a, ask("app.gslb.example", mdns.TypeAAAA), ask("none.gslb.example", mdns.TypeA)}
			g.Expect(got).To(Equal(step.want), "%v", step.set)
		}
	})
}

// TestSiteRatioReachesTheAnswers: the ratio of a site counts, not those of its members.
func TestSiteRatioReachesTheAnswers(t *testing.T) {
	inWorld(t, 2, func(w *world, g *GomegaWithT) {
		w.running(nil)
		r := w.regions[0]
		share := func() map[string]int {
			counts := map[string]int{}
			for range 40 {
				counts[w.askOnce(r, "app.gslb.example")]++
			}
			return counts
		}
		g.Expect(share()).To(Equal(map[string]int{"region01": 20, "region02": 20}))
		all, _ := r.Store().List("gslb", store.Query{})
		o := all[0]
		var body map[string]any
		g.Expect(o.Decode(&body)).To(Succeed())
		sites := body["sites"].([]any)
		sites[1].(map[string]any)["ratio"] = 3
		g.Expect(r.patch(w, "gslb", o.UUID, map[string]any{"sites": sites})).To(Succeed())
		w.Pass(20 * time.Second)
		g.Expect(share()).To(Equal(map[string]int{"region01": 10, "region02": 30}))
	})
}
