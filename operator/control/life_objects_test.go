package control_test

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	akov1alpha1 "github.com/gslbsim/gslbsim/operator/api/ako/v1alpha1"
	akov1beta1 "github.com/gslbsim/gslbsim/operator/api/ako/v1beta1"
)

// What happens in member clusters.

func (l *life) objectEvents() []happening {
	return []happening{
		{"ingress", l.ingress}, {"ingress", l.ingress}, {"ingress", l.ingress}, {"ingress", l.ingress},
		{"service", l.service}, {"OpenShift route", l.route}, {"multi-cluster ingress", l.multiCluster},
		{"gateway", func() { l.gateway(pick(l, clusters)) }}, {"HTTP route", l.httpRoute}, {"HTTP route", l.httpRoute}, {"TLS route", l.tlsRoute}, {"TLS route", l.tlsRoute}, {"TCP route", l.tcpRoute}, {"TCP route", l.tcpRoute},
		{"deletion", l.deletion}, {"deletion", l.deletion}, {"host rule", l.hostRule}, {"host rule", l.hostRule},
		{"namespace", l.namespace}, {"namespace goes", l.namespaceGoes},
		{"kind comes", func() { l.serve(pick(l, clusters), pick(l, l.sometimes())) }},
		{"kind goes", func() { l.members[pick(l, clusters)].Unserve(pick(l, l.sometimes()).gvr) }},
		{"import", l.imported}, {"import", l.imported}, {"node", func() { l.node(pick(l, clusters)) }},
	}
}

// served is a resource with its kind.
type served struct {
	gvr  schema.GroupVersionResource
	kind string
}

func gatewayResource(version, resource, kind string) served {
	return served{schema.GroupVersionResource{Group: "gateway.networking.k8s.io", Version: version, Resource: resource}, kind}
}

var (
	routeResource    = served{schema.GroupVersionResource{Group: "route.openshift.io", Version: "v1", Resource: "routes"}, "Route"}
	multiResource    = served{akov1alpha1.GroupVersion.WithResource("multiclusteringresses"), "MultiClusterIngress"}
	importResource   = served{akov1alpha1.GroupVersion.WithResource("serviceimports"), "ServiceImport"}
	nodeResource     = served{corev1.SchemeGroupVersion.WithResource("nodes"), "Node"}
	gatewayResources = []served{
		gatewayResource("v1", "gateways", "Gateway"), gatewayResource("v1", "httproutes", "HTTPRoute"),
		gatewayResource("v1alpha2", "tlsroutes", "TLSRoute"), gatewayResource("v1alpha2", "tcproutes", "TCPRoute"),
	}
)

// sometimes are the kinds that clusters serve at times.
func (l *life) sometimes() []served { return append([]served{multiResource}, gatewayResources...) }

func (l *life) serve(cluster string, s served) { l.members[cluster].Serve(s.gvr, s.kind) }

// furnishClusters gives the clusters what they have from the beginning.
func (l *life) furnishClusters() {
	for _, cluster := range clusters {
		l.serve(cluster, nodeResource)
		l.members[cluster].Apply(namespace("lab", nil))
		for _, s := range l.sometimes() {
			if !l.one(4) {
				l.serve(cluster, s)
			}
		}
		l.gateway(cluster)
		l.node(cluster)
	}
	if l.openShift {
		l.serve("west", routeResource)
	}
	for _, s := range []served{multiResource, importResource} {
		if l.imports {
			l.own.Serve(s.gvr, s.kind)
		}
	}
	l.own.Apply(namespace("team", map[string]string{"ako.vmware.com/tenant-name": "blue"}))
}

func (l *life) serves(cluster string, s served) bool {
	return l.members[cluster].Serves(s.gvr)
}

// vip is one of few addresses of a cluster, rarely one that the clusters share.
func (l *life) vip(cluster string) string {
	if l.one(12) {
		return "10.9.0.9"
	}
	return fmt.Sprintf("10.%d.0.%d", map[string]int{"east": 1, "west": 2}[cluster], 1+l.random.IntN(4))
}

func (l *life) space() string { return pick(l, []string{"web", "web", "web", "lab"}) }

func metaIn(namespace, name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: namespace, Name: name}
}

func (l *life) ingress() {
	cluster, host := pick(l, clusters), pick(l, hosts)
	ing := ingress(host, host, l.vip(cluster), pick(l, [][]string{nil, {"/"}, {"/", "/x"}, {"/x", "/y", "/z"}, {"/1", "/2", "/3", "/4", "/5", "/6", "/7"}})...)
	ing.Namespace = l.space()
	switch l.random.IntN(10) {
	case 0:
		ing.Status = networkingv1.IngressStatus{}
	case 1:
		ing.Labels = nil
	case 2:
		ing.Spec.TLS = []networkingv1.IngressTLS{{Hosts: []string{host}}}
	case 3:
		ing.Status.LoadBalancer.Ingress = append(ing.Status.LoadBalancer.Ingress,
			networkingv1.IngressLoadBalancerIngress{Hostname: host, IP: "2001:db8::" + map[string]string{"east": "1", "west": "2"}[cluster]})
	case 4:
		ing.Annotations["ako.vmware.com/tenant-name"] = "blue"
	case 5:
		ing.Annotations["passthrough.ako.vmware.com/enabled"] = "true"
	case 6: // a second host
		other := pick(l, hosts)
		ing.Spec.Rules = append(ing.Spec.Rules, networkingv1.IngressRule{Host: other})
		ing.Status.LoadBalancer.Ingress = append(ing.Status.LoadBalancer.Ingress,
			networkingv1.IngressLoadBalancerIngress{Hostname: other, IP: l.vip(cluster)})
		ing.Annotations["ako.vmware.com/host-fqdn-vs-uuid-map"] = fmt.Sprintf(`{%q:"vs-1",%q:"vs-2"}`, host, other)
	}
	l.members[cluster].Apply(ing)
}

func (l *life) service() {
	cluster, host := pick(l, clusters), pick(l, hosts)
	svc := loadBalancer(host, host, l.vip(cluster), int32(50+l.random.IntN(3)), pick(l, []corev1.Protocol{"TCP", "UDP"}))
	if l.one(5) {
		svc.Spec.Type = corev1.ServiceTypeClusterIP
	}
	l.members[cluster].Apply(svc)
}

// object applies an object in the member cluster's own words, if it is served there.
func (l *life) object(cluster string, as served, format string, values ...any) {
	if l.serves(cluster, as) {
		o := manifest(l.world, fmt.Sprintf(format, values...))
		l.note(o, cluster)
		l.members[cluster].Apply(o)
	}
}

// note has AKO note on an object, mostly, which virtual services it has made.
func (l *life) note(o client.Object, cluster string) {
	if l.one(6) {
		return
	}
	services := map[string]string{}
	for _, host := range append([]string{"db.example.com", "sub.apps.example.com"}, hosts...) {
		services[host] = "virtualservice-" + cluster + "-" + host
	}
	o.SetAnnotations(map[string]string{
		"ako.vmware.com/host-fqdn-vs-uuid-map": text(services), "ako.vmware.com/controller-cluster-uuid": "cluster-of-" + cluster,
	})
}

func (l *life) route() {
	if !l.openShift {
		return
	}
	host := pick(l, hosts)
	spec := pick(l, []string{
		"{host: %[1]s, path: /x}", "{host: %[1]s, tls: {termination: edge}}", "{host: %[1]s, tls: {termination: passthrough}}", "{subdomain: sub}",
	})
	if strings.Contains(spec, "%") {
		spec = fmt.Sprintf(spec, host)
	} else {
		host = "sub.apps.example.com"
	}
	l.object("west", routeResource, `{apiVersion: route.openshift.io/v1, kind: Route, metadata: {namespace: web, name: %[1]s, labels: {app: gslb}},
		spec: %[2]s, status: {ingress: [{routerName: ako-west, host: %[1]s, conditions: [{message: %[3]s}]}]}}`, host, spec, l.vip("west"))
}

func (l *life) multiCluster() {
	cluster, host := pick(l, clusters), pick(l, hosts)
	mci := &akov1alpha1.MultiClusterIngress{ObjectMeta: metaIn("web", host), Spec: akov1alpha1.MultiClusterIngressSpec{
		HostName: host, Config: []akov1alpha1.BackendConfig{{Path: pick(l, []string{"", "/m"})}},
	}}
	mci.Labels = map[string]string{"app": "gslb"}
	l.note(mci, cluster)
	if l.maybe() {
		mci.Spec.SecretName = "cert"
	}
	if !l.one(5) {
		mci.Status.LoadBalancer.Ingress = []akov1alpha1.IngressStatus{{Hostname: host, IP: l.vip(cluster)}}
	}
	if l.serves(cluster, multiResource) {
		l.members[cluster].Apply(mci)
	}
}

func (l *life) gateway(cluster string) {
	if !l.serves(cluster, gatewayResources[0]) {
		return
	}
	o := manifest(l.world, gatewayText)
	o.Object["spec"].(map[string]any)["listeners"] = append(o.Object["spec"].(map[string]any)["listeners"].([]any),
		map[string]any{"name": "tls", "protocol": "TLS", "port": int64(8443), "tls": map[string]any{"mode": pick(l, []string{"Passthrough", "Terminate"})}})
	addresses := []any{map[string]any{"type": "IPAddress", "value": l.vip(cluster)}}
	o.Object["status"] = map[string]any{"addresses": pick(l, [][]any{addresses, addresses, addresses, nil})}
	l.note(o, cluster)
	if l.one(8) {
		l.members[cluster].Delete(o)
		return
	}
	l.members[cluster].Apply(o)
}

// attached is a route of the Gateway API.
const attached = `{apiVersion: %s, kind: %s, metadata: {namespace: web, name: %s, labels: {app: gslb}},
	spec: {parentRefs: [{name: edge, sectionName: %[4]s}], hostnames: [%[5]s], rules: [{matches: [{path: {value: %[6]s}}]}]},
	status: {parents: [{parentRef: {name: edge, sectionName: %[4]s}, conditions: [{type: Accepted, status: "%[7]s"}]}]}}`

func (l *life) accepted() string { return pick(l, []string{"True", "True", "True", "False"}) }

func (l *life) httpRoute() {
	host := pick(l, hosts)
	l.object(pick(l, clusters), gatewayResources[1], attached, "gateway.networking.k8s.io/v1", "HTTPRoute", host, "https", host,
		pick(l, []string{"/", "/h"}), l.accepted())
}

func (l *life) tlsRoute() {
	host := pick(l, hosts)
	l.object(pick(l, clusters), gatewayResources[2], attached, "gateway.networking.k8s.io/v1alpha2", "TLSRoute", host, "tls", host, "/", l.accepted())
}

func (l *life) tcpRoute() {
	l.object(pick(l, clusters), gatewayResources[3], attached, "gateway.networking.k8s.io/v1alpha2", "TCPRoute", "db", "db", "", "/", l.accepted())
}

// deletion deletes all objects of a name in a cluster, of one kind or of all.
func (l *life) deletion() {
	m, name, all := l.members[pick(l, clusters)], pick(l, append([]string{"db", "sub.apps.example.com"}, hosts...)), l.one(4)
	for _, resource := range []string{"ingresses", "services", "routes", "multiclusteringresses", "httproutes", "tlsroutes", "tcproutes"} {
		if all || l.one(3) {
			m.DeleteNamed(resource, "web", name)
			m.DeleteNamed(resource, "lab", name)
		}
	}
}

func (l *life) hostRule() {
	cluster, host := pick(l, clusters), pick(l, hosts)
	hr := hostRule(pick(l, []string{host, "other"}), host, func(h *akov1beta1.HostRuleVirtualHost) {
		h.Gslb.Fqdn = pick(l, []string{"", "g1.example.com", "g2.example.com"}) // counts in the mode of custom FQDNs
		h.Gslb.IncludeAliases = l.maybe()
		h.Aliases = pick(l, [][]string{nil, {"x.example.com"}, {"x.example.com", "y.example.com"}, {hosts[0]}})
		if l.maybe() {
			h.TLS = &akov1beta1.HostRuleTLS{}
			h.TLS.SSLKeyCertificate.Name = "cert"
		}
	})
	if l.one(6) {
		hr.Status.Status = "Rejected"
	}
	if l.one(4) {
		l.members[cluster].Delete(hr)
		return
	}
	l.members[cluster].Apply(hr)
}

// namespace gives a namespace another tenant, or other labels.
func (l *life) namespace() {
	ns := namespace(l.space(), pick(l, []map[string]string{nil, nil, {"ako.vmware.com/tenant-name": "blue"}}))
	ns.Labels = pick(l, []map[string]string{nil, {"stage": "live"}, {"stage": "test"}})
	l.members[pick(l, clusters)].Apply(ns)
}

func (l *life) namespaceGoes() {
	m := l.members[pick(l, clusters)]
	m.DeleteIn("lab")
	m.Delete(namespace("lab", nil))
}

// imported applies a MultiClusterIngress beside the operator and the service that it names in member clusters.
func (l *life) imported() {
	if !l.imports {
		return
	}
	for _, cluster := range clusters {
		l.members[cluster].Apply(&corev1.Service{ObjectMeta: metaIn("web", "backend"), Spec: corev1.ServiceSpec{
			Type:  pick(l, []corev1.ServiceType{corev1.ServiceTypeNodePort, corev1.ServiceTypeNodePort, corev1.ServiceTypeClusterIP}),
			Ports: []corev1.ServicePort{{Port: 80, NodePort: int32(30080 + l.random.IntN(2))}},
		}})
	}
	mci := &akov1alpha1.MultiClusterIngress{ObjectMeta: metaIn(system, pick(l, []string{"m1", "m2"})), Spec: akov1alpha1.MultiClusterIngressSpec{
		HostName: pick(l, hosts), Config: []akov1alpha1.BackendConfig{{
			Cluster: pick(l, append([]string{"mars"}, clusters...)),
			Service: akov1alpha1.BackendService{Name: "backend", Namespace: "web", Port: pick(l, []int64{80, 80, 81})},
		}},
	}}
	if l.one(4) {
		l.own.Delete(mci)
		return
	}
	l.own.Apply(mci)
}

func (l *life) node(cluster string) {
	node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: pick(l, []string{"n1", "n2"})}}
	node.Status.Addresses = []corev1.NodeAddress{{Type: corev1.NodeInternalIP, Address: l.vip(cluster)}}
	if l.one(4) {
		l.members[cluster].Delete(node)
		return
	}
	l.members[cluster].Apply(node)
}
