package ingest

import (
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/gslbsim/gslbsim/operator/model"
)

// GatewayRoute is what counts of an HTTPRoute, TLSRoute or TCPRoute of the Gateway API. It must not be changed once made.
type GatewayRoute struct {
	kind            model.Kind
	namespace, name string
	labels          Labels
	hosts           []string
	paths           []string
	parents         []parentReference
	notes           notes
}

// parentReference names what a route is attached to; empty section and port 0 mean all listeners.
type parentReference struct {
	Group       *string `json:"group"`
	Kind        *string `json:"kind"`
	Namespace   string  `json:"namespace"`
	Name        string  `json:"name"`
	SectionName string  `json:"sectionName"`
	Port        int64   `json:"port"`
}

// routeObject is a route as the API has it; TLSRoutes and TCPRoutes have fewer fields.
type routeObject struct {
	Spec struct {
		Hostnames  []string          `json:"hostnames"`
		ParentRefs []parentReference `json:"parentRefs"`
		Rules      []struct {
			Matches []struct {
				Path struct {
					Type  string `json:"type"`
					Value string `json:"value"`
				} `json:"path"`
			} `json:"matches"`
		} `json:"rules"`
	} `json:"spec"`
	Status struct {
		Parents []struct {
			ParentRef  parentReference `json:"parentRef"`
			Conditions []struct {
				Type   string `json:"type"`
				Status string `json:"status"`
			} `json:"conditions"`
		} `json:"parents"`
	} `json:"status"`
}

// FromGatewayRoute returns what counts of a route: of its parents those Gateways that have accepted it. The error says that the
// object is not shaped like a route.
func FromGatewayRoute(kind model.Kind, cluster string, obj *unstructured.Unstructured) (*GatewayRoute, error) {
	var o routeObject
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(obj.Object, &o); err != nil {
		return nil, fmt.Errorf("%s %s/%s of cluster %s: %w", obj.GetKind(), obj.GetNamespace(), obj.GetName(), cluster, err)
	}
	r := &GatewayRoute{
		kind: kind, namespace: obj.GetNamespace(), name: obj.GetName(), labels: LabelsOf(obj.GetLabels()),
		parents: o.accepted(obj.GetNamespace()), notes: readNotes(obj.GetAnnotations()),
	}
	switch kind {
	case model.HTTPRoute:
		r.hosts, r.paths = o.Spec.Hostnames, o.paths()
	case model.TLSRoute:
		r.hosts = o.Spec.Hostnames
	}
	return r, nil
}

// accepted are the Gateways that the route names and that have accepted it.
func (o routeObject) accepted(namespace string) []parentReference {
	complete := func(ref parentReference) parentReference {
		if ref.Namespace == "" {
			ref.Namespace = namespace
		}
		return ref
	}
	var named, found []parentReference
	for _, ref := range o.Spec.ParentRefs {
		if ref.isGateway() {
			named = append(named, complete(ref).plain())
		}
	}
	for _, p := range o.Status.Parents {
		ref := complete(p.ParentRef).plain()
		for _, c := range p.Conditions {
			if c.Type == "Accepted" && c.Status == "True" && p.ParentRef.isGateway() && slices.Contains(named, ref) && !slices.Contains(found, ref) {
				found = append(found, ref)
			}
		}
	}
	return found
}

func (r parentReference) isGateway() bool {
	return (r.Group == nil || *r.Group == "gateway.networking.k8s.io") && (r.Kind == nil || *r.Kind == "Gateway")
}

// plain is the reference without group and kind, which are a Gateway's, so that references can be compared.
func (r parentReference) plain() parentReference {
	r.Group, r.Kind = nil, nil
	return r
}

// namesListener says whether one of the route's references is to a listener of the Gateway.
func (r *GatewayRoute) namesListener(g *Gateway, l listener) bool {
	return slices.ContainsFunc(r.parents, func(ref parentReference) bool {
		return ref.Namespace == g.namespace && ref.Name == g.name &&
			(ref.SectionName == "" || ref.SectionName == l.name) && (ref.Port == 0 || ref.Port == int64(l.port))
	})
}

// paths are the exact paths and prefixes of an HTTPRoute; what a regular expression matches cannot be probed.
func (o routeObject) paths() []string {
	var paths []string
	for _, rule := range o.Spec.Rules {
		if len(rule.Matches) == 0 {
			paths = append(paths, "/")
		}
		for _, m := range rule.Matches {
			if m.Path.Type != "RegularExpression" {
				paths = append(paths, m.Path.Value)
			}
		}
	}
	return cleanPaths(paths)
}

// serves says whether a listener serves routes of the kind.
func (l listener) serves(kind model.Kind) bool {
	switch kind {
	case model.HTTPRoute:
		return l.protocol == "HTTP" || l.protocol == "HTTPS"
	case model.TLSRoute:
		return l.protocol == "TLS"
	case model.TCPRoute:
		return l.protocol == "TCP" || l.protocol == "TLS"
	}
	return false
}

// attached returns the candidates that a route yields on one of its Gateways: one for each host and address family.
func (r *GatewayRoute) attached(cluster string, g *Gateway) []Candidate {
	var hosts []string
	byHost := map[string][]listener{}
	for _, l := range g.listeners {
		if !r.namesListener(g, l) || !l.serves(r.kind) || l.ownNamespaceOnly && r.namespace != g.namespace {
			continue
		}
		for _, host := range l.hosts(r.hosts) {
			if byHost[host] == nil {
				hosts = append(hosts, host)
			}
			byHost[host] = append(byHost[host], l)
		}
	}
	var candidates []Candidate
	for _, host := range hosts {
		c := r.candidate(cluster, host, g)
		r.probe(&c, byHost[host])
		candidates = append(candidates, g.addresses.candidates(c)...)
	}
	return candidates
}

// candidate is that of a host, without its address. UNCONFIRMED: no release of AKO is known to note virtual services on
// objects of the Gateway API. If the notes are there, on the route or else on its Gateway, they are read as on an Ingress;
// where they are not, the policy has to say syncVipOnly for the cluster.
func (r *GatewayRoute) candidate(cluster, host string, g *Gateway) Candidate {
	ako := r.notes
	if ako.virtualServices[host] == "" {
		ako = g.notes
	}
	return Candidate{
		Source:         model.Source{Kind: r.kind, Cluster: cluster, Namespace: r.namespace, Name: r.name, Host: host},
		VirtualService: ako.virtualServices[host], Controller: ako.controller, Tenant: ako.tenant, Labels: r.labels,
	}
}

// probe fills in how a host that the listeners serve is probed: HTTPS rather than HTTP, else the smallest port.
func (r *GatewayRoute) probe(c *Candidate, listeners []listener) {
	c.TLS = slices.ContainsFunc(listeners, func(l listener) bool { return l.protocol == "HTTPS" })
	var usual uint32 = 80
	if c.TLS {
		usual = 443
	}
	var least listener
	for _, l := range listeners {
		switch {
		case r.kind == model.HTTPRoute && c.TLS != (l.protocol == "HTTPS"):
		case least.port == 0 || l.port < least.port:
			least = l
		}
	}
	switch {
	case r.kind == model.HTTPRoute:
		c.Paths = r.paths
		if !slices.ContainsFunc(listeners, func(l listener) bool { return l.port == usual }) {
			c.WebPort = least.port
		}
	case r.kind == model.TLSRoute && least.passthrough && least.port == 443:
		c.Passthrough = true
	default:
		c.Probe, c.Port = model.ProbeTCP, least.port
	}
}
