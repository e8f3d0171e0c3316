package conformance_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/dns"
)

// TestClientsUnderstandEveryAnswer asks with dig, kdig and drill for each
// kind of answer. They print the same records in slightly different forms, so
// that spaces are folded and the answers compared by patterns.
func TestClientsUnderstandEveryAnswer(t *testing.T) {
	t.Parallel()
	const zone = "gslb.aclab.test"
	soa := `gslb\.aclab\.test\. 30 IN SOA gslb\.aclab\.test\. hostmaster\. 1 10800 3600 86400 30`
	tests := []struct {
		name, qtype string
		status      string
		want        []string // patterns of lines
	}{
		{"app." + zone, "A", "NOERROR", []string{`app\.gslb\.aclab\.test\. 30 IN A 192\.0\.2\.[123]`}},
		{"app." + zone, "AAAA", "NOERROR", nil},
		{"app." + zone, "MX", "NOERROR", []string{soa}},
		{"dual." + zone, "AAAA", "NOERROR", []string{`dual\.gslb\.aclab\.test\. 30 IN AAAA 2001:db8::60`}},
		{"a.b.wild." + zone, "A", "NOERROR", []string{`a\.b\.wild\.gslb\.aclab\.test\. 30 IN A 192\.0\.2\.50`}},
		{"named." + zone, "A", "NOERROR", []string{`IN CNAME cdn\.aclab\.test\.`, `cdn\.aclab\.test\. 30 IN A 192\.0\.2\.77`}},
		{"_sip._tcp." + zone, "SRV", "NOERROR", []string{`IN SRV 1 2 5060 sip\.aclab\.test\.`, `sip\.aclab\.test\. 30 IN A 192\.0\.2\.78`}},
		{"mail." + zone, "MX", "NOERROR", []string{`IN MX 5 mx\.aclab\.test\.`}},
		{"text." + zone, "TXT", "NOERROR", []string{`IN TXT "with \\"quotes\\" and \\\\"`}},
		{zone, "SOA", "NOERROR", []string{soa}},
		{"none." + zone, "A", "NXDOMAIN", []string{soa}},
		{"none.example", "A", "NXDOMAIN", nil},
		{"x.sub." + zone, "A", "NOERROR", []string{`sub\.gslb\.aclab\.test\. 30 IN NS ns\.sub\.gslb`, `ns\.sub\.gslb\.aclab\.test\. 30 IN A 192\.0\.2\.53`}},
		{"fallback." + zone, "A", "NOERROR", []string{`fallback\.gslb\.aclab\.test\. 30 IN A 192\.0\.2\.99`}},
		{"sorry." + zone, "A", "NOERROR", []string{`IN CNAME sorry\.aclab\.test\.`}},
		{"void." + zone, "A", "NOERROR", []string{soa}},
	}
	for _, client := range []string{"dig", "kdig", "drill"} {
		t.Run(client, func(t *testing.T) {
			program(t, client)
			server := serveSite(t, dns.SystemProfile())
			for _, test := range tests {
				out := folded(output(t, client, asking(server, test.name, test.qtype)...))
				g := NewWithT(t)
				g.Expect(out).To(MatchRegexp(`(status|rcode): `+test.status), "%s %s", test.name, test.qtype)
				for _, want := range test.want {
					g.Expect(out).To(MatchRegexp(want), "%s %s", test.name, test.qtype)
				}
				g.Expect(out).NotTo(MatchRegexp(`(?i)malformed|mismatch|bad packet|extra bytes|unexpected|failed`), "%s %s", test.name, test.qtype)
			}
		})
	}
}

var spaces = regexp.MustCompile(`[ \t]+`)

// folded makes a single space of each stretch of spaces and tabs.
func folded(s string) string { return spaces.ReplaceAllString(s, " ") }

// TestDropsAreSilence asks a profile that drops what it cannot answer, and a
// service that is down.
func TestDropsAreSilence(t *testing.T) {
	t.Parallel()
	program(t, "dig")
	server := serveSite(t, dns.DefaultProfile())
	patient := func(name, qtype string) string {
		return output(t, "dig", asking(server, "+tries=1", "+timeout=1", name, qtype)...)
	}
	g := NewWithT(t)
	g.Expect(patient("app.gslb.aclab.test", "A")).To(ContainSubstring("ANSWER: 1"))
	for _, q := range [][2]string{{"app.gslb.aclab.test", "AAAA"}, {"none.gslb.aclab.test", "A"}, {"silent.gslb.aclab.test", "A"}} {
		g.Expect(patient(q[0], q[1])).To(MatchRegexp(`timed out|no servers could be reached`), "%v", q)
	}
}

// TestLettersAreKept: a resolver that mixes upper and lower case against
// forged replies wants its own letters back.
func TestLettersAreKept(t *testing.T) {
	t.Parallel()
	program(t, "dig")
	out := folded(output(t, "dig", asking(serveSite(t, dns.SystemProfile()), "aPp.GsLb.ACLAB.test", "A")...))
	g := NewWithT(t)
	g.Expect(out).To(ContainSubstring(";aPp.GsLb.ACLAB.test. IN A"))
	g.Expect(out).To(MatchRegexp(`(?m)^aPp\.GsLb\.ACLAB\.test\. 30 IN A`))
}

// TestClientSubnetOverTheWire asks for the answers of many networks and
// expects the scope of the hash's mask, and one member per network.
func TestClientSubnetOverTheWire(t *testing.T) {
	t.Parallel()
	for _, client := range []string{"dig", "kdig"} {
		t.Run(client, func(t *testing.T) {
			program(t, client)
			server := serveSite(t, dns.SystemProfile())
			g := NewWithT(t)
			seen := map[string]bool{}
			for i := range 12 {
				var answers []string
				for _, host := range []int{0, 7} { // two networks of the same /20
					out := output(t, client, asking(server, fmt.Sprintf("+subnet=198.51.%d.0/24", 16*i+host), "hash.gslb.aclab.test", "A")...)
					g.Expect(out).To(MatchRegexp(fmt.Sprintf(`CLIENT-SUBNET: 198\.51\.%d\.0/24/20`, 16*i+host)))
					answers = append(answers, addresses(out)...)
				}
				g.Expect(answers).To(HaveLen(2))
				g.Expect(answers[0]).To(Equal(answers[1]), "the answer holds for the whole scope")
				seen[answers[0]] = true
			}
			g.Expect(len(seen)).To(BeNumerically(">", 1))
			out := output(t, client, asking(server, "+subnet=198.51.100.0/24", "app.gslb.aclab.test", "A")...)
			g.Expect(out).To(ContainSubstring("CLIENT-SUBNET: 198.51.100.0/24/0"), "turns depend on nobody")
			out = output(t, client, asking(server, "+subnet=2001:db8:1:2::/64", "hash.gslb.aclab.test", "A")...)
			g.Expect(out).To(ContainSubstring("CLIENT-SUBNET: 2001:db8:1:2::/64/48"))
		})
	}
}

var addressRecord = regexp.MustCompile(`(?m)^[^;\s]\S*\s+\d+\s+IN\s+A\s+(\S+)`)

// addresses are those of the A records that a client printed.
func addresses(out string) []string {
	var found []string
	for _, m := range addressRecord.FindAllStringSubmatch(out, -1) {
		found = append(found, m[1])
	}
	return found
}

// TestTruncation: what does not fit is cut, with TC set, and comes whole over
// TCP or in a larger datagram.
func TestTruncation(t *testing.T) {
	t.Parallel()
	program(t, "dig")
	server := serveSite(t, dns.SystemProfile())
	ask := func(flags ...string) string {
		return output(t, "dig", asking(server, append(flags, "wide.gslb.aclab.test", "A")...)...)
	}
	g := NewWithT(t)
	cut := ask("+ignore", "+noedns")
	g.Expect(cut).To(MatchRegexp(`flags: qr aa tc`))
	g.Expect(len(addresses(cut))).To(BeNumerically("<", 32))
	g.Expect(ask("+noedns")).To(ContainSubstring("Truncated, retrying in TCP mode"))
	for _, flags := range [][]string{{"+noedns"}, {"+tcp"}, {"+bufsize=1232", "+ignore"}} {
		whole := ask(flags...)
		g.Expect(addresses(whole)).To(HaveLen(60), "%v", flags)
		g.Expect(whole).NotTo(MatchRegexp(`flags:[a-z ]* tc`))
	}
	for client, flag := range map[string]string{"kdig": "+noedns", "drill": "-t"} {
		t.Run(client, func(t *testing.T) {
			program(t, client)
			out := output(t, client, asking(server, flag, "wide.gslb.aclab.test", "A")...)
			NewWithT(t).Expect(addresses(out)).To(HaveLen(60))
		})
	}
}

// TestEDNSVersions: version 0 is answered, others are told so (RFC 6891
// section 6.1.3).
func TestEDNSVersions(t *testing.T) {
	t.Parallel()
	program(t, "dig")
	server := serveSite(t, dns.SystemProfile())
	g := NewWithT(t)
	g.Expect(output(t, "dig", asking(server, "+edns=1", "+noednsnegotiation", "app.gslb.aclab.test", "A")...)).
		To(ContainSubstring("status: BADVERS"))
	g.Expect(output(t, "dig", asking(server, "+ednsopt=65001:beef", "app.gslb.aclab.test", "A")...)).
		To(And(ContainSubstring("status: NOERROR"), ContainSubstring("ANSWER: 1")), "an unknown option is ignored")
	g.Expect(output(t, "dig", asking(server, "+opcode=UPDATE", "app.gslb.aclab.test", "A")...)).To(ContainSubstring("status: NOTIMP"))
	g.Expect(output(t, "dig", asking(server, "-c", "CH", "version.bind", "TXT")...)).To(ContainSubstring("status: REFUSED"))
}

// TestManyQueriesOnOneConnection lets kdig and dig keep a TCP connection.
func TestManyQueriesOnOneConnection(t *testing.T) {
	t.Parallel()
	server := serveSite(t, dns.SystemProfile())
	for _, client := range []string{"dig", "kdig"} {
		t.Run(client, func(t *testing.T) {
			program(t, client)
			args := asking(server, "+tcp", "+keepopen")
			for range 20 {
				args = append(args, "app.gslb.aclab.test", "A")
			}
			out := output(t, client, args...)
			NewWithT(t).Expect(addresses(out)).To(HaveLen(20), strings.TrimSpace(out))
		})
	}
}
