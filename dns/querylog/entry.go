package querylog

import (
	"net/netip"
	"time"

	mdns "github.com/miekg/dns"

	"github.com/gslbsim/gslbsim/dns"
)

// Entry is the log of one query. Names in parentheses are the product's
// columns.
type Entry struct {
	ID uint64 // number of the entry in its log, from 1 (log_id)

	VirtualService string // its UUID (virtualservice)
	ServiceEngine  string // its name (service_engine)
	VCPU           int    // (vcpu_id)
	VSAddr         netip.Addr
	VSPort         uint16 // (client_dest_port)

	Start          time.Time     // (report_timestamp, start_timestamp)
	Took           time.Duration // (total_time, in ms)
	ClientAddr     netip.Addr    // (client_ip, client_ip6)
	ClientPort     uint16        // (client_src_port)
	ClientLocation string        // (client_location)
	TCP            bool          // (protocol)
	Filter         string        // client log filter that matched (client_log_filter_name)
	RxBytes        int
	TxBytes        int

	FQDN            string       // name asked for, without final dot (dns_fqdn)
	QType           uint16       // (dns_qtype)
	EType           EntryType    // (dns_etype)
	IPs             []netip.Addr // addresses answered (dns_ips)
	GSLBService     string       // UUID (gslbservice)
	GSLBServiceName string       // (gslbservice_name)
	GSLBPoolName    string       // (gslbpool_name)
	TopologyRule    string       // (topology_policy_rule_name)

	Request  Request  // (dns_request)
	Response Response // (dns_response)

	// Significance says why the entry is significant; empty: it is not.
	Significance string
}

// EntryType is what answered (dns_etype).
type EntryType uint8

const (
	// EntryNone: nothing did.
	EntryNone EntryType = iota
	// EntryGSLB: a GSLB service.
	EntryGSLB
	// EntryVirtualService: the FQDN of a virtual service.
	EntryVirtualService
	// EntryStatic: a static record.
	EntryStatic
	// EntryPassThrough: the pass-through pool.
	EntryPassThrough
	// EntryLocal: the DNS virtual service itself (SOA of its zones).
	EntryLocal
)

var entryTypeNames = [...]string{
	"", "DNS_ENTRY_GSLB", "DNS_ENTRY_VIRTUALSERVICE", "DNS_ENTRY_STATIC", "DNS_ENTRY_PASS_THROUGH", "DNS_ENTRY_LOCAL",
}

// String returns the product's enum value; empty for EntryNone.
func (t EntryType) String() string {
	if int(t) < len(entryTypeNames) {
		return entryTypeNames[t]
	}
	return ""
}

// NewEntry fills in what follows from a query, its reply (nil if there was
// none) and the decision. The caller adds where and when it happened.
func NewEntry(d *dns.Decision, query, reply *mdns.Msg) Entry {
	e := Entry{
		FQDN:         trimDot(d.Name),
		QType:        d.Type,
		EType:        entryType(d),
		ClientAddr:   d.Client.Addr,
		TCP:          d.Client.TCP,
		TopologyRule: d.TopologyRule,
		Significance: Significance(d),
	}
	if d.Located {
		e.ClientLocation = d.Location.Name
	}
	if d.Service != nil {
		e.GSLBService, e.GSLBServiceName = d.Service.UUID, d.Service.Name
	}
	if len(d.Pools) > 0 {
		e.GSLBPoolName = d.Pools[0].Name
	}
	if query != nil {
		e.Request = newRequest(d, query)
		e.RxBytes = query.Len()
	}
	if reply != nil {
		e.addReply(d, reply)
	}
	return e
}

func (e *Entry) addReply(d *dns.Decision, reply *mdns.Msg) {
	e.TxBytes = reply.Len()
	e.Response = newResponse(d, reply)
	for _, rr := range reply.Answer {
		if addr, err := netip.ParseAddr(data(rr)); err == nil {
			e.IPs = append(e.IPs, addr)
		}
	}
}

// data is a record's data in presentation format.
func data(rr mdns.RR) string {
	return rr.String()[len(rr.Header().String()):]
}

func trimDot(name string) string {
	if n := len(name); n > 1 && name[n-1] == '.' {
		return name[:n-1]
	}
	return name
}

func entryType(d *dns.Decision) EntryType {
	switch {
	case d.Outcome == dns.PassedThrough:
		return EntryPassThrough
	case d.Match == dns.MatchService:
		return EntryGSLB
	case d.Match == dns.MatchZone:
		return EntryLocal
	case d.Record != nil && d.Record.Origin == dns.VirtualServiceRecord:
		return EntryVirtualService
	case d.Record != nil:
		return EntryStatic
	default:
		return EntryNone
	}
}

// Reasons for an entry to be significant. Each can be excluded by the
// analytics profile (exclude_..._as_error), except the last.
const (
	InvalidQuery     = "invalid DNS query"
	UnsupportedQuery = "unsupported DNS query"
	InvalidDomain    = "invalid DNS domain"
	NoRecord         = "no DNS record"
	ServiceDown      = "GSLB service down"
)

// Significance sorts decisions into the product's kinds of DNS errors, empty
// for one that is none. The
// kinds are documented, what falls under each is unconfirmed: a name outside
// the authoritative domains counts as an invalid domain, one within without
// an entry, or an entry without the asked type, as no record.
func Significance(d *dns.Decision) string {
	switch {
	case d.DownUsed:
		return ServiceDown
	case d.Drop == dns.DropMalformed, d.Drop == dns.DropNotQuery,
		d.Outcome == dns.Rejected && d.Rcode == mdns.RcodeFormatError:
		return InvalidQuery
	case d.Drop == dns.DropUnsupportedQuery, d.Outcome == dns.Rejected:
		return UnsupportedQuery
	case d.Drop == dns.DropOutsideDomains, d.Match == dns.MatchNone && d.Zone == "" && d.Outcome != dns.PassedThrough:
		return InvalidDomain
	case d.Match == dns.MatchNone && d.Outcome != dns.PassedThrough, d.Drop == dns.DropNoIPv6:
		return NoRecord
	default:
		return ""
	}
}
