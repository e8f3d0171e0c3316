// Package virtual lets tests run callbacks in virtual time.
package virtual

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gslbsim/gslbsim/internal/loop"
)

// Clock is the running loop of a bubble.
type Clock struct {
	*loop.Loop
	T   *testing.T // of the bubble: assertions inside must use it
	ctx context.Context
}

// Run runs f in a bubble, beside a running loop.
func Run(t *testing.T, f func(Clock)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		l := loop.New(loop.Settle(synctest.Wait))
		ended := make(chan struct{})
		go func() { defer close(ended); l.Run(ctx) }()
		f(Clock{l, t, ctx})
		stop()
		<-ended
	})
}

// Pass lets d go by, with all that falls due until its end.
func (c Clock) Pass(d time.Duration) { c.Then(d, func() {}) }

// Then runs fn on the loop, d from now, after what else falls due then, and returns when it has run.
func (c Clock) Then(d time.Duration, fn func()) {
	if err := c.Do(c.ctx, d, "~test", fn); err != nil {
		panic(err)
	}
}

// Now runs fn on the loop and returns when it has run.
func (c Clock) Now(fn func()) { c.Then(0, fn) }
