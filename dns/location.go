package dns

import "net/netip"

// Location is a place on earth.
type Location struct {
	// Latitude -90..90 and Longitude -180..180 in decimal degrees.
	Latitude  float64 `json:"latitude"`
	Longitude float64 `json:"longitude"`
	// Name is "Country/State/City", as much of it as is known.
	Name string `json:"name,omitempty"`
	// Tag is a name of the operator's own, such as a sales region.
	Tag string `json:"tag,omitempty"`
}

// GeoDB locates addresses. Implementations must be safe for concurrent use,
// must not block and must always give the same answer for an address.
type GeoDB interface {
	// Locate returns the location of an address, or false when it has none.
	Locate(addr netip.Addr) (Location, bool)
}

// NetworkGeoDB is a GeoDB which also knows for which network around the
// address its answer holds. With it the scope of client subnet replies is as
// wide as that network; without it, it is the prefix the client sent.
type NetworkGeoDB interface {
	GeoDB
	// LocateNetwork is Locate, plus the widest network around the address
	// in which every address has the same answer, found or not.
	LocateNetwork(addr netip.Addr) (Location, netip.Prefix, bool)
}
