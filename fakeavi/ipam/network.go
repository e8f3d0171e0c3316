package ipam

import (
	"fmt"
	"net/netip"
)

// Network is a network object as far as allocation needs it.
type Network struct {
	UUID    string
	Name    string
	Subnets []Subnet // in configured order
}

// Subnet is one configured subnet of a network.
type Subnet struct {
	Prefix netip.Prefix
	// Ranges are the static ranges for VIPs, in configured order. Without any, the whole subnet is used but for its first
	// address and, in IPv4, its last; that the product does so is unconfirmed.
	Ranges []Range
}

// Range is an inclusive range of addresses of one family.
type Range struct {
	Begin, End netip.Addr
}

// check reports what is wrong with a network.
func (n Network) check() error {
	for _, s := range n.Subnets {
		if !s.Prefix.IsValid() {
			return fmt.Errorf("network %s: a subnet has no valid prefix", n.Name)
		}
		for _, r := range s.Ranges {
			if !r.Begin.IsValid() || r.End.Less(r.Begin) || r.Begin.Is4() != r.End.Is4() {
				return fmt.Errorf("network %s, subnet %s: static range %s-%s is empty or mixed", n.Name, s.Prefix, r.Begin, r.End)
			}
			if !s.Prefix.Contains(r.Begin) || !s.Prefix.Contains(r.End) {
				return fmt.Errorf("network %s, subnet %s: static range %s-%s leaves the subnet", n.Name, s.Prefix, r.Begin, r.End)
			}
		}
	}
	return nil
}

// ranges returns what VIPs may be taken from.
func (s Subnet) ranges() []Range {
	if len(s.Ranges) > 0 {
		return s.Ranges
	}
	first := s.Prefix.Masked().Addr()
	last := lastAddr(s.Prefix)
	if s.Prefix.Bits() >= first.BitLen()-1 {
		return []Range{{first, last}}
	}
	if first.Is4() {
		last = last.Prev()
	}
	return []Range{{first.Next(), last}}
}

func lastAddr(p netip.Prefix) netip.Addr {
	first := p.Masked().Addr()
	if first.Is4() {
		b := first.As4()
		fill(b[:], p.Bits())
		return netip.AddrFrom4(b)
	}
	b := first.As16()
	fill(b[:], p.Bits())
	return netip.AddrFrom16(b)
}

// fill sets all bits after the first bits ones.
func fill(b []byte, bits int) {
	for i := range b {
		switch keep := bits - 8*i; {
		case keep <= 0:
			b[i] = 0xff
		case keep < 8:
			b[i] |= 0xff >> keep
		}
	}
}
