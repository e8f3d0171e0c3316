package network

import (
	"context"
	"net/http"
	"net/netip"
	"time"
)

// stream answers a request whose reply goes on for a long time: every flushed chunk travels to the client as a message of
// its own, in order. The stream breaks when its path is cut for longer than silentStream, or its host is powered off.
func (g *gate) stream(w http.ResponseWriter, r *http.Request, from netip.Addr, key string) {
	ctx, end := context.WithCancel(r.Context())
	defer end()
	s := &streamWriter{w: w, chunks: make(chan chunk, 1), ctx: ctx}
	delivered := make(chan struct{})
	go func() {
		defer close(delivered)
		defer end()
		s.deliver(g, from, key)
	}()
	g.service.Handler.ServeHTTP(s, r.WithContext(ctx))
	s.Flush()
	close(s.chunks)
	<-delivered
	if s.broken {
		panic(http.ErrAbortHandler)
	}
}

type chunk struct {
	data []byte
	due  time.Time
}

// streamWriter collects what a handler writes between two flushes. Handler and delivery are two goroutines; the channel
// between them holds one chunk, so that a client that does not read slows its handler down.
type streamWriter struct {
	w      http.ResponseWriter
	ctx    context.Context
	buf    []byte
	chunks chan chunk
	broken bool // written by deliver, read after it has ended
}

func (s *streamWriter) Header() http.Header { return s.w.Header() }

func (s *streamWriter) WriteHeader(status int) { s.w.WriteHeader(status) }

func (s *streamWriter) Write(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	s.buf = append(s.buf, p...)
	return len(p), nil
}

// Flush hands the collected bytes over for delivery. An empty flush delivers the header.
func (s *streamWriter) Flush() {
	c := chunk{data: s.buf, due: time.Now()}
	s.buf = nil
	select {
	case s.chunks <- c:
	case <-s.ctx.Done():
	}
}

func (s *streamWriter) deliver(g *gate, client netip.Addr, key string) {
	silent := g.cutFor(s.ctx, client)
	for {
		var c chunk
		select {
		case next, ok := <-s.chunks:
			if !ok {
				return
			}
			c = next
		case <-silent:
			s.broken = true
			return
		case <-s.ctx.Done():
			return
		}
		if !s.waitOpen(g, client, silent) {
			return
		}
		travel := g.net.Delay(g.at, client, key) - time.Since(c.due)
		if sleep(s.ctx, max(travel, 0)) != nil {
			return
		}
		if _, err := s.w.Write(c.data); err != nil {
			return
		}
		s.w.(http.Flusher).Flush()
	}
}

// waitOpen blocks until the path is open. It returns false when the stream has ended or is given up.
func (s *streamWriter) waitOpen(g *gate, client netip.Addr, silent <-chan struct{}) bool {
	wait, cancel := context.WithCancel(s.ctx)
	defer cancel()
	go func() {
		select {
		case <-silent:
			cancel()
		case <-wait.Done():
		}
	}()
	if g.net.waitOpen(wait, g.at, client) == nil {
		return true
	}
	s.broken = s.ctx.Err() == nil
	return false
}

// cutFor returns a channel that is closed once the path between the host and the client has been closed for
// silentStream without a break. Its goroutine ends with ctx.
func (g *gate) cutFor(ctx context.Context, client netip.Addr) <-chan struct{} {
	broken := make(chan struct{})
	go func() {
		for ctx.Err() == nil {
			g.net.mu.Lock()
			ok, changed := g.net.open(g.at, client) && g.net.open(client, g.at), g.net.changed
			g.net.mu.Unlock()
			if ok {
				select {
				case <-changed:
				case <-ctx.Done():
				}
				continue
			}
			wait, cancel := context.WithTimeout(ctx, silentStream)
			err := g.net.waitOpen(wait, g.at, client)
			cancel()
			if err != nil {
				close(broken)
				return
			}
		}
	}()
	return broken
}
