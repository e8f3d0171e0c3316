package world

import (
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// operatorsOwn are the kinds in whose conditions the operator tells how its work goes.
var operatorsOwn = []schema.GroupVersionKind{
	{Group: "amko.vmware.com", Version: "v1alpha1", Kind: "GSLBConfig"},
	{Group: "amko.vmware.com", Version: "v1alpha2", Kind: "GlobalDeploymentPolicy"},
}

// askOperator notes why the operator did not do what was asked of it, in its own words. The administrator reads them in the
// background, as with kubectl describe.
func (w *world) askOperator() {
	w.background.Go(func() {
		if err := w.readConditions(); err != nil {
			w.giveUp("the operator's objects cannot be read: %s", describe(err))
		}
	})
}

func (w *world) readConditions() error {
	c, err := w.kubectl(w.top.Operator.Cluster)
	if err != nil {
		return err
	}
	for _, kind := range operatorsOwn {
		var list unstructured.UnstructuredList
		list.SetGroupVersionKind(kind.GroupVersion().WithKind(kind.Kind + "List"))
		if err := c.List(w.ctx, &list, client.InNamespace(operatorNamespace)); err != nil {
			return err
		}
		if len(list.Items) == 0 {
			w.giveUp("cluster %s has no %s in namespace %s: the operator waits for one", w.top.Operator.Cluster, kind.Kind, operatorNamespace)
		}
		for i := range list.Items {
			w.noteConditions(&list.Items[i])
		}
	}
	return nil
}

// noteConditions notes the conditions of an object that are not true.
func (w *world) noteConditions(o *unstructured.Unstructured) {
	conditions, _, _ := unstructured.NestedSlice(o.Object, "status", "conditions")
	for _, entry := range conditions {
		c, _ := entry.(map[string]any)
		if c["status"] == "True" {
			continue
		}
		w.giveUp("the operator says of %s %s: %v %v: %s", o.GetKind(), o.GetName(), c["type"], c["status"], fmt.Sprint(c["message"]))
	}
}
