package dns

import "net/netip"

// Service is one GSLB service as a DNS virtual service knows it: its
// configuration and the health verdict of every member.
type Service struct {
	// UUID identifies the service across tables. Required, unique.
	UUID string
	// Name is the object's name, for explanations and logs.
	Name string
	// Tenant is the owning tenant's name, for listings.
	Tenant string
	// Domains are the service's FQDNs, with or without the final dot. At
	// least one; each belongs to one service only.
	Domains []string
	// Enabled: a disabled service is answered like one that is down.
	Enabled bool
	// PoolAlgorithm chooses among pools.
	PoolAlgorithm PoolAlgorithm
	// TTL of answers in seconds, 0-86400; nil means the profile's.
	TTL *uint32
	// NumIPs is how many addresses a reply holds, 0-20, 0 meaning all usable
	// members of the selected pool; nil means the profile's.
	NumIPs *int
	// MinMembers adds further pools to the selected one until this many
	// usable members are gathered, 0-65535; 0 turns it off.
	MinMembers int
	// Wildcard also answers names below Domains that have no entry of their
	// own.
	Wildcard bool
	// ResolveCNAME adds the resolved address of a member with an FQDN to the
	// additional section of the CNAME answer.
	ResolveCNAME bool
	// UseECS takes the client address from the EDNS client subnet option,
	// for geo, consistent hash and topology.
	UseECS bool
	// Down is the answer while no member is usable.
	Down DownResponse
	// RecordType says which kind of records the service serves.
	RecordType RecordType
	// AdditionalRecords adds the target's address to SRV answers
	// (include_additional_records).
	AdditionalRecords bool
	// TopologyEnabled tries the topology rules over all pools first; when
	// they yield no usable member the configured algorithms decide.
	TopologyEnabled bool
	// Pools are the pools (groups) in configured order.
	Pools []Pool
}

// PoolAlgorithm chooses a pool within a service.
type PoolAlgorithm uint8

const (
	// PoolsByPriority takes the usable pool with the highest priority; equal
	// priorities take turns (GSLB_SERVICE_ALGORITHM_PRIORITY).
	PoolsByPriority PoolAlgorithm = iota
	// PoolsByGeo takes the pool with the member closest to the client and
	// ignores priorities, except that a pool of priority 0 is never taken
	// (GSLB_SERVICE_ALGORITHM_GEO).
	PoolsByGeo
)

// String returns "priority" or "geo".
func (a PoolAlgorithm) String() string {
	if a == PoolsByGeo {
		return "geo"
	}
	return "priority"
}

// RecordType is the kind of records a service serves.
type RecordType uint8

const (
	// AddressRecords serves A, AAAA and CNAME.
	AddressRecords RecordType = iota
	// SRVRecords serves SRV, from the members' FQDN and SRV data.
	SRVRecords
)

// Pool is one GSLB pool (priority group) of a service.
type Pool struct {
	Name string
	// Priority 0-100, higher wins; 0 is never chosen.
	Priority int
	// Algorithm chooses members.
	Algorithm Algorithm
	// Fallback is used where Algorithm cannot decide, for instance Geo
	// without a client location.
	Fallback Algorithm
	// HashMask and HashMask6 are the prefix lengths (1-31, 1-127) to which
	// ConsistentHash cuts the client's address; 0 means the whole address.
	HashMask  int
	HashMask6 int
	Enabled   bool
	// Kind restricts the pool to a class of clients.
	Kind PoolKind
	// Members in configured order.
	Members []Member
}

// Algorithm chooses members within a pool.
type Algorithm uint8

const (
	// RoundRobin takes turns, weighted by the members' ratios.
	RoundRobin Algorithm = iota
	// ConsistentHash maps a client network to one member for as long as it
	// is usable.
	ConsistentHash
	// Geo takes the member closest to the client.
	Geo
	// Topology takes a member of the site which a topology rule names.
	Topology
	// PreferenceOrder takes the member with the lowest PreferenceOrder.
	PreferenceOrder

	algorithms = 5
)

var algorithmNames = [algorithms]string{
	"round robin", "consistent hash", "geo", "topology", "preference order",
}

// String returns the algorithm's name in lower-case words.
func (a Algorithm) String() string {
	if int(a) < len(algorithmNames) {
		return algorithmNames[a]
	}
	return "unknown algorithm"
}

// PoolKind restricts a pool to a class of clients (gslb_pool_type).
type PoolKind uint8

const (
	// GenericPool serves all clients.
	GenericPool PoolKind = iota
	// PrivatePool serves private and unsorted clients.
	PrivatePool
	// PublicPool serves public and unsorted clients.
	PublicPool
)

// String returns "generic", "private" or "public".
func (k PoolKind) String() string {
	switch k {
	case PrivatePool:
		return "private"
	case PublicPool:
		return "public"
	default:
		return "generic"
	}
}

// serves tells whether a pool of this kind is meant for a class of clients.
// Unconfirmed: the product documents what the kinds are for, not how they
// combine; chosen is that unsorted clients may use every pool.
func (k PoolKind) serves(c ClientClass) bool {
	switch {
	case k == GenericPool || c == UnsortedClient:
		return true
	case k == PrivatePool:
		return c == PrivateClient
	default:
		return c == PublicClient
	}
}

// Member is one pool member.
type Member struct {
	// Addr is the private address (the VIP), or with FQDN the address it
	// resolved to.
	Addr netip.Addr
	// FQDN makes the member answer with a CNAME; in a service of SRVRecords
	// it is the SRV target.
	FQDN string
	// PublicAddr is served instead of Addr to public and unsorted clients.
	PublicAddr netip.Addr
	// Ratio is the weight for RoundRobin, 1-20; 0 means 1.
	Ratio int
	// PreferenceOrder 1-128, the lowest usable one wins; 0 means 1.
	PreferenceOrder int
	// Enabled is the administrative state, of the member and of its site.
	Enabled bool
	// Up is the health verdict.
	Up bool
	// Site is the name of the member's site; empty for none.
	Site string
	// VirtualService is the name of the virtual service behind the address;
	// empty for none. It appears in logs only.
	VirtualService string
	// SiteRatio, 1-20, overrides Ratio; 0 means the site sets none.
	SiteRatio int
	// Location of the member, its own or its site's; nil if unknown.
	Location *Location
	// LocationFromDB looks Location up in the geo database when it is nil,
	// by the public address or else the private one.
	LocationFromDB bool
	// SRV is the member's SRV data; required in a service of SRVRecords.
	SRV *SRVData
}

// SRVData is what an SRV answer holds besides its target.
type SRVData struct {
	Priority, Weight, Port uint16
}

// weight is the share the member gets from RoundRobin.
func (m *Member) weight() int {
	switch {
	case m.SiteRatio > 0:
		return m.SiteRatio
	case m.Ratio > 0:
		return m.Ratio
	default:
		return 1
	}
}

// preference is the member's effective preference order.
func (m *Member) preference() int { return max(m.PreferenceOrder, 1) }

// address is the address served to a class of clients. Without a client
// group the public address is served when there is one; unconfirmed, from
// the wording of the product's NAT-aware GSLB page.
func (m *Member) address(c ClientClass) netip.Addr {
	if c != PrivateClient && m.PublicAddr.IsValid() {
		return m.PublicAddr
	}
	return m.Addr
}

// DownType is what a service answers while no member is usable.
type DownType uint8

const (
	// DownNone drops the query, whatever the profile's ErrorResponse.
	DownNone DownType = iota
	// DownAllRecords answers the addresses of all members of all pools.
	DownAllRecords
	// DownFallbackIP answers the fallback address of the asked family.
	DownFallbackIP
	// DownEmpty answers NOERROR without records.
	DownEmpty
	// DownCNAME answers a CNAME to the fallback name.
	DownCNAME

	downTypes = 5
)

var downTypeNames = [downTypes]string{"none", "all records", "fallback IP", "empty", "CNAME"}

// String returns the type's name.
func (d DownType) String() string {
	if int(d) < len(downTypeNames) {
		return downTypeNames[d]
	}
	return "unknown down response"
}

// DownResponse is the down response of a service.
type DownResponse struct {
	Type DownType
	// FallbackIP is IPv4, FallbackIP6 is IPv6; DownFallbackIP needs one.
	FallbackIP  netip.Addr
	FallbackIP6 netip.Addr
	// PublicFallbackIP and PublicFallbackIP6 replace them for public and
	// unsorted clients when valid.
	PublicFallbackIP  netip.Addr
	PublicFallbackIP6 netip.Addr
	// FallbackCNAME is the target of DownCNAME.
	FallbackCNAME string
}

// fallback is the fallback address for a class of clients and a family; the
// zero Addr if there is none.
func (d *DownResponse) fallback(c ClientClass, v6 bool) netip.Addr {
	private, public := d.FallbackIP, d.PublicFallbackIP
	if v6 {
		private, public = d.FallbackIP6, d.PublicFallbackIP6
	}
	if c != PrivateClient && public.IsValid() {
		return public
	}
	return private
}
