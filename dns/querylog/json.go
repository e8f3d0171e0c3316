package querylog

import (
	"encoding/binary"
	"encoding/json"
	"net/netip"
)

// jsonEntry is an entry as the product's log API returns it. IPv4 addresses
// are integers there; IPv6 addresses have fields of their own, or none.
type jsonEntry struct {
	ID              uint64      `json:"log_id"`
	ADF             bool        `json:"adf"`
	Significant     int         `json:"significant"`
	UDF             bool        `json:"udf"`
	Significance    string      `json:"significance,omitempty"`
	Significances   []string    `json:"significant_log,omitempty"`
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
	RxPackets       int         `json:"rx_pkts"`
	TxPackets       int         `json:"tx_pkts"`
	TotalPackets    int         `json:"total_pkts"`
}

// MarshalJSON writes the entry as the product's log API returns it.
func (e Entry) MarshalJSON() ([]byte, error) {
	out := jsonEntry{
		ID: e.ID, ADF: e.Significance != "", UDF: e.Filter != "", Significance: e.Significance,
		Report: timestamp(&e), Start: timestamp(&e), TotalTime: e.Took.Milliseconds(),
		ServiceEngine: e.ServiceEngine, VCPU: e.VCPU, VirtualService: e.VirtualService,
		VSIP: number(e.VSAddr), VSIP6: addrText(e.VSAddr, true),
		ClientIP: number(e.ClientAddr), ClientIP6: addrText(e.ClientAddr, true), ClientLocation: e.ClientLocation,
		ClientPort: e.ClientPort, DestPort: e.VSPort, Filter: e.Filter, Protocol: protocol(&e),
		FQDN: e.FQDN, QType: typeName(e.QType), EType: e.EType.String(),
		Request:     e.Request.json(),
		Response:    e.Response.json(),
		GSLBService: e.GSLBService, GSLBServiceName: e.GSLBServiceName, GSLBPoolName: e.GSLBPoolName,
		TopologyRule: e.TopologyRule, RxBytes: e.RxBytes, TxBytes: e.TxBytes, TotalBytes: e.RxBytes + e.TxBytes,
		RxPackets: packets(e.RxBytes), TxPackets: packets(e.TxBytes), TotalPackets: packets(e.RxBytes) + packets(e.TxBytes),
	}
	if out.ADF {
		out.Significant, out.Significances = 1, []string{e.Significance}
	}
	for _, ip := range e.IPs {
		if ip.Is4() {
			out.IPs = append(out.IPs, number(ip))
		}
	}
	return json.Marshal(out)
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
