package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// ServiceImport lists the endpoints of a service of another cluster, for the
// MultiClusterIngresses that name the service. AMKO writes it, in namespace
// avi-system, with name <cluster>--<namespace>--<service>.
//
// +kubebuilder:object:root=true
// +kubebuilder:resource:path=serviceimports,singular=serviceimport,shortName=si,scope=Namespaced
type ServiceImport struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec ServiceImportSpec `json:"spec"`
}

// ServiceImportList is a list of ServiceImports.
//
// +kubebuilder:object:root=true
type ServiceImportList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []ServiceImport `json:"items"`
}

// ServiceImportSpec is a service and its endpoints.
type ServiceImportSpec struct {
	// Cluster is the context name of the service's cluster.
	// +optional
	Cluster string `json:"cluster,omitempty"`

	// Namespace is the service's namespace.
	// +optional
	Namespace string `json:"namespace,omitempty"`

	// Service is the service's name.
	// +optional
	Service string `json:"service,omitempty"`

	// SvcPorts lists the ports that MultiClusterIngresses name.
	// +optional
	SvcPorts []BackendPort `json:"svcPorts,omitempty"`
}

// BackendPort is a service port and its endpoints.
type BackendPort struct {
	// Port is the port of the service.
	// +optional
	// +kubebuilder:validation:Format=""
	Port int64 `json:"port,omitempty"`

	// Endpoints lists node addresses and node ports.
	// +optional
	Endpoints []Endpoint `json:"endpoints,omitempty"`
}

// Endpoint is an address that serves.
type Endpoint struct {
	// IP is the address of a node.
	// +optional
	IP string `json:"ip,omitempty"`

	// Port is the node port.
	// +optional
	// +kubebuilder:validation:Format=""
	Port int64 `json:"port,omitempty"`
}
