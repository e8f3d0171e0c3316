package api

import (
	"encoding/json"
	"net/http"

	"github.com/gslbsim/gslbsim/fakeavi/schema"
)

// Part is something in a reply that is not stored: runtime, inventory, an alert. References in it are in canonical form, and
// values in the forms that schema.Kind lists, so that they are shown as those of stored objects: with the host of the request,
// names if it asks for them, and without fields that its version does not know. Fields that the message does not have are left
// out.
type Part struct {
	Message *schema.Message
	Body    map[string]any
}

// part appends a Part's JSON.
func (a *API) part(dst []byte, p Part, v view, st style) []byte {
	w := &templateWriter{view: view{version: v.version}, links: true}
	w.message(p.Message, p.Body)
	return a.fill(dst, &w.out, st)
}

// parts appends the JSON of a list of Parts.
func (a *API) parts(dst []byte, list []Part, v view, st style) []byte {
	dst = append(dst, '[')
	for i, p := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = a.part(dst, p, v, st)
	}
	return append(dst, ']')
}

// value appends the JSON of what a Subresource returned.
func (a *API) value(dst []byte, value any, v view, st style) ([]byte, error) {
	switch x := value.(type) {
	case Part:
		return a.part(dst, x, v, st), nil
	case []Part:
		return a.parts(dst, x, v, st), nil
	}
	text, err := json.Marshal(value)
	return append(dst, text...), err
}

// Reply answers a request with a Part, 200.
func (a *API) Reply(w http.ResponseWriter, r *http.Request, p Part) error {
	return a.writeValue(w, r, p)
}

// writeValue answers a request with what a Subresource returned.
func (a *API) writeValue(w http.ResponseWriter, r *http.Request, value any) error {
	q, err := parseQuery(a, r)
	if err != nil {
		return err
	}
	text, err := a.value(nil, value, q.view, a.style(r, q.includeName))
	if err != nil {
		return err
	}
	writeRaw(w, http.StatusOK, append(text, '\n'))
	return nil
}
