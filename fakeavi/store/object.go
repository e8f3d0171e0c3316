package store

import (
	"encoding/json"
	"fmt"
	"strconv"
	"sync"
)

// AdminTenant is the name, and the uuid, of the tenant that every controller has.
const AdminTenant = "admin"

// AllTenants is the tenant that stands for all of them in requests.
const AllTenants = "*"

// Object is one committed state of one object. It is immutable and safe for concurrent use.
type Object struct {
	// Type is the type's name in URLs, such as "gslbservice".
	Type string
	// UUID identifies the object in its store, and in all stores that it is replicated to.
	UUID string
	// Name is the object's name, empty for types without one.
	Name string
	// Tenant is the name of the tenant that owns the object.
	Tenant string
	// Federated says that the object is replicated across the GSLB federation (its is_federated field).
	Federated bool
	// Modified is the time of the last change in microseconds since 1970, made unique in the store that made the change.
	Modified int64
	// Version is the store's version that this state came with. It differs between stores.
	Version uint64

	body    map[string]any
	cloud   string // uuid of cloud_ref; names are unique within it
	targets []Target
	memo    *memo
}

// Target is what a reference points to.
type Target struct {
	// Type is the type's name in URLs.
	Type string
	// UUID identifies the object.
	UUID string
}

// Path is the canonical text of a reference, "/api/<type>/<uuid>".
func (t Target) Path() string { return "/api/" + t.Type + "/" + t.UUID }

// Body is the object's content, shared and read-only. Values are of the forms that schema.Kind lists; a reference is its
// canonical text ("/api/<type>/<uuid>"), secrets are in clear. uuid, name and _last_modified are in it; url and tenant_ref are
// not, they are made up in replies.
func (o *Object) Body() map[string]any { return o.body }

// Targets are the objects that this one refers to, each once, in the order of the fields. The slice must not be changed.
func (o *Object) Targets() []Target { return o.targets }

// Decode fills a struct from the body as encoding/json would, so the models of the SDK work. The error is that of the decoder.
func (o *Object) Decode(into any) error {
	text, err := json.Marshal(o.body)
	if err != nil {
		return fmt.Errorf("encode %s %s: %w", o.Type, o.UUID, err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("decode %s %s: %w", o.Type, o.UUID, err)
	}
	return nil
}

// memoMax bounds how many derived values one object keeps.
const memoMax = 4

// memo keeps values derived from an object. Copies of an object in other stores share it.
type memo struct {
	mu     sync.Mutex
	values map[string]any
}

// Memo returns what build returned the first time for this key, so that costly derived forms of a body (its rendered text) are
// made once. The value must depend on the body alone, and is shared: it must not be changed. An object keeps few values; beyond
// that build is called each time.
func (o *Object) Memo(key string, build func() any) any {
	o.memo.mu.Lock()
	defer o.memo.mu.Unlock()
	if v, ok := o.memo.values[key]; ok {
		return v
	}
	v := build()
	if len(o.memo.values) < memoMax {
		if o.memo.values == nil {
			o.memo.values = map[string]any{}
		}
		o.memo.values[key] = v
	}
	return v
}

// at returns the object as a state of another store version.
func (o *Object) at(version uint64) *Object {
	c := *o
	c.Version = version
	return &c
}

// seal completes an object whose identity and body are set: the fields that mirror the body, and the other way round.
func (o *Object) seal() {
	o.body["uuid"] = o.UUID
	o.body["_last_modified"] = strconv.FormatInt(o.Modified, 10)
	o.Name, _ = o.body["name"].(string)
	o.Federated, _ = o.body["is_federated"].(bool)
	if ref, ok := o.body["cloud_ref"].(string); ok {
		o.cloud = targetOf(ref).UUID
	}
	o.memo = &memo{}
}

// cloneValue copies a body deeply.
func cloneValue(v any) any {
	switch v := v.(type) {
	case map[string]any:
		return cloneBody(v)
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = cloneValue(v[i])
		}
		return out
	}
	return v
}

func cloneBody(body map[string]any) map[string]any {
	out := make(map[string]any, len(body))
	for k, v := range body {
		out[k] = cloneValue(v)
	}
	return out
}
