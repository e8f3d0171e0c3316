package server_test

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/netip"
	"testing"
	"time"

	mdns "github.com/miekg/dns"
	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/dns"
	"github.com/gslbsim/gslbsim/dns/server"
)

var loopback = netip.MustParseAddrPort("127.0.0.1:0")

// bigMembers do not fit a datagram of 512 bytes.
const bigMembers = 60

// testTable holds app.gslb.example with one member and big.gslb.example with
// many.
func testTable(t testing.TB, ttl uint32) *dns.Table {
	t.Helper()
	all := 0
	app := dns.Service{
		UUID: "app", Domains: []string{"app.gslb.example"}, Enabled: true, TTL: &ttl,
		Pools: []dns.Pool{{Name: "p", Priority: 10, Enabled: true, Members: members(1)}},
	}
	big := dns.Service{
		UUID: "big", Domains: []string{"big.gslb.example"}, Enabled: true, NumIPs: &all,
		Pools: []dns.Pool{{Name: "p", Priority: 10, Enabled: true, Members: members(bigMembers)}},
	}
	profile := dns.SystemProfile()
	profile.Domains = []string{"gslb.example"}
	table, err := dns.NewTable(dns.Config{Profile: profile, Services: []dns.Service{app, big}})
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func members(n int) []dns.Member {
	list := make([]dns.Member, n)
	for i := range list {
		list[i] = dns.Member{Addr: netip.AddrFrom4([4]byte{192, 0, 2, byte(i + 1)}), Enabled: true, Up: true}
	}
	return list
}

// start serves testTable on a port of its own until the test ends.
func start(t testing.TB, config server.Config) *server.Server {
	t.Helper()
	responder := dns.NewResponder(1)
	responder.Publish(testTable(t, 30))
	return serve(t, responder, config)
}

func serve(t testing.TB, responder *dns.Responder, config server.Config) *server.Server {
	t.Helper()
	if config.Addresses == nil {
		config.Addresses = []netip.AddrPort{loopback}
	}
	s, err := server.Start(responder, config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		_ = s.Shutdown(ctx)
	})
	return s
}

// patience is for what happens within milliseconds on an idle machine.
const patience = 20 * time.Second

func question(name string) *mdns.Msg { return new(mdns.Msg).SetQuestion(name, mdns.TypeA) }

// ask sends a query over "udp" or "tcp".
func ask(t testing.TB, network string, s *server.Server, q *mdns.Msg) *mdns.Msg {
	t.Helper()
	client := mdns.Client{Net: network, Timeout: patience}
	reply, _, err := client.Exchange(q, s.Addresses()[0].String())
	if err != nil {
		t.Fatal(err)
	}
	return reply
}

// dial opens a TCP connection that gives up after a few seconds.
func dial(t testing.TB, s *server.Server) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", s.Addresses()[0].String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(patience))
	return conn
}

// framed is a query as it is sent over TCP.
func framed(t testing.TB, q *mdns.Msg) []byte {
	t.Helper()
	wire, err := q.Pack()
	if err != nil {
		t.Fatal(err)
	}
	return append(binary.BigEndian.AppendUint16(nil, uint16(len(wire))), wire...)
}

// receive reads one message of a TCP connection.
func receive(conn io.Reader) (*mdns.Msg, error) {
	var length [2]byte
	if _, err := io.ReadFull(conn, length[:]); err != nil {
		return nil, err
	}
	wire := make([]byte, binary.BigEndian.Uint16(length[:]))
	if _, err := io.ReadFull(conn, wire); err != nil {
		return nil, err
	}
	var m mdns.Msg
	return &m, m.Unpack(wire)
}

func TestAnswersOverBothTransports(t *testing.T) {
	s := start(t, server.Config{})
	for _, network := range []string{"udp", "tcp"} {
		g := NewWithT(t)
		reply := ask(t, network, s, question("aPP.gslb.example."))
		g.Expect(reply.Answer).To(HaveLen(1), network)
		g.Expect(reply.Answer[0].String()).To(Equal("aPP.gslb.example.\t30\tIN\tA\t192.0.2.1"), network)
	}
	stats := s.Stats()
	NewWithT(t).Expect([]uint64{stats.UDP.Queries, stats.TCP.Queries, stats.UDP.Outcomes[dns.Answered]}).To(Equal([]uint64{1, 1, 1}))
}

// A reply that does not fit is cut, and comes whole over TCP or with a
// larger EDNS buffer.
func TestTruncationAndRetryOverTCP(t *testing.T) {
	g := NewWithT(t)
	s := start(t, server.Config{})
	cut := ask(t, "udp", s, question("big.gslb.example."))
	g.Expect(cut.Truncated).To(BeTrue())
	cut.Compress = true
	g.Expect(cut.Len()).To(BeNumerically("<=", 512))
	g.Expect(ask(t, "tcp", s, question("big.gslb.example.")).Answer).To(HaveLen(bigMembers))
	g.Expect(ask(t, "udp", s, question("big.gslb.example.").SetEdns0(1232, false)).Answer).To(HaveLen(bigMembers))
	g.Expect(s.Stats().UDP.Truncated).To(BeEquivalentTo(1))
}

func TestSeveralAddresses(t *testing.T) {
	g := NewWithT(t)
	s := start(t, server.Config{Addresses: []netip.AddrPort{loopback, loopback}, Workers: 3})
	g.Expect(s.Addresses()).To(HaveLen(2))
	g.Expect(s.Addresses()[0]).NotTo(Equal(s.Addresses()[1]))
	for _, addr := range s.Addresses() {
		reply, err := mdns.Exchange(question("app.gslb.example."), addr.String())
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(reply.Answer).To(HaveLen(1))
	}
}

// On an unspecified address a reply comes from where the query went to.
func TestUnspecifiedAddresses(t *testing.T) {
	for listen, asked := range map[string][]string{"0.0.0.0:0": {"127.0.0.1", "127.0.0.3"}, "[::]:0": {"::1"}} {
		g := NewWithT(t)
		s := start(t, server.Config{Addresses: []netip.AddrPort{netip.MustParseAddrPort(listen)}})
		for _, host := range asked {
			to := netip.AddrPortFrom(netip.MustParseAddr(host), s.Addresses()[0].Port())
			for _, network := range []string{"udp", "tcp"} {
				client := mdns.Client{Net: network, Timeout: patience}
				reply, _, err := client.Exchange(question("app.gslb.example."), to.String())
				g.Expect(err).NotTo(HaveOccurred(), "%s %v", network, to)
				g.Expect(reply.Answer).To(HaveLen(1))
			}
		}
	}
}

func TestUnusableConfigurations(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	t.Cleanup(func() { _ = taken.Close() })
	for want, config := range map[string]server.Config{
		"no address to listen on":     {},
		"Workers is 300: use 1-256":   {Addresses: []netip.AddrPort{loopback}, Workers: 300},
		"TCPIdle is -1s":              {Addresses: []netip.AddrPort{loopback}, TCPIdle: -time.Second},
		"address already in use":      {Addresses: []netip.AddrPort{netip.MustParseAddrPort(taken.Addr().String())}},
		"listen on 198.51.100.1:5353": {Addresses: []netip.AddrPort{netip.MustParseAddrPort("198.51.100.1:5353")}},
	} {
		_, err := server.Start(dns.NewResponder(1), config)
		NewWithT(t).Expect(err).To(MatchError(ContainSubstring(want)))
	}
}

// Datagrams which are no queries get no reply and do not disturb the server.
func TestOddDatagrams(t *testing.T) {
	g := NewWithT(t)
	s := start(t, server.Config{Workers: 1})
	conn, err := net.Dial("udp", s.Addresses()[0].String())
	g.Expect(err).NotTo(HaveOccurred())
	defer func() { _ = conn.Close() }()
	response, _ := question("app.gslb.example.").Pack()
	response[2] |= 0x80
	for _, odd := range [][]byte{{}, {1, 2, 3}, response, make([]byte, server.MaxQuerySize+1)} {
		_, err := conn.Write(odd)
		g.Expect(err).NotTo(HaveOccurred())
	}
	wire, _ := question("app.gslb.example.").Pack()
	_, err = conn.Write(wire)
	g.Expect(err).NotTo(HaveOccurred())
	_ = conn.SetReadDeadline(time.Now().Add(patience))
	got := make([]byte, 512)
	_, err = conn.Read(got)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(got[:2]).To(Equal(wire[:2]), "the first reply is that to the query")
	stats := s.Stats().UDP
	g.Expect(stats.Queries).To(BeEquivalentTo(5))
	g.Expect(stats.Unfit).To(BeEquivalentTo(1))
	g.Expect(stats.Drops[dns.DropMalformed]).To(BeEquivalentTo(2))
	g.Expect(stats.Drops[dns.DropNotQuery]).To(BeEquivalentTo(1))
}

// Queries of any length that is allowed are answered, also among others.
func TestLongQueries(t *testing.T) {
	s := start(t, server.Config{})
	g := NewWithT(t)
	conn, err := net.Dial("udp", s.Addresses()[0].String())
	g.Expect(err).NotTo(HaveOccurred())
	defer func() { _ = conn.Close() }()
	var lengths []int
	for _, padding := range []int{0, 150, 250, 500, 1500, server.MaxQuerySize - 50, 3, server.MaxQuerySize + 1} {
		q := question("app.gslb.example.")
		q.SetEdns0(1232, false)
		q.IsEdns0().Option = append(q.IsEdns0().Option, &mdns.EDNS0_PADDING{Padding: make([]byte, padding)})
		q.Id = uint16(padding)
		wire, err := q.Pack()
		g.Expect(err).NotTo(HaveOccurred())
		_, err = conn.Write(wire)
		g.Expect(err).NotTo(HaveOccurred())
		if len(wire) <= server.MaxQuerySize {
			lengths = append(lengths, padding)
		}
	}
	var answered []int
	for range lengths {
		reply, err := receiveDatagram(conn)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(reply.Answer).To(HaveLen(1))
		answered = append(answered, int(reply.Id))
	}
	g.Expect(answered).To(Equal(lengths))
	g.Eventually(func() uint64 { return s.Stats().UDP.Unfit }).WithTimeout(patience).Should(BeEquivalentTo(1))
}

// receiveDatagram reads one reply over UDP.
func receiveDatagram(conn net.Conn) (*mdns.Msg, error) {
	buf := make([]byte, dns.MaxUDPSize)
	if err := conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		return nil, err
	}
	n, err := conn.Read(buf)
	if err != nil {
		return nil, err
	}
	var reply mdns.Msg
	return &reply, reply.Unpack(buf[:n])
}
