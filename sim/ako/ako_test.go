package ako_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"sync"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gslbsim/gslbsim/fakeavi"
	"github.com/gslbsim/gslbsim/fakeavi/avitest"
	"github.com/gslbsim/gslbsim/fakeavi/health"
	"github.com/gslbsim/gslbsim/fakeavi/wire"
	"github.com/gslbsim/gslbsim/internal/loop"
	akov1beta1 "github.com/gslbsim/gslbsim/operator/api/ako/v1beta1"
	"github.com/gslbsim/gslbsim/operator/crds"
	"github.com/gslbsim/gslbsim/sim/ako"
	"github.com/gslbsim/gslbsim/sim/aviclient"
	"github.com/gslbsim/gslbsim/sim/kube"
)

func TestMain(m *testing.M) { avitest.Main(m) }

const host = "shop.gslb.example"

// stage is one cluster with one controller and AKO between them, in real time.
type stage struct {
	g      *GomegaWithT
	kube   client.Client
	direct *direct
	target aviclient.Target
}

// direct carries requests for any address to one server, and may lose all of them.
type direct struct {
	server *httptest.Server

	mu  sync.Mutex
	cut bool
}

func (d *direct) RoundTrip(r *http.Request) (*http.Response, error) {
	d.mu.Lock()
	cut := d.cut
	d.mu.Unlock()
	if cut {
		return nil, http.ErrServerClosed
	}
	r = r.Clone(r.Context())
	r.URL.Scheme, r.URL.Host = "http", d.server.Listener.Addr().String()
	return d.server.Client().Transport.RoundTrip(r)
}

func (d *direct) setCut(cut bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.cut = cut
}

type everythingUp struct{}

func (everythingUp) Probe(_ netip.Addr, _ health.Check, done func(health.Outcome)) {
	done(health.Outcome{OK: true})
}

// start plays AKO until the test ends.
func start(t *testing.T, adapt func(*ako.Options)) *stage {
	t.Helper()
	g := NewWithT(t)
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	t.Cleanup(func() { stop(); running.Wait() })
	l := loop.New()
	running.Go(func() { l.Run(ctx) })

	avi, err := fakeavi.New(fakeavi.Config{
		Name: "cluster-1", Addresses: []netip.Addr{netip.MustParseAddr("10.1.9.1")}, Password: "secret",
		Network: fakeavi.NetworkConfig{
			Name: "vips", Prefix: netip.MustParsePrefix("10.1.0.0/24"),
			Begin: netip.MustParseAddr("10.1.0.100"), End: netip.MustParseAddr("10.1.0.110"),
		},
	}, fakeavi.Deps{Scheduler: l, Wire: wire.NewSwitch(wire.Config{Scheduler: l}), Prober: everythingUp{}})
	g.Expect(err).NotTo(HaveOccurred())

	controller := httptest.NewServer(avi.Handler())
	t.Cleanup(controller.Close)

	server, err := kube.New(kube.Config{Name: "cluster", CRDs: crds.All()})
	g.Expect(err).NotTo(HaveOccurred())
	web := httptest.NewServer(server)
	t.Cleanup(func() { server.Close(); web.Close() })

	scheme := runtime.NewScheme()
	g.Expect(clientgoscheme.AddToScheme(scheme)).To(Succeed())
	g.Expect(akov1beta1.AddToScheme(scheme)).To(Succeed())
	config := &rest.Config{Host: web.URL, QPS: -1, ContentConfig: rest.ContentConfig{ContentType: "application/json"}}
	kubectl, err := client.New(config, client.Options{Scheme: scheme})
	g.Expect(err).NotTo(HaveOccurred())

	s := &stage{
		g: g, kube: kubectl, direct: &direct{server: controller},
		target: aviclient.Target{Address: netip.MustParseAddr("10.1.9.1"), Version: "31.2.1", Username: "admin", Password: "secret"},
	}
	o := ako.Options{
		Cluster: "cluster", Config: rest.CopyConfig(config), Avi: s.target, Transport: s.direct, Network: "vips",
		Debounce: time.Millisecond, Retry: 10 * time.Millisecond,
	}
	if adapt != nil {
		adapt(&o)
	}
	running.Go(func() { g.Expect(ako.Run(ctx, o)).To(Succeed()) })
	return s
}

func ingress(name string, hosts ...string) *networkingv1.Ingress {
	ing := &networkingv1.Ingress{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name}}
	ing.Spec.IngressClassName = new(ako.Class)
	for _, h := range hosts {
		path := networkingv1.HTTPIngressPath{
			Path: "/", PathType: new(networkingv1.PathTypePrefix),
			Backend: networkingv1.IngressBackend{Service: &networkingv1.IngressServiceBackend{Name: "web", Port: networkingv1.ServiceBackendPort{Number: 80}}},
		}
		ing.Spec.Rules = append(ing.Spec.Rules, networkingv1.IngressRule{
			Host:             h,
			IngressRuleValue: networkingv1.IngressRuleValue{HTTP: &networkingv1.HTTPIngressRuleValue{Paths: []networkingv1.HTTPIngressPath{path}}},
		})
	}
	return ing
}

func (s *stage) get(name string) *networkingv1.Ingress {
	var ing networkingv1.Ingress
	s.g.Expect(s.kube.Get(context.Background(), client.ObjectKey{Namespace: "default", Name: name}, &ing)).To(Succeed())
	return &ing
}

// published waits until an Ingress has as many addresses.
func (s *stage) published(name string, n int) *networkingv1.Ingress {
	s.g.Eventually(func() int { return len(s.get(name).Status.LoadBalancer.Ingress) }).WithTimeout(20 * time.Second).Should(Equal(n))
	return s.get(name)
}

// virtualServices returns the controller's virtual services, by name.
func (s *stage) virtualServices() map[string]aviclient.Object {
	session, err := aviclient.Open(s.target, s.direct)
	s.g.Expect(err).NotTo(HaveOccurred())
	list, err := aviclient.List(session, "virtualservice", "")
	s.g.Expect(err).NotTo(HaveOccurred())
	out := map[string]aviclient.Object{}
	for _, vs := range list {
		out[vs["name"].(string)] = vs
	}
	return out
}

func TestAnIngressGetsAVIPAndTheAnnotations(t *testing.T) {
	s := start(t, nil)
	s.g.Expect(s.kube.Create(t.Context(), ingress("shop", host, "api.gslb.example"))).To(Succeed())
	ing := s.published("shop", 2)
	s.g.Expect(ing.Status.LoadBalancer.Ingress[0].IP).To(Equal("10.1.0.100"))
	s.g.Expect(ing.Status.LoadBalancer.Ingress[0].Hostname).To(Equal(host))
	s.g.Expect(ing.Status.LoadBalancer.Ingress[1].IP).To(Equal("10.1.0.100"), "all hosts of a cluster share one VIP")

	child := s.virtualServices()["cluster--"+host]
	s.g.Expect(child).NotTo(BeNil())
	s.g.Expect(child["created_by"]).To(Equal("ako-cluster"))
	var hosts map[string]string
	s.g.Expect(json.Unmarshal([]byte(ing.Annotations[ako.HostAnnotation]), &hosts)).To(Succeed())
	s.g.Expect(hosts).To(HaveKeyWithValue(host, child["uuid"]))
	s.g.Expect(ing.Annotations).To(HaveKeyWithValue(ako.ControllerAnnotation, HavePrefix("cluster-")))
	s.g.Expect(ing.Annotations).To(HaveKeyWithValue(ako.TenantAnnotation, "admin"))
}

func TestWhatNoIngressNeedsIsDeleted(t *testing.T) {
	s := start(t, nil)
	s.g.Expect(s.kube.Create(t.Context(), ingress("shop", host))).To(Succeed())
	s.g.Expect(s.kube.Create(t.Context(), ingress("api", "api.gslb.example"))).To(Succeed())
	s.published("shop", 1)
	s.published("api", 1)
	s.g.Expect(s.kube.Delete(t.Context(), s.get("shop"))).To(Succeed())
	s.g.Eventually(s.virtualServices).WithTimeout(20 * time.Second).ShouldNot(HaveKey("cluster--" + host))
	s.g.Expect(s.virtualServices()).To(HaveKey("cluster--api.gslb.example"))
}

func TestAnIngressOfAnotherClassIsLeftAlone(t *testing.T) {
	s := start(t, nil)
	other := ingress("other", host)
	other.Spec.IngressClassName = new("nginx")
	s.g.Expect(s.kube.Create(t.Context(), other)).To(Succeed())
	s.g.Expect(s.kube.Create(t.Context(), ingress("shop", host))).To(Succeed())
	s.published("shop", 1)
	s.g.Expect(s.get("other").Status.LoadBalancer.Ingress).To(BeEmpty())
	s.g.Expect(s.get("other").Annotations).To(BeEmpty())
}

func TestAnIngressThatLeavesTheClassLosesItsStatus(t *testing.T) {
	s := start(t, nil)
	s.g.Expect(s.kube.Create(t.Context(), ingress("shop", host))).To(Succeed())
	before := s.published("shop", 1)
	after := before.DeepCopy()
	after.Spec.IngressClassName = new("nginx")
	after.Annotations["team"] = "shop"
	s.g.Expect(s.kube.Patch(t.Context(), after, client.MergeFrom(before))).To(Succeed())
	s.published("shop", 0)
	s.g.Eventually(func() map[string]string { return s.get("shop").Annotations }).WithTimeout(20*time.Second).
		Should(Equal(map[string]string{"team": "shop"}), "they go after the status")
}

func TestHostRulesAreAccepted(t *testing.T) {
	s := start(t, nil)
	rule := &akov1beta1.HostRule{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "rule"}}
	rule.Spec.VirtualHost.Fqdn = host
	s.g.Expect(s.kube.Create(t.Context(), rule)).To(Succeed())
	s.g.Eventually(func() string {
		s.g.Expect(s.kube.Get(t.Context(), client.ObjectKeyFromObject(rule), rule)).To(Succeed())
		return rule.Status.Status
	}).WithTimeout(20 * time.Second).Should(Equal("Accepted"))
}

// A cluster whose member is lost: the controller has the virtual service, and the Ingress never says so.
func TestASilentAKOWritesNoStatus(t *testing.T) {
	s := start(t, func(o *ako.Options) { o.Silent = true })
	s.g.Expect(s.kube.Create(t.Context(), ingress("shop", host))).To(Succeed())
	s.g.Eventually(s.virtualServices).WithTimeout(20 * time.Second).Should(HaveKey("cluster--" + host))
	s.g.Consistently(func() int { return len(s.get("shop").Status.LoadBalancer.Ingress) }).WithTimeout(100 * time.Millisecond).Should(BeZero())
}

func TestAControllerOutOfReachIsTriedAgain(t *testing.T) {
	failures := make(chan string, 1)
	s := start(t, func(o *ako.Options) {
		o.Event = func(kind, text string) {
			select {
			case failures <- kind + ": " + text:
			default:
			}
		}
	})
	s.direct.setCut(true)
	s.g.Expect(s.kube.Create(t.Context(), ingress("shop", host))).To(Succeed())
	s.g.Eventually(failures).WithTimeout(20 * time.Second).Should(Receive(Equal("failed: no answer")))
	s.direct.setCut(false)
	s.published("shop", 1)
}
