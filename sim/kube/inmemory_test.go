package kube_test

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"sync"
	"testing"

	"github.com/go-logr/logr"
	"k8s.io/client-go/rest"
	"k8s.io/klog/v2"
	ctrllog "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/gslbsim/gslbsim/sim/kube"
)

// TestMain silences what clients log of the faults that tests make.
func TestMain(m *testing.M) {
	klog.SetLogger(logr.Discard())
	ctrllog.SetLogger(logr.Discard())
	os.Exit(m.Run())
}

// listener is an in-memory net.Listener: what a simulated network is to a server. It must be made inside of the bubble
// that uses it.
type listener struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (l *listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *listener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *listener) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 6443} }

func (l *listener) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	near, far := net.Pipe()
	select {
	case l.conns <- far:
		return near, nil
	case <-l.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// start serves a server in memory until the returned stop is called.
func start(t testing.TB, cfg kube.Config) (*kube.Server, *rest.Config, func()) {
	t.Helper()
	s, err := kube.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ln := &listener{conns: make(chan net.Conn), closed: make(chan struct{})}
	srv := &http.Server{Handler: s, ErrorLog: log.New(io.Discard, "", 0)}
	ended := make(chan struct{})
	go func() { defer close(ended); _ = srv.Serve(ln) }()
	transport := &http.Transport{DialContext: ln.dial, MaxIdleConnsPerHost: 32}
	config := &rest.Config{Host: "http://192.0.2.1:6443", Transport: transport, QPS: -1}
	return s, config, func() {
		s.Close()
		transport.CloseIdleConnections()
		_ = srv.Close()
		<-ended
	}
}
