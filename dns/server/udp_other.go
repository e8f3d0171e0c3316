//go:build !linux

package server

import (
	"errors"
	"net/netip"
	"os"
	"syscall"
	"time"

	"github.com/gslbsim/gslbsim/dns"
)

// canShareAddress: one socket serves an address.
const canShareAddress = false

func prepare(syscall.RawConn, netip.AddrPort) error { return nil }

// run answers queries one by one until the socket is stopped.
func (w *udpWorker) run() {
	query, buf := make([]byte, MaxQuerySize+1), make([]byte, dns.MaxUDPSize)
	for {
		n, from, err := w.conn.ReadFromUDPAddrPort(query)
		switch {
		case err == nil:
			w.exchange(query[:n], buf, from)
		case closed(err), errors.Is(err, os.ErrDeadlineExceeded):
			return
		}
		// Any other error is about an earlier reply (ICMP), not about us.
	}
}

func (w *udpWorker) exchange(query, buf []byte, from netip.AddrPort) {
	w.tally.mu.Lock()
	defer w.tally.mu.Unlock()
	plain := netip.AddrPortFrom(from.Addr().Unmap().WithZone(""), from.Port())
	w.dns.Open([][]byte{query})
	defer w.dns.Close()
	if reply := w.answer(0, query, buf, plain, time.Now()); reply != nil {
		if _, err := w.conn.WriteToUDPAddrPort(reply, from); err != nil {
			w.tally.Unsent++
		}
	}
}
