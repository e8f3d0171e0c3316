package health_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	mdns "github.com/miekg/dns"
	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/fakeavi/health"
)

func TestParseCodes(t *testing.T) {
	g := NewWithT(t)
	set, err := health.ParseCodes([]string{"HTTP_2XX", "HTTP_3XX"})
	g.Expect(err).NotTo(HaveOccurred())
	for code, want := range map[int]bool{199: false, 200: true, 302: true, 404: false, 503: false, 99: false, 600: false} {
		g.Expect(set.Has(code)).To(Equal(want), "code %d", code)
	}
	set, err = health.ParseCodes(nil)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(set).To(Equal(health.Code2XX))
	set, err = health.ParseCodes([]string{"HTTP_ANY"})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(set.Has(100) && set.Has(599)).To(BeTrue())
	_, err = health.ParseCodes([]string{"HTTP_6XX"})
	g.Expect(err).To(MatchError(ContainSubstring(`"HTTP_6XX"`)))
}

func TestJudgeHTTP(t *testing.T) {
	plain := health.Check{Kind: health.KindHTTP}
	strict := health.Check{
		Kind: health.KindHTTP, Codes: health.Code2XX | health.Code3XX, Keyword: "ready", Maintenance: [4]uint16{503, 204},
	}
	cases := []struct {
		name   string
		check  health.Check
		code   int
		body   string
		ok     bool
		reason string
	}{
		{"2xx by default", plain, 204, "", true, ""},
		{"3xx not by default", plain, 301, "", false, "response code 301 is not expected"},
		{"keyword", strict, 302, "we are ready", true, ""},
		{"no keyword", strict, 200, "we are not", false, "expected text is not in the response"},
		{"keyword too late", strict, 200, strings.Repeat(" ", health.KeywordWindow) + "ready", false, "expected text is not in the response"},
		{"text of maintenance", health.Check{Kind: health.KindHTTP, MaintenanceKeyword: "back soon"}, 200, "we are back soon", false,
			"server is in maintenance: the response says so"},
		{"text of maintenance before what is expected", health.Check{Kind: health.KindHTTP, Keyword: "ready", MaintenanceKeyword: "drain"}, 200,
			"ready to drain", false, "server is in maintenance: the response says so"},
		{"maintenance", strict, 503, "ready", false, "server is in maintenance: response code 503"},
		{"maintenance by an accepted code", strict, 204, "ready", false, "server is in maintenance: response code 204"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := c.check.JudgeHTTP(c.code, c.body)
			NewWithT(t).Expect(got).To(Equal(health.Outcome{OK: c.ok, Reason: c.reason}))
		})
	}
}

func TestJudgeDNS(t *testing.T) {
	message := func(rcode int, records ...string) *mdns.Msg {
		m := &mdns.Msg{MsgHdr: mdns.MsgHdr{Rcode: rcode}}
		for _, r := range records {
			rr, err := mdns.NewRR(r)
			if err != nil {
				t.Fatal(err)
			}
			m.Answer = append(m.Answer, rr)
		}
		return m
	}
	const a, b, six, alias = "x. A 192.0.2.1", "x. A 192.0.2.2", "x. AAAA 2001:db8::1", "x. CNAME y."
	want := func(d health.DNSExpectation) health.Check { return health.Check{Kind: health.KindDNS, DNS: d} }
	one, none := netip.MustParseAddr("192.0.2.1"), ""
	cases := []struct {
		name   string
		check  health.Check
		reply  *mdns.Msg
		reason string
	}{
		{"an address", want(health.DNSExpectation{}), message(0, alias, a), none},
		{"nothing", want(health.DNSExpectation{}), message(0), "the response has no answer"},
		{"another type", want(health.DNSExpectation{}), message(0, six), "the response has no answer"},
		{"AAAA", want(health.DNSExpectation{AAAA: true}), message(0, six), none},
		{"A for AAAA", want(health.DNSExpectation{AAAA: true}), message(0, a), "the response has no answer"},
		{"any type", want(health.DNSExpectation{Answers: health.AnswersOfAnyType}), message(0, alias), none},
		{"any type, nothing", want(health.DNSExpectation{Answers: health.AnswersOfAnyType}), message(0), "the response has no answer"},
		{"or none", want(health.DNSExpectation{Answers: health.AnswersOrNone}), message(0), none},
		{"an error", want(health.DNSExpectation{Answers: health.AnswersOrNone}), message(3), "the response is NXDOMAIN"},
		{"any error", want(health.DNSExpectation{Answers: health.AnswersOrNone, AnyRcode: true}), message(2), none},
		{"that address", want(health.DNSExpectation{Addr: one}), message(0, b, a), none},
		{"not that address", want(health.DNSExpectation{Addr: one}), message(0, b), "192.0.2.1 is not in the response"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			NewWithT(t).Expect(c.check.JudgeDNS(c.reply)).To(Equal(health.Outcome{OK: c.reason == "", Reason: c.reason}))
		})
	}
}

// Monitors that want something else of an answer make their checks at the same instants; others are spread over the interval.
func TestScheduleOfAMonitor(t *testing.T) {
	g := NewWithT(t)
	m := health.Monitor{Check: health.Check{Kind: health.KindHTTP, Path: "/live", Timeout: time.Second}, Interval: 10 * time.Second}
	picky := m
	picky.Check.MaintenanceKeyword, picky.Check.Send, picky.Check.DNS.AAAA = "drain", "x", true
	g.Expect(picky.Schedule("se")).To(Equal(m.Schedule("se")))
	other := m
	other.Check.Path = "/other"
	g.Expect(other.Schedule("se")).NotTo(Equal(m.Schedule("se")))
	g.Expect(m.Schedule("se-2")).NotTo(Equal(m.Schedule("se")))
}

func TestDescribe(t *testing.T) {
	g := NewWithT(t)
	c := health.Check{
		Kind: health.KindHTTPS, Target: netip.MustParseAddr("2001:db8::1"), Port: 443, Host: "app.example", Method: "GET",
		Path: "/live", Timeout: time.Second,
	}
	g.Expect(c.Describe()).To(Equal("HTTPS [2001:db8::1]:443 GET /live host app.example"))
	c.Kind = health.KindTCP
	g.Expect(c.Describe()).To(Equal("TCP [2001:db8::1]:443"))
	c.Kind = health.KindPing
	g.Expect(c.Describe()).To(Equal("PING 2001:db8::1"))
}
