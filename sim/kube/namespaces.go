package kube

import (
	"cmp"
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/gslbsim/gslbsim/sim/kube/internal/store"
)

var namespaceResource = schema.GroupResource{Resource: "namespaces"}

var (
	// initialNamespaces are those of every cluster; immortalNamespaces cannot be deleted.
	initialNamespaces  = []string{"default", "kube-node-lease", "kube-public", "kube-system"}
	immortalNamespaces = []string{"default", "kube-public", "kube-system"}
)

// onNamespace returns a write of a namespace in the same transaction.
func (w *write) onNamespace(name string) *write {
	v := w.catalog.Load().resources[namespaceResource].versions[0]
	return &write{Server: w.Server, version: v, tx: w.tx, name: name, dryRun: w.dryRun}
}

// enterNamespace makes sure that an object may be created in a namespace.
func (w *write) enterNamespace(name string) error {
	if !w.namespaced {
		return nil
	}
	ns := w.onNamespace(name)
	cur, _ := w.tx.Get(ns.table, "", name)
	switch {
	case cur != nil && cur.Meta.DeletionTimestamp != nil:
		return errors.NewForbidden(w.GroupResource, w.name, fmt.Errorf(
			"unable to create new content in namespace %s because it is being terminated", name))
	case cur != nil:
		return nil
	case w.config.RequireNamespaces:
		return errors.NewNotFound(namespaceResource, name)
	}
	return ns.createNamespace()
}

func (w *write) createNamespace() error {
	d := &draft{meta: &metav1.ObjectMeta{Name: w.name}, content: map[string]any{"spec": map[string]any{}}}
	w.rules.setDefaults(d)
	_, err := w.create(d)
	return err
}

// deleteNamespace removes what a namespace holds and then the namespace, as the namespace controller of a real cluster
// does a little later. Objects with finalizers are marked, and the namespace terminates until the last of them is gone.
func (w *write) deleteNamespace(cur *store.Object, content map[string]any) (*store.Object, bool, error) {
	if slices.Contains(immortalNamespaces, w.name) {
		return nil, false, errors.NewForbidden(namespaceResource, w.name, fmt.Errorf("this namespace may not be deleted"))
	}
	if cur.Meta.DeletionTimestamp != nil {
		return cur, false, nil
	}
	d := copyOf(cur, content)
	d.content["status"] = map[string]any{"phase": "Terminating"}
	marked, err := w.mark(d)
	if err != nil {
		return nil, false, err
	}
	for _, v := range w.namespacedResources() {
		for _, o := range w.tx.List(v.table, w.name) {
			content := &write{Server: w.Server, version: v, tx: w.tx, namespace: w.name, name: o.Meta.Name}
			if _, _, err := content.delete(nil); err != nil {
				return nil, false, err
			}
		}
	}
	w.leaveNamespace(w.name)
	if still, _ := w.tx.Get(w.table, "", w.name); still != nil {
		return still, false, nil
	}
	return marked, true, nil
}

// leaveNamespace removes a terminating namespace after its last object has gone.
func (w *write) leaveNamespace(name string) {
	if name == "" {
		return
	}
	ns := w.onNamespace(name)
	cur, _ := w.tx.Get(ns.table, "", name)
	if cur == nil || cur.Meta.DeletionTimestamp == nil || len(cur.Meta.Finalizers) > 0 {
		return
	}
	for _, v := range w.namespacedResources() {
		if w.tx.Any(v.table, name) {
			return
		}
	}
	ns.remove("", name)
}

// namespacedResources returns one version of every namespaced resource, in a fixed order.
func (s *Server) namespacedResources() []*version {
	var out []*version
	for _, r := range s.catalog.Load().resources {
		if r.namespaced {
			out = append(out, r.versions[0])
		}
	}
	slices.SortFunc(out, func(a, b *version) int {
		return cmp.Or(cmp.Compare(a.GroupVersionKind.Group, b.GroupVersionKind.Group), cmp.Compare(a.Resource, b.Resource))
	})
	return out
}
