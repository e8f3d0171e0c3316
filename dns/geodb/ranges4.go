package geodb

import (
	"encoding/binary"
	"math/bits"
	"net/netip"

	"github.com/gslbsim/gslbsim/dns"
)

// ranges4 are the IPv4 ranges of a database, kept so that a lookup touches
// little memory: with a million ranges it is waiting for memory that costs. A
// table by the first 16 bits leaves a handful of ranges to search, which lie
// side by side, and equal locations are kept once.
type ranges4 struct {
	ranges    []range4 // sorted, without overlaps
	locations []dns.Location
	// from is, for each 16 bits, the index of the first range that begins
	// there or later.
	from []int32

	known map[dns.Location]int32 // while ranges are added
}

// range4 holds the addresses from first to last.
type range4 struct {
	first, last uint32
	location    int32
}

const blocks = 1 << 16

// add appends a range, which must begin after all others.
func (r *ranges4) add(c *csvRange) {
	if r.known == nil {
		r.known = make(map[dns.Location]int32)
	}
	location, ok := r.known[c.location]
	if !ok {
		location = int32(len(r.locations))
		r.known[c.location] = location
		r.locations = append(r.locations, c.location)
	}
	r.ranges = append(r.ranges, range4{first: number(c.first), last: number(c.last), location: location})
}

// complete makes the ranges ready for lookups.
func (r *ranges4) complete() {
	r.known = nil
	r.from = make([]int32, blocks+1)
	next := 0
	for block := range r.from {
		for next < len(r.ranges) && int(r.ranges[next].first>>16) < block {
			next++
		}
		r.from[block] = int32(next)
	}
}

func number(addr netip.Addr) uint32 {
	b := addr.As4()
	return binary.BigEndian.Uint32(b[:])
}

// locate finds the range an address is in, and the widest network around it
// that lies within the range or within the gap between ranges.
func (r *ranges4) locate(addr netip.Addr) (location dns.Location, network netip.Prefix, found bool) {
	at := number(addr)
	after := r.after(at)
	low, high := uint32(0), ^uint32(0)
	if after > 0 {
		before := &r.ranges[after-1]
		if found = before.last >= at; found {
			location, low, high = r.locations[before.location], before.first, before.last
		} else {
			low = before.last + 1
		}
	}
	if !found && after < len(r.ranges) {
		high = r.ranges[after].first - 1
	}
	// The prefix must not reach to the neighbours of either end.
	length := 0
	if low > 0 {
		length = bits.LeadingZeros32(at^(low-1)) + 1
	}
	if high < ^uint32(0) {
		length = max(length, bits.LeadingZeros32(at^(high+1))+1)
	}
	network, _ = addr.Prefix(length)
	return location, network, found
}

// after is the index of the first range that begins after an address.
func (r *ranges4) after(at uint32) int {
	if len(r.ranges) == 0 {
		return 0
	}
	low, high := int(r.from[at>>16]), int(r.from[at>>16+1])
	for low < high {
		middle := int(uint(low+high) >> 1)
		if r.ranges[middle].first <= at {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low
}
