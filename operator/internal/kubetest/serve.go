package kubetest

import (
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
)

// ServeHTTP serves clients that connect to the server.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	reply, err := s.RoundTrip(r)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	defer func() { _ = reply.Body.Close() }()
	w.Header().Set("Content-Type", reply.Header.Get("Content-Type"))
	w.WriteHeader(reply.StatusCode)
	buffer := make([]byte, 1<<16)
	for {
		n, err := reply.Body.Read(buffer)
		if _, failed := w.Write(buffer[:n]); failed != nil || err != nil {
			return
		}
		_ = http.NewResponseController(w).Flush()
	}
}

// Pipes is a listener whose connections are made in memory, so that it may be used in virtual time.
type Pipes struct {
	dialed chan net.Conn
	closed chan struct{}
	once   sync.Once
}

// NewPipes returns a listener that listens.
func NewPipes() *Pipes {
	return &Pipes{dialed: make(chan net.Conn), closed: make(chan struct{})}
}

// Dial connects.
func (p *Pipes) Dial() (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case p.dialed <- there:
		return here, nil
	case <-p.closed:
		return nil, errDown
	}
}

// Accept implements net.Listener.
func (p *Pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.dialed:
		return c, nil
	case <-p.closed:
		return nil, errors.Join(net.ErrClosed, io.EOF)
	}
}

// Close implements net.Listener.
func (p *Pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

// Addr implements net.Listener.
func (p *Pipes) Addr() net.Addr { return pipe{} }

type pipe struct{}

func (pipe) Network() string { return "pipe" }
func (pipe) String() string  { return "pipe" }
