package store

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gslbsim/gslbsim/fakeavi/schema"
)

// Reference is what the text of a reference says, before anything is looked up.
type Reference struct {
	// Type is the type's name in URLs; empty for a bare uuid whose prefix is not known to the parser.
	Type string
	// UUID is set if the text names the object by uuid.
	UUID string
	// Names are the readings of the text's name, if it names the object by name: most likely first.
	Names []string
	// Tenant and Cloud are the names that the text restricts the search to; may be empty.
	Tenant, Cloud string
}

var errNotReference = errors.New("is not a reference of the form /api/<type>/<uuid> or /api/<type>?name=<name>")

// ParseReference reads all forms in which clients write references: "/api/<type>/<uuid>", "/api/<type>?name=N",
// "/api/<type>/?name=N&tenant=T&cloud=C", each with a scheme and host before it (the host may be empty: "https:///api/...") and
// with "#<name>" after it, and a bare "<type>-<uuid>". The host is ignored. An error says that the text is none of these.
func ParseReference(text string) (Reference, error) {
	if !strings.Contains(text, "/") {
		typ, _, ok := strings.Cut(text, "-")
		if !ok || typ == "" || strings.ContainsAny(text, "?#& ") {
			return Reference{}, errNotReference
		}
		return Reference{Type: typ, UUID: text}, nil
	}
	_, rest, ok := strings.Cut(text, "/api/")
	if !ok {
		return Reference{}, errNotReference
	}
	rest, _, _ = strings.Cut(rest, "#")
	path, query, hasQuery := strings.Cut(rest, "?")
	typ, uuid, _ := strings.Cut(strings.Trim(path, "/"), "/")
	ref := Reference{Type: typ, UUID: uuid}
	if hasQuery && uuid == "" {
		ref.readQuery(query)
	}
	if typ == "" || strings.Contains(uuid, "/") || (ref.UUID == "" && len(ref.Names) == 0) {
		return Reference{}, errNotReference
	}
	return ref, nil
}

// readQuery takes name, tenant and cloud from a query. AMKO writes names without escaping them, so "+" may be a plus sign or,
// from clients that do escape, a space: both readings are kept.
func (r *Reference) readQuery(query string) {
	for _, pair := range strings.Split(query, "&") {
		key, value, _ := strings.Cut(pair, "=")
		plain, err := url.PathUnescape(value)
		if err != nil {
			plain = value
		}
		switch key {
		case "name":
			r.Names = append(r.Names, plain)
			if spaced, err := url.QueryUnescape(value); err == nil && spaced != plain {
				r.Names = append(r.Names, spaced)
			}
		case "tenant":
			r.Tenant = plain
		case "cloud":
			r.Cloud = plain
		}
	}
}

// targetOf splits a canonical reference; the zero Target for any other text.
func targetOf(canonical string) Target {
	typ, uuid, ok := strings.Cut(strings.TrimPrefix(canonical, "/api/"), "/")
	if !ok || !strings.HasPrefix(canonical, "/api/") {
		return Target{}
	}
	return Target{Type: typ, UUID: uuid}
}

// ParseTarget splits a reference as stored bodies hold it ("/api/<type>/<uuid>"); false for any other text, such as a reference
// to a type that the schema does not have.
func ParseTarget(canonical string) (Target, bool) {
	t := targetOf(canonical)
	return t, t.UUID != "" && !strings.ContainsAny(t.UUID, "/?#")
}

// scope is from where a reference is looked up.
type scope struct{ tenant, cloud string }

// resolveRefs puts canonical texts in place of the references of a normalised body.
func (s *Store) resolveRefs(t *schema.Type, body map[string]any, tenant string) error {
	from := scope{tenant: tenant}
	if ref, ok := body["cloud_ref"].(string); ok {
		if target, err := s.resolve(schema.Ref{Path: "cloud_ref", Field: t.Message.Field("cloud_ref"), Value: ref}, from); err == nil {
			from.cloud = targetOf(target).UUID
		}
	}
	return t.Message.EachRef(body, func(r schema.Ref) (string, error) { return s.resolve(r, from) })
}

// resolve finds what a reference means. References to types that the schema does not have are kept, without their host.
func (s *Store) resolve(r schema.Ref, from scope) (string, error) {
	ref, err := ParseReference(r.Value)
	if err != nil {
		return "", Refuse(http.StatusBadRequest, "%s: %q %v", r.Path, r.Value, err)
	}
	want, known := s.schema.Model(r.Field.Ref)
	if !known {
		return withoutHost(r.Value), nil
	}
	if ref.Type != want.Name {
		return "", Refuse(http.StatusBadRequest, "%s: %q is a reference to %s, not to %s", r.Path, r.Value, ref.Type, want.Name)
	}
	target, ok := s.find(ref, from)
	if !ok {
		return "", MissingTarget(want.Model, r.Path, r.Value)
	}
	return Target{Type: target.Type, UUID: target.UUID}.Path(), nil
}

func withoutHost(text string) string {
	if i := strings.Index(text, "/api/"); i > 0 {
		return text[i:]
	}
	return text
}

// find looks a reference up: by uuid anywhere, by name in the tenant that the reference names, or else in the referring object's
// tenant and then in tenant admin. Of several, one in the same cloud is preferred.
func (s *Store) find(ref Reference, from scope) (*Object, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if ref.UUID != "" {
		o, ok := s.objects[ref.UUID]
		return o, ok && o.Type == ref.Type
	}
	tenants := []string{from.tenant, AdminTenant}
	if ref.Tenant != "" {
		tenants = []string{ref.Tenant}
	}
	if ref.Cloud != "" {
		from.cloud = s.cloudNamed(ref.Cloud)
	}
	for _, name := range ref.Names {
		for _, tenant := range tenants {
			if o := pick(s.named(ref.Type, name), tenant, from.cloud); o != nil {
				return o, true
			}
		}
	}
	return nil, false
}

func (s *Store) cloudNamed(name string) string {
	if clouds := s.named("cloud", name); len(clouds) > 0 {
		return clouds[0].UUID
	}
	return ""
}

// pick chooses among objects of one name: in the tenant, and in the cloud if any of them is.
func pick(named []*Object, tenant, cloud string) *Object {
	var first *Object
	for _, o := range named {
		if o.Tenant != tenant {
			continue
		}
		if o.cloud == cloud {
			return o
		}
		if first == nil {
			first = o
		}
	}
	return first
}

// collectTargets lists what a body with canonical references refers to, each object once.
func collectTargets(m *schema.Message, body map[string]any) []Target {
	var out []Target
	// The function never fails, so neither does the walk.
	_ = m.EachRef(body, func(r schema.Ref) (string, error) {
		if t, ok := ParseTarget(r.Value); ok && !slices.Contains(out, t) {
			out = append(out, t)
		}
		return r.Value, nil
	})
	return out
}
