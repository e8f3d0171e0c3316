package manifest

import (
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Document is one object of a manifest.
type Document struct {
	// File is the name given to Load.
	File string
	// Object is the object as written, with a namespace filled in if it needs
	// one and names none.
	Object *unstructured.Unstructured
	// Typed is the object in its Go type, with the defaults of its CRD, or nil
	// for a kind that has no Go type here. Built-in kinds get no defaults.
	Typed runtime.Object

	place place
}

// GroupVersionKind is the object's kind.
func (d *Document) GroupVersionKind() schema.GroupVersionKind { return d.Object.GroupVersionKind() }

// Namespace is the object's namespace, empty for kinds that have none.
func (d *Document) Namespace() string { return d.Object.GetNamespace() }

// Name is the object's name.
func (d *Document) Name() string { return d.Object.GetName() }

// Position is where a field stands in the file, line and column counted from 1.
// The path is written as in errors: "spec.trafficSplit[0].weight". Keys that
// contain dots are written as they are or in brackets. A field that is not in
// the file stands where its nearest parent does.
func (d *Document) Position(path string) (line, column int) { return d.place.position(path) }
