package health_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

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
