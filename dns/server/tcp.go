package server

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/netip"
	"sync"
	"time"

	mdns "github.com/miekg/dns"

	"github.com/gslbsim/gslbsim/dns"
)

// stream is one TCP connection.
type stream struct {
	server *Server
	conn   *net.TCPConn
	client netip.Addr
	port   uint16
	dns    *dns.Worker
	in     *bufio.Reader
	out    []byte // replies that have not been sent
	query  []byte
	reply  []byte

	mu      sync.Mutex
	hurried bool // no further query is waited for
}

// streams are the open connections.
type streams struct {
	mu        sync.Mutex
	open      map[*stream]struct{}
	perClient map[netip.Addr]int
	accepted  uint64
	refused   uint64
	tally     tally
}

// acceptPause is how long accepting rests when the system refuses
// connections, for want of file descriptors as a rule.
const acceptPause = 50 * time.Millisecond

func (s *Server) accept(listener *net.TCPListener) {
	for {
		conn, err := listener.AcceptTCP()
		switch {
		case err == nil:
			s.welcome(conn)
		case closed(err):
			return
		default:
			select {
			case <-s.closing:
				return
			case <-time.After(acceptPause):
			}
		}
	}
}

// welcome serves a connection, or closes it where there are too many.
func (s *Server) welcome(conn *net.TCPConn) {
	from := conn.RemoteAddr().(*net.TCPAddr).AddrPort()
	st := &stream{server: s, conn: conn, client: from.Addr().Unmap().WithZone(""), port: from.Port()}
	if !s.admit(st) {
		_ = conn.Close()
		return
	}
	s.running.Go(func() {
		defer s.dismiss(st)
		st.serve()
	})
}

func (s *Server) admit(st *stream) bool {
	s.streams.mu.Lock()
	defer s.streams.mu.Unlock()
	if s.isClosing() || len(s.streams.open) >= s.config.TCPConnections ||
		s.streams.perClient[st.client] >= s.config.TCPConnectionsPerClient {
		s.streams.refused++
		return false
	}
	s.streams.accepted++
	s.streams.open[st] = struct{}{}
	s.streams.perClient[st.client]++
	return true
}

func (s *Server) dismiss(st *stream) {
	_ = st.conn.Close()
	s.streams.mu.Lock()
	defer s.streams.mu.Unlock()
	delete(s.streams.open, st)
	if s.streams.perClient[st.client]--; s.streams.perClient[st.client] == 0 {
		delete(s.streams.perClient, st.client)
	}
}

// hurry makes connections that wait for a query end.
func (c *streams) hurry() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for st := range c.open {
		st.hurry()
	}
}

func (st *stream) hurry() {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.hurried = true
	_ = st.conn.SetReadDeadline(time.Unix(1, 0))
}

func (st *stream) isHurried() bool {
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.hurried
}

// extend gives the client time for its next query.
func (st *stream) extend() {
	st.mu.Lock()
	defer st.mu.Unlock()
	if !st.hurried {
		_ = st.conn.SetReadDeadline(time.Now().Add(st.server.config.TCPIdle))
	}
}

// cut closes all connections.
func (c *streams) cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for st := range c.open {
		_ = st.conn.Close()
	}
}

const (
	lengthSize = 2 // of the length before each message, in bytes
	// streamBuffer is how much of a client's pipeline is read at a time.
	streamBuffer = 2 * MaxQuerySize
	// streamBacklog is how many bytes of replies are gathered before they
	// are sent, while further queries have already arrived.
	streamBacklog = 16 << 10
)

// serve answers the queries of a connection in order (RFC 7766 section 6.2.1
// allows that), until the client ends it or breaks a rule. Replies to a
// pipeline of queries are sent together.
func (st *stream) serve() {
	st.in = bufio.NewReaderSize(st.conn, streamBuffer)
	st.dns = st.server.responder.NewWorker()
	st.query = make([]byte, MaxQuerySize)
	st.reply = make([]byte, mdns.MaxMsgSize)
	for range st.server.config.TCPQueries {
		query, err := st.read()
		if err != nil {
			if st.flush() == nil && (errors.Is(err, errUnfit) || st.isHurried()) {
				st.part()
			}
			return
		}
		st.answer(query)
		if len(st.out) >= streamBacklog && st.flush() != nil {
			return
		}
	}
	if st.flush() == nil {
		st.part()
	}
}

const (
	// partingTime and partingBytes bound what is still read from a client
	// whose connection is being ended.
	partingTime  = 5 * time.Second
	partingBytes = 16 << 20
	// hurriedParting is partingTime while the server is stopping.
	hurriedParting = 200 * time.Millisecond
)

// part ends a connection whose client may be sending. Were it closed with
// queries unread, the system would reset it, and the client would lose the
// replies that it has not read: so the client is told that no more will come,
// and what it sends is thrown away until it ends the connection too.
func (st *stream) part() {
	if st.conn.CloseWrite() != nil {
		return
	}
	patience := partingTime
	if st.isHurried() {
		patience = hurriedParting
	}
	_ = st.conn.SetReadDeadline(time.Now().Add(patience))
	_, _ = io.CopyN(io.Discard, st.conn, partingBytes)
}

// errUnfit: the client announced a message that cannot be a query.
var errUnfit = errors.New("unfit message length")

// read waits for a complete query. Replies are sent before it blocks.
func (st *stream) read() ([]byte, error) {
	if !st.arrived() {
		if err := st.flush(); err != nil {
			return nil, err
		}
		st.extend()
	}
	var length [lengthSize]byte
	if _, err := io.ReadFull(st.in, length[:]); err != nil {
		return nil, err
	}
	n := int(binary.BigEndian.Uint16(length[:]))
	if n == 0 || n > MaxQuerySize {
		st.count(func(c *Counters) { c.unfit() })
		return nil, errUnfit
	}
	_, err := io.ReadFull(st.in, st.query[:n])
	return st.query[:n], err
}

// arrived tells whether reading the next query will not block.
func (st *stream) arrived() bool {
	length, err := st.in.Peek(min(lengthSize, st.in.Buffered()))
	return err == nil && len(length) == lengthSize &&
		st.in.Buffered() >= lengthSize+int(binary.BigEndian.Uint16(length))
}

func (st *stream) answer(query []byte) {
	now := time.Now()
	cookie, _ := st.server.cookies.exchange(query, st.client, now)
	reply, verdict := st.dns.Answer(query, st.reply, dns.Client{Addr: st.client, Port: st.port, TCP: true, Cookie: cookie})
	st.count(func(c *Counters) { c.count(&verdict) })
	st.log(query, reply, &verdict, now)
	if reply != nil {
		st.out = binary.BigEndian.AppendUint16(st.out, uint16(len(reply)))
		st.out = append(st.out, reply...)
	}
}

func (st *stream) count(what func(*Counters)) {
	t := &st.server.streams.tally
	t.mu.Lock()
	defer t.mu.Unlock()
	what(&t.Counters)
}

func (st *stream) flush() error {
	if len(st.out) == 0 {
		return nil
	}
	_ = st.conn.SetWriteDeadline(time.Now().Add(st.server.config.TCPWrite))
	_, err := st.conn.Write(st.out)
	st.out = st.out[:0]
	return err
}
