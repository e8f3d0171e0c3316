package member

import (
	"sync"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/gslbsim/gslbsim/operator/ingest"
	"github.com/gslbsim/gslbsim/operator/model"
)

// The kinds of the Gateway API, read as they are: their versions differ in nothing that counts. Of each route the first
// version that is served is read.
var (
	gateways      = untyped(gatewayKind("v1", "Gateway"), "gateways", true, readGateway)
	gatewayRoutes = [][]kind{
		routeVersions(model.HTTPRoute, "HTTPRoute", "httproutes", "v1"),
		routeVersions(model.TLSRoute, "TLSRoute", "tlsroutes", "v1", "v1alpha3", "v1alpha2"),
		routeVersions(model.TCPRoute, "TCPRoute", "tcproutes", "v1", "v1alpha2"),
	}
)

func gatewayKind(version, kind string) schema.GroupVersionKind {
	return schema.GroupVersionKind{Group: "gateway.networking.k8s.io", Version: version, Kind: kind}
}

func routeVersions(as model.Kind, name, resource string, versions ...string) []kind {
	var kinds []kind
	for _, v := range versions {
		kinds = append(kinds, untyped(gatewayKind(v, name), resource, true, readGatewayRoute(as)))
	}
	return kinds
}

// joined is a Sink that gets the routes of the Gateway API with the addresses of their Gateways. Both arrive in goroutines of
// their own; what is delivered of a route is delivered in order.
type joined struct {
	Sink
	mu       sync.Mutex
	gateways *ingest.Gateways
}

func join(cluster string, to Sink) *joined {
	return &joined{Sink: to, gateways: ingest.NewGateways(cluster)}
}

func (j *joined) gateway(namespace, name string, g *ingest.Gateway) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, key := range j.gateways.SetGateway(namespace, name, g) {
		j.Object(key, j.gateways.Candidates(key))
	}
}

func (j *joined) route(key ingest.Object, r *ingest.GatewayRoute) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.gateways.SetRoute(key, r)
	j.Object(key, j.gateways.Candidates(key))
}

func readGateway(cluster string, obj any) (give, error) {
	o, ok := obj.(*unstructured.Unstructured)
	if !ok {
		return nil, unexpected(cluster, obj)
	}
	namespace, name := o.GetNamespace(), o.GetName()
	g, err := ingest.FromGateway(cluster, o)
	return func(to *joined, gone bool) {
		if gone {
			to.gateway(namespace, name, nil)
		} else {
			to.gateway(namespace, name, g)
		}
	}, err
}

func readGatewayRoute(as model.Kind) func(string, any) (give, error) {
	return func(cluster string, obj any) (give, error) {
		o, ok := obj.(*unstructured.Unstructured)
		if !ok {
			return nil, unexpected(cluster, obj)
		}
		key := ingest.Object{Cluster: cluster, Kind: as, Namespace: o.GetNamespace(), Name: o.GetName()}
		r, err := ingest.FromGatewayRoute(as, cluster, o)
		return func(to *joined, gone bool) {
			if gone {
				to.route(key, nil)
			} else {
				to.route(key, r)
			}
		}, err
	}
}
