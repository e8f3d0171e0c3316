package querylog

import (
	"net/netip"

	mdns "github.com/miekg/dns"

	"github.com/gslbsim/gslbsim/dns"
)

type jsonRequest struct {
	ID               uint16        `json:"identifier"`
	Response         bool          `json:"query_or_response"`
	Opcode           string        `json:"opcode"`
	RecursionDesired bool          `json:"recursion_desired"`
	AuthenticData    bool          `json:"authentic_data"`
	CheckingDisabled bool          `json:"checking_disabled"`
	Questions        int           `json:"question_count"`
	Answers          int           `json:"answer_records_count"`
	NameServers      int           `json:"nameserver_records_count"`
	Additional       int           `json:"additional_records_count"`
	OPT              *jsonOPT      `json:"opt_record,omitempty"`
	Location         *dns.Location `json:"client_location,omitempty"`
}

type jsonReply struct {
	Response         bool         `json:"query_or_response"`
	Opcode           string       `json:"opcode"`
	Rcode            string       `json:"response_code"`
	Authoritative    bool         `json:"authoritative_answer"`
	Truncated        bool         `json:"truncation"`
	RecursionDesired bool         `json:"recursion_desired"`
	Recursion        bool         `json:"recursion_available"`
	Wildcard         bool         `json:"is_wildcard"`
	FallbackUsed     bool         `json:"fallback_algorithm_used"`
	Questions        int          `json:"question_count"`
	Answers          int          `json:"answer_records_count"`
	NameServers      int          `json:"nameserver_records_count"`
	Additional       int          `json:"additional_records_count"`
	OPT              *jsonOPT     `json:"opt_record,omitempty"`
	Records          []jsonRecord `json:"records,omitempty"`
}

type jsonOPT struct {
	UDPSize  uint16       `json:"udp_payload_size"`
	Version  uint8        `json:"version"`
	DNSSECOK bool         `json:"dnssec_ok"`
	Options  []jsonOption `json:"options,omitempty"`
}

type jsonOption struct {
	Code    string `json:"code"`
	Family  int    `json:"addr_family"`
	Source  int    `json:"source_prefix_len"`
	Scope   int    `json:"scope_prefix_len"`
	Subnet  uint32 `json:"subnet_ip,omitempty"`
	Subnet6 string `json:"subnet_ip6,omitempty"`
}

type jsonRecord struct {
	Name       string        `json:"name"`
	Type       string        `json:"type"`
	Class      uint16        `json:"dclass"`
	TTL        uint32        `json:"ttl"`
	Addr       uint32        `json:"addr_ip,omitempty"`
	Addr6      string        `json:"addr6_ip_str,omitempty"`
	CNAME      string        `json:"cname,omitempty"`
	NSName     string        `json:"nsname,omitempty"`
	MailServer string        `json:"mail_server,omitempty"`
	Text       string        `json:"text_rdata,omitempty"`
	Port       uint16        `json:"port,omitempty"`
	Priority   uint16        `json:"priority,omitempty"`
	SiteName   string        `json:"site_name,omitempty"`
	VSName     string        `json:"vs_name,omitempty"`
	Location   *dns.Location `json:"location,omitempty"`
}

func (r *Request) json() jsonRequest {
	return jsonRequest{
		ID: r.ID, Response: r.Response, Opcode: opcodeName(r.Opcode), RecursionDesired: r.RecursionDesired,
		AuthenticData: r.AuthenticData, CheckingDisabled: r.CheckingDisabled,
		Questions: r.Questions, Answers: r.Answers, NameServers: r.NameServers, Additional: r.Additional,
		OPT: r.OPT.json(), Location: r.Location,
	}
}

func (r *Response) json() *jsonReply {
	if !r.Sent {
		return nil
	}
	out := &jsonReply{
		Response: true, Opcode: opcodeName(r.Opcode), Rcode: rcodeName(r.Rcode), Authoritative: r.Authoritative,
		Truncated: r.Truncated, RecursionDesired: r.RecursionDesired, Wildcard: r.Wildcard, FallbackUsed: r.FallbackUsed,
		Questions: r.Questions, Answers: r.Answers, NameServers: r.NameServers, Additional: r.Additional, OPT: r.OPT.json(),
	}
	for i := range r.Records {
		out.Records = append(out.Records, r.Records[i].json())
	}
	return out
}

func (o *OPT) json() *jsonOPT {
	if o == nil {
		return nil
	}
	out := &jsonOPT{UDPSize: o.UDPSize, Version: o.Version, DNSSECOK: o.DNSSECOK}
	if !o.Subnet.Addr().IsValid() {
		return out
	}
	option := jsonOption{
		Code: "EDNS_OPTION_CODE_CLIENT_SUBNET", Family: 1, Source: o.Subnet.Bits(), Scope: o.Scope,
		Subnet: number(o.Subnet.Addr()), Subnet6: addrText(o.Subnet.Addr(), true),
	}
	if o.Subnet.Addr().Is6() {
		option.Family = 2
	}
	out.Options = []jsonOption{option}
	return out
}

func (r *Record) json() jsonRecord {
	out := jsonRecord{
		Name: r.Name, Type: typeName(r.Type), Class: r.Class, TTL: r.TTL, Port: r.Port, Priority: r.Priority,
		SiteName: r.Site, VSName: r.VirtualService, Location: r.Location,
	}
	switch r.Type {
	case mdns.TypeA, mdns.TypeAAAA:
		if addr, err := netip.ParseAddr(r.Data); err == nil {
			out.Addr, out.Addr6 = number(addr), addrText(addr, true)
		}
	case mdns.TypeCNAME:
		out.CNAME = r.Data
	case mdns.TypeNS:
		out.NSName = r.Data
	case mdns.TypeMX:
		out.MailServer = r.Target
	case mdns.TypeTXT:
		out.Text = r.Data
	}
	return out
}
