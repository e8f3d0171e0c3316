package v1alpha1

// PoolAlgorithm is the name of an algorithm that picks a member.
type PoolAlgorithm string

// The algorithms of the controller that a policy may ask for.
const (
	PoolAlgorithmConsistentHash PoolAlgorithm = "GSLB_ALGORITHM_CONSISTENT_HASH"
	PoolAlgorithmGeo            PoolAlgorithm = "GSLB_ALGORITHM_GEO"
	PoolAlgorithmRoundRobin     PoolAlgorithm = "GSLB_ALGORITHM_ROUND_ROBIN"
	PoolAlgorithmTopology       PoolAlgorithm = "GSLB_ALGORITHM_TOPOLOGY"
)

// PoolAlgorithmSettings is how a member is picked inside a priority group.
// Absent settings mean round robin by weight.
//
// +kubebuilder:validation:XValidation:rule="has(self.lbAlgorithm)",message="unsupported lbAlgorithm"
// +kubebuilder:validation:XValidation:rule="!has(self.lbAlgorithm) || self.lbAlgorithm != 'GSLB_ALGORITHM_CONSISTENT_HASH' || has(self.hashMask)",message="hashMask is required for ConsistentHash"
// +kubebuilder:validation:XValidation:rule="!has(self.lbAlgorithm) || !(self.lbAlgorithm in ['GSLB_ALGORITHM_ROUND_ROBIN', 'GSLB_ALGORITHM_TOPOLOGY']) || !has(self.hashMask)",message="hashMask not allowed for this lbAlgorithm"
// +kubebuilder:validation:XValidation:rule="!has(self.lbAlgorithm) || self.lbAlgorithm == 'GSLB_ALGORITHM_GEO' || !has(self.geoFallback)",message="geoFallback is only allowed for Geo"
// +kubebuilder:validation:XValidation:rule="!has(self.lbAlgorithm) || self.lbAlgorithm != 'GSLB_ALGORITHM_GEO' || has(self.geoFallback)",message="geoFallback has to be set for Geo, available choices: RoundRobin, ConsistentHash"
// +kubebuilder:validation:XValidation:rule="!has(self.lbAlgorithm) || self.lbAlgorithm != 'GSLB_ALGORITHM_GEO' || !has(self.geoFallback) || has(self.geoFallback.lbAlgorithm)",message="unsupported algorithm for geoFallback"
// +kubebuilder:validation:XValidation:rule="!has(self.lbAlgorithm) || self.lbAlgorithm != 'GSLB_ALGORITHM_GEO' || !has(self.geoFallback) || !has(self.geoFallback.lbAlgorithm) || has(self.geoFallback.hashMask) == (self.geoFallback.lbAlgorithm == 'GSLB_ALGORITHM_CONSISTENT_HASH')",message="geoFallback needs a hashMask with ConsistentHash and allows none with RoundRobin"
type PoolAlgorithmSettings struct {
	// LBAlgorithm is the algorithm. It is needed as soon as settings are given.
	// +optional
	// +kubebuilder:validation:Enum=GSLB_ALGORITHM_CONSISTENT_HASH;GSLB_ALGORITHM_GEO;GSLB_ALGORITHM_ROUND_ROBIN;GSLB_ALGORITHM_TOPOLOGY
	LBAlgorithm PoolAlgorithm `json:"lbAlgorithm,omitempty"`

	// HashMask is the number of leading bits of the client's address that are
	// hashed. Needed with consistent hash, not allowed with round robin and
	// topology.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=31
	// +kubebuilder:validation:Format=""
	HashMask *int64 `json:"hashMask,omitempty"`

	// GeoFallback picks a member when the client's location is not known.
	// Needed with geo, not allowed with the others.
	// +optional
	GeoFallback *GeoFallback `json:"geoFallback,omitempty"`
}

// GeoFallback is the second algorithm of geo.
type GeoFallback struct {
	// LBAlgorithm is round robin or consistent hash.
	// +optional
	// +kubebuilder:validation:Enum=GSLB_ALGORITHM_ROUND_ROBIN;GSLB_ALGORITHM_CONSISTENT_HASH
	LBAlgorithm PoolAlgorithm `json:"lbAlgorithm,omitempty"`

	// HashMask is the number of leading bits of the client's address that are
	// hashed. Needed with consistent hash, not allowed with round robin.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=31
	// +kubebuilder:validation:Format=""
	HashMask *int64 `json:"hashMask,omitempty"`
}
