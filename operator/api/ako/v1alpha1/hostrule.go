package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gslbsim/gslbsim/operator/api/ako/v1beta1"
)

// HostRule is the older version of v1beta1.HostRule. Its declared fields are
// the same, so it shares their types. As in AKO, this version has no status
// subresource: its status is written with the object.
//
// +kubebuilder:object:root=true
// +kubebuilder:resource:path=hostrules,singular=hostrule,shortName=hostrule;hr,scope=Namespaced
type HostRule struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// +optional
	Spec v1beta1.HostRuleSpec `json:"spec,omitzero"`
	// +optional
	Status v1beta1.HostRuleStatus `json:"status,omitzero"`
}

// HostRuleList is a list of HostRules.
//
// +kubebuilder:object:root=true
type HostRuleList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []HostRule `json:"items"`
}
