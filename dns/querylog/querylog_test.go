package querylog_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	mdns "github.com/miekg/dns"
	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/dns"
	"github.com/gslbsim/gslbsim/dns/querylog"
)

var noon = time.Date(2020, 12, 23, 12, 0, 0, 0, time.UTC)

// canary serves hello.avi.iberia.local with ratios 6:3:1.
func canary() *dns.Responder {
	member := func(addr, site string, ratio int) dns.Member {
		return dns.Member{Addr: netip.MustParseAddr(addr), Site: site, VirtualService: "vs-" + site, Ratio: ratio, Enabled: true, Up: true}
	}
	profile := dns.SystemProfile()
	profile.Domains = []string{"avi.iberia.local"}
	table, err := dns.NewTable(dns.Config{
		Profile: profile,
		Services: []dns.Service{{
			UUID: "gslbservice-1", Name: "hello", Domains: []string{"hello.avi.iberia.local"}, Enabled: true,
			Pools: []dns.Pool{{Name: "sites", Priority: 10, Enabled: true, Members: []dns.Member{
				member("10.10.15.161", "s1az1", 6), member("10.10.18.161", "s1az2", 3), member("10.10.23.40", "s2", 1),
			}}},
		}},
		Records: []dns.Record{
			{Names: []string{"alias.avi.iberia.local"}, Type: mdns.TypeCNAME, CNAME: "elsewhere.example", Origin: dns.VirtualServiceRecord},
			{Names: []string{"test.avi.iberia.local"}, Type: mdns.TypeAAAA, Addrs: []netip.Addr{netip.MustParseAddr("2001:db8::1")}},
			{Names: []string{"cut.avi.iberia.local"}, Type: mdns.TypeNS, NS: []dns.NameServer{{Host: "ns.example"}}},
			{Names: []string{"mail.avi.iberia.local"}, Type: mdns.TypeMX, MX: []dns.MX{{Host: "mx.example", Preference: 5}}},
		},
	})
	if err != nil {
		panic(err)
	}
	r := dns.NewResponder(1)
	r.Publish(table)
	return r
}

// asked is the entry of one query at a time.
func asked(r *dns.Responder, name string, qtype uint16, at time.Time) querylog.Entry {
	q := new(mdns.Msg).SetQuestion(name, qtype)
	q.Id = 7
	reply, d := r.Respond(q, dns.Client{Addr: netip.MustParseAddr("10.10.24.3")})
	e := querylog.NewEntry(&d, q, reply)
	e.VirtualService, e.ServiceEngine, e.Start = "virtualservice-1", "se-1", at
	e.VSAddr, e.VSPort, e.ClientPort = netip.MustParseAddr("10.10.24.186"), 53, 40000
	return e
}

func Example() {
	responder := canary()
	policy := querylog.DefaultPolicy(noon)
	policy.Full, policy.PerEngine = 0, 0 // as the lab did to see all queries
	log := querylog.New(policy)
	for i := range 5000 {
		log.Add(asked(responder, "hello.avi.iberia.local.", mdns.TypeA, noon.Add(time.Duration(i)*10*time.Millisecond)))
	}
	shares := querylog.Shares(log.Entries(), "hello.avi.iberia.local")
	if err := querylog.WriteShares(os.Stdout, shares); err != nil {
		fmt.Println(err)
	}
	// Output:
	// ANSWER        COUNT  SHARE
	// 10.10.15.161  3000   60.00%
	// 10.10.18.161  1500   30.00%
	// 10.10.23.40   500    10.00%
}

func TestEntry(t *testing.T) {
	r := canary()
	g := NewWithT(t)
	e := asked(r, "Hello.avi.iberia.local.", mdns.TypeA, noon)
	g.Expect(e.FQDN).To(Equal("Hello.avi.iberia.local"))
	g.Expect(e.EType).To(Equal(querylog.EntryGSLB))
	g.Expect(e.IPs).To(HaveLen(1))
	g.Expect(e.GSLBServiceName).To(Equal("hello"))
	g.Expect(e.GSLBPoolName).To(Equal("sites"))
	g.Expect(e.Response.Records[0].Site).NotTo(BeEmpty())
	g.Expect(e.RxBytes).To(Equal(40))
	g.Expect(e.TxBytes).To(Equal(56))
	g.Expect(e.Significance).To(BeEmpty())

	tests := []struct {
		name         string
		qtype        uint16
		etype        querylog.EntryType
		significance string
	}{
		{"alias.avi.iberia.local.", mdns.TypeA, querylog.EntryVirtualService, ""},
		{"test.avi.iberia.local.", mdns.TypeAAAA, querylog.EntryStatic, ""},
		{"avi.iberia.local.", mdns.TypeSOA, querylog.EntryLocal, ""},
		{"no.avi.iberia.local.", mdns.TypeA, querylog.EntryNone, querylog.NoRecord},
		{"no.example.", mdns.TypeA, querylog.EntryNone, querylog.InvalidDomain},
		{"a..b.", mdns.TypeA, querylog.EntryNone, querylog.InvalidQuery},
	}
	for _, test := range tests {
		e := asked(r, test.name, test.qtype, noon)
		g.Expect(e.EType).To(Equal(test.etype), test.name)
		g.Expect(e.Significance).To(Equal(test.significance), test.name)
	}
}

func TestSignificance(t *testing.T) {
	tests := []struct {
		d    dns.Decision
		want string
	}{
		{dns.Decision{Outcome: dns.Dropped, Drop: dns.DropServiceDown, DownUsed: true, Match: dns.MatchService}, querylog.ServiceDown},
		{dns.Decision{Drop: dns.DropMalformed}, querylog.InvalidQuery},
		{dns.Decision{Outcome: dns.Rejected, Rcode: mdns.RcodeFormatError}, querylog.InvalidQuery},
		{dns.Decision{Outcome: dns.Rejected, Rcode: mdns.RcodeNotImplemented}, querylog.UnsupportedQuery},
		{dns.Decision{Drop: dns.DropUnsupportedQuery}, querylog.UnsupportedQuery},
		{dns.Decision{Drop: dns.DropOutsideDomains}, querylog.InvalidDomain},
		{dns.Decision{Drop: dns.DropNoIPv6, Match: dns.MatchService}, querylog.NoRecord},
		{dns.Decision{Outcome: dns.PassedThrough}, ""},
		{dns.Decision{Outcome: dns.Answered, Match: dns.MatchService}, ""},
	}
	for _, test := range tests {
		NewWithT(t).Expect(querylog.NewEntry(&test.d, nil, nil).Significance).To(Equal(test.want))
	}
}

func TestThrottles(t *testing.T) {
	entry := func(vs, se string, at time.Duration, significance, filter string) querylog.Entry {
		return querylog.Entry{VirtualService: vs, ServiceEngine: se, Start: noon.Add(at), Significance: significance, Filter: filter}
	}
	kept := func(l *querylog.Log, n int, e querylog.Entry) int {
		count := 0
		for range n {
			if l.Add(e) {
				count++
			}
		}
		return count
	}
	g := NewWithT(t)
	l := querylog.New(querylog.DefaultPolicy(noon))
	g.Expect(kept(l, 30, entry("vs1", "se1", 0, "", ""))).To(Equal(10))
	g.Expect(kept(l, 30, entry("vs1", "se1", 0, querylog.NoRecord, ""))).To(Equal(10), "each kind for itself")
	g.Expect(kept(l, 30, entry("vs1", "se1", 0, "", "mine"))).To(Equal(10))
	g.Expect(kept(l, 30, entry("vs1", "se1", 999*time.Millisecond, "", ""))).To(Equal(0), "the same second")
	g.Expect(kept(l, 30, entry("vs1", "se1", time.Second, "", ""))).To(Equal(10))
	g.Expect(kept(l, 30, entry("vs2", "se1", time.Second, "", ""))).To(Equal(10), "each virtual service for itself")
	g.Expect(kept(l, 30, entry("vs1", "se2", time.Second, "", ""))).To(Equal(10), "each service engine for itself")
	g.Expect(l.Lost()).To(Equal(7*30 - 60))
	g.Expect(l.Entries()).To(HaveLen(60))

	for i := range 20 {
		kept(l, 10, entry(fmt.Sprint("vs", i), "se3", 0, "", ""))
	}
	engine := 0
	for _, e := range l.Entries() {
		if e.ServiceEngine == "se3" {
			engine++
		}
	}
	g.Expect(engine).To(Equal(100), "a service engine's own limit")

	g.Expect(kept(l, 1, entry("vs1", "se1", 30*time.Minute, "", ""))).To(Equal(0), "full logs have ended")
	g.Expect(kept(l, 1, entry("vs1", "se1", 30*time.Minute, querylog.NoRecord, ""))).To(Equal(1))

	unlimited := querylog.New(querylog.Policy{Limit: 1000})
	g.Expect(kept(unlimited, 500, entry("vs1", "se1", time.Hour, "", ""))).To(Equal(500))

	excluding := querylog.New(querylog.Policy{Limit: 10, Exclude: []string{querylog.NoRecord}, Full: 1})
	g.Expect(kept(excluding, 5, entry("vs1", "se1", 0, querylog.NoRecord, ""))).To(Equal(1))
	g.Expect(excluding.Entries()[0].Significance).To(BeEmpty())
}

func TestLogKeepsTheNewest(t *testing.T) {
	l := querylog.New(querylog.Policy{Limit: 3})
	for i := range 8 {
		l.Add(querylog.Entry{VCPU: i})
	}
	var got []int
	for _, e := range l.Entries() {
		got = append(got, e.VCPU)
		NewWithT(t).Expect(e.ID).To(BeEquivalentTo(e.VCPU+1), "entries are numbered as they are kept")
	}
	NewWithT(t).Expect(got).To(Equal([]int{5, 6, 7}))
}

func TestCSV(t *testing.T) {
	g := NewWithT(t)
	r := canary()
	var out bytes.Buffer
	entries := []querylog.Entry{
		asked(r, "hello.avi.iberia.local.", mdns.TypeA, noon),
		asked(r, "test.avi.iberia.local.", mdns.TypeAAAA, noon.Add(1500*time.Millisecond)),
		asked(r, "no.avi.iberia.local.", mdns.TypeA, noon),
	}
	g.Expect(querylog.WriteCSV(&out, entries)).To(Succeed())
	rows, err := csv.NewReader(&out).ReadAll()
	g.Expect(err).NotTo(HaveOccurred())
	cell := func(row int, column string) string {
		for i, name := range rows[0] {
			if name == column {
				return rows[row][i]
			}
		}
		t.Fatalf("no column %s", column)
		return ""
	}
	g.Expect(rows).To(HaveLen(4))
	g.Expect(cell(1, "dns_fqdn")).To(Equal("hello.avi.iberia.local"))
	g.Expect(cell(1, "dns_ips")).To(HavePrefix("10.10."))
	g.Expect(cell(1, "dns_qtype")).To(Equal("DNS_RECORD_A"))
	g.Expect(cell(1, "dns_etype")).To(Equal("DNS_ENTRY_GSLB"))
	g.Expect(cell(1, "client_ip")).To(Equal("10.10.24.3"))
	g.Expect(cell(1, "significant")).To(Equal("0"))
	g.Expect(cell(1, "rx_bytes")).To(Equal("40"))
	g.Expect(cell(1, "total_pkts")).To(Equal("2"))
	g.Expect(cell(3, "significant_log")).To(Equal(querylog.NoRecord))
	g.Expect(cell(1, "dns_response")).To(ContainSubstring("response_code=DNS_RCODE_NOERROR authoritative_answer=true"))
	g.Expect(cell(2, "dns_ips")).To(Equal("2001:db8::1"))
	g.Expect(cell(2, "start_timestamp")).To(Equal("2020-12-23T12:00:01.5Z"))
	g.Expect(cell(3, "significant")).To(Equal("1"))
	g.Expect(cell(3, "significance")).To(Equal(querylog.NoRecord))
	g.Expect(querylog.WriteCSV(broken{}, entries)).NotTo(Succeed())
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestJSON(t *testing.T) {
	g := NewWithT(t)
	r := canary()
	fields := func(name string, qtype uint16) map[string]any {
		data, err := json.Marshal(asked(r, name, qtype, noon))
		g.Expect(err).NotTo(HaveOccurred())
		var got map[string]any
		g.Expect(json.Unmarshal(data, &got)).To(Succeed())
		return got
	}
	got := fields("hello.avi.iberia.local.", mdns.TypeA)
	g.Expect(got["client_ip"]).To(BeEquivalentTo(10<<24 | 10<<16 | 24<<8 | 3))
	g.Expect(got["vs_ip"]).To(BeEquivalentTo(10<<24 | 10<<16 | 24<<8 | 186))
	g.Expect(got["dns_ips"]).To(HaveLen(1))
	g.Expect(got["gslbpool_name"]).To(Equal("sites"))
	response := got["dns_response"].(map[string]any)
	g.Expect(response["response_code"]).To(Equal("DNS_RCODE_NOERROR"))
	g.Expect(response["records"].([]any)[0].(map[string]any)["vs_name"]).To(HavePrefix("vs-s"))
	record := func(name string, qtype uint16) map[string]any {
		return fields(name, qtype)["dns_response"].(map[string]any)["records"].([]any)[0].(map[string]any)
	}
	g.Expect(record("test.avi.iberia.local.", mdns.TypeAAAA)["addr6_ip_str"]).To(Equal("2001:db8::1"))
	g.Expect(record("alias.avi.iberia.local.", mdns.TypeA)["cname"]).To(Equal("elsewhere.example."))
	g.Expect(record("cut.avi.iberia.local.", mdns.TypeNS)["nsname"]).To(Equal("ns.example."))

	g.Expect(record("mail.avi.iberia.local.", mdns.TypeMX)).To(And(HaveKeyWithValue("mail_server", "mx.example."), HaveKeyWithValue("priority", 5.0)))

	query := new(mdns.Msg).SetQuestion("hello.avi.iberia.local.", mdns.TypeA)
	query.Extra = append(query.Extra, dns.SubnetOption(netip.MustParsePrefix("192.0.2.0/24")))
	reply, d := r.Respond(query, dns.Client{Addr: netip.MustParseAddr("10.10.24.3")})
	data, err := json.Marshal(querylog.NewEntry(&d, query, reply))
	g.Expect(err).NotTo(HaveOccurred())
	var entry struct {
		Request struct {
			Opt any `json:"opt_record"`
		} `json:"dns_request"`
		Response struct {
			Opt any `json:"opt_record"`
		} `json:"dns_response"`
	}
	g.Expect(json.Unmarshal(data, &entry)).To(Succeed())
	option := map[string]any{"code": "EDNS_OPTION_CODE_CLIENT_SUBNET", "addr_family": 1.0, "source_prefix_len": 24.0,
		"scope_prefix_len": 0.0, "subnet_ip": float64(192<<24 | 2<<8)}
	g.Expect(entry.Request.Opt).To(Equal(map[string]any{"udp_payload_size": 1232.0, "version": 0.0, "dnssec_ok": false, "options": []any{option}}))
	g.Expect(entry.Response.Opt).To(HaveKeyWithValue("options", []any{option}))

	dropped := dns.Decision{Name: "x.", Type: mdns.TypeHTTPS}
	data, err = json.Marshal(querylog.NewEntry(&dropped, nil, nil))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(string(data)).NotTo(ContainSubstring("dns_response"))
	g.Expect(string(data)).To(ContainSubstring("DNS_RECORD_OTHER"))
}

// The product's export may have other columns, in another order; addresses of one answer are told apart from the next.
func TestTally(t *testing.T) {
	g := NewWithT(t)
	var tally querylog.Tally
	g.Expect(tally.AddCSV(strings.NewReader("\ufeffdns_ips,x,dns_fqdn,dns_response\n" +
		"10.0.0.1,1,A.example,DNS_RCODE_NOERROR\n10.0.0.1,2,a.example.,\n\"10.0.0.1,10.0.0.2\",3,a.example,\n\"['10.0.0.1']\",4,b.example,\n" +
		",5,a.example,response_code=DNS_RCODE_NXDOMAIN\n,6,a.example,response_code=DNS_RCODE_NOERROR answer_records_count=0\n" +
		",7,a.example,response_code=DNS_RCODE_NOERROR answer_records_count=1\n,8,a.example,\n"))).To(Succeed())
	e := asked(canary(), "hello.avi.iberia.local.", mdns.TypeAAAA, noon)
	g.Expect(tally.Add(&e)).To(Succeed())
	g.Expect(tally.Names()).To(Equal([]string{"a.example", "b.example", "hello.avi.iberia.local"}))
	g.Expect(tally.Count("A.example.")).To(Equal(7))
	var got []string
	for _, s := range tally.Shares("a.EXAMPLE") {
		got = append(got, fmt.Sprint(s.Answer, " ", s.Count))
	}
	g.Expect(got).To(Equal([]string{"10.0.0.1 2", "10.0.0.1 10.0.0.2 1", "NXDOMAIN 1", "dropped 1", "empty 1", "no address 1"}))
	g.Expect(tally.Shares("hello.avi.iberia.local")).To(Equal([]querylog.Share{{Answer: "empty", Count: 1, Share: 1}}))
	g.Expect(tally.Shares("none")).To(BeEmpty())
}

func TestShares(t *testing.T) {
	r := canary()
	var entries []querylog.Entry
	for range 3 {
		entries = append(entries, asked(r, "alias.avi.iberia.local.", mdns.TypeA, noon))
	}
	entries = append(entries, asked(r, "ALIAS.avi.iberia.local.", mdns.TypeMX, noon),
		asked(r, "no.avi.iberia.local.", mdns.TypeA, noon), asked(r, "hello.avi.iberia.local.", mdns.TypeAAAA, noon),
		querylog.Entry{FQDN: "gone.example"})
	g := NewWithT(t)
	g.Expect(querylog.Shares(entries, "alias.avi.iberia.local.")).To(Equal([]querylog.Share{{Answer: "elsewhere.example.", Count: 4, Share: 1}}))
	var all []string
	for _, s := range querylog.Shares(entries, "") {
		all = append(all, fmt.Sprintf("%s %d", s.Answer, s.Count))
	}
	g.Expect(all).To(Equal([]string{"elsewhere.example. 4", "NXDOMAIN 1", "dropped 1", "empty 1"}))
	g.Expect(querylog.Shares(nil, "x")).To(BeEmpty())
	g.Expect(querylog.WriteShares(broken{}, nil)).NotTo(Succeed())
	g.Expect(querylog.Shares(entries, strings.ToUpper("gone.example"))).To(HaveLen(1))
}
