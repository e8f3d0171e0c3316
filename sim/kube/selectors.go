package kube

import (
	"fmt"
	"regexp"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/gslbsim/gslbsim/sim/kube/internal/store"
)

// selectableField is a field that field selectors may ask for.
type selectableField struct {
	name string // without the leading dot, as selectors write it
	path []string
}

var simplePath = regexp.MustCompile(`^(\.[A-Za-z_][A-Za-z0-9_-]*)+$`)

func parseSelectable(paths []string) ([]selectableField, error) {
	var out []selectableField
	for _, p := range paths {
		if !simplePath.MatchString(p) {
			return nil, fmt.Errorf("selectable field %q: use a path of field names, such as .spec.color", p)
		}
		name := p[1:]
		out = append(out, selectableField{name, strings.Split(name, ".")})
	}
	return out, nil
}

// fieldsOf returns the values of an object that any version can select by, beyond name and namespace; nil where there are
// none.
func (r *resource) fieldsOf(content map[string]any) fields.Set {
	var set fields.Set
	for _, v := range r.versions {
		for _, f := range v.selectable {
			if set == nil {
				set = fields.Set{}
			}
			value, found, err := unstructured.NestedFieldNoCopy(content, f.path...)
			set[f.name] = ""
			if found && err == nil && value != nil {
				set[f.name] = fmt.Sprint(value)
			}
		}
	}
	return set
}

// checkFieldSelector refuses what a resource cannot be selected by.
func (v *version) checkFieldSelector(selector fields.Selector) error {
	if selector == nil {
		return nil
	}
	for _, r := range selector.Requirements() {
		known := r.Field == "metadata.name" || r.Field == "metadata.namespace"
		for _, f := range v.selectable {
			known = known || r.Field == f.name
		}
		if !known && v.isCustom() {
			return fmt.Errorf("field label not supported: %s", r.Field)
		}
		if !known {
			return fmt.Errorf("%q is not a known field selector: only %s", r.Field, quotedFields(v.selectable))
		}
	}
	return nil
}

func quotedFields(selectable []selectableField) string {
	quoted := []string{`"metadata.name"`, `"metadata.namespace"`}
	for _, f := range selectable {
		quoted = append(quoted, fmt.Sprintf("%q", f.name))
	}
	return strings.Join(quoted, ", ")
}

// selection is what a list or a watch asks for.
type selection struct {
	namespace string // "": all
	labels    labels.Selector
	fields    fields.Selector
}

// empty says that the selection has everything of its namespace.
func (s selection) empty() bool {
	return (s.labels == nil || s.labels.Empty()) && (s.fields == nil || s.fields.Empty())
}

func (s selection) matches(o *store.Object) bool {
	if s.namespace != "" && o.Meta.Namespace != s.namespace {
		return false
	}
	if s.labels != nil && !s.labels.Empty() && !s.labels.Matches(labels.Set(o.Meta.Labels)) {
		return false
	}
	return s.fields == nil || s.fields.Empty() || s.fields.Matches(objectFields{o})
}

// filter returns the objects that match.
func (s selection) filter(objects []*store.Object) []*store.Object {
	if s.empty() {
		return objects
	}
	var out []*store.Object
	for _, o := range objects {
		if s.matches(o) {
			out = append(out, o)
		}
	}
	return out
}

// objectFields implements fields.Fields.
type objectFields struct{ *store.Object }

func (o objectFields) Has(field string) bool {
	_, ok := o.Fields[field]
	return ok || field == "metadata.name" || field == "metadata.namespace"
}

func (o objectFields) Get(field string) string {
	switch field {
	case "metadata.name":
		return o.Meta.Name
	case "metadata.namespace":
		return o.Meta.Namespace
	}
	return o.Fields[field]
}
