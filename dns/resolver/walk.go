package resolver

import (
	"time"

	mdns "github.com/miekg/dns"
)

// walkEnd is where following a question through what is known ended.
type walkEnd uint8

const (
	endUnknown walkEnd = iota // servers must be asked for walk.name
	endRecords                // the last link holds the records
	endAbsence                // the last link is their absence
	endFailure                // the question failed recently
	endLoop                   // too many aliases
)

// walk is the chain from a question to its answer: CNAME sets, then the set
// asked for or its absence.
type walk struct {
	name  string // the name at the end of the chain
	links [maxAliases + 1]*rrset
	n     int
	end   walkEnd
}

// follow extends the chain through the cache, with sets that expired not
// longer than maxAge ago.
func (w *walk) follow(c *cache, q question, now int64, maxAge time.Duration) {
	if w.n == 0 {
		w.name = q.name
	}
	for {
		w.end = endUnknown
		node := c.get(w.name)
		if node == nil {
			return
		}
		set := node.known(q, now, maxAge)
		if set == nil {
			if maxAge == 0 && w.n == 0 && node.find(q.qtype, failure, q.subnet).usable(now, 0) {
				w.end = endFailure
			}
			return
		}
		if !w.add(set, q.qtype) {
			return
		}
	}
}

// known is the usable set that decides a type: the records, their absence, a
// CNAME, or the absence of the name. What came with a referral does not
// decide anything.
func (n *cacheNode) known(q question, now int64, maxAge time.Duration) *rrset {
	for _, rrtype := range [...]uint16{q.qtype, mdns.TypeCNAME, mdns.TypeNone} {
		set := n.find(rrtype, records, q.subnet)
		if set.usable(now, maxAge) && set.rank == rankAnswer && (rrtype != mdns.TypeCNAME || rrtype == q.qtype || set.content == records) {
			return set
		}
	}
	return nil
}

// add appends a set; true means that the chain goes on at w.name.
func (w *walk) add(set *rrset, qtype uint16) bool {
	if w.n == len(w.links) {
		w.end = endLoop
		return false
	}
	w.links[w.n] = set
	w.n++
	switch {
	case set.content != records:
		w.end = endAbsence
		return false
	case set.rrtype == qtype:
		w.end = endRecords
		return false
	}
	w.name, w.end = set.target, endUnknown
	return true
}

// answer turns a complete chain into an answer. staleTTL is the TTL of
// records that have expired.
func (w *walk) answer(q question, now int64, staleTTL time.Duration) Answer {
	last := w.links[w.n-1]
	answer := Answer{Rcode: mdns.RcodeSuccess, Server: last.server}
	if last.content == noName {
		answer.Rcode = mdns.RcodeNameError
	}
	if last.rrtype == q.qtype {
		answer.Addrs = last.addrs
	}
	size := 0
	for _, set := range w.links[:w.n] {
		size += len(set.rrs)
	}
	if size == 0 {
		return answer
	}
	answer.Chain = make([]mdns.RR, 0, size)
	for _, set := range w.links[:w.n] {
		ttl := set.remaining(now, staleTTL)
		for _, rr := range set.rrs {
			answer.Chain = append(answer.Chain, withTTL(rr, ttl))
		}
	}
	return answer
}

// remaining is the TTL left in whole seconds.
func (s *rrset) remaining(now int64, staleTTL time.Duration) uint32 {
	if left := time.Duration(s.expires - now); left >= 0 {
		return uint32(left / time.Second)
	}
	return uint32(staleTTL / time.Second)
}

// withTTL copies a record with another TTL; slices stay shared.
func withTTL(rr mdns.RR, ttl uint32) mdns.RR {
	switch rr := rr.(type) {
	case *mdns.A:
		c := *rr
		c.Hdr.Ttl = ttl
		return &c
	case *mdns.AAAA:
		c := *rr
		c.Hdr.Ttl = ttl
		return &c
	case *mdns.CNAME:
		c := *rr
		c.Hdr.Ttl = ttl
		return &c
	default:
		c := mdns.Copy(rr)
		c.Header().Ttl = ttl
		return c
	}
}
