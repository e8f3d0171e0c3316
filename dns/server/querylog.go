package server

import (
	"net"
	"net/netip"
	"time"

	"github.com/gslbsim/gslbsim/dns"
	"github.com/gslbsim/gslbsim/dns/querylog"
)

// log tells the query log how a datagram was answered. Datagrams that no
// responder has seen, such as those above the rate limit, are not logged.
func (w *udpWorker) log(query, reply []byte, from netip.AddrPort, v *dns.Verdict, now time.Time) {
	log := w.server.config.QueryLog
	if log == nil || !log.Wants(v, now) {
		return
	}
	log.Note(&querylog.Exchange{
		Query: query, Reply: reply, Decision: w.dns.Decision(*v), Client: from, Server: w.address, At: now, Worker: w.number,
	})
}

// log is that of a worker for a query over TCP.
func (st *stream) log(query, reply []byte, v *dns.Verdict, now time.Time) {
	log := st.server.config.QueryLog
	if log == nil || !log.Wants(v, now) {
		return
	}
	log.Note(&querylog.Exchange{
		Query: query, Reply: reply, Decision: st.dns.Decision(*v),
		Client: netip.AddrPortFrom(st.client, st.port), Server: plainAddr(st.conn.LocalAddr()), At: now,
	})
}

// plainAddr is the address of a TCP connection's end, IPv4 as such.
func plainAddr(end net.Addr) netip.AddrPort {
	tcp, ok := end.(*net.TCPAddr)
	if !ok {
		return netip.AddrPort{}
	}
	at := tcp.AddrPort()
	return netip.AddrPortFrom(at.Addr().Unmap().WithZone(""), at.Port())
}
