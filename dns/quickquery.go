package dns

import (
	"encoding/binary"
	"net/netip"
	"unsafe"

	mdns "github.com/miekg/dns"
)

// quickQuery is a query as far as the quick path understands queries: one
// question of class IN whose name consists of letters, digits, hyphens,
// underscores and asterisks, and at most an OPT record without options other
// than client subnet and cookie.
type quickQuery struct {
	qtype   uint16
	end     int // of the question in the message
	textLen int
	text    [256]byte // the name, lower case, with the final dot

	edns    bool
	udpSize int
	do      bool
	subnet  netip.Prefix // of the client subnet option; invalid without one
}

// plainByte maps the bytes of names to their lower case, and those that need
// escapes in the textual form to zero.
var plainByte = func() (table [256]byte) {
	for _, b := range []byte("abcdefghijklmnopqrstuvwxyz0123456789-_*") {
		table[b] = b
	}
	for b := byte('A'); b <= 'Z'; b++ {
		table[b] = b + 'a' - 'A'
	}
	return table
}()

const (
	maxNameSize  = 255
	optFixedSize = 11 // an OPT record without options
)

// read parses a message; false means that it is not for the quick path.
func (s *quickQuery) read(wire []byte) bool {
	// QR and opcode are 0; one question, no answer, no authority.
	if len(wire) < headerSize || wire[2]&0xf8 != 0 || binary.BigEndian.Uint64(wire[4:])>>16 != 1<<32 {
		return false
	}
	additional := binary.BigEndian.Uint16(wire[10:])
	s.edns = additional != 0
	if additional > 1 || !s.readQuestion(wire) {
		return false
	}
	if s.edns {
		return s.readOPT(wire[s.end:])
	}
	return s.end == len(wire)
}

func (s *quickQuery) readQuestion(wire []byte) bool {
	at, n := headerSize, 0
	for {
		if at >= len(wire) {
			return false
		}
		length := int(wire[at])
		at++
		if length == 0 {
			break
		}
		// Also refuses compression pointers, which have the two top bits set.
		if length > 63 || n+length+1 > maxNameSize-1 || at+length > len(wire) {
			return false
		}
		for _, b := range wire[at : at+length] {
			lower := plainByte[b]
			if lower == 0 {
				return false
			}
			s.text[n] = lower
			n++
		}
		s.text[n] = '.'
		n++
		at += length
	}
	if n == 0 || at+4 > len(wire) || binary.BigEndian.Uint16(wire[at+2:]) != mdns.ClassINET {
		return false
	}
	s.qtype, s.end, s.textLen = binary.BigEndian.Uint16(wire[at:]), at+4, n
	return true
}

// name is the canonical name as a string over the buffer that the next query
// overwrites: nothing that outlives the query may keep it.
func (s *quickQuery) name() string { return unsafe.String(&s.text[0], s.textLen) }

// readOPT reads the one record of the additional section, which must be an
// OPT record of version 0 and end with the message.
func (s *quickQuery) readOPT(rr []byte) bool {
	if len(rr) < optFixedSize || rr[0] != 0 || binary.BigEndian.Uint16(rr[1:]) != mdns.TypeOPT || rr[6] != 0 ||
		int(binary.BigEndian.Uint16(rr[9:])) != len(rr)-optFixedSize {
		return false
	}
	s.udpSize = int(binary.BigEndian.Uint16(rr[3:]))
	s.do = rr[7]&0x80 != 0
	s.subnet = netip.Prefix{}
	for options := rr[optFixedSize:]; len(options) > 0; {
		if len(options) < 4 {
			return false
		}
		code, size := binary.BigEndian.Uint16(options), int(binary.BigEndian.Uint16(options[2:]))
		options = options[4:]
		if size > len(options) {
			return false
		}
		switch code {
		case mdns.EDNS0SUBNET:
			if s.subnet.IsValid() || !s.readSubnet(options[:size]) {
				return false
			}
		case mdns.EDNS0COOKIE:
			// Read by the server, which hands the reply's cookie in.
		default:
			return false
		}
		options = options[size:]
	}
	return true
}

// readSubnet reads a client subnet option in its shortest form, as RFC 7871
// section 6 wants it.
func (s *quickQuery) readSubnet(option []byte) bool {
	// The scope of a query is 0.
	if len(option) < 5 || option[0] != 0 || option[3] != 0 {
		return false
	}
	bits := int(option[2])
	size := (bits + 7) / 8
	if bits == 0 || len(option) != 4+size {
		return false
	}
	var addr netip.Addr
	switch {
	case option[1] == 1 && bits <= 32:
		var b [4]byte
		copy(b[:], option[4:])
		addr = netip.AddrFrom4(b)
	case option[1] == 2 && bits <= 128:
		var b [16]byte
		copy(b[:], option[4:])
		addr = netip.AddrFrom16(b)
	default:
		return false
	}
	if addr.Is4In6() {
		return false
	}
	prefix, err := addr.Prefix(bits)
	s.subnet = prefix
	return err == nil && prefix.Addr() == addr
}

// sizeLimit is the longest reply the client can take over a transport.
func (s *quickQuery) sizeLimit(tcp bool) int {
	switch {
	case tcp:
		return mdns.MaxMsgSize
	case !s.edns:
		return mdns.MinMsgSize
	default:
		return min(max(s.udpSize, mdns.MinMsgSize), MaxUDPSize)
	}
}
