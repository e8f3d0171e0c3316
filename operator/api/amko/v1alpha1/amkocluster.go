package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// AMKOCluster says what part the operator of this cluster plays: whether it
// leads, and to which clusters it copies the configuration. One object per
// cluster, in namespace avi-system.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:path=amkoclusters,singular=amkocluster,scope=Namespaced
// +kubebuilder:printcolumn:name="Context",type=string,JSONPath=`.spec.clusterContext`
// +kubebuilder:printcolumn:name="Leader",type=boolean,JSONPath=`.spec.isLeader`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type AMKOCluster struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// +optional
	Spec AMKOClusterSpec `json:"spec,omitzero"`
	// +optional
	Status AMKOClusterStatus `json:"status,omitzero"`
}

// AMKOClusterList is a list of AMKOClusters.
//
// +kubebuilder:object:root=true
type AMKOClusterList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []AMKOCluster `json:"items"`
}

// AMKOClusterSpec is the part this cluster's operator plays.
//
// +kubebuilder:validation:XValidation:rule="!has(self.isLeader) || !self.isLeader || (has(self.clusterContext) && self.clusterContext.size() > 0)",message="clusterContext field can't be empty in AMKOCluster object"
// +kubebuilder:validation:XValidation:rule="!has(self.isLeader) || !self.isLeader || (has(self.version) && self.version.size() > 0)",message="version field can't be empty in AMKOCluster object"
// +kubebuilder:validation:XValidation:rule="!has(self.isLeader) || !self.isLeader || !has(self.clusterContext) || self.clusterContext.size() == 0 || (has(self.clusters) && self.clusterContext in self.clusters)",message="current cluster context not part of member clusters"
type AMKOClusterSpec struct {
	// IsLeader true makes this operator write to the Avi controller and copy
	// the configuration to the other clusters. False makes it stand by.
	// +optional
	IsLeader bool `json:"isLeader,omitempty"`

	// ClusterContext is the context name of this cluster.
	// +optional
	ClusterContext string `json:"clusterContext,omitempty"`

	// Version is the version of this cluster's operator. Configuration is
	// copied only between operators of equal version.
	// +optional
	Version string `json:"version,omitempty"`

	// Clusters lists the context names the configuration is copied to. This
	// cluster has to be among them and is left out when copying.
	// +optional
	Clusters []string `json:"clusters,omitempty"`
}

// AMKOClusterStatus tells how copying the configuration went.
type AMKOClusterStatus struct {
	// Conditions is AMKO's own list. Its entries have neither times nor the
	// True, False, Unknown of Kubernetes conditions, and their order is the
	// order of the steps.
	// +optional
	// +listType=atomic
	Conditions []AMKOClusterCondition `json:"conditions,omitempty"`

	// KubernetesConditions tell the same in Kubernetes form. They stand in a
	// field of their own because AMKO has taken the usual name.
	// +optional
	// +listType=map
	// +listMapKey=type
	KubernetesConditions []metav1.Condition `json:"kubernetesConditions,omitempty"`
}

// AMKOClusterCondition is the outcome of one step of copying the configuration.
type AMKOClusterCondition struct {
	// Type is the step, such as "GDP Federation".
	// +optional
	Type string `json:"type,omitempty"`

	// Status is the outcome in words, such as
	// "federated to all valid clusters successfully".
	// +optional
	Status string `json:"status,omitempty"`

	// Reason is the error text of a step that failed.
	// +optional
	Reason string `json:"reason,omitempty"`
}
