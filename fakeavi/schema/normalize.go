package schema

import (
	"encoding/json"
	"math"
	"slices"
	"sort"
	"strconv"
)

// Options of Normalize.
type Options struct {
	// Version is the API version that the writer states. Fields introduced later are refused. Zero accepts all fields.
	Version Version
	// KeepReadOnly keeps read-only fields of the input, for writers which are the controller itself.
	KeepReadOnly bool
}

// Normalize checks a body against the type and returns it as a controller stores it: a deep copy with defaults filled in (at the
// top and inside messages that are present), null and read-only fields left out, and every value in the form that [Kind] lists.
// The input is not changed. Numbers may be json.Number or any Go number. The error is an *Error that lists the problems.
//
// An element of a list of references may be anything that is a string: resolving references is the caller's business.
func (t *Type) Normalize(body map[string]any, o Options) (map[string]any, error) {
	n := normalizer{options: o}
	out := n.message(t.Message, body, "")
	if len(n.problems) > 0 {
		return nil, &Error{Model: t.Model, Problems: n.problems}
	}
	return out, nil
}

type normalizer struct {
	options  Options
	problems []Problem
}

func (n *normalizer) refuse(path, text string) {
	if len(n.problems) < problemsMax {
		n.problems = append(n.problems, Problem{Path: path, Text: text})
	}
}

func (n *normalizer) message(m *Message, body map[string]any, path string) map[string]any {
	n.unknownFields(m, body, path)
	out := make(map[string]any, len(body)+8)
	for i := range m.Fields {
		f := &m.Fields[i]
		value, present := body[f.Name]
		if !present || value == nil || (f.ReadOnly && !n.options.KeepReadOnly) {
			n.absent(f, out, path)
			continue
		}
		at := join(path, f.Name)
		if !f.In(n.options.Version) {
			n.refuse(at, "does not exist in API version "+n.options.Version.String())
			continue
		}
		if f.Repeated {
			n.list(f, value, at, out)
		} else if v, ok := n.value(f, value, at); ok {
			out[f.Name] = v
		}
	}
	n.addressing(m, out, path)
	return out
}

// unknownFields refuses fields that the message does not have. UNCONFIRMED: that the product refuses them (with 400) rather than
// dropping them; the API guide says only that data which is incompatible with the stated version is refused.
func (n *normalizer) unknownFields(m *Message, body map[string]any, path string) {
	var unknown []string
	for name := range body {
		if m.Field(name) == nil {
			unknown = append(unknown, name)
		}
	}
	sort.Strings(unknown)
	for _, name := range unknown {
		n.refuse(join(path, name), "is not a field of "+m.Name)
	}
}

// absent fills the default in, or refuses a required field. A required field with a default counts as optional (UNCONFIRMED).
// A field that the stated version does not have still gets its default: the version limits what a client may write, not what
// the controller stores.
func (n *normalizer) absent(f *Field, out map[string]any, path string) {
	switch {
	case f.Default != nil && !f.Repeated:
		out[f.Name] = f.Default
	case f.Required:
		n.refuse(join(path, f.Name), "is required")
	}
}

// list checks a list that is there. UNCONFIRMED: that a minimum of items does not make the list itself required; the schema's lists of
// required fields do not name such lists.
func (n *normalizer) list(f *Field, value any, path string, out map[string]any) {
	in, ok := value.([]any)
	if !ok {
		n.refuse(path, "must be a list, not "+describeValue(value))
		return
	}
	if len(in) < f.ItemsMin {
		n.refuse(path, "needs at least "+plural(f.ItemsMin, "item"))
	}
	if f.ItemsMax > 0 && len(in) > f.ItemsMax {
		n.refuse(path, "takes at most "+plural(f.ItemsMax, "item")+", not "+strconv.Itoa(len(in)))
	}
	list := make([]any, 0, len(in))
	for i, element := range in {
		if v, ok := n.value(f, element, path+"["+strconv.Itoa(i)+"]"); ok {
			list = append(list, v)
		}
	}
	out[f.Name] = list
}

func (n *normalizer) value(f *Field, value any, path string) (any, bool) {
	switch f.Kind {
	case Object:
		m, ok := value.(map[string]any)
		if !ok {
			n.refuse(path, "must be an object, not "+describeValue(value))
			return nil, false
		}
		return n.message(f.Message, m, path), true
	case String:
		return n.text(f, value, path)
	case Bool:
		b, ok := value.(bool)
		if !ok {
			n.refuse(path, "must be true or false, not "+describeValue(value))
		}
		return b, ok
	case Float:
		x, ok := toFloat(value)
		if !ok {
			n.refuse(path, "must be a number, not "+describeValue(value))
			return nil, false
		}
		return x, n.inRange(f, x, path)
	default:
		return n.integer(f, value, path)
	}
}

func (n *normalizer) text(f *Field, value any, path string) (any, bool) {
	s, ok := value.(string)
	switch {
	case !ok:
		n.refuse(path, "must be a string, not "+describeValue(value))
	case f.Enum != nil && !slices.Contains(f.Enum, s):
		n.refuse(path, strconv.Quote(s)+" is not one of "+enumText(f.Enum))
		ok = false
	case f.Name == "name" && len(s) > nameLengthMax:
		n.refuse(path, "is longer than "+strconv.Itoa(nameLengthMax)+" bytes")
		ok = false
	case f.Required && s == "":
		n.refuse(path, "is required")
		ok = false
	}
	return s, ok
}

// nameLengthMax is the longest accepted name in bytes. UNCONFIRMED: clients take care to stay below 256.
const nameLengthMax = 255

func (n *normalizer) integer(f *Field, value any, path string) (any, bool) {
	out, ok := toInteger(value)
	if !ok {
		n.refuse(path, "must be a whole number, not "+describeValue(value))
		return nil, false
	}
	low, high := f.Kind.bounds()
	x, isUnsigned := approximate(out)
	if x < low || x > high || (isUnsigned && f.Kind != Uint64) {
		n.refuse(path, describeValue(value)+" does not fit its type")
		return nil, false
	}
	return out, n.inRange(f, x, path)
}

func (n *normalizer) inRange(f *Field, x float64, path string) bool {
	if len(f.Allowed) == 0 {
		return true
	}
	for _, a := range f.Allowed {
		if a.Low <= x && x <= a.High {
			return true
		}
	}
	n.refuse(path, strconv.FormatFloat(x, 'f', -1, 64)+" is not in the range "+rangeText(f.Allowed))
	return false
}

// bounds are the smallest and largest number of an integer kind.
func (k Kind) bounds() (low, high float64) {
	switch k {
	case Int32:
		return math.MinInt32, math.MaxInt32
	case Uint32:
		return 0, math.MaxUint32
	case Uint64:
		return 0, math.MaxUint64
	default:
		return math.MinInt64, math.MaxInt64
	}
}

// toInteger accepts whole numbers in every form that JSON decoders and Go literals give. The result is an int64, or a uint64 if
// it does not fit one.
func toInteger(value any) (any, bool) {
	switch v := value.(type) {
	case int64:
		return v, true
	case int:
		return int64(v), true
	case int32:
		return int64(v), true
	case uint32:
		return int64(v), true
	case uint64:
		if v <= math.MaxInt64 {
			return int64(v), true
		}
		return v, true
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1<<63 {
			return int64(v), true
		}
	case json.Number:
		return integerText(v.String())
	}
	return nil, false
}

func integerText(text string) (any, bool) {
	if i, err := strconv.ParseInt(text, 10, 64); err == nil {
		return i, true
	}
	if u, err := strconv.ParseUint(text, 10, 64); err == nil {
		return u, true
	}
	if x, err := strconv.ParseFloat(text, 64); err == nil {
		return toInteger(x)
	}
	return nil, false
}

func approximate(integer any) (x float64, isUnsigned bool) {
	if u, ok := integer.(uint64); ok {
		return float64(u), true
	}
	return float64(integer.(int64)), false
}

func toFloat(value any) (float64, bool) {
	switch v := value.(type) {
	case float64:
		return v, !math.IsNaN(v) && !math.IsInf(v, 0)
	case json.Number:
		x, err := v.Float64()
		return x, err == nil
	}
	i, ok := toInteger(value)
	if !ok {
		return 0, false
	}
	x, _ := approximate(i)
	return x, true
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
