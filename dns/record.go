package dns

import "net/netip"

// Record is one DNS record entry that is not a GSLB service: a static record
// of the DNS virtual service or the FQDN of a virtual service. Records of the
// same name and type are answered together.
type Record struct {
	// Names are the FQDNs, with or without the final dot; at least one.
	Names []string
	// Type is the DNS type number: A, AAAA, CNAME, NS, MX, TXT or SRV.
	Type uint16
	// Origin says where the record comes from.
	Origin Origin
	// Owner names the owning object, for explanations and logs.
	Owner string
	// TTL in seconds, 0-86400; nil means the profile's.
	TTL *uint32
	// Algorithm picks addresses when NumIPs is not 0. A static record's
	// default is RoundRobin, a virtual service FQDN's ConsistentHash; other
	// algorithms are not allowed.
	Algorithm Algorithm
	// NumIPs is how many records a reply holds, 0-20; 0 means all, in
	// configured order.
	NumIPs int
	// Wildcard also answers names below Names that have no entry of their
	// own.
	Wildcard bool
	// Delegated makes an NS record a zone cut: queries for the name and for
	// names below it without an entry of their own get a referral.
	Delegated bool

	// Addrs of an A (IPv4) or AAAA (IPv6) record.
	Addrs []netip.Addr
	// CNAME is the target of a CNAME record.
	CNAME string
	// NS are the name servers of an NS record, at most 13.
	NS []NameServer
	// MX of an MX record.
	MX []MX
	// TXT of a TXT record, each a text of any bytes; longer texts than 255
	// bytes become several character strings of one record.
	TXT []string
	// SRV of an SRV record.
	SRV []SRV
}

// Origin says where a Record comes from.
type Origin uint8

const (
	// StaticRecord is configured on the DNS virtual service.
	StaticRecord Origin = iota
	// VirtualServiceRecord is the FQDN of a virtual service (dns_info).
	VirtualServiceRecord
)

// String returns "static record" or "virtual service".
func (o Origin) String() string {
	if o == VirtualServiceRecord {
		return "virtual service"
	}
	return "static record"
}

// NameServer is one server of an NS record with its glue. Glue is needed
// where the server's name lies below the delegated name; elsewhere the
// table's own A and AAAA records for Host serve when Addrs is empty.
type NameServer struct {
	Host  string
	Addrs []netip.Addr
}

// MX is one mail exchanger.
type MX struct {
	Host       string
	Preference uint16
}

// SRV is one service locator of a static SRV record.
type SRV struct {
	Target                 string
	Priority, Weight, Port uint16
}
