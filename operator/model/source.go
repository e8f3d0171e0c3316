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
)

// Source is one host of one Kubernetes object of one cluster.
type Source struct {
	Kind      Kind
	Cluster   string
	Namespace string
	Name      string
	// Host is the local host name. Only Ingress and MultiCluster sources carry it on the wire, because one object of
	// these kinds may have several hosts.
	Host string
}

// String is the wire form: kind, cluster, namespace, name and, where the kind has it, host, joined by slashes.
func (s Source) String() string {
	parts := []string{string(s.Kind), s.Cluster, s.Namespace, s.Name}
	if s.Kind == Ingress || s.Kind == MultiCluster {
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
	switch Kind(kind) {
	case Ingress, MultiCluster:
		tail = 3
	case Route, LoadBalancer:
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
