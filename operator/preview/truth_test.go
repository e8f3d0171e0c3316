package preview_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"

	"github.com/gslbsim/gslbsim/operator/api"
	"github.com/gslbsim/gslbsim/operator/avi"
	"github.com/gslbsim/gslbsim/operator/control"
	"github.com/gslbsim/gslbsim/operator/internal/avitest"
	"github.com/gslbsim/gslbsim/operator/internal/kubetest"
	"github.com/gslbsim/gslbsim/operator/preview"
)

// The plan is the truth: what it says is what the running operator then writes, object by object and byte by byte, over a
// life of creations, changes, and deletions.
//
// Shows: plan-is-the-truth
func TestOperatorDoesWhatThePlanSays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer func() { w.stop() }()
		for _, step := range life {
			step.change(w)
			planned := w.plan()
			w.g.Expect(planned.Problems).To(BeEmpty(), step.name)
			w.apply()
			if diff := gocmp.Diff(said(planned), w.written()); diff != "" {
				t.Errorf("%s: planned (-) and written (+):\n%s", step.name, diff)
			}
			w.g.Expect(len(planned.Changes) == 0).To(Equal(step.nothing), "%s: %v", step.name, planned.Changes)
			w.g.Expect(w.plan().Changes).To(BeEmpty(), "%s: all is done", step.name)
		}
	})
}

// life is what happens, one after the other.
var life = []struct {
	name    string
	change  func(*world)
	nothing bool
}{
	{name: "a first service", change: func(w *world) {
		w.set("own", own)
		w.set("east", ingress("shop", "shop.example.com", "10.1.0.1", "/"))
		w.set("west", ingress("shop", "shop.example.com", "10.2.0.1", "/"))
	}},
	{name: "nothing", nothing: true, change: func(*world) {}},
	{name: "a second service, of several paths", change: func(w *world) {
		w.set("east", ingress("pay", "pay.example.com", "10.1.0.2", "/card", "/cash"))
	}},
	{name: "weights, priorities and TTL", change: func(w *world) {
		w.set("own", strings.Replace(own, "  matchClusters:", "  ttl: 20\n  trafficSplit: [{cluster: east, weight: 3, priority: 20}, {cluster: west, weight: 1}]\n  matchClusters:", 1))
	}},
	{name: "a host rule with a third-party member", change: func(w *world) {
		w.set("own", `apiVersion: amko.vmware.com/v1alpha1
kind: GSLBHostRule
metadata: {name: pay, namespace: avi-system}
spec:
  fqdn: pay.example.com
  ttl: 5
  thirdPartyMembers: [{vip: 192.0.2.80, site: cdn}]
  downResponse: {type: GSLB_SERVICE_DOWN_RESPONSE_FALLBACK_IP, fallbackIP: 192.0.2.99}
  healthMonitorRefs: [theirs]
`)
	}},
	{name: "other paths", change: func(w *world) { w.set("west", ingress("shop", "shop.example.com", "10.2.0.1", "/a", "/b")) }},
	{name: "TLS", change: func(w *world) {
		text := ingress("shop", "shop.example.com", "10.1.0.1", "/")
		w.set("east", strings.Replace(text, "spec:\n", "spec:\n  tls: [{hosts: [shop.example.com]}]\n", 1))
	}},
	{name: "a member less", change: func(w *world) { w.remove("west", "Ingress", "shop") }},
	{name: "a service less", change: func(w *world) { w.remove("east", "Ingress", "shop") }},
	{name: "a hand in it", change: func(w *world) {
		w.avi.Edit("gslbservice", "admin", "pay.example.com", func(o map[string]any) { o["ttl"] = 300; o["min_members"] = 2 })
	}},
	{name: "no host rule", change: func(w *world) { w.remove("own", "GSLBHostRule", "pay") }},
}

const own = `apiVersion: amko.vmware.com/v1alpha1
kind: GSLBConfig
metadata:
  name: gc-1
  namespace: avi-system
  annotations: {amko.vmware.com/amko-uuid: 11111111-2222-3333-4444-555555555555}
spec:
  gslbLeader: {controllerIP: a, controllerVersion: 31.1.1, credentials: gslb-avi-secret}
  memberClusters: [{clusterContext: east}, {clusterContext: west}]
  refreshInterval: 1
---
apiVersion: amko.vmware.com/v1alpha1
kind: AMKOCluster
metadata: {name: amkocluster-federation, namespace: avi-system}
spec: {clusterContext: east, clusters: [east, west], isLeader: true, version: 2.2.1}
---
apiVersion: amko.vmware.com/v1alpha2
kind: GlobalDeploymentPolicy
metadata: {name: global-gdp, namespace: avi-system}
spec:
  matchRules: {appSelector: {label: {app: gslb}}}
  matchClusters: [{cluster: east}, {cluster: west}]
`

const around = `apiVersion: v1
kind: Namespace
metadata: {name: avi-system}
---
apiVersion: v1
kind: Secret
metadata: {name: gslb-avi-secret, namespace: avi-system}
data: {username: YWRtaW4=, password: c2VjcmV0}
`

// ingress is an Ingress as AKO leaves it.
func ingress(name, host, vip string, paths ...string) string {
	var list strings.Builder
	for _, path := range paths {
		fmt.Fprintf(&list, "{path: %s, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}, ", path)
	}
	return fmt.Sprintf(`apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: %s
  namespace: web
  labels: {app: gslb}
  annotations:
    ako.vmware.com/host-fqdn-vs-uuid-map: '{%q: "virtualservice-%s"}'
    ako.vmware.com/controller-cluster-uuid: cluster-of-%s
spec:
  rules: [{host: %s, http: {paths: [%s]}}]
status: {loadBalancer: {ingress: [{ip: %s, hostname: %s}]}}
`, name, host, vip, vip[:4], host, list.String(), vip, host)
}

// world is an operator in its surroundings, and the objects that files would hold.
type world struct {
	t       *testing.T
	g       Gomega
	servers map[string]*kubetest.Server
	avi     *avitest.Controller
	objects map[string]map[string]*unstructured.Unstructured // cluster, kind/name
	gone    []func()
	names   map[string]string // of what the controller held when the last plan was made, by uuid
	stop    func()
	started bool
}

func newWorld(t *testing.T) *world {
	s := runtime.NewScheme()
	w := &world{
		t: t, g: NewWithT(t), servers: map[string]*kubetest.Server{}, avi: avitest.New(), stop: func() {},
		objects: map[string]map[string]*unstructured.Unstructured{"own": {}, "east": {}, "west": {}},
	}
	w.g.Expect(clientgoscheme.AddToScheme(s)).To(Succeed())
	w.g.Expect(api.AddToScheme(s)).To(Succeed())
	for name := range w.objects {
		w.servers[name] = kubetest.New(name, s, served)
	}
	w.avi.Set(func(s *avitest.Settings) { s.ThirdParty = []string{"cdn"} })
	w.avi.Put("healthmonitor", "admin", map[string]any{"name": "theirs", "type": "HEALTH_MONITOR_PING", "is_federated": true})
	for _, object := range load(t, around, "default") {
		w.servers["own"].Apply(object)
	}
	for _, cluster := range []string{"east", "west"} {
		w.set(cluster, "apiVersion: v1\nkind: Namespace\nmetadata: {name: web}\n")
	}
	return w
}

var served = map[schema.GroupVersionResource]string{
	{Version: "v1", Resource: "namespaces"}:                                               "Namespace",
	{Version: "v1", Resource: "secrets"}:                                                  "Secret",
	{Version: "v1", Resource: "services"}:                                                 "Service",
	{Version: "v1", Resource: "events"}:                                                   "Event",
	{Group: "coordination.k8s.io", Version: "v1", Resource: "leases"}:                     "Lease",
	{Group: "networking.k8s.io", Version: "v1", Resource: "ingresses"}:                    "Ingress",
	{Group: "ako.vmware.com", Version: "v1beta1", Resource: "hostrules"}:                  "HostRule",
	{Group: "amko.vmware.com", Version: "v1alpha1", Resource: "amkoclusters"}:             "AMKOCluster",
	{Group: "amko.vmware.com", Version: "v1alpha1", Resource: "gslbconfigs"}:              "GSLBConfig",
	{Group: "amko.vmware.com", Version: "v1alpha1", Resource: "gslbhostrules"}:            "GSLBHostRule",
	{Group: "amko.vmware.com", Version: "v1alpha2", Resource: "globaldeploymentpolicies"}: "GlobalDeploymentPolicy",
}

func (w *world) set(cluster, text string) {
	for _, object := range load(w.t, text, "default") {
		w.objects[cluster][object.GetKind()+"/"+object.GetName()] = object
	}
}

func (w *world) remove(cluster, kind, name string) {
	object := w.objects[cluster][kind+"/"+name]
	delete(w.objects[cluster], kind+"/"+name)
	w.gone = append(w.gone, func() { w.servers[cluster].Delete(object) })
}

func (w *world) files(cluster string) []*unstructured.Unstructured {
	var list []*unstructured.Unstructured
	for _, key := range slices.Sorted(func(yield func(string) bool) {
		for key := range w.objects[cluster] {
			if !yield(key) {
				return
			}
		}
	}) {
		list = append(list, w.objects[cluster][key])
	}
	return list
}

// plan plans from the files against the controller.
func (w *world) plan() *preview.Plan {
	client, err := avi.New(avi.Config{
		Address: "a", Username: "admin", Password: "secret", Transport: avitest.NewHosts(map[string]*avitest.Controller{"a": w.avi}),
	})
	w.g.Expect(err).NotTo(HaveOccurred())
	defer client.Close()
	w.names = map[string]string{}
	services, _, err := client.Services(context.Background(), "amko-11111111-2222-3333-4444-555555555555")
	w.g.Expect(err).NotTo(HaveOccurred())
	for _, s := range services {
		w.names[s.UUID] = s.Key.String()
	}
	monitors, _, err := client.Monitors(context.Background())
	w.g.Expect(err).NotTo(HaveOccurred())
	for _, m := range monitors {
		w.names[m.UUID] = m.Key.String()
	}
	w.avi.Requests()
	plan, err := preview.Make(context.Background(), preview.Input{
		Own: w.files("own"), Controller: client,
		Members: map[string][]*unstructured.Unstructured{"east": w.files("east"), "west": w.files("west")},
	})
	w.g.Expect(err).NotTo(HaveOccurred())
	w.g.Expect(w.avi.Calls()).To(BeEmpty(), "a plan only reads")
	return plan
}

// apply gives the clusters what the files say, and lets the operator work.
func (w *world) apply() {
	for _, gone := range w.gone {
		gone()
	}
	w.gone = nil
	for cluster := range w.objects {
		for _, object := range w.files(cluster) {
			w.servers[cluster].Apply(object.DeepCopy())
		}
	}
	if !w.started {
		w.start()
	}
	time.Sleep(5 * time.Second)
	synctest.Wait()
}

func (w *world) start() {
	w.started = true
	ctx, cancel := context.WithCancel(w.t.Context())
	var running sync.WaitGroup
	running.Go(func() {
		w.g.Expect(control.Run(ctx, control.Options{
			Config: w.servers["own"].Config(), AviTransport: avitest.NewHosts(map[string]*avitest.Controller{"a": w.avi}),
			MemberConfig:  func(name string) (*rest.Config, error) { return w.servers[name].Config(), nil },
			DriftInterval: time.Second,
		})).To(Succeed())
	})
	w.stop = func() { cancel(); running.Wait() }
}

// outcome is what becomes of an object: its last body, nil if it is deleted.
type outcome map[string]map[string]any

func said(p *preview.Plan) outcome {
	out := outcome{}
	for _, c := range p.Changes {
		out[c.Type+" "+c.Tenant+"/"+c.Name] = body(string(c.Body))
	}
	return out
}

// written are the objects that requests since the last call wrote.
func (w *world) written() outcome {
	out := outcome{}
	for _, r := range w.avi.Requests() {
		kind, uuid, _ := strings.Cut(r.Path, "/")
		switch {
		case r.Path == "login" || r.Verb == http.MethodGet:
		case r.Verb == http.MethodDelete:
			out[kind+" "+w.names[uuid]] = nil
		default:
			b := body(r.Body)
			id := r.Tenant + "/" + fmt.Sprint(b["name"])
			out[kind+" "+id] = b
		}
	}
	return out
}

func body(text string) map[string]any {
	var b map[string]any
	if json.Unmarshal([]byte(text), &b) != nil {
		return nil
	}
	for _, field := range []string{"_last_modified", "url", "uuid", "tenant_ref"} {
		delete(b, field)
	}
	if reflect.DeepEqual(b, map[string]any{}) {
		return nil
	}
	return b
}
