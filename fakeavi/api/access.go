package api

import (
	"slices"
	"sort"

	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// level is what a privilege allows.
type level int

const (
	noAccess level = iota
	readAccess
	writeAccess
)

var levels = map[string]level{"NO_ACCESS": noAccess, "READ_ACCESS": readAccess, "WRITE_ACCESS": writeAccess}

// permissionController guards object types whose documentation names no permission: anyone may read them, and whoever may write
// the controller's configuration may write them. UNCONFIRMED.
const permissionController = "PERMISSION_CONTROLLER"

// access is what a user may do: roles in tenants.
type access struct {
	superuser bool
	grants    []grant
}

// grant is one role in one tenant, or in all.
type grant struct {
	tenant string // store.AllTenants for all
	role   *store.Object
}

// accessOf reads a user's roles.
func (a *API) accessOf(user *store.Object) access {
	var out access
	out.superuser, _ = user.Body()["is_superuser"].(bool)
	list, _ := user.Body()["access"].([]any)
	for _, element := range list {
		entry, _ := element.(map[string]any)
		role := a.referred(entry["role_ref"])
		if role == nil {
			continue
		}
		g := grant{role: role}
		if all, _ := entry["all_tenants"].(bool); all {
			g.tenant = store.AllTenants
		} else if tenant := a.referred(entry["tenant_ref"]); tenant != nil {
			g.tenant = tenant.Name
		}
		out.grants = append(out.grants, g)
	}
	return out
}

// referred follows a stored reference; nil if it leads nowhere.
func (a *API) referred(ref any) *store.Object {
	text, _ := ref.(string)
	target, ok := store.ParseTarget(text)
	if !ok {
		return nil
	}
	o, _ := a.store.Get(target.Type, target.UUID)
	return o
}

// in returns the level that the user has in a tenant for a permission.
func (x access) in(tenant, permission string) level {
	if x.superuser {
		return writeAccess
	}
	best := noAccess
	for _, g := range x.grants {
		if g.tenant == tenant || g.tenant == store.AllTenants {
			best = max(best, privilege(g.role, permission))
		}
	}
	return best
}

// enters reports whether the user has any role in a tenant.
func (x access) enters(tenant string) bool {
	return x.superuser || slices.ContainsFunc(x.grants, func(g grant) bool {
		return g.tenant == tenant || g.tenant == store.AllTenants
	})
}

// tenants lists the tenants in which the user has at least a level for a permission; nil, true for all tenants.
func (x access) tenants(permission string, least level) (names []string, all bool) {
	if x.superuser {
		return nil, true
	}
	for _, g := range x.grants {
		if privilege(g.role, permission) < least {
			continue
		}
		if g.tenant == store.AllTenants {
			return nil, true
		}
		names = append(names, g.tenant)
	}
	sort.Strings(names)
	return slices.Compact(names), false
}

// privilege is the level that a role gives for a permission. An empty permission is read by everyone.
func privilege(role *store.Object, permission string) level {
	least := noAccess
	if permission == "" {
		permission, least = permissionController, readAccess
	}
	list, _ := role.Body()["privileges"].([]any)
	for _, element := range list {
		entry, _ := element.(map[string]any)
		if entry["resource"] == permission {
			text, _ := entry["type"].(string)
			return max(least, levels[text])
		}
	}
	return least
}
