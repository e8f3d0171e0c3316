package querylog

import (
	"encoding/binary"
	"encoding/json"
	"net/netip"

	mdns "github.com/miekg/dns"
)

// jsonEntry is an entry as the product's log API returns it. IPv4 addresses
// are integers there; IPv6 addresses have fields of their own, or none.
type jsonEntry struct {
	ADF             bool        `json:"adf"`
	Significant     int         `json:"significant"`
	UDF             bool        `json:"udf"`
	Significance    string      `json:"significance,omitempty"`
	Report          string      `json:"report_timestamp"`
	Start           string      `json:"start_timestamp"`
	TotalTime       int64       `json:"total_time"`
	ServiceEngine   string      `json:"service_engine"`
	VCPU            int         `json:"vcpu_id"`
	VirtualService  string      `json:"virtualservice"`
	VSIP            uint32      `json:"vs_ip"`
	VSIP6           string      `json:"vs_ip6,omitempty"`
	ClientIP        uint32      `json:"client_ip"`
	ClientIP6       string      `json:"client_ip6,omitempty"`
	ClientLocation  string      `json:"client_location,omitempty"`
	ClientPort      uint16      `json:"client_src_port"`
	DestPort        uint16      `json:"client_dest_port"`
	Filter          string      `json:"client_log_filter_name,omitempty"`
	Protocol        string      `json:"protocol"`
	FQDN            string      `json:"dns_fqdn,omitempty"`
	QType           string      `json:"dns_qtype,omitempty"`
	EType           string      `json:"dns_etype,omitempty"`
	IPs             []uint32    `json:"dns_ips,omitempty"`
	Request         jsonRequest `json:"dns_request"`
	Response        *jsonReply  `json:"dns_response,omitempty"`
	GSLBService     string      `json:"gslbservice,omitempty"`
	GSLBServiceName string      `json:"gslbservice_name,omitempty"`
	GSLBPoolName    string      `json:"gslbpool_name,omitempty"`
	TopologyRule    string      `json:"topology_policy_rule_name,omitempty"`
	RxBytes         int         `json:"rx_bytes"`
	TxBytes         int         `json:"tx_bytes"`
	TotalBytes      int         `json:"total_bytes"`
}

type jsonRequest struct {
	ID               uint16 `json:"identifier"`
	Opcode           string `json:"opcode"`
	Questions        int    `json:"question_count"`
	RecursionDesired bool   `json:"recursion_desired"`
}

type jsonReply struct {
	Rcode         string       `json:"response_code"`
	Authoritative bool         `json:"authoritative_answer"`
	Truncated     bool         `json:"truncation"`
	Wildcard      bool         `json:"is_wildcard"`
	FallbackUsed  bool         `json:"fallback_algorithm_used"`
	Answers       int          `json:"answer_records_count"`
	NameServers   int          `json:"nameserver_records_count"`
	Additional    int          `json:"additional_records_count"`
	Records       []jsonRecord `json:"records,omitempty"`
}

type jsonRecord struct {
	Type     string `json:"type"`
	TTL      uint32 `json:"ttl"`
	Addr     uint32 `json:"addr_ip,omitempty"`
	Addr6    string `json:"addr6_ip_str,omitempty"`
	CNAME    string `json:"cname,omitempty"`
	NSName   string `json:"nsname,omitempty"`
	SiteName string `json:"site_name,omitempty"`
	VSName   string `json:"vs_name,omitempty"`
}

// MarshalJSON writes the entry as the product's log API returns it.
func (e Entry) MarshalJSON() ([]byte, error) {
	out := jsonEntry{
		ADF: e.Significance != "", UDF: e.Filter != "", Significance: e.Significance,
		Report: timestamp(&e), Start: timestamp(&e), TotalTime: e.Took.Milliseconds(),
		ServiceEngine: e.ServiceEngine, VCPU: e.VCPU, VirtualService: e.VirtualService,
		VSIP: number(e.VSAddr), VSIP6: addrText(e.VSAddr, true),
		ClientIP: number(e.ClientAddr), ClientIP6: addrText(e.ClientAddr, true), ClientLocation: e.ClientLocation,
		ClientPort: e.ClientPort, DestPort: e.VSPort, Filter: e.Filter, Protocol: protocol(&e),
		FQDN: e.FQDN, QType: typeName(e.QType), EType: e.EType.String(),
		Request: jsonRequest{
			ID: e.Request.ID, Opcode: opcodeName(e.Request.Opcode), Questions: e.Request.Questions,
			RecursionDesired: e.Request.RecursionDesired,
		},
		Response:    e.Response.json(),
		GSLBService: e.GSLBService, GSLBServiceName: e.GSLBServiceName, GSLBPoolName: e.GSLBPoolName,
		TopologyRule: e.TopologyRule, RxBytes: e.RxBytes, TxBytes: e.TxBytes, TotalBytes: e.RxBytes + e.TxBytes,
	}
	if out.ADF {
		out.Significant = 1
	}
	for _, ip := range e.IPs {
		if ip.Is4() {
			out.IPs = append(out.IPs, number(ip))
		}
	}
	return json.Marshal(out)
}

func (r *Response) json() *jsonReply {
	if !r.Sent {
		return nil
	}
	out := &jsonReply{
		Rcode: rcodeName(r.Rcode), Authoritative: r.Authoritative, Truncated: r.Truncated,
		Wildcard: r.Wildcard, FallbackUsed: r.FallbackUsed,
		Answers: r.Answers, NameServers: r.NameServers, Additional: r.Additional,
	}
	for _, record := range r.Records {
		rec := jsonRecord{Type: typeName(record.Type), TTL: record.TTL, SiteName: record.Site, VSName: record.VirtualService}
		switch record.Type {
		case mdns.TypeA, mdns.TypeAAAA:
			if addr, err := netip.ParseAddr(record.Data); err == nil {
				rec.Addr, rec.Addr6 = number(addr), addrText(addr, true)
			}
		case mdns.TypeCNAME:
			rec.CNAME = record.Data
		case mdns.TypeNS:
			rec.NSName = record.Data
		}
		out.Records = append(out.Records, rec)
	}
	return out
}

// number is an IPv4 address as an integer; 0 for others.
func number(a netip.Addr) uint32 {
	if !a.Is4() {
		return 0
	}
	b := a.As4()
	return binary.BigEndian.Uint32(b[:])
}

var _ json.Marshaler = Entry{}
