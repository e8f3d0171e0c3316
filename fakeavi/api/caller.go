package api

import (
	"context"
	"net/http"

	"github.com/gslbsim/gslbsim/fakeavi/schema"
	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// Caller is who sends a request, and what its headers state.
type Caller struct {
	// User is the name of the user.
	User string
	// Tenant is the tenant that the request is about, store.AllTenants for all that the user may enter.
	Tenant string
	// Version is the API version that the request states, never newer than the controller's.
	Version schema.Version

	access access
}

// MayRead reports whether the caller may read what a permission guards in its tenant (in any tenant, if the request is about all).
func (c *Caller) MayRead(permission string) bool { return c.may(permission, readAccess) }

// MayWrite is the same for writing.
func (c *Caller) MayWrite(permission string) bool { return c.may(permission, writeAccess) }

func (c *Caller) may(permission string, least level) bool {
	if c.Tenant != store.AllTenants {
		return c.access.in(c.Tenant, permission) >= least
	}
	names, all := c.access.tenants(permission, least)
	return all || len(names) > 0
}

// Sees reports whether a request is about a tenant: it states that one, or all, and the caller may enter it.
func (c *Caller) Sees(tenant string) bool {
	return (c.Tenant == store.AllTenants || c.Tenant == tenant) && c.access.enters(tenant)
}

type callerKey struct{}

// CallerOf returns the caller of a request that reached a handler registered with [API.Handle]; nil in any other context.
func CallerOf(ctx context.Context) *Caller {
	c, _ := ctx.Value(callerKey{}).(*Caller)
	return c
}

// identify finds the caller of a request: user, tenant and version. Errors carry 401, 403 or 400.
func (a *API) identify(r *http.Request) (*Caller, error) {
	user, err := a.authenticate(r)
	if err != nil {
		return nil, err
	}
	version, err := a.statedVersion(r)
	if err != nil {
		return nil, err
	}
	c := &Caller{User: user.Name, Version: version, access: a.accessOf(user)}
	c.Tenant, err = a.statedTenant(r, user, c.access)
	return c, err
}

// authenticate finds the user of a request by basic authentication, where that is enabled, or by session.
func (a *API) authenticate(r *http.Request) (*store.Object, error) {
	if name, password, ok := r.BasicAuth(); ok {
		if !a.settings.get().basicAuth {
			return nil, refuse(http.StatusUnauthorized, "Basic authentication is not enabled on this controller")
		}
		return a.checkPassword(name, password)
	}
	s := a.openSession(r)
	if s == nil {
		return nil, errNotAuthenticated
	}
	user := a.user(s.user)
	if user == nil {
		a.sessions.close(s.id)
		return nil, errNotAuthenticated
	}
	return user, a.checkCrossSite(r, s)
}

// statedVersion reads X-Avi-Version; the controller's version without it. A newer version than the controller's is refused.
// UNCONFIRMED: the status and the text of the refusal.
func (a *API) statedVersion(r *http.Request) (schema.Version, error) {
	text := r.Header.Get("X-Avi-Version")
	if text == "" {
		return a.version, nil
	}
	v, err := schema.ParseVersion(text)
	if err != nil {
		return v, refuse(http.StatusBadRequest, "X-Avi-Version: %v", err)
	}
	if v.Compare(a.version) > 0 {
		return v, refuse(http.StatusBadRequest, "Unsupported API version %s, the controller's version is %s", text, a.cfg.Version)
	}
	return v, nil
}

// statedTenant reads X-Avi-Tenant (a name) or X-Avi-Tenant-UUID; the user's default tenant without them.
func (a *API) statedTenant(r *http.Request, user *store.Object, x access) (string, error) {
	name := r.Header.Get("X-Avi-Tenant")
	if uuid := r.Header.Get("X-Avi-Tenant-UUID"); name == "" && uuid != "" {
		tenant, ok := a.store.Get("tenant", uuid)
		if !ok {
			return "", store.UnknownTenant(uuid)
		}
		name = tenant.Name
	}
	if name == "" {
		name = a.defaultTenant(user)
	}
	if name == store.AllTenants {
		return name, nil
	}
	if a.store.TenantUUID(name) == "" {
		return "", store.UnknownTenant(name)
	}
	if !x.enters(name) {
		return "", refuse(http.StatusForbidden, "User %s has no access to tenant %s", user.Name, name)
	}
	return name, nil
}

func (a *API) defaultTenant(user *store.Object) string {
	if tenant := a.referred(user.Body()["default_tenant_ref"]); tenant != nil {
		return tenant.Name
	}
	return store.AdminTenant
}
