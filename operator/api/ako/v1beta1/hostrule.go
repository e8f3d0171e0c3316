package v1beta1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// The values of HostRuleStatus.Status. AMKO honours accepted rules only.
const (
	HostRuleAccepted = "Accepted"
	HostRuleRejected = "Rejected"
)

// FqdnType is how HostRuleVirtualHost.Fqdn is compared with host names.
// +kubebuilder:validation:Enum=Exact;Wildcard;Contains
type FqdnType string

// The ways to compare. AMKO treats every rule as Exact.
const (
	FqdnTypeExact    FqdnType = "Exact"
	FqdnTypeWildcard FqdnType = "Wildcard"
	FqdnTypeContains FqdnType = "Contains"
)

// SecretType is where a certificate is kept.
// +kubebuilder:validation:Enum=ref;secret
type SecretType string

// The places of certificates.
const (
	// SecretTypeRef is an SSL key and certificate object of the controller.
	SecretTypeRef SecretType = "ref"
	// SecretTypeSecret is a Kubernetes Secret.
	SecretTypeSecret SecretType = "secret"
)

// HostRule sets properties of the virtual host of one host name. Only the
// fields that AMKO reads, and those beside them, are declared; all others are
// kept as they are by the API server and lost by the Go type. Write a HostRule
// with a patch or as an unstructured object.
//
// +kubebuilder:object:root=true
// +kubebuilder:storageversion
// +kubebuilder:subresource:status
// +kubebuilder:resource:path=hostrules,singular=hostrule,shortName=hostrule;hr,scope=Namespaced
// +kubebuilder:printcolumn:name="Host",type=string,JSONPath=`.spec.virtualhost.fqdn`,description="Host name that the rule is for."
// +kubebuilder:printcolumn:name="Status",type=string,JSONPath=`.status.status`,description="Whether AKO honours the rule."
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type HostRule struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// +optional
	Spec HostRuleSpec `json:"spec,omitzero"`
	// +optional
	Status HostRuleStatus `json:"status,omitzero"`
}

// HostRuleList is a list of HostRules.
//
// +kubebuilder:object:root=true
type HostRuleList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []HostRule `json:"items"`
}

// HostRuleSpec holds the virtual host.
type HostRuleSpec struct {
	VirtualHost HostRuleVirtualHost `json:"virtualhost"`
}

// HostRuleVirtualHost is the host name and its properties.
//
// +kubebuilder:pruning:PreserveUnknownFields
type HostRuleVirtualHost struct {
	// Fqdn is the local host name that the rule is for.
	Fqdn string `json:"fqdn"`

	// FqdnType is how Fqdn is compared with host names.
	// +optional
	// +kubebuilder:default=Exact
	FqdnType FqdnType `json:"fqdnType,omitempty"`

	// EnableVirtualHost false takes the virtual host out of service.
	// +optional
	EnableVirtualHost *bool `json:"enableVirtualHost,omitempty"`

	// Gslb maps the local host name to a global one.
	// +optional
	Gslb HostRuleGSLB `json:"gslb,omitzero"`

	// TLS makes the host served with TLS, whatever the Ingress says.
	// +optional
	TLS *HostRuleTLS `json:"tls,omitempty"`

	// Aliases are further names of the host.
	// +optional
	Aliases []string `json:"aliases,omitempty"`
}

// HostRuleGSLB is the global name of a local host.
type HostRuleGSLB struct {
	// Fqdn is the name of the GSLB service. Several hosts, in one cluster or
	// in several, may share it.
	// +optional
	Fqdn string `json:"fqdn,omitempty"`

	// IncludeAliases makes Aliases domain names of the GSLB service too.
	// +optional
	// +kubebuilder:default=false
	IncludeAliases bool `json:"includeAliases,omitempty"`
}

// HostRuleTLS is the certificate of the host.
//
// +kubebuilder:pruning:PreserveUnknownFields
type HostRuleTLS struct {
	// SSLKeyCertificate is the certificate and key.
	SSLKeyCertificate HostRuleSSLKeyCertificate `json:"sslKeyCertificate"`

	// SSLProfile names an SSL profile of the controller.
	// +optional
	SSLProfile string `json:"sslProfile,omitempty"`

	// Termination is where TLS ends.
	// +optional
	// +kubebuilder:validation:Enum=edge
	Termination string `json:"termination,omitempty"`
}

// HostRuleSSLKeyCertificate is a certificate and, if wanted, a second one.
type HostRuleSSLKeyCertificate struct {
	HostRuleSecret `json:",inline"`

	// AlternateCertificate is offered to clients that cannot use the first,
	// such as RSA beside ECC.
	// +optional
	AlternateCertificate *HostRuleSecret `json:"alternateCertificate,omitempty"`
}

// HostRuleSecret names one certificate.
type HostRuleSecret struct {
	// Name is the name of the controller's object or of the Secret.
	Name string `json:"name"`

	// Type is which of the two Name is.
	Type SecretType `json:"type"`
}

// HostRuleStatus tells whether AKO honours the rule.
type HostRuleStatus struct {
	// Error is why the rule is rejected, empty when it is accepted.
	// +optional
	Error string `json:"error"`

	// Status is Accepted or Rejected.
	// +optional
	Status string `json:"status,omitempty"`
}
