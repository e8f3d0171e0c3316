package ingest

import (
	"slices"

	networkingv1 "k8s.io/api/networking/v1"

	akov1alpha1 "github.com/gslbsim/gslbsim/operator/api/ako/v1alpha1"
	"github.com/gslbsim/gslbsim/operator/model"
)

// FromIngress returns a candidate for each host name in the status that has an address and appears in the rules, or two if
// it has an address of each family. Of several addresses of one family the first counts.
func FromIngress(cluster string, ing *networkingv1.Ingress) []Candidate {
	var hosts []string
	addresses := map[string]*families{}
	for _, entry := range ing.Status.LoadBalancer.Ingress {
		host := entry.Hostname
		if host == "" || !hasRule(ing, host) {
			continue
		}
		if addresses[host] == nil {
			addresses[host] = &families{}
			hosts = append(hosts, host)
		}
		addresses[host].add(entry.IP)
	}
	var candidates []Candidate
	ako, tls, labels := readNotes(ing.Annotations), tlsHosts(ing), LabelsOf(ing.Labels)
	for _, host := range hosts {
		candidates = append(candidates, addresses[host].candidates(Candidate{
			Source: model.Source{
				Kind: model.Ingress, Cluster: cluster, Namespace: ing.Namespace, Name: ing.Name, Host: host,
			},
			VirtualService: ako.virtualServices[host], Controller: ako.controller, Tenant: ako.tenant,
			Labels: labels, TLS: tls(host), Paths: ingressPaths(ing, host),
			// AMKO reads the passthrough annotation only where HostRules map names, and refuses the Ingress there.
			Unmappable: isTrue(ing.Annotations[annotationPassthrough]),
		})...)
	}
	return candidates
}

func hasRule(ing *networkingv1.Ingress, host string) bool {
	return slices.ContainsFunc(ing.Spec.Rules, func(r networkingv1.IngressRule) bool { return r.Host == host })
}

// tlsHosts returns whether a host of the Ingress is served with TLS. The annotation says so of all of them by its mere
// presence, whatever its value: that is how AMKO reads it.
func tlsHosts(ing *networkingv1.Ingress) func(host string) bool {
	if _, ok := ing.Annotations[annotationEnableTLS]; ok {
		return func(string) bool { return true }
	}
	return func(host string) bool {
		return slices.ContainsFunc(ing.Spec.TLS, func(t networkingv1.IngressTLS) bool { return slices.Contains(t.Hosts, host) })
	}
}

// ingressPaths are the paths of the first rule with that host; further rules with it do not count (AMKO's reading, and
// what its monitors are named after). No path is the path "/".
func ingressPaths(ing *networkingv1.Ingress, host string) []string {
	var paths []string
	i := slices.IndexFunc(ing.Spec.Rules, func(r networkingv1.IngressRule) bool { return r.Host == host })
	if rule := ing.Spec.Rules[i]; rule.HTTP != nil {
		for _, p := range rule.HTTP.Paths {
			paths = append(paths, p.Path)
		}
	}
	return cleanPaths(paths)
}

// cleanPaths removes duplicates and turns nothing into "/".
func cleanPaths(paths []string) []string {
	var out []string
	for _, path := range paths {
		if path == "" {
			path = "/"
		}
		if !slices.Contains(out, path) {
			out = append(out, path)
		}
	}
	if len(out) == 0 {
		return []string{"/"}
	}
	return out
}

// FromMultiClusterIngress returns the candidate of a multi-cluster Ingress: the host name of the first status entry counts,
// with the addresses of all entries that have it.
func FromMultiClusterIngress(cluster string, mci *akov1alpha1.MultiClusterIngress) []Candidate {
	entries := mci.Status.LoadBalancer.Ingress
	if len(entries) == 0 || entries[0].Hostname == "" {
		return nil
	}
	var addresses families
	host := entries[0].Hostname
	for _, entry := range entries {
		if entry.Hostname == host {
			addresses.add(entry.IP)
		}
	}
	var paths []string
	for _, backend := range mci.Spec.Config {
		paths = append(paths, backend.Path)
	}
	ako := readNotes(mci.Annotations)
	return addresses.candidates(Candidate{
		Source: model.Source{
			Kind: model.MultiCluster, Cluster: cluster, Namespace: mci.Namespace, Name: mci.Name, Host: host,
		},
		VirtualService: ako.virtualServices[host], Controller: ako.controller, Tenant: ako.tenant,
		Labels: LabelsOf(mci.Labels), TLS: mci.Spec.SecretName != "", Paths: cleanPaths(paths),
	})
}
