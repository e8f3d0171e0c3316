package dns

import (
	"fmt"

	mdns "github.com/miekg/dns"
)

// SOA numbers besides the minimum, as captured in a 20.1 lab.
const (
	soaSerial  = 1
	soaRefresh = 10800
	soaRetry   = 3600
	soaExpire  = 86400
)

// zone is a domain the virtual service is authoritative for.
type zone struct {
	domain     string // canonical
	nameServer string
	mailbox    string
	ttl        uint32 // negative caching TTL
	wire       *wireSOA
}

func (t *Table) addZones() error {
	p := &t.profile
	t.zones = make(map[string]*zone, len(p.Domains)+len(p.Zones))
	for _, domain := range p.Domains {
		if err := t.addZone(Zone{Domain: domain}); err != nil {
			return err
		}
	}
	for _, z := range p.Zones {
		if err := t.addZone(z); err != nil {
			return err
		}
	}
	return nil
}

// addZone adds an authoritative domain. Fields the zone leaves empty come
// from the profile; the name server is the domain itself where both are
// empty.
func (t *Table) addZone(z Zone) error {
	domain, err := canonical(z.Domain)
	if err != nil {
		return fmt.Errorf("profile: authoritative domain: %w", err)
	}
	nameServer, mailbox := domain, "hostmaster"
	for _, name := range [...]string{t.profile.NameServer, z.NameServer} {
		if name != "" {
			nameServer = name
		}
	}
	for _, name := range [...]string{t.profile.AdminEmail, z.AdminEmail} {
		if name != "" {
			mailbox = name
		}
	}
	made := &zone{
		domain:     domain,
		nameServer: mdns.Fqdn(nameServer),
		mailbox:    soaMailbox(mailbox),
		ttl:        t.profile.NegativeTTL,
	}
	made.wire = newWireSOA(made.soa())
	t.zones[domain] = made
	return nil
}

// soaMailbox is the rname for an e-mail setting. The setting is used as a
// name as it stands: a lab capture shows an @ inside the first label.
// Unconfirmed for settings without a domain, such as the default.
func soaMailbox(email string) string { return mdns.Fqdn(email) }

// zoneOf is the longest authoritative domain a name is in, or nil.
func (t *Table) zoneOf(name string) *zone {
	if len(t.zones) == 0 {
		return nil
	}
	for up, ok := name, true; ok; up, ok = parent(up) {
		if z := t.zones[up]; z != nil {
			return z
		}
	}
	return nil
}

// soa is the zone's SOA record.
func (z *zone) soa() *mdns.SOA {
	return &mdns.SOA{
		Hdr:     mdns.RR_Header{Name: z.domain, Rrtype: mdns.TypeSOA, Class: mdns.ClassINET, Ttl: z.ttl},
		Ns:      z.nameServer,
		Mbox:    z.mailbox,
		Serial:  soaSerial,
		Refresh: soaRefresh,
		Retry:   soaRetry,
		Expire:  soaExpire,
		Minttl:  z.ttl,
	}
}

// atZone tells whether the query is answered by the zone itself: SOA of an
// authoritative domain, or its NS where no NS record is configured. Other
// types of a domain without an entry are an unknown name (seen in a lab).
func (q *query) atZone(found finding) bool {
	if q.zone == nil || q.zone.domain != q.name {
		return false
	}
	switch q.qtype {
	case mdns.TypeSOA:
		return true
	case mdns.TypeNS:
		return found.service == nil && found.node == nil
	default:
		return false
	}
}

func (q *query) answerZone() {
	q.d.Match, q.d.Owner, q.d.Wildcard = MatchZone, q.name, false
	if q.qtype != mdns.TypeSOA {
		q.emptyAnswer(true)
		return
	}
	q.begin(mdns.RcodeSuccess, true)
	soa := q.zone.soa()
	soa.Hdr.Name = q.asked
	q.reply.Answer = append(q.reply.Answer, soa)
}
