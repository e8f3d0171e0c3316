// Package wire carries messages between the controllers and engines of one process, for live runs and for tests. It knows
// hosts by their addresses, and which of them cannot be reached.
package wire

import (
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"time"
)

// ErrUnreachable is returned, wrapped, for a message whose receiver did not answer in time.
var ErrUnreachable = errors.New("host cannot be reached")

// Scheduler runs callbacks later, on one goroutine.
type Scheduler interface {
	After(d time.Duration, key string, fn func()) (cancel func())
}

// Receiver answers messages. A nil reply means that there was no answer.
type Receiver interface {
	Receive(msg any) (reply any)
}

// Config describes a Switch.
type Config struct {
	Scheduler Scheduler     // required
	Latency   time.Duration // of one way, >= 0
	Timeout   time.Duration // until an error is reported; 0: 5 s
}

// Switch delivers messages between attached hosts. It is safe for concurrent use.
type Switch struct {
	cfg Config

	mu    sync.Mutex
	hosts map[netip.Addr]Receiver
	cuts  map[way]bool
	sent  uint64
}

type way struct{ from, to netip.Addr }

// NewSwitch returns a Switch without hosts.
func NewSwitch(cfg Config) *Switch {
	if cfg.Timeout == 0 {
		cfg.Timeout = 5 * time.Second
	}
	return &Switch{cfg: cfg, hosts: map[netip.Addr]Receiver{}, cuts: map[way]bool{}}
}

// Attach makes r answer for an address; nil takes the address off.
func (s *Switch) Attach(addr netip.Addr, r Receiver) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r == nil {
		delete(s.hosts, addr)
	} else {
		s.hosts[addr] = r
	}
}

// Cut stops messages from one address to another; Heal lets them pass again.
func (s *Switch) Cut(from, to netip.Addr) { s.set(from, to, true) }

// Heal takes a Cut back.
func (s *Switch) Heal(from, to netip.Addr) { s.set(from, to, false) }

func (s *Switch) set(from, to netip.Addr, cut bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cuts[way{from, to}] = cut
}

// Sent returns how many messages have been sent.
func (s *Switch) Sent() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sent
}

func (s *Switch) open(from, to netip.Addr) (Receiver, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.hosts[to]
	return r, r != nil && !s.cuts[way{from, to}]
}

// Send delivers a message after the latency and calls done with the reply after another, or with ErrUnreachable when the
// timeout has passed.
func (s *Switch) Send(from, to netip.Addr, msg any, done func(reply any, err error)) {
	s.mu.Lock()
	s.sent++
	key := fmt.Sprintf("wire/%s/%s/%d", from, to, s.sent)
	s.mu.Unlock()
	start := time.Now()
	fail := func() {
		s.cfg.Scheduler.After(time.Until(start.Add(s.cfg.Timeout)), key, func() { done(nil, unreachable(to)) })
	}
	s.cfg.Scheduler.After(s.cfg.Latency, key, func() {
		r, ok := s.open(from, to)
		if !ok {
			fail()
			return
		}
		reply := r.Receive(msg)
		if reply == nil {
			fail()
			return
		}
		s.cfg.Scheduler.After(s.cfg.Latency, key, func() {
			if _, ok := s.open(to, from); !ok {
				fail()
				return
			}
			done(reply, nil)
		})
	})
}

// Call exchanges a message at once, for those who cannot wait. It returns ErrUnreachable, wrapped, if there is no answer.
func (s *Switch) Call(from, to netip.Addr, msg any) (reply any, err error) {
	r, ok := s.open(from, to)
	if ok {
		reply = r.Receive(msg)
	}
	if _, back := s.open(to, from); reply == nil || !back {
		return nil, unreachable(to)
	}
	return reply, nil
}

func unreachable(to netip.Addr) error { return fmt.Errorf("%s: %w", to, ErrUnreachable) }
