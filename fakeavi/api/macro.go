package api

import (
	"net/http"
	"sort"
	"strings"

	"github.com/gslbsim/gslbsim/fakeavi/schema"
	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// macro answers POST /api/macro: {"model_name": M, "data": {…}} writes an object together with the objects that it refers to, which stand
// inline as "<field>_data" in place of the reference "<field>" (an object, or a list of objects for a list of references).
// Objects that exist by name are updated, others created. If one is refused, what was done before is undone. UNCONFIRMED: the status of
// success, and that existing objects are updated.
func (a *API) macro(w http.ResponseWriter, r *http.Request, c *Caller) error {
	if r.Method != http.MethodPost {
		return refuseMethod(w, r, http.MethodPost)
	}
	return a.write(w, r, http.StatusCreated, func(body map[string]any) (*store.Object, error) {
		model, _ := body["model_name"].(string)
		t, ok := a.schema.Model(model)
		if !ok {
			return nil, refuse(http.StatusBadRequest, "model_name: %q is not a known model", model)
		}
		data, ok := body["data"].(map[string]any)
		if !ok {
			return nil, refuse(http.StatusBadRequest, "data: must be an object")
		}
		m := &macroWrite{api: a, caller: c}
		o, err := m.write(t, data, 0)
		if err != nil {
			m.undo()
		}
		return o, err
	})
}

// macroDepthMax bounds how deep inline objects nest.
const macroDepthMax = 8

// macroWrite is one macro on its way, with what is needed to undo it.
type macroWrite struct {
	api    *API
	caller *Caller
	done   []macroStep
}

// macroStep is one write: the state before (nil for a creation) and after.
type macroStep struct{ before, after *store.Object }

func (m *macroWrite) write(t *schema.Type, data map[string]any, depth int) (*store.Object, error) {
	if depth > macroDepthMax {
		return nil, refuse(http.StatusBadRequest, "data: objects are nested more than %d deep", macroDepthMax)
	}
	body, err := m.inline(t, t.Message, data, depth)
	if err != nil {
		return nil, err
	}
	tenant, err := m.api.store.TenantOf(t.Name, body, m.caller.Tenant)
	if err != nil {
		return nil, err
	}
	name, _ := body["name"].(string)
	before, exists := m.api.store.Lookup(t.Name, tenant, name)
	var after *store.Object
	if exists && name != "" {
		if err := m.caller.mayChange(before, t); err != nil {
			return nil, err
		}
		after, err = m.api.store.Update(t.Name, before.UUID, body, store.AsOf(m.api.hidden(m.caller.Version)), m.caller.judge(t))
	} else {
		before = nil
		after, err = m.api.createObject(m.caller, t, body)
	}
	if err != nil {
		return nil, err
	}
	m.done = append(m.done, macroStep{before, after})
	return after, nil
}

// inline writes the inline objects of a message and puts references in their place.
func (m *macroWrite) inline(t *schema.Type, msg *schema.Message, data map[string]any, depth int) (map[string]any, error) {
	out := make(map[string]any, len(data))
	keys := make([]string, 0, len(data))
	for key := range data {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	for _, key := range keys {
		value := data[key]
		field := msg.Field(key)
		if name, isData := strings.CutSuffix(key, "_data"); field == nil && isData {
			if f := msg.Field(name); f != nil && f.Ref != "" {
				ref, err := m.reference(f, value, depth)
				if err != nil {
					return nil, err
				}
				out[name] = ref
				continue
			}
		}
		if field != nil && field.Message != nil {
			below, err := m.below(t, field, value, depth)
			if err != nil {
				return nil, err
			}
			value = below
		}
		out[key] = value
	}
	return out, nil
}

// below handles inline objects in nested messages.
func (m *macroWrite) below(t *schema.Type, f *schema.Field, value any, depth int) (any, error) {
	switch v := value.(type) {
	case map[string]any:
		return m.inline(t, f.Message, v, depth+1)
	case []any:
		out := make([]any, len(v))
		for i, element := range v {
			below, err := m.below(t, f, element, depth)
			if err != nil {
				return nil, err
			}
			out[i] = below
		}
		return out, nil
	}
	return value, nil
}

// reference writes the inline object (or list of objects) of a reference field and returns the reference.
func (m *macroWrite) reference(f *schema.Field, value any, depth int) (any, error) {
	t, ok := m.api.schema.Model(f.Ref)
	if !ok {
		return nil, refuse(http.StatusBadRequest, "%s_data: objects of model %s are not known", f.Name, f.Ref)
	}
	switch v := value.(type) {
	case map[string]any:
		o, err := m.write(t, v, depth+1)
		if err != nil {
			return nil, err
		}
		return store.Target{Type: o.Type, UUID: o.UUID}.Path(), nil
	case []any:
		out := make([]any, len(v))
		for i, element := range v {
			ref, err := m.reference(f, element, depth)
			if err != nil {
				return nil, err
			}
			out[i] = ref
		}
		return out, nil
	}
	return nil, refuse(http.StatusBadRequest, "%s_data: must be an object or a list of objects", f.Name)
}

// undo takes the writes back, the last one first. What others changed meanwhile stays.
func (m *macroWrite) undo() {
	for i := len(m.done) - 1; i >= 0; i-- {
		step := m.done[i]
		current, ok := m.api.store.Get(step.after.Type, step.after.UUID)
		if !ok || current.Modified != step.after.Modified {
			continue
		}
		if step.before == nil {
			// Refused only if somebody refers to it by now: then it has to stay.
			_, _ = m.api.store.Delete(step.after.Type, step.after.UUID, store.System())
			continue
		}
		body := step.before.Body()
		_, _ = m.api.store.Update(step.before.Type, step.before.UUID, withoutModified(body), store.System())
	}
}

func withoutModified(body map[string]any) map[string]any {
	out := make(map[string]any, len(body))
	for k, v := range body {
		if k != "_last_modified" {
			out[k] = v
		}
	}
	return out
}
