package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"time"

	"github.com/gslbsim/gslbsim/dns"
)

// udpWorker serves one UDP socket.
type udpWorker struct {
	server *Server
	conn   *net.UDPConn
	tally  tally
}

// listenUDP opens the sockets of one address.
func (s *Server) listenUDP(addr netip.AddrPort) ([]*udpWorker, error) {
	var workers []*udpWorker
	config := net.ListenConfig{Control: shareAddress}
	for range s.workersPerAddress() {
		conn, err := config.ListenPacket(context.Background(), "udp", addr.String())
		if err != nil {
			for _, w := range workers {
				_ = w.conn.Close()
			}
			return nil, fmt.Errorf("UDP: %w", err)
		}
		udp := conn.(*net.UDPConn)
		// The system caps the size; a smaller buffer is no reason not to serve.
		_ = udp.SetReadBuffer(s.config.ReceiveBuffer)
		workers = append(workers, &udpWorker{server: s, conn: udp})
	}
	return workers, nil
}

func (s *Server) workersPerAddress() int {
	if !canShareAddress {
		return 1
	}
	return s.config.Workers
}

// run answers queries until the socket is stopped.
func (w *udpWorker) run() {
	query, buf := make([]byte, MaxQuerySize+1), make([]byte, dns.MaxUDPSize)
	for {
		n, from, err := w.conn.ReadFromUDPAddrPort(query)
		switch {
		case err == nil:
			w.answer(query[:n], buf, from)
		case closed(err), errors.Is(err, os.ErrDeadlineExceeded):
			return
		}
		// Any other error is about an earlier reply (ICMP), not about us.
	}
}

func (w *udpWorker) answer(query, buf []byte, from netip.AddrPort) {
	w.tally.mu.Lock()
	defer w.tally.mu.Unlock()
	if len(query) > MaxQuerySize || from.Port() == 0 {
		w.tally.unfit()
		return
	}
	client := dns.Client{Addr: from.Addr().Unmap().WithZone("")}
	reply, d := w.server.responder.RespondWire(query, buf, client)
	w.tally.count(&d)
	if reply == nil {
		return
	}
	if _, err := w.conn.WriteToUDPAddrPort(reply, from); err != nil {
		w.tally.Unsent++
	}
}

// stop makes run end.
func (w *udpWorker) stop() { _ = w.conn.SetReadDeadline(time.Unix(1, 0)) }
