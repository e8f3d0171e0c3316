package resolver

import (
	"net/netip"
	"slices"
	"time"

	mdns "github.com/miekg/dns"
)

// rank is how far a set of records can be trusted (RFC 2181 section 5.4.1).
type rank uint8

const (
	rankReferral rank = iota // NS of a referral and its glue
	rankAnswer               // asked for and answered
)

// rrset is what is known about one type of a name: records, their absence, or
// that finding out failed.
type rrset struct {
	rrtype  uint16
	content content
	rank    rank
	rrs     []mdns.RR
	addrs   []netip.Addr // of A and AAAA records
	target  string       // of a CNAME, canonical
	server  netip.Addr   // who said so
	scope   netip.Prefix // the clients that it is for; the zero Prefix: all
	expires int64        // Unix time in ns
}

// content is what an rrset holds.
type content uint8

const (
	records content = iota
	noData          // the name has no records of the type
	noName          // the name does not exist; kept under type 0
	failure         // resolution failed
)

// cacheNode is a name with its sets, in a list ordered by use.
type cacheNode struct {
	name         string
	sets         []*rrset
	newer, older *cacheNode
}

// cache keeps sets by name. The zero cache holds limit sets.
type cache struct {
	limit          int
	size           int // sets
	nodes          map[string]*cacheNode
	newest, oldest *cacheNode
}

// find returns the set of a type for a client's network, fresh or not, or
// nil: of several the one for the fewest clients (RFC 7871 section 7.3.1).
func (n *cacheNode) find(rrtype uint16, c content, subnet netip.Prefix) *rrset {
	var found *rrset
	for _, set := range n.sets {
		if set.rrtype == rrtype && (set.content == failure) == (c == failure) && set.serves(subnet) &&
			(found == nil || covers(found.scope, set.scope)) {
			found = set
		}
	}
	return found
}

// usable tells whether a set has not expired, or not by more than maxAge.
func (s *rrset) usable(now int64, maxAge time.Duration) bool {
	return s != nil && now < s.expires+int64(maxAge)
}

// get returns a name's node and marks it used.
func (c *cache) get(name string) *cacheNode {
	n := c.nodes[name]
	if n != nil && n != c.newest {
		c.unlink(n)
		c.link(n)
	}
	return n
}

// put keeps a set. Glue does not replace answers that are still good. An
// answered absence ends what was known before, so that it cannot come back
// as stale; that also holds for sets that expire at once.
func (c *cache) put(name string, set *rrset, now int64) {
	n := c.get(name)
	if n == nil {
		n = c.add(name)
	}
	kept := n.sets[:0]
	for _, old := range n.sets {
		if old.rrtype == set.rrtype && old.rank > set.rank && covers(old.scope, set.scope) && old.usable(now, 0) && old.content != failure && set.content != failure {
			return
		}
	}
	for _, old := range n.sets {
		if !set.replaces(old) {
			kept = append(kept, old)
		}
	}
	c.size += len(kept) + 1 - len(n.sets)
	clear(n.sets[len(kept):])
	n.sets = append(kept, set)
	if len(n.sets) > maxSetsPerName {
		n.sets = slices.Delete(n.sets, 0, 1)
		c.size--
	}
	for c.size > c.limit && c.oldest != n {
		c.evict(c.oldest)
	}
}

// replaces tells whether knowing s ends old.
func (s *rrset) replaces(old *rrset) bool {
	if s.content == failure || old.content == failure {
		return s.rrtype == old.rrtype && old.content == failure
	}
	if s.content == noName || old.content == noName {
		return true
	}
	// Glue is for all clients, but does not speak for those who were answered.
	return s.rrtype == old.rrtype && covers(s.scope, old.scope) && (s.rank >= old.rank || !old.scope.IsValid())
}

func (c *cache) add(name string) *cacheNode {
	if c.nodes == nil {
		c.nodes = make(map[string]*cacheNode)
	}
	n := &cacheNode{name: name}
	c.nodes[name] = n
	c.link(n)
	return n
}

func (c *cache) evict(n *cacheNode) {
	c.size -= len(n.sets)
	c.unlink(n)
	delete(c.nodes, n.name)
}

// link makes n the newest node.
func (c *cache) link(n *cacheNode) {
	n.newer, n.older = nil, c.newest
	if c.newest != nil {
		c.newest.newer = n
	}
	c.newest = n
	if c.oldest == nil {
		c.oldest = n
	}
}

func (c *cache) unlink(n *cacheNode) {
	if n.newer != nil {
		n.newer.older = n.older
	} else {
		c.newest = n.older
	}
	if n.older != nil {
		n.older.newer = n.newer
	} else {
		c.oldest = n.newer
	}
	n.newer, n.older = nil, nil
}
