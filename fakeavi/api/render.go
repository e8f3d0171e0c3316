package api

import (
	"encoding/json"
	"net/http"

	"github.com/gslbsim/gslbsim/fakeavi/schema"
	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// style is how the references in a reply are written.
type style struct {
	base        string // "https://host", in front of every path
	includeName bool   // "#name" after every path
}

// fill appends the template's text with its gaps filled.
func (a *API) fill(dst []byte, t *template, st style) []byte {
	from := 0
	for _, g := range t.gaps {
		dst = append(dst, t.text[from:g.at]...)
		dst = a.appendRef(dst, g.target, st)
		from = g.at
	}
	return append(dst, t.text[from:]...)
}

func (a *API) appendRef(dst []byte, target store.Target, st style) []byte {
	name := ""
	if target.Type == tenantGap {
		name = target.UUID
		target = store.Target{Type: "tenant", UUID: a.store.TenantUUID(name)}
		if target.UUID == "" {
			target.UUID = name
		}
	} else if st.includeName {
		name = a.store.NameOf(target.UUID)
	}
	text := st.base + target.Path()
	if st.includeName && name != "" {
		text += "#" + name
	}
	return appendString(dst, text)
}

// object appends an object's JSON, with its joined parts.
func (a *API) object(dst []byte, r *http.Request, o *store.Object, v view, st style, join []string) ([]byte, error) {
	t, ok := a.schema.Type(o.Type)
	if !ok {
		return nil, store.UnknownType(o.Type)
	}
	dst = a.fill(dst, templateOf(t, o, v), st)
	for _, part := range join {
		fn, ok := a.subresources[o.Type+"/"+part]
		if !ok {
			continue
		}
		value, err := fn(r, o)
		if err != nil {
			return nil, err
		}
		dst = append(dst[:len(dst)-1], ',')
		dst = append(appendString(dst, part), ':')
		if dst, err = a.value(dst, value, v, st); err != nil {
			return nil, err
		}
		dst = append(dst, '}')
	}
	return dst, nil
}

// Render returns an object's JSON as a GET of it would, for handlers that put objects into replies of their own. r gives host, version
// and the query parameters that GET knows.
func (a *API) Render(r *http.Request, o *store.Object) (json.RawMessage, error) {
	q, err := parseQuery(a, r)
	if err != nil {
		return nil, err
	}
	text, err := a.object(nil, r, o, q.view, a.style(r, q.includeName), q.join)
	return text, err
}

// BaseURL is what the URLs in replies to a request begin with, such as "https://10.0.0.1".
func (a *API) BaseURL(r *http.Request) string { return a.cfg.Scheme + "://" + r.Host }

func (a *API) style(r *http.Request, includeName bool) style {
	return style{base: a.BaseURL(r), includeName: includeName}
}

// hidden returns the version whose later fields replies hide; zero if the version has all fields of the schema.
func (a *API) hidden(v schema.Version) schema.Version {
	if v.Compare(a.newest) >= 0 {
		return schema.Version{}
	}
	return v
}
