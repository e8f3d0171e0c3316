package wire_test

import (
	"net/netip"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/fakeavi/internal/virtual"
	"github.com/gslbsim/gslbsim/fakeavi/wire"
)

var a, b = netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("10.0.0.2")

// echo answers every message with itself, but not nil.
type echo struct{}

func (echo) Receive(msg any) any { return msg }

// exchange sends a message and returns what came of it, and when.
func exchange(c virtual.Clock, s *wire.Switch, msg any) (reply any, took time.Duration, calls int, err error) {
	start := time.Now()
	c.Now(func() {
		s.Send(a, b, msg, func(r any, e error) {
			reply, err, took = r, e, time.Since(start)
			calls++
		})
	})
	c.Pass(time.Minute)
	return reply, took, calls, err
}

func TestSend(t *testing.T) {
	const latency, timeout = 10 * time.Millisecond, 3 * time.Second
	cases := []struct {
		name    string
		prepare func(*wire.Switch)
		msg     any
		ok      bool
		took    time.Duration
	}{
		{"delivered", func(*wire.Switch) {}, "hi", true, 2 * latency},
		{"nobody there", func(s *wire.Switch) { s.Attach(b, nil) }, "hi", false, timeout},
		{"cut on the way", func(s *wire.Switch) { s.Cut(a, b) }, "hi", false, timeout},
		{"cut on the way back", func(s *wire.Switch) { s.Cut(b, a) }, "hi", false, timeout},
		{"healed", func(s *wire.Switch) { s.Cut(a, b); s.Heal(a, b) }, "hi", true, 2 * latency},
		{"no answer", func(*wire.Switch) {}, nil, false, timeout},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			virtual.Run(t, func(clock virtual.Clock) {
				g := NewWithT(clock.T)
				s := wire.NewSwitch(wire.Config{Scheduler: clock, Latency: latency, Timeout: timeout})
				s.Attach(a, echo{})
				s.Attach(b, echo{})
				c.prepare(s)
				reply, took, calls, err := exchange(clock, s, c.msg)
				g.Expect(calls).To(Equal(1))
				g.Expect(took).To(Equal(c.took))
				if c.ok {
					g.Expect(err).NotTo(HaveOccurred())
					g.Expect(reply).To(Equal(c.msg))
				} else {
					g.Expect(err).To(MatchError(wire.ErrUnreachable))
				}
				g.Expect(s.Sent()).To(BeEquivalentTo(1))
			})
		})
	}
}

func TestCall(t *testing.T) {
	g := NewWithT(t)
	s := wire.NewSwitch(wire.Config{})
	s.Attach(a, echo{})
	s.Attach(b, echo{})
	reply, err := s.Call(a, b, "hi")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(reply).To(Equal("hi"))
	s.Cut(b, a)
	_, err = s.Call(a, b, "hi")
	g.Expect(err).To(MatchError(wire.ErrUnreachable))
}
