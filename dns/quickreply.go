package dns

import (
	"encoding/binary"
	"net/netip"

	mdns "github.com/miekg/dns"
)

// questionName is a compression pointer to the name of the question.
const questionName = 0xc000 | headerSize

// quickReply is a reply in the making: header and question as in the query,
// then records appended in order.
type quickReply struct {
	out []byte
	// labels are where the labels of the names written so far begin, to
	// compress later ones against; only filled once a name is to be written.
	labels     [maxLabels]uint16
	labelCount int
	question   int // end of the question
}

// maxLabels is how many labels a reply of the quick path can have: those of
// the question and of the three names of an SOA record.
const maxLabels = 4 * (maxNameSize + 1) / 2

// begin writes header and question. The section counts are those of the
// query, one question and the OPT record.
func (r *quickReply) begin(buf, wire []byte, end int, edns bool) {
	r.out = append(buf[:0], wire[:end]...)
	r.question, r.labelCount = end, 0
	r.out[2] = 0x84 | wire[2]&0x01 // QR, AA, RD as asked
	r.out[3] = 0
	clear(r.out[6:headerSize])
	if edns {
		r.out[11] = 1
	}
}

func (r *quickReply) setCode(rcode byte, authoritative bool) {
	r.out[3] = rcode
	if !authoritative {
		r.out[2] &^= 0x04
	}
}

func (r *quickReply) count(section int, n int) {
	binary.BigEndian.PutUint16(r.out[section:], binary.BigEndian.Uint16(r.out[section:])+uint16(n))
}

// Offsets of the section counts in the header.
const (
	answerCount    = 6
	authorityCount = 8
)

// header appends a record header whose owner is the question's name.
func (r *quickReply) header(rrtype uint16, ttl uint32, size int) {
	var h [12]byte
	binary.BigEndian.PutUint16(h[0:], questionName)
	binary.BigEndian.PutUint16(h[2:], rrtype)
	binary.BigEndian.PutUint16(h[4:], mdns.ClassINET)
	binary.BigEndian.PutUint32(h[6:], ttl)
	binary.BigEndian.PutUint16(h[10:], uint16(size))
	r.out = append(r.out, h[:]...)
}

// address appends an A or AAAA record to the answer.
func (r *quickReply) address(addr netip.Addr, ttl uint32) {
	if addr.Is4() {
		b := addr.As4()
		r.header(mdns.TypeA, ttl, len(b))
		r.out = append(r.out, b[:]...)
	} else {
		b := addr.As16()
		r.header(mdns.TypeAAAA, ttl, len(b))
		r.out = append(r.out, b[:]...)
	}
	r.count(answerCount, 1)
}

// soa appends an SOA record to the authority section.
func (r *quickReply) soa(z *wireSOA) {
	r.name(z.domain)
	r.out = append(r.out, z.header[:]...)
	begin := len(r.out)
	r.name(z.server)
	r.name(z.mailbox)
	r.out = append(r.out, z.numbers[:]...)
	binary.BigEndian.PutUint16(r.out[begin-2:], uint16(len(r.out)-begin))
	r.count(authorityCount, 1)
}

// opt appends the OPT record, with the client subnet and the cookie if there
// are such.
func (r *quickReply) opt(s *quickQuery, scope int, cookie []byte) {
	begin := len(r.out)
	r.out = append(r.out, 0, 0, byte(mdns.TypeOPT), advertisedUDPSize>>8, advertisedUDPSize&0xff, 0, 0, 0, 0, 0, 0)
	if s.do {
		r.out[begin+7] = 0x80
	}
	if s.subnet.IsValid() {
		bits := s.subnet.Bits()
		size := (bits + 7) / 8
		family := byte(1)
		b := s.subnet.Addr().As16()
		network := b[:]
		if s.subnet.Addr().Is4() {
			network = b[12:]
		} else {
			family = 2
		}
		r.out = append(r.out, 0, mdns.EDNS0SUBNET, 0, byte(4+size), 0, family, byte(bits), byte(scope))
		r.out = append(r.out, network[:size]...)
	}
	if len(cookie) > 0 {
		r.out = append(r.out, 0, mdns.EDNS0COOKIE, 0, byte(len(cookie)))
		r.out = append(r.out, cookie...)
	}
	binary.BigEndian.PutUint16(r.out[begin+9:], uint16(len(r.out)-begin-optFixedSize))
}

// name appends a name in wire form, its longest tail that was written before
// replaced by a pointer (RFC 1035 section 4.1.4). Letter case counts.
func (r *quickReply) name(wire []byte) {
	if r.labelCount == 0 {
		r.noteLabels(headerSize)
	}
	for wire[0] != 0 {
		if at, ok := r.find(wire); ok {
			r.out = append(r.out, 0xc0|byte(at>>8), byte(at))
			return
		}
		if r.labelCount < len(r.labels) {
			r.labels[r.labelCount] = uint16(len(r.out))
			r.labelCount++
		}
		label := 1 + int(wire[0])
		r.out = append(r.out, wire[:label]...)
		wire = wire[label:]
	}
	r.out = append(r.out, 0)
}

// noteLabels notes the labels of the question's name.
func (r *quickReply) noteLabels(at int) {
	for r.out[at] != 0 {
		r.labels[r.labelCount] = uint16(at)
		r.labelCount++
		at += 1 + int(r.out[at])
	}
}

// find looks for an earlier name, or tail of one, that equals a name.
func (r *quickReply) find(wire []byte) (at int, ok bool) {
	for _, label := range r.labels[:r.labelCount] {
		if r.equal(int(label), wire) {
			return int(label), true
		}
	}
	return 0, false
}

// equal compares the name at an offset of the reply, which may end in a
// pointer, with a name.
func (r *quickReply) equal(at int, wire []byte) bool {
	for {
		if r.out[at]&0xc0 != 0 {
			at = int(binary.BigEndian.Uint16(r.out[at:])) & 0x3fff
		}
		label := 1 + int(wire[0])
		// A name being written has no end yet.
		if at+label > len(r.out) || string(r.out[at:at+label]) != string(wire[:label]) {
			return false
		}
		if label == 1 {
			return true
		}
		at += label
		wire = wire[label:]
		if at >= len(r.out) {
			return false
		}
	}
}
