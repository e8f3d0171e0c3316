package v1alpha1

// DownResponseType is the kind of answer while no member is up.
// +kubebuilder:validation:Enum=GSLB_SERVICE_DOWN_RESPONSE_NONE;GSLB_SERVICE_DOWN_RESPONSE_ALL_RECORDS;GSLB_SERVICE_DOWN_RESPONSE_FALLBACK_IP;GSLB_SERVICE_DOWN_RESPONSE_EMPTY
type DownResponseType string

// The answers of the controller that a policy may ask for.
const (
	DownResponseNone       DownResponseType = "GSLB_SERVICE_DOWN_RESPONSE_NONE"
	DownResponseAllRecords DownResponseType = "GSLB_SERVICE_DOWN_RESPONSE_ALL_RECORDS"
	DownResponseFallbackIP DownResponseType = "GSLB_SERVICE_DOWN_RESPONSE_FALLBACK_IP"
	DownResponseEmpty      DownResponseType = "GSLB_SERVICE_DOWN_RESPONSE_EMPTY"
)

// DownResponse is the answer while no member is up.
//
// +kubebuilder:validation:XValidation:rule="self.type != 'GSLB_SERVICE_DOWN_RESPONSE_FALLBACK_IP' || (has(self.fallbackIP) && self.fallbackIP.size() > 0)",message="Fallback IP is required for this type"
// +kubebuilder:validation:XValidation:rule="self.type != 'GSLB_SERVICE_DOWN_RESPONSE_FALLBACK_IP' || !has(self.fallbackIP) || self.fallbackIP.size() == 0 || isIP(self.fallbackIP)",message="Fallback IP is not valid"
// +kubebuilder:validation:XValidation:rule="self.type == 'GSLB_SERVICE_DOWN_RESPONSE_FALLBACK_IP' || !has(self.fallbackIP) || self.fallbackIP.size() == 0",message="Fallback IP is not allowed for this type"
type DownResponse struct {
	// Type is the kind of answer.
	Type DownResponseType `json:"type"`

	// FallbackIP is the address to answer with. Needed with the type for a
	// fallback IP, not allowed with the others.
	// +optional
	FallbackIP string `json:"fallbackIP,omitempty"`
}
