package api

import (
	"fmt"
	"net"
	"slices"

	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// install puts into the store what the API needs and the store lacks.
func (a *API) install() error {
	steps := []func() error{a.installSingletons, a.installProfiles, a.installRoles, a.installUsers}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	a.store.Admit(store.KeepDefaults(func(typ, name string) bool { return slices.Contains(installed[typ], name) }))
	return nil
}

// installed are the names of objects that install makes and that stay: nobody could log in, or give others rights, without them.
// UNCONFIRMED: which of them the product keeps besides profiles, which its documentation names.
var installed = map[string][]string{
	"role":               {RoleApplicationAdmin, RoleSystemAdmin, RoleTenantAdmin},
	"useraccountprofile": {profileDefault, profileNoLockout},
	"user":               {"admin"},
}

// ensure creates an object unless one of its type and name exists.
func (a *API) ensure(typ, name string, body map[string]any, options ...store.Option) error {
	if _, ok := a.store.Lookup(typ, store.AdminTenant, name); ok {
		return nil
	}
	if _, err := a.store.Create(typ, body, append(options, store.System())...); err != nil {
		return fmt.Errorf("install %s %s: %w", typ, name, err)
	}
	return nil
}

func (a *API) installSingletons() error {
	if a.store.Len("cluster") == 0 {
		if err := a.installCluster(); err != nil {
			return err
		}
	}
	for _, t := range a.schema.Types() {
		if !t.Singleton || a.store.Len(t.Name) > 0 {
			continue
		}
		body := map[string]any{}
		if t.Name == "systemconfiguration" {
			body["portal_configuration"] = map[string]any{}
		}
		if _, err := a.store.Create(t.Name, body, store.WithUUID("default-"+t.Name), store.System()); err != nil {
			return fmt.Errorf("install %s: %w", t.Name, err)
		}
	}
	return nil
}

func (a *API) installCluster() error {
	nodes := []any{}
	for _, address := range a.cfg.Cluster.Nodes {
		nodes = append(nodes, map[string]any{"name": address, "ip": map[string]any{"addr": address, "type": addressType(address)}})
	}
	var options []store.Option
	if a.cfg.Cluster.UUID != "" {
		options = append(options, store.WithUUID(a.cfg.Cluster.UUID))
	}
	name := a.cfg.Cluster.Name
	return a.ensure("cluster", name, map[string]any{"name": name, "nodes": nodes}, options...)
}

func addressType(address string) string {
	switch ip := net.ParseIP(address); {
	case ip == nil:
		return "DNS"
	case ip.To4() == nil:
		return "V6"
	}
	return "V4"
}

func (a *API) installProfiles() error {
	for _, p := range []map[string]any{
		{"name": profileDefault},
		{"name": profileNoLockout, "max_login_failure_count": 0},
	} {
		if err := a.ensure("useraccountprofile", p["name"].(string), p); err != nil {
			return err
		}
	}
	return nil
}

// Names of predefined roles.
const (
	RoleSystemAdmin      = "System-Admin"
	RoleTenantAdmin      = "Tenant-Admin"
	RoleApplicationAdmin = "Application-Admin"
)

// readOnlyFor are the permissions that a predefined role has for reading only; System-Admin may write everything. Of the product only the
// rights about GSLB are documented for these roles, the rest is UNCONFIRMED.
var readOnlyFor = map[string][]string{
	RoleSystemAdmin: nil,
	RoleTenantAdmin: {"PERMISSION_GSLB", "PERMISSION_GSLBGEODBPROFILE", "PERMISSION_CONTROLLER", "PERMISSION_SYSTEMCONFIGURATION"},
	RoleApplicationAdmin: {"PERMISSION_GSLB", "PERMISSION_GSLBGEODBPROFILE", "PERMISSION_CONTROLLER",
		"PERMISSION_SYSTEMCONFIGURATION", "PERMISSION_CLOUD", "PERMISSION_NETWORK", "PERMISSION_VRFCONTEXT",
		"PERMISSION_SERVICEENGINE", "PERMISSION_SERVICEENGINEGROUP", "PERMISSION_TENANT", "PERMISSION_USER", "PERMISSION_ROLE"},
}

func (a *API) installRoles() error {
	for _, name := range []string{RoleApplicationAdmin, RoleSystemAdmin, RoleTenantAdmin} {
		if err := a.ensure("role", name, map[string]any{"name": name, "privileges": a.privileges(readOnlyFor[name])}); err != nil {
			return err
		}
	}
	return nil
}

// privileges lists every permission that the schema knows: to read those given, to write the others.
func (a *API) privileges(readOnly []string) []any {
	m, ok := a.schema.Message("Permission")
	if !ok {
		return nil
	}
	only := map[string]bool{}
	for _, p := range readOnly {
		only[p] = true
	}
	out := []any{}
	for _, p := range m.Field("resource").Enum {
		kind := "WRITE_ACCESS"
		if only[p] {
			kind = "READ_ACCESS"
		}
		out = append(out, map[string]any{"resource": p, "type": kind})
	}
	return out
}

func (a *API) installUsers() error {
	for _, u := range a.cfg.Users {
		access := []any{}
		for _, x := range u.Access {
			entry := map[string]any{"role_ref": "/api/role?name=" + x.Role}
			if x.Tenant == store.AllTenants {
				entry["all_tenants"] = true
			} else {
				entry["tenant_ref"] = "/api/tenant?name=" + x.Tenant
			}
			access = append(access, entry)
		}
		profile := profileDefault
		if u.Name == "admin" {
			profile = profileNoLockout
		}
		body := map[string]any{
			"name": u.Name, "username": u.Name, "password": u.Password, "is_superuser": u.Superuser, "is_active": true,
			"access": access, "user_profile_ref": "/api/useraccountprofile?name=" + profile,
			"default_tenant_ref": "/api/tenant?name=" + store.AdminTenant,
		}
		if err := a.ensure("user", u.Name, body); err != nil {
			return err
		}
	}
	return nil
}
