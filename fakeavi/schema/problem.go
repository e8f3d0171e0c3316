package schema

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// problemsMax bounds how many problems one body is reported with.
const problemsMax = 8

// Problem is one reason why a body is refused.
type Problem struct {
	// Path leads to the field, such as "groups[0].members[1].ratio".
	Path string
	// Text continues the sentence that Path starts.
	Text string
}

// Error lists why a body does not fit its type, in the order of the fields.
type Error struct {
	// Model is the type's model name.
	Model string
	// Problems has at least one element, and no more than a fixed number.
	Problems []Problem
}

// Error implements error: one line, every problem with its field's path.
func (e *Error) Error() string {
	parts := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		parts[i] = p.Path + " " + p.Text
	}
	return e.Model + ": " + strings.Join(parts, "; ")
}

func describeValue(value any) string {
	switch v := value.(type) {
	case nil:
		return "null"
	case string:
		if len(v) > 40 {
			v = v[:40] + "..."
		}
		return "the string " + strconv.Quote(v)
	case bool:
		return strconv.FormatBool(v)
	case []any:
		return "a list"
	case map[string]any:
		return "an object"
	case json.Number:
		return v.String()
	default:
		return fmt.Sprint(v)
	}
}

// enumTextMax bounds how many values of an enumeration an error lists.
const enumTextMax = 12

func enumText(values []string) string {
	if len(values) <= enumTextMax {
		return strings.Join(values, ", ")
	}
	return strings.Join(values[:enumTextMax], ", ") + " and " + strconv.Itoa(len(values)-enumTextMax) + " more"
}

func rangeText(allowed []Interval) string {
	var parts []string
	for i, a := range allowed {
		low, high := strconv.FormatFloat(a.Low, 'f', -1, 64), strconv.FormatFloat(a.High, 'f', -1, 64)
		within := func(b Interval) bool { return b.Low <= a.Low && a.High <= b.High }
		switch {
		case slices.ContainsFunc(allowed[:i], within):
		case low == high:
			parts = append(parts, low)
		default:
			parts = append(parts, low+" to "+high)
		}
	}
	return strings.Join(parts, ", ")
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}
