package manifest

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"

	amkov1alpha1 "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha1"
	amkov1alpha2 "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha2"
	"github.com/gslbsim/gslbsim/operator/api/refusal"
	"github.com/gslbsim/gslbsim/operator/crds/validate"
)

// custom checks a document of a custom kind against its CRD, and against what
// the operator refuses. Faults of metadata that does not fit its type have been
// reported already.
func (l *loader) custom(doc *Document, v *validate.Validator, metadataFits bool) {
	if n := values(doc.Object.Object); n > customValuesMax {
		l.at(Limit, doc.place, "", fmt.Sprintf("has %d values, more than the limit of %d", n, customValuesMax), "")
		return
	}
	before := len(l.faults.list)
	for _, path := range v.UnknownFields(doc.Object.Object) {
		if !inMetadata(path) {
			l.unknownField(doc, v, path)
		}
	}
	l.misspeltExtras(doc, v, "", doc.Object.Object)
	stored := runtime.DeepCopyJSON(doc.Object.Object)
	v.Prune(stored)
	v.Default(stored)
	errs := v.Validate(stored, nil)
	for _, err := range errs {
		if echo(err, errs) || inMetadata(err.Field) && !metadataFits {
			continue
		}
		l.fieldError(doc, err, v)
	}
	if len(l.faults.list) > before || l.faults.more || !metadataFits {
		return
	}
	typed, err := l.kinds.types.New(doc.GroupVersionKind())
	if err != nil {
		return
	}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(stored, typed); err != nil {
		l.at("", doc.place, "", "does not fit its kind: "+err.Error(), "")
		return
	}
	doc.Typed = typed
	if !l.opts.AllowRefused {
		for _, r := range refusals(typed) {
			l.at(Refused, doc.place, r.Field, "the operator refuses it: "+r.Message, "")
		}
	}
}

// customValuesMax bounds the maps, lists and scalars of one custom resource: the
// API server's schema checks take time with the square of the faults they find.
// A policy for a thousand clusters has some six thousand.
const customValuesMax = 20_000

// values counts the maps, lists and scalars of a tree.
func values(tree any) int {
	n := 1
	switch tree := tree.(type) {
	case map[string]any:
		for _, child := range tree {
			n += values(child)
		}
	case []any:
		for _, child := range tree {
			n += values(child)
		}
	}
	return n
}

// echo is whether an error only follows from others: that rules were not
// checked, or a second one, without field, for a number of a wrong type.
func echo(err *field.Error, errs field.ErrorList) bool {
	if err.Detail == validate.RulesNotChecked {
		return true
	}
	return strings.HasPrefix(err.Detail, "Checked value must be of type") && slices.ContainsFunc(errs, func(other *field.Error) bool {
		return other.Type == field.ErrorTypeTypeInvalid && strings.HasSuffix(err.Detail, " in "+other.Field)
	})
}

// inMetadata is whether a path leads to the metadata or into it.
func inMetadata(path string) bool {
	return path == "metadata" || strings.HasPrefix(path, "metadata.")
}

func refusals(object runtime.Object) []refusal.Refusal {
	switch object := object.(type) {
	case *amkov1alpha2.GlobalDeploymentPolicy:
		return refusal.GlobalDeploymentPolicy(object)
	case *amkov1alpha1.GSLBHostRule:
		return refusal.GSLBHostRule(object)
	case *amkov1alpha1.AMKOCluster:
		return refusal.AMKOCluster(object)
	}
	return nil
}

// unknownField reports a field that the schema does not declare. One that is
// declared elsewhere was put in the wrong place.
func (l *loader) unknownField(doc *Document, v *validate.Validator, path string) {
	if l.faults.more {
		return
	}
	parent, shape := declaredParent(v, path)
	rest := path[len(parent):]
	if shape.Type != "object" || strings.HasPrefix(rest, "[") {
		return // the parent is of a wrong type, which is reported
	}
	key := strings.TrimPrefix(rest, ".")
	fields := shape.Fields
	if parent == "" {
		fields = append([]string{"apiVersion", "kind", "metadata"}, fields...)
	}
	remedy := unknownFieldRemedy(key, fields)
	if Nearest(key, fields) == "" {
		if places := v.FieldsNamed(key); len(places) > 0 {
			remedy = "it belongs in " + placeText(places)
		}
	}
	l.at(UnknownField, doc.place, path, "unknown field", remedy)
}

// placeText names the parents of fields.
func placeText(paths []string) string {
	parents := make([]string, len(paths))
	for i, path := range paths {
		if parents[i], _ = splitLast(path); parents[i] == "" {
			parents[i] = "the object itself"
		}
	}
	return strings.Join(parents, " or ")
}

// splitLast cuts a path before its last key.
func splitLast(path string) (parent, key string) {
	i := strings.LastIndex(path, ".")
	if i < 0 {
		return "", path
	}
	return path[:i], path[i+1:]
}

// declaredParent is the longest start of an unknown field's path that the
// schema declares. The rest is the unknown key, which may have dots in it.
func declaredParent(v *validate.Validator, path string) (parent string, shape validate.Shape) {
	shape, _ = v.Describe("")
	for i := range len(path) {
		if path[i] != '.' && path[i] != '[' {
			continue
		}
		next, ok := v.Describe(path[:i])
		if !ok {
			break
		}
		parent, shape = path[:i], next
	}
	return parent, shape
}

// misspeltExtras reports undeclared fields where such are kept, if they look
// like a declared field that is absent.
func (l *loader) misspeltExtras(doc *Document, v *validate.Validator, path string, value any) {
	if l.faults.more {
		return
	}
	switch value := value.(type) {
	case map[string]any:
		shape, ok := v.Describe(path)
		if !ok || shape.OpenKeys {
			return
		}
		for key, child := range sortedMap(value) {
			if path == "" && key == "metadata" {
				continue
			}
			at := join(path, key)
			if _, declared := v.Describe(at); declared {
				l.misspeltExtras(doc, v, at, child)
				continue
			}
			if !shape.PreservesUnknown {
				continue
			}
			guess := Nearest(key, shape.Fields)
			if _, given := value[guess]; guess != "" && !given {
				l.at(UnknownField, doc.place, at, "unknown field", fmt.Sprintf("did you mean %s?", guess))
			}
		}
	case []any:
		for i, item := range value {
			l.misspeltExtras(doc, v, fmt.Sprintf("%s[%d]", path, i), item)
		}
	}
}

// fieldError reports an error of the API server's checks in our words. v is nil
// for built-in kinds.
func (l *loader) fieldError(doc *Document, err *field.Error, v *validate.Validator) {
	if l.faults.more {
		return
	}
	name := err.Field
	if name == "<nil>" {
		name = ""
	}
	var shape validate.Shape
	if v != nil {
		shape, _ = v.Describe(name)
	}
	problem, remedy := describe(err, shape, valueAt(doc.Object.Object, name))
	l.at("", doc.place, name, problem, remedy)
}
