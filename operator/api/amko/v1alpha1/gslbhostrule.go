package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// The values of GSLBHostRuleStatus.Status.
const (
	HostRuleAccepted = "Accepted"
	HostRuleRejected = "Rejected"
)

// GSLBHostRule overrides properties of the GSLB service of one FQDN. What it
// leaves out comes from the GlobalDeploymentPolicy. One rule per FQDN is
// honoured; further ones are refused in their status.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:path=gslbhostrules,singular=gslbhostrule,shortName=ghr,scope=Namespaced
// +kubebuilder:printcolumn:name="FQDN",type=string,JSONPath=`.spec.fqdn`
// +kubebuilder:printcolumn:name="Status",type=string,JSONPath=`.status.status`
// +kubebuilder:printcolumn:name="Error",type=string,JSONPath=`.status.error`,priority=1
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type GSLBHostRule struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec GSLBHostRuleSpec `json:"spec"`
	// +optional
	Status GSLBHostRuleStatus `json:"status,omitzero"`
}

// GSLBHostRuleList is a list of GSLBHostRules.
//
// +kubebuilder:object:root=true
type GSLBHostRuleList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []GSLBHostRule `json:"items"`
}

// GSLBHostRuleSpec is the FQDN and what is overridden for it.
//
// +kubebuilder:validation:XValidation:rule="has(self.fqdn) && self.fqdn.size() > 0",message="GSFqdn missing"
// +kubebuilder:validation:XValidation:rule="!has(self.healthMonitorTemplate) || !has(self.healthMonitorRefs) || self.healthMonitorRefs.size() == 0",message="health monitor reference and template cannot be specified together"
type GSLBHostRuleSpec struct {
	// FQDN is the name of the GSLB service, compared exactly.
	// +optional
	FQDN string `json:"fqdn,omitempty"`

	// TTL is how many seconds resolvers may keep an answer. 0 is allowed and
	// means that they may not keep it.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=86400
	// +kubebuilder:validation:Format=""
	TTL *int64 `json:"ttl,omitempty"`

	// SitePersistence keeps a client at the site it was first sent to. It
	// takes effect only when every member is served with TLS.
	// +optional
	SitePersistence *SitePersistence `json:"sitePersistence,omitempty"`

	// ThirdPartyMembers are members outside Avi, at third-party sites of the
	// GSLB configuration.
	// +optional
	// +kubebuilder:validation:MaxItems=1000
	ThirdPartyMembers []ThirdPartyMember `json:"thirdPartyMembers,omitempty"`

	// ControlPlaneHmOnly leaves health to the controllers' own view of their
	// virtual services: no health monitor is attached.
	// +optional
	ControlPlaneHmOnly *bool `json:"controlPlaneHmOnly,omitempty"`

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

	// PoolAlgorithmSettings is the algorithm inside each priority group.
	// +optional
	PoolAlgorithmSettings *PoolAlgorithmSettings `json:"poolAlgorithmSettings,omitempty"`

	// TrafficSplit gives clusters, or third-party sites, their weight and
	// priority for this FQDN. An entry replaces both values of its cluster.
	// +optional
	// +kubebuilder:validation:MaxItems=1000
	TrafficSplit []TrafficSplitElem `json:"trafficSplit,omitempty"`

	// PublicIP gives clusters the address that clients outside are answered
	// with in place of the VIP.
	// +optional
	// +kubebuilder:validation:MaxItems=1000
	PublicIP []PublicIPElem `json:"publicIP,omitempty"`

	// DownResponse is the answer while no member is up.
	// +optional
	DownResponse *DownResponse `json:"downResponse,omitempty"`
}

// SitePersistence turns site persistence on or off for one FQDN.
//
// +kubebuilder:validation:XValidation:rule="!has(self.enabled) || !self.enabled || (has(self.profileRef) && self.profileRef.size() > 0)",message="SitePersistence Profile error"
type SitePersistence struct {
	// Enabled true needs ProfileRef. Enabled false turns persistence off even
	// if the GlobalDeploymentPolicy turns it on.
	// +optional
	Enabled bool `json:"enabled,omitempty"`

	// ProfileRef names a federated application persistence profile.
	// +optional
	ProfileRef string `json:"profileRef,omitempty"`

	// PKIProfileRef names a federated PKI profile. Without one the policy's is
	// taken, else any federated one of the controller.
	// +optional
	// +kubebuilder:validation:XValidation:rule="self.size() > 0",message="PKI Profile error"
	PKIProfileRef *string `json:"pkiProfileRef,omitempty"`
}

// ThirdPartyMember is a member outside Avi.
//
// +kubebuilder:validation:XValidation:rule="has(self.vip) && isIP(self.vip)",message="Invalid VIP (expecting IP address)"
// +kubebuilder:validation:XValidation:rule="!has(self.publicIP) || self.publicIP.size() == 0 || isIP(self.publicIP)",message="Invalid public IP (expecting IP address)"
type ThirdPartyMember struct {
	// VIP is the member's IP address.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	VIP string `json:"vip,omitempty"`

	// Site is a third-party site of the GSLB configuration.
	// +optional
	Site string `json:"site,omitempty"`

	// PublicIP is answered to clients outside in place of VIP.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	PublicIP string `json:"publicIP,omitempty"`
}

// DefaultHostRuleWeight and DefaultHostRulePriority are what an entry of
// GSLBHostRule.spec.trafficSplit gets when it leaves a value out. The priority
// differs from the policy's default of 10: a host rule entry that gives only a
// weight moves its cluster below all clusters that have the policy's priority.
const (
	DefaultHostRuleWeight   int64 = 1
	DefaultHostRulePriority int64 = 1
)

// TrafficSplitElem is the share of one cluster for one FQDN.
type TrafficSplitElem struct {
	// Cluster is the context name of a member cluster, or the name of a
	// third-party site.
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
	// healthy member answers. Values above 100 are refused by the controller.
	// +optional
	// +kubebuilder:default=1
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:XValidation:rule="self <= 100",message="priority must be between 0 and 100"
	// +kubebuilder:validation:Format=""
	Priority *int64 `json:"priority,omitempty"`
}

// WeightOrDefault is the weight, or the default if none is given.
func (e TrafficSplitElem) WeightOrDefault() int64 {
	if e.Weight == nil {
		return DefaultHostRuleWeight
	}
	return *e.Weight
}

// PriorityOrDefault is the priority, or the default if none is given.
func (e TrafficSplitElem) PriorityOrDefault() int64 {
	if e.Priority == nil {
		return DefaultHostRulePriority
	}
	return *e.Priority
}

// PublicIPElem is the public address of one cluster.
type PublicIPElem struct {
	// Cluster is the context name of a member cluster.
	Cluster string `json:"cluster"`

	// IP is the address that clients outside are answered with.
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:XValidation:rule="isIP(self)",message="Invalid IP (expecting IP address)"
	IP string `json:"ip"`
}

// GSLBHostRuleStatus tells whether the rule is honoured.
type GSLBHostRuleStatus struct {
	// Error is why the rule is rejected, empty when it is accepted.
	// +optional
	Error string `json:"error,omitempty"`

	// Status is Accepted or Rejected.
	// +optional
	Status string `json:"status,omitempty"`

	// Conditions tell the same in Kubernetes form, with the reason of each
	// write the controller refused.
	// +optional
	// +listType=map
	// +listMapKey=type
	Conditions []metav1.Condition `json:"conditions,omitempty"`
}
