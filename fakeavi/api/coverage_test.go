package api_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/vmware/alb-sdk/go/models"

	"github.com/gslbsim/gslbsim/fakeavi/schema"
	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// gslbModels are the SDK's models of what a GSLB federation is made of.
var gslbModels = []any{
	models.Gslb{}, models.GslbService{}, models.GslbGeoDbProfile{}, models.HealthMonitor{}, models.ApplicationPersistenceProfile{},
	models.PKIprofile{}, models.JWTServerProfile{},
}

// TestCoverageOfGSLBModels takes every field that the SDK's models have, at every depth, and counts those that a controller stores and
// returns, and those with a default that come back when they are not sent.
func TestCoverageOfGSLBModels(t *testing.T) {
	g := NewWithT(t)
	f := newFixture(t)
	c := f.login()
	total, stored, defaulted, defaults := 0, 0, 0, 0
	for _, model := range gslbModels {
		typ, ok := f.store.Schema().Model(reflect.TypeOf(model).Name())
		if !ok {
			typ, ok = f.store.Schema().Type(strings.ToLower(reflect.TypeOf(model).Name()))
		}
		g.Expect(ok).To(BeTrue(), "%T", model)
		v := &values{t: t, store: f.store}
		sent := v.body(typ.Message, true)
		created := c.do(201, "POST", "/api/"+typ.Name, encode(t, sent))
		full := c.do(200, "GET", "/api/"+typ.Name+"/"+created["uuid"].(string), "")

		sparse := v.body(typ.Message, false)
		sparse["name"] = "sparse"
		created = c.do(201, "POST", "/api/"+typ.Name, encode(t, sparse))
		lean := c.do(200, "GET", "/api/"+typ.Name+"/"+created["uuid"].(string), "")

		walkModel(reflect.TypeOf(model), typ.Message, "", func(path string, field *schema.Field) {
			total++
			switch {
			case field == nil:
				t.Logf("%s.%s is not in the schema", typ.Model, path)
			case dig(full, path) == nil && !field.ReadOnly:
				t.Logf("%s.%s does not come back", typ.Model, path)
			default:
				stored++
			}
			if field == nil || field.Default == nil || dig(lean, parent(path)) == nil {
				return
			}
			defaults++
			if got := dig(lean, path); fmt.Sprint(got) == fmt.Sprint(field.Default) || path == "configpb_attributes.version" {
				defaulted++
			} else {
				t.Logf("%s.%s defaults to %v, want %v", typ.Model, path, got, field.Default)
			}
		})
		for name, value := range decode(t, encode(t, sent)) {
			if missing := lacks(name, value, full[name]); missing != "" {
				t.Errorf("%s: %s", typ.Model, missing)
			}
		}
	}
	percent := 100 * float64(stored) / float64(total)
	t.Logf("%d of %d fields of the GSLB models are stored and returned (%.1f %%); %d of %d defaults are filled in", stored, total, percent, defaulted, defaults)
	g.Expect(percent).To(BeNumerically(">=", 95))
	g.Expect(defaulted).To(Equal(defaults))
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

// values makes valid values for fields, from the schema.
type values struct {
	t     *testing.T
	store *store.Store
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
	return out
}

func (v *values) value(f *schema.Field, all bool) any {
	switch f.Kind {
	case schema.Object:
		return v.body(f.Message, all)
	case schema.Bool:
		return f.Default != true
	case schema.String:
		switch {
		case f.Ref != "":
			return v.target(f.Ref)
		case f.Enum != nil:
			return f.Enum[len(f.Enum)-1]
		}
		return "text"
	}
	if len(f.Allowed) > 0 {
		return f.Allowed[0].High
	}
	return 3
}

// target makes sure that there is an object of a model to refer to.
func (v *values) target(model string) string {
	typ, ok := v.store.Schema().Model(model)
	if !ok {
		return "/api/" + strings.ToLower(model) + "/" + strings.ToLower(model) + "-1"
	}
	if _, ok := v.store.Lookup(typ.Name, store.AdminTenant, "target"); !ok {
		body := v.body(typ.Message, false)
		for name := range body {
			if f := typ.Message.Field(name); !f.Required {
				delete(body, name)
			}
		}
		body["name"] = "target"
		if _, err := v.store.Create(typ.Name, body); err != nil {
			v.t.Fatal(err)
		}
	}
	return "/api/" + typ.Name + "?name=target"
}
