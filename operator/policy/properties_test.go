package policy_test

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/operator/ingest"
	"github.com/gslbsim/gslbsim/operator/model"
)

// Shows: split-weight, split-priority, split-rule-entry, third-party, third-party-alone, public-ip, shared-vip, better-weights, better-ipv6
func TestMembersAndPools(t *testing.T) {
	for name, tt := range map[string]struct{ policy, rule, want string }{
		"defaults":       {"", "", "admin 10:10.1.0.1*1,10.2.0.1*1"},
		"weights":        {"trafficSplit: [{cluster: east, weight: 7}, {cluster: west, weight: 20}]", "", "admin 10:10.1.0.1*7,10.2.0.1*20"},
		"priorities":     {"trafficSplit: [{cluster: west, priority: 100}, {cluster: east, priority: 0}]", "", "admin 100:10.2.0.1*1 0:10.1.0.1*1"},
		"a rule's entry": {"trafficSplit: [{cluster: east, weight: 7, priority: 30}]", "trafficSplit: [{cluster: east, weight: 2, priority: 40}]", "admin 40:10.1.0.1*2 10:10.2.0.1*1"},
		"weight alone":   {"", "trafficSplit: [{cluster: east, weight: 2}]", "admin 10:10.2.0.1*1 1:10.1.0.1*2"},
		"the last entry": {"trafficSplit: [{cluster: east, weight: 2}, {cluster: east, weight: 3}]", "", "admin 10:10.1.0.1*3,10.2.0.1*1"},
		"third party":    {"", "thirdPartyMembers: [{site: cdn, vip: 10.9.0.1}]", "admin 10:10.1.0.1*1,10.2.0.1*1 1:10.9.0.1*1"},
		"third party, split": {"", "thirdPartyMembers: [{site: cdn, vip: 10.9.0.1}, {site: dr, vip: '2001:db8::9', publicIP: 192.0.2.9}]\ntrafficSplit: [{cluster: cdn, weight: 4, priority: 10}]",
			"admin 10:10.1.0.1*1,10.2.0.1*1,10.9.0.1*4 1:2001:db8::9*1(192.0.2.9)"},
		"a third party's address that a cluster has": {"", "thirdPartyMembers: [{site: cdn, vip: 10.1.0.1}]", "admin 10:10.1.0.1*1,10.2.0.1*1"},
		"public addresses":                           {"", "publicIP: [{cluster: east, ip: 192.0.2.1}, {cluster: west, ip: '2001:db8::2'}]", "admin 10:10.1.0.1*1(192.0.2.1),10.2.0.1*1(2001:db8::2)"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			s.policy(tt.policy)
			s.ingress("east", "10.1.0.1")
			s.ingress("east", "10.1.0.1", named("shares-the-address"))
			s.ingress("west", "10.2.0.1")
			if tt.rule != "" {
				s.rule(tt.rule)
			}
			s.g.Expect(s.pools()).To(Equal(tt.want))
			s.g.Expect(s.service().Sources).To(HaveLen(3), "all objects are in the description")
		})
	}
	s := newStage(t)
	s.rule("thirdPartyMembers: [{site: cdn, vip: 10.9.0.1}]")
	s.g.Expect(s.pools()).To(Equal("admin 1:10.9.0.1*1"), "third-party members alone")
	s.g.Expect(s.monitors()).To(Equal("HTTP:80 / up 2"))
	s.book.Remove(keyOf(s.ghr("r", "fqdn: x")))
	s.g.Expect(s.wanted()).To(BeEmpty())
}

// Shows: precedence, ttl, down-response, algorithm, persistence, tls-signals
func TestTheRuleGoesBeforeThePolicy(t *testing.T) {
	type properties struct{ TTL, Algorithm, Down, Persistence string }
	of := func(s *stage) properties {
		service := s.service()
		p := properties{Algorithm: algorithmText(service.Pools[0]), Persistence: service.Persistence + "/" + service.PKI}
		if service.TTL != nil {
			p.TTL = uintText(*service.TTL)
		}
		if service.Down != nil {
			p.Down = service.Down.Type
			if service.Down.Fallback.IsValid() {
				p.Down += " " + service.Down.Fallback.String()
			}
		}
		return p
	}
	const geo = "poolAlgorithmSettings: {lbAlgorithm: GSLB_ALGORITHM_GEO, geoFallback: {lbAlgorithm: GSLB_ALGORITHM_CONSISTENT_HASH, hashMask: 20}}"
	const full = "ttl: 30\ndownResponse: {type: GSLB_SERVICE_DOWN_RESPONSE_ALL_RECORDS}\nsitePersistenceRef: sticky\npkiProfileRef: ca\n" + geo
	none := properties{"", "GSLB_ALGORITHM_ROUND_ROBIN", "", "/"}
	global := properties{"30", "GSLB_ALGORITHM_GEO GSLB_ALGORITHM_CONSISTENT_HASH 20", "GSLB_SERVICE_DOWN_RESPONSE_ALL_RECORDS", "sticky/ca"}
	with := func(p properties, change func(*properties)) properties { change(&p); return p }
	for name, tt := range map[string]struct {
		policy, rule string
		want         properties
	}{
		"nothing is said": {"", "", none},
		"policy":          {full, "", global},
		"rule":            {"", "ttl: 0", with(none, func(p *properties) { p.TTL = "0" })},
		"ttl":             {full, "ttl: 0", with(global, func(p *properties) { p.TTL = "0" })},
		"an empty rule":   {full, "", global},
		"down": {full, "downResponse: {type: GSLB_SERVICE_DOWN_RESPONSE_FALLBACK_IP, fallbackIP: '2001:db8::1'}",
			with(global, func(p *properties) { p.Down = "GSLB_SERVICE_DOWN_RESPONSE_FALLBACK_IP 2001:db8::1" })},
		"algorithm": {full, "poolAlgorithmSettings: {lbAlgorithm: GSLB_ALGORITHM_TOPOLOGY}",
			with(global, func(p *properties) { p.Algorithm = "GSLB_ALGORITHM_TOPOLOGY" })},
		"hash": {full, "poolAlgorithmSettings: {lbAlgorithm: GSLB_ALGORITHM_CONSISTENT_HASH, hashMask: 31}",
			with(global, func(p *properties) { p.Algorithm = "GSLB_ALGORITHM_CONSISTENT_HASH 31" })},
		"persistence off":          {full, "sitePersistence: {enabled: false}", with(global, func(p *properties) { p.Persistence = "/" })},
		"off with a profile named": {full, "sitePersistence: {enabled: false, profileRef: other}", with(global, func(p *properties) { p.Persistence = "/" })},
		"another profile":          {full, "sitePersistence: {enabled: true, profileRef: other}", with(global, func(p *properties) { p.Persistence = "other/ca" })},
		"persistence by the rule":  {"", "sitePersistence: {enabled: true, profileRef: other}", with(none, func(p *properties) { p.Persistence = "other/first-ca" })},
		"with a PKI profile":       {"", "sitePersistence: {enabled: true, profileRef: other, pkiProfileRef: ca}", with(none, func(p *properties) { p.Persistence = "other/ca" })},
		"PKI without persistence":  {"pkiProfileRef: ca", "", none},
		"no PKI named":             {"sitePersistenceRef: sticky", "", with(none, func(p *properties) { p.Persistence = "sticky/first-ca" })},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			s.policy(tt.policy)
			s.ingress("east", "10.1.0.1", tls)
			s.ingress("west", "10.2.0.1")
			s.rule(tt.rule)
			s.g.Expect(of(s)).To(Equal(tt.want))
			s.ingress("east", "10.1.0.1")
			s.g.Expect(of(s)).To(Equal(with(tt.want, func(p *properties) { p.Persistence = "/" })), "without TLS there is no persistence")
		})
	}
}

// Shows: monitor-built, monitor-service, monitor-refs, monitor-template, monitor-control-plane, source-route-passthrough
func TestHowServicesAreProbed(t *testing.T) {
	two := func(a, b candidate) func(*stage) {
		return func(s *stage) { s.ingress("east", "10.1.0.1", a); s.ingress("west", "10.2.0.1", b) }
	}
	plain := func(*ingest.Candidate) {}
	web := func(port uint32) candidate { return func(c *ingest.Candidate) { c.WebPort = port } }
	for name, tt := range map[string]struct {
		members      func(*stage)
		policy, rule string
		want         string
	}{
		"one path":                    {two(plain, plain), "", "", "HTTP:80 / up 2"},
		"paths of all members":        {two(paths("/a", "/b"), paths("/b", "/c")), "", "", "HTTP:80 /a, HTTP:80 /b, HTTP:80 /c up 2"},
		"TLS of one is TLS of all":    {two(plain, tls), "", "", "HTTPS:443 / up 2"},
		"another port of all":         {two(web(8080), web(8080)), "", "", "HTTP:8080 / up 2"},
		"another port of one":         {two(web(8080), plain), "", "", "HTTP:80 / up 2"},
		"Services":                    {two(layer4(model.ProbeUDP, 53), layer4(model.ProbeTCP, 80)), "", "", "UDP:53 up 2"},
		"Services of one port":        {two(layer4(model.ProbeUDP, 53), layer4(model.ProbeTCP, 53)), "", "", "TCP:53 up 2"},
		"paths before ports":          {two(layer4(model.ProbeTCP, 53), plain), "", "", "HTTP:80 / up 2"},
		"passthrough":                 {two(passthrough, passthrough), "", "", "TCP:443 up 2"},
		"passthrough and paths":       {two(passthrough, plain), "", "", "HTTP:80 / up 2"},
		"refs":                        {two(plain, tls), "healthMonitorRefs: [yours, mine, yours]", "", "mine, yours up 3"},
		"a rule's refs":               {two(plain, tls), "healthMonitorRefs: [yours]", "healthMonitorRefs: [mine]", "mine up 2"},
		"a rule's refs over template": {two(plain, tls), "healthMonitorTemplate: tmpl", "healthMonitorRefs: [mine]", "mine up 2"},
		"a template":                  {two(plain, plain), "healthMonitorTemplate: tmpl", "", "HTTP:80 / up 2"},
		"a rule's template over refs": {two(plain, plain), "healthMonitorRefs: [mine]", "healthMonitorTemplate: tmpl", "HTTP:80 / up 2"},
		"control plane only":          {two(plain, tls), "controlPlaneHmOnly: true\nhealthMonitorRefs: [mine]", "", " up 1"},
		"a rule turns it off":         {two(plain, tls), "controlPlaneHmOnly: true", "controlPlaneHmOnly: false", "HTTPS:443 / up 2"},
		"a rule turns it on":          {two(plain, tls), "", "controlPlaneHmOnly: true\nhealthMonitorRefs: [mine]", " up 1"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			s.policy(tt.policy)
			tt.members(s)
			if tt.rule != "" {
				s.rule(tt.rule)
			}
			s.g.Expect(s.monitors()).To(Equal(tt.want))
		})
	}
}

// Shows: monitor-template
func TestATemplateGivesRequestAndCodes(t *testing.T) {
	s := newStage(t)
	s.policy("healthMonitorTemplate: tmpl")
	s.ingress("east", "10.1.0.1", paths("/a"))
	m := s.wanted()[0].Monitors[0]
	s.g.Expect(m.Request).To(Equal("GET /a HTTP/1.1"))
	s.g.Expect(m.Codes).To(Equal([]string{"HTTP_2XX"}))
	s.g.Expect(m.Probe).To(Equal(model.ProbeHTTP), "whether TLS is probed follows the members, not the template")
	s.g.Expect(m.Description()).To(Equal("created by: amko, gsname: shop.example.com, path: /a, protocol: http, created from: tmpl"))
}
