package ingest

import (
	"cmp"
	"maps"
	"slices"
)

// Gateways joins the routes of one cluster with the Gateways that they are attached to: a route has the hosts, the Gateway the
// address. It is not safe for concurrent use. The order of changes does not matter.
type Gateways struct {
	cluster  string
	gateways map[gatewayName]*Gateway
	routes   map[Object]*GatewayRoute
	attached map[gatewayName]map[Object]struct{}
}

type gatewayName struct{ namespace, name string }

// NewGateways returns an empty join for a cluster.
func NewGateways(cluster string) *Gateways {
	return &Gateways{
		cluster: cluster, gateways: map[gatewayName]*Gateway{}, routes: map[Object]*GatewayRoute{},
		attached: map[gatewayName]map[Object]struct{}{},
	}
}

// SetGateway notes a Gateway, nil forgets it. It returns the routes whose candidates may have changed, sorted.
func (g *Gateways) SetGateway(namespace, name string, gateway *Gateway) []Object {
	key := gatewayName{namespace, name}
	if gateway == nil {
		delete(g.gateways, key)
	} else {
		g.gateways[key] = gateway
	}
	return slices.SortedFunc(maps.Keys(g.attached[key]), Object.compare)
}

// SetRoute notes a route, nil forgets it.
func (g *Gateways) SetRoute(key Object, route *GatewayRoute) {
	if old := g.routes[key]; old != nil {
		for _, ref := range old.parents {
			exclude(g.attached, gatewayName{ref.Namespace, ref.Name}, key)
		}
		delete(g.routes, key)
	}
	if route == nil {
		return
	}
	g.routes[key] = route
	for _, ref := range route.parents {
		include(g.attached, gatewayName{ref.Namespace, ref.Name}, key)
	}
}

// Candidates returns the candidates of a route. Of several Gateways that give a host the same address the first counts.
func (g *Gateways) Candidates(key Object) []Candidate {
	route := g.routes[key]
	if route == nil {
		return nil
	}
	var all []Candidate
	seen := map[gatewayName]bool{}
	for _, ref := range route.parents {
		name := gatewayName{ref.Namespace, ref.Name}
		gateway := g.gateways[name]
		if gateway == nil || seen[name] {
			continue
		}
		seen[name] = true
		for _, c := range route.attached(g.cluster, gateway) {
			if !slices.ContainsFunc(all, func(other Candidate) bool { return other.Compare(c) == 0 }) {
				all = append(all, c)
			}
		}
	}
	return all
}

func (o Object) compare(other Object) int {
	return cmp.Or(cmp.Compare(o.Cluster, other.Cluster), cmp.Compare(o.Kind, other.Kind),
		cmp.Compare(o.Namespace, other.Namespace), cmp.Compare(o.Name, other.Name))
}
