package dns

import "net/netip"

// TopologyRule is a rule of a topology policy: clients it matches are sent to
// a site. Rules are tried in order and the first match decides. Conditions
// that are left empty match everything.
type TopologyRule struct {
	Name string
	// Clients the rule is for; ClientsNot inverts the list.
	Clients    []netip.Prefix
	ClientsNot bool
	// GeoName ("Country/State/City" or a leading part of it) and GeoTag must
	// equal those of the client's location; GeoNot inverts. A client without
	// a location matches neither.
	GeoName string
	GeoTag  string
	GeoNot  bool
	// Suffixes the asked name must end with, by whole labels.
	Suffixes []string
	// Site to use when it has a usable member, else the first of Fallbacks
	// which has one. At most 64 fallbacks.
	Site      string
	Fallbacks []string
	// SitePreferred lets the pool's fallback algorithm choose among all
	// members when none of the sites has a usable one; without it the answer
	// is empty then.
	SitePreferred bool
	// UseECS takes the client address from the EDNS client subnet option.
	UseECS bool
}
