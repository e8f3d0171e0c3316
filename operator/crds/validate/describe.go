package validate

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
)

// Shape is what a schema says about one field, for messages to people.
type Shape struct {
	// Type is object, array, string, integer, number or boolean, or empty for
	// a field of any type.
	Type string
	// Fields are the declared fields of an object, sorted.
	Fields []string
	// Enum are the allowed values, as in JSON but strings without quotes.
	Enum []string
	// Minimum and Maximum bound a number; nil is no bound.
	Minimum, Maximum *float64
	// PreservesUnknown is whether undeclared fields are kept.
	PreservesUnknown bool
	// OpenKeys is whether the object is a map with keys of the user's choice.
	OpenKeys bool
}

// Describe returns what the schema says about the field at a path such as
// "spec.trafficSplit[0].weight". The empty path is the object itself. False
// means that the schema does not declare the field.
func (v *Validator) Describe(path string) (Shape, bool) {
	node := findSchema(v.structural, path)
	if node == nil {
		return Shape{}, false
	}
	s := Shape{
		Type:             node.Type,
		Fields:           slices.Sorted(maps.Keys(node.Properties)),
		PreservesUnknown: node.XPreserveUnknownFields,
		OpenKeys:         node.AdditionalProperties != nil,
	}
	if vv := node.ValueValidation; vv != nil {
		s.Minimum, s.Maximum = vv.Minimum, vv.Maximum
		for _, value := range vv.Enum {
			s.Enum = append(s.Enum, enumText(value.Object))
		}
	}
	return s, true
}

// FieldsNamed returns the paths of all declared fields with a name, sorted,
// without indexes, such as "spec.gslbLeader.controllerIP". The status is left
// out: it is not the user's.
func (v *Validator) FieldsNamed(name string) []string {
	var paths []string
	var walk func(s *structuralschema.Structural, path string)
	walk = func(s *structuralschema.Structural, path string) {
		for key, child := range s.Properties {
			at := strings.TrimPrefix(path+"."+key, ".")
			if at == "status" || at == "metadata" {
				continue
			}
			if key == name {
				paths = append(paths, at)
			}
			walk(&child, at)
		}
		if s.Items != nil {
			walk(s.Items, path)
		}
	}
	walk(v.structural, "")
	slices.Sort(paths)
	return paths
}

// findSchema walks down a path. A key of a map with open keys takes the rest of
// the path, since such keys may contain dots.
func findSchema(s *structuralschema.Structural, path string) *structuralschema.Structural {
	for s != nil && path != "" {
		path = strings.TrimPrefix(path, ".")
		if strings.HasPrefix(path, "[") && s.Items != nil {
			_, rest, ok := strings.Cut(path, "]")
			if !ok {
				return nil
			}
			s, path = s.Items, rest
			continue
		}
		key := path
		if end := strings.IndexAny(path, ".["); end >= 0 {
			key = path[:end]
		}
		child, ok := s.Properties[key]
		switch {
		case ok:
			s, path = &child, path[len(key):]
		case s.AdditionalProperties != nil:
			s, path = s.AdditionalProperties.Structural, ""
		default:
			return nil
		}
	}
	return s
}

func enumText(value any) string {
	if s, ok := value.(string); ok {
		return s
	}
	text, err := json.Marshal(value)
	if err != nil {
		return ""
	}
	return string(text)
}
