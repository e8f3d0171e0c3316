package server_test

import (
	"encoding/hex"
	"testing"
	"time"

	mdns "github.com/miekg/dns"
	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/dns"
	"github.com/gslbsim/gslbsim/dns/server"
)

const clientCookie = "2464c4abcf10c957"

func cookieQuestion(content string) *mdns.Msg {
	q := question("app.gslb.example.").SetEdns0(1232, false)
	q.IsEdns0().Option = append(q.IsEdns0().Option, &mdns.EDNS0_COOKIE{Code: mdns.EDNS0COOKIE, Cookie: content})
	return q
}

func cookieOf(m *mdns.Msg) string {
	if opt := m.IsEdns0(); opt != nil {
		for _, o := range opt.Option {
			if c, ok := o.(*mdns.EDNS0_COOKIE); ok {
				return c.Cookie
			}
		}
	}
	return ""
}

func TestCookies(t *testing.T) {
	g := NewWithT(t)
	s := start(t, server.Config{Cookies: &server.CookieSecret{1}})
	for _, network := range []string{"udp", "tcp"} {
		first := cookieOf(ask(t, network, s, cookieQuestion(clientCookie)))
		g.Expect(first).To(HavePrefix(clientCookie), network)
		g.Expect(first).To(HaveLen(hex.EncodedLen(24)), network)
		g.Expect(cookieOf(ask(t, network, s, cookieQuestion(first)))).To(Equal(first), network)
	}
	g.Expect(ask(t, "udp", s, cookieQuestion("010203")).Rcode).To(Equal(mdns.RcodeFormatError))
	g.Expect(cookieOf(ask(t, "udp", s, question("app.gslb.example.").SetEdns0(1232, false)))).To(BeEmpty())
	g.Expect(cookieOf(ask(t, "udp", start(t, server.Config{}), cookieQuestion(clientCookie)))).To(BeEmpty(), "turned off")
}

// Above the limit a client gets truncated replies and is served over TCP, or
// over UDP once it has a valid cookie.
func TestRateLimit(t *testing.T) {
	g := NewWithT(t)
	s := start(t, server.Config{Cookies: &server.CookieSecret{1}, RateLimit: server.RateLimit{PerSecond: 1, Slip: 1}})
	cookie := cookieOf(ask(t, "tcp", s, cookieQuestion(clientCookie)))
	cut := func() bool { return ask(t, "udp", s, question("app.gslb.example.")).Truncated }
	g.Eventually(cut, patience, "1ms").Should(BeTrue())
	for range 20 {
		g.Expect(ask(t, "udp", s, cookieQuestion(cookie)).Answer).To(HaveLen(1))
		g.Expect(ask(t, "tcp", s, question("app.gslb.example.")).Answer).To(HaveLen(1))
	}
	g.Expect(s.Stats().UDP.Slipped).NotTo(BeZero())

	silent := start(t, server.Config{RateLimit: server.RateLimit{PerSecond: 1}})
	client := mdns.Client{Timeout: 50 * time.Millisecond}
	dropped := func() error {
		_, _, err := client.Exchange(question("app.gslb.example."), silent.Addresses()[0].String())
		return err
	}
	g.Eventually(dropped, patience, "1ms").Should(HaveOccurred())
	g.Expect(silent.Stats().UDP.Limited).NotTo(BeZero())
	g.Expect(silent.Stats().UDP.Outcomes[dns.Dropped]).To(BeZero(), "limited queries do not reach the responder")
}
