package network

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
)

// listener accepts the in-memory connections of one address and port.
type listener struct {
	at     netip.AddrPort
	accept chan net.Conn
	closed chan struct{}
	once   sync.Once
	ports  atomic.Uint32

	mu    sync.Mutex
	conns map[net.Conn]http.ConnState
}

func newListener(at netip.AddrPort) *listener {
	return &listener{at: at, accept: make(chan net.Conn), closed: make(chan struct{}), conns: map[net.Conn]http.ConnState{}}
}

// firstPort is where the ports of clients begin, as on Linux.
const firstPort = 32768

func (l *listener) connect(ctx context.Context, from netip.Addr) (net.Conn, error) {
	client, server := net.Pipe()
	peer := netip.AddrPortFrom(from, uint16(firstPort+l.ports.Add(1)%(1<<15)))
	near := &conn{Conn: client, local: net.TCPAddrFromAddrPort(peer), remote: net.TCPAddrFromAddrPort(l.at)}
	far := &conn{Conn: server, local: near.remote, remote: near.local}
	select {
	case l.accept <- far:
		return near, nil
	case <-l.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Accept implements net.Listener.
func (l *listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.accept:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener.
func (l *listener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

// Addr implements net.Listener.
func (l *listener) Addr() net.Addr { return net.TCPAddrFromAddrPort(l.at) }

// track is the server's ConnState hook.
func (l *listener) track(c net.Conn, state http.ConnState) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if state == http.StateClosed || state == http.StateHijacked {
		delete(l.conns, c)
		return
	}
	l.conns[c] = state
}

// dropConnections ends the connections that are idle, or all of them: those with a request in flight stay silent while
// the host is down and break when it is back.
func (l *listener) dropConnections(idleOnly bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for c, state := range l.conns {
		if !idleOnly || state != http.StateActive {
			_ = c.Close()
		}
	}
}

// conn is one end of an in-memory connection, with the addresses of the simulated hosts.
type conn struct {
	net.Conn
	local, remote net.Addr
}

func (c *conn) LocalAddr() net.Addr  { return c.local }
func (c *conn) RemoteAddr() net.Addr { return c.remote }
