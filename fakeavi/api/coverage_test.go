package api_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/vmware/alb-sdk/go/models"

	"github.com/gslbsim/gslbsim/fakeavi/schema"
	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// gslbModels are the SDK's models of what a GSLB federation is made of.
var gslbModels = []any{
	models.Gslb{}, models.GslbService{}, models.GslbGeoDbProfile{}, models.HealthMonitor{}, models.ApplicationPersistenceProfile{},
	models.PKIprofile{}, models.JWTServerProfile{},
}

// walkModel visits every field of a model by its JSON path; field is nil if the schema does not have it.
func walkModel(typ reflect.Type, m *schema.Message, path string, visit func(string, *schema.Field)) {
	for i := range typ.NumField() {
		name, _, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
		field := m.Field(name)
		at := strings.TrimPrefix(path+"."+name, ".")
		visit(at, field)
		below := typ.Field(i).Type
		for below.Kind() == reflect.Pointer || below.Kind() == reflect.Slice {
			below = below.Elem()
		}
		if below.Kind() == reflect.Struct && field != nil && field.Message != nil {
			walkModel(below, field.Message, at, visit)
		}
	}
}

func parent(path string) string {
	if i := strings.LastIndexByte(path, '.'); i >= 0 {
		return path[:i]
	}
	return ""
}

// dig follows a path into a reply, through the first element of lists; nil if there is nothing.
func dig(v any, path string) any {
	for path != "" {
		var name string
		name, path, _ = strings.Cut(path, ".")
		if list, ok := v.([]any); ok && len(list) > 0 {
			v = list[0]
		}
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[name]
	}
	return v
}

// values makes valid values for fields, from the schema: one set of them, or another one that differs wherever it can.
type values struct {
	t     *testing.T
	store *store.Store
	other bool
}

// body fills all fields of a message, or only those that are required and those that hold messages.
func (v *values) body(m *schema.Message, all bool) map[string]any {
	out := map[string]any{}
	isObject := m.Field("_last_modified") != nil
	for i := range m.Fields {
		f := &m.Fields[i]
		own := isObject && (f.Name == "uuid" || f.Name == "tenant_ref" || f.Name == "configpb_attributes")
		needed := f.Message != nil || f.Required && f.Default == nil
		if f.ReadOnly || own || !all && !needed {
			continue
		}
		value := v.value(f, all)
		if f.Repeated {
			value = []any{value}
		}
		out[f.Name] = value
	}
	if m.Name == "IpAddr" {
		out["type"], out["addr"] = "V6", "2001:db8::1"
		if v.other {
			out["type"], out["addr"] = "V4", "192.0.2.1"
		}
	}
	return out
}

func (v *values) value(f *schema.Field, all bool) any {
	switch f.Kind {
	case schema.Object:
		return v.body(f.Message, all)
	case schema.Bool:
		return (f.Default != true) != v.other
	case schema.String:
		return v.text(f)
	}
	switch {
	case len(f.Allowed) > 0 && v.other:
		return f.Allowed[0].Low
	case len(f.Allowed) > 0:
		return f.Allowed[0].High
	case v.other:
		return 4
	}
	return 3
}

func (v *values) text(f *schema.Field) string {
	name, word, at := "target", "text", len(f.Enum)-1
	if v.other {
		name, word, at = "another", "other", 0
	}
	switch {
	case f.Ref != "":
		return v.target(f.Ref, name)
	case f.Enum != nil:
		return f.Enum[at]
	}
	return word
}

// target makes sure that there is an object of a model and a name to refer to.
func (v *values) target(model, name string) string {
	typ, ok := v.store.Schema().Model(model)
	if !ok {
		return "/api/" + strings.ToLower(model) + "/" + strings.ToLower(model) + "-" + name
	}
	if _, ok := v.store.Lookup(typ.Name, store.AdminTenant, name); !ok {
		body := v.body(typ.Message, false)
		for field := range body {
			if f := typ.Message.Field(field); !f.Required {
				delete(body, field)
			}
		}
		body["name"] = name
		if _, err := v.store.Create(typ.Name, body); err != nil {
			v.t.Fatal(err)
		}
	}
	return "/api/" + typ.Name + "?name=" + name
}
