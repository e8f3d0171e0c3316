package v1alpha2

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gslbsim/gslbsim/operator/api/amko/v1alpha1"
)

// GlobalDeploymentPolicy selects the objects that become members of GSLB
// services and sets the properties of all services. One object is honoured, in
// namespace avi-system; further ones are refused in their status.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:path=globaldeploymentpolicies,singular=globaldeploymentpolicy,shortName=gdp,scope=Namespaced
// +kubebuilder:printcolumn:name="Status",type=string,JSONPath=`.status.errorStatus`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type GlobalDeploymentPolicy struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec GDPSpec `json:"spec"`
	// +optional
	Status GDPStatus `json:"status,omitzero"`
}

// GlobalDeploymentPolicyList is a list of GlobalDeploymentPolicies.
//
// +kubebuilder:object:root=true
type GlobalDeploymentPolicyList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []GlobalDeploymentPolicy `json:"items"`
}

// GDPSpec is what is selected and how it is served.
//
// +kubebuilder:validation:XValidation:rule="!has(self.healthMonitorTemplate) || !has(self.healthMonitorRefs) || self.healthMonitorRefs.size() == 0",message="health monitor reference and template cannot be specified together"
type GDPSpec struct {
	// MatchRules selects Ingresses, Routes and Services of type LoadBalancer.
	// +optional
	MatchRules MatchRules `json:"matchRules,omitzero"`

	// MatchClusters lists the clusters that objects are selected in. An empty
	// list selects nothing.
	// +optional
	MatchClusters []ClusterProperty `json:"matchClusters,omitempty"`

	// TrafficSplit gives clusters their weight and priority. A cluster that is
	// not listed has weight 1 and priority 10.
	// +optional
	TrafficSplit []TrafficSplitElem `json:"trafficSplit,omitempty"`

	// TTL is how many seconds resolvers may keep an answer. 0 is allowed and
	// means that they may not keep it. No value leaves it to the DNS virtual
	// service.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=86400
	// +kubebuilder:validation:Format=""
	TTL *int64 `json:"ttl,omitempty"`

	// HealthMonitorRefs names federated health monitors of the controller that
	// replace the ones made from paths or ports. At most 6. Not together with
	// HealthMonitorTemplate.
	// +optional
	// +kubebuilder:validation:XValidation:rule="self.size() <= 6",message="at most 6 health monitor references are allowed"
	HealthMonitorRefs []string `json:"healthMonitorRefs,omitempty"`

	// HealthMonitorTemplate names a federated HTTP or HTTPS health monitor
	// whose request header and response codes are used for the monitors made
	// for each path. Not together with HealthMonitorRefs.
	// +optional
	HealthMonitorTemplate *string `json:"healthMonitorTemplate,omitempty"`

	// SitePersistenceRef names a federated application persistence profile,
	// used for services whose members are served with TLS. No value leaves
	// site persistence off.
	// +optional
	// +kubebuilder:validation:XValidation:rule="self.size() > 0",message="empty string as site persistence reference not supported"
	SitePersistenceRef *string `json:"sitePersistenceRef,omitempty"`

	// PKIProfileRef names a federated PKI profile for site persistence.
	// Without one any federated PKI profile of the controller is taken.
	// +optional
	// +kubebuilder:validation:XValidation:rule="self.size() > 0",message="empty string as pki profile reference not supported"
	PKIProfileRef *string `json:"pkiProfileRef,omitempty"`

	// PoolAlgorithmSettings is the algorithm inside each priority group.
	// +optional
	PoolAlgorithmSettings *v1alpha1.PoolAlgorithmSettings `json:"poolAlgorithmSettings,omitempty"`

	// DownResponse is the answer while no member is up.
	// +optional
	DownResponse *v1alpha1.DownResponse `json:"downResponse,omitempty"`

	// ControlPlaneHmOnly leaves health to the controllers' own view of their
	// virtual services: no health monitor is attached.
	// +optional
	ControlPlaneHmOnly *bool `json:"controlPlaneHmOnly,omitempty"`

	// DefaultDomain completes the host of an OpenShift Route that has a
	// subdomain and no host.
	// +optional
	DefaultDomain *string `json:"defaultDomain,omitempty"`
}

// MatchRules selects objects. With one selector its objects are selected, with
// both those that match both, with none nothing.
type MatchRules struct {
	// AppSelector matches labels of the object itself.
	// +optional
	AppSelector AppSelector `json:"appSelector,omitzero"`

	// NamespaceSelector matches labels of the object's namespace.
	// +optional
	NamespaceSelector NamespaceSelector `json:"namespaceSelector,omitzero"`
}

// AppSelector matches labels of Ingresses, Routes and Services.
type AppSelector struct {
	// Label is one label, key and exact value. A selector with more or fewer
	// than one entry counts as absent.
	// +optional
	// +kubebuilder:validation:XValidation:rule="self.all(key, key.size() > 0 && self[key].size() > 0)",message="label key or value is missing"
	Label map[string]string `json:"label,omitempty"`
}

// NamespaceSelector matches labels of namespaces.
type NamespaceSelector struct {
	// Label is one label, key and exact value. A selector with more or fewer
	// than one entry counts as absent.
	// +optional
	// +kubebuilder:validation:XValidation:rule="self.all(key, key.size() > 0 && self[key].size() > 0)",message="label key or value is missing"
	Label map[string]string `json:"label,omitempty"`
}

// ClusterProperty is a cluster that objects are selected in.
type ClusterProperty struct {
	// Cluster is the context name of a member cluster.
	// +optional
	Cluster string `json:"cluster,omitempty"`

	// SyncVipOnly uses only the VIP of this cluster's objects: members are
	// plain addresses, without reference to the controller's virtual service.
	// +optional
	SyncVipOnly bool `json:"syncVipOnly,omitempty"`
}

// DefaultWeight and DefaultPriority are what a cluster gets that
// trafficSplit does not list, or lists without the value.
const (
	DefaultWeight   int64 = 1
	DefaultPriority int64 = 10
)

// TrafficSplitElem is the share of one cluster for all services.
type TrafficSplitElem struct {
	// Cluster is the context name of a member cluster.
	// +optional
	Cluster string `json:"cluster,omitempty"`

	// Weight is the cluster's share among the members of equal priority.
	// +optional
	// +kubebuilder:default=1
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=20
	// +kubebuilder:validation:Format=""
	Weight *int64 `json:"weight,omitempty"`

	// Priority groups members: the group with the highest priority that has a
	// healthy member answers.
	// +optional
	// +kubebuilder:default=10
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=100
	// +kubebuilder:validation:Format=""
	Priority *int64 `json:"priority,omitempty"`
}

// WeightOrDefault is the weight, or the default if none is given.
func (e TrafficSplitElem) WeightOrDefault() int64 {
	if e.Weight == nil {
		return DefaultWeight
	}
	return *e.Weight
}

// PriorityOrDefault is the priority, or the default if none is given.
func (e TrafficSplitElem) PriorityOrDefault() int64 {
	if e.Priority == nil {
		return DefaultPriority
	}
	return *e.Priority
}

// GDPStatus tells whether the policy is honoured.
type GDPStatus struct {
	// ErrorStatus is "success", or why the policy is refused.
	// +optional
	ErrorStatus string `json:"errorStatus,omitempty"`

	// Conditions tell the same in Kubernetes form, with the reason of each
	// write the controller refused.
	// +optional
	// +listType=map
	// +listMapKey=type
	Conditions []metav1.Condition `json:"conditions,omitempty"`
}
