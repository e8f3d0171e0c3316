package api

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/gslbsim/gslbsim/fakeavi/schema"
	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// Listing is a collection of things that are not stored objects, such as alerts. It is read like any other collection: pages, name,
// conditions on simple fields at the top, include_name.
type Listing struct {
	// Model is the name of the message of an entry.
	Model string
	// Permission is what a caller must be allowed to read.
	Permission string
	// Entries returns all there are, each with a string uuid, in the order in which they are listed.
	Entries func(r *http.Request) ([]map[string]any, error)
}

// List serves a Listing at "/api/<path>", and each of its entries below that by uuid. It panics if the schema does not have the
// Model.
func (a *API) List(path string, l Listing) {
	message := a.mustMessage(l.Model)
	a.Handle("GET /api/"+path, a.handler(l.Permission, func(w http.ResponseWriter, r *http.Request) error {
		return a.serveListing(w, r, path, l, message)
	}))
	a.Handle("GET /api/"+path+"/{uuid}", a.handler(l.Permission, func(w http.ResponseWriter, r *http.Request) error {
		entries, err := l.Entries(r)
		if err != nil {
			return err
		}
		for _, e := range entries {
			if e["uuid"] == r.PathValue("uuid") {
				return a.writeValue(w, r, Part{message, e})
			}
		}
		return store.NotFound(l.Model)
	}))
}

func (a *API) mustMessage(model string) *schema.Message {
	m, ok := a.schema.Message(model)
	if !ok {
		panic("api: the schema has no message " + model)
	}
	return m
}

// handler makes an http.Handler of a function that may fail, for callers who may read what a permission guards.
func (a *API) handler(permission string, fn func(http.ResponseWriter, *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := a.checkRead(r, permission)
		if err == nil {
			err = fn(w, r)
		}
		if err != nil {
			WriteError(w, err)
		}
	})
}

func (a *API) checkRead(r *http.Request, permission string) error {
	if c := CallerOf(r.Context()); c == nil || !c.MayRead(permission) {
		return refuse(http.StatusForbidden, "no read access (%s)", permission)
	}
	return nil
}

func (a *API) serveListing(w http.ResponseWriter, r *http.Request, path string, l Listing, m *schema.Message) error {
	q, err := parseQuery(a, r)
	if err != nil {
		return err
	}
	entries, err := l.Entries(r)
	if err != nil {
		return err
	}
	var selected []Part
	for _, e := range entries {
		if q.takes(m, e) {
			selected = append(selected, Part{m, e})
		}
	}
	total := len(selected)
	begin := min(q.Offset, total)
	page := selected[begin:min(begin+q.pageSize, total)]
	st := a.style(r, q.includeName)
	text := append([]byte(`{"count":`), strconv.Itoa(total)...)
	text = a.parts(append(text, `,"results":`...), page, q.view, st)
	if begin+len(page) < total {
		text = appendString(append(text, `,"next":`...), nextURL(st.base, path, q))
	}
	writeRaw(w, http.StatusOK, append(text, '}', '\n'))
	return nil
}

// takes reports whether an entry satisfies the conditions of a query: its name, and equality of simple fields.
func (q *request) takes(m *schema.Message, entry map[string]any) bool {
	for _, p := range q.pairs {
		if _, known := parameters[p.key]; known && p.key != "name" {
			continue
		}
		f := m.Field(p.key)
		if f == nil || f.Kind == schema.Object || f.Repeated {
			continue
		}
		value, ok := entry[p.key]
		if text := fmt.Sprint(value); !ok || !strings.EqualFold(text, p.value) && f.Kind == schema.Bool || f.Kind != schema.Bool && text != p.value {
			return false
		}
	}
	return true
}
