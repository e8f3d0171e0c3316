package resolver

import (
	"net/netip"
	"time"

	mdns "github.com/miekg/dns"
)

// reading is a reply being taken in: only what its server may speak for, the
// zone it was asked for, is believed.
type reading struct {
	t      *task
	server netip.Addr
	reply  *mdns.Msg
	scope  netip.Prefix // the clients that its answers are for
	now    int64
	alias  bool // the chain grew by an alias of this reply
}

// read extends the chain with what a reply says and goes on: to the next
// name, the zone below, the answer, or the next server if it says nothing.
func (t *task) read(server netip.Addr, reply *mdns.Msg, scope netip.Prefix) {
	rd := reading{t: t, server: server, reply: reply, scope: scope, now: time.Now().UnixNano()}
	for t.inZone() {
		set := rd.collect(t.walk.name)
		if set == nil {
			break
		}
		name := t.walk.name
		goesOn := t.walk.add(set, t.q.qtype)
		t.r.cache.put(name, set, rd.now)
		if !goesOn {
			t.conclude(rd.now)
			return
		}
		rd.alias = true
	}
	if !t.inZone() {
		t.step() // an alias to a name elsewhere
		return
	}
	rd.readEnd()
}

// inZone tells whether the chain's end is a name the server may speak for.
func (t *task) inZone() bool { return mdns.IsSubDomain(t.zone.name, t.walk.name) }

// conclude ends the task when the chain is complete.
func (t *task) conclude(now int64) {
	if t.walk.end == endLoop {
		t.fail(ErrLimit)
		return
	}
	t.succeed(now)
}

// readEnd reads what a reply says about the chain's end besides records: that
// it does not exist, has no such records, or lies in a zone below.
func (rd *reading) readEnd() {
	t := rd.t
	soa := rd.soa()
	below := rd.referral()
	switch {
	case rd.reply.Rcode == mdns.RcodeNameError:
		rd.absent(noName, mdns.TypeNone, soa)
	case below != nil:
		rd.follow(below)
	case soa != nil:
		rd.absent(noData, t.q.qtype, soa)
	case rd.alias:
		t.step() // the server stopped at an alias
	case rd.reply.Authoritative:
		rd.absent(noData, t.q.qtype, nil)
	default:
		t.ruleOut(rd.server) // it does not serve the zone
	}
}

// absent ends the chain with the absence of a name or of its records, which
// holds for all clients whatever the scope (RFC 7871 section 7.4).
func (rd *reading) absent(c content, rrtype uint16, soa *mdns.SOA) {
	t := rd.t
	set := &rrset{rrtype: rrtype, content: c, rank: rankAnswer, server: rd.server, expires: rd.now}
	if soa != nil {
		ttl := time.Duration(min(soa.Hdr.Ttl, soa.Minttl)) * time.Second
		set.expires += int64(min(ttl, t.r.cfg.MaxNegativeTTL))
	}
	name := t.walk.name
	t.walk.add(set, t.q.qtype)
	t.r.cache.put(name, set, rd.now)
	t.conclude(rd.now)
}

// soa is the SOA record in the authority section of a zone that the chain's
// end is in, or nil.
func (rd *reading) soa() *mdns.SOA {
	for _, rr := range rd.reply.Ns {
		soa, ok := rr.(*mdns.SOA)
		if ok && mdns.IsSubDomain(soa.Hdr.Name, rd.t.walk.name) && mdns.IsSubDomain(rd.t.zone.name, soa.Hdr.Name) {
			return soa
		}
	}
	return nil
}

// collect gathers the records of a name in the answer section: of the type
// asked for, or else a CNAME. Nil if there are none.
func (rd *reading) collect(name string) *rrset {
	for _, rrtype := range [...]uint16{rd.t.q.qtype, mdns.TypeCNAME} {
		set := rd.gather(rd.reply.Answer, name, rrtype, rankAnswer)
		if set != nil {
			set.scope = rd.scope
			return set
		}
	}
	return nil
}

// gather makes a set of the records of a name and type in a section.
func (rd *reading) gather(section []mdns.RR, name string, rrtype uint16, rank rank) *rrset {
	var set *rrset
	ttl := rd.t.r.cfg.MaxTTL
	for _, rr := range section {
		header := rr.Header()
		if header.Rrtype != rrtype || header.Class != mdns.ClassINET || canonicalName(header.Name) != name {
			continue
		}
		if set == nil {
			set = &rrset{rrtype: rrtype, rank: rank, server: rd.server}
		}
		set.append(rr)
		ttl = min(ttl, time.Duration(header.Ttl)*time.Second)
	}
	if set != nil {
		set.expires = rd.now + int64(max(ttl, rd.t.r.cfg.MinTTL))
	}
	return set
}

// append adds a record. Only one CNAME counts.
func (s *rrset) append(rr mdns.RR) {
	switch rr := rr.(type) {
	case *mdns.A:
		s.appendAddr(rr.A)
	case *mdns.AAAA:
		s.appendAddr(rr.AAAA)
	case *mdns.CNAME:
		if s.target != "" {
			return
		}
		s.target = canonicalName(rr.Target)
	}
	s.rrs = append(s.rrs, rr)
}

func (s *rrset) appendAddr(ip []byte) {
	if addr, ok := netip.AddrFromSlice(ip); ok {
		s.addrs = append(s.addrs, addr.Unmap())
	}
}

// referral finds the NS records of a zone below the one asked and at or above
// the chain's end. Nil if there are none.
func (rd *reading) referral() *rrset {
	for _, rr := range rd.reply.Ns {
		zone := canonicalName(rr.Header().Name)
		if rr.Header().Rrtype == mdns.TypeNS && zone != rd.t.zone.name &&
			mdns.IsSubDomain(rd.t.zone.name, zone) && mdns.IsSubDomain(zone, rd.t.walk.name) {
			return rd.gather(rd.reply.Ns, zone, mdns.TypeNS, rankReferral)
		}
	}
	return nil
}

// follow keeps a referral with its glue and goes on in the zone below.
func (rd *reading) follow(ns *rrset) {
	t := rd.t
	t.referrals++
	if t.referrals > maxReferrals {
		t.fail(ErrLimit)
		return
	}
	below := zoneServers{name: canonicalName(ns.rrs[0].Header().Name)}
	t.r.cache.put(below.name, ns, rd.now)
	for _, rr := range ns.rrs {
		host := canonicalName(rr.(*mdns.NS).Ns)
		addrs := rd.glue(host)
		if len(addrs) == 0 {
			addrs = t.r.hostAddrs(host, rd.now)
		}
		for _, addr := range addrs {
			below.add(addr)
		}
		if len(addrs) == 0 && !mdns.IsSubDomain(below.name, host) && len(below.hosts) < maxHostLookups {
			below.hosts = append(below.hosts, host)
		}
	}
	t.enterZone(below)
}

// glue keeps and returns the addresses a reply gives for a name server, if
// they are the server's to tell.
func (rd *reading) glue(host string) []netip.Addr {
	if !mdns.IsSubDomain(rd.t.zone.name, host) {
		return nil
	}
	var addrs []netip.Addr
	for _, rrtype := range [...]uint16{mdns.TypeA, mdns.TypeAAAA} {
		if set := rd.gather(rd.reply.Extra, host, rrtype, rankReferral); set != nil {
			rd.t.r.cache.put(host, set, rd.now)
			addrs = append(addrs, set.addrs...)
		}
	}
	return addrs
}
