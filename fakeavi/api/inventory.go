package api

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/gslbsim/gslbsim/fakeavi/schema"
	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// Inventory is a collection that shows the configuration of stored objects together with their runtime, a snapshot in one request.
type Inventory struct {
	// Type is the type of the objects, in the form of URLs.
	Type string
	// Model is the message of an entry; the message of its field config says which fields of the object are shown there.
	Model string
	// More returns what an entry holds besides uuid, url and config, by field.
	More func(o *store.Object) (map[string]any, error)
	// Config returns further fields of config, which the object itself does not have; may be nil.
	Config func(o *store.Object) map[string]any
}

// Inventory serves an Inventory at "/api/<path>", and its entries below that. Queries are those of the object's type; include names
// the fields of entries that are shown besides uuid and url, all of them if it is not given. It panics if the schema does not have
// the type or the model.
func (a *API) Inventory(path string, inv Inventory) {
	t, ok := a.schema.Type(inv.Type)
	if !ok {
		panic("api: the schema has no type " + inv.Type)
	}
	message := a.mustMessage(inv.Model)
	a.Handle("GET /api/"+path, a.handler(t.Permission, func(w http.ResponseWriter, r *http.Request) error {
		return a.listInventory(w, r, path, t, message, inv)
	}))
	a.Handle("GET /api/"+path+"/{uuid}", a.handler(t.Permission, func(w http.ResponseWriter, r *http.Request) error {
		q, err := parseQuery(a, r)
		if err != nil {
			return err
		}
		o, err := a.seen(CallerOf(r.Context()), t, r.PathValue("uuid"))
		if err != nil {
			return err
		}
		p, err := inv.entry(path, message, o, q)
		if err != nil {
			return err
		}
		writeRaw(w, http.StatusOK, append(a.part(nil, p, q.view, a.style(r, q.includeName)), '\n'))
		return nil
	}))
}

func (a *API) listInventory(w http.ResponseWriter, r *http.Request, path string, t *schema.Type, m *schema.Message, inv Inventory) error {
	q, err := parseQuery(a, r)
	if err != nil {
		return err
	}
	if q.Tenants, err = CallerOf(r.Context()).visible(t); err != nil {
		return err
	}
	q.filter(t)
	objects, total := a.listSeen(CallerOf(r.Context()), t, q.Query)
	var page []Part
	for _, o := range objects {
		p, err := inv.entry(path, m, o, q)
		if err != nil {
			return err
		}
		page = append(page, p)
	}
	st := a.style(r, q.includeName)
	text := append([]byte(`{"count":`), strconv.Itoa(total)...)
	text = a.parts(append(text, `,"results":`...), page, q.view, st)
	if q.Offset+len(page) < total && len(page) > 0 {
		text = appendString(append(text, `,"next":`...), nextURL(st.base, path, q))
	}
	writeRaw(w, http.StatusOK, append(text, '}', '\n'))
	return nil
}

// entry is what an inventory shows of an object.
func (inv *Inventory) entry(path string, m *schema.Message, o *store.Object, q *request) (Part, error) {
	body, err := inv.More(o)
	if err != nil {
		return Part{}, err
	}
	config := map[string]any{}
	shown := m.Field("config").Message
	for i := range shown.Fields {
		name := shown.Fields[i].Name
		if value, ok := o.Body()[name]; ok {
			config[name] = value
		}
	}
	config["url"] = store.Target{Type: o.Type, UUID: o.UUID}.Path()
	config["tenant_ref"] = tenantPath + o.Tenant
	if inv.Config != nil {
		for name, value := range inv.Config(o) {
			config[name] = value
		}
	}
	body["config"] = config
	for name := range body {
		if q.include != nil && !q.include[name] {
			delete(body, name)
		}
	}
	body["uuid"], body["url"] = o.UUID, store.Target{Type: path, UUID: o.UUID}.Path()
	body["_last_modified"] = o.Body()["_last_modified"]
	return Part{m, body}, nil
}

// tenantPath begins a reference to a tenant by name, in a Part.
const tenantPath = "/api/" + tenantGap + "/"

func readInclude(q *request, text string) error {
	if q.include == nil {
		q.include = map[string]bool{}
	}
	for _, name := range strings.Split(text, ",") {
		q.include[strings.TrimSpace(name)] = true
	}
	return nil
}
