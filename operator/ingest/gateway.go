package ingest

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
)

// Gateway is what counts of a Gateway of the Gateway API. It must not be changed once made.
type Gateway struct {
	namespace, name string
	addresses       families
	listeners       []listener
	notes           notes
}

// listener is a listener of a Gateway. Its host name is empty if it takes any.
type listener struct {
	name, hostname, protocol string
	port                     uint32
	passthrough              bool
	ownNamespaceOnly         bool
}

// gatewayObject is a Gateway as the API has it. The operator does not depend on the Gateway API's Go types.
type gatewayObject struct {
	Spec struct {
		Listeners []struct {
			Name     string `json:"name"`
			Hostname string `json:"hostname"`
			Protocol string `json:"protocol"`
			Port     int64  `json:"port"`
			TLS      struct {
				Mode string `json:"mode"`
			} `json:"tls"`
			AllowedRoutes struct {
				Namespaces struct {
					From string `json:"from"`
				} `json:"namespaces"`
			} `json:"allowedRoutes"`
		} `json:"listeners"`
	} `json:"spec"`
	Status struct {
		Addresses []struct {
			Type  string `json:"type"`
			Value string `json:"value"`
		} `json:"addresses"`
	} `json:"status"`
}

// FromGateway returns what counts of a Gateway: its addresses of each family the first, and its listeners. The error says that
// the object is not shaped like a Gateway.
func FromGateway(cluster string, obj *unstructured.Unstructured) (*Gateway, error) {
	var o gatewayObject
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(obj.Object, &o); err != nil {
		return nil, fmt.Errorf("gateway %s/%s of cluster %s: %w", obj.GetNamespace(), obj.GetName(), cluster, err)
	}
	g := &Gateway{namespace: obj.GetNamespace(), name: obj.GetName(), notes: readNotes(obj.GetAnnotations())}
	for _, a := range o.Status.Addresses {
		if a.Type == "" || a.Type == "IPAddress" {
			g.addresses.add(a.Value)
		}
	}
	for _, l := range o.Spec.Listeners {
		if l.Port < 1 || l.Port > 65535 {
			continue
		}
		from := l.AllowedRoutes.Namespaces.From
		g.listeners = append(g.listeners, listener{
			name: l.Name, hostname: l.Hostname, protocol: l.Protocol, port: uint32(l.Port),
			passthrough: l.TLS.Mode == "Passthrough", ownNamespaceOnly: from == "" || from == "Same",
		})
	}
	return g, nil
}

// hosts are the exact host names that both a route and a listener name: the route's if the listener takes them, the
// listener's if the route takes it. A wildcard of both yields nothing: a GSLB service needs a name.
func (l listener) hosts(route []string) []string {
	if len(route) == 0 {
		route = []string{""}
	}
	var both []string
	for _, host := range route {
		switch {
		case host != "" && !isWildcard(host) && covers(l.hostname, host):
			both = append(both, host)
		case l.hostname != "" && !isWildcard(l.hostname) && covers(host, l.hostname):
			both = append(both, l.hostname)
		}
	}
	return both
}

func isWildcard(host string) bool { return strings.HasPrefix(host, "*.") }

// covers says whether a host name, a wildcard or none, which is any, takes in an exact host name.
func covers(pattern, host string) bool {
	if suffix, ok := strings.CutPrefix(pattern, "*"); ok {
		return len(host) > len(suffix) && strings.HasSuffix(host, suffix)
	}
	return pattern == "" || pattern == host
}
