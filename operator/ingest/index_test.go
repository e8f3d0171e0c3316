package ingest_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	akov1beta1 "github.com/gslbsim/gslbsim/operator/api/ako/v1beta1"
	"github.com/gslbsim/gslbsim/operator/ingest"
	"github.com/gslbsim/gslbsim/operator/model"
)

// candidate is one of an Ingress in namespace web.
func candidate(cluster, host, vip string) (ingest.Object, ingest.Candidate) {
	key := ingest.Object{Cluster: cluster, Kind: model.Ingress, Namespace: "web", Name: host}
	return key, ingest.Candidate{
		Source: model.Source{Kind: model.Ingress, Cluster: cluster, Namespace: "web", Name: host, Host: host},
		VIP:    netip.MustParseAddr(vip), Paths: []string{"/"},
	}
}

func set(x *ingest.Index, cluster, host, vip string) {
	key, c := candidate(cluster, host, vip)
	x.SetObject(key, []ingest.Candidate{c})
}

// hostRule is an accepted HostRule in namespace web, of the host's name.
func hostRule(cluster, host, global string, aliases ...string) *ingest.HostRule {
	return &ingest.HostRule{Cluster: cluster, Namespace: "web", Name: host, FQDN: host, Global: global, Aliases: aliases}
}

func rule(x *ingest.Index, r *ingest.HostRule) { x.SetHostRule(r.Cluster, r.Namespace, r.Name, r) }

// Shows: fqdn-hostrule-accepted
func TestOnlyAcceptedHostRulesCount(t *testing.T) {
	g := NewWithT(t)
	hr := &akov1beta1.HostRule{
		ObjectMeta: metav1.ObjectMeta{Namespace: "web", Name: "r"},
		Spec: akov1beta1.HostRuleSpec{VirtualHost: akov1beta1.HostRuleVirtualHost{
			Fqdn: "a.local", FqdnType: akov1beta1.FqdnTypeContains, Aliases: []string{"x"},
			Gslb: akov1beta1.HostRuleGSLB{Fqdn: "a.global", IncludeAliases: true}, TLS: &akov1beta1.HostRuleTLS{},
		}},
	}
	for _, status := range []string{"", akov1beta1.HostRuleRejected} {
		hr.Status.Status = status
		g.Expect(ingest.FromHostRule("east", hr)).To(BeNil())
	}
	hr.Status.Status = akov1beta1.HostRuleAccepted
	want := &ingest.HostRule{
		Cluster: "east", Namespace: "web", Name: "r", FQDN: "a.local", Global: "a.global", Aliases: []string{"x"}, IncludeAliases: true,
	}
	g.Expect(ingest.FromHostRule("east", hr)).To(Equal(want), "a TLS section without a certificate is no TLS")
	hr.Spec.VirtualHost.TLS.SSLKeyCertificate.Name = "cert"
	g.Expect(ingest.FromHostRule("east", hr).TLS).To(BeTrue())
	hr.Spec.VirtualHost.Fqdn = ""
	g.Expect(ingest.FromHostRule("east", hr)).To(BeNil())
}

// Shows: fqdn-default, tls-signals
func TestHostsAreNamesByDefault(t *testing.T) {
	g := NewWithT(t)
	x := ingest.NewIndex(false)
	set(x, "west", "a.example.com", "10.2.0.1")
	set(x, "east", "a.example.com", "10.1.0.1")
	g.Expect(x.Touched()).To(Equal([]string{"a.example.com"}))
	r := hostRule("east", "a.example.com", "global.example.com", "www.example.com")
	r.TLS = true
	rule(x, r)
	g.Expect(x.Touched()).To(Equal([]string{"a.example.com"}))
	g.Expect(x.FQDNs()).To(Equal([]string{"a.example.com"}), "the global name does not count")
	g.Expect(x.Aliases("a.example.com")).To(Equal([]string{"www.example.com"}))
	g.Expect(lines(x.Candidates("a.example.com"))).To(Equal([]string{
		"INGRESS/east/web/a.example.com/a.example.com 10.1.0.1 TLS /", "INGRESS/west/web/a.example.com/a.example.com 10.2.0.1 /",
	}), "a certificate makes TLS, in its own cluster")
	x.SetHostRule("east", "web", r.Name, nil)
	r.Namespace = "elsewhere"
	rule(x, r)
	g.Expect(lines(x.Candidates("a.example.com"))[0]).NotTo(ContainSubstring("TLS"), "and in its own namespace")
	x.Touched()
	set(x, "east", "a.example.com", "10.1.0.1")
	g.Expect(x.Touched()).To(BeEmpty(), "nothing has changed")
}

// Shows: fqdn-custom, fqdn-include-aliases, fqdn-passthrough
func TestHostRulesMapHostsToGlobalNames(t *testing.T) {
	g := NewWithT(t)
	x := ingest.NewIndex(true)
	set(x, "east", "a.east", "10.1.0.1")
	set(x, "east", "b.east", "10.1.0.2")
	set(x, "west", "a.west", "10.2.0.1")
	g.Expect(x.FQDNs()).To(BeEmpty(), "hosts without a rule are no services")
	for _, r := range []*ingest.HostRule{
		hostRule("east", "a.east", "shop", "x"), hostRule("east", "b.east", "shop"), hostRule("west", "a.west", "shop"), hostRule("west", "b.west", "other"),
	} {
		rule(x, r)
	}
	g.Expect(x.FQDNs()).To(Equal([]string{"shop"}))
	g.Expect(lines(x.Candidates("shop"))).To(Equal([]string{
		"INGRESS/east/web/a.east/a.east 10.1.0.1 /", "INGRESS/east/web/b.east/b.east 10.1.0.2 /", "INGRESS/west/web/a.west/a.west 10.2.0.1 /",
	}))
	g.Expect(x.Aliases("shop")).To(BeEmpty())
	including := hostRule("east", "a.east", "shop", "x")
	including.IncludeAliases = true
	rule(x, including)
	g.Expect(x.Aliases("shop")).To(Equal([]string{"x"}))
	g.Expect(x.Claimants("x")).To(Equal([]string{"shop"}))

	key, c := candidate("east", "a.east", "10.1.0.1")
	c.Unmappable = true
	x.SetObject(key, []ingest.Candidate{c})
	g.Expect(x.Candidates("shop")).To(HaveLen(2), "a passthrough Ingress is not mapped")
}

// Shows: B15
func TestB15_AHostRuleMapsHostsOfItsOwnClusterOnly(t *testing.T) {
	g := NewWithT(t)
	x := ingest.NewIndex(true)
	set(x, "east", "a.local", "10.1.0.1")
	set(x, "west", "a.local", "10.2.0.1")
	rule(x, hostRule("east", "a.local", "shop"))
	rule(x, hostRule("west", "a.local", "other"))
	g.Expect(lines(x.Candidates("shop"))).To(Equal([]string{"INGRESS/east/web/a.local/a.local 10.1.0.1 /"}))
	x.Touched()
	rule(x, hostRule("east", "a.local", "new"))
	g.Expect(x.Touched()).To(Equal([]string{"new", "shop"}))
	g.Expect(lines(x.Candidates("other"))).To(Equal([]string{"INGRESS/west/web/a.local/a.local 10.2.0.1 /"}))
	g.Expect(x.FQDNs()).To(Equal([]string{"new", "other"}))
}

// Shows: select-namespace-change
func TestANamespaceTouchesItsObjects(t *testing.T) {
	g := NewWithT(t)
	x := ingest.NewIndex(false)
	set(x, "east", "a.example.com", "10.1.0.1")
	set(x, "west", "b.example.com", "10.2.0.1")
	x.Touched()
	ns := ingest.FromNamespace(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{
		Labels: map[string]string{"env": "prod"}, Annotations: map[string]string{"ako.vmware.com/tenant-name": "blue"},
	}})
	x.SetNamespace("east", "web", ns)
	g.Expect(x.Touched()).To(Equal([]string{"a.example.com"}))
	g.Expect(x.Namespace("east", "web")).To(Equal(ingest.Namespace{Labels: ingest.LabelsOf(map[string]string{"env": "prod"}), Tenant: "blue"}))
	x.SetNamespace("east", "web", ns)
	g.Expect(x.Touched()).To(BeEmpty())
	x.SetNamespace("east", "web", nil)
	g.Expect(x.Touched()).To(Equal([]string{"a.example.com"}))
}

// history is a random sequence of changes of an Index, and what there is after it.
type history struct {
	objects map[ingest.Object][]ingest.Candidate
	rules   map[[3]string]*ingest.HostRule
}

func (h *history) change(x *ingest.Index, random *rand.Rand) {
	pick := func(list ...string) string { return list[random.IntN(len(list))] }
	cluster, host := pick("east", "west"), pick("a", "b", "c")
	switch random.IntN(5) {
	case 0:
		key, _ := candidate(cluster, host, "10.0.0.1")
		delete(h.objects, key)
		x.SetObject(key, nil)
	case 1, 2:
		key, c := candidate(cluster, host, fmt.Sprintf("10.0.0.%d", 1+random.IntN(3)))
		v6 := c
		v6.VIP = netip.MustParseAddr("2001:db8::1")
		h.objects[key] = []ingest.Candidate{c, v6}[:1+random.IntN(2)]
		x.SetObject(key, h.objects[key])
	case 3:
		r := hostRule(cluster, host, pick("", "g", "h", "a"), pick("g", "b", "x"))
		r.Name, r.IncludeAliases, r.TLS = pick("r", "s"), random.IntN(2) == 0, random.IntN(2) == 0
		h.rules[[3]string{cluster, "web", r.Name}] = r
		rule(x, r)
	default:
		name := pick("r", "s")
		delete(h.rules, [3]string{cluster, "web", name})
		x.SetHostRule(cluster, "web", name, nil)
	}
}

// answers are all that an Index says.
func answers(x *ingest.Index) string {
	text := fmt.Sprint(x.FQDNs(), x.Mapped())
	for _, name := range []string{"a", "b", "c", "g", "h", "x"} {
		text += fmt.Sprint("\n", name, lines(x.Candidates(name)), x.Aliases(name), x.Claimants(name))
	}
	return text
}

// However it came about, an Index says what one says that was told the end alone; it says the same each time it is asked; and
// what it says of a name changes only when the name is touched.
//
// Shows: own-once, fqdn-mode-change
func TestAnIndexForgetsItsHistory(t *testing.T) {
	for seed := range uint64(60) {
		g := NewWithT(t)
		random := rand.New(rand.NewPCG(seed, 2))
		x := ingest.NewIndex(seed%2 == 0)
		h := &history{objects: map[ingest.Object][]ingest.Candidate{}, rules: map[[3]string]*ingest.HostRule{}}
		for range 40 {
			before := map[string]string{}
			for _, name := range []string{"a", "b", "c", "g", "h"} {
				before[name] = fmt.Sprint(lines(x.Candidates(name)), x.Aliases(name))
			}
			h.change(x, random)
			touched := x.Touched()
			for name, was := range before {
				if fmt.Sprint(lines(x.Candidates(name)), x.Aliases(name)) != was {
					g.Expect(touched).To(ContainElement(name), "seed %d", seed)
				}
			}
			if random.IntN(20) == 0 {
				x = x.Remap(!x.Mapped())
			}
		}
		fresh := ingest.NewIndex(x.Mapped())
		for _, id := range slices.SortedFunc(maps.Keys(h.rules), func(a, b [3]string) int { return slices.Compare(b[:], a[:]) }) {
			fresh.SetHostRule(id[0], id[1], id[2], h.rules[id])
		}
		for key, candidates := range h.objects {
			fresh.SetObject(key, candidates)
		}
		g.Expect(answers(x)).To(Equal(answers(fresh)), "seed %d", seed)
		g.Expect(answers(x)).To(Equal(answers(x)))
		for _, cluster := range []string{"east", "west"} {
			x.ForgetCluster(cluster)
		}
		g.Expect(answers(x)).To(Equal(answers(ingest.NewIndex(x.Mapped()))), "nothing is left")
	}
}
