package ingest

import (
	corev1 "k8s.io/api/core/v1"

	akov1beta1 "github.com/gslbsim/gslbsim/operator/api/ako/v1beta1"
)

// HostRule is an AKO HostRule that AKO has accepted.
type HostRule struct {
	Cluster   string
	Namespace string
	Name      string
	// FQDN is the local host that the rule is for.
	FQDN string
	// Global is the FQDN that the host is mapped to; empty: none.
	Global string
	// Aliases are further names of the host; IncludeAliases makes them names of the global service too.
	Aliases        []string
	IncludeAliases bool
	// TLS says that the rule gives the host a certificate.
	TLS bool
}

// FromHostRule returns the rule, or nil if it does not count: AKO has not accepted it, or it names no host. How a name
// that is not exact would have to be matched is not interpreted; its text is compared like any other.
func FromHostRule(cluster string, hr *akov1beta1.HostRule) *HostRule {
	host := hr.Spec.VirtualHost
	if hr.Status.Status != akov1beta1.HostRuleAccepted || host.Fqdn == "" {
		return nil
	}
	return &HostRule{
		Cluster: cluster, Namespace: hr.Namespace, Name: hr.Name,
		FQDN: host.Fqdn, Global: host.Gslb.Fqdn, Aliases: host.Aliases, IncludeAliases: host.Gslb.IncludeAliases,
		TLS: host.TLS != nil && host.TLS.SSLKeyCertificate.Name != "",
	}
}

// Namespace is what counts of a namespace of a member cluster.
type Namespace struct {
	Labels Labels
	// Tenant is the tenant that the namespace's annotation names; empty: none.
	Tenant string
}

// FromNamespace returns what counts of a namespace.
func FromNamespace(ns *corev1.Namespace) *Namespace {
	return &Namespace{Labels: LabelsOf(ns.Labels), Tenant: ns.Annotations[annotationTenant]}
}
