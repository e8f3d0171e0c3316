package dnsfile_test

import (
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	mdns "github.com/miekg/dns"
	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/cmd/gslbsim/dnsfile"
	"github.com/gslbsim/gslbsim/dns"
)

// every uses each field of the format.
const every = `kind: DNS
about: every field once
profile:
  ttl: 60
  num-dns-ip: 2
  error-response: drop
  aaaa-empty-response: false
  negative-caching-ttl: 5
  domains: [gslb.example]
  zones: [{domain: z.example, admin-email: a.z.example, name-server: ns.z.example}]
  admin-email: hostmaster.example
  name-server: ns.example
  edns: true
  clients: {lists: private, networks: [10.0.0.0/8]}
geo: {csv: geo.csv}
services:
- uuid: gslbservice-1
  name: app
  tenant: admin
  domains: [app.gslb.example]
  enabled: true
  algorithm: geo
  ttl: 20
  num-dns-ip: 1
  min-members: 1
  wildcard-match: true
  resolve-cname: true
  use-edns-client-subnet: true
  down-response: {type: fallback-ip, fallback-ip: 192.0.2.9, fallback-ip6: "2001:db8::9", public-fallback-ip: 192.0.2.10, public-fallback-ip6: "2001:db8::10"}
  topology-policy-enabled: true
  pools:
  - name: p
    priority: 20
    algorithm: consistent-hash
    fallback-algorithm: round-robin
    consistent-hash-mask: 24
    consistent-hash-mask6: 56
    enabled: true
    clients: generic
    members:
    - {ip: 192.0.2.1, public-ip: 198.51.100.1, ratio: 3, preference-order: 1, enabled: true, up: true, site: a, site-ratio: 2,
       location: {latitude: 51.5, longitude: -0.1, name: GB, tag: t}}
    - {ip: 192.0.2.2, location-from-geodb: true, up: false}
    - {fqdn: cdn.example}
- domains: [_sip._tcp.gslb.example]
  record-type: srv
  include-additional-records: true
  down-response: {type: cname, fallback-cname: sorry.example}
  pools: [{members: [{fqdn: sip.example, ip: 192.0.2.3, srv: {priority: 1, weight: 2, port: 5060}}]}]
records:
- {names: [www.gslb.example], type: A, ttl: 9, addresses: [192.0.2.4, 192.0.2.5], algorithm: consistent-hash, num-records-in-response: 1, wildcard-match: true}
- {names: [sub.gslb.example], type: NS, delegated: true, ns: [{host: ns.sub.gslb.example, addresses: [192.0.2.6]}]}
- {names: [alias.gslb.example], type: CNAME, cname: app.gslb.example}
- {names: [mail.gslb.example], type: MX, mx: [{host: mx.example, preference: 10}]}
- {names: [text.gslb.example], type: TXT, txt: [hello]}
- {names: [_s._tcp.gslb.example], type: SRV, srv: [{target: s.example, priority: 1, weight: 2, port: 3}]}
topology:
- {name: q, countries: [DE, FR], client-ports: [53, 1024-2047], client-ports-not: true, types: [A, ANY], types-not: true, transport: tcp, site: b}
- {name: r, clients: [192.0.2.0/24], clients-not: true, geo-name: GB, geo-tag: t, geo-not: true, suffixes: [gslb.example], site: a, fallback-sites: [b], is-site-preferred: false, use-edns-client-subnet: false}
`

// load writes a file and reads it.
func load(t *testing.T, text string) (*dns.Table, error) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, content := range map[string]string{"table.yaml": text, "geo.csv": geoCSV} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dnsfile.Load("table.yaml")
}

func TestEveryFieldIsRead(t *testing.T) {
	g := NewWithT(t)
	table, err := load(t, every)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(table.Len()).To(Equal(2))
	want := dns.Profile{
		TTL: 60, NumIPs: 2, NegativeTTL: 5, Domains: []string{"gslb.example"},
		Zones:      []dns.Zone{{Domain: "z.example", AdminEmail: "a.z.example", NameServer: "ns.z.example"}},
		AdminEmail: "hostmaster.example", NameServer: "ns.example", EDNS: true,
		Clients: &dns.ClientGroup{Kind: dns.ListsPrivate, Prefixes: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}},
	}
	g.Expect(table.Profile()).To(Equal(want))
	app, ok := table.Service("gslbservice-1")
	g.Expect(ok).To(BeTrue())
	g.Expect(app.Pools[0].Members).To(HaveLen(3))
	g.Expect(app.Pools[0].Members[0].Location.Latitude).To(Equal(51.5))
	g.Expect(app.Pools[0].Members[1].Up).To(BeFalse())
	app.Pools, app.Domains = nil, nil
	g.Expect(app).To(Equal(dns.Service{
		UUID: "gslbservice-1", Name: "app", Tenant: "admin", Enabled: true, PoolAlgorithm: dns.PoolsByGeo,
		TTL: new(uint32(20)), NumIPs: new(1), MinMembers: 1, Wildcard: true, ResolveCNAME: true, UseECS: true, TopologyEnabled: true,
		Down: dns.DownResponse{
			Type: dns.DownFallbackIP, FallbackIP: netip.MustParseAddr("192.0.2.9"), FallbackIP6: netip.MustParseAddr("2001:db8::9"),
			PublicFallbackIP: netip.MustParseAddr("192.0.2.10"), PublicFallbackIP6: netip.MustParseAddr("2001:db8::10"),
		},
	}))
	responder := dns.NewResponder(1)
	responder.Publish(table)
	for name, qtype := range map[string]uint16{
		"_sip._tcp.gslb.example.": mdns.TypeSRV, "www.gslb.example.": mdns.TypeA, "alias.gslb.example.": mdns.TypeCNAME,
		"mail.gslb.example.": mdns.TypeMX, "text.gslb.example.": mdns.TypeTXT, "_s._tcp.gslb.example.": mdns.TypeSRV,
	} {
		reply, _ := responder.Respond(new(mdns.Msg).SetQuestion(name, qtype), dns.Client{Addr: netip.MustParseAddr("192.0.2.1")})
		g.Expect(reply.Answer).To(HaveLen(1), name)
	}
	referral, _ := responder.Respond(new(mdns.Msg).SetQuestion("x.sub.gslb.example.", mdns.TypeA), dns.Client{})
	g.Expect(referral.Ns).To(HaveLen(1))
	g.Expect(referral.Extra).To(HaveLen(1))
}

// Conditions of topology rules do what they say.
func TestTopologyConditions(t *testing.T) {
	const file = `kind: DNS
geo: {csv: geo.csv}
services:
- domains: [app.gslb.example]
  pools: [{algorithm: topology, members: [{ip: 192.0.2.1, site: a}, {ip: 192.0.2.2, site: b}]}]
topology:
- {CONDITION, site: a}
- {name: rest, site: b}
`
	client := dns.Client{Addr: netip.MustParseAddr("192.0.2.1"), Port: 1500} // in GB
	for condition, matches := range map[string]bool{
		"client-ports: [53, 1000-2000]":              true,
		"client-ports: [53]":                         false,
		"client-ports: [53], client-ports-not: true": true,
		"types: [AAAA, A]":                           true,
		"types: [AAAA]":                              false,
		"types: [AAAA], types-not: true":             true,
		"transport: udp":                             true,
		"transport: tcp":                             false,
		"countries: [FR, GB]":                        true,
		"countries: [FR]":                            false,
		"clients: [10.0.0.0/8], countries: [FR], clients-not: true": true,
	} {
		g := NewWithT(t)
		table, err := load(t, strings.Replace(file, "CONDITION", condition, 1))
		g.Expect(err).NotTo(HaveOccurred(), condition)
		responder := dns.NewResponder(1)
		responder.Publish(table)
		_, d := responder.Respond(new(mdns.Msg).SetQuestion("app.gslb.example.", mdns.TypeA), client)
		g.Expect(d.TopologyRule != "rest").To(Equal(matches), condition)
	}
}

// What a file leaves out has the defaults of the System-DNS profile and of
// the product's objects.
func TestDefaults(t *testing.T) {
	g := NewWithT(t)
	table, err := load(t, "kind: DNS\nservices:\n- domains: [app.gslb.example]\n  pools: [{members: [{ip: 192.0.2.1}]}]\n")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(table.Profile()).To(Equal(dns.SystemProfile()))
	app, ok := table.Service("gslbservice-app.gslb.example")
	g.Expect(ok).To(BeTrue())
	g.Expect(app.UseECS).To(BeTrue(), "use_edns_client_subnet is on unless it is turned off")
	g.Expect(app.Pools).To(Equal([]dns.Pool{{
		Name: "pool0", Priority: 10, Enabled: true,
		Members: []dns.Member{{Addr: netip.MustParseAddr("192.0.2.1"), Enabled: true, Up: true}},
	}}))
}

// Each mistake is told with file, line and field.
func TestMistakes(t *testing.T) {
	for from, tc := range map[string]struct{ to, want string }{
		"kind: DNS":               {"kind: Scenario", `table.yaml:1: kind: must be "DNS", not "Scenario"`},
		"ttl: 60":                 {"ttl: 90000", "table.yaml:4: profile.ttl: 90000 is out of range (use 0 to 86400)"},
		"error-response: drop":    {"error-response: dorp", `table.yaml:6: profile.error-response: "dorp" is not known (did you mean "drop"?)`},
		"geo.csv":                 {"nowhere.csv", "table.yaml:15: geo.csv: "},
		"priority: 20":            {"priority: 101", "table.yaml:33: services[0].pools[0].priority: 101 is out of range (use 0 to 100)"},
		"ratio: 3,":               {"ratio: 21,", "table.yaml:41: services[0].pools[0].members[0].ratio: 21 is out of range (use 0 to 20)"},
		"up: false":               {"up: perhaps", `table.yaml:43: services[0].pools[0].members[1].up: must be true or false, not "perhaps"`},
		"{fqdn: cdn.example}":     {"{site: b}", "table.yaml:44: services[0].pools[0].members[2]: has no ip, public-ip or fqdn: give one"},
		"_sip._tcp":               {"app", "table.yaml:45: services[1]: GSLB service \"app.gslb.example\" (gslbservice-app.gslb.example): domain name app.gslb.example. already belongs"},
		"type: A,":                {"type: PTR,", `table.yaml:51: records[0].type: "PTR" is not known`},
		"[192.0.2.4, 192.0.2.5]":  {"[]", "table.yaml:51: records[0]: static record [www.gslb.example] A: no address"},
		"cname: app.gslb.example": {"txt: [x]", "table.yaml:53: records[2]: "},
		"site: a, fallback":       {"fallback", "table.yaml:59: topology[1].site: name the site to select"},
		"1024-2047":               {"2047-1024", "table.yaml:58: topology[0].client-ports[1]: must be a port from 1 to 65535 or a range of them such as 1024-2047"},
		"[53,":                    {"[0,", "table.yaml:58: topology[0].client-ports[0]: must be a port"},
		"transport: tcp":          {"transport: dtls", `table.yaml:58: topology[0].transport: "dtls" is not known (use any, udp, tcp)`},
		"types: [A, ANY]":         {"types: [A, MX]", `table.yaml:58: topology[0].types[1]: "MX" is not known (use A, AAAA, CNAME, SRV, ANY)`},
		"{domain: z.example,":     {"{domain: ..,", "table.yaml:4: profile: authoritative domain"},
	} {
		g := NewWithT(t)
		g.Expect(strings.Count(every, from)).To(Equal(1), from)
		table, err := load(t, strings.Replace(every, from, tc.to, 1))
		g.Expect(table).To(BeNil())
		g.Expect(err).To(MatchError(HavePrefix(tc.want)), from)
	}
}

// Services that cannot be told apart are mistakes at the second one.
func TestServicesOfOneName(t *testing.T) {
	const members = "pools: [{members: [{ip: 192.0.2.1}]}]}"
	for second, want := range map[string]string{
		"{domains: [a.example], ":                              `table.yaml:5: services[2].domains[0]: "a.example" is that of services[0] in line 3: give each service its own`,
		"{domains: [x.example], name: a.example, ":             `table.yaml:5: services[2].name: "a.example" is that of services[0] in line 3`,
		"{domains: [x.example], uuid: gslbservice-a.example, ": `table.yaml:5: services[2].uuid: "gslbservice-a.example" is that of services[0] in line 3`,
		"{domains: [], uuid: u, ":                              "table.yaml:5: services[2].domains: give at least one domain name",
	} {
		table, err := load(t, "kind: DNS\nservices:\n- {domains: [a.example], "+members+"\n- {domains: [b.example], "+members+"\n- "+second+members+"\n")
		g := NewWithT(t)
		g.Expect(table).To(BeNil())
		g.Expect(err).To(MatchError(HavePrefix(want)))
	}
}

func TestFilesThatCannotBeRead(t *testing.T) {
	g := NewWithT(t)
	_, err := dnsfile.Load(filepath.Join(t.TempDir(), "none.yaml"))
	g.Expect(err).To(MatchError(os.ErrNotExist))
	_, err = load(t, "")
	g.Expect(err).To(MatchError("table.yaml: the file is empty"))
	_, err = load(t, "kind: DNS\ngeo: {csv: geo.csv, maxmind: geo.csv}\n")
	g.Expect(err).To(MatchError("table.yaml:2: geo: names two databases: use maxmind or csv"))
	_, err = load(t, "kind: DNS\ngeo: {maxmind: geo.csv}\n")
	g.Expect(err).To(MatchError(HavePrefix("table.yaml:2: geo.maxmind: geo.csv: MaxMind database")))
}

// geoCSV is a geo database in the product's format.
const geoCSV = "V.01\n192.0.2.0,192.0.2.255,51.5,-0.1,GB/England/London,t\n"
