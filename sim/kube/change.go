package kube

import (
	stderrors "errors"
	"fmt"
	"maps"
	"strconv"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/validate/content"
	"k8s.io/apimachinery/pkg/api/validation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/gslbsim/gslbsim/sim/kube/internal/store"
)

// write is one change of one object: what all of POST, PUT, PATCH and DELETE have in common.
type write struct {
	*Server
	*version
	tx          *store.Tx
	namespace   string
	name        string
	subresource string // "" or "status"
	dryRun      bool
	// manager is who is written down in managedFields. applied says that managedFields have been worked out already.
	manager string
	applied bool
}

// errOptimisticLock is what a real server says to a writer that is late.
var errOptimisticLock = stderrors.New("the object has been modified; please apply your changes to the latest version and try again")

const preconditionFailed = "Precondition failed"

// create stores a new object.
func (w *write) create(d *draft) (*store.Object, error) {
	if d.meta.ResourceVersion != "" {
		return nil, stderrors.New("resourceVersion should not be set on objects to be created")
	}
	if err := w.matchNamespace(d); err != nil {
		return nil, err
	}
	if d.meta.Name == "" && d.meta.GenerateName != "" {
		d.meta.Name = w.ids.name(w.tx, w.version, d.meta.Namespace, d.meta.GenerateName)
		if w.rules.setDefaults != nil {
			w.rules.setDefaults(d)
		}
	}
	w.name = d.meta.Name
	d.meta.UID = w.ids.uid(w.version, d.meta.Namespace, d.meta.Name)
	d.meta.CreationTimestamp = metav1.NewTime(time.Now().Truncate(time.Second))
	d.meta.DeletionTimestamp, d.meta.DeletionGracePeriodSeconds = nil, nil
	d.meta.SetSelfLink("")
	d.meta.Generation = 0
	if w.generation {
		d.meta.Generation = 1
	}
	if w.status {
		delete(d.content, "status")
	}
	if w.rules.initialStatus != nil {
		d.content["status"] = w.rules.initialStatus()
	}
	if err := w.validate(d, nil); err != nil {
		return nil, err
	}
	if taken, _ := w.tx.Get(w.table, d.meta.Namespace, d.meta.Name); taken != nil {
		return nil, errors.NewAlreadyExists(w.GroupResource, d.meta.Name)
	}
	if err := w.trackFields(d, nil); err != nil {
		return nil, err
	}
	if err := w.enterNamespace(d.meta.Namespace); err != nil {
		return nil, err
	}
	return w.put(d)
}

// update replaces the object cur. If that takes away the last finalizer of an object that is being deleted, the object is
// removed.
func (w *write) update(cur *store.Object, curContent map[string]any, d *draft) (next *store.Object, removed bool, err error) {
	if err := w.matchNamespace(d); err != nil {
		return nil, false, err
	}
	if d.meta.UID != "" && d.meta.UID != cur.Meta.UID {
		return nil, false, errors.NewConflict(w.GroupResource, w.name, fmt.Errorf(
			"%s: UID in precondition: %s, UID in object meta: %s", preconditionFailed, d.meta.UID, cur.Meta.UID))
	}
	if err := w.checkVersion(cur, d); err != nil {
		return nil, false, err
	}
	old := &draft{meta: cur.Meta, content: curContent}
	w.isolate(d, old)
	d.meta.Generation = old.meta.Generation
	if w.generation && w.subresource == "" && !equality.Semantic.DeepEqual(w.counted(d), w.counted(old)) {
		d.meta.Generation++
	}
	d.meta.UID, d.meta.CreationTimestamp = old.meta.UID, old.meta.CreationTimestamp
	d.meta.SetSelfLink("")
	d.meta.DeletionTimestamp = old.meta.DeletionTimestamp
	d.meta.DeletionGracePeriodSeconds = old.meta.DeletionGracePeriodSeconds
	if err := w.validate(d, old); err != nil {
		return nil, false, err
	}
	if err := w.trackFields(d, cur); err != nil {
		return nil, false, err
	}
	released := d.meta.DeletionTimestamp != nil && len(d.meta.Finalizers) == 0
	if released && !w.isNamespace() {
		// The update is not stored: watchers are told of the removal only.
		if !w.dryRun {
			w.remove(d.meta.Namespace, d.meta.Name)
		}
		next, err = store.Preview(d.meta, d.content)
		return next, true, err
	}
	next, err = w.put(d)
	if released && !w.dryRun {
		w.leaveNamespace(d.meta.Name)
	}
	return next, false, err
}

// checkVersion is optimistic locking.
func (w *write) checkVersion(cur *store.Object, d *draft) error {
	given := d.meta.ResourceVersion
	if given == "" && !w.rules.needsVersion || given == cur.Meta.ResourceVersion {
		return nil
	}
	at := field.NewPath("metadata", "resourceVersion")
	if given == "" || given == "0" {
		return errors.NewInvalid(w.GroupKind(), w.name, field.ErrorList{field.Invalid(at, 0, "must be specified for an update")})
	}
	if _, err := strconv.ParseUint(given, 10, 64); err != nil {
		return errors.NewInvalid(w.GroupKind(), w.name, field.ErrorList{field.Invalid(at, given, err.Error())})
	}
	return errors.NewConflict(w.GroupResource, w.name, errOptimisticLock)
}

// isolate keeps status from being written through the main endpoint, and everything else through the status endpoint.
// There, built-ins let their metadata be written and custom resources do not.
func (w *write) isolate(d, old *draft) {
	if !w.status {
		return
	}
	if w.subresource == "status" {
		status, given := d.content["status"]
		d.content = maps.Clone(old.content)
		delete(d.content, "status")
		if given {
			d.content["status"] = status
		}
		if w.isCustom() {
			managed := d.meta.ManagedFields
			d.meta = old.meta.DeepCopy()
			d.meta.ManagedFields = managed
		}
		return
	}
	delete(d.content, "status")
	if status, ok := old.content["status"]; ok {
		d.content["status"] = status
	}
}

// counted returns what metadata.generation counts the changes of.
func (w *write) counted(d *draft) map[string]any {
	if w.isCustom() {
		return d.content // the status of resources without a status endpoint counts; otherwise it is equal here
	}
	counted := maps.Clone(d.content)
	delete(counted, "status")
	return counted
}

func (w *write) matchNamespace(d *draft) error {
	if !w.namespaced {
		d.meta.Namespace = ""
		return nil
	}
	if d.meta.Namespace == "" {
		d.meta.Namespace = w.namespace
	}
	if d.meta.Namespace != w.namespace {
		return errors.NewBadRequest("the namespace of the provided object does not match the namespace sent on the request")
	}
	return nil
}

// validate checks a draft as a whole; old is nil on create.
func (w *write) validate(d, old *draft) error {
	checked := *d
	if old != nil {
		// Locking has been checked; here a version is only asked to be there.
		meta := *d.meta
		meta.ResourceVersion = old.meta.ResourceVersion
		checked.meta = &meta
	}
	var errs field.ErrorList
	var err error
	if w.validator != nil {
		errs, err = w.validateSchema(&checked, old)
	} else {
		errs = w.validateMeta(&checked, old)
	}
	if err != nil {
		return err
	}
	if w.rules.validate != nil && w.subresource == "" {
		errs = append(errs, w.rules.validate(&checked)...)
	}
	if len(errs) > 0 {
		return errors.NewInvalid(w.GroupKind(), d.meta.Name, errs)
	}
	return nil
}

func (w *write) validateMeta(d, old *draft) field.ErrorList {
	at := field.NewPath("metadata")
	errs := validation.ValidateObjectMeta(d.meta, w.namespaced, w.rules.validName, at)
	for _, problem := range content.IsPathSegmentName(d.meta.Name) {
		errs = append(errs, field.Invalid(at.Child("name"), d.meta.Name, problem))
	}
	if old != nil {
		errs = append(errs, validation.ValidateObjectMetaUpdate(d.meta, old.meta, at)...)
	}
	return errs
}

func (w *write) validateSchema(d, old *draft) (field.ErrorList, error) {
	obj, err := d.whole(w.version)
	if err != nil {
		return nil, err
	}
	if old == nil {
		return w.validator.Validate(obj, nil), nil
	}
	before, err := old.whole(w.version)
	if err != nil {
		return nil, err
	}
	if w.subresource == "status" {
		return w.validator.ValidateStatus(obj, before), nil
	}
	return w.validator.Validate(obj, before), nil
}

// put commits a draft, or shows what would be committed.
func (w *write) put(d *draft) (*store.Object, error) {
	if w.dryRun {
		return store.Preview(d.meta, d.content)
	}
	o, err := w.tx.Put(w.table, d.meta, d.content, w.fieldsOf(d.content))
	if stderrors.Is(err, store.ErrFull) {
		return nil, errors.NewInternalError(fmt.Errorf("%w; raise Config.ObjectLimit", err))
	}
	return o, err
}

func (w *write) isNamespace() bool { return w.GroupResource == namespaceResource }

// remove takes an object out of the store.
func (w *write) remove(namespace, name string) *store.Object {
	last := w.tx.Delete(w.table, namespace, name)
	w.ids.removed(w.version, namespace, name)
	w.leaveNamespace(namespace)
	return last
}
