package manifest

import (
	"fmt"
	"reflect"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// check finds the faults of a document and fills in its namespace and its Go
// type.
func (l *loader) check(doc *Document) {
	gvk, ok := l.kind(doc)
	if !ok {
		return
	}
	if v, ok := l.kinds.custom[gvk]; ok {
		metadataFits := l.metadata(doc, v.Namespaced())
		l.custom(doc, v, metadataFits)
	} else if object, ok := builtin(gvk); ok {
		if remedy, gone := removed(object); gone {
			l.at(UnknownKind, doc.place, "apiVersion", fmt.Sprintf("Kubernetes no longer serves %s", kindText(gvk)), remedy)
			return
		}
		metadataFits := l.metadata(doc, !clusterScoped[gvk.GroupKind()])
		l.builtin(doc, object, metadataFits)
	} else if !l.opts.AllowUnknownKinds {
		l.at(UnknownKind, doc.place, "kind", fmt.Sprintf("%s is no known kind", kindText(gvk)), l.kinds.unknownRemedy(gvk))
		return
	}
	l.unique(doc)
}

// kind reads apiVersion and kind.
func (l *loader) kind(doc *Document) (schema.GroupVersionKind, bool) {
	ok := true
	for _, key := range []string{"apiVersion", "kind"} {
		switch value := doc.Object.Object[key].(type) {
		case string:
			if value == "" {
				l.at("", doc.place, key, "is empty", "")
				ok = false
			}
		case nil:
			l.at("", doc.place, key, "is missing", "add it")
			ok = false
		default:
			l.at("", doc.place, key, fmt.Sprintf("must be a string, not %s", describeValue(value)), "")
			ok = false
		}
	}
	if !ok {
		return schema.GroupVersionKind{}, false
	}
	gv, err := schema.ParseGroupVersion(doc.Object.GetAPIVersion())
	if err != nil {
		l.at("", doc.place, "apiVersion", "is not of the form group/version", "")
		return schema.GroupVersionKind{}, false
	}
	return gv.WithKind(doc.Object.GetKind()), true
}

// metadata checks that the metadata fits its type, and fills in the namespace
// of an object that needs one.
func (l *loader) metadata(doc *Document, namespaced bool) (fits bool) {
	raw := doc.Object.Object["metadata"]
	if raw == nil {
		l.at("", doc.place, "metadata", "is missing", "add metadata with a name")
		return false
	}
	before := len(l.faults.list)
	l.types(doc).check("metadata", raw, reflect.TypeFor[metav1.ObjectMeta]())
	if len(l.faults.list) > before || l.faults.more {
		return false
	}
	if namespaced && doc.Object.GetNamespace() == "" {
		doc.Object.SetNamespace(l.opts.Namespace)
	}
	return true
}

// types is the type checker for a document.
func (l *loader) types(doc *Document) typeChecker {
	return typeChecker{
		report: func(class Class, field, problem, remedy string) { l.at(class, doc.place, field, problem, remedy) },
		enough: func() bool { return l.faults.more },
	}
}

// unique refuses an object that the manifest has already.
func (l *loader) unique(doc *Document) {
	name, _, _ := unstructured.NestedString(doc.Object.Object, "metadata", "name")
	if name == "" {
		return
	}
	gvk := doc.GroupVersionKind()
	id := identity{gvk.Group, gvk.Kind, doc.Namespace(), name}
	line, _ := doc.Position("")
	if first, ok := l.seen[id]; ok {
		l.at(GivenTwice, doc.place, "metadata.name", fmt.Sprintf("%s %s is given twice", gvk.Kind, name),
			fmt.Sprintf("remove one; the other starts in line %d", first))
		return
	}
	l.seen[id] = line
}
