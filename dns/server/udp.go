package server

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"time"

	"github.com/gslbsim/gslbsim/dns"
)

// udpWorker serves one UDP socket.
type udpWorker struct {
	server  *Server
	conn    *net.UDPConn
	dns     *dns.Worker
	client  dns.Client // of the query that is being answered
	tally   tally
	address netip.AddrPort // of conn
	number  int            // among the workers of the address
}

// listenUDP opens the sockets of one address.
func (s *Server) listenUDP(network string, addr netip.AddrPort) ([]*udpWorker, error) {
	var workers []*udpWorker
	config := net.ListenConfig{Control: func(_, _ string, raw syscall.RawConn) error { return prepare(raw, addr) }}
	for number := range s.workersPerAddress() {
		conn, err := config.ListenPacket(context.Background(), network, addr.String())
		if err != nil {
			for _, w := range workers {
				_ = w.conn.Close()
			}
			return nil, fmt.Errorf("UDP: %w", err)
		}
		udp := conn.(*net.UDPConn)
		// The system caps the size; a smaller buffer is no reason not to serve.
		_ = udp.SetReadBuffer(s.config.ReceiveBuffer)
		workers = append(workers, &udpWorker{server: s, conn: udp, dns: s.responder.NewWorker(), address: addr, number: number})
	}
	return workers, nil
}

func (s *Server) workersPerAddress() int {
	if !canShareAddress {
		return 1
	}
	return s.config.Workers
}

// answer replies to a datagram, the i-th of those that w.dns was opened with,
// into buf; nil if nothing is sent. The worker's tally must be locked.
func (w *udpWorker) answer(i int, query, buf []byte, from netip.AddrPort, now time.Time) []byte {
	if len(query) > MaxQuerySize || from.Port() == 0 {
		w.tally.unfit()
		return nil
	}
	var proved bool
	w.client.Addr, w.client.Port = from.Addr(), from.Port()
	w.client.Cookie, proved = w.server.cookies.exchange(query, from.Addr(), now)
	if limiter := w.server.limiter; limiter != nil && !proved {
		switch limiter.admit(from.Addr(), now) {
		case dropIt:
			w.tally.limited()
			return nil
		case slipIt:
			w.tally.slipped()
			return slip(query, buf)
		}
	}
	reply, verdict := w.dns.Reply(i, buf, &w.client)
	w.tally.count(&verdict)
	w.log(query, reply, from, &verdict, now)
	return reply
}

// stop makes run end once it has answered what has arrived.
func (w *udpWorker) stop() { _ = w.conn.SetReadDeadline(time.Unix(1, 0)) }
