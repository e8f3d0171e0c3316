package loadtest_test

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	mdns "github.com/miekg/dns"
	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/cmd/gslbsim/loadtest"
	"github.com/gslbsim/gslbsim/dns"
	"github.com/gslbsim/gslbsim/dns/server"
	"github.com/gslbsim/gslbsim/sim/result"
)

func members(ratios ...int) []dns.Member {
	var all []dns.Member
	for i, ratio := range ratios {
		all = append(all, dns.Member{Addr: netip.AddrFrom4([4]byte{10, 0, 0, byte(i + 1)}), Ratio: ratio, Enabled: true, Up: true})
	}
	return all
}

func table(t *testing.T, profile dns.Profile, pools ...dns.Pool) *dns.Table {
	t.Helper()
	for i := range pools {
		pools[i].Name, pools[i].Enabled = fmt.Sprintf("p%d", i), true
	}
	table, err := dns.NewTable(dns.Config{Profile: profile, Services: []dns.Service{
		{UUID: "gslbservice-1", Name: "app", Domains: []string{"app.example"}, Enabled: true, Pools: pools}}})
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// plan plays a trace of two names against a server of one table and judges by
// another.
func plan(t *testing.T, served, wanted *dns.Table, driver loadtest.Driver) *loadtest.Plan {
	t.Helper()
	responder := dns.NewResponder(1)
	responder.Publish(served)
	srv, err := server.Start(responder, server.Config{Addresses: []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:0")}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = srv.Shutdown(context.Background()) })
	path := filepath.Join(t.TempDir(), "trace.txt")
	if err := os.WriteFile(path, []byte("app.example A\nnone.example A\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	trace, err := loadtest.ReadTrace(path)
	if err != nil {
		t.Fatal(err)
	}
	return &loadtest.Plan{
		Path: path, Trace: trace, Table: wanted, Server: srv.Addresses()[0], Queries: 2000, Driver: driver, Timeout: time.Second,
	}
}

func run(t *testing.T, p *loadtest.Plan) *loadtest.Outcome {
	t.Helper()
	o, err := p.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// broken lists the promises that did not hold.
func broken(o *loadtest.Outcome) (names []string) {
	for _, p := range o.Promises {
		if p.Verdict == result.Broken {
			names = append(names, p.Name+" | "+p.Detail)
		}
	}
	return names
}

// withDrivers runs a test with each driver that there is.
func withDrivers(t *testing.T, test func(t *testing.T, d loadtest.Driver)) {
	t.Run("builtin", func(t *testing.T) { test(t, loadtest.BuiltIn) })
	t.Run("dnsperf", func(t *testing.T) {
		if _, err := exec.LookPath("dnsperf"); err != nil {
			t.Skip("dnsperf is not installed; on Debian: apt-get install dnsperf")
		}
		test(t, loadtest.Dnsperf)
	})
}

func TestAHealthyServerPasses(t *testing.T) {
	withDrivers(t, func(t *testing.T, d loadtest.Driver) {
		g := NewWithT(t)
		right := table(t, dns.SystemProfile(), dns.Pool{Priority: 10, Members: members(6, 3, 1)})
		o := run(t, plan(t, right, right, d))
		g.Expect(broken(o)).To(BeEmpty())
		g.Expect(o.Verdict).To(Equal(result.Pass))
		g.Expect(o.Driver).To(Equal(d))
		g.Expect(o.Sent).To(Equal(2000))
		g.Expect(o.Promises[0].Observed).To(Equal("0 of 2000"))
	})
}

// Each promise breaks for the server that breaks it.
func TestWrongServersAreCaught(t *testing.T) {
	want := dns.Pool{Priority: 10, Members: members(6, 3, 1)}
	withDrivers(t, func(t *testing.T, d loadtest.Driver) {
		right := table(t, dns.SystemProfile(), want)
		for name, tc := range map[string]struct {
			served *dns.Table
			wanted *dns.Table
			breaks string
		}{
			"other weights":                {table(t, dns.SystemProfile(), dns.Pool{Priority: 10, Members: members(1, 1, 8)}), right, `^app\.example A: .* \| 10\.0\.0\.\d got \d+ of \d+`},
			"another member":               {table(t, dns.SystemProfile(), dns.Pool{Priority: 10, Members: members(6, 3, 1, 1)}), right, `^app\.example A: .* \| \d+ answers with 10\.0\.0\.4`},
			"drops":                        {table(t, dns.DefaultProfile(), want), right, `^nothing is lost \| `},
			"answers what must be dropped": {right, table(t, dns.DefaultProfile(), want), `^nothing is lost \| `},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				p := plan(t, tc.served, tc.wanted, d)
				p.Queries = 300 // dnsperf waits a second for every hundred that are lost
				o := run(t, p)
				g := NewWithT(t)
				g.Expect(o.Verdict).To(Equal(result.Broken))
				g.Expect(broken(o)).To(ContainElement(MatchRegexp(tc.breaks)))
			})
		}
	})
}

// TestSilenceIsPromisedWhereTheTableDrops: a name that must not be answered
// counts neither as lost nor as answered.
func TestSilenceIsPromisedWhereTheTableDrops(t *testing.T) {
	dropping := table(t, dns.DefaultProfile(), dns.Pool{Priority: 10, Members: members(1)})
	o := run(t, plan(t, dropping, dropping, loadtest.BuiltIn))
	g := NewWithT(t)
	g.Expect(broken(o)).To(BeEmpty())
	g.Expect(o.Promises[0].Bound).To(Equal("= 1000"))
	g.Expect(o.Promises[2].Name).To(Equal("none.example A: silence"))
}

func TestExpectedShares(t *testing.T) {
	down := members(5)
	down[0].Up = false
	v6 := dns.Member{Addr: netip.MustParseAddr("2001:db8::1"), Enabled: true, Up: true}
	alias := dns.Member{FQDN: "cdn.example", Ratio: 1, Enabled: true, Up: true}
	tests := []struct {
		name  string
		pools []dns.Pool
		qtype uint16
		want  map[string]float64
	}{
		{"weights", []dns.Pool{{Priority: 10, Members: members(6, 3, 1)}}, mdns.TypeA, map[string]float64{"10.0.0.1": 0.6, "10.0.0.2": 0.3, "10.0.0.3": 0.1}},
		{"higher priority", []dns.Pool{{Priority: 10, Members: members(1, 1)}, {Priority: 20, Members: members(1)}}, mdns.TypeA, map[string]float64{"10.0.0.1": 1}},
		{"higher one down", []dns.Pool{{Priority: 10, Members: members(1, 3)}, {Priority: 20, Members: down}}, mdns.TypeA, map[string]float64{"10.0.0.1": 0.25, "10.0.0.2": 0.75}},
		{"equal pools", []dns.Pool{{Priority: 10, Members: members(1)}, {Priority: 10, Members: members(1, 1)}}, mdns.TypeA, map[string]float64{"10.0.0.1": 0.75, "10.0.0.2": 0.25}},
		{"family", []dns.Pool{{Priority: 10, Members: append(members(1), v6)}}, mdns.TypeAAAA, map[string]float64{"2001:db8::1": 1}},
		{"names", []dns.Pool{{Priority: 10, Members: append(members(3), alias)}}, mdns.TypeA, map[string]float64{"10.0.0.1": 0.75, "cdn.example.": 0.25}},
		{"all down", []dns.Pool{{Priority: 10, Members: down}}, mdns.TypeA, map[string]float64{loadtest.Silence: 1}},
		{"another algorithm", []dns.Pool{{Priority: 10, Algorithm: dns.ConsistentHash, Members: members(1, 1)}}, mdns.TypeA, nil},
	}
	for _, test := range tests {
		e := loadtest.Expect(table(t, dns.SystemProfile(), test.pools...), loadtest.Question{Name: "app.example.", Type: test.qtype})
		g := NewWithT(t)
		g.Expect(e.Shares).To(HaveLen(len(test.want)), test.name)
		for answer, share := range test.want {
			g.Expect(e.Shares[answer]).To(BeNumerically("~", share, 1e-9), "%s: %s", test.name, answer)
		}
	}
}

func TestTraceFiles(t *testing.T) {
	for name, tc := range map[string]struct{ text, want string }{
		"nothing":     {"; only a comment\n\n", "trace.txt: has no query"},
		"one field":   {"app.example A\napp.example\n", `trace.txt:2: "app.example": use a name and a type`},
		"bad name":    {"# x\na..b A\n", `trace.txt:2: "a..b" is not a domain name`},
		"bad type":    {"a.example AX", `trace.txt:1: "AX" is not a type of DNS records`},
		"well-formed": {"a.example a ; x\n\nB.example. AAAA # y\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			g := NewWithT(t)
			g.Expect(os.WriteFile("trace.txt", []byte(tc.text), 0o600)).To(Succeed())
			trace, err := loadtest.ReadTrace("trace.txt")
			if tc.want != "" {
				g.Expect(err).To(MatchError(HavePrefix(tc.want)))
				return
			}
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(trace).To(Equal([]loadtest.Question{{Name: "a.example.", Type: mdns.TypeA}, {Name: "B.example.", Type: mdns.TypeAAAA}}))
		})
	}
}

// FuzzTrace reads arbitrary files: what is accepted can be asked.
func FuzzTrace(f *testing.F) {
	f.Add("app.example A\n; c\nb.example AAAA # d\n")
	f.Add("\\000.example TXT\n")
	f.Add("a..b A\n")
	f.Fuzz(func(t *testing.T, text string) {
		path := filepath.Join(t.TempDir(), "trace.txt")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		trace, err := loadtest.ReadTrace(path)
		for _, q := range trace {
			if _, packErr := new(mdns.Msg).SetQuestion(q.Name, q.Type).Pack(); packErr != nil {
				t.Fatalf("%v cannot be asked: %v", q, packErr)
			}
		}
		if (err == nil) == (len(trace) == 0) {
			t.Fatalf("%d questions, error %v", len(trace), err)
		}
	})
}
