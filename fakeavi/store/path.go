package store

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/gslbsim/gslbsim/fakeavi/schema"
)

// values calls see with the text of every value that a dotted path reaches in an object, until see returns false. A reference is
// reached as its canonical text, and through the pseudo fields name and uuid. The caller holds s.mu.
func (s *Store) values(o *Object, path string, see func(text string) bool) {
	first, rest, _ := strings.Cut(path, ".")
	if first == "tenant_ref" {
		see(s.tenantText(o, rest))
		return
	}
	if value, ok := o.body[first]; ok {
		s.reach(value, rest, see)
	}
}

// tenantText is what a condition on tenant_ref sees: the reference is not part of the body.
func (s *Store) tenantText(o *Object, pseudo string) string {
	if pseudo == "name" {
		return o.Tenant
	}
	uuid := o.Tenant
	for _, t := range s.named("tenant", o.Tenant) {
		uuid = t.UUID
	}
	if pseudo == "uuid" {
		return uuid
	}
	return Target{Type: "tenant", UUID: uuid}.Path()
}

func (s *Store) reach(value any, path string, see func(string) bool) bool {
	switch v := value.(type) {
	case []any:
		for _, element := range v {
			if !s.reach(element, path, see) {
				return false
			}
		}
		return true
	case map[string]any:
		first, rest, _ := strings.Cut(path, ".")
		if next, ok := v[first]; ok {
			return s.reach(next, rest, see)
		}
		return true
	case string:
		return s.reachRef(v, path, see)
	}
	if path != "" {
		return true
	}
	return see(plainText(value))
}

// reachRef handles the end of a path: the text itself, or a pseudo field of a reference.
func (s *Store) reachRef(text, pseudo string, see func(string) bool) bool {
	target := targetOf(text)
	switch {
	case pseudo == "":
		return see(text)
	case target.UUID == "":
		return true
	case pseudo == "uuid":
		return see(target.UUID)
	case pseudo == "name":
		if o, ok := s.objects[target.UUID]; ok {
			return see(o.Name)
		}
	}
	return true
}

// first is the first value that a path reaches, nil if there is none. The caller holds s.mu.
func (s *Store) first(o *Object, path string) any {
	if value, ok := o.body[path]; ok {
		return value
	}
	var out any
	s.values(o, path, func(text string) bool {
		out = text
		return false
	})
	return out
}

// plainText is a scalar in the form that conditions use.
func plainText(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case uint64:
		return strconv.FormatUint(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return ""
}

// everyText calls see for every scalar in a body but secrets, in the order of the fields, until it returns false.
func everyText(m *schema.Message, body map[string]any, see func(string) bool) bool {
	for i := range m.Fields {
		f := &m.Fields[i]
		value, ok := body[f.Name]
		if !ok || f.Sensitive {
			continue
		}
		list, isList := value.([]any)
		if !isList {
			list = []any{value}
		}
		for _, element := range list {
			if below, ok := element.(map[string]any); ok && f.Message != nil {
				if !everyText(f.Message, below, see) {
					return false
				}
			} else if !see(plainText(element)) {
				return false
			}
		}
	}
	return true
}

// isSecret reports whether a dotted path leads to or through a sensitive field.
func isSecret(m *schema.Message, path string) bool {
	for _, name := range strings.Split(path, ".") {
		if m == nil {
			return false
		}
		f := m.Field(name)
		if f == nil {
			return false
		}
		if f.Sensitive {
			return true
		}
		m = f.Message
	}
	return false
}

// compareValues orders numbers by size and everything else by text; nil comes first.
func compareValues(a, b any) int {
	x, aIsNumber := a.(int64)
	y, bIsNumber := b.(int64)
	if aIsNumber && bIsNumber {
		return cmp.Compare(x, y)
	}
	if a == nil || b == nil {
		return cmp.Compare(rank(a), rank(b))
	}
	return strings.Compare(plainText(a), plainText(b))
}

func rank(v any) int {
	if v == nil {
		return 0
	}
	return 1
}
