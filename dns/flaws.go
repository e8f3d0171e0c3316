package dns

import (
	"encoding/binary"

	mdns "github.com/miekg/dns"
)

// flaws are what is wrong with a message although the library can read it.
type flaws struct {
	// cut: there are fewer records than the header says.
	cut bool
	// badOPT: the owner of an OPT record is not the root (RFC 6891 section
	// 6.1.2), or a client subnet option has too few or too many octets, bits
	// beyond its prefix, or a scope (RFC 7871 section 6, which wants FORMERR).
	badOPT bool
}

// findFlaws examines a message that the library has read. Bytes behind the
// last record are no flaw. What the product thinks of all this is unconfirmed.
func findFlaws(wire []byte) (found flaws) {
	count := func(at int) int { return int(binary.BigEndian.Uint16(wire[at:])) }
	at := headerSize
	for range count(4) {
		at = skipName(wire, at) + 4 // type and class
	}
	before := count(6) + count(8)
	for i := range before + count(10) {
		owner := at
		at = skipName(wire, at) + rrFixedSize
		if at > len(wire) {
			found.cut = true
			return found
		}
		size := count(at - 2)
		if i >= before && count(at-rrFixedSize) == int(mdns.TypeOPT) {
			data := wire[at:min(at+size, len(wire))]
			found.badOPT = found.badOPT || wire[owner] != 0 || !soundSubnets(data)
		}
		at += size
	}
	return found
}

// rrFixedSize is the length of a record's type, class, TTL and data length.
const rrFixedSize = 10

// skipName is the offset behind the name at an offset; beyond the message if
// the name is.
func skipName(wire []byte, at int) int {
	for at < len(wire) {
		switch length := int(wire[at]); {
		case length == 0:
			return at + 1
		case length >= 0xc0: // a pointer
			return at + 2
		default:
			at += 1 + length
		}
	}
	return at + 1
}

// soundSubnets looks at the client subnet options of an OPT record.
func soundSubnets(options []byte) bool {
	for len(options) >= 4 {
		code, size := binary.BigEndian.Uint16(options), int(binary.BigEndian.Uint16(options[2:]))
		options = options[4:]
		size = min(size, len(options))
		if code == mdns.EDNS0SUBNET && !soundSubnet(options[:size]) {
			return false
		}
		options = options[size:]
	}
	return true
}

// soundSubnet looks at a client subnet option: family, source prefix, scope,
// address.
func soundSubnet(option []byte) bool {
	if len(option) < 4 {
		return false
	}
	bits, scope, address := int(option[2]), option[3], option[4:]
	if scope != 0 || len(address) != (bits+7)/8 {
		return false
	}
	return bits%8 == 0 || address[len(address)-1]<<(bits%8) == 0
}
