package server

import (
	"errors"
	"net/netip"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// canShareAddress: several sockets may be bound to one address, and the
// system spreads clients over them.
const canShareAddress = true

// prepare sets a socket up before it is bound. On an unspecified address it
// also asks for the address of each query, from which the reply must come.
func prepare(raw syscall.RawConn, addr netip.AddrPort) error {
	var failed error
	err := raw.Control(func(fd uintptr) {
		failed = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, 1)
		if !addr.Addr().IsUnspecified() {
			return
		}
		if addr.Addr().Is4() {
			failed = errors.Join(failed, unix.SetsockoptInt(int(fd), unix.IPPROTO_IP, unix.IP_PKTINFO, 1))
			return
		}
		failed = errors.Join(failed, unix.SetsockoptInt(int(fd), unix.IPPROTO_IPV6, unix.IPV6_RECVPKTINFO, 1))
	})
	return errors.Join(err, failed)
}

// run answers queries in batches until the socket is stopped: as many as have
// arrived are read with one system call and answered with another.
func (w *udpWorker) run() {
	raw, err := w.conn.SyscallConn()
	if err != nil {
		return // closed before it began
	}
	b := newBatch(raw)
	for {
		n, err := b.receive()
		if err != nil {
			b.drain(w)
			return
		}
		w.exchange(b, n)
	}
}

// exchange answers the first n queries of a batch.
func (w *udpWorker) exchange(b *batch, n int) {
	w.tally.mu.Lock()
	defer w.tally.mu.Unlock()
	now := time.Now()
	queries := b.queries(n)
	w.dns.Open(queries)
	for i, query := range queries {
		if reply := w.answer(i, query, b.space(), b.from(i), now); reply != nil {
			b.add(i, reply)
		}
	}
	w.dns.Close()
	w.tally.Unsent += uint64(b.send())
}
