// Package api gathers the API types of the operator: AMKO's own objects and
// the AKO objects it reads.
package api

import (
	"k8s.io/apimachinery/pkg/runtime"

	akov1alpha1 "github.com/gslbsim/gslbsim/operator/api/ako/v1alpha1"
	akov1beta1 "github.com/gslbsim/gslbsim/operator/api/ako/v1beta1"
	amkov1alpha1 "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha1"
	amkov1alpha2 "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha2"
)

// AddToScheme registers all AMKO and AKO kinds with a scheme. It registers no
// built-in Kubernetes kinds.
func AddToScheme(scheme *runtime.Scheme) error {
	builder := runtime.NewSchemeBuilder(
		amkov1alpha1.AddToScheme,
		amkov1alpha2.AddToScheme,
		akov1alpha1.AddToScheme,
		akov1beta1.AddToScheme,
	)
	return builder.AddToScheme(scheme)
}
