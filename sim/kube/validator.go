package kube

import (
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/gslbsim/gslbsim/operator/crds/validate"
)

// Validator applies the schema of one version of a custom resource. The server calls it on every write, with objects that
// are whole: apiVersion, kind, metadata and all. Its methods must not call the server, and must be safe for concurrent use.
type Validator interface {
	// UnknownFields returns the paths of the fields that Prune would remove as unknown. It leaves obj alone.
	UnknownFields(obj map[string]any) []string
	// Prune removes the fields that the schema does not know, in place. What it does to metadata is ignored.
	Prune(obj map[string]any)
	// Default sets the default values of what is missing, in place.
	Default(obj map[string]any)
	// Validate returns what is wrong with obj, its metadata included. old is nil on create. Neither may be modified.
	Validate(obj, old map[string]any) field.ErrorList
	// ValidateStatus does the same for a write of the status.
	ValidateStatus(obj, old map[string]any) field.ErrorList
}

var _ Validator = (*validate.Validator)(nil)

// SchemaValidators returns validators that apply the schemas of a definition as a real API server does, CEL rules included.
// The error says what in the definition a real server would refuse.
func SchemaValidators(crd *apiextensionsv1.CustomResourceDefinition) (map[string]Validator, error) {
	out := map[string]Validator{}
	for _, version := range crd.Spec.Versions {
		if !version.Served {
			continue
		}
		v, err := validate.New(crd, version.Name)
		if err != nil {
			return nil, err
		}
		out[version.Name] = v
	}
	return out, nil
}
