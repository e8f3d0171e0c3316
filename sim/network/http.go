package network

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"
)

const (
	// connectTimeout is how long a dial waits for an address that does not answer: that of net/http's default dialer.
	connectTimeout = 30 * time.Second
	// silentStream is how long a stream may be cut before both ends give it up: client-go's HTTP/2 health check, which
	// pings after 30 s without a frame and waits 15 s for the answer.
	silentStream = 45 * time.Second
	// bodyLimit bounds the request bodies that a gate reads, in bytes.
	bodyLimit = 64 << 20
)

// Service is an HTTP server on a simulated host.
type Service struct {
	// Handler answers requests. Ordinary requests run one at a time on the event loop, in the order of their arrival.
	Handler http.Handler
	// Streaming says which requests are answered by a long stream (a Kubernetes watch). They run in the goroutine of
	// their connection, and their chunks travel like messages. nil: none.
	Streaming func(*http.Request) bool
}

// Serve answers HTTP at an address of a host until stop is called. Connections are in memory; TLS is left out, but
// https URLs work through Transport.
func (n *Network) Serve(at netip.AddrPort, s Service) (stop func(), err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.byAddr[at.Addr()] == nil {
		return nil, fmt.Errorf("network: no host has address %s", at.Addr())
	}
	if n.listeners[at] != nil {
		return nil, fmt.Errorf("network: %s is served already", at)
	}
	ln := newListener(at)
	n.listeners[at] = ln
	srv := &http.Server{
		Handler:   &gate{net: n, at: at.Addr(), service: s},
		ConnState: ln.track,
		ErrorLog:  log.New(io.Discard, "", 0),
	}
	// Which of two requests of one instant gets an idle connection, and which must dial, is a race inside of net/http: every
	// request dials.
	srv.SetKeepAlivesEnabled(false)
	ended := make(chan struct{})
	go func() { defer close(ended); _ = srv.Serve(ln) }()
	return func() {
		n.mu.Lock()
		delete(n.listeners, at)
		n.mu.Unlock()
		_ = srv.Close()
		<-ended
	}, nil
}

// Transport returns an HTTP transport for the programs of the host that has address from. CloseIdleConnections ends the
// goroutines that it keeps for idle connections.
func (n *Network) Transport(from netip.Addr) *http.Transport {
	dial := n.Dialer(from)
	return &http.Transport{
		DialContext: dial,
		// An https URL is answered by the same in-memory connection: what is simulated is the network, not TLS.
		DialTLSContext:      dial,
		MaxIdleConnsPerHost: 16,
		IdleConnTimeout:     90 * time.Second,
	}
}

// Dialer returns a dial function, as http.Transport and rest.Config take it, for the programs of the host that has
// address from. addr must be an IP address and a port. Dialing takes no time over an open path, since programs keep
// connections that are warm; it blocks while the path is cut, at most connectTimeout. A host without a server at that port
// refuses.
func (n *Network) Dialer(from netip.Addr) func(ctx context.Context, network, addr string) (net.Conn, error) {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := n.dial(ctx, from, addr)
		if err != nil {
			return nil, &net.OpError{Op: "dial", Net: network, Addr: named(addr), Err: err}
		}
		return conn, nil
	}
}

func (n *Network) dial(ctx context.Context, from netip.Addr, addr string) (net.Conn, error) {
	to, err := netip.ParseAddrPort(addr)
	if err != nil {
		return nil, fmt.Errorf("a simulated host is dialed by IP address and port: %w", err)
	}
	wait, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	if err := n.waitOpen(wait, from, to.Addr()); err != nil {
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case errors.Is(err, net.ErrClosed):
			return nil, err
		}
		return nil, errTimeout{}
	}
	n.mu.Lock()
	ln := n.listeners[to]
	n.mu.Unlock()
	if ln == nil {
		return nil, syscall.ECONNREFUSED
	}
	return ln.connect(ctx, from)
}

// gate stands between the connections of a host and its handler: it makes requests and replies travel.
type gate struct {
	net     *Network
	at      netip.Addr
	service Service
}

func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	from := remote(r)
	body, err := io.ReadAll(io.LimitReader(r.Body, bodyLimit+1))
	if err != nil || len(body) > bodyLimit {
		panic(http.ErrAbortHandler)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	key := requestKey(r, body)
	g.arrive(r.Context(), from, g.at, key)
	if g.service.Streaming != nil && g.service.Streaming(r) {
		g.stream(w, r, from, key)
		return
	}
	reply := newRecorder()
	err = g.net.loop.Do(r.Context(), 0, "http/"+key, func() {
		if g.net.Open(from, g.at) {
			reply.served = true
			g.service.Handler.ServeHTTP(reply, r)
		}
	})
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if !reply.served {
		// The host fell silent between the arrival and this instant: the request is never answered.
		g.neverAnswer(r.Context(), from)
	}
	g.arrive(r.Context(), g.at, from, key+"/reply")
	reply.copyTo(w)
}

// arrive blocks while a message travels. TCP repeats what a cut swallows, so a message that cannot pass waits; when the
// waiting end has given up, the connection is broken.
func (g *gate) arrive(ctx context.Context, from, to netip.Addr, key string) {
	for {
		if err := g.net.waitOpen(ctx, from, to); err != nil {
			panic(http.ErrAbortHandler)
		}
		if err := sleep(ctx, g.net.Delay(from, to, key)); err != nil {
			panic(http.ErrAbortHandler)
		}
		if g.net.Open(from, to) {
			return
		}
	}
}

// neverAnswer holds a request of a host that has lost its state until the client gives up, or until the host is back and
// rejects the connection that it knows nothing of.
func (g *gate) neverAnswer(ctx context.Context, from netip.Addr) {
	_ = g.net.waitOpen(ctx, from, g.at)
	panic(http.ErrAbortHandler)
}

func remote(r *http.Request) netip.Addr {
	ap, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		panic(fmt.Sprintf("network: connection from %q, which is no address of a simulated host", r.RemoteAddr))
	}
	return ap.Addr()
}

// requestKey names a request by what it asks, so that equal requests of different goroutines are told apart from others
// but not from one another. How long a watch shall last does not count: client-go draws it from the global random source.
func requestKey(r *http.Request, body []byte) string {
	query := r.URL.Query()
	query.Del("timeoutSeconds")
	h := fnv.New64a()
	h.Write(body)
	return fmt.Sprintf("%s %s?%s %016x", r.Method, r.URL.EscapedPath(), query.Encode(), h.Sum64())
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// errTimeout is what a dial returns whose SYN was never answered.
type errTimeout struct{}

func (errTimeout) Error() string   { return "i/o timeout" }
func (errTimeout) Timeout() bool   { return true }
func (errTimeout) Temporary() bool { return true }
func (errTimeout) Is(err error) bool {
	return errors.Is(err, context.DeadlineExceeded)
}

type named string

func (named) Network() string  { return "tcp" }
func (n named) String() string { return string(n) }
