package dns

import (
	"encoding/binary"

	mdns "github.com/miekg/dns"
)

// wireSOA is an SOA record in wire form without compression, in the pieces
// between which names are compressed.
type wireSOA struct {
	domain, server, mailbox []byte
	header                  [10]byte // type to length; the length is 0
	numbers                 [20]byte // serial to minimum
}

// newWireSOA returns nil if a name cannot be encoded; the responder, which
// finds that out itself, then answers without the quick path.
func newWireSOA(rr *mdns.SOA) *wireSOA {
	w := &wireSOA{domain: wireName(rr.Hdr.Name), server: wireName(rr.Ns), mailbox: wireName(rr.Mbox)}
	if w.domain == nil || w.server == nil || w.mailbox == nil {
		return nil
	}
	binary.BigEndian.PutUint16(w.header[0:], mdns.TypeSOA)
	binary.BigEndian.PutUint16(w.header[2:], mdns.ClassINET)
	binary.BigEndian.PutUint32(w.header[4:], rr.Hdr.Ttl)
	for i, number := range []uint32{rr.Serial, rr.Refresh, rr.Retry, rr.Expire, rr.Minttl} {
		binary.BigEndian.PutUint32(w.numbers[4*i:], number)
	}
	return w
}

// wireName is a name in wire form; nil if it has none.
func wireName(name string) []byte {
	buf := make([]byte, maxNameSize+1)
	n, err := mdns.PackDomainName(name, buf, 0, nil, false)
	if err != nil || n > maxNameSize {
		return nil
	}
	return buf[:n:n]
}

// size is the longest the record can be in a message.
func (w *wireSOA) size() int {
	return len(w.domain) + len(w.header) + len(w.server) + len(w.mailbox) + len(w.numbers)
}
