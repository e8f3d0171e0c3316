package manifest

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// typeChecker compares decoded JSON with a Go type, as strict decoding would,
// but goes on after the first fault and knows where each one is.
type typeChecker struct {
	report func(class Class, field, problem, remedy string)
	// enough is whether further faults would not be kept.
	enough func() bool
}

var unmarshaler = reflect.TypeFor[json.Unmarshaler]()

// check compares one value. Null fits every type: it means absent.
func (c typeChecker) check(path string, value any, t reflect.Type) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if value == nil || t.Kind() == reflect.Interface || c.enough() {
		return
	}
	if reflect.PointerTo(t).Implements(unmarshaler) {
		c.checkDecoding(path, value, t)
		return
	}
	switch t.Kind() {
	case reflect.Struct:
		c.checkStruct(path, value, t)
	case reflect.Map:
		c.checkMap(path, value, t)
	case reflect.Slice:
		c.checkSlice(path, value, t)
	default:
		c.checkScalar(path, value, t)
	}
}

// checkDecoding leaves a value to a type that decodes itself, such as a
// quantity, a time, or a number that may be a name.
func (c typeChecker) checkDecoding(path string, value any, t reflect.Type) {
	text, err := json.Marshal(value)
	if err == nil {
		err = json.Unmarshal(text, reflect.New(t).Interface())
	}
	if err != nil {
		c.report("", path, fmt.Sprintf("%s is no %s", describeValue(value), t.Name()), "")
	}
}

func (c typeChecker) checkStruct(path string, value any, t reflect.Type) {
	object, ok := value.(map[string]any)
	if !ok {
		c.wrong(path, "an object", value)
		return
	}
	for key, child := range sortedMap(object) {
		c.field(path, key, child, t)
	}
}

// field checks one field of a struct.
func (c typeChecker) field(path, key string, value any, t reflect.Type) {
	if c.enough() {
		return
	}
	fields := jsonFields(t)
	child, ok := fields[key]
	if !ok {
		c.report(UnknownField, join(path, key), "unknown field", unknownFieldRemedy(key, slices.Sorted(maps.Keys(fields))))
		return
	}
	c.check(join(path, key), value, child)
}

func (c typeChecker) checkMap(path string, value any, t reflect.Type) {
	object, ok := value.(map[string]any)
	if !ok {
		c.wrong(path, "an object", value)
		return
	}
	for key, child := range sortedMap(object) {
		c.check(join(path, key), child, t.Elem())
	}
}

func (c typeChecker) checkSlice(path string, value any, t reflect.Type) {
	if t.Elem().Kind() == reflect.Uint8 {
		text, ok := value.(string)
		if !ok {
			c.wrong(path, "a string in base64", value)
		} else if _, err := base64.StdEncoding.DecodeString(text); err != nil {
			c.report("", path, "is no base64", "encode it, or use stringData in a Secret")
		}
		return
	}
	list, ok := value.([]any)
	if !ok {
		c.wrong(path, "a list", value)
		return
	}
	for i, item := range list {
		c.check(path+"["+strconv.Itoa(i)+"]", item, t.Elem())
	}
}

func (c typeChecker) checkScalar(path string, value any, t reflect.Type) {
	switch t.Kind() {
	case reflect.String:
		if _, ok := value.(string); !ok {
			c.wrong(path, "a string", value)
		}
	case reflect.Bool:
		if _, ok := value.(bool); !ok {
			c.wrong(path, "true or false", value)
		}
	case reflect.Int, reflect.Int32, reflect.Int64, reflect.Int16, reflect.Int8,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		c.checkInteger(path, value, t)
	case reflect.Float32, reflect.Float64:
		switch value.(type) {
		case int64, float64:
		default:
			c.wrong(path, "a number", value)
		}
	}
}

func (c typeChecker) checkInteger(path string, value any, t reflect.Type) {
	n, ok := value.(int64)
	if f, isFloat := value.(float64); isFloat && f == math.Trunc(f) && math.Abs(f) < 1<<53 {
		n, ok = int64(f), true
	}
	if !ok {
		c.wrong(path, "an integer", value)
		return
	}
	zero := reflect.Zero(t)
	tooLarge := zero.CanInt() && zero.OverflowInt(n) || zero.CanUint() && (n < 0 || zero.OverflowUint(uint64(n)))
	if tooLarge {
		c.report("", path, fmt.Sprintf("%d is out of range", n), fmt.Sprintf("it must fit into %d bits", t.Bits()))
	}
}

func (c typeChecker) wrong(path, want string, value any) {
	c.report("", path, fmt.Sprintf("must be %s, not %s", want, describeValue(value)), typeRemedy(want, value))
}

// describeValue is a value for an error message.
func describeValue(value any) string {
	switch value := value.(type) {
	case nil:
		return "null"
	case map[string]any:
		return "an object"
	case []any:
		return "a list"
	case string:
		if len(value) > 60 {
			value = value[:60] + "..."
		}
		return strconv.Quote(value)
	default:
		return fmt.Sprint(value)
	}
}

// typeRemedy helps where quotes are at fault.
func typeRemedy(want string, value any) string {
	switch value := value.(type) {
	case string:
		_, err := strconv.ParseInt(value, 10, 64)
		isBool := value == "true" || value == "false"
		if want == "an integer" && err == nil || want == "true or false" && isBool {
			return "remove the quotes"
		}
	case bool, int64, float64:
		if want == "a string" {
			return "put it in quotes"
		}
	case map[string]any:
		if want == "a list" {
			return "start each entry with a dash"
		}
	case []any:
		if want == "an object" {
			return "remove the dash"
		}
	}
	return ""
}

// unknownFieldRemedy names the field that was most likely meant, or the fields
// there are.
func unknownFieldRemedy(key string, fields []string) string {
	if guess := Nearest(key, fields); guess != "" {
		return "did you mean " + guess + "?"
	}
	if len(fields) == 0 {
		return "remove it"
	}
	return "known are " + strings.Join(fields, ", ")
}

// jsonFields are the fields of a struct by their names in JSON, those of inlined
// structs included.
func jsonFields(t reflect.Type) map[string]reflect.Type {
	fields := map[string]reflect.Type{}
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case name == "-" || !f.IsExported():
		case name == "" && f.Anonymous && f.Type.Kind() == reflect.Struct:
			maps.Copy(fields, jsonFields(f.Type))
		case name == "":
			fields[f.Name] = f.Type
		default:
			fields[name] = f.Type
		}
	}
	return fields
}

// sortedMap walks a map in the order of its keys.
func sortedMap(m map[string]any) iter.Seq2[string, any] {
	return func(yield func(string, any) bool) {
		for _, key := range slices.Sorted(maps.Keys(m)) {
			if !yield(key, m[key]) {
				return
			}
		}
	}
}
