package live

import (
	"net"
	"net/netip"
	"syscall"
	"testing"
)

// TestAPortThatUDPCannotHaveIsNotKept lets another program hold the UDP port of the first port that the system gives out.
func TestAPortThatUDPCannotHaveIsNotKept(t *testing.T) {
	asked := []string{}
	packet := func(network, address string) (net.PacketConn, error) {
		if asked = append(asked, address); len(asked) == 1 {
			return nil, syscall.EADDRINUSE
		}
		return net.ListenPacket(network, address)
	}
	tcp, udp, err := listenBoth(netip.MustParseAddrPort("127.0.0.1:0"), packet)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _, _ = tcp.Close(), udp.Close() }()
	if len(asked) != 2 || tcp.Addr().String() != asked[1] || udp.LocalAddr().String() != asked[1] {
		t.Errorf("TCP at %v, UDP at %v after trying %v", tcp.Addr(), udp.LocalAddr(), asked)
	}
}

// A port that a user chose is either had or refused.
func TestAChosenPortIsTriedOnce(t *testing.T) {
	asked := 0
	packet := func(string, string) (net.PacketConn, error) {
		asked++
		return nil, syscall.EADDRINUSE
	}
	chosen, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	at := chosen.Addr().(*net.TCPAddr).AddrPort()
	if err := chosen.Close(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := listenBoth(at, packet); err == nil || asked > 1 {
		t.Errorf("error %v after %d attempts", err, asked)
	}
}
