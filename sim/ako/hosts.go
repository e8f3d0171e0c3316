package ako

import (
	"cmp"
	"slices"

	networkingv1 "k8s.io/api/networking/v1"
)

// Class is the ingress class that AKO serves.
const Class = "avi-lb"

// host is one host name of one Ingress, as it shall be served.
type host struct {
	Name      string
	Namespace string
	Ingress   string
	Paths     []string
	TLS       bool
}

// hostsOf returns the hosts of all Ingresses of AKO's class, in the order of their names. A host belongs to the first
// Ingress, by namespace and name, that has it.
func hostsOf(ingresses []networkingv1.Ingress) []host {
	all := slices.Clone(ingresses)
	slices.SortFunc(all, func(a, b networkingv1.Ingress) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
	var out []host
	seen := map[string]bool{}
	for _, ing := range all {
		if !ours(&ing) {
			continue
		}
		for _, rule := range ing.Spec.Rules {
			if rule.Host == "" || seen[rule.Host] {
				continue
			}
			seen[rule.Host] = true
			out = append(out, host{Name: rule.Host, Namespace: ing.Namespace, Ingress: ing.Name, Paths: pathsOf(rule), TLS: secure(ing, rule.Host)})
		}
	}
	slices.SortFunc(out, func(a, b host) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

// ours reports whether AKO serves an Ingress.
func ours(ing *networkingv1.Ingress) bool {
	return ing.Spec.IngressClassName != nil && *ing.Spec.IngressClassName == Class && ing.DeletionTimestamp == nil
}

func pathsOf(rule networkingv1.IngressRule) []string {
	var out []string
	if rule.HTTP != nil {
		for _, p := range rule.HTTP.Paths {
			out = append(out, cmp.Or(p.Path, "/"))
		}
	}
	if len(out) == 0 {
		out = []string{"/"}
	}
	return out
}

func secure(ing networkingv1.Ingress, name string) bool {
	return slices.ContainsFunc(ing.Spec.TLS, func(t networkingv1.IngressTLS) bool { return slices.Contains(t.Hosts, name) })
}
