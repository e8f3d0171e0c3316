package model

import (
	"net/netip"
	"slices"
	"strings"
)

// Algorithms of a pool, as the controller spells them.
const (
	RoundRobin     = "GSLB_ALGORITHM_ROUND_ROBIN"
	ConsistentHash = "GSLB_ALGORITHM_CONSISTENT_HASH"
	Geo            = "GSLB_ALGORITHM_GEO"
	Topology       = "GSLB_ALGORITHM_TOPOLOGY"
)

// Down responses, as the controller spells them.
const (
	DownNone       = "GSLB_SERVICE_DOWN_RESPONSE_NONE"
	DownAllRecords = "GSLB_SERVICE_DOWN_RESPONSE_ALL_RECORDS"
	DownFallbackIP = "GSLB_SERVICE_DOWN_RESPONSE_FALLBACK_IP"
	DownEmpty      = "GSLB_SERVICE_DOWN_RESPONSE_EMPTY"
)

// Service is a GSLB service as the policy wants it. The zero values of TTL, Down, Persistence and PKI mean that the policy
// says nothing about them.
type Service struct {
	// Key is tenant and name; the name is the global FQDN.
	Key Key
	// CreatedBy is the operator instance that owns the service, "amko-<uuid>".
	CreatedBy string
	// DomainNames are the names that the service answers, sorted, the FQDN among them.
	DomainNames []string
	// Sources are the Kubernetes objects behind the members, in the order of the members. They are the description.
	Sources []Source
	// Pools are the priority groups, highest priority first.
	Pools []Pool
	// Monitors are the names of the health monitors, sorted. Empty: health comes from the controllers alone.
	Monitors []string
	// TTL is the time to live of answers in seconds, 0-86400.
	TTL *uint32
	// Down is the answer while no member is up.
	Down *DownResponse
	// Persistence is the name of a federated application persistence profile; empty turns site persistence off.
	Persistence string
	// PKI is the name of a federated PKI profile; it is only sent with Persistence.
	PKI string
}

// Wanted is a service that the controller should hold, with the health monitors that it needs and that are the operator's
// own: monitors of users are only referred to.
type Wanted struct {
	Service  Service
	Monitors []Monitor
}

// Key identifies an object of one type on a controller.
type Key struct {
	Tenant string
	Name   string
}

// Compare orders keys by name, then tenant: the services of one FQDN stand together.
func (k Key) Compare(other Key) int {
	if c := strings.Compare(k.Name, other.Name); c != 0 {
		return c
	}
	return strings.Compare(k.Tenant, other.Tenant)
}

// String is "tenant/name".
func (k Key) String() string { return k.Tenant + "/" + k.Name }

// Pool is one priority group.
type Pool struct {
	// Priority is 0-100; the highest with a healthy member answers, 0 is never chosen.
	Priority uint32
	// Algorithm picks a member; Fallback does when Geo knows nothing about the client.
	Algorithm string
	Fallback  string
	// HashMask is the number of leading client address bits that consistent hash uses, 1-31; 0: not consistent hash.
	HashMask uint32
	// MinMonitorsUp is how many monitors, counting the controllers' own view as one, must be up for a member to be up.
	MinMonitorsUp uint32
	Members       []Member
}

// Name is the name of the pool on the controller. It carries the priority, so that a pool keeps its name over writes.
func (p Pool) Name() string { return poolNamePrefix + uitoa(p.Priority) }

// Member is a VIP of a pool.
type Member struct {
	// VIP is the address; IPv6 is allowed.
	VIP netip.Addr
	// Ratio is the share within the pool, 1-20.
	Ratio uint32
	// Controller and VirtualService are the uuids of the site's controller cluster and of the virtual service behind VIP,
	// both empty for a plain address.
	Controller     string
	VirtualService string
	// PublicIP is answered to clients outside; invalid: none.
	PublicIP netip.Addr
}

// DownResponse is the answer while no member is up.
type DownResponse struct {
	// Type is one of the Down constants.
	Type string
	// Fallback is the address of DownFallbackIP; invalid otherwise.
	Fallback netip.Addr
}

// Members returns the members of all pools in order.
func (s Service) Members() []Member {
	var all []Member
	for _, pool := range s.Pools {
		all = append(all, pool.Members...)
	}
	return all
}

// Aliases returns the domain names other than the FQDN itself.
func (s Service) Aliases() []string {
	return slices.DeleteFunc(slices.Clone(s.DomainNames), func(name string) bool { return name == s.Key.Name })
}
