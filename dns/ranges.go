package dns

import (
	"fmt"
	"net/netip"
)

// RangePrefixes returns the fewest prefixes that together hold exactly the
// addresses from first to last, in order. Both must be of one family and
// first must not come after last.
func RangePrefixes(first, last netip.Addr) ([]netip.Prefix, error) {
	if !first.IsValid() || first.BitLen() != last.BitLen() || last.Less(first) {
		return nil, fmt.Errorf("%v-%v is not an address range: give first and last address of one family", first, last)
	}
	var prefixes []netip.Prefix
	for at := first; ; {
		p := widestFrom(at, last)
		prefixes = append(prefixes, p)
		end := LastAddr(p)
		if end == last {
			return prefixes, nil
		}
		at = end.Next()
	}
}

// widestFrom is the shortest prefix that begins at first and does not reach
// beyond last.
func widestFrom(first, last netip.Addr) netip.Prefix {
	widest := netip.PrefixFrom(first, first.BitLen())
	for bits := first.BitLen() - 1; bits >= 0; bits-- {
		p := netip.PrefixFrom(first, bits)
		if p.Masked().Addr() != first || last.Less(LastAddr(p)) {
			break
		}
		widest = p
	}
	return widest
}

// LastAddr is the last address of a valid prefix.
func LastAddr(p netip.Prefix) netip.Addr {
	bytes := p.Addr().AsSlice()
	for i := p.Bits(); i < len(bytes)*8; i++ {
		bytes[i/8] |= 0x80 >> (i % 8)
	}
	last, _ := netip.AddrFromSlice(bytes)
	return last
}
