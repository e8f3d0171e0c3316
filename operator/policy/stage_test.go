package policy_test

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	amkov1alpha1 "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha1"
	amkov1alpha2 "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha2"
	"github.com/gslbsim/gslbsim/operator/ingest"
	"github.com/gslbsim/gslbsim/operator/model"
	"github.com/gslbsim/gslbsim/operator/policy"
)

const shop = "shop.example.com"

// stage is what a policy is judged by and applied to: clusters east and west, third-party sites cdn and dr, and a controller
// with some objects of users.
type stage struct {
	t     *testing.T
	g     Gomega
	index *ingest.Index
	book  *policy.RuleBook
	cat   *policy.Catalog
	gdp   *amkov1alpha2.GlobalDeploymentPolicy
}

// selecting is a policy that selects app=gslb in both clusters, by address only.
const selecting = "matchRules: {appSelector: {label: {app: gslb}}}\nmatchClusters: [{cluster: east, syncVipOnly: true}, {cluster: west, syncVipOnly: true}]\n"

func newStage(t *testing.T) *stage {
	s := &stage{t: t, g: NewWithT(t), index: ingest.NewIndex(false), book: policy.NewRuleBook(), cat: &policy.Catalog{
		Clusters: map[string]bool{"east": true, "west": true}, Sites: map[string]bool{"cdn": true, "dr": true},
		Found: map[policy.Reference]model.StoredMonitor{
			{Type: policy.TypePersistence, Tenant: "admin", Name: "sticky"}: {},
			{Type: policy.TypePersistence, Tenant: "admin", Name: "other"}:  {},
			{Type: policy.TypePKI, Tenant: "admin", Name: "ca"}:             {},
			{Type: policy.TypePKI, Tenant: "blue", Name: "blue-ca"}:         {},
		},
	}}
	for name, m := range map[string]model.StoredMonitor{
		"mine": {Federated: true, Probe: model.ProbeTCP}, "yours": {Federated: true, Probe: model.ProbeHTTP, Request: "HEAD / HTTP/1.0"},
		"local": {Probe: model.ProbeHTTP, Request: "GET / HTTP/1.0"}, "tmpl": {Federated: true, Probe: model.ProbeHTTPS, Request: "GET /health HTTP/1.1", Codes: []string{"HTTP_2XX"}},
		"odd": {Federated: true, Probe: model.ProbeHTTP, Request: "GET /x"},
	} {
		s.cat.Found[policy.Reference{Type: policy.TypeMonitor, Tenant: "admin", Name: name}] = m
	}
	s.policy("")
	return s
}

// policy replaces the policy by one that selects everything and says what the YAML says besides.
func (s *stage) policy(more string) { s.bare(selecting + more) }

// bare replaces the policy.
func (s *stage) bare(spec string) {
	s.t.Helper()
	s.gdp = &amkov1alpha2.GlobalDeploymentPolicy{ObjectMeta: metav1.ObjectMeta{Namespace: "avi-system", Name: "gdp"}}
	s.g.Expect(yaml.UnmarshalStrict([]byte(spec), &s.gdp.Spec)).To(Succeed())
}

// ghr is a GSLBHostRule.
func (s *stage) ghr(name, spec string) *amkov1alpha1.GSLBHostRule {
	s.t.Helper()
	r := &amkov1alpha1.GSLBHostRule{ObjectMeta: metav1.ObjectMeta{Namespace: "avi-system", Name: name}}
	s.g.Expect(yaml.UnmarshalStrict([]byte(spec), &r.Spec)).To(Succeed())
	return r
}

// rule adds a valid rule for the shop.
func (s *stage) rule(spec string) {
	s.t.Helper()
	r := s.ghr("r", "fqdn: "+shop+"\n"+spec)
	compiled, err := policy.CompileRule(r, "admin", s.cat)
	s.g.Expect(err).NotTo(HaveOccurred())
	s.book.Set(r, compiled, nil)
}

// candidate changes what ingress makes.
type candidate func(*ingest.Candidate)

// ingress adds an Ingress of the shop, selected and probed at "/" unless changed.
func (s *stage) ingress(cluster, vip string, changes ...candidate) {
	c := ingest.Candidate{
		Source: model.Source{Kind: model.Ingress, Cluster: cluster, Namespace: "web", Name: "shop", Host: shop},
		VIP:    netip.MustParseAddr(vip), Paths: []string{"/"}, Labels: ingest.LabelsOf(map[string]string{"app": "gslb"}),
	}
	for _, change := range changes {
		change(&c)
	}
	s.index.SetObject(ingest.Object{Cluster: cluster, Kind: c.Kind, Namespace: c.Namespace, Name: c.Name}, []ingest.Candidate{c})
}

func named(name string) candidate { return func(c *ingest.Candidate) { c.Name = name } }

func tls(c *ingest.Candidate) { c.TLS = true }

func passthrough(c *ingest.Candidate) { c.Kind, c.Passthrough, c.Paths = model.Route, true, nil }

func paths(list ...string) candidate { return func(c *ingest.Candidate) { c.Paths = list } }

func layer4(probe model.Probe, port uint32) candidate {
	return func(c *ingest.Candidate) { c.Kind, c.Paths, c.Probe, c.Port = model.LoadBalancer, nil, probe, port }
}

// compiled is the policy in force.
func (s *stage) compiled() *policy.Policy {
	s.t.Helper()
	global, err := policy.CompileGlobal(s.gdp, "admin", s.cat)
	s.g.Expect(err).NotTo(HaveOccurred())
	return &policy.Policy{Global: global, Rule: s.book.Rule, CreatedBy: "amko-1", DefaultTenant: "admin", DefaultPKI: "first-ca"}
}

// wanted are the services of the shop.
func (s *stage) wanted() []model.Wanted {
	s.t.Helper()
	return s.compiled().Desired(shop, s.index)
}

// pools says what members the services have: "admin 20:10.1.0.1*3 10:10.2.0.1*1", one line each.
func (s *stage) pools() string {
	s.t.Helper()
	var out []string
	for _, w := range s.wanted() {
		line := w.Service.Key.Tenant
		for _, p := range w.Service.Pools {
			var members []string
			for _, m := range p.Members {
				text := fmt.Sprintf("%s*%d", m.VIP, m.Ratio)
				if m.PublicIP.IsValid() {
					text += "(" + m.PublicIP.String() + ")"
				}
				if m.VirtualService != "" {
					text += "=" + m.Controller + "/" + m.VirtualService
				}
				members = append(members, text)
			}
			line += fmt.Sprintf(" %d:%s", p.Priority, strings.Join(members, ","))
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}

// monitors says how the one service is probed: what is made, what is attached, and how many must be up.
func (s *stage) monitors() string {
	s.t.Helper()
	all := s.wanted()
	s.g.Expect(all).To(HaveLen(1))
	w := all[0]
	made := map[string]string{}
	for _, m := range w.Monitors {
		made[m.Key.Name] = strings.TrimSpace(fmt.Sprintf("%s:%d %s", strings.TrimPrefix(string(m.Probe), "HEALTH_MONITOR_"), m.Port, m.Path))
	}
	var parts []string
	for _, name := range w.Service.Monitors {
		parts = append(parts, cmp.Or(made[name], name))
		delete(made, name)
	}
	s.g.Expect(made).To(BeEmpty(), "what is made is attached")
	slices.Sort(parts)
	needed := map[uint32]bool{}
	for _, p := range w.Service.Pools {
		needed[p.MinMonitorsUp] = true
	}
	s.g.Expect(needed).To(HaveLen(1), "all pools need the same number")
	return fmt.Sprintf("%s up %d", strings.Join(parts, ", "), w.Service.Pools[0].MinMonitorsUp)
}

// service is the one service.
func (s *stage) service() model.Service {
	s.t.Helper()
	all := s.wanted()
	s.g.Expect(all).To(HaveLen(1))
	return all[0].Service
}
