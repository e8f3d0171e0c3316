package kube

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/managedfields"
	"k8s.io/client-go/applyconfigurations"
	"k8s.io/kube-openapi/pkg/validation/spec"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"

	"github.com/gslbsim/gslbsim/sim/kube/internal/store"
)

// fieldManagers merge server-side applies and keep managedFields, by the machinery of the real API server.
//
// A real server tracks managedFields from an object's creation. Here they are tracked from its first apply: what was there
// before belongs to the manager "before-first-apply". Objects that nobody applies stay free of them, and cheap.
type fieldManagers struct {
	main, status *managedfields.FieldManager
}

func newFieldManagers(v *version) (*fieldManagers, error) {
	types, err := v.typeConverter()
	if err != nil {
		return nil, fmt.Errorf("schema of %s: %w", v.GroupVersionKind, err)
	}
	resetMain, resetStatus := []string{}, []string{"spec"}
	if v.status {
		resetMain = append(resetMain, "status")
	}
	if v.isCustom() {
		resetStatus = append(resetStatus, "metadata")
	}
	var m fieldManagers
	if m.main, err = v.fieldManager(types, "", resetMain); err != nil {
		return nil, err
	}
	m.status, err = v.fieldManager(types, "status", resetStatus)
	return &m, err
}

func (v *version) fieldManager(types managedfields.TypeConverter, subresource string, reset []string) (*managedfields.FieldManager, error) {
	set := fieldpath.NewSet()
	for _, f := range reset {
		set.Insert(fieldpath.MakePathOrDie(f))
	}
	resetFields := map[fieldpath.APIVersion]*fieldpath.Set{fieldpath.APIVersion(v.GroupVersion().String()): set}
	return managedfields.NewDefaultCRDFieldManager(types, sameObject{}, sameObject{}, sameObject{}, v.GroupVersionKind,
		v.GroupVersion(), subresource, fieldpath.NewExcludeFilterSetMap(resetFields))
}

// typeConverter returns what knows which lists of a kind are merged by key.
func (v *version) typeConverter() (managedfields.TypeConverter, error) {
	if !v.isCustom() && v.GroupVersionKind.Group != apiextensionsv1.GroupName {
		return builtinTypes(), nil
	}
	if v.schema == nil {
		return managedfields.NewDeducedTypeConverter(), nil
	}
	var internal apiextensions.JSONSchemaProps
	if err := apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(v.schema, &internal, nil); err != nil {
		return nil, err
	}
	structural, err := structuralschema.NewStructural(&internal)
	if err != nil {
		return nil, err
	}
	object := structural.ToKubeOpenAPI()
	if object.Properties == nil {
		object.Properties = map[string]spec.Schema{}
	}
	object.Properties["apiVersion"] = *spec.StringProperty()
	object.Properties["kind"] = *spec.StringProperty()
	object.Properties["metadata"] = objectMetaSchema()
	object.AddExtension("x-kubernetes-group-version-kind", []any{map[string]any{
		"group": v.GroupVersionKind.Group, "version": v.Version, "kind": v.Kind,
	}})
	return managedfields.NewTypeConverter(map[string]*spec.Schema{modelName(v.GroupVersionKind): object}, structural.XPreserveUnknownFields)
}

func modelName(gvk schema.GroupVersionKind) string {
	return strings.Join([]string{gvk.Group, gvk.Version, gvk.Kind}, ".")
}

// builtinTypes parses the schema of client-go, which takes a while, when it is first needed.
var builtinTypes = sync.OnceValue(func() managedfields.TypeConverter {
	return applyconfigurations.NewTypeConverter(builtinScheme)
})

// objectMetaSchema is the part of ObjectMeta that is merged: maps by key, finalizers as a set, owners by uid.
func objectMetaSchema() spec.Schema {
	text := *spec.StringProperty()
	texts := *spec.MapProperty(&text)
	finalizers := *spec.ArrayProperty(&text)
	finalizers.AddExtension("x-kubernetes-list-type", "set")
	owner := spec.Schema{SchemaProps: spec.SchemaProps{Type: []string{"object"}, Properties: map[string]spec.Schema{
		"apiVersion": text, "kind": text, "name": text, "uid": text,
		"controller": *spec.BooleanProperty(), "blockOwnerDeletion": *spec.BooleanProperty(),
	}}}
	owner.AddExtension("x-kubernetes-map-type", "atomic")
	owners := *spec.ArrayProperty(&owner)
	owners.AddExtension("x-kubernetes-list-type", "map")
	owners.AddExtension("x-kubernetes-list-map-keys", []any{"uid"})
	anything := spec.Schema{SchemaProps: spec.SchemaProps{Type: []string{"object"}}}
	anything.AddExtension("x-kubernetes-preserve-unknown-fields", true)
	return spec.Schema{SchemaProps: spec.SchemaProps{Type: []string{"object"}, Properties: map[string]spec.Schema{
		"name": text, "generateName": text, "namespace": text, "uid": text, "resourceVersion": text, "selfLink": text,
		"creationTimestamp": text, "deletionTimestamp": text,
		"generation": *spec.Int64Property(), "deletionGracePeriodSeconds": *spec.Int64Property(),
		"labels": texts, "annotations": texts, "finalizers": finalizers, "ownerReferences": owners,
		"managedFields": *spec.ArrayProperty(&anything),
	}}}
}

// sameObject converts between the versions of a resource, whose objects differ in their apiVersion only.
type sameObject struct{}

func (sameObject) Default(runtime.Object) {}

func (sameObject) New(gvk schema.GroupVersionKind) (runtime.Object, error) {
	u := &unstructured.Unstructured{Object: map[string]any{}}
	u.SetGroupVersionKind(gvk)
	return u, nil
}

func (sameObject) Convert(_, _, _ any) error {
	return fmt.Errorf("objects are converted by version only")
}

func (sameObject) ConvertToVersion(in runtime.Object, to runtime.GroupVersioner) (runtime.Object, error) {
	u, ok := in.(*unstructured.Unstructured)
	if !ok {
		return nil, fmt.Errorf("cannot convert a %T", in)
	}
	gvk, ok := to.KindForGroupVersionKinds([]schema.GroupVersionKind{u.GroupVersionKind()})
	if !ok || gvk == u.GroupVersionKind() {
		return u, nil
	}
	out := &unstructured.Unstructured{Object: runtime.DeepCopyJSON(u.Object)}
	out.SetGroupVersionKind(gvk)
	return out, nil
}

func (sameObject) ConvertFieldLabel(_ schema.GroupVersionKind, label, value string) (string, string, error) {
	return label, value, nil
}

func (w *write) fieldManager() (*managedfields.FieldManager, error) {
	m, err := w.managers()
	if err != nil {
		return nil, err
	}
	if w.subresource == "status" {
		return m.status, nil
	}
	return m.main, nil
}

// merge returns what an applied configuration makes of the present object, nil if there is none.
func (w *write) merge(cur *store.Object, applied map[string]any, force bool) ([]byte, error) {
	manager, err := w.fieldManager()
	if err != nil {
		return nil, err
	}
	live := &unstructured.Unstructured{Object: map[string]any{}}
	live.SetGroupVersionKind(w.GroupVersionKind)
	if cur != nil {
		if err := live.UnmarshalJSON(cur.AppendJSON(nil, w.typeMeta)); err != nil {
			return nil, err
		}
	}
	merged, err := manager.Apply(live, &unstructured.Unstructured{Object: applied}, w.manager, force)
	if err != nil {
		return nil, err
	}
	return json.Marshal(merged)
}

// trackFields keeps the managedFields of an object that has been applied, when it is written otherwise.
func (w *write) trackFields(d *draft, cur *store.Object) error {
	tracked := cur != nil && len(cur.Meta.ManagedFields) > 0
	if w.applied || !tracked && len(d.meta.ManagedFields) == 0 {
		return nil
	}
	manager, err := w.fieldManager()
	if err != nil {
		return err
	}
	whole, err := d.whole(w.version)
	if err != nil {
		return err
	}
	live := &unstructured.Unstructured{Object: map[string]any{}}
	live.SetGroupVersionKind(w.GroupVersionKind)
	if cur != nil {
		if err := live.UnmarshalJSON(cur.AppendJSON(nil, w.typeMeta)); err != nil {
			return err
		}
	}
	next := manager.UpdateNoErrors(live, &unstructured.Unstructured{Object: runtime.DeepCopyJSON(whole)}, w.manager)
	d.meta.ManagedFields = next.(*unstructured.Unstructured).GetManagedFields()
	return nil
}
