package lint

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// node is a value of a document and its path. The node of a field that is not there has no value, and everything below it
// neither.
type node struct {
	doc   *document
	path  string
	value any
	// given is whether the field stands in the document, if only with null.
	given bool
}

// get is the field below some keys.
func (n node) get(keys ...string) node {
	for _, key := range keys {
		object, _ := n.value.(map[string]any)
		value, ok := object[key]
		path := key
		if n.path != "" {
			path = n.path + "." + key
		}
		n = node{doc: n.doc, path: path, value: value, given: ok}
	}
	return n
}

// isNull is whether the field is absent or null.
func (n node) isNull() bool { return n.value == nil }

// isEmpty is whether the field is absent, null, or an empty text, list or map, which templates take for absent.
func (n node) isEmpty() bool {
	switch value := n.value.(type) {
	case nil:
		return true
	case string:
		return strings.TrimSpace(value) == ""
	case []any:
		return len(value) == 0
	case map[string]any:
		return len(value) == 0
	}
	return false
}

// items are the entries of a list; of anything else there are none.
func (n node) items() iter.Seq2[int, node] {
	return func(yield func(int, node) bool) {
		list, _ := n.value.([]any)
		for i, value := range list {
			if !yield(i, node{doc: n.doc, path: fmt.Sprintf("%s[%d]", n.path, i), value: value, given: true}) {
				return
			}
		}
	}
}

// fields are the entries of a map, sorted by key; of anything else there are none.
func (n node) fields() iter.Seq2[string, node] {
	return func(yield func(string, node) bool) {
		object, _ := n.value.(map[string]any)
		for _, key := range slices.Sorted(maps.Keys(object)) {
			if !yield(key, n.get(key)) {
				return
			}
		}
	}
}

// text is the field if it is a string, else empty.
func (n node) text() string {
	text, _ := n.value.(string)
	return text
}

// number is the field if it is a number.
func (n node) number() (float64, bool) {
	switch value := n.value.(type) {
	case int64:
		return float64(value), true
	case float64:
		return value, true
	}
	return 0, false
}

// isTrue is whether the field is true.
func (n node) isTrue() bool { return n.value == true }

// show is the value as a message has it.
func (n node) show() string {
	switch value := n.value.(type) {
	case nil:
		return "null"
	case string:
		return value
	case map[string]any:
		return "an object"
	case []any:
		return "a list"
	case float64:
		return strconv.FormatFloat(value, 'f', -1, 64)
	}
	return fmt.Sprint(n.value)
}
