package validate

import (
	"sort"

	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	structuraldefaulting "k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/objectmeta"
	structuralpruning "k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apimachinery/pkg/runtime"
)

// Prune removes from obj, in place, the fields that neither the schema nor
// metav1.ObjectMeta knows, and nulls where the schema allows none and has no
// default. Metadata of a wrong type is left as it is; Validate reports it.
func (v *Validator) Prune(obj map[string]any) { v.prune(obj, false) }

// UnknownFields returns the paths of the fields that Prune would remove as
// unknown, sorted, such as "spec.trafficSplit[0].wieght". It leaves obj alone.
// A strict API server refuses a write for them, others warn.
func (v *Validator) UnknownFields(obj map[string]any) []string {
	return v.prune(runtime.DeepCopyJSON(obj), true)
}

func (v *Validator) prune(obj map[string]any, track bool) []string {
	meta, found, unknown, err := objectmeta.GetObjectMetaWithOptions(obj, objectmeta.ObjectMetaOptions{ReturnUnknownFieldPaths: track})
	unknown = append(unknown, structuralpruning.PruneWithOptions(obj, v.structural, true,
		structuralschema.UnknownFieldPathOptions{TrackUnknownFieldPaths: track})...)
	structuraldefaulting.PruneNonNullableNullsWithoutDefaults(obj, v.structural)
	coerceErr, embedded := objectmeta.CoerceWithOptions(nil, obj, v.structural, false, objectmeta.CoerceOptions{ReturnUnknownFieldPaths: track})
	if coerceErr == nil {
		unknown = append(unknown, embedded...)
	}
	if err == nil && found {
		// Fails only for metadata that cannot be encoded, which decoded metadata can.
		_ = objectmeta.SetObjectMeta(obj, meta)
	}
	sort.Strings(unknown)
	return unknown
}

// Default fills in, in place, the defaults of fields that are absent, or null
// without being allowed to.
func (v *Validator) Default(obj map[string]any) {
	structuraldefaulting.Default(obj, v.structural)
}
