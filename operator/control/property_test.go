package control_test

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"

	akov1beta1 "github.com/gslbsim/gslbsim/operator/api/ako/v1beta1"
	amkov1alpha1 "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha1"
	amkov1alpha2 "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha2"
	"github.com/gslbsim/gslbsim/operator/control"
	"github.com/gslbsim/gslbsim/operator/internal/avitest"
)

// TestAnyOrderAnyRestartAnyFailureEndsInTheSameObjects lets an operator live through a random life: objects and policies come,
// change and go, clusters and the controller fail in all manners, and it is restarted at any point. When all is well again,
// the controller must hold what a new operator makes on an empty controller.
//
// Shows: own-order
func TestAnyOrderAnyRestartAnyFailureEndsInTheSameObjects(t *testing.T) {
	services := 0
	for seed := range uint64(10) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				defer func() { w.stop() }()
				w.options.Health = &control.Health{}
				l := &life{world: w, random: rand.New(rand.NewPCG(seed, 0))}
				w.start()
				for range 60 {
					l.event()
				}
				l.heal()
				w.pass(2 * time.Hour)
				got := w.objects()
				w.stop()

				clean := avitest.New()
				l.furnish(clean)
				w.controllers.Put("a", clean)
				w.start()
				w.pass(time.Hour)
				w.g.Expect(got).To(Equal(w.objects()), strings.Join(l.log, "\n"))
				services += len(got)
			})
		})
	}
	NewWithT(t).Expect(services).To(BeNumerically(">", 10), "most lives end with something to compare")
}

// TestADifferenceWouldBeNoticed shows that the comparison above sees what an operator could get wrong.
func TestADifferenceWouldBeNoticed(t *testing.T) {
	differences := map[string]func(c *avitest.Controller){
		"a service too few": func(c *avitest.Controller) { c.Remove("gslbservice", "admin", shop) },
		"a member too few": func(c *avitest.Controller) {
			c.Edit("gslbservice", "admin", shop, func(o map[string]any) { o["groups"] = nil })
		},
		"a monitor left over": func(c *avitest.Controller) { c.Remove("gslbservice", "admin", "other.example.com") },
		"another field": func(c *avitest.Controller) {
			c.Edit("gslbservice", "admin", shop, func(o map[string]any) { o["ttl"] = 5 })
		},
		"a monitor of another": func(c *avitest.Controller) {
			c.Put("healthmonitor", "admin", map[string]any{"name": "amko--x", "description": mark})
		},
	}
	for name, differ := range differences {
		inWorld(t, func(w *world) {
			w.members["east"].Apply(ingress("shop", shop, "10.1.0.1"))
			w.members["east"].Apply(ingress("other", "other.example.com", "10.1.0.2"))
			w.start()
			want := w.objects()
			w.g.Expect(want).To(HaveLen(4))
			w.stop()
			differ(w.avi())
			w.g.Expect(w.objects()).NotTo(Equal(want), name)
		})
	}
}

type life struct {
	*world
	random *rand.Rand
	log    []string
}

var (
	uuids    = regexp.MustCompile(`(healthmonitor|gslbservice)-\d+`)
	hosts    = []string{"a.example.com", "b.example.com", "c.example.com", "d.example.com"}
	clusters = []string{"east", "west"}
)

// objects are all objects that operators made, without what differs by chance.
func (w *world) objects() []string {
	var out []string
	for _, kind := range []string{"gslbservice", "healthmonitor"} {
		for _, object := range w.controllers.Get("a").Objects(kind) {
			if strings.Contains(object, mark) {
				out = append(out, uuids.ReplaceAllString(object, "$1-N"))
			}
		}
	}
	return out
}

func (l *life) furnish(c *avitest.Controller) {
	c.Set(func(s *avitest.Settings) { s.ThirdParty = []string{"cdn"} })
	c.Put("healthmonitor", "admin", map[string]any{"name": "mine", "is_federated": true, "type": "HEALTH_MONITOR_TCP"})
}

// event does one thing, and lets some time pass.
func (l *life) event() {
	events := []struct {
		name string
		do   func()
	}{
		{"ingress", l.ingress}, {"ingress", l.ingress}, {"ingress", l.ingress}, {"deletion", l.deletion}, {"service", l.service},
		{"host rule", l.hostRule}, {"GSLB host rule", l.rule}, {"policy", l.policy}, {"restart", l.restart},
		{"controller fault", l.controllerFault}, {"cluster outage", l.outage}, {"healing", l.heal}, {"meddling", l.meddle},
		{"namespace", l.namespace}, {"leadership", func() { l.own.Apply(amkoCluster(l.maybe())) }}, {"mode", l.mode},
		{"rotation", l.rotation}, {"sessions end", func() { l.avi().EndSessions() }}, {"duplicates", l.duplicates},
		{"own cluster", func() { l.own.SetDown(l.maybe()) }},
	}
	e := events[l.random.IntN(len(events))]
	e.do()
	d := []time.Duration{0, time.Millisecond, 250 * time.Millisecond, 3 * time.Second, time.Minute, 40 * time.Minute}[l.random.IntN(6)]
	l.log = append(l.log, fmt.Sprintf("%s, then %s", e.name, d))
	l.pass(d)
}

func pick[T any](l *life, list []T) T { return list[l.random.IntN(len(list))] }

func (l *life) maybe() bool { return l.random.IntN(2) == 0 }

func (l *life) vip(cluster string) string {
	return fmt.Sprintf("10.%d.0.%d", 1+len(cluster)%2+map[string]int{"east": 0, "west": 1}[cluster], 1+l.random.IntN(4))
}

func (l *life) ingress() {
	cluster, host := pick(l, clusters), pick(l, hosts)
	ing := ingress(host, host, l.vip(cluster), [][]string{nil, {"/"}, {"/", "/x"}, {"/x", "/y", "/z"}}[l.random.IntN(4)]...)
	switch l.random.IntN(8) {
	case 0:
		ing.Status = networkingv1.IngressStatus{}
	case 1:
		ing.Labels = nil
	case 2:
		ing.Spec.TLS = []networkingv1.IngressTLS{{Hosts: []string{host}}}
	case 3:
		ing.Status.LoadBalancer.Ingress = append(ing.Status.LoadBalancer.Ingress,
			networkingv1.IngressLoadBalancerIngress{Hostname: host, IP: "2001:db8::" + map[string]string{"east": "1", "west": "2"}[cluster]})
	}
	l.members[cluster].Apply(ing)
}

func (l *life) service() {
	cluster, host := pick(l, clusters), pick(l, hosts)
	l.members[cluster].Apply(loadBalancer(host, host, l.vip(cluster), int32(50+l.random.IntN(3)), pick(l, []corev1.Protocol{"TCP", "UDP"})))
}

func (l *life) deletion() {
	cluster, host := pick(l, clusters), pick(l, hosts)
	l.members[cluster].Delete(ingress(host, "", ""))
	l.members[cluster].Delete(loadBalancer(host, "", "", 0, ""))
}

func (l *life) hostRule() {
	cluster, host := pick(l, clusters), pick(l, hosts)
	hr := hostRule(host, host, func(h *akov1beta1.HostRuleVirtualHost) {
		h.Gslb.Fqdn = pick(l, []string{"", "g1.example.com", "g2.example.com"}) // counts in the mode of custom FQDNs
		h.Aliases = [][]string{nil, {"x.example.com"}, {"x.example.com", "y.example.com"}, {hosts[0]}}[l.random.IntN(4)]
		if l.maybe() {
			h.TLS = &akov1beta1.HostRuleTLS{}
			h.TLS.SSLKeyCertificate.Name = "cert"
		}
	})
	if l.random.IntN(4) == 0 {
		l.members[cluster].Delete(hr)
		return
	}
	l.members[cluster].Apply(hr)
}

func (l *life) rule() {
	r := rule(pick(l, []string{"r1", "r2", "r3"}), pick(l, hosts), func(s *amkov1alpha1.GSLBHostRuleSpec) {
		switch l.random.IntN(6) {
		case 0:
			s.TTL = ptr(int64(l.random.IntN(100)))
		case 1:
			s.HealthMonitorRefs = []string{pick(l, []string{"mine", "absent"})}
		case 2:
			s.ThirdPartyMembers = []amkov1alpha1.ThirdPartyMember{{Site: pick(l, []string{"cdn", "absent"}), VIP: "10.9.0.1"}}
		case 3:
			s.TrafficSplit = []amkov1alpha1.TrafficSplitElem{{Cluster: pick(l, clusters), Priority: ptr(int64(l.random.IntN(30)))}}
		case 4:
			s.ControlPlaneHmOnly = ptr(l.maybe())
		case 5:
			s.DownResponse = &amkov1alpha1.DownResponse{Type: amkov1alpha1.DownResponseAllRecords}
		}
	})
	if l.random.IntN(3) == 0 {
		l.own.Delete(r)
		return
	}
	l.own.Apply(r)
}

func (l *life) policy() {
	l.own.Apply(gdp(func(s *amkov1alpha2.GDPSpec) {
		switch l.random.IntN(5) {
		case 0:
			s.TTL = ptr(int64(l.random.IntN(100)))
		case 1:
			s.TrafficSplit = []amkov1alpha2.TrafficSplitElem{{Cluster: pick(l, clusters), Weight: ptr(int64(1 + l.random.IntN(5)))}}
		case 2:
			s.MatchClusters[l.random.IntN(2)].SyncVipOnly = true
		case 3:
			s.TrafficSplit = []amkov1alpha2.TrafficSplitElem{{Cluster: "mars"}} // not valid
		}
	}))
}

func (l *life) namespace() {
	l.members[pick(l, clusters)].Apply(namespace("web", pick(l, []map[string]string{nil, nil, {"ako.vmware.com/tenant-name": "blue"}})))
}

func (l *life) outage() {
	m := l.members[pick(l, clusters)]
	m.SetDown(true)
	if l.maybe() {
		m.Forget()
	}
}

func (l *life) controllerFault() {
	fault := pick(l, []avitest.Fault{
		{Drop: true}, {Drop: true, Applied: true}, {Status: 500}, {Status: 503}, {Status: 401}, {Status: 419}, {Status: 429},
		{Status: 412}, {Status: 409}, {Status: 404}, {Status: 400}, {Status: 200, Applied: true}, {Status: 200, Raw: "{", Applied: true},
		{Status: 400, Message: "Config Operations can be done ONLY on leader"}, {Status: 400, Message: "GSLB system is in maintenance mode."},
	})
	every, n := 1+l.random.IntN(3), 0
	l.avi().OnRequest(func(r avitest.Request) *avitest.Fault {
		if r.Path == "login" || r.Verb == "GET" && fault.Status >= 200 && fault.Status < 300 {
			return nil
		}
		if n++; n%every == 0 {
			return &fault
		}
		return nil
	})
}

// meddle changes what the operator made, or deletes it.
func (l *life) meddle() {
	for _, name := range l.avi().Names("gslbservice") {
		tenant, fqdn, _ := strings.Cut(name, "/")
		if l.random.IntN(2) == 0 {
			continue
		}
		if l.maybe() {
			l.avi().Remove("gslbservice", tenant, fqdn)
		} else {
			l.avi().Edit("gslbservice", tenant, fqdn, func(o map[string]any) { o["groups"] = []any{}; delete(o, "health_monitor_refs") })
		}
	}
}

// restart ends the operator at any point, and starts another one. One that has not read its own cluster yet is let do so first:
// the library leaves goroutines behind otherwise, which do not end with the bubble.
func (l *life) restart() {
	if health := l.options.Health; health.Role() == "starting" {
		l.own.SetDown(false)
		l.pass(2 * time.Minute)
	}
	l.stop()
	l.furnish(l.avi())
	l.options.Health = &control.Health{}
	l.start()
}

// mode changes how FQDNs are found, and the tenant.
func (l *life) mode() {
	config := gslbConfig()
	config.Spec.UseCustomGlobalFqdn = ptr(l.random.IntN(4) == 0)
	config.Spec.GSLBLeader.Tenant = pick(l, []*string{nil, nil, ptr("green")})
	l.own.Apply(config)
}

// rotation changes the password on the controller, and perhaps in the Secret.
func (l *life) rotation() {
	password := pick(l, []string{"secret", "another"})
	l.avi().Set(func(s *avitest.Settings) { s.Password = password })
	if l.maybe() {
		l.own.Apply(secret("gslb-avi-secret", map[string]string{"username": "admin", "password": password}))
	}
}

// duplicates has everything of a member cluster delivered once more, in another order.
func (l *life) duplicates() { l.members[pick(l, clusters)].Repeat() }

func (l *life) heal() {
	l.own.SetDown(false)
	l.own.Apply(amkoCluster(true))
	l.avi().Set(func(s *avitest.Settings) { s.Password = "secret" })
	l.own.Apply(secret("gslb-avi-secret", map[string]string{"username": "admin", "password": "secret"}))
	l.avi().OnRequest(nil)
	l.furnish(l.avi())
	for _, m := range l.members {
		m.SetDown(false)
	}
	l.own.Apply(gdp(nil))
}
