// Package manifest reads Kubernetes manifests and says exactly where they are
// wrong: file, line, field, what is wrong and what to do. It is stricter than an
// API server, which keeps quiet about much: misspelt fields, duplicate keys,
// and policies that the operator will refuse are errors here.
//
// Custom resources are checked against their CRD, built-in kinds against the Go
// types of client-go and the rules that matter for Ingresses and Services.
package manifest

import (
	"fmt"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Options are the choices of Load. The zero value is the usual one.
type Options struct {
	// CRDs define the custom kinds that are known. Nil means crds.All, which
	// accepts what AMKO's definitions accept. Their validators are made anew
	// in each Load, some milliseconds, except those of crds.All.
	CRDs []*apiextensionsv1.CustomResourceDefinition
	// AllowUnknownKinds passes documents of unknown kinds unchecked.
	AllowUnknownKinds bool
	// AllowRefused passes objects that the operator refuses by looking at them
	// alone, such as a policy with a contradiction in it.
	AllowRefused bool
	// Namespace is given to namespaced objects that name none. Empty means
	// "default".
	Namespace string
	// BytesMax is the largest source. 0 means 32 MiB.
	BytesMax int
	// DocumentsMax is the greatest number of documents. 0 means 20,000.
	DocumentsMax int
	// ErrorsMax is the number of errors that are kept. 0 means 100.
	ErrorsMax int
}

// withDefaults fills in what the zero values mean.
func (o Options) withDefaults() Options {
	if o.Namespace == "" {
		o.Namespace = "default"
	}
	if o.BytesMax == 0 {
		o.BytesMax = 32 << 20
	}
	if o.DocumentsMax == 0 {
		o.DocumentsMax = 20_000
	}
	if o.ErrorsMax == 0 {
		o.ErrorsMax = 100
	}
	return o
}

// Load reads a YAML or JSON source of any number of documents. Lists are
// replaced by their items and empty documents left out. name stands for the
// source in errors.
//
// The error, if any, is of type Errors, or says that opts.CRDs holds a CRD that
// no API server would take. Documents without fault are returned beside it, in
// the order of the source. Load keeps no reference to src and is safe for
// concurrent use.
func Load(name string, src []byte, opts Options) ([]Document, error) {
	opts = opts.withDefaults()
	known, err := kindsOf(opts.CRDs)
	if err != nil {
		return nil, fmt.Errorf("manifest %s: %w", name, err)
	}
	l := &loader{opts: opts, kinds: known, faults: faults{file: name, max: opts.ErrorsMax}, seen: map[identity]int{}}
	l.load(src)
	return l.documents, l.faults.err()
}

// loader is one run of Load.
type loader struct {
	opts      Options
	kinds     *kinds
	faults    faults
	documents []Document
	seen      map[identity]int
	// unchecked is whether documents are taken as they are.
	unchecked bool
}

// identity is what two objects of a manifest may not share.
type identity struct{ group, kind, namespace, name string }

func (l *loader) load(src []byte) {
	if len(src) > l.opts.BytesMax {
		l.faults.add(Limit, 0, 0, "", fmt.Sprintf("is %d bytes, more than the limit of %d", len(src), l.opts.BytesMax), "split it into several files")
		return
	}
	chunks := split(src)
	if len(chunks) > l.opts.DocumentsMax {
		l.faults.add(Limit, 0, 0, "", fmt.Sprintf("has %d documents, more than the limit of %d", len(chunks), l.opts.DocumentsMax), "split it into several files")
		return
	}
	for _, c := range chunks {
		if l.faults.more {
			return
		}
		tree, value, err := parse(c)
		if err != nil {
			l.faults.add(err.Class, err.Line, err.Column, "", err.Problem, err.Remedy)
			continue
		}
		l.document(tree, value)
	}
}

// document checks one document and keeps it if it is right.
func (l *loader) document(tree place, value any) {
	if value == nil {
		return
	}
	object, ok := value.(map[string]any)
	if !ok {
		l.at(NoObject, tree, "", "is no object", "write apiVersion, kind, metadata and spec")
		return
	}
	before := len(l.faults.list)
	if isList(object) {
		if l.keys(tree, "items"); len(l.faults.list) == before {
			l.items(tree, object)
		}
		return
	}
	l.keys(tree, "")
	doc := Document{File: l.faults.file, Object: &unstructured.Unstructured{Object: object}, place: tree}
	if l.unchecked {
		l.documents = append(l.documents, doc)
		return
	}
	l.check(&doc)
	if len(l.faults.list) == before && !l.faults.more {
		l.documents = append(l.documents, doc)
	}
}

// keys adds the faults of keys, but not of those below the field skip.
func (l *loader) keys(tree place, skip string) {
	for _, f := range tree.keyFaults(skip) {
		l.faults.add(AmbiguousKey, f.line, f.column, f.path, f.problem, f.remedy)
	}
}

// items loads the items of a list as documents.
func (l *loader) items(tree place, list map[string]any) {
	items, ok := list["items"].([]any)
	if !ok {
		l.at("", tree, "items", "is no list", "write the objects as entries of items")
		return
	}
	if n := len(items) + len(l.documents); n > l.opts.DocumentsMax {
		l.at(Limit, tree, "items", fmt.Sprintf("makes it %d objects, more than the limit of %d", n, l.opts.DocumentsMax), "split it into several files")
		return
	}
	for i, item := range items {
		if l.faults.more {
			return
		}
		l.document(tree.child(fmt.Sprintf("items[%d]", i)), item)
	}
}

// at adds a fault of a field.
func (l *loader) at(class Class, tree place, field, problem, remedy string) {
	if l.faults.more {
		return
	}
	line, column := tree.position(field)
	l.faults.add(class, line, column, field, problem, remedy)
}
