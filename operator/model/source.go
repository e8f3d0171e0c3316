package model

import (
	"fmt"
	"strings"
)

// Kind is the type of a Kubernetes object that yields members, as it is spelt in descriptions.
type Kind string

// The kinds.
const (
	Ingress      Kind = "INGRESS"
	Route        Kind = "ROUTE"
	LoadBalancer Kind = "LBSVC"
	MultiCluster Kind = "MCI"

	// Routes of the Gateway API, which AMKO does not know: it leaves entries of these kinds out when it reads a description.
	HTTPRoute Kind = "HTTPROUTE"
	TLSRoute  Kind = "TLSROUTE"
	TCPRoute  Kind = "TCPROUTE"
)

// hasHost says whether sources of the kind carry their host on the wire: objects of these kinds may have several hosts.
func (k Kind) hasHost() bool { return k != Route && k != LoadBalancer }

// Source is one host of one Kubernetes object of one cluster.
type Source struct {
	Kind      Kind
	Cluster   string
	Namespace string
	Name      string
	// Host is the local host name. Sources of kinds whose objects have one host do not carry it on the wire: Route and
	// LoadBalancer.
	Host string
}

// String is the wire form: kind, cluster, namespace, name and, where the kind has it, host, joined by slashes.
func (s Source) String() string {
	parts := []string{string(s.Kind), s.Cluster, s.Namespace, s.Name}
	if s.Kind.hasHost() {
		parts = append(parts, s.Host)
	}
	return strings.Join(parts, "/")
}

// Compare orders sources by cluster, kind, namespace, name and host.
func (s Source) Compare(other Source) int {
	for _, c := range [...]int{
		strings.Compare(s.Cluster, other.Cluster),
		strings.Compare(string(s.Kind), string(other.Kind)),
		strings.Compare(s.Namespace, other.Namespace),
		strings.Compare(s.Name, other.Name),
	} {
		if c != 0 {
			return c
		}
	}
	return strings.Compare(s.Host, other.Host)
}

// ParseSource reads the wire form. Context names may contain slashes (cloud providers' do), Kubernetes names may not, so
// the parts are counted from the end.
func ParseSource(text string) (Source, error) {
	kind, rest, _ := strings.Cut(text, "/")
	tail := 2
	switch k := Kind(kind); k {
	case Ingress, MultiCluster, Route, LoadBalancer, HTTPRoute, TLSRoute, TCPRoute:
		if k.hasHost() {
			tail = 3
		}
	default:
		return Source{}, fmt.Errorf("description entry %q: unknown kind %q", text, kind)
	}
	parts := strings.Split(rest, "/")
	if len(parts) <= tail {
		return Source{}, fmt.Errorf("description entry %q: %s needs cluster, namespace and name", text, kind)
	}
	own := parts[len(parts)-tail:]
	s := Source{Kind: Kind(kind), Cluster: strings.Join(parts[:len(parts)-tail], "/"), Namespace: own[0], Name: own[1]}
	if tail == 3 {
		s.Host = own[2]
	}
	return s, nil
}

// describe is the description of a service: its sources, joined by commas.
func describe(sources []Source) string {
	texts := make([]string, len(sources))
	for i, s := range sources {
		texts[i] = s.String()
	}
	return strings.Join(texts, ",")
}

// parseDescription reads a service's description, leaving out entries that are not sources.
func parseDescription(text string) []Source {
	var sources []Source
	for entry := range strings.SplitSeq(text, ",") {
		if s, err := ParseSource(entry); err == nil {
			sources = append(sources, s)
		}
	}
	return sources
}
