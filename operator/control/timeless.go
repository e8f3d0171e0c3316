package control

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	amkov1alpha1 "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha1"
	amkov1alpha2 "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha2"
)

// timeless is a copy of an own object whose conditions have no times.
func timeless(obj client.Object) client.Object {
	clean := func(conditions []metav1.Condition) {
		for i := range conditions {
			conditions[i].LastTransitionTime = metav1.Time{}
		}
	}
	switch o := obj.(type) {
	case *amkov1alpha1.GSLBConfig:
		o = o.DeepCopy()
		clean(o.Status.Conditions)
		return o
	case *amkov1alpha1.AMKOCluster:
		o = o.DeepCopy()
		clean(o.Status.KubernetesConditions)
		return o
	case *amkov1alpha1.GSLBHostRule:
		o = o.DeepCopy()
		clean(o.Status.Conditions)
		return o
	case *amkov1alpha2.GlobalDeploymentPolicy:
		o = o.DeepCopy()
		clean(o.Status.Conditions)
		return o
	}
	return obj
}
