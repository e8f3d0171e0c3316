package conformance_test

import (
	"regexp"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/dns"
)

var digCookie = regexp.MustCompile(`; COOKIE: ([0-9a-f]+) \(good\)`)

// TestDigTakesTheCookie: dig checks that its half of the cookie came back,
// gets a server cookie of 16 bytes with it (RFC 9018), and the same one again
// when it shows it. A forged one is replaced, and malformed ones are an error.
func TestDigTakesTheCookie(t *testing.T) {
	t.Parallel()
	program(t, "dig")
	server := serveSite(t, dns.SystemProfile())
	ask := func(flags ...string) string {
		return output(t, "dig", asking(server, append(flags, "app.gslb.aclab.test", "A")...)...)
	}
	cookie := func(out string) string {
		t.Helper()
		found := digCookie.FindStringSubmatch(out)
		if found == nil {
			t.Fatalf("no good cookie:\n%s", out)
		}
		return found[1]
	}
	g := NewWithT(t)
	first := cookie(ask("+cookie"))
	g.Expect(first).To(HaveLen(2 * (8 + 16)))
	g.Expect(cookie(ask("+cookie="+first))).To(Equal(first), "it is still fresh")
	g.Expect(cookie(ask("+cookie=" + first[:16]))).To(HavePrefix(first[:16]))
	forged := first[:32] + "0123456789abcdef"
	g.Expect(cookie(ask("+cookie="+forged))).To(And(HavePrefix(first[:16]), Not(Equal(forged))), "a forged one is replaced")
	g.Expect(ask("+nocookie")).NotTo(ContainSubstring("COOKIE"))
	g.Expect(ask("+nocookie", "+ednsopt=10:0011223344")).To(ContainSubstring("status: FORMERR"), "five bytes are no cookie")
}

func TestKdigTakesTheCookie(t *testing.T) {
	t.Parallel()
	program(t, "kdig")
	server := serveSite(t, dns.SystemProfile())
	out := output(t, "kdig", asking(server, "+cookie", "app.gslb.aclab.test", "A")...)
	g := NewWithT(t)
	g.Expect(out).To(MatchRegexp(`;; COOKIE: [0-9A-F]{48}\n`), out)
	g.Expect(out).NotTo(MatchRegexp(`(?i)warning|bad`), out)
}
