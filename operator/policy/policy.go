package policy

import (
	"github.com/gslbsim/gslbsim/operator/ingest"
)

// Policy is all that is said about the services of the operator.
type Policy struct {
	Global Global
	// Rule returns the host rule of an FQDN, nil if there is none.
	Rule func(fqdn string) *HostRule
	// CreatedBy is the mark of this operator instance, "amko-<uuid>".
	CreatedBy string
	// DefaultTenant is the tenant of objects whose namespace names none.
	DefaultTenant string
	// DefaultPKI is the PKI profile used with site persistence if no policy names one; empty: none is sent.
	DefaultPKI string
}

// Clusters is what is known of the member clusters; *ingest.Index is one.
type Clusters interface {
	// Candidates returns the candidates of an FQDN, ordered by their source.
	Candidates(fqdn string) []ingest.Candidate
	// Aliases returns the further names that HostRules give to a service.
	Aliases(fqdn string) []string
	// Claimants returns the FQDNs of the services that claim a name as an alias.
	Claimants(alias string) []string
	// Namespace returns what is known of a namespace.
	Namespace(cluster, name string) ingest.Namespace
}

var _ Clusters = (*ingest.Index)(nil)

// selects says whether a candidate becomes a member of a service, and in which tenant.
func (p *Policy) selects(c ingest.Candidate, ns ingest.Namespace) (tenant string, ok bool) {
	vipOnly, inScope := p.Global.Clusters[c.Cluster]
	if !inScope {
		return "", false
	}
	if c.Held {
		// Labels are not known; the member was selected when its cluster could last be asked.
		return c.Tenant, true
	}
	if !p.matches(c, ns) || !p.completes(c) {
		return "", false
	}
	if !vipOnly && (c.VirtualService == "" || c.Controller == "") {
		return "", false
	}
	return p.tenant(c, ns)
}

// matches applies the selectors: both must hold if both are given; nothing is selected if neither is.
func (p *Policy) matches(c ingest.Candidate, ns ingest.Namespace) bool {
	app, namespace := p.Global.App, p.Global.Namespace
	if app == nil && namespace == nil {
		return false
	}
	return (app == nil || app.matches(c.Labels)) && (namespace == nil || namespace.matches(ns.Labels))
}

func (l *Label) matches(labels ingest.Labels) bool {
	value, ok := labels.Get(l.Key)
	return ok && value == l.Value
}

// completes says whether the host of a Route without one is its subdomain under the default domain.
func (p *Policy) completes(c ingest.Candidate) bool {
	if c.Subdomain == "" {
		return true
	}
	domain := p.Global.DefaultDomain
	if domain == "" {
		return false
	}
	if domain[0] != '.' {
		domain = "." + domain
	}
	return c.Host == c.Subdomain+domain
}

// tenant is the tenant of a candidate's service. A namespace that names a tenant wants AKO to have put the object there;
// until AKO has, the object is left out. Elsewhere the default tenant holds, whatever the object says.
func (p *Policy) tenant(c ingest.Candidate, ns ingest.Namespace) (string, bool) {
	if ns.Tenant == "" {
		return p.DefaultTenant, true
	}
	noted := c.Tenant
	if noted == "" {
		noted = p.DefaultTenant
	}
	return noted, noted == ns.Tenant
}
