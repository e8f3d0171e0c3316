// Package validate applies CustomResourceDefinitions to objects as an API
// server does on a write: drop unknown fields, fill in defaults, check the
// schema, the metadata, lists that are maps or sets, and CEL rules, with
// ratcheting on updates. It is built from the API server's own packages.
//
// A Validator is made from any CRD; package crds has the operator's.
package validate

import (
	"fmt"
	"sync"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	structuraldefaulting "k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	apiservervalidation "k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apimachinery/pkg/runtime/schema"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
)

// Validator applies one version of a CRD. It is safe for concurrent use.
type Validator struct {
	gvk        schema.GroupVersionKind
	namespaced bool
	hasStatus  bool

	structural   *structuralschema.Structural
	object       apiservervalidation.SchemaValidator
	status       apiservervalidation.SchemaValidator
	celValidator func() *cel.Validator
}

// New makes the validator of one version of a CRD. CEL rules are compiled at
// the first Validate that reaches them. An error means that the CRD has no such
// version, or a schema that an API server would refuse.
func New(crd *apiextensionsv1.CustomResourceDefinition, version string) (*Validator, error) {
	fail := func(err error) (*Validator, error) {
		return nil, fmt.Errorf("CRD %s, version %s: %w", crd.Name, version, err)
	}
	v, err := findVersion(crd, version)
	if err != nil {
		return nil, err
	}
	props := &apiextensions.JSONSchemaProps{}
	if err := apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(v.Schema.OpenAPIV3Schema, props, nil); err != nil {
		return fail(err)
	}
	structural, err := structuralschema.NewStructural(props)
	if err != nil {
		return fail(err)
	}
	if err := structuraldefaulting.PruneDefaults(structural); err != nil {
		return fail(err)
	}
	val := &Validator{
		gvk:        schema.GroupVersionKind{Group: crd.Spec.Group, Version: version, Kind: crd.Spec.Names.Kind},
		namespaced: crd.Spec.Scope == apiextensionsv1.NamespaceScoped,
		hasStatus:  v.Subresources != nil && v.Subresources.Status != nil,
		structural: structural,
		celValidator: sync.OnceValue(func() *cel.Validator {
			return cel.NewValidator(structural, true, celconfig.PerCallLimit)
		}),
	}
	if val.object, _, err = apiservervalidation.NewSchemaValidator(props); err != nil {
		return fail(err)
	}
	if status, ok := props.Properties["status"]; ok {
		if val.status, _, err = apiservervalidation.NewSchemaValidator(&status); err != nil {
			return fail(err)
		}
	}
	return val, nil
}

func findVersion(crd *apiextensionsv1.CustomResourceDefinition, name string) (*apiextensionsv1.CustomResourceDefinitionVersion, error) {
	for i := range crd.Spec.Versions {
		v := &crd.Spec.Versions[i]
		if v.Name != name {
			continue
		}
		if v.Schema == nil || v.Schema.OpenAPIV3Schema == nil {
			return nil, fmt.Errorf("CRD %s, version %s: no schema; add schema.openAPIV3Schema", crd.Name, name)
		}
		return v, nil
	}
	return nil, fmt.Errorf("CRD %s has no version %s", crd.Name, name)
}

// Set makes the validators of all served versions of some CRDs.
func Set(crds []*apiextensionsv1.CustomResourceDefinition) (map[schema.GroupVersionKind]*Validator, error) {
	set := map[schema.GroupVersionKind]*Validator{}
	for _, crd := range crds {
		for _, version := range crd.Spec.Versions {
			if !version.Served {
				continue
			}
			v, err := New(crd, version.Name)
			if err != nil {
				return nil, err
			}
			set[v.gvk] = v
		}
	}
	return set, nil
}

// GroupVersionKind is the kind that the validator is for.
func (v *Validator) GroupVersionKind() schema.GroupVersionKind { return v.gvk }

// Namespaced is whether objects of the kind live in namespaces.
func (v *Validator) Namespaced() bool { return v.namespaced }

// HasStatus is whether the status is written through a subresource.
func (v *Validator) HasStatus() bool { return v.hasStatus }
