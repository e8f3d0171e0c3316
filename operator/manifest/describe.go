package manifest

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/gslbsim/gslbsim/operator/crds/validate"
)

// describe puts an error of the API server's checks in words: what is wrong
// with the value, and what would be right by its shape.
func describe(err *field.Error, shape validate.Shape, value any) (problem, remedy string) {
	switch err.Type {
	case field.ErrorTypeRequired:
		return "is missing", orElse(err.Detail, "add it")
	case field.ErrorTypeNotSupported:
		if value == nil {
			value = err.BadValue
		}
		allowed := shape.Enum
		if allowed == nil {
			allowed = quoted(err.Detail)
		}
		return fmt.Sprintf("%s is not allowed", describeValue(value)), enumRemedy(fmt.Sprint(value), allowed)
	case field.ErrorTypeTypeInvalid:
		if shape.Type != "" {
			want := typeText(shape.Type)
			return fmt.Sprintf("must be %s, not %s", want, describeValue(value)), typeRemedy(want, value)
		}
	case field.ErrorTypeDuplicate:
		return fmt.Sprintf("%s is given twice", describeValue(err.BadValue)), "remove one"
	case field.ErrorTypeInvalid:
		if outside(value, shape) {
			return fmt.Sprintf("%s is out of range", describeValue(value)), rangeRemedy(shape)
		}
	}
	detail := plain(err.Detail, err.Field)
	if !isScalar(value) {
		// An error about an entry may name the map it is in, such as a label.
		value = err.BadValue
	}
	if isScalar(value) && value != "" {
		return fmt.Sprintf("%s: %s", describeValue(value), detail), ""
	}
	return orElse(detail, err.ErrorBody()), ""
}

func isScalar(value any) bool {
	switch value.(type) {
	case string, bool, int64, float64:
		return true
	}
	return false
}

func orElse(text, other string) string {
	if text == "" {
		return other
	}
	return text
}

// typeText names a type of OpenAPI.
func typeText(name string) string {
	switch name {
	case "object":
		return "an object"
	case "array":
		return "a list"
	case "integer":
		return "an integer"
	case "boolean":
		return "true or false"
	default:
		return "a " + name
	}
}

// quoted are the words in quotes of a text that lists supported values.
func quoted(text string) []string {
	var words []string
	for i, part := range strings.Split(text, `"`) {
		if i%2 == 1 {
			words = append(words, part)
		}
	}
	return words
}

func enumRemedy(value string, allowed []string) string {
	if guess := Nearest(value, allowed); guess != "" {
		return "did you mean " + guess + "?"
	}
	return "use " + strings.Join(allowed, ", ")
}

// outside is whether a number is outside the bounds of its shape.
func outside(value any, shape validate.Shape) bool {
	n, ok := number(value)
	return ok && (shape.Minimum != nil && n < *shape.Minimum || shape.Maximum != nil && n > *shape.Maximum)
}

func number(value any) (float64, bool) {
	switch value := value.(type) {
	case int64:
		return float64(value), true
	case float64:
		return value, true
	}
	return math.NaN(), false
}

func rangeRemedy(shape validate.Shape) string {
	text := func(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }
	switch {
	case shape.Minimum != nil && shape.Maximum != nil:
		return "use " + text(*shape.Minimum) + " to " + text(*shape.Maximum)
	case shape.Minimum != nil:
		return "use " + text(*shape.Minimum) + " or more"
	default:
		return "use " + text(*shape.Maximum) + " or less"
	}
}

// plain takes the field's path off the start of a schema check's text, and the
// regular expression off its end.
func plain(detail, path string) string {
	if text, _, ok := strings.Cut(detail, ", regex used for validation is"); ok {
		detail = text + ")"
	}
	for _, prefix := range []string{path + " in body ", "." + path + " in body "} {
		if rest, ok := strings.CutPrefix(detail, prefix); ok {
			return rest
		}
	}
	return detail
}

// valueAt is the value of a field, or nil if the path does not lead to one. A
// key with dots is found if it is the last.
func valueAt(value any, path string) any {
	for path != "" {
		path = strings.TrimPrefix(path, ".")
		switch container := value.(type) {
		case map[string]any:
			if whole, ok := container[path]; ok {
				return whole
			}
			key := path
			if end := strings.IndexAny(path, ".["); end >= 0 {
				key = path[:end]
			}
			child, ok := container[key]
			if !ok || key == "" {
				return nil
			}
			value, path = child, path[len(key):]
		case []any:
			index, rest, ok := strings.Cut(strings.TrimPrefix(path, "["), "]")
			i, err := strconv.Atoi(index)
			if !ok || err != nil || i < 0 || i >= len(container) {
				return nil
			}
			value, path = container[i], rest
		default:
			return nil
		}
	}
	return value
}
