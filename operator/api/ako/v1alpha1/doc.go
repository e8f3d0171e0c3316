// Package v1alpha1 holds the AKO objects of group ako.vmware.com, version
// v1alpha1, that AMKO reads or writes: HostRule (the older version),
// MultiClusterIngress and ServiceImport.
//
// +kubebuilder:object:generate=true
// +groupName=ako.vmware.com
package v1alpha1
