package policy_test

import (
	"fmt"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/operator/ingest"
)

// Shows: select-labels, select-one-label
func TestSelectors(t *testing.T) {
	objects := map[string]struct{ app, env string }{"both": {"gslb", "prod"}, "app": {"gslb", ""}, "space": {"", "prod"}, "none": {"other", "test"}}
	for selectors, want := range map[string]string{
		"":                                  "",
		"appSelector: {label: {app: gslb}}": "app both",
		"namespaceSelector: {label: {env: prod}}":                                                      "both space",
		"appSelector: {label: {app: gslb}}, namespaceSelector: {label: {env: prod}}":                   "both",
		"appSelector: {label: {}}, namespaceSelector: {label: {env: prod}}":                            "both space",
		"appSelector: {label: {app: gslb, tier: web}}, namespaceSelector: {label: {env: prod}}":        "both space",
		"appSelector: {label: {app: gslb, tier: web}}":                                                 "",
		"appSelector: {label: {app: gslb}}, namespaceSelector: {label: {env: prod, zone: a}}":          "app both",
		"appSelector: {label: {app: GSLB}}":                                                            "",
		"appSelector: {label: {absent: x}}":                                                            "",
		"appSelector: {label: {app: gslb}}, namespaceSelector: {label: {absent: x}}":                   "",
		"appSelector: {label: {app: gslb, a: b, c: d}}, namespaceSelector: {label: {env: prod, e: f}}": "",
	} {
		s := newStage(t)
		s.bare("matchRules: {" + selectors + "}\nmatchClusters: [{cluster: east, syncVipOnly: true}]")
		var got []string
		for _, name := range []string{"app", "both", "none", "space"} {
			o := objects[name]
			s.index = ingest.NewIndex(false)
			s.index.SetNamespace("east", "web", &ingest.Namespace{Labels: ingest.LabelsOf(map[string]string{"env": o.env})})
			s.ingress("east", "10.1.0.1", func(c *ingest.Candidate) { c.Labels = ingest.LabelsOf(map[string]string{"app": o.app}) })
			if len(s.wanted()) > 0 {
				got = append(got, name)
			}
		}
		s.g.Expect(strings.Join(got, " ")).To(Equal(want), selectors)
	}
}

// Shows: select-clusters, select-vip-only, trace-first-member-without-notes
func TestClusters(t *testing.T) {
	noted := func(c *ingest.Candidate) { c.Controller, c.VirtualService = "cluster-1", "vs-1" }
	half := func(c *ingest.Candidate) { c.VirtualService = "vs-1" }
	for clusters, want := range map[string]string{
		"":                                   "",
		"[]":                                 "",
		"[{cluster: west}]":                  "",
		"[{cluster: east}]":                  "admin 10:10.1.0.1*1=cluster-1/vs-1",
		"[{cluster: east}, {cluster: west}]": "admin 10:10.1.0.1*1=cluster-1/vs-1",
		"[{cluster: east, syncVipOnly: true}, {cluster: west, syncVipOnly: true}]": "admin 10:10.1.0.1*1,10.2.0.1*1",
		"[{cluster: east}, {cluster: west, syncVipOnly: true}]":                    "admin 10:10.1.0.1*1=cluster-1/vs-1,10.2.0.1*1",
	} {
		for _, other := range []candidate{half, func(*ingest.Candidate) {}} {
			s := newStage(t)
			s.bare("matchRules: {appSelector: {label: {app: gslb}}}\nmatchClusters: " + clusters)
			s.ingress("east", "10.1.0.1", noted)
			s.ingress("west", "10.2.0.1", other)
			s.g.Expect(s.pools()).To(Equal(want), clusters)
		}
	}
}

// Shows: source-route-subdomain
func TestSubdomains(t *testing.T) {
	for domain, selected := range map[string]bool{
		"": false, "example.com": true, ".example.com": true, "example.org": false, "le.com": false, "shop.example.com": false,
	} {
		s := newStage(t)
		s.policy(fmt.Sprintf("defaultDomain: %q", domain))
		s.ingress("east", "10.1.0.1", func(c *ingest.Candidate) { c.Subdomain = "shop" })
		s.g.Expect(len(s.wanted()) > 0).To(Equal(selected), "%q", domain)
	}
}

// Shows: tenant-default, tenant-namespace, B16
func TestTenantsOfObjects(t *testing.T) {
	for _, tt := range []struct{ namespace, noted, want string }{
		{"", "", "admin 10:10.1.0.1*1"},
		{"", "blue", "admin 10:10.1.0.1*1"},
		{"blue", "blue", "blue 10:10.1.0.1*1"},
		{"blue", "", ""},
		{"blue", "green", ""},
		{"admin", "", "admin 10:10.1.0.1*1"},
	} {
		s := newStage(t)
		s.index.SetNamespace("east", "web", &ingest.Namespace{Tenant: tt.namespace})
		s.ingress("east", "10.1.0.1", func(c *ingest.Candidate) { c.Tenant = tt.noted })
		s.g.Expect(s.pools()).To(Equal(tt.want), "%+v", tt)
	}
	s := newStage(t)
	s.index.SetNamespace("east", "web", &ingest.Namespace{Tenant: "blue"})
	s.ingress("east", "10.1.0.1", func(c *ingest.Candidate) { c.Tenant = "blue" })
	s.ingress("west", "10.2.0.1")
	s.g.Expect(s.pools()).To(Equal("admin 10:10.2.0.1*1\nblue 10:10.1.0.1*1"), "one service a tenant")
}

// Shows: fqdn-alias-owner
func TestAliasesThatOthersOwn(t *testing.T) {
	s := newStage(t)
	alias := func(host string, names ...string) {
		s.index.SetHostRule("east", "web", host, &ingest.HostRule{Cluster: "east", Namespace: "web", Name: host, FQDN: host, Aliases: names})
	}
	at := func(host string) candidate { return func(c *ingest.Candidate) { c.Host, c.Name = host, host } }
	names := func(fqdn string) []string {
		all := s.compiled().Desired(fqdn, s.index)
		s.g.Expect(all).To(HaveLen(1))
		return all[0].Service.DomainNames
	}
	alias("a", "x", "y", "a")
	alias("b", "x", "z")
	s.ingress("east", "10.1.0.1", at("a"))
	s.ingress("east", "10.1.0.2", at("b"))
	s.g.Expect(names("a")).To(Equal([]string{"a", "x", "y"}))
	s.g.Expect(names("b")).To(Equal([]string{"b", "z"}), "x is the first claimant's")
	s.ingress("east", "10.1.0.3", at("y"))
	s.g.Expect(names("a")).To(Equal([]string{"a", "x"}), "a name is its own service's before it is an alias")
	s.ingress("east", "10.1.0.1", at("a"), func(c *ingest.Candidate) { c.Labels = ingest.Labels{} })
	s.g.Expect(names("b")).To(Equal([]string{"b", "x", "z"}), "an alias passes on when its owner is not selected any more")
}
