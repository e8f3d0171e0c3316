package member

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	toolscache "k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"
)

// extract is what informers keep in place of an object: its identity and what counts of it. Thousands of Ingresses of several
// clusters would otherwise take more memory than everything else, and nobody looks at them again.
type extract struct {
	namespace, name, version string
	give                     give
	err                      error
}

var _ metav1.ObjectMetaAccessor = &extract{}

// GetObjectMeta implements metav1.ObjectMetaAccessor: informers ask for name, namespace and resource version. It is made when it
// is asked for, since most of its fields would be empty in every object.
func (e *extract) GetObjectMeta() metav1.Object {
	return &metav1.ObjectMeta{Namespace: e.namespace, Name: e.name, ResourceVersion: e.version}
}

func newExtract(cluster string, k kind, obj any) *extract {
	e := &extract{}
	e.give, e.err = k.read(cluster, obj)
	if o, ok := obj.(metav1.Object); ok {
		e.namespace, e.name, e.version = o.GetNamespace(), o.GetName(), o.GetResourceVersion()
	}
	return e
}

// extracts makes extracts of the objects of some kinds as they arrive. What is one already stays, since informers may ask
// twice.
func (w *watch) extracts(kinds []kind) toolscache.TransformFunc {
	byKind := map[schema.GroupVersionKind]kind{}
	for _, k := range kinds {
		byKind[k.gvk] = k
	}
	return func(obj any) (any, error) {
		o, ok := obj.(client.Object)
		if !ok {
			return obj, nil
		}
		gvk, err := apiutil.GVKForObject(o, scheme)
		if err != nil {
			return obj, nil // the handler says that it was not asked for
		}
		k, known := byKind[gvk]
		if !known {
			return obj, nil
		}
		return newExtract(w.Name, k, o), nil
	}
}
