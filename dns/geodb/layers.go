package geodb

import (
	"net/netip"

	"github.com/gslbsim/gslbsim/dns"
)

// Layers are databases in order of precedence, as the files of a geo profile
// by falling priority: the first that has a location for an address decides.
type Layers []dns.NetworkGeoDB

var _ dns.NetworkGeoDB = Layers{}

// Locate returns the first location a layer has.
func (l Layers) Locate(addr netip.Addr) (dns.Location, bool) {
	loc, _, found := l.LocateNetwork(addr)
	return loc, found
}

// LocateNetwork is Locate with the network in which all layers that were
// asked answer the same.
func (l Layers) LocateNetwork(addr netip.Addr) (dns.Location, netip.Prefix, bool) {
	narrowest, _ := addr.Prefix(0)
	for _, db := range l {
		loc, network, found := db.LocateNetwork(addr)
		if network.Bits() > narrowest.Bits() {
			narrowest = network
		}
		if found {
			return loc, narrowest, true
		}
	}
	return dns.Location{}, narrowest, false
}
