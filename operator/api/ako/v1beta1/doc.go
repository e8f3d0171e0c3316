// Package v1beta1 holds the AKO object of group ako.vmware.com, version
// v1beta1, that AMKO reads: HostRule. AKO owns the object and writes its
// status; the operator only reads it.
//
// +kubebuilder:object:generate=true
// +groupName=ako.vmware.com
package v1beta1
