package server_test

import (
	"net"
	"net/netip"
	"slices"
	"syscall"
	"testing"

	"github.com/gslbsim/gslbsim/dns/server"
)

// TestAPortThatUDPCannotHaveIsNotKept lets another program hold the UDP port of the first port that the system gives out.
func TestAPortThatUDPCannotHaveIsNotKept(t *testing.T) {
	var asked []netip.AddrPort
	listener, got, err := server.ListenBoth(loopback, func(_ string, at netip.AddrPort) (netip.AddrPort, error) {
		if asked = append(asked, at); len(asked) == 1 {
			return at, syscall.EADDRINUSE
		}
		return at, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	if len(asked) != 2 || got != asked[1] || listener.Addr().String() != asked[1].String() {
		t.Errorf("TCP at %v, UDP at %v after trying %v", listener.Addr(), got, asked)
	}
}

// A system on which UDP can have no port is not asked for ever, and a port that a user chose is tried once.
func TestPortsAreNotTriedForEver(t *testing.T) {
	held, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	chosen := held.Addr().(*net.TCPAddr).AddrPort()
	if err := held.Close(); err != nil {
		t.Fatal(err)
	}
	for addr, allowed := range map[netip.AddrPort][]int{loopback: {10}, chosen: {0, 1}} { // 0: somebody else was quicker
		asked := 0
		_, _, err := server.ListenBoth(addr, func(string, netip.AddrPort) (int, error) {
			asked++
			return 0, syscall.EADDRINUSE
		})
		if err == nil || !slices.Contains(allowed, asked) {
			t.Errorf("%v: error %v after %d attempts", addr, err, asked)
		}
	}
}
