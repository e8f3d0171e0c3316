package network_test

import (
	"context"
	"net"
	"testing"
	"time"

	. "github.com/onsi/gomega"
)

// Nobody is left waiting for a path when the network ends: a bubble with goroutines that never end cannot end either.
func TestCloseEndsWhatWaits(t *testing.T) {
	in(t, func(g *WithT, w *world) {
		g.Expect(w.PowerOff("server")).To(Succeed())
		failed := make(chan error)
		dial := func() {
			_, err := w.Dialer(client)(context.Background(), "tcp", service.String())
			failed <- err
		}
		go dial()
		w.rest(time.Millisecond)
		w.Close()
		w.Close()
		g.Expect(<-failed).To(MatchError(net.ErrClosed))
		go dial()
		g.Expect(<-failed).To(MatchError(net.ErrClosed))
	})
}
