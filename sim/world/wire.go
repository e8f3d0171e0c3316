package world

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/gslbsim/gslbsim/internal/loop"
	"github.com/gslbsim/gslbsim/sim/network"
)

// PollTimeout is after which time a controller or an engine takes a message for unanswered.
const PollTimeout = 5 * time.Second

var errNoAnswer = errors.New("no answer")

// wire carries messages between controllers and engines as datagrams of the simulated network. It is what fakeavi calls
// a Wire.
type wire struct {
	net       *network.Network
	loop      *loop.Loop
	receivers map[netip.Addr]func(msg any) (reply any)
	// drop, if set, swallows the messages for which it returns true.
	drop func(from, to netip.Addr, msg any) bool
	sent map[string]int
}

func newWire(n *network.Network, l *loop.Loop) *wire {
	return &wire{net: n, loop: l, receivers: map[netip.Addr]func(any) any{}, sent: map[string]int{}}
}

// Call implements fakeavi's Caller: an exchange that takes no time, for requests that need another controller's answer
// before they can be answered themselves.
func (w *wire) Call(from, to netip.Addr, msg any) (reply any, err error) {
	if receive := w.receivers[to]; receive != nil && w.net.Open(from, to) && w.net.Open(to, from) {
		if reply = receive(msg); reply != nil {
			return reply, nil
		}
	}
	return nil, fmt.Errorf("%s: %w", to, errNoAnswer)
}

// Send implements fakeavi's Wire. Messages between one pair of hosts are numbered, so that two of one instant are told
// apart.
func (w *wire) Send(from, to netip.Addr, msg any, done func(reply any, err error)) {
	pair := from.String() + ">" + to.String()
	w.sent[pair]++
	key := fmt.Sprintf("wire/%s/%d", pair, w.sent[pair])
	answered := false
	cancel := w.loop.After(PollTimeout, key+"/timeout", func() {
		if !answered {
			answered = true
			done(nil, fmt.Errorf("%s: %w within %s", to, errNoAnswer, PollTimeout))
		}
	})
	if w.drop != nil && w.drop(from, to, msg) {
		return
	}
	w.net.Send(from, to, key, func() {
		receive := w.receivers[to]
		if receive == nil {
			return
		}
		reply := receive(msg)
		if reply == nil {
			return
		}
		w.net.Send(to, from, key+"/reply", func() {
			if !answered {
				answered = true
				cancel()
				done(reply, nil)
			}
		})
	})
}
