package control_test

import (
	"context"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/operator/control"
	"github.com/gslbsim/gslbsim/operator/internal/avitest"
)

// TestConnectionsEndWithTheSession counts the connections that a controller behind TLS has, in real time: when the operator is
// done with a controller it closes them, long before the transport would by itself (after 90 s).
func TestConnectionsEndWithTheSession(t *testing.T) {
	for name, end := range map[string]func(w *world){
		"the operator steps back": func(w *world) { w.own.Apply(amkoCluster(false)) },
		"it ends":                 func(w *world) { w.stop() },
		"another controller": func(w *world) {
			c := gslbConfig()
			c.Spec.GSLBLeader.ControllerIP = "127.0.0.1:1"
			w.own.Apply(c)
		},
		"another password": func(w *world) {
			w.own.Apply(secret("gslb-avi-secret", map[string]string{"username": "admin", "password": "wrong"}))
		},
		"a controller that cannot be read": func(w *world) {
			w.avi().OnRequest(func(r avitest.Request) *avitest.Fault {
				if r.Path == "gslbservice" {
					return &avitest.Fault{Status: 503}
				}
				return nil
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorldFor(t)
			w.t = t
			controller := listenTLS(t, w.avi())
			c := gslbConfig()
			c.Spec.GSLBLeader.ControllerIP = controller.address
			w.own.Apply(c)
			w.members["east"].Apply(ingress("shop", shop, "10.1.0.1"))
			w.options.AviTransport, w.options.DriftInterval = nil, 2*time.Second
			ctx, cancel := context.WithCancel(t.Context())
			var running sync.WaitGroup
			running.Go(func() { w.g.Expect(control.Run(ctx, w.options)).To(Succeed()) })
			w.stop = func() { cancel(); running.Wait() }
			defer w.stop()

			const patience = "45s"
			w.g.Eventually(w.services, patience).ShouldNot(BeEmpty())
			w.g.Expect(controller.open()).NotTo(BeZero(), "connections are kept while they are of use")
			end(w)
			w.g.Eventually(controller.open, patience, "1ms").Should(BeZero())
		})
	}
}

// listener is a controller behind TLS.
type listener struct {
	address string
	mu      sync.Mutex
	states  map[net.Conn]http.ConnState
}

func listenTLS(t *testing.T, c *avitest.Controller) *listener {
	s := &listener{states: map[net.Conn]http.ConnState{}}
	hosts := avitest.NewHosts(map[string]*avitest.Controller{"a": c})
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.URL.Host = "a"
		reply, err := hosts.RoundTrip(r)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		maps.Copy(w.Header(), reply.Header)
		w.WriteHeader(reply.StatusCode)
		_, _ = io.Copy(w, reply.Body)
	}))
	server.Config.ConnState = func(conn net.Conn, state http.ConnState) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.states[conn] = state; state == http.StateClosed {
			delete(s.states, conn)
		}
	}
	server.StartTLS()
	t.Cleanup(server.Close)
	s.address = strings.TrimPrefix(server.URL, "https://")
	return s
}

// open is how many connections there are.
func (s *listener) open() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.states)
}
