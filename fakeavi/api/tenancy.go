package api

import (
	"net/http"
	"slices"

	"github.com/gslbsim/gslbsim/fakeavi/schema"
	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// ownedTypes are visible in their own tenant only; objects of all other types in tenant admin are visible in every tenant, since other
// tenants refer to them. UNCONFIRMED: which types belong to which group.
var ownedTypes = []string{
	"dnspolicy", "gslbservice", "httppolicyset", "l4policyset", "networksecuritypolicy", "pool", "poolgroup", "securitypolicy",
	"virtualservice", "vsdatascriptset", "vsvip",
}

// visible lists the tenants whose objects of a type the caller sees; nil for all. The error is a 403 if it may not read the type.
func (c *Caller) visible(t *schema.Type) ([]string, error) {
	if c.Tenant == store.AllTenants {
		names, all := c.access.tenants(t.Permission, readAccess)
		if all {
			return nil, nil
		}
		if len(names) == 0 {
			return nil, c.refused(t, "read")
		}
		return shared(t, names), nil
	}
	if c.access.in(c.Tenant, t.Permission) < readAccess {
		return nil, c.refused(t, "read")
	}
	return shared(t, []string{c.Tenant}), nil
}

// shared adds tenant admin where its objects are visible too.
func shared(t *schema.Type, names []string) []string {
	if slices.Contains(ownedTypes, t.Name) || slices.Contains(names, store.AdminTenant) {
		return names
	}
	return append(names, store.AdminTenant)
}

// maySee reports whether an object of a tenant that the caller sees is not hidden by the filters of its roles. Shared objects of
// tenant admin are seen from tenants whose roles may read the type.
func (c *Caller) maySee(o *store.Object, t *schema.Type) bool {
	if !c.access.filtered() {
		return true
	}
	if c.access.over(o, t) >= readAccess {
		return true
	}
	return o.Tenant == store.AdminTenant && slices.ContainsFunc(c.access.grants, func(g grant) bool {
		return filtersTake(g.role, o, t) && privilege(g.role, t.Permission) >= readAccess
	})
}

// mayWriteIn refuses writes that the caller's roles do not allow in a tenant.
func (c *Caller) mayWriteIn(tenant string, t *schema.Type) error {
	if c.access.in(tenant, t.Permission) < writeAccess {
		return c.refused(t, "write")
	}
	return nil
}

// mayChange refuses changes of an object that the caller sees, but as another tenant's.
func (c *Caller) mayChange(o *store.Object, t *schema.Type) error {
	if c.Tenant != store.AllTenants && o.Tenant != c.Tenant && t.Message.Field("tenant_ref") != nil {
		return refuse(http.StatusForbidden, "%s %s belongs to tenant %s, not to %s", t.Model, o.Name, o.Tenant, c.Tenant)
	}
	return c.mayWriteIn(o.Tenant, t)
}

// refused is the error of missing rights. UNCONFIRMED: the text.
func (c *Caller) refused(t *schema.Type, action string) error {
	permission := t.Permission
	if permission == "" {
		permission = permissionController
	}
	return refuse(http.StatusForbidden, "User %s is not allowed to %s %s in tenant %s (%s)",
		c.User, action, t.Name, c.Tenant, permission)
}
