package querylog

import (
	"encoding/csv"
	"fmt"
	"io"
	"net/netip"
	"strconv"
	"strings"
	"time"

	mdns "github.com/miekg/dns"
)

// column is one column of the CSV export.
type column struct {
	name  string
	value func(e *Entry) string
}

// columns are those of the product's export of a DNS virtual service that
// hold something here, in the product's order of fields.
var columns = []column{
	{"adf", func(e *Entry) string { return strconv.FormatBool(e.Significance != "") }},
	{"significant", func(e *Entry) string { return flag(e.Significance != "") }},
	{"udf", func(e *Entry) string { return strconv.FormatBool(e.Filter != "") }},
	{"significance", func(e *Entry) string { return e.Significance }},
	{"significant_log", func(e *Entry) string { return e.Significance }},
	{"log_id", func(e *Entry) string { return strconv.FormatUint(e.ID, 10) }},
	{"report_timestamp", timestamp},
	{"start_timestamp", timestamp},
	{"total_time", func(e *Entry) string { return strconv.FormatInt(e.Took.Milliseconds(), 10) }},
	{"service_engine", func(e *Entry) string { return e.ServiceEngine }},
	{"vcpu_id", func(e *Entry) string { return strconv.Itoa(e.VCPU) }},
	{"virtualservice", func(e *Entry) string { return e.VirtualService }},
	{"vs_ip", func(e *Entry) string { return addrText(e.VSAddr, false) }},
	{"vs_ip6", func(e *Entry) string { return addrText(e.VSAddr, true) }},
	{"client_ip", func(e *Entry) string { return addrText(e.ClientAddr, false) }},
	{"client_ip6", func(e *Entry) string { return addrText(e.ClientAddr, true) }},
	{"client_location", func(e *Entry) string { return e.ClientLocation }},
	{"client_src_port", func(e *Entry) string { return strconv.Itoa(int(e.ClientPort)) }},
	{"client_dest_port", func(e *Entry) string { return strconv.Itoa(int(e.VSPort)) }},
	{"client_log_filter_name", func(e *Entry) string { return e.Filter }},
	{"protocol", protocol},
	{"dns_fqdn", func(e *Entry) string { return e.FQDN }},
	{"dns_qtype", func(e *Entry) string { return typeName(e.QType) }},
	{"dns_etype", func(e *Entry) string { return e.EType.String() }},
	{"dns_ips", func(e *Entry) string { return ipsText(e.IPs, ",") }},
	{"dns_request", func(e *Entry) string { return e.Request.text() }},
	{"dns_response", func(e *Entry) string { return e.Response.text() }},
	{"gslbservice", func(e *Entry) string { return e.GSLBService }},
	{"gslbservice_name", func(e *Entry) string { return e.GSLBServiceName }},
	{"gslbpool_name", func(e *Entry) string { return e.GSLBPoolName }},
	{"topology_policy_rule_name", func(e *Entry) string { return e.TopologyRule }},
	{"rx_bytes", func(e *Entry) string { return strconv.Itoa(e.RxBytes) }},
	{"tx_bytes", func(e *Entry) string { return strconv.Itoa(e.TxBytes) }},
	{"total_bytes", func(e *Entry) string { return strconv.Itoa(e.RxBytes + e.TxBytes) }},
	{"rx_pkts", func(e *Entry) string { return strconv.Itoa(packets(e.RxBytes)) }},
	{"tx_pkts", func(e *Entry) string { return strconv.Itoa(packets(e.TxBytes)) }},
	{"total_pkts", func(e *Entry) string { return strconv.Itoa(packets(e.RxBytes) + packets(e.TxBytes)) }},
}

// WriteCSV writes entries as the product's export does: a header line, then
// one line per entry, addresses in dotted form. It fails if w does.
func WriteCSV(w io.Writer, entries []Entry) error {
	out := NewCSVWriter(w)
	if err := out.WriteHeader(); err != nil {
		return err
	}
	for i := range entries {
		if err := out.Write(&entries[i]); err != nil {
			return err
		}
	}
	return out.Flush()
}

// CSVWriter writes entries one by one as WriteCSV does. It is for one
// goroutine at a time; its errors are the writer's.
type CSVWriter struct {
	out  *csv.Writer
	line []string
}

var _ EntryWriter = (*CSVWriter)(nil)

// NewCSVWriter returns a writer of lines; nothing is written before Flush or
// a few kilobytes have come together.
func NewCSVWriter(w io.Writer) *CSVWriter {
	return &CSVWriter{out: csv.NewWriter(w), line: make([]string, len(columns))}
}

// WriteHeader writes the line with the columns' names.
func (c *CSVWriter) WriteHeader() error {
	return c.writeLine(func(c column) string { return c.name })
}

// Write writes the line of an entry.
func (c *CSVWriter) Write(e *Entry) error {
	return c.writeLine(func(c column) string { return c.value(e) })
}

func (c *CSVWriter) writeLine(cell func(column) string) error {
	for i := range columns {
		c.line[i] = cell(columns[i])
	}
	if err := c.out.Write(c.line); err != nil {
		return fmt.Errorf("query log: %w", err)
	}
	return nil
}

// Flush writes what has come together.
func (c *CSVWriter) Flush() error {
	c.out.Flush()
	if err := c.out.Error(); err != nil {
		return fmt.Errorf("query log: %w", err)
	}
	return nil
}

func timestamp(e *Entry) string { return e.Start.UTC().Format(time.RFC3339Nano) }

func protocol(e *Entry) string {
	if e.TCP {
		return "PROTOCOL_TCP"
	}
	return "PROTOCOL_UDP"
}

// typeName is the product's name of a record type.
func typeName(qtype uint16) string {
	switch qtype {
	case mdns.TypeA, mdns.TypeNS, mdns.TypeCNAME, mdns.TypeSOA, mdns.TypePTR, mdns.TypeHINFO, mdns.TypeMX,
		mdns.TypeTXT, mdns.TypeRP, mdns.TypeDNSKEY, mdns.TypeAAAA, mdns.TypeSRV, mdns.TypeOPT, mdns.TypeRRSIG,
		mdns.TypeAXFR, mdns.TypeANY:
		return "DNS_RECORD_" + mdns.TypeToString[qtype]
	default:
		return "DNS_RECORD_OTHER"
	}
}

// rcodeName is the product's name of a reply code.
func rcodeName(rcode int) string {
	if rcode == mdns.RcodeBadVers {
		return "DNS_RCODE_BADVERS" // the library has the code's other name
	}
	return "DNS_RCODE_" + mdns.RcodeToString[rcode]
}

func opcodeName(opcode int) string { return "DNS_OPCODE_" + mdns.OpcodeToString[opcode] }

// addrText is an address if it is of the family.
func addrText(a netip.Addr, v6 bool) string {
	if !a.IsValid() || a.Is6() != v6 {
		return ""
	}
	return a.String()
}

func ipsText(ips []netip.Addr, separator string) string {
	texts := make([]string, len(ips))
	for i, ip := range ips {
		texts[i] = ip.String()
	}
	return strings.Join(texts, separator)
}

// packets counts a message: DNS messages are single datagrams here.
func packets(bytes int) int { return min(bytes, 1) }

func flag(b bool) string {
	if b {
		return "1"
	}
	return "0"
}
