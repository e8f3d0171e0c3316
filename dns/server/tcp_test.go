package server_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"os"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/dns/server"
)

// Many queries in one go, the last one in two parts, are answered in order.
func TestPipelining(t *testing.T) {
	g := NewWithT(t)
	conn := dial(t, start(t, server.Config{}))
	const queries = 500
	var pipeline []byte
	for id := range queries {
		q := question("app.gslb.example.")
		q.Id = uint16(id)
		pipeline = append(pipeline, framed(t, q)...)
	}
	tail := len(pipeline) - 10
	go func() { _, _ = conn.Write(pipeline[:tail]) }()
	for id := range queries - 1 {
		reply, err := receive(conn)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(reply.Id).To(BeEquivalentTo(id))
	}
	_, err := conn.Write(pipeline[tail:])
	g.Expect(err).NotTo(HaveOccurred())
	reply, err := receive(conn)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(reply.Id).To(BeEquivalentTo(queries - 1))
}

func TestQueriesPerConnectionAreLimited(t *testing.T) {
	g := NewWithT(t)
	conn := dial(t, start(t, server.Config{TCPQueries: 3}))
	_, err := conn.Write(append(framed(t, question("app.gslb.example.")), framed(t, question("app.gslb.example."))...))
	g.Expect(err).NotTo(HaveOccurred())
	for range 2 {
		_, err := receive(conn)
		g.Expect(err).NotTo(HaveOccurred())
	}
	_, err = conn.Write(framed(t, question("app.gslb.example.")))
	g.Expect(err).NotTo(HaveOccurred())
	_, err = receive(conn)
	g.Expect(err).NotTo(HaveOccurred())
	_, err = receive(conn)
	g.Expect(err).To(MatchError(io.EOF))
}

// Replies are not lost where the server ends a connection on which more is
// being sent: a connection closed with queries unread is reset, and takes the
// replies on their way with it.
func TestEndOfAConnectionTakesNoRepliesWithIt(t *testing.T) {
	query := framed(t, question("app.gslb.example."))
	const answered = 2000
	for name, rest := range map[string][]byte{
		"more queries than allowed": bytes.Repeat(query, 4*answered),
		"a message that is unfit":   append([]byte{0, 0}, bytes.Repeat(query, 4*answered)...),
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			config := server.Config{}
			if rest[1] != 0 {
				config.TCPQueries = answered
			}
			conn := dial(t, start(t, config))
			sent := make(chan error, 1)
			go func() {
				_, err := conn.Write(append(bytes.Repeat(query, answered), rest...))
				sent <- err
			}()
			g.Eventually(sent).WithTimeout(patience).Should(Receive(BeNil()), "all is taken before a reply is read")
			for range answered {
				_, err := receive(conn)
				g.Expect(err).NotTo(HaveOccurred())
			}
			_, err := receive(conn)
			g.Expect(err).To(MatchError(io.EOF))
		})
	}
}

func TestConnectionsAreLimited(t *testing.T) {
	for name, config := range map[string]server.Config{
		"in all":     {TCPConnections: 2},
		"per client": {TCPConnectionsPerClient: 2},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			s := start(t, config)
			kept := dial(t, s)
			dial(t, s)
			g.Eventually(func() int { return s.Stats().Connections }).WithTimeout(patience).Should(Equal(2))
			_, err := dial(t, s).Read(make([]byte, 1))
			g.Expect(err).To(HaveOccurred(), "a third connection is closed")
			g.Expect(s.Stats().Refused).To(BeEquivalentTo(1))
			g.Expect(kept.Close()).To(Succeed())
			g.Eventually(func() int { return s.Stats().Connections }).WithTimeout(patience).Should(Equal(1))
			again := dial(t, s)
			_, err = again.Write(framed(t, question("app.gslb.example.")))
			g.Expect(err).NotTo(HaveOccurred())
			_, err = receive(again)
			g.Expect(err).NotTo(HaveOccurred())
		})
	}
}

// A client that sends nothing, or only part of a query, is cut off.
func TestIdleConnectionsEnd(t *testing.T) {
	for name, sent := range map[string]int{"nothing": 0, "half a length": 1, "half a query": 20} {
		g := NewWithT(t)
		conn := dial(t, start(t, server.Config{TCPIdle: 50 * time.Millisecond}))
		_, err := conn.Write(framed(t, question("app.gslb.example."))[:sent])
		g.Expect(err).NotTo(HaveOccurred())
		_, err = conn.Read(make([]byte, 1))
		g.Expect(err).To(HaveOccurred(), name)
		g.Expect(err).NotTo(MatchError(os.ErrDeadlineExceeded), "%s: that was the client's own patience", name)
	}
}

func TestUnfitLengthsEndTheConnection(t *testing.T) {
	for _, length := range [][]byte{{0, 0}, {0xff, 0xff}, {0x10, 0x01}} {
		g := NewWithT(t)
		s := start(t, server.Config{})
		conn := dial(t, s)
		_, err := conn.Write(length)
		g.Expect(err).NotTo(HaveOccurred())
		_, err = conn.Read(make([]byte, 1))
		g.Expect(err).To(MatchError(io.EOF))
		g.Expect(s.Stats().TCP.Unfit).To(BeEquivalentTo(1))
	}
}

// Shutdown ends idle connections at once and leaves no socket behind.
func TestShutdown(t *testing.T) {
	g := NewWithT(t)
	s := start(t, server.Config{})
	conn := dial(t, s)
	_, err := conn.Write(framed(t, question("app.gslb.example.")))
	g.Expect(err).NotTo(HaveOccurred())
	_, err = receive(conn)
	g.Expect(err).NotTo(HaveOccurred())
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	g.Expect(s.Shutdown(ctx)).To(Succeed())
	_, err = conn.Read(make([]byte, 1))
	g.Expect(err).To(MatchError(io.EOF))
	g.Expect(s.Shutdown(ctx)).To(Succeed(), "a second time")
	again, err := server.Start(nil, server.Config{Addresses: s.Addresses()})
	g.Expect(err).NotTo(HaveOccurred(), "the port is free")
	g.Expect(again.Shutdown(ctx)).To(Succeed())
}

// A server that stops in the middle of a pipeline takes no replies with it
// either.
func TestShutdownInAPipeline(t *testing.T) {
	g := NewWithT(t)
	s := start(t, server.Config{})
	conn := dial(t, s)
	g.Expect(conn.(*net.TCPConn).SetReadBuffer(128 << 10)).To(Succeed())
	const queries = 9000
	_, err := conn.Write(bytes.Repeat(framed(t, question("big.gslb.example.")), queries))
	g.Expect(err).NotTo(HaveOccurred())
	g.Eventually(func() uint64 { return s.Stats().TCP.Queries }).WithTimeout(patience).Should(BeNumerically(">", 0))
	stopped := make(chan error, 1)
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		stopped <- s.Shutdown(ctx)
	}()
	refused := func() bool {
		late, err := net.Dial("tcp", s.Addresses()[0].String())
		if err == nil {
			_ = late.Close()
		}
		return err != nil
	}
	g.Eventually(refused).WithTimeout(patience).Should(BeTrue(), "the server is stopping")
	replies := 0
	for err == nil {
		if _, err = receive(conn); err == nil {
			replies++
		}
	}
	g.Expect(err).To(MatchError(io.EOF))
	if replies == queries {
		t.Skip("the system's buffers held all replies: the server was not in the middle of the pipeline")
	}
	g.Eventually(stopped).WithTimeout(patience).Should(Receive(BeNil()))
	g.Expect(s.Stats().TCP.Queries).To(BeEquivalentTo(replies))
}

// A client that does not take its replies is cut off when the time is over.
func TestShutdownDoesNotWaitForever(t *testing.T) {
	g := NewWithT(t)
	s := start(t, server.Config{TCPWrite: time.Hour, TCPQueries: 1 << 20})
	conn := dial(t, s)
	var pipeline []byte
	for range 2000 {
		pipeline = append(pipeline, framed(t, question("big.gslb.example."))...)
	}
	go func() {
		for {
			if _, err := conn.Write(pipeline); err != nil {
				return
			}
		}
	}()
	last := uint64(0)
	stuck := func() bool {
		before := last
		last = s.Stats().TCP.Queries
		return last > 0 && last == before
	}
	g.Eventually(stuck, patience, "50ms").Should(BeTrue())
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	g.Expect(s.Shutdown(ctx)).To(MatchError(context.DeadlineExceeded))
}
