package api_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"
	"github.com/vmware/alb-sdk/go/clients"
	"github.com/vmware/alb-sdk/go/session"

	"github.com/gslbsim/gslbsim/fakeavi/api"
	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// pipeListener connects clients to a server in memory.
type pipeListener struct {
	conns chan net.Conn
	once  sync.Once
	done  chan struct{}
}

func newPipeListener() *pipeListener {
	return &pipeListener{conns: make(chan net.Conn), done: make(chan struct{})}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	l.once.Do(func() { close(l.done) })
	return nil
}

func (l *pipeListener) Addr() net.Addr { return &net.UnixAddr{Name: "pipe"} }

func (l *pipeListener) dial(context.Context, string, string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case l.conns <- server:
		return client, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

// The SDK and the API in virtual time, over connections in memory: hours pass in no time, sessions end when they should.
func TestSDKInVirtualTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		s := store.New(store.Config{Namespace: "test"})
		a, err := api.New(api.Config{Store: s, Seed: 7, Scheme: "http", Users: []api.User{{Name: "admin", Password: adminPassword, Superuser: true}}})
		g.Expect(err).NotTo(HaveOccurred())
		l := newPipeListener()
		server := &http.Server{Handler: a}
		go func() {
			if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
				t.Error(err)
			}
		}()
		transport := &http.Transport{DialContext: l.dial}
		defer transport.CloseIdleConnections()
		defer server.Close()

		c, err := clients.NewAviClient("10.0.0.1", "admin", session.SetPassword(adminPassword), session.SetVersion(testVersion),
			session.SetScheme("http"), session.SetClient(&http.Client{Transport: transport}), session.DisableControllerStatusCheckOnFailure(true))
		g.Expect(err).NotTo(HaveOccurred())
		createMonitor(t, c)
		begin := time.Now()
		for i := range 24 {
			name := "s" + string(rune('a'+i))
			gs, err := c.GslbService.Create(service(name, 2))
			if err != nil { // the session was idle for too long; the SDK has logged in again
				g.Expect(err.(session.AviError).HttpStatusCode).To(Equal(401))
				gs, err = c.GslbService.Create(service(name, 2))
			}
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(*gs.URL).To(HavePrefix("http://10.0.0.1/api/gslbservice/gslbservice-"))
			time.Sleep(time.Duration(i) * 5 * time.Minute)
		}
		g.Expect(time.Since(begin)).To(Equal(23 * 12 * 5 * time.Minute))
		all, err := c.GslbService.GetAll()
		if err != nil {
			all, err = c.GslbService.GetAll()
		}
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(all).To(HaveLen(24))
	})
}
