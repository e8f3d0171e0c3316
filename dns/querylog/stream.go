package querylog

import (
	"bytes"
	"math"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	mdns "github.com/miekg/dns"

	"github.com/gslbsim/gslbsim/dns"
)

// EntryWriter is where a Stream's entries go. It is used by one goroutine at
// a time and may block.
type EntryWriter interface {
	// Write takes an entry, which must not be kept.
	Write(e *Entry) error
	// Flush makes what was written visible; it is called whenever no entry
	// waits.
	Flush() error
}

// StreamConfig says what a Stream keeps and where it goes.
type StreamConfig struct {
	// Policy throttles; its Limit plays no part.
	Policy Policy
	// VirtualService and ServiceEngine appear in every entry.
	VirtualService, ServiceEngine string
	// Writer gets the entries, in the order they came.
	Writer EntryWriter
	// Queue is how many entries may wait for the writer; more are lost.
	// Default 4096.
	Queue int
	// Failed is told of the first of consecutive errors of the writer, on a
	// goroutine of the stream; nil: nobody is.
	Failed func(error)
}

// defaultQueue is a few megabytes of waiting entries.
const defaultQueue = 4096

// Exchange is a query as a server saw it. Query and Reply are in wire format,
// Reply is nil if there was none. A Stream copies what it keeps.
type Exchange struct {
	Query, Reply   []byte
	Decision       dns.Decision
	Client, Server netip.AddrPort
	At             time.Time
	Worker         int // number of the server's worker
}

// Stream logs the queries of a live server. Its methods never block, so that
// they can be called while clients wait: entries are made and written by a
// goroutine of its own, and are lost while too many of them wait.
type Stream struct {
	cfg   StreamConfig
	queue chan *Exchange
	free  sync.Pool // of *Exchange
	stop  chan struct{}
	ended chan struct{}
	once  sync.Once

	// shut are the seconds (Unix time) in which nothing more of a kind is
	// kept, so that most throttled queries cost two loads and an addition.
	shut [kinds]atomic.Int64

	mu       sync.Mutex
	throttle throttle // guarded by mu

	written, throttled, overflowed, failed atomic.Uint64
}

// StreamCounts are what became of the queries that a Stream was offered.
type StreamCounts struct {
	Written    uint64 // entries that the writer took
	Throttled  uint64 // not kept, as the policy says
	Overflowed uint64 // lost because too many waited for the writer
	Failed     uint64 // lost because the writer failed
}

// NewStream starts a stream, which runs until Close.
func NewStream(cfg StreamConfig) *Stream {
	if cfg.Queue <= 0 {
		cfg.Queue = defaultQueue
	}
	if cfg.Failed == nil {
		cfg.Failed = func(error) {}
	}
	s := &Stream{
		cfg: cfg, queue: make(chan *Exchange, cfg.Queue), stop: make(chan struct{}), ended: make(chan struct{}),
		throttle: newThrottle(cfg.Policy),
	}
	s.free.New = func() any { return new(Exchange) }
	for k := range s.shut {
		s.shut[k].Store(math.MinInt64)
	}
	go s.run()
	return s
}

// Wants tells whether Note may keep a query with such an answer, and counts
// it as throttled if not. It is cheap: of most queries nothing else needs to
// be found out.
func (s *Stream) Wants(v *dns.Verdict, at time.Time) bool {
	now := at.Unix()
	open := s.shut[kindFull].Load() < now
	if !open && !(v.Quick && (v.Outcome == dns.Answered || v.Outcome == dns.Empty)) {
		open = s.shut[kindSignificant].Load() < now
	}
	if !open {
		s.throttled.Add(1)
	}
	return open
}

// Note logs a query, unless it is throttled or too many wait.
func (s *Stream) Note(x *Exchange) {
	k := kindFull
	if s.throttle.policy.significance(Significance(&x.Decision)) != "" {
		k = kindSignificant
	}
	if !s.admits(k, x.At) {
		s.throttled.Add(1)
		return
	}
	kept := s.free.Get().(*Exchange)
	query, reply := kept.Query, kept.Reply
	*kept = *x
	kept.Query = append(query[:0], x.Query...)
	if x.Reply != nil {
		kept.Reply = append(reply[:0], x.Reply...)
	}
	kept.Decision.Members = slices.Clone(x.Decision.Members)
	select {
	case s.queue <- kept:
	default:
		s.overflowed.Add(1)
		s.free.Put(kept)
	}
}

func (s *Stream) admits(k kind, at time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.throttle.admits(s.cfg.VirtualService, s.cfg.ServiceEngine, k, at) {
		return true
	}
	until := at.Unix()
	if s.throttle.policy.ended(k, at) {
		until = math.MaxInt64
	}
	s.shut[k].Store(until)
	return false
}

// run writes entries until Close, then those that are left.
func (s *Stream) run() {
	defer close(s.ended)
	healthy := true
	report := func(err error) {
		if err != nil && healthy {
			s.cfg.Failed(err)
		}
		healthy = err == nil
	}
	var number uint64
	for {
		select {
		case x := <-s.queue:
			number++
			report(s.write(x, number))
		case <-s.stop:
			if len(s.queue) == 0 {
				report(s.cfg.Writer.Flush())
				return
			}
			continue
		}
		if len(s.queue) == 0 {
			report(s.cfg.Writer.Flush())
		}
	}
}

func (s *Stream) write(x *Exchange, number uint64) error {
	e := s.entry(x)
	e.ID = number
	s.free.Put(x)
	if err := s.cfg.Writer.Write(&e); err != nil {
		s.failed.Add(1)
		return err
	}
	s.written.Add(1)
	return nil
}

// entry makes the entry of an exchange. A query that is no DNS message has
// none of a query's fields.
func (s *Stream) entry(x *Exchange) Entry {
	query := unpack(x.Query)
	e := NewEntry(&x.Decision, query, unpack(x.Reply))
	e.Significance = s.throttle.policy.significance(e.Significance)
	e.VirtualService, e.ServiceEngine, e.VCPU = s.cfg.VirtualService, s.cfg.ServiceEngine, x.Worker
	e.VSAddr, e.VSPort = x.Server.Addr(), x.Server.Port()
	e.ClientAddr, e.ClientPort = x.Client.Addr(), x.Client.Port()
	e.Start = x.At
	e.RxBytes, e.TxBytes = len(x.Query), len(x.Reply)
	return e
}

func unpack(wire []byte) *mdns.Msg {
	var msg mdns.Msg
	// The buffer is used again: what is kept of it must be a copy.
	if wire == nil || msg.Unpack(bytes.Clone(wire)) != nil {
		return nil
	}
	return &msg
}

// Counts returns what became of the queries so far.
func (s *Stream) Counts() StreamCounts {
	return StreamCounts{
		Written: s.written.Load(), Throttled: s.throttled.Load(), Overflowed: s.overflowed.Load(), Failed: s.failed.Load(),
	}
}

// Close waits until what was noted before is written, and ends the stream.
// What is noted later is lost.
func (s *Stream) Close() {
	s.once.Do(func() { close(s.stop) })
	<-s.ended
}
