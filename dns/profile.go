package dns

import "net/netip"

// ErrorResponse says what a DNS virtual service does with a query it cannot
// answer (field error_response of the DNS application profile).
type ErrorResponse uint8

const (
	// ErrorDrop sends no reply: DNS_ERROR_RESPONSE_NONE, the default of a
	// profile created through the API.
	ErrorDrop ErrorResponse = iota
	// ErrorRespond replies with a suitable code (NXDOMAIN, FORMERR, NOTIMP,
	// an empty NOERROR): DNS_ERROR_RESPONSE_ERROR, the setting of the shipped
	// System-DNS profile.
	ErrorRespond
)

// String returns "drop" or "respond".
func (e ErrorResponse) String() string {
	if e == ErrorRespond {
		return "respond"
	}
	return "drop"
}

// Profile is the DNS application profile of a DNS virtual service. Values are
// taken as they are: a zero TTL is a TTL of zero seconds. Start from
// DefaultProfile or SystemProfile to get the product's defaults.
type Profile struct {
	// TTL of the records of services and records that set none, in seconds,
	// 0-86400.
	TTL uint32
	// NumIPs is how many addresses a reply holds for a service that does not
	// say, 0-20; 0 means all usable members of the selected pool.
	NumIPs int
	// ErrorResponse governs unknown names, malformed queries and AAAA queries
	// for names that have only IPv4 addresses.
	ErrorResponse ErrorResponse
	// AAAAEmpty answers an AAAA query for a name with only IPv4 addresses
	// with an empty NOERROR (aaaa_empty_response).
	AAAAEmpty bool
	// NegativeTTL is the TTL and the minimum field of SOA records, in
	// seconds, 0-86400.
	NegativeTTL uint32
	// Domains are suffixes, matched by whole labels, for which the virtual
	// service is authoritative. At most 100.
	Domains []string
	// Zones are authoritative like Domains and may carry their own SOA
	// fields. At most 100.
	Zones []Zone
	// AdminEmail is the mailbox (rname) of SOA records.
	AdminEmail string
	// NameServer is the primary server (mname) of SOA records; empty means
	// the domain itself.
	NameServer string
	// EDNS makes the virtual service parse and answer OPT records. Without
	// it they are ignored and replies over UDP are limited to 512 bytes.
	EDNS bool
	// Clients sorts clients into private and public ones (NAT-aware GSLB,
	// client_ip_addr_group of the Gslb object). Nil: clients are not sorted.
	Clients *ClientGroup
}

// Zone is one authoritative zone of a profile.
type Zone struct {
	Domain string
	// AdminEmail and NameServer override the profile's when not empty.
	AdminEmail string
	NameServer string
}

// DefaultProfile returns what the product fills in for a profile created with
// no settings: unanswerable queries are dropped.
func DefaultProfile() Profile {
	return Profile{
		TTL:           30,
		NumIPs:        1,
		ErrorResponse: ErrorDrop,
		AAAAEmpty:     true,
		NegativeTTL:   30,
		AdminEmail:    "hostmaster",
		EDNS:          true,
	}
}

// SystemProfile returns the shipped System-DNS profile: DefaultProfile, but
// unanswerable queries get a reply.
func SystemProfile() Profile {
	p := DefaultProfile()
	p.ErrorResponse = ErrorRespond
	return p
}

// ClientKind says which class of clients a ClientGroup lists.
type ClientKind uint8

const (
	// ListsPublic: the group lists public clients, all others are private
	// (GSLB_IP_PUBLIC, the default).
	ListsPublic ClientKind = iota
	// ListsPrivate: the group lists private clients, all others are public
	// (GSLB_IP_PRIVATE).
	ListsPrivate
)

// ClientGroup lists the networks of one class of clients. At most
// MaxPrefixes prefixes; see RangePrefixes for address ranges.
type ClientGroup struct {
	Kind     ClientKind
	Prefixes []netip.Prefix
}

// ClientClass is the class of one client.
type ClientClass uint8

const (
	// UnsortedClient: the profile has no ClientGroup. A member's public
	// address is served when it has one.
	UnsortedClient ClientClass = iota
	// PrivateClient gets members' private addresses.
	PrivateClient
	// PublicClient gets members' public addresses where they have one.
	PublicClient

	clientClasses = 3
)

// String returns "unsorted", "private" or "public".
func (c ClientClass) String() string {
	switch c {
	case PrivateClient:
		return "private"
	case PublicClient:
		return "public"
	default:
		return "unsorted"
	}
}

// class sorts a client. A nil group leaves it unsorted.
func (g *ClientGroup) class(addr netip.Addr) ClientClass {
	if g == nil {
		return UnsortedClient
	}
	listed := false
	for _, p := range g.Prefixes {
		if p.Contains(addr) {
			listed = true
			break
		}
	}
	if listed == (g.Kind == ListsPrivate) {
		return PrivateClient
	}
	return PublicClient
}
