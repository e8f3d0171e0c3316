// Package v1alpha1 holds the AMKO objects of group amko.vmware.com, version
// v1alpha1: GSLBConfig, GSLBHostRule and AMKOCluster.
//
// Group, kinds, plurals, short names, field names, defaults and accepted
// values are those of the AMKO product, so that manifests written for it apply
// unchanged. Two things are added: every kind has a status subresource, and
// every status carries Kubernetes conditions beside the product's own strings.
//
// Integers are int64 throughout, because the product's schemas declare plain
// integers and two of them (refresh interval, host rule priority) have no
// upper limit.
//
// Rules marked as XValidation, and the greatest lengths and numbers of items of
// a spec, are in the strict CRDs only (package crds): AMKO's own CRDs accept
// such objects, and the operator refuses them in their status.
//
// +kubebuilder:object:generate=true
// +groupName=amko.vmware.com
package v1alpha1
