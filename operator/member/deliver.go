package member

import (
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Deliver hands a sink what Watch would deliver of a cluster that serves all kinds that count and holds just these objects.
// Objects of other kinds are left out. As in a cluster Ingresses do not count beside Routes. It returns, in the order of the
// objects, why some cannot be read. Begin and Ready are not called.
func Deliver(cluster string, objects []*unstructured.Unstructured, to Sink) []error {
	joint := join(cluster, to)
	hasRoutes := slices.ContainsFunc(objects, func(o *unstructured.Unstructured) bool { return o.GroupVersionKind() == routes.gvk })
	var problems []error
	for _, o := range objects {
		k, ok := kindOf(o)
		if !ok || hasRoutes && k.gvk == ingresses.gvk {
			continue
		}
		object, err := k.convert(o)
		if err == nil {
			e := newExtract(cluster, k, object)
			if err = e.err; e.give != nil {
				e.give(joint, false)
			}
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("%s %s/%s of cluster %s: %w", o.GetKind(), o.GetNamespace(), o.GetName(), cluster, err))
		}
	}
	return problems
}

// kindOf is the kind of an object, if it counts.
func kindOf(o *unstructured.Unstructured) (kind, bool) {
	all := []kind{namespaces, services, ingresses, routes, hostRules, oldHostRules, multiClusterIngresses, gateways}
	for _, versions := range gatewayRoutes {
		all = append(all, versions...)
	}
	i := slices.IndexFunc(all, func(k kind) bool { return k.gvk == o.GroupVersionKind() })
	if i < 0 {
		return kind{}, false
	}
	return all[i], true
}

// convert is an object in the type that the kind is read in.
func (k kind) convert(o *unstructured.Unstructured) (client.Object, error) {
	into := k.object()
	if same, ok := into.(*unstructured.Unstructured); ok {
		*same = *o
		return same, nil
	}
	err := runtime.DefaultUnstructuredConverter.FromUnstructured(o.Object, into)
	return into, err
}
