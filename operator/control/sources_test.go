package control_test

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/yaml"

	akov1alpha1 "github.com/gslbsim/gslbsim/operator/api/ako/v1alpha1"
	akov1beta1 "github.com/gslbsim/gslbsim/operator/api/ako/v1beta1"
	amkov1alpha2 "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha2"
	"github.com/gslbsim/gslbsim/operator/internal/kubetest"
)

func manifest(w *world, text string) *unstructured.Unstructured {
	o := &unstructured.Unstructured{}
	w.g.Expect(yaml.Unmarshal([]byte(text), &o.Object)).To(Succeed())
	return o
}

func serve(m *kubetest.Server, version string, kinds ...string) {
	for _, kind := range kinds {
		plural, _ := map[string]string{"Gateway": "gateways", "HTTPRoute": "httproutes", "TLSRoute": "tlsroutes", "TCPRoute": "tcproutes"}[kind]
		m.Serve(schema.GroupVersionResource{Group: "gateway.networking.k8s.io", Version: version, Resource: plural}, kind)
	}
}

const (
	gatewayText = `{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {namespace: web, name: edge}, spec: {listeners: [
		{name: https, protocol: HTTPS, port: 443, hostname: "*.example.com"}, {name: db, protocol: TCP, port: 5432, hostname: db.example.com}]},
		status: {addresses: [{type: IPAddress, value: 10.1.0.1}, {type: IPAddress, value: "2001:db8::1"}]}}`
	httpRouteText = `{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {namespace: web, name: shop, labels: {app: gslb}},
		spec: {parentRefs: [{name: edge}], hostnames: [shop.example.com], rules: [{matches: [{path: {type: PathPrefix, value: /shop}}]}]},
		status: {parents: [{parentRef: {name: edge}, conditions: [{type: Accepted, status: "True"}]}]}}`
	tcpRouteText = `{apiVersion: gateway.networking.k8s.io/v1alpha2, kind: TCPRoute, metadata: {namespace: web, name: db, labels: {app: gslb}},
		spec: {parentRefs: [{name: edge, sectionName: db}]},
		status: {parents: [{parentRef: {name: edge, sectionName: db}, conditions: [{type: Accepted, status: "True"}]}]}}`
)

// vipOnly selects the label app=gslb in both clusters, addresses only.
func vipOnly(s *amkov1alpha2.GDPSpec) {
	for i := range s.MatchClusters {
		s.MatchClusters[i].SyncVipOnly = true
	}
}

// Shows: source-gateway-http, source-gateway-tcp, source-gateway-served, source-dual-stack, better-gateway, better-ipv6
func TestGatewayAPI(t *testing.T) {
	inWorld(t, func(w *world) {
		w.own.Apply(gdp(vipOnly))
		east, west := w.members["east"], w.members["west"]
		serve(east, "v1", "Gateway", "HTTPRoute")
		serve(east, "v1alpha2", "TCPRoute")
		east.Apply(manifest(w, httpRouteText))
		west.Apply(ingress("shop", shop, "10.2.0.1", "/shop"))
		w.start()
		w.g.Expect(w.services()).To(Equal([]string{shop + " 10:10.2.0.1*1"}), "the Gateway is not there yet")
		east.Apply(manifest(w, gatewayText))
		east.Apply(manifest(w, tcpRouteText))
		w.settle()
		w.g.Expect(w.services()).To(Equal([]string{
			"db.example.com 10:10.1.0.1*1,2001:db8::1*1", shop + " 10:10.1.0.1*1,2001:db8::1*1,10.2.0.1*1",
		}))
		w.g.Expect(w.monitors()).To(Equal([]string{"db.example.com TCP:5432", shop + " HTTPS:443 /shop"}))

		w.avi().Calls()
		w.restart()
		w.g.Expect(w.avi().Calls()).To(BeEmpty(), "a restart changes nothing, also in which order dual-stack members stand")
		east.Delete(manifest(w, gatewayText))
		w.settle()
		w.g.Expect(w.services()).To(Equal([]string{shop + " 10:10.2.0.1*1"}))

		// The other cluster gets the Gateway API while the operator runs.
		serve(west, "v1", "Gateway", "HTTPRoute", "TCPRoute")
		west.Delete(ingress("shop", shop, ""))
		west.Apply(manifest(w, gatewayText))
		west.Apply(manifest(w, httpRouteText))
		w.pass(6 * time.Minute)
		w.g.Expect(w.services()).To(Equal([]string{shop + " 10:10.1.0.1*1,2001:db8::1*1"}))
	})
}

// Shows: B7, source-dual-stack
func TestDualStackMembersOfASilentClusterAreKept(t *testing.T) {
	inWorld(t, func(w *world) {
		dual := ingress("shop", shop, "10.2.0.1")
		dual.Status.LoadBalancer.Ingress = append(dual.Status.LoadBalancer.Ingress,
			networkingv1.IngressLoadBalancerIngress{Hostname: shop, IP: "2001:db8::2"})
		w.members["west"].Apply(dual)
		w.members["east"].Apply(ingress("shop", shop, "10.1.0.1"))
		w.start()
		const both = shop + " 10:10.1.0.1*1,10.2.0.1*1,2001:db8::2*1"
		w.g.Expect(w.services()).To(Equal([]string{both}))
		w.stop()
		w.avi().Calls()
		w.members["west"].SetDown(true)
		w.start()
		w.g.Expect(w.services()).To(Equal([]string{both}))
		w.g.Expect(w.avi().Calls()).To(BeEmpty())
		w.members["east"].Delete(ingress("shop", shop, ""))
		w.settle()
		w.g.Expect(w.services()).To(Equal([]string{shop + " 10:10.2.0.1*1,2001:db8::2*1"}))
	})
}

// Shows: source-openshift, source-route, source-route-passthrough, source-route-subdomain
func TestOpenShift(t *testing.T) {
	inWorld(t, func(w *world) {
		east := w.members["east"]
		east.Serve(schema.GroupVersionResource{Group: "route.openshift.io", Version: "v1", Resource: "routes"}, "Route")
		east.Apply(ingress("shadow", "shadow.example.com", "10.1.0.9"))
		route := func(name, spec, host string) {
			east.Apply(manifest(w, `{apiVersion: route.openshift.io/v1, kind: Route, metadata: {namespace: web, name: `+name+`, labels: {app: gslb}},
				spec: `+spec+`, status: {ingress: [{routerName: ako-east, host: `+host+`, conditions: [{message: 10.1.0.1}]}]}}`))
		}
		route("edge", "{host: edge.example.com, path: /x, tls: {termination: edge}}", "edge.example.com")
		route("pass", "{host: pass.example.com, tls: {termination: passthrough}}", "pass.example.com")
		route("sub", "{subdomain: sub}", "sub.apps.example.com")
		w.own.Apply(gdp(vipOnly))
		w.start()
		w.g.Expect(w.services()).To(Equal([]string{"edge.example.com 10:10.1.0.1*1", "pass.example.com 10:10.1.0.1*1"}),
			"Ingresses are not read; the subdomain has no domain")
		w.g.Expect(w.monitors()).To(Equal([]string{"TCP:443", "edge.example.com HTTPS:443 /x"}))
		w.g.Expect(w.avi().Names("healthmonitor")).To(ContainElement("admin/amko--passthrough-hm-tcp-" + uuid))
		for _, domain := range []string{"apps.example.com", ".apps.example.com"} {
			w.own.Apply(gdp(func(s *amkov1alpha2.GDPSpec) { vipOnly(s); s.DefaultDomain = ptr(domain) }))
			w.settle()
			w.g.Expect(w.services()).To(ContainElement("sub.apps.example.com 10:10.1.0.1*1"), "a changed domain takes effect at once")
			w.own.Apply(gdp(func(s *amkov1alpha2.GDPSpec) { vipOnly(s); s.DefaultDomain = ptr("other.example.com") }))
			w.settle()
			w.g.Expect(w.services()).To(HaveLen(2))
		}
	})
}

// Shows: source-mci
func TestMultiClusterIngressIsAMember(t *testing.T) {
	inWorld(t, func(w *world) {
		east := w.members["east"]
		east.Serve(schema.GroupVersionResource{Group: "ako.vmware.com", Version: "v1alpha1", Resource: "multiclusteringresses"}, "MultiClusterIngress")
		east.Apply(&akov1alpha1.MultiClusterIngress{
			ObjectMeta: metav1.ObjectMeta{Namespace: "web", Name: "m", Labels: map[string]string{"app": "gslb"}},
			Spec:       akov1alpha1.MultiClusterIngressSpec{HostName: shop, SecretName: "cert", Config: []akov1alpha1.BackendConfig{{Path: "/a"}}},
			Status: akov1alpha1.MultiClusterIngressStatus{LoadBalancer: akov1alpha1.LoadBalancerStatus{
				Ingress: []akov1alpha1.IngressStatus{{Hostname: shop, IP: "10.1.0.1"}},
			}},
		})
		w.own.Apply(gdp(vipOnly))
		w.start()
		w.g.Expect(w.services()).To(Equal([]string{shop + " 10:10.1.0.1*1"}))
		w.g.Expect(w.monitors()).To(Equal([]string{shop + " HTTPS:443 /a"}))
		w.avi().Calls()
		w.restart()
		w.g.Expect(w.avi().Calls()).To(BeEmpty(), "its entry in the description is understood")
	})
}

// Shows: fqdn-hostrule-accepted
func TestOldHostRulesAreReadWhereOnlyTheyAreServed(t *testing.T) {
	inWorld(t, func(w *world) {
		west := newMemberWithout(w, akov1beta1.GroupVersion.WithResource("hostrules"))
		west.Serve(akov1alpha1.GroupVersion.WithResource("hostrules"), "HostRule")
		w.members["west"] = west
		west.Apply(ingress("shop", shop, "10.2.0.1"))
		of := hostRule("hr", shop, func(h *akov1beta1.HostRuleVirtualHost) { h.Aliases = []string{"www"} })
		west.Apply(&akov1alpha1.HostRule{ObjectMeta: of.ObjectMeta, Spec: of.Spec, Status: of.Status})
		w.start()
		w.g.Expect(w.services()).To(Equal([]string{shop + "[www] 10:10.2.0.1*1"}))
	})
}

// Shows: source-gateway-served, source-mci
func TestAKubeconfigWithoutTheRightToNewKindsIsEnough(t *testing.T) {
	inWorld(t, func(w *world) {
		w.own.Apply(gdp(vipOnly))
		east := w.members["east"]
		serve(east, "v1", "Gateway", "HTTPRoute")
		east.Serve(akov1alpha1.GroupVersion.WithResource("multiclusteringresses"), "MultiClusterIngress")
		for _, resource := range []string{"gateways", "multiclusteringresses"} {
			east.SetForbidden(resource, true)
		}
		east.Apply(manifest(w, gatewayText))
		east.Apply(manifest(w, httpRouteText))
		east.Apply(ingress("old", "old.example.com", "10.1.0.9"))
		w.start()
		w.g.Expect(w.services()).To(Equal([]string{"old.example.com 10:10.1.0.9*1"}), "the cluster is read without them")
		w.g.Expect(condition(w.configStatus().Conditions, "MemberClustersConnected")).To(HavePrefix("True"))
		east.SetForbidden("gateways", false)
		w.pass(6 * time.Minute)
		w.g.Expect(w.services()).To(HaveLen(2), "the right was given meanwhile")
	})
}
