// Package v1alpha2 holds the AMKO object of group amko.vmware.com, version
// v1alpha2: GlobalDeploymentPolicy (GDP). The remarks on compatibility and on
// strict rules in package v1alpha1 hold here too.
//
// +kubebuilder:object:generate=true
// +groupName=amko.vmware.com
package v1alpha2
