package resolver

import (
	"net/netip"

	mdns "github.com/miekg/dns"
)

// How much of a client's address servers are told (RFC 7871 section 11.1).
const (
	subnetBits4 = 24
	subnetBits6 = 56
)

// subnetOf is the network that servers are told of a client; the zero Prefix
// if they are told none.
func (r *Resolver) subnetOf(client netip.Addr) netip.Prefix {
	if !r.cfg.ClientSubnet {
		return netip.Prefix{}
	}
	if !client.IsValid() {
		client = r.cfg.Address
	}
	client = client.Unmap().WithZone("")
	bits := subnetBits6
	if client.Is4() {
		bits = subnetBits4
	}
	subnet, _ := client.Prefix(bits)
	return subnet
}

// addSubnet tells a server the client's network.
func addSubnet(q *mdns.Msg, subnet netip.Prefix) {
	if !subnet.IsValid() {
		return
	}
	family := uint16(2)
	if subnet.Addr().Is4() {
		family = 1
	}
	opt := q.IsEdns0()
	opt.Option = append(opt.Option, &mdns.EDNS0_SUBNET{
		Code: mdns.EDNS0SUBNET, Family: family, SourceNetmask: uint8(subnet.Bits()), Address: subnet.Addr().AsSlice(),
	})
}

// scopeOf is for which clients a reply holds: the zero Prefix for all, else a
// network. Not ok means that the reply is about another network than was
// asked for, and must not be used (RFC 7871 section 7.3).
//
// A scope longer than what was asked counts as that long: nobody else has
// been told of.
func scopeOf(reply *mdns.Msg, subnet netip.Prefix) (scope netip.Prefix, ok bool) {
	option := subnetOption(reply)
	if option == nil || !subnet.IsValid() {
		return netip.Prefix{}, true
	}
	addr, valid := netip.AddrFromSlice(option.Address)
	if option.Family == 1 {
		addr = addr.Unmap()
	}
	if !valid || netip.PrefixFrom(addr, int(option.SourceNetmask)).Masked() != subnet {
		return netip.Prefix{}, false
	}
	if option.SourceScope == 0 {
		return netip.Prefix{}, true
	}
	scope, err := subnet.Addr().Prefix(min(int(option.SourceScope), subnet.Bits()))
	return scope, err == nil
}

func subnetOption(msg *mdns.Msg) *mdns.EDNS0_SUBNET {
	opt := msg.IsEdns0()
	if opt == nil {
		return nil
	}
	for _, option := range opt.Option {
		if e, ok := option.(*mdns.EDNS0_SUBNET); ok {
			return e
		}
	}
	return nil
}

// serves tells whether a set is for clients of a network.
func (s *rrset) serves(subnet netip.Prefix) bool {
	return covers(s.scope, subnet)
}

// covers tells whether all clients of one scope are among those of another;
// the zero Prefix is everybody.
func covers(wide, narrow netip.Prefix) bool {
	return !wide.IsValid() || narrow.IsValid() && wide.Bits() <= narrow.Bits() && wide.Contains(narrow.Addr())
}
