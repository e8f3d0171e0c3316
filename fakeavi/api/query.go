package api

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gslbsim/gslbsim/fakeavi/schema"
	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// request is what the query parameters of a GET ask for.
type request struct {
	store.Query
	view        view
	includeName bool
	join        []string
	include     map[string]bool // fields of inventory entries; nil for all
	page        int             // from 1
	pageSize    int
	limitBy     int // 0 for none
	pairs       []pair
}

type pair struct{ key, value string }

// queryPairsMax bounds the parameters of one request.
const queryPairsMax = 200

// splitQuery reads a raw query. Clients do not always escape, so what can not be unescaped is taken as it is.
func splitQuery(raw string) []pair {
	var out []pair
	for raw != "" && len(out) < queryPairsMax {
		var part string
		part, raw, _ = strings.Cut(raw, "&")
		if part == "" {
			continue
		}
		key, value, _ := strings.Cut(part, "=")
		out = append(out, pair{unescape(key), unescape(value)})
	}
	return out
}

func unescape(text string) string {
	if plain, err := url.QueryUnescape(text); err == nil {
		return plain
	}
	return text
}

// parseQuery reads the query parameters of a GET. A parameter may be given twice. Parameters that are neither known nor fields of any
// type are the caller's to apply: see [request.filter]. Errors carry 400.
func parseQuery(a *API, r *http.Request) (*request, error) {
	q := &request{page: 1, pageSize: a.cfg.PageSize, pairs: splitQuery(r.URL.RawQuery)}
	if c := CallerOf(r.Context()); c != nil {
		q.view.version = a.hidden(c.Version)
		defer func() { q.view.keys = q.view.keys && c.MayWrite("PERMISSION_SSLKEYANDCERTIFICATE") }()
	}
	for _, p := range q.pairs {
		if read, ok := parameters[p.key]; ok {
			if err := read(q, p.value); err != nil {
				return nil, refuse(http.StatusBadRequest, "query parameter %s: %v", p.key, err)
			}
		}
	}
	q.pageSize = min(q.pageSize, a.cfg.PageSizeMax)
	q.Offset, q.Limit = (q.page-1)*q.pageSize, q.pageSize
	return q, nil
}

// parameters are the query parameters that are not filters on fields.
var parameters = map[string]func(*request, string) error{
	"name":              func(q *request, v string) error { q.Name = &v; return nil },
	"page":              func(q *request, v string) error { return positive(v, pageMax, &q.page) },
	"page_size":         func(q *request, v string) error { return positive(v, pageMax, &q.pageSize) },
	"limit_by":          func(q *request, v string) error { return positive(v, pageMax, &q.limitBy) },
	"include_name":      func(q *request, v string) error { return flag(v, &q.includeName) },
	"skip_default":      func(q *request, v string) error { return flag(v, &q.view.skipDefault) },
	"fields":            readFields,
	"sort":              readSort,
	"refers_to":         func(q *request, v string) error { return readTarget(v, &q.RefersTo) },
	"referred_by":       func(q *request, v string) error { return readTarget(v, &q.ReferredBy) },
	"search":            func(q *request, v string) error { return readSearch(q, v, false) },
	"isearch":           func(q *request, v string) error { return readSearch(q, v, true) },
	"join_subresources": readJoin,
	"join":              readJoin,
	"include":           readInclude,
	"export_key":        func(q *request, v string) error { return flag(v, &q.view.keys) },
	"exclude":           func(*request, string) error { return nil }, // read by filter
}

// pageMax bounds page numbers and sizes, so that their product fits.
const pageMax = 1 << 30

func positive(text string, most int, into *int) error {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most {
		return refuse(http.StatusBadRequest, "%q is not a positive number", text)
	}
	*into = n
	return nil
}

// flag reads a boolean; a parameter without value is true.
func flag(text string, into *bool) error {
	switch strings.ToLower(text) {
	case "", "true", "1":
		*into = true
	case "false", "0":
		*into = false
	default:
		return refuse(http.StatusBadRequest, "%q is neither true nor false", text)
	}
	return nil
}

func readFields(q *request, text string) error {
	if q.view.fields == nil {
		q.view.fields = map[string]bool{}
	}
	for _, name := range strings.Split(text, ",") {
		q.view.fields[strings.TrimSpace(name)] = true
	}
	return nil
}

func readSort(q *request, text string) error {
	for _, key := range strings.Split(text, ",") {
		path, descending := strings.CutPrefix(strings.TrimSpace(key), "-")
		if path != "" {
			q.Sort = append(q.Sort, store.SortKey{Path: path, Descending: descending})
		}
	}
	return nil
}

func readJoin(q *request, text string) error {
	for _, name := range strings.Split(text, ",") {
		if name = strings.TrimSpace(name); name != "" && !slices.Contains(q.join, name) {
			q.join = append(q.join, name)
		}
	}
	return nil
}

// readTarget reads "<type>:<uuid>".
func readTarget(text string, into *store.Target) error {
	typ, uuid, ok := strings.Cut(text, ":")
	if !ok || typ == "" || uuid == "" {
		return refuse(http.StatusBadRequest, "%q is not of the form <type>:<uuid>", text)
	}
	*into = store.Target{Type: strings.ToLower(typ), UUID: uuid}
	return nil
}

// readSearch reads "text", or "(field,text)|(field,text)".
func readSearch(q *request, text string, fold bool) error {
	if !strings.HasPrefix(text, "(") {
		q.Search = append(q.Search, store.SearchTerm{Text: text, Fold: fold})
		return nil
	}
	for _, term := range strings.Split(text, "|") {
		inner, ok := strings.CutPrefix(term, "(")
		inner, closed := strings.CutSuffix(inner, ")")
		field, value, two := strings.Cut(inner, ",")
		if !ok || !closed || !two {
			return refuse(http.StatusBadRequest, "%q is not of the form (field,text)|(field,text)", text)
		}
		q.Search = append(q.Search, store.SearchTerm{Path: strings.TrimSpace(field), Text: value, Fold: fold})
	}
	return nil
}

// operators are suffixes of filters on fields. UNCONFIRMED: that "isin" is the same as the documented "in".
var operators = map[string]store.Match{
	"in": store.Equal, "isin": store.Equal, "contains": store.Contains, "icontains": store.ContainsFold,
}

// filter turns every parameter that is a field of the type (or a path into one, or has an operator after it) into a condition. Other
// parameters are ignored (UNCONFIRMED). "exclude" names parameters whose condition is turned round.
func (q *request) filter(t *schema.Type) {
	var excluded []string
	for _, p := range q.pairs {
		if p.key == "exclude" {
			excluded = append(excluded, strings.Split(p.value, ",")...)
		}
	}
	for _, p := range q.pairs {
		if _, known := parameters[p.key]; known {
			continue
		}
		if c, ok := condition(t, p); ok {
			if slices.Contains(excluded, p.key) {
				c.Match = store.NotEqual
			}
			q.Where = append(q.Where, c)
		}
	}
}

func condition(t *schema.Type, p pair) (store.Condition, bool) {
	c := store.Condition{Path: p.key, Values: []string{p.value}}
	if p.key == "cloud_uuid" && t.Message.Field("cloud_uuid") == nil {
		c.Path = "cloud_ref.uuid"
	}
	if i := strings.LastIndexByte(c.Path, '.'); i >= 0 {
		if match, ok := operators[c.Path[i+1:]]; ok {
			if match == store.Equal {
				c.Values = strings.Split(p.value, ",")
			}
			c.Path, c.Match = c.Path[:i], match
		}
	}
	first, _, _ := strings.Cut(c.Path, ".")
	f := t.Message.Field(first)
	if f == nil {
		return c, false
	}
	if f.Kind == schema.Bool {
		for i := range c.Values {
			c.Values[i] = strings.ToLower(c.Values[i])
		}
	}
	return c, true
}
