package dns

import "net/netip"

// TopologyRule is a rule of a topology policy: clients it matches are sent to
// a site. Rules are tried in order and the first match decides. Conditions
// that are left empty match everything.
type TopologyRule struct {
	Name string
	// Clients and Countries are whom the rule is for: those in one of the
	// networks or located in one of the countries, which are written as the
	// geo database begins its location names. ClientsNot inverts both
	// together. Nobody without a location is in a country.
	Clients    []netip.Prefix
	Countries  []string
	ClientsNot bool
	// Ports are ranges of the client's source port, at most MaxPortRanges;
	// PortsNot inverts. A client whose port is not known matches neither.
	Ports    []PortRange
	PortsNot bool
	// GeoName ("Country/State/City" or a leading part of it) and GeoTag must
	// equal those of the client's location; GeoNot inverts. A client without
	// a location matches neither.
	GeoName string
	GeoTag  string
	GeoNot  bool
	// Suffixes the asked name must end with, by whole labels.
	Suffixes []string
	// Types of record that must be asked for; TypesNot inverts.
	Types    []uint16
	TypesNot bool
	// Transport of the query.
	Transport Transport
	// Site to use when it has a usable member, else the first of Fallbacks
	// which has one. At most 64 fallbacks.
	Site      string
	Fallbacks []string
	// SitePreferred lets the pool's fallback algorithm choose among all
	// members when none of the sites has a usable one; without it the answer
	// is empty then.
	SitePreferred bool
	// UseECS takes the client address from the EDNS client subnet option for
	// Clients and Countries, GeoUseECS for GeoName and GeoTag.
	UseECS, GeoUseECS bool
}

// PortRange is the ports from First to Last, 1-65535, both included.
type PortRange struct{ First, Last uint16 }

// Transport is a condition on how a query came.
type Transport uint8

const (
	// AnyTransport is no condition.
	AnyTransport Transport = iota
	// OverUDP matches queries in datagrams.
	OverUDP
	// OverTCP matches queries over connections.
	OverTCP
)
