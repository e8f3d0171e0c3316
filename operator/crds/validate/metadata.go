package validate

import (
	"fmt"

	"k8s.io/apimachinery/pkg/api/validation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// checkMetadata checks names, labels and what may not change in an update.
func checkMetadata(obj, old map[string]any, namespaced bool) field.ErrorList {
	path := field.NewPath("metadata")
	meta, err := readMetadata(obj)
	if err != nil {
		return field.ErrorList{err}
	}
	errs := validation.ValidateObjectMeta(meta, namespaced, validation.NameIsDNSSubdomain, path)
	if old == nil {
		return errs
	}
	oldMeta, err := readMetadata(old)
	if err != nil {
		return field.ErrorList{err}
	}
	return append(errs, validation.ValidateObjectMetaUpdate(meta, oldMeta, path)...)
}

func readMetadata(obj map[string]any) (*metav1.ObjectMeta, *field.Error) {
	meta := &metav1.ObjectMeta{}
	raw, ok := obj["metadata"]
	if !ok || raw == nil {
		return meta, nil
	}
	values, ok := raw.(map[string]any)
	if !ok {
		return nil, field.TypeInvalid(field.NewPath("metadata"), raw, fmt.Sprintf("must be a map, not %T", raw))
	}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(values, meta); err != nil {
		return nil, field.Invalid(field.NewPath("metadata"), "", err.Error())
	}
	return meta, nil
}
