package server

import (
	"net"
	"net/netip"
)

// portAttempts is how often a port chosen by the system for TCP is tried for
// UDP, where another program may hold it.
const portAttempts = 10

// ListenBoth opens an address for TCP, and with udp for UDP: TCP first because
// only a TCP port is ever exclusively ours. With port 0 the system chooses one,
// and another is tried, a few times, if UDP cannot have it.
//
// udp gets the network, "udp4" or "udp6", and the address with its port. An
// unspecified address is that of its own family alone. On an error nothing is
// left open.
func ListenBoth[T any](addr netip.AddrPort, udp func(network string, addr netip.AddrPort) (T, error)) (*net.TCPListener, T, error) {
	var none T
	for attempt := 1; ; attempt++ {
		listener, err := net.ListenTCP(family("tcp", addr), net.TCPAddrFromAddrPort(addr))
		if err != nil {
			return nil, none, err
		}
		bound := listener.Addr().(*net.TCPAddr).AddrPort()
		sockets, err := udp(family("udp", addr), netip.AddrPortFrom(bound.Addr().Unmap(), bound.Port()))
		if err == nil {
			return listener, sockets, nil
		}
		_ = listener.Close()
		if addr.Port() != 0 || attempt == portAttempts {
			return nil, none, err
		}
	}
}

// family is a network of package net for one address family. Without it an
// unspecified IPv4 address would listen on IPv6 as well.
func family(network string, addr netip.AddrPort) string {
	if addr.Addr().Is4() {
		return network + "4"
	}
	return network + "6"
}
