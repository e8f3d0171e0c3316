package schema

import "strconv"

// Ref is one reference inside a body.
type Ref struct {
	// Path leads to it, such as "health_monitor_refs[2]".
	Path string
	// Field is the field that holds it.
	Field *Field
	// Value is what the body has there.
	Value string
}

// EachRef calls fn for every reference of a normalised body, in the order of the fields, and puts what fn returns in its place.
// It stops at the first error and returns it.
func (m *Message) EachRef(body map[string]any, fn func(Ref) (string, error)) error {
	return m.eachRef(body, "", fn)
}

// EachRef does the same for one value of the field, which need not be normalised, and returns the value with the replacements.
func (f *Field) EachRef(value any, fn func(Ref) (string, error)) (any, error) {
	return f.eachRef(value, f.Name, fn)
}

func (m *Message) eachRef(body map[string]any, path string, fn func(Ref) (string, error)) error {
	if !m.hasRefs {
		return nil
	}
	for i := range m.Fields {
		f := &m.Fields[i]
		value, ok := body[f.Name]
		if !ok {
			continue
		}
		replaced, err := f.eachRef(value, join(path, f.Name), fn)
		if err != nil {
			return err
		}
		body[f.Name] = replaced
	}
	return nil
}

func (f *Field) eachRef(value any, path string, fn func(Ref) (string, error)) (any, error) {
	if f.Ref == "" && (f.Message == nil || !f.Message.hasRefs) {
		return value, nil
	}
	list, isList := value.([]any)
	if !isList {
		return f.visitRef(value, path, fn)
	}
	for i := range list {
		replaced, err := f.visitRef(list[i], path+"["+strconv.Itoa(i)+"]", fn)
		if err != nil {
			return nil, err
		}
		list[i] = replaced
	}
	return list, nil
}

func (f *Field) visitRef(value any, path string, fn func(Ref) (string, error)) (any, error) {
	switch v := value.(type) {
	case string:
		if f.Ref != "" {
			return fn(Ref{Path: path, Field: f, Value: v})
		}
	case map[string]any:
		if f.Message != nil {
			return v, f.Message.eachRef(v, path, fn)
		}
	}
	return value, nil
}

// Masked is how replies show the value of a sensitive field.
const Masked = "<sensitive>"

// CarryOver copies into body, which is about to replace old, what a client can not send back: the values of read-only fields, and
// secrets that the body echoes as [Masked]. Elements of lists are paired by their identity (the first of uuid, cluster_uuid,
// vip_id and name that the element has), else by position. Both bodies must be normalised; old is not changed.
func (m *Message) CarryOver(old, body map[string]any) {
	if !m.hasGuarded || old == nil {
		return
	}
	for i := range m.Fields {
		f := &m.Fields[i]
		was, had := old[f.Name]
		now, has := body[f.Name]
		switch {
		case !had:
		case f.ReadOnly:
			if !has || f.Default != nil {
				body[f.Name] = was
			}
		case f.Sensitive:
			if now == Masked {
				body[f.Name] = was
			}
		case f.Message != nil && f.Message.hasGuarded && has:
			f.carryBelow(was, now)
		}
	}
}

func (f *Field) carryBelow(was, now any) {
	if m, ok := now.(map[string]any); ok {
		if w, ok := was.(map[string]any); ok {
			f.Message.CarryOver(w, m)
		}
		return
	}
	before, _ := was.([]any)
	after, _ := now.([]any)
	for i, element := range after {
		m, ok := element.(map[string]any)
		if !ok {
			continue
		}
		if w := pair(before, m, i); w != nil {
			f.Message.CarryOver(w, m)
		}
	}
}

// identities are the fields that tell the elements of a list apart, in order of preference.
var identities = [...]string{"uuid", "cluster_uuid", "vip_id", "name"}

// pair finds the element of a former list that the element at a position of its replacement was, nil if it is a new one.
func pair(before []any, element map[string]any, position int) map[string]any {
	for _, key := range identities {
		id, ok := element[key].(string)
		if !ok || id == "" {
			continue
		}
		for _, candidate := range before {
			if w, ok := candidate.(map[string]any); ok && w[key] == id {
				return w
			}
		}
		return nil
	}
	if position < len(before) {
		w, _ := before[position].(map[string]any)
		return w
	}
	return nil
}

// Canonical copies a body which was normalised before it was serialised: numbers get the form that [Kind] lists, nothing is checked,
// and fields that the message does not have are kept.
func (m *Message) Canonical(body map[string]any) map[string]any {
	out := make(map[string]any, len(body))
	for name, value := range body {
		f := m.Field(name)
		list, isList := value.([]any)
		switch {
		case f == nil:
			out[name] = value
		case isList:
			copied := make([]any, len(list))
			for i := range list {
				copied[i] = f.canonical(list[i])
			}
			out[name] = copied
		default:
			out[name] = f.canonical(value)
		}
	}
	return out
}

func (f *Field) canonical(value any) any {
	switch f.Kind {
	case Object:
		if m, ok := value.(map[string]any); ok {
			return f.Message.Canonical(m)
		}
	case Float:
		if x, ok := toFloat(value); ok {
			return x
		}
	case Int32, Int64, Uint32, Uint64:
		if i, ok := toInteger(value); ok {
			return i
		}
	}
	return value
}
