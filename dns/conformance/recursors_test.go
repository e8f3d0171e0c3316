package conformance_test

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"

	mdns "github.com/miekg/dns"
	. "github.com/onsi/gomega"
)

// recursors start a recursive resolver which knows where the parent zone is
// served, and follows its delegations like any other.
var recursors = map[string]func(t *testing.T, s *stage){"unbound": startUnbound, "named": startNamed}

func startUnbound(t *testing.T, s *stage) {
	folder := t.TempDir()
	config := filepath.Join(folder, "unbound.conf")
	write(t, config, fmt.Sprintf(`server:
  interface: %[1]s
  port: %[2]d
  access-control: 127.0.0.0/8 allow
  do-not-query-localhost: no
  do-daemonize: no
  use-syslog: no
  logfile: ""
  verbosity: 1
  username: ""
  chroot: ""
  directory: %[3]q
  pidfile: ""
  module-config: "iterator"
  local-zone: "test." nodefault
  outgoing-interface: %[1]s
  so-reuseport: no
remote-control:
  control-enable: no
stub-zone:
  name: "aclab.test"
  stub-addr: %[4]s
`, s.resolver.Addr(), s.resolver.Port(), folder, s.at(10).Addr()))
	start(t, "unbound", "-d", "-p", "-c", config)
}

// startNamed lets BIND listen on 127.0.0.1, as it only knows addresses that an
// interface has. Its port is the stage's own, and below those that a system
// gives out: none that was found free would have to stay so.
func startNamed(t *testing.T, s *stage) {
	folder := t.TempDir()
	s.resolver = netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), 20000+uint16(s.at(0).Addr().As4()[2]))
	config := filepath.Join(folder, "named.conf")
	write(t, config, fmt.Sprintf(`options {
  directory %[3]q;
  listen-on port %[2]d { %[1]s; };
  listen-on-v6 { none; };
  query-source address %[1]s;
  recursion yes;
  allow-recursion { 127.0.0.0/8; };
  dnssec-validation no;
  empty-zones-enable no;
  pid-file none;
  session-keyfile none;
};
controls { };
zone "aclab.test" { type static-stub; server-addresses { %[4]s; }; };
`, s.resolver.Addr(), s.resolver.Port(), folder, s.at(10).Addr()))
	start(t, "named", "-g", "-n", "1", "-c", config)
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// withRecursors runs a test with each resolver on a stage of its own.
func withRecursors(t *testing.T, silent bool, test func(t *testing.T, s *stage)) {
	for _, name := range []string{"unbound", "named"} {
		t.Run(name, func(t *testing.T) {
			program(t, name)
			t.Parallel() // they wait more than they work
			s := setStage(t, silent)
			recursors[name](t, s)
			// A name of the parent's own says when the resolver is ready.
			NewWithT(t).Eventually(func() int { return s.ask(t, "cdn.aclab.test.", mdns.TypeA).Rcode }, patience, 50*time.Millisecond).
				Should(Equal(mdns.RcodeSuccess))
			test(t, s)
		})
	}
}

// ask asks the resolver as a stub does; REFUSED stands for no reply.
func (s *stage) ask(t *testing.T, name string, qtype uint16) *mdns.Msg {
	t.Helper()
	client := mdns.Client{Timeout: 2 * time.Second}
	reply, _, err := client.Exchange(new(mdns.Msg).SetQuestion(name, qtype), s.resolver.String())
	if err != nil {
		reply = &mdns.Msg{MsgHdr: mdns.MsgHdr{Rcode: mdns.RcodeRefused}}
	}
	return reply
}

// addrs are the addresses answered.
func addrs(reply *mdns.Msg) (all []string) {
	for _, rr := range reply.Answer {
		switch rr := rr.(type) {
		case *mdns.A:
			all = append(all, rr.A.String())
		case *mdns.AAAA:
			all = append(all, rr.AAAA.String())
		}
	}
	return all
}

func TestRecursorsFollowTheDelegation(t *testing.T) {
	t.Parallel()
	withRecursors(t, false, func(t *testing.T, s *stage) {
		g := NewWithT(t)
		reply := s.ask(t, "www.aclab.test.", mdns.TypeA)
		g.Expect(reply.Rcode).To(Equal(mdns.RcodeSuccess))
		g.Expect(reply.Answer[0].String()).To(MatchRegexp(`^www\.aclab\.test\.\s\d+\sIN\sCNAME\sapp\.gslb\.aclab\.test\.$`))
		g.Expect(addrs(reply)).To(HaveLen(1))
		g.Expect(addrs(reply)[0]).To(BeElementOf("192.0.2.1", "192.0.2.2", "192.0.2.3"))
		g.Expect(s.queries()).To(BeNumerically(">", 0))

		g.Expect(addrs(s.ask(t, "dual.gslb.aclab.test.", mdns.TypeAAAA))).To(Equal([]string{"2001:db8::60"}))
		g.Expect(addrs(s.ask(t, "a.b.wild.gslb.aclab.test.", mdns.TypeA))).To(Equal([]string{"192.0.2.50"}))
		g.Expect(addrs(s.ask(t, "fallback.gslb.aclab.test.", mdns.TypeA))).To(Equal([]string{"192.0.2.99"}))
		g.Expect(addrs(s.ask(t, "sorry.gslb.aclab.test.", mdns.TypeA))).To(Equal([]string{"192.0.2.98"}), "the alias leads to the parent zone")
		g.Expect(addrs(s.ask(t, "named.gslb.aclab.test.", mdns.TypeA))).To(Equal([]string{"192.0.2.77"}))
		g.Expect(s.ask(t, "_sip._tcp.gslb.aclab.test.", mdns.TypeSRV).Answer).To(HaveLen(1))

		missing := s.ask(t, "none.gslb.aclab.test.", mdns.TypeA)
		g.Expect(missing.Rcode).To(Equal(mdns.RcodeNameError))
		void := s.ask(t, "void.gslb.aclab.test.", mdns.TypeA)
		g.Expect(void.Rcode).To(Equal(mdns.RcodeSuccess))
		g.Expect(void.Answer).To(BeEmpty())
		g.Expect(s.ask(t, "app.gslb.aclab.test.", mdns.TypeAAAA).Rcode).To(Equal(mdns.RcodeSuccess))
		g.Expect(s.ask(t, "silent.gslb.aclab.test.", mdns.TypeA).Rcode).
			To(BeElementOf(mdns.RcodeServerFailure, mdns.RcodeRefused), "down response none: the resolver gives up, or the client does")
	})
}

// TestRecursorsRetryOverTCP asks for more than fits into a datagram of the
// resolver's own size.
func TestRecursorsRetryOverTCP(t *testing.T) {
	t.Parallel()
	withRecursors(t, false, func(t *testing.T, s *stage) {
		g := NewWithT(t)
		client := mdns.Client{Net: "tcp", Timeout: 5 * time.Second}
		reply, _, err := client.Exchange(new(mdns.Msg).SetQuestion("huge.gslb.aclab.test.", mdns.TypeTXT), s.resolver.String())
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(reply.Answer).To(HaveLen(2))
		tcp := uint64(0)
		for _, srv := range s.sites {
			tcp += srv.Stats().TCP.Queries
		}
		g.Expect(tcp).To(BeNumerically(">", 0))
	})
}

// TestRecursorsKeepTheTTL: within a second the cache answers with what it
// has, counting down; then the name servers are asked again.
func TestRecursorsKeepTheTTL(t *testing.T) {
	t.Parallel()
	withRecursors(t, false, func(t *testing.T, s *stage) {
		g := NewWithT(t)
		s.ask(t, "app.gslb.aclab.test.", mdns.TypeA)
		asked := s.queries()
		first := s.ask(t, "app.gslb.aclab.test.", mdns.TypeA)
		for range 50 {
			reply := s.ask(t, "app.gslb.aclab.test.", mdns.TypeA)
			g.Expect(addrs(reply)).To(Equal(addrs(first)))
			g.Expect(reply.Answer[0].Header().Ttl).To(BeNumerically("<=", 30))
		}
		g.Expect(s.queries()).To(Equal(asked), "all from the cache")
		g.Expect(s.ask(t, "none.gslb.aclab.test.", mdns.TypeA).Rcode).To(Equal(mdns.RcodeNameError))
		asked = s.queries()
		g.Expect(s.ask(t, "none.gslb.aclab.test.", mdns.TypeA).Rcode).To(Equal(mdns.RcodeNameError))
		g.Expect(s.queries()).To(Equal(asked), "its absence as well (RFC 2308)")

		seen := map[string]bool{}
		g.Eventually(func() int {
			for _, a := range addrs(s.ask(t, "brief.gslb.aclab.test.", mdns.TypeA)) {
				seen[a] = true
			}
			return len(seen)
		}, patience, 100*time.Millisecond).Should(Equal(2), "once the TTL of one second is over the other member has its turn")
	})
}

// TestRecursorsGoToTheOtherSite: one of the two name servers swallows what it
// is asked, as a site without power does. Every name is still answered.
func TestRecursorsGoToTheOtherSite(t *testing.T) {
	t.Parallel()
	withRecursors(t, true, func(t *testing.T, s *stage) {
		g := NewWithT(t)
		g.Expect(s.sites[0]).To(BeNil())
		for i := range 8 {
			name := "n" + strconv.Itoa(i) + ".wild.gslb.aclab.test."
			g.Eventually(func() []string { return addrs(s.ask(t, name, mdns.TypeA)) }, patience, 50*time.Millisecond).
				Should(Equal([]string{"192.0.2.50"}), name)
		}
		g.Expect(s.sites[1].Stats().UDP.Queries).To(BeNumerically(">=", 8))
	})
}

// TestDigFollowsFromTheTop lets dig ask each server on the way itself.
func TestDigFollowsFromTheTop(t *testing.T) {
	t.Parallel()
	program(t, "dig")
	s := setStage(t, false)
	out := output(t, "dig", asking(netip.AddrPortFrom(s.at(10).Addr(), 53), "+norecurse", "app.gslb.aclab.test", "A")...)
	g := NewWithT(t)
	g.Expect(folded(out)).To(MatchRegexp(`(?m)^gslb\.aclab\.test\. 3600 IN NS avi-ns01\.aclab\.test\.$`))
	g.Expect(out).To(ContainSubstring("flags: qr; QUERY: 1, ANSWER: 0, AUTHORITY: 2, ADDITIONAL: 3"))
	glue := regexp.MustCompile(`avi-ns0[12]\.aclab\.test\.\s+\d+\s+IN\s+A\s+(\S+)`).FindAllStringSubmatch(out, -1)
	g.Expect(glue).To(HaveLen(2))
	for _, server := range glue {
		out := output(t, "dig", asking(netip.AddrPortFrom(ip(server[1]), 53), "+norecurse", "app.gslb.aclab.test", "A")...)
		g.Expect(out).To(ContainSubstring("flags: qr aa; QUERY: 1, ANSWER: 1"))
	}
}
