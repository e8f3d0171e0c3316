package querylog

import (
	"fmt"
	"net/netip"

	mdns "github.com/miekg/dns"

	"github.com/gslbsim/gslbsim/dns"
)

// Request is the logged part of a query (dns_request).
type Request struct {
	ID               uint16
	Opcode           int
	Response         bool // the QR bit was set
	RecursionDesired bool
	AuthenticData    bool
	CheckingDisabled bool
	Questions        int
	Answers          int
	NameServers      int
	Additional       int
	OPT              *OPT // nil without an OPT record
	Location         *dns.Location
}

// Response is the logged part of a reply (dns_response).
type Response struct {
	Sent             bool // false: the query was dropped
	Opcode           int
	Rcode            int
	Authoritative    bool
	Truncated        bool
	RecursionDesired bool
	Wildcard         bool
	FallbackUsed     bool
	Questions        int
	Answers          int
	NameServers      int
	Additional       int
	OPT              *OPT
	Records          []Record
}

// OPT is the logged part of an OPT record (opt_record).
type OPT struct {
	UDPSize  uint16
	Version  uint8
	DNSSECOK bool
	// Subnet is the network of a client subnet option, Scope its scope in
	// bits; an invalid Prefix without one.
	Subnet netip.Prefix
	Scope  int
}

// Record is one record of the answer section with the pool member behind it.
type Record struct {
	Name  string
	Type  uint16
	Class uint16
	TTL   uint32
	// Data is the address, target or other data in presentation format.
	Data string
	// Port of an SRV record; Priority of an SRV or MX record.
	Port, Priority uint16
	Target         string // of an SRV or MX record
	Site           string
	VirtualService string
	Location       *dns.Location // of the member, where it is configured
}

func newRequest(d *dns.Decision, query *mdns.Msg) Request {
	r := Request{
		ID:               query.Id,
		Opcode:           query.Opcode,
		Response:         query.Response,
		RecursionDesired: query.RecursionDesired,
		AuthenticData:    query.AuthenticatedData,
		CheckingDisabled: query.CheckingDisabled,
		Questions:        len(query.Question),
		Answers:          len(query.Answer),
		NameServers:      len(query.Ns),
		Additional:       len(query.Extra),
		OPT:              newOPT(query),
	}
	if d.Located {
		loc := d.Location
		r.Location = &loc
	}
	return r
}

func newResponse(d *dns.Decision, reply *mdns.Msg) Response {
	r := Response{
		Sent:             true,
		Opcode:           reply.Opcode,
		Rcode:            reply.Rcode,
		Authoritative:    reply.Authoritative,
		Truncated:        reply.Truncated,
		RecursionDesired: reply.RecursionDesired,
		Wildcard:         d.Wildcard,
		FallbackUsed:     d.FallbackUsed,
		Questions:        len(reply.Question),
		Answers:          len(reply.Answer),
		NameServers:      len(reply.Ns),
		Additional:       len(reply.Extra),
		OPT:              newOPT(reply),
	}
	for i, rr := range reply.Answer {
		record := newRecord(rr)
		if i < len(d.Members) {
			m := d.Members[i]
			record.Site, record.VirtualService, record.Location = m.Site, m.VirtualService, m.Location
		}
		r.Records = append(r.Records, record)
	}
	return r
}

func newRecord(rr mdns.RR) Record {
	h := rr.Header()
	r := Record{Name: h.Name, Type: h.Rrtype, Class: h.Class, TTL: h.Ttl, Data: data(rr)}
	switch rr := rr.(type) {
	case *mdns.MX:
		r.Priority, r.Target = rr.Preference, rr.Mx
	case *mdns.SRV:
		r.Priority, r.Port, r.Target = rr.Priority, rr.Port, rr.Target
	}
	return r
}

func newOPT(msg *mdns.Msg) *OPT {
	opt := msg.IsEdns0()
	if opt == nil {
		return nil
	}
	out := &OPT{UDPSize: opt.UDPSize(), Version: opt.Version(), DNSSECOK: opt.Do()}
	for _, option := range opt.Option {
		if e, ok := option.(*mdns.EDNS0_SUBNET); ok {
			addr, _ := netip.AddrFromSlice(e.Address)
			if e.Family == 1 {
				addr = addr.Unmap()
			}
			out.Subnet, out.Scope = netip.PrefixFrom(addr, int(e.SourceNetmask)), int(e.SourceScope)
		}
	}
	return out
}

func (r *Request) text() string {
	return fmt.Sprintf("identifier=%d opcode=%s question_count=%d recursion_desired=%t opt_record=%t",
		r.ID, opcodeName(r.Opcode), r.Questions, r.RecursionDesired, r.OPT != nil)
}

func (r *Response) text() string {
	if !r.Sent {
		return ""
	}
	return fmt.Sprintf("response_code=%s authoritative_answer=%t truncation=%t is_wildcard=%t fallback_algorithm_used=%t"+
		" answer_records_count=%d nameserver_records_count=%d additional_records_count=%d",
		rcodeName(r.Rcode), r.Authoritative, r.Truncated, r.Wildcard, r.FallbackUsed,
		r.Answers, r.NameServers, r.Additional)
}
