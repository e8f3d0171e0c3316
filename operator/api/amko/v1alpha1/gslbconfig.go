package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// LogLevel is how much the operator logs.
// +kubebuilder:validation:Enum=DEBUG;INFO;WARN;ERROR
type LogLevel string

// The log levels, from most to least output.
const (
	LogLevelDebug LogLevel = "DEBUG"
	LogLevelInfo  LogLevel = "INFO"
	LogLevelWarn  LogLevel = "WARN"
	LogLevelError LogLevel = "ERROR"
)

// GSLBConfig says which Avi controller leads the GSLB configuration and which
// Kubernetes clusters take part. One object is honoured, in namespace
// avi-system; further ones are refused in their status.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:path=gslbconfigs,singular=gslbconfig,shortName=gc,scope=Namespaced
// +kubebuilder:printcolumn:name="Leader",type=string,JSONPath=`.spec.gslbLeader.controllerIP`
// +kubebuilder:printcolumn:name="State",type=string,JSONPath=`.status.state`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type GSLBConfig struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec GSLBConfigSpec `json:"spec"`
	// +optional
	Status GSLBConfigStatus `json:"status,omitzero"`
}

// GSLBConfigList is a list of GSLBConfigs.
//
// +kubebuilder:object:root=true
type GSLBConfigList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []GSLBConfig `json:"items"`
}

// GSLBConfigSpec is the configuration of the operator.
type GSLBConfigSpec struct {
	// GSLBLeader is the controller that receives all writes.
	// +optional
	GSLBLeader GSLBLeader `json:"gslbLeader,omitzero"`

	// MemberClusters lists the clusters whose objects may become GSLB members.
	// +optional
	MemberClusters []MemberCluster `json:"memberClusters,omitempty"`

	// RefreshInterval is the number of seconds between two full comparisons
	// with the controller. Zero, a negative number or no value means 600.
	// +optional
	// +kubebuilder:validation:Format=""
	RefreshInterval int64 `json:"refreshInterval,omitempty"`

	// LogLevel is how much is logged. No value means INFO.
	// +optional
	LogLevel LogLevel `json:"logLevel,omitempty"`

	// UseCustomGlobalFqdn chooses how GSLB services get their names: false
	// takes the host name of the Ingress, Route or Service; true takes the
	// global FQDN that an accepted AKO HostRule maps the host name to, and
	// leaves out hosts that have no such mapping. No value means false.
	// +optional
	UseCustomGlobalFqdn *bool `json:"useCustomGlobalFqdn,omitempty"`
}

// GSLBLeader locates the leader controller.
type GSLBLeader struct {
	// Credentials names the Secret, in the namespace of the GSLBConfig, that
	// holds the keys username and password.
	// +optional
	Credentials string `json:"credentials,omitempty"`

	// ControllerVersion is the Avi API version that requests ask for, such as
	// 22.1.3.
	// +optional
	ControllerVersion string `json:"controllerVersion,omitempty"`

	// ControllerIP is the address or host name of the controller, with
	// :port if the port is not 443.
	// +optional
	ControllerIP string `json:"controllerIP,omitempty"`

	// Tenant is the Avi tenant that GSLB services are created in when the
	// namespace of their members names none. No value means admin.
	// +optional
	Tenant *string `json:"tenant,omitempty"`
}

// MemberCluster is a Kubernetes cluster that takes part.
type MemberCluster struct {
	// ClusterContext is a context of the kubeconfig in Secret
	// gslb-config-secret, key gslb-members.
	// +optional
	ClusterContext string `json:"clusterContext,omitempty"`
}

// GSLBConfigStatus tells how far the configuration has been taken up.
type GSLBConfigStatus struct {
	// State is AMKO's own one-line state, such as
	// "success: gslb config accepted" or "error: controller not a leader".
	// +optional
	State string `json:"state,omitempty"`

	// Conditions tell the same in Kubernetes form, with the reason of each
	// write the controller refused.
	// +optional
	// +listType=map
	// +listMapKey=type
	Conditions []metav1.Condition `json:"conditions,omitempty"`
}
