package kube

import (
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gslbsim/gslbsim/sim/kube/internal/store"
)

// delete removes an object or, if it has finalizers, marks it. It returns the marked object, or the last state of the
// removed one.
func (w *write) delete(preconditions *metav1.Preconditions) (o *store.Object, removed bool, err error) {
	cur, content := w.tx.Get(w.table, w.namespace, w.name)
	if cur == nil {
		return nil, false, errors.NewNotFound(w.GroupResource, w.name)
	}
	if err := w.checkPreconditions(cur, preconditions); err != nil {
		return nil, false, err
	}
	if w.dryRun {
		return cur, len(cur.Meta.Finalizers) == 0, nil
	}
	if w.isNamespace() {
		return w.deleteNamespace(cur, content)
	}
	if len(cur.Meta.Finalizers) == 0 {
		return w.remove(w.namespace, w.name), true, nil
	}
	if cur.Meta.DeletionTimestamp != nil {
		return cur, false, nil
	}
	o, err = w.mark(copyOf(cur, content))
	return o, false, err
}

// mark sets the deletion timestamp.
func (w *write) mark(d *draft) (*store.Object, error) {
	now, immediately := metav1.NewTime(time.Now().Truncate(time.Second)), int64(0)
	d.meta.DeletionTimestamp, d.meta.DeletionGracePeriodSeconds = &now, &immediately
	if d.meta.Generation > 0 {
		d.meta.Generation++
	}
	return w.put(d)
}

func (w *write) checkPreconditions(cur *store.Object, p *metav1.Preconditions) error {
	if p == nil {
		return nil
	}
	if p.UID != nil && *p.UID != cur.Meta.UID {
		return errors.NewConflict(w.GroupResource, w.name, fmt.Errorf(
			"the UID in the precondition (%s) does not match the UID in record (%s). The object might have been deleted and then recreated",
			*p.UID, cur.Meta.UID))
	}
	if p.ResourceVersion != nil && *p.ResourceVersion != cur.Meta.ResourceVersion {
		return errors.NewConflict(w.GroupResource, w.name, fmt.Errorf(
			"the ResourceVersion in the precondition (%s) does not match the ResourceVersion in record (%s). The object might have been modified",
			*p.ResourceVersion, cur.Meta.ResourceVersion))
	}
	return nil
}
