package probe_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	mdns "github.com/miekg/dns"
	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/fakeavi/health"
	"github.com/gslbsim/gslbsim/fakeavi/probe"
	"github.com/gslbsim/gslbsim/internal/loop"
)

func at(t *testing.T, a net.Addr) netip.AddrPort {
	t.Helper()
	p, err := netip.ParseAddrPort(a.String())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func check(kind health.Kind, target netip.AddrPort) health.Check {
	return health.Check{Kind: kind, Target: target.Addr(), Port: target.Port(), Timeout: 20 * time.Second}
}

func run(t *testing.T, c health.Check) health.Outcome {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), c.Timeout)
	defer cancel()
	return probe.Check(ctx, c)
}

// closed refuses connections. It lies below the ports that a system gives out, so that no other test gets it meanwhile.
var closed = netip.MustParseAddrPort("127.0.0.1:1")

func TestHTTPChecks(t *testing.T) {
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/missing":
			w.WriteHeader(http.StatusNotFound)
		case "/echo":
			body, _ := io.ReadAll(r.Body)
			h := r.Header
			fmt.Fprintf(w, "%s %s %s %s", body, h.Get("X-Probe"), h.Get("Accept"), h.Get("Authorization"))
		case "/moved":
			http.Redirect(w, r, "/elsewhere", http.StatusFound)
		default:
			fmt.Fprintf(w, "%s asks %s for %s", r.Method, r.Host, r.URL.Path)
		}
	})
	plain, secure := httptest.NewServer(handler), httptest.NewUnstartedServer(handler)
	names := make(chan string, 100)
	secure.TLS = &tls.Config{GetConfigForClient: func(h *tls.ClientHelloInfo) (*tls.Config, error) {
		names <- h.ServerName
		return nil, nil
	}}
	secure.StartTLS()
	defer plain.Close()
	defer secure.Close()
	for name, tc := range map[string]struct {
		change func(*health.Check)
		ok     bool
		reason string
	}{
		"200": {func(*health.Check) {}, true, ""},
		"keyword": {func(c *health.Check) {
			c.Keyword = "GET asks shop.example for /cart"
			c.Host = "shop.example"
			c.Path = "/cart"
		}, true, ""},
		"missing keyword":      {func(c *health.Check) { c.Keyword = "absent" }, false, "expected text is not in the response"},
		"404":                  {func(c *health.Check) { c.Path = "/missing" }, false, "response code 404 is not expected"},
		"a redirect is 3xx":    {func(c *health.Check) { c.Path = "/moved"; c.Codes = health.Code3XX }, true, ""},
		"a text in the header": {func(c *health.Check) { c.Keyword = "Content-Type: text/plain" }, true, ""},
		"maintenance":          {func(c *health.Check) { c.MaintenanceKeyword = "asks" }, false, "server is in maintenance: the response says so"},
		"what is sent": {func(c *health.Check) {
			c.Method, c.Path, c.Send = "POST", "/echo", "ping"
			c.Header, c.Authorization = "X-Probe: one\nAccept: two\n", "Basic dTpw"
			c.Keyword = "ping one two Basic dTpw"
		}, true, ""},
		"HEAD": {func(c *health.Check) { c.Method = "HEAD" }, true, ""},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			c := check(health.KindHTTP, at(t, plain.Listener.Addr()))
			tc.change(&c)
			o := run(t, c)
			g.Expect(o).To(Equal(health.Outcome{OK: tc.ok, Reason: tc.reason}))
			c.Kind, c.Port = health.KindHTTPS, at(t, secure.Listener.Addr()).Port()
			g.Expect(run(t, c)).To(Equal(o), "over TLS")
			if c.Host != "" {
				g.Expect(names).To(Receive(Equal(c.Host)), "server name")
			}
			for len(names) > 0 {
				<-names
			}
		})
	}
	o := run(t, check(health.KindHTTPS, at(t, plain.Listener.Addr())))
	if o.OK {
		t.Error("a plain server passes an HTTPS check")
	}
}

func TestTCPChecks(t *testing.T) {
	g := NewWithT(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	g.Expect(err).NotTo(HaveOccurred())
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			fmt.Fprint(c, "220 ready")
			c.Close()
		}
	}()
	c := check(health.KindTCP, at(t, l.Addr()))
	g.Expect(run(t, c)).To(Equal(health.Outcome{OK: true}))
	c.Keyword = "220"
	g.Expect(run(t, c)).To(Equal(health.Outcome{OK: true}))
	c.Keyword = "absent"
	g.Expect(run(t, c).Reason).To(Equal("expected text is not in the response"))
	g.Expect(run(t, check(health.KindTCP, closed))).To(Equal(health.Outcome{Reason: "connection refused"}))
}

// A TCP or UDP check sends what its monitor says, and takes an answer that speaks of maintenance for a failure. A server that says
// nothing is well.
func TestTextsOfMaintenance(t *testing.T) {
	g := NewWithT(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	g.Expect(err).NotTo(HaveOccurred())
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				text := make([]byte, 4)
				if _, err := io.ReadFull(c, text); err == nil {
					fmt.Fprintf(c, "got %s", text)
				}
			}()
		}
	}()
	c := check(health.KindTCP, at(t, l.Addr()))
	c.Send, c.MaintenanceKeyword = "PING", "got PING"
	g.Expect(run(t, c)).To(Equal(health.Outcome{Reason: "server is in maintenance: the response says so"}))
	c.Send = "PONG"
	g.Expect(run(t, c)).To(Equal(health.Outcome{OK: true}))
	c.Send = ""
	g.Expect(run(t, c)).To(Equal(health.Outcome{OK: true}), "it waits for what need not come")

	socket, err := net.ListenPacket("udp", "127.0.0.1:0")
	g.Expect(err).NotTo(HaveOccurred())
	defer socket.Close()
	go func() {
		text := make([]byte, 100)
		for {
			n, from, err := socket.ReadFrom(text)
			if err != nil {
				return
			}
			_, _ = socket.WriteTo(text[:n], from)
		}
	}()
	u := check(health.KindUDP, at(t, socket.LocalAddr()))
	u.Send, u.Keyword = "hello", "hello"
	g.Expect(run(t, u)).To(Equal(health.Outcome{OK: true}))
	u.MaintenanceKeyword = "hell"
	g.Expect(run(t, u).Reason).To(ContainSubstring("maintenance"))
}

func TestASilentServerTimesOut(t *testing.T) {
	g := NewWithT(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	g.Expect(err).NotTo(HaveOccurred())
	defer l.Close()
	c := check(health.KindHTTP, at(t, l.Addr()))
	c.Timeout = 50 * time.Millisecond
	g.Expect(run(t, c)).To(Equal(health.Outcome{Silent: true}))
}

func TestDNSAndUDPChecks(t *testing.T) {
	g := NewWithT(t)
	socket, err := net.ListenPacket("udp", "127.0.0.1:0")
	g.Expect(err).NotTo(HaveOccurred())
	up := make(chan struct{})
	server := &mdns.Server{PacketConn: socket, NotifyStartedFunc: func() { close(up) }, Handler: mdns.HandlerFunc(func(w mdns.ResponseWriter, q *mdns.Msg) {
		reply := new(mdns.Msg).SetReply(q)
		if !strings.HasPrefix(q.Question[0].Name, "known.") {
			reply.Rcode = mdns.RcodeNameError
		} else if q.Question[0].Qtype == mdns.TypeA {
			a, _ := mdns.NewRR(q.Question[0].Name + " A 192.0.2.1")
			reply.Answer = []mdns.RR{a}
		}
		_ = w.WriteMsg(reply)
	})}
	go func() { _ = server.ActivateAndServe() }()
	<-up
	defer func() { _ = server.Shutdown() }()
	c := check(health.KindDNS, at(t, socket.LocalAddr()))
	c.Path = "known.example"
	g.Expect(run(t, c).OK).To(BeTrue())
	c.DNS.AAAA = true
	g.Expect(run(t, c)).To(Equal(health.Outcome{Reason: "the response has no answer"}))
	c.DNS.AAAA = false
	c.Path = "other.example"
	g.Expect(run(t, c)).To(Equal(health.Outcome{Reason: "the response is NXDOMAIN"}))
	g.Expect(run(t, check(health.KindUDP, closed))).To(Equal(health.Outcome{Reason: "connection refused"}))
}

func TestPing(t *testing.T) {
	o := run(t, check(health.KindPing, netip.MustParseAddrPort("127.0.0.1:0")))
	if strings.HasPrefix(o.Reason, "no ICMP socket") {
		t.Skip("this machine lets nobody ping: " + o.Reason)
	}
	if !o.OK {
		t.Errorf("loopback does not answer: %+v", o)
	}
}

// TestScript: a script comes before all else, and changes are told at once.
func TestScript(t *testing.T) {
	g := NewWithT(t)
	ctx, stop := context.WithCancel(t.Context())
	l := loop.New()
	ended := make(chan struct{})
	go func() { defer close(ended); l.Run(ctx) }()
	defer func() { stop(); <-ended }()
	p := probe.New(ctx, probe.Config{Scheduler: l, Otherwise: probe.Up})
	told := make(chan netip.Addr, 10)
	p.Changed(func(a netip.Addr) { told <- a })
	target := netip.MustParseAddr("192.0.2.1")
	ask := func() (o health.Outcome) {
		p.Probe(netip.Addr{}, check(health.KindTCP, netip.AddrPortFrom(target, 80)), func(got health.Outcome) { o = got })
		return o
	}
	g.Expect(ask()).To(Equal(health.Outcome{OK: true, Stable: true}))
	g.Expect(p.Set(target, probe.Down)).To(Succeed())
	g.Eventually(told).WithTimeout(20 * time.Second).Should(Receive(Equal(target)))
	g.Expect(ask()).To(Equal(health.Outcome{Reason: "connection refused", Stable: true}))
	g.Expect(p.Set(target, probe.Silent)).To(Succeed())
	g.Expect(ask()).To(Equal(health.Outcome{Silent: true, Stable: true}))
	p.VIPChanged(target)
	g.Expect(ask().Silent).To(BeTrue())
	g.Expect(p.Set(target, "")).To(Succeed())
	g.Expect(ask()).To(Equal(health.Outcome{Silent: true, Stable: true}), "a VIP without an engine is silent, whatever other targets do")
}
