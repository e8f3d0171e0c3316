package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// MultiClusterIngress is one virtual service over services of several
// clusters. It belongs in namespace avi-system; AKO gives it a VIP.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:path=multiclusteringresses,singular=multiclusteringress,shortName=mci,scope=Namespaced
// +kubebuilder:printcolumn:name="Host",type=string,JSONPath=`.spec.hostName`
// +kubebuilder:printcolumn:name="Accepted",type=boolean,JSONPath=`.status.status.accepted`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type MultiClusterIngress struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec MultiClusterIngressSpec `json:"spec"`
	// +optional
	Status MultiClusterIngressStatus `json:"status,omitzero"`
}

// MultiClusterIngressList is a list of MultiClusterIngresses.
//
// +kubebuilder:object:root=true
type MultiClusterIngressList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []MultiClusterIngress `json:"items"`
}

// MultiClusterIngressSpec is a host name and the services behind it.
type MultiClusterIngressSpec struct {
	// HostName is the host name of the virtual service.
	HostName string `json:"hostName"`

	// SecretName names the Secret with the certificate of HostName. No value
	// means that the host is served without TLS.
	// +optional
	SecretName string `json:"secretName,omitempty"`

	// Config lists the services behind the host name.
	Config []BackendConfig `json:"config"`
}

// BackendConfig is a service of one cluster.
type BackendConfig struct {
	// Path is the URL path that the service answers.
	// +optional
	Path string `json:"path,omitempty"`

	// Cluster is the context name of the service's cluster.
	// +optional
	Cluster string `json:"cluster,omitempty"`

	// Weight is the service's share of the requests.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=100
	// +kubebuilder:validation:Format=""
	Weight int64 `json:"weight,omitempty"`

	// Service is the service.
	// +optional
	Service BackendService `json:"service,omitzero"`
}

// BackendService names a service port.
type BackendService struct {
	// Name is the service's name.
	// +optional
	Name string `json:"name,omitempty"`

	// Namespace is the service's namespace.
	// +optional
	Namespace string `json:"namespace,omitempty"`

	// Port is the service's port.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=65535
	// +kubebuilder:validation:Format=""
	Port int64 `json:"port,omitempty"`
}

// MultiClusterIngressStatus tells what AKO made of the object.
type MultiClusterIngressStatus struct {
	// Status is whether the object is honoured.
	// +optional
	Status AcceptedStatus `json:"status,omitzero"`

	// LoadBalancer holds the VIP.
	// +optional
	LoadBalancer LoadBalancerStatus `json:"loadBalancer,omitzero"`
}

// AcceptedStatus is whether an object is honoured.
type AcceptedStatus struct {
	// Accepted is true for an object that is honoured.
	// +optional
	Accepted bool `json:"accepted,omitempty"`

	// Reason is why the object is not honoured.
	// +optional
	Reason string `json:"reason"`
}

// LoadBalancerStatus holds the VIPs of an object. AMKO reads the first.
type LoadBalancerStatus struct {
	// Ingress lists the VIPs.
	// +optional
	Ingress []IngressStatus `json:"ingress,omitempty"`
}

// IngressStatus is a VIP and the host name it serves.
type IngressStatus struct {
	// Hostname is the host name.
	// +optional
	Hostname string `json:"hostname,omitempty"`

	// IP is the VIP.
	// +optional
	IP string `json:"ip,omitempty"`
}
