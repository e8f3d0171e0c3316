package dns

import (
	"fmt"
	"net/netip"
	"slices"

	mdns "github.com/miekg/dns"
)

// recordNode is a name with all its records.
type recordNode struct {
	sets       []*recordSet // in the order the types first appeared
	delegation *recordSet   // the NS set, if it is a zone cut
	wildcard   bool         // some set answers names below
}

// recordSet are the records of one name and type.
type recordSet struct {
	rrtype   uint16
	ttl      uint32
	first    *Record // whose settings apply
	wildcard bool
	values   []mdns.RR    // data complete; owner name and TTL are set per reply
	addrs    []netip.Addr // the values' addresses, if they are A or AAAA records
	hashes   []uint64     // one per value, if the set picks
	glue     []mdns.RR    // owner name set, for NS sets
	turns    cursorID
}

// find returns the set of a type; of a node found as a wildcard, only sets
// that are one.
func (n *recordNode) find(rrtype uint16, wildcard bool) *recordSet {
	for _, set := range n.sets {
		if set.rrtype == rrtype && (set.wildcard || !wildcard) {
			return set
		}
	}
	return nil
}

func (t *Table) addRecords(records []Record) error {
	t.records = make(map[string]*recordNode)
	for i := range records {
		record := cloneRecord(&records[i])
		if err := t.addRecord(record); err != nil {
			return fmt.Errorf("%v %v %s: %w", record.Origin, record.Names, mdns.Type(record.Type), err)
		}
	}
	for _, node := range t.records {
		t.completeNode(node)
	}
	return nil
}

func cloneRecord(r *Record) *Record {
	clone := *r
	clone.Names = slices.Clone(r.Names)
	clone.Addrs = slices.Clone(r.Addrs)
	clone.NS = slices.Clone(r.NS)
	clone.MX = slices.Clone(r.MX)
	clone.TXT = slices.Clone(r.TXT)
	clone.SRV = slices.Clone(r.SRV)
	return &clone
}

func (t *Table) addRecord(r *Record) error {
	if err := checkRecord(r); err != nil {
		return err
	}
	for _, given := range r.Names {
		name, err := canonical(given)
		if err != nil {
			return err
		}
		node := t.records[name]
		if node == nil {
			node = &recordNode{}
			t.records[name] = node
		}
		if err := node.add(name, r, &t.profile); err != nil {
			return err
		}
	}
	return nil
}

func (n *recordNode) add(name string, r *Record, profile *Profile) error {
	ttl := profile.TTL
	if r.TTL != nil {
		ttl = *r.TTL
	}
	set := n.find(r.Type, false)
	if set == nil {
		owner := mixString(0, name)
		set = &recordSet{rrtype: r.Type, ttl: ttl, first: r}
		set.turns = cursorID{owner: owner, key: mixPair(owner, uint64(r.Type))}
		n.sets = append(n.sets, set)
	}
	// Records of one set must agree on the TTL (RFC 2181 section 5.2).
	set.ttl = min(set.ttl, ttl)
	set.wildcard = set.wildcard || r.Wildcard
	for _, rr := range recordData(r) {
		if !slices.ContainsFunc(set.values, func(o mdns.RR) bool { return mdns.IsDuplicate(o, rr) }) {
			set.values = append(set.values, rr)
		}
	}
	n.wildcard = n.wildcard || r.Wildcard
	if r.Delegated {
		n.delegation = set
	}
	cname := n.find(mdns.TypeCNAME, false)
	if cname != nil && (len(n.sets) > 1 || len(cname.values) > 1) {
		return fmt.Errorf("%s has a CNAME and other records: a CNAME must be the only record of its name", name)
	}
	return nil
}

// completeNode works out what needs all records of the table.
func (t *Table) completeNode(n *recordNode) {
	for _, set := range n.sets {
		set.addrs = addressesOf(set.values)
		if set.picks() {
			set.identify()
		}
		if set.rrtype == mdns.TypeNS {
			set.glue = t.glueFor(set)
		}
	}
	t.below = t.below || n.wildcard || n.delegation != nil
}

// picks tells whether a reply may hold only some of the values.
func (s *recordSet) picks() bool { return s.first.NumIPs > 0 && len(s.values) > 1 }

// identify gives the values the hashes that picking among them needs.
func (s *recordSet) identify() {
	for _, rr := range s.values {
		h := mixString(uint64(s.rrtype), rr.String())
		s.hashes = append(s.hashes, h)
		s.turns.sig = mixPair(s.turns.sig, h)
	}
}

// glueFor lists the addresses of a set's name servers: as configured with
// the NS record, else the table's own records.
func (t *Table) glueFor(set *recordSet) []mdns.RR {
	var glue []mdns.RR
	given := make(map[string][]netip.Addr)
	for _, ns := range set.first.NS {
		given[mdns.CanonicalName(ns.Host)] = ns.Addrs
	}
	for _, rr := range set.values {
		host := rr.(*mdns.NS).Ns
		key := mdns.CanonicalName(host)
		if addrs := given[key]; len(addrs) > 0 {
			for _, addr := range addrs {
				glue = append(glue, addressRR(mdns.RR_Header{Name: host, Class: mdns.ClassINET, Ttl: set.ttl}, addr))
			}
			continue
		}
		if node := t.records[key]; node != nil {
			glue = append(glue, node.addresses(host)...)
		}
	}
	return glue
}

// addresses lists the node's A and AAAA records under a name.
func (n *recordNode) addresses(name string) []mdns.RR {
	var rrs []mdns.RR
	for _, rrtype := range [...]uint16{mdns.TypeA, mdns.TypeAAAA} {
		if set := n.find(rrtype, false); set != nil {
			for _, value := range set.values {
				rrs = append(rrs, set.named(value, name))
			}
		}
	}
	return rrs
}

// named is a value as a record of a name.
func (s *recordSet) named(value mdns.RR, name string) mdns.RR {
	rr := mdns.Copy(value)
	header := rr.Header()
	header.Name, header.Ttl = name, s.ttl
	return rr
}

// addressRR is an A or AAAA record.
func addressRR(header mdns.RR_Header, addr netip.Addr) mdns.RR {
	if addr.Is4() {
		header.Rrtype = mdns.TypeA
		return &mdns.A{Hdr: header, A: addr.AsSlice()}
	}
	header.Rrtype = mdns.TypeAAAA
	return &mdns.AAAA{Hdr: header, AAAA: addr.AsSlice()}
}

// addressesOf lists the addresses of A and AAAA records.
func addressesOf(rrs []mdns.RR) []netip.Addr {
	var addrs []netip.Addr
	for _, rr := range rrs {
		switch rr := rr.(type) {
		case *mdns.A:
			addr, _ := netip.AddrFromSlice(rr.A)
			addrs = append(addrs, addr.Unmap())
		case *mdns.AAAA:
			addr, _ := netip.AddrFromSlice(rr.AAAA)
			addrs = append(addrs, addr)
		}
	}
	return addrs
}

// recordData turns a record into RRs without owner name and TTL.
func recordData(r *Record) []mdns.RR {
	header := mdns.RR_Header{Rrtype: r.Type, Class: mdns.ClassINET}
	var rrs []mdns.RR
	switch r.Type {
	case mdns.TypeA, mdns.TypeAAAA:
		for _, addr := range r.Addrs {
			rrs = append(rrs, addressRR(header, addr))
		}
	case mdns.TypeCNAME:
		rrs = append(rrs, &mdns.CNAME{Hdr: header, Target: mdns.Fqdn(r.CNAME)})
	case mdns.TypeNS:
		for _, ns := range r.NS {
			rrs = append(rrs, &mdns.NS{Hdr: header, Ns: mdns.Fqdn(ns.Host)})
		}
	case mdns.TypeMX:
		for _, mx := range r.MX {
			rrs = append(rrs, &mdns.MX{Hdr: header, Preference: mx.Preference, Mx: mdns.Fqdn(mx.Host)})
		}
	case mdns.TypeSRV:
		for _, srv := range r.SRV {
			rrs = append(rrs, &mdns.SRV{Hdr: header, Priority: srv.Priority, Weight: srv.Weight, Port: srv.Port,
				Target: mdns.Fqdn(srv.Target)})
		}
	case mdns.TypeTXT:
		for _, text := range r.TXT {
			rrs = append(rrs, &mdns.TXT{Hdr: header, Txt: characterStrings(text)})
		}
	}
	return rrs
}

// characterStrings cuts a text into strings of at most 255 bytes, in the
// escaped form that the protocol library keeps them in.
func characterStrings(text string) []string {
	var parts []string
	for begin := 0; begin == 0 || begin < len(text); begin += 255 {
		part := text[begin:min(begin+255, len(text))]
		escaped := make([]byte, 0, len(part))
		for i := range len(part) {
			if part[i] == '\\' || part[i] == '"' {
				escaped = append(escaped, '\\')
			}
			escaped = append(escaped, part[i])
		}
		parts = append(parts, string(escaped))
	}
	return parts
}
