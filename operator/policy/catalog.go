package policy

import (
	"strings"

	amkov1alpha1 "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha1"
	amkov1alpha2 "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha2"
	"github.com/gslbsim/gslbsim/operator/model"
)

// Types of the controller's objects that policies name.
const (
	TypeMonitor     = "healthmonitor"
	TypePersistence = "applicationpersistenceprofile"
	TypePKI         = "pkiprofile"
)

// Reference is an object of the controller that a policy names.
type Reference struct {
	Type   string
	Tenant string
	Name   string
}

// Compare orders references by type, tenant and name.
func (r Reference) Compare(other Reference) int {
	if c := strings.Compare(r.Type, other.Type); c != 0 {
		return c
	}
	return model.Key{Tenant: r.Tenant, Name: r.Name}.Compare(model.Key{Tenant: other.Tenant, Name: other.Name})
}

// Catalog is what policies are judged against.
type Catalog struct {
	// Clusters are the member clusters of the GSLBConfig.
	Clusters map[string]bool
	// Sites are the third-party sites of the GSLB configuration.
	Sites map[string]bool
	// Found are the objects that exist on the controller; those of TypeMonitor with what is known of them.
	Found map[Reference]model.StoredMonitor
}

// GlobalReferences are the objects that the verdict on a GlobalDeploymentPolicy depends on. tenant is that of its
// namespace.
func GlobalReferences(gdp *amkov1alpha2.GlobalDeploymentPolicy, tenant string) []Reference {
	spec := &gdp.Spec
	refs := monitorReferences(spec.HealthMonitorRefs, spec.HealthMonitorTemplate, tenant)
	refs = appendRef(refs, TypePersistence, tenant, spec.SitePersistenceRef)
	return appendRef(refs, TypePKI, tenant, spec.PKIProfileRef)
}

// RuleReferences are the objects that the verdict on a GSLBHostRule depends on.
func RuleReferences(rule *amkov1alpha1.GSLBHostRule, tenant string) []Reference {
	spec := &rule.Spec
	refs := monitorReferences(spec.HealthMonitorRefs, spec.HealthMonitorTemplate, tenant)
	if p := spec.SitePersistence; p != nil {
		if p.Enabled {
			refs = appendRef(refs, TypePersistence, tenant, &p.ProfileRef)
		}
		refs = appendRef(refs, TypePKI, tenant, p.PKIProfileRef)
	}
	return refs
}

func monitorReferences(names []string, template *string, tenant string) []Reference {
	var refs []Reference
	for i := range names {
		refs = appendRef(refs, TypeMonitor, tenant, &names[i])
	}
	return appendRef(refs, TypeMonitor, tenant, template)
}

func appendRef(refs []Reference, kind, tenant string, name *string) []Reference {
	if name == nil || *name == "" {
		return refs
	}
	return append(refs, Reference{kind, tenant, *name})
}

func (c *Catalog) has(kind, tenant, name string) bool {
	_, ok := c.Found[Reference{kind, tenant, name}]
	return ok
}
