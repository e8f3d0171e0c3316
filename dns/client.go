package dns

import (
	"encoding/binary"
	"math/bits"
	"net/netip"

	mdns "github.com/miekg/dns"
)

// Client is where a query comes from.
type Client struct {
	// Addr is the source address: the recursive resolver's, as a rule.
	Addr netip.Addr
	// Port is the source port, 0 if it is not known: only topology rules ask
	// for it.
	Port uint16
	// TCP: the reply may be longer than a datagram.
	TCP bool
	// Cookie is what the COOKIE option of the reply holds, for a query that
	// has an OPT record.
	Cookie Cookie
}

// clientAddr is an address that answers may depend on.
type clientAddr struct {
	addr netip.Addr
	ecs  bool // taken from the client subnet option
}

// subnet is the EDNS client subnet option of a query (RFC 7871).
type subnet struct {
	option *mdns.EDNS0_SUBNET
	addr   netip.Addr // cut to the source prefix; invalid if unusable
	source int        // bits
	scope  int        // bits of addr the answer depends on so far
}

// SubnetOption is an OPT record with the client subnet option for a network,
// to ask for the answer that its clients get.
func SubnetOption(network netip.Prefix) *mdns.OPT {
	network = network.Masked()
	family := uint16(1)
	if network.Addr().Is6() {
		family = 2
	}
	opt := &mdns.OPT{Hdr: mdns.RR_Header{Name: ".", Rrtype: mdns.TypeOPT}}
	opt.SetUDPSize(1232)
	opt.Option = append(opt.Option, &mdns.EDNS0_SUBNET{
		Code: mdns.EDNS0SUBNET, Family: family, SourceNetmask: uint8(network.Bits()), Address: network.Addr().AsSlice(),
	})
	return opt
}

// readSubnet takes the client subnet option of a query. A source prefix of 0
// is the client's wish not to be located: the option is echoed and not used.
func readSubnet(opt *mdns.OPT) subnet {
	for _, option := range opt.Option {
		e, ok := option.(*mdns.EDNS0_SUBNET)
		if !ok {
			continue
		}
		s := subnet{option: e, source: int(e.SourceNetmask)}
		addr, ok := netip.AddrFromSlice(e.Address)
		if !ok || s.source == 0 {
			return s
		}
		if e.Family == 1 {
			addr = addr.Unmap()
		}
		if prefix, err := addr.Prefix(s.source); err == nil {
			s.addr = prefix.Addr()
		}
		return s
	}
	return subnet{}
}

// clientFor is the client's address: from the client subnet option when
// there is one and useECS allows it, else the query's source.
func (q *query) clientFor(useECS bool) clientAddr {
	if useECS && q.ecs.addr.IsValid() {
		q.d.ECSUsed = true
		return clientAddr{addr: q.ecs.addr, ecs: true}
	}
	return clientAddr{addr: q.client.Addr}
}

// needBits notes that the answer depends on that many leading bits of an
// address.
func (q *query) needBits(c clientAddr, n int) {
	if c.ecs {
		q.ecs.scope = max(q.ecs.scope, min(n, q.ecs.source))
	}
}

// locate looks an address up in the geo database, once per query; nil if it
// has no location.
func (q *query) locate(c clientAddr) *Location {
	l := &q.located[0]
	if c.ecs {
		l = &q.located[1]
	}
	if !l.done {
		l.done = true
		l.location, l.found = q.lookUp(c)
	}
	if !l.found {
		return nil
	}
	q.d.Location, q.d.Located = l.location, true
	return &l.location
}

// located is the outcome of looking up one of a query's client addresses.
type located struct {
	done, found bool
	location    Location
}

func (q *query) lookUp(c clientAddr) (Location, bool) {
	switch db := q.table.geo.(type) {
	case nil:
		return Location{}, false
	case NetworkGeoDB:
		loc, network, found := db.LocateNetwork(c.addr)
		q.needBits(c, network.Bits())
		return loc, found
	default:
		q.needBits(c, c.addr.BitLen())
		return db.Locate(c.addr)
	}
}

// commonBits is how many leading bits two addresses share; -1 for addresses
// of different families, which no prefix tells apart.
func commonBits(a, b netip.Addr) int {
	if a.BitLen() != b.BitLen() {
		return -1
	}
	x, y := a.As16(), b.As16()
	skip := 128 - a.BitLen()
	for i := 0; i < 16; i += 8 {
		diff := binary.BigEndian.Uint64(x[i:]) ^ binary.BigEndian.Uint64(y[i:])
		if diff != 0 {
			return i*8 + bits.LeadingZeros64(diff) - skip
		}
	}
	return a.BitLen()
}

// clientHash hashes the first n bits of an address; n 0 means all of it.
func clientHash(addr netip.Addr, n int) uint64 {
	if n > 0 && n < addr.BitLen() {
		if prefix, err := addr.Prefix(n); err == nil {
			addr = prefix.Addr()
		}
	}
	b := addr.As16()
	return mixPair(mixPair(uint64(addr.BitLen()), binary.BigEndian.Uint64(b[:8])), binary.BigEndian.Uint64(b[8:]))
}
