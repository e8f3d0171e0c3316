package store

import (
	"encoding/json"
	"net/http"
	"reflect"
	"slices"
	"sort"

	"github.com/gslbsim/gslbsim/fakeavi/schema"
)

// Patch changes single fields of an object. The patch has one or more of the keys "add", "replace" and "delete" ("remove" is the same),
// each with an object of top-level fields:
//
//   - add appends to lists (an element which is there already is not added again if it is a plain value) and sets other fields;
//   - replace sets lists and other fields;
//   - delete removes the listed elements of lists, where an element that is an object matches if all fields given for it are
//     equal, and removes other fields, which then have their defaults.
//
// Operations are applied in that order. The result must be valid as a whole. Errors are those of Update.
func (s *Store) Patch(typ, uuid string, patch map[string]any, options ...Option) (*Object, error) {
	sent := map[string]any{}
	for _, op := range patchOps {
		fields, ok := patch[op].(map[string]any)
		if !ok {
			continue
		}
		for k, v := range fields {
			sent[k] = v
		}
	}
	return s.change(typ, uuid, sent, options, func(w *write, old *Object) (map[string]any, error) {
		return s.patched(w, old, patch)
	})
}

var patchOps = [...]string{"add", "replace", "delete", "remove"}

func (s *Store) patched(w *write, old *Object, patch map[string]any) (map[string]any, error) {
	if err := checkPatch(patch); err != nil {
		return nil, err
	}
	body := cloneBody(old.body)
	for _, op := range patchOps {
		fields, _ := patch[op].(map[string]any)
		for _, name := range sortedKeys(fields) {
			f := w.typ.Message.Field(name)
			if f == nil || !f.In(w.version) {
				return nil, Refuse(http.StatusBadRequest, "%s: %s is not a field of %s", w.typ.Model, name, w.typ.Model)
			}
			if f.ReadOnly && !w.system {
				continue
			}
			value, err := s.canonical(w, f, fields[name])
			if err != nil {
				return nil, err
			}
			applyPatch(body, op, f, value)
		}
	}
	w.version = schema.Version{} // fields that were there before may be newer than the client
	return body, nil
}

func checkPatch(patch map[string]any) error {
	for _, key := range sortedKeys(patch) {
		if !slices.Contains(patchOps[:], key) {
			return Refuse(http.StatusBadRequest, "a PATCH body has the keys add, replace and delete, not %q", key)
		}
		if _, ok := patch[key].(map[string]any); !ok {
			return Refuse(http.StatusBadRequest, "%q in a PATCH body must be an object of fields", key)
		}
	}
	if len(patch) == 0 {
		return Refuse(http.StatusBadRequest, "a PATCH body needs one of the keys add, replace and delete")
	}
	return nil
}

// canonical brings a patch's value into the form of stored bodies as far as is needed to compare them: references and numbers.
func (s *Store) canonical(w *write, f *schema.Field, value any) (any, error) {
	value, err := f.EachRef(cloneValue(value), func(r schema.Ref) (string, error) {
		return s.resolve(r, scope{tenant: w.tenant})
	})
	if err != nil {
		return nil, err
	}
	return plainNumbers(value), nil
}

// plainNumbers puts the numbers of stored bodies in place of json.Number.
func plainNumbers(value any) any {
	switch v := value.(type) {
	case json.Number:
		if i, err := v.Int64(); err == nil {
			return i
		}
		if x, err := v.Float64(); err == nil {
			return x
		}
	case map[string]any:
		for k := range v {
			v[k] = plainNumbers(v[k])
		}
	case []any:
		for i := range v {
			v[i] = plainNumbers(v[i])
		}
	}
	return value
}

// applyPatch applies one operation to one field of a body. Values that do not fit the field are left for the schema to refuse.
func applyPatch(body map[string]any, op string, f *schema.Field, value any) {
	list, isList := value.([]any)
	if !f.Repeated || !isList {
		if op == "delete" || op == "remove" {
			delete(body, f.Name)
		} else {
			body[f.Name] = value
		}
		return
	}
	current, _ := body[f.Name].([]any)
	switch op {
	case "add":
		for _, element := range list {
			_, isObject := element.(map[string]any)
			if isObject || !slices.ContainsFunc(current, func(e any) bool { return matches(e, element) }) {
				current = append(current, element)
			}
		}
		body[f.Name] = current
	case "replace":
		body[f.Name] = list
	default:
		body[f.Name] = slices.DeleteFunc(current, func(element any) bool {
			return slices.ContainsFunc(list, func(given any) bool { return matches(element, given) })
		})
	}
}

// matches reports whether every field given is equal in the element; plain values must be equal.
func matches(element, given any) bool {
	want, ok := given.(map[string]any)
	if !ok {
		return reflect.DeepEqual(element, given)
	}
	have, ok := element.(map[string]any)
	if !ok {
		return false
	}
	for k, v := range want {
		if !matches(have[k], v) {
			return false
		}
	}
	return true
}

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
