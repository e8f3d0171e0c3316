package api

import (
	"net/http"
	"slices"

	"github.com/gslbsim/gslbsim/fakeavi/schema"
	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// serveType answers requests to "/api/<type>" and "/api/<type>/<uuid>".
func (a *API) serveType(w http.ResponseWriter, r *http.Request, c *Caller, t *schema.Type, uuid string) error {
	switch {
	case uuid == "" && t.Singleton:
		only := singleton(a.store, t.Name)
		if only == nil {
			return store.NotFound(t.Model)
		}
		return a.serveObject(w, r, c, t, only.UUID)
	case uuid != "":
		return a.serveObject(w, r, c, t, uuid)
	case r.Method == http.MethodGet:
		return a.list(w, r, c, t)
	case r.Method == http.MethodPost:
		return a.create(w, r, c, t)
	}
	return refuseMethod(w, r, http.MethodGet, http.MethodPost)
}

func (a *API) serveObject(w http.ResponseWriter, r *http.Request, c *Caller, t *schema.Type, uuid string) error {
	o, err := a.seen(c, t, uuid)
	if err != nil {
		return err
	}
	switch r.Method {
	case http.MethodGet:
		return a.get(w, r, o)
	case http.MethodPut, http.MethodPatch:
		if err := c.mayChange(o, t); err != nil {
			return err
		}
		return a.change(w, r, c, o)
	case http.MethodDelete:
		if t.Singleton {
			break
		}
		if err := c.mayChange(o, t); err != nil {
			return err
		}
		_, err := a.store.Delete(t.Name, uuid, c.judge(t))
		a.audit(r, Deleted, "", t.Name, o, err)
		if err != nil {
			return err
		}
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	allowed := []string{http.MethodGet, http.MethodPut, http.MethodPatch}
	if !t.Singleton {
		allowed = append(allowed, http.MethodDelete)
	}
	return refuseMethod(w, r, allowed...)
}

// seen returns an object if it exists and the caller may see it, else 404.
func (a *API) seen(c *Caller, t *schema.Type, uuid string) (*store.Object, error) {
	tenants, err := c.visible(t)
	if err != nil {
		return nil, err
	}
	o, ok := a.store.Get(t.Name, uuid)
	if !ok || (tenants != nil && !slices.Contains(tenants, o.Tenant)) || !c.maySee(o, t) {
		return nil, store.NotFound(t.Model)
	}
	return o, nil
}

func (a *API) get(w http.ResponseWriter, r *http.Request, o *store.Object) error {
	q, err := parseQuery(a, r)
	if err != nil {
		return err
	}
	text, err := a.object(nil, r, o, q.view, a.style(r, q.includeName), q.join)
	if err != nil {
		return err
	}
	writeRaw(w, http.StatusOK, append(text, '\n'))
	return nil
}

// change answers PUT (the whole object) and PATCH (single fields).
func (a *API) change(w http.ResponseWriter, r *http.Request, c *Caller, o *store.Object) error {
	t, ok := a.schema.Type(o.Type)
	if !ok {
		return store.UnknownType(o.Type)
	}
	change := a.store.Update
	if r.Method == http.MethodPatch {
		change = a.store.Patch
	}
	return a.write(w, r, http.StatusOK, func(body map[string]any) (*store.Object, error) {
		return change(o.Type, o.UUID, body, store.AsOf(a.hidden(c.Version)), c.judge(t))
	})
}
