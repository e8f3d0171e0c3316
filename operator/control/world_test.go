package control_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-logr/logr/funcr"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"

	"github.com/gslbsim/gslbsim/operator/api"
	akov1beta1 "github.com/gslbsim/gslbsim/operator/api/ako/v1beta1"
	amkov1alpha1 "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha1"
	amkov1alpha2 "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha2"
	"github.com/gslbsim/gslbsim/operator/control"
	"github.com/gslbsim/gslbsim/operator/internal/avitest"
	"github.com/gslbsim/gslbsim/operator/internal/kubetest"
)

const (
	system = "avi-system"
	uuid   = "11111111-2222-3333-4444-555555555555"
	mark   = "amko-" + uuid
)

// world is an operator's surroundings: its own cluster, member clusters east and west, and controller "a".
type world struct {
	t      *testing.T
	g      Gomega
	scheme *runtime.Scheme
	own    *kubetest.Server
	// members by name; changed before the operator starts.
	members     map[string]*kubetest.Server
	controllers *avitest.Hosts
	options     control.Options
	stop        func()
}

// inWorld runs fn in virtual time with a world whose operator has not been started.
func inWorld(t *testing.T, fn func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer func() { w.stop() }()
		fn(w)
	})
}

func newWorld(t *testing.T) *world {
	w := newWorldFor(t)
	w.t = t
	return w
}

// newWorldFor is a world of which only the parts are used that need no virtual time.
func newWorldFor(t testing.TB) *world {
	s := runtime.NewScheme()
	g := NewWithT(t)
	g.Expect(clientgoscheme.AddToScheme(s)).To(Succeed())
	g.Expect(api.AddToScheme(s)).To(Succeed())
	w := &world{
		g: g, scheme: s, own: kubetest.New("own", s, ownResources), members: map[string]*kubetest.Server{},
		controllers: avitest.NewHosts(map[string]*avitest.Controller{"a": avitest.New()}), stop: func() {},
	}
	for _, name := range []string{"east", "west"} {
		w.members[name] = kubetest.New(name, s, memberResources)
		w.members[name].Apply(namespace("web", nil))
	}
	w.options = control.Options{
		Config: w.own.Config(), AviTransport: w.controllers,
		MemberConfig: func(name string) (*rest.Config, error) {
			m := w.members[name]
			if m == nil {
				return nil, fmt.Errorf("no context %s", name)
			}
			return m.Config(), nil
		},
	}
	w.own.Apply(namespace(system, nil))
	w.own.Apply(amkoCluster(true))
	w.own.Apply(&corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: system, Name: "gslb-avi-secret"},
		Data:       map[string][]byte{"username": []byte("admin"), "password": []byte("secret")},
	})
	w.own.Apply(gslbConfig())
	w.own.Apply(gdp(nil))
	return w
}

func resources(kinds map[string]string) map[schema.GroupVersionResource]string {
	out := map[schema.GroupVersionResource]string{}
	for name, kind := range kinds {
		gvr, _ := schema.ParseResourceArg(name)
		if gvr == nil {
			gvr = &schema.GroupVersionResource{Version: "v1", Resource: name}
		}
		out[*gvr] = kind
	}
	return out
}

var (
	ownResources = resources(map[string]string{
		"namespaces": "Namespace", "secrets": "Secret", "events": "Event", "leases.v1.coordination.k8s.io": "Lease",
		"amkoclusters.v1alpha1.amko.vmware.com": "AMKOCluster",
		"gslbconfigs.v1alpha1.amko.vmware.com":  "GSLBConfig", "gslbhostrules.v1alpha1.amko.vmware.com": "GSLBHostRule",
		"globaldeploymentpolicies.v1alpha2.amko.vmware.com": "GlobalDeploymentPolicy",
	})
	memberResources = resources(map[string]string{
		"namespaces": "Namespace", "services": "Service", "ingresses.v1.networking.k8s.io": "Ingress",
		"hostrules.v1beta1.ako.vmware.com": "HostRule",
	})
)

// start starts the operator, and waits until it has nothing to do.
func (w *world) start() {
	ctx, cancel := context.WithCancel(w.t.Context())
	var running sync.WaitGroup
	running.Go(func() { w.g.Expect(control.Run(ctx, w.options)).To(Succeed()) })
	w.stop = func() {
		cancel()
		running.Wait()
		w.stop = func() {}
	}
	w.settle()
}

// restart ends the operator and starts another one.
func (w *world) restart() {
	w.stop()
	w.start()
}

// settle lets some time pass, in which an operator that is not held up gets everything done.
func (w *world) settle() { w.pass(5 * time.Second) }

func (w *world) pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// avi is controller a.
func (w *world) avi() *avitest.Controller { return w.controllers.Get("a") }

func gslbConfig() *amkov1alpha1.GSLBConfig {
	return &amkov1alpha1.GSLBConfig{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: system, Name: "gc-1", Annotations: map[string]string{"amko.vmware.com/amko-uuid": uuid},
		},
		Spec: amkov1alpha1.GSLBConfigSpec{
			GSLBLeader:     amkov1alpha1.GSLBLeader{ControllerIP: "a", ControllerVersion: "31.1.1", Credentials: "gslb-avi-secret"},
			MemberClusters: []amkov1alpha1.MemberCluster{{ClusterContext: "east"}, {ClusterContext: "west"}}, RefreshInterval: 1800,
		},
	}
}

// gdp is a policy that selects the label app=gslb in both clusters.
func gdp(change func(*amkov1alpha2.GDPSpec)) *amkov1alpha2.GlobalDeploymentPolicy {
	p := &amkov1alpha2.GlobalDeploymentPolicy{
		ObjectMeta: metav1.ObjectMeta{Namespace: system, Name: "global-gdp"},
		Spec: amkov1alpha2.GDPSpec{
			MatchRules:    amkov1alpha2.MatchRules{AppSelector: amkov1alpha2.AppSelector{Label: map[string]string{"app": "gslb"}}},
			MatchClusters: []amkov1alpha2.ClusterProperty{{Cluster: "east"}, {Cluster: "west"}},
		},
	}
	if change != nil {
		change(&p.Spec)
	}
	return p
}

func namespace(name string, annotations map[string]string) *corev1.Namespace {
	return &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, Annotations: annotations}}
}

// ingress is an Ingress as AKO leaves it, with a VIP for its host.
func ingress(name, host, vip string, paths ...string) *networkingv1.Ingress {
	rule := networkingv1.IngressRule{Host: host}
	if len(paths) > 0 {
		rule.HTTP = &networkingv1.HTTPIngressRuleValue{}
		for _, path := range paths {
			rule.HTTP.Paths = append(rule.HTTP.Paths, networkingv1.HTTPIngressPath{Path: path})
		}
	}
	return &networkingv1.Ingress{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: "web", Name: name, Labels: map[string]string{"app": "gslb"},
			Annotations: map[string]string{
				"ako.vmware.com/host-fqdn-vs-uuid-map":   fmt.Sprintf(`{%q:"virtualservice-%s"}`, host, vip),
				"ako.vmware.com/controller-cluster-uuid": "cluster-of-" + vip[:min(4, len(vip))],
			},
		},
		Spec: networkingv1.IngressSpec{Rules: []networkingv1.IngressRule{rule}},
		Status: networkingv1.IngressStatus{LoadBalancer: networkingv1.IngressLoadBalancerStatus{
			Ingress: []networkingv1.IngressLoadBalancerIngress{{IP: vip, Hostname: host}},
		}},
	}
}

func hostRule(name, host string, change func(*akov1beta1.HostRuleVirtualHost)) *akov1beta1.HostRule {
	hr := &akov1beta1.HostRule{
		ObjectMeta: metav1.ObjectMeta{Namespace: "web", Name: name},
		Spec:       akov1beta1.HostRuleSpec{VirtualHost: akov1beta1.HostRuleVirtualHost{Fqdn: host}},
		Status:     akov1beta1.HostRuleStatus{Status: akov1beta1.HostRuleAccepted},
	}
	change(&hr.Spec.VirtualHost)
	return hr
}

// rule is a GSLBHostRule in the operator's namespace.
func rule(name, fqdn string, change func(*amkov1alpha1.GSLBHostRuleSpec)) *amkov1alpha1.GSLBHostRule {
	r := &amkov1alpha1.GSLBHostRule{
		ObjectMeta: metav1.ObjectMeta{Namespace: system, Name: name}, Spec: amkov1alpha1.GSLBHostRuleSpec{FQDN: fqdn},
	}
	if change != nil {
		change(&r.Spec)
	}
	return r
}

func ptr[T any](v T) *T { return &v }

// newMemberWithout is a member cluster that does not serve a resource.
func newMemberWithout(w *world, gvr schema.GroupVersionResource) *kubetest.Server {
	some := maps.Clone(memberResources)
	delete(some, gvr)
	m := kubetest.New("west", w.scheme, some)
	m.Apply(namespace("web", nil))
	return m
}

// hanging is a transport that does not answer writes whose body contains a text.
type hanging struct {
	http.RoundTripper
	text string
}

func (h hanging) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil && r.URL.Path != "/login" {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		if strings.Contains(string(body), h.text) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	return h.RoundTripper.RoundTrip(r)
}

// logLines are what an operator logs, while a test reads them.
type logLines struct {
	mu    sync.Mutex
	lines []string
}

// log makes the operator log into what is returned, up to a verbosity.
func (w *world) log(verbosity int) *logLines {
	l := &logLines{}
	w.options.Logger = funcr.New(func(_, line string) {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.lines = append(l.lines, line)
	}, funcr.Options{Verbosity: verbosity})
	return l
}

// take returns the lines since the last time.
func (l *logLines) take() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	lines := l.lines
	l.lines = nil
	return lines
}
