package envtest_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gslbsim/gslbsim/fakeavi"
	"github.com/gslbsim/gslbsim/fakeavi/health"
	"github.com/gslbsim/gslbsim/fakeavi/store"
	"github.com/gslbsim/gslbsim/fakeavi/wire"
	"github.com/gslbsim/gslbsim/internal/loop"
)

// controller is a fake Avi controller that leads a federation of itself, behind HTTPS on a loopback port.
type controller struct {
	*fakeavi.Controller
	address string // host:port

	mu    sync.Mutex
	calls map[string]int // by method, and the type for writes
	last  time.Time      // when the last write was answered
}

const aviPassword = "Avi-lab-31!"

// startController starts a controller that answers at once. It serves no DNS: nobody asks.
func startController(tb testing.TB) *controller {
	tb.Helper()
	ctx, stop := context.WithCancel(context.Background())
	events := loop.New()
	ended := make(chan struct{})
	go func() { defer close(ended); events.Run(ctx) }()
	lines := wire.NewSwitch(wire.Config{Scheduler: events})
	fake, err := fakeavi.New(fakeavi.Config{
		Name: "cluster-envtest", Addresses: []netip.Addr{netip.MustParseAddr("10.9.0.1")}, Password: aviPassword,
	}, fakeavi.Deps{Scheduler: events, Wire: lines, Prober: alwaysUp{}})
	if err != nil {
		tb.Fatal(err)
	}
	for addr, host := range fake.Hosts() {
		lines.Attach(addr, host)
	}
	if err := (fakeavi.Federation{Leader: fakeavi.Member{Controller: fake}, Domains: []string{"gslb.test"}}).Form(); err != nil {
		tb.Fatal(err)
	}
	c := &controller{Controller: fake, calls: map[string]int{}}
	server := httptest.NewTLSServer(http.HandlerFunc(c.serve))
	c.address = server.Listener.Addr().String()
	tb.Cleanup(func() { server.CloseClientConnections(); server.Close(); stop(); <-ended })
	return c
}

// serve counts a request and passes it on.
func (c *controller) serve(w http.ResponseWriter, r *http.Request) {
	c.Handler().ServeHTTP(w, r)
	what := r.Method
	if r.Method != http.MethodGet && r.URL.Path != "/login" {
		parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
		what += " " + parts[min(1, len(parts)-1)]
	}
	if r.URL.Path == "/login" {
		what = "login"
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls[what]++
	if r.Method != http.MethodGet && what != "login" {
		c.last = time.Now()
	}
}

// traffic returns what was asked since it was last called, logins left out, and when the last write was answered.
func (c *controller) traffic() (reads, writes int, last time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for what, n := range c.calls {
		switch {
		case what == http.MethodGet:
			reads += n
		case what != "login":
			writes += n
		}
	}
	c.calls = map[string]int{}
	return reads, writes, c.last
}

// services returns the number of GSLB services.
func (c *controller) services() int { return c.Store().Len("gslbservice") }

// monitors returns the number of health monitors that an operator made.
func (c *controller) monitors() int {
	_, total := c.Store().List("healthmonitor", store.Query{Limit: 1, Where: []store.Condition{{Path: "name", Match: store.Contains, Values: []string{"amko--"}}}})
	return total
}

// alwaysUp is a prober that finds everything healthy.
type alwaysUp struct{}

func (alwaysUp) Probe(_ netip.Addr, _ health.Check, done func(health.Outcome)) {
	done(health.Outcome{OK: true, Stable: true})
}
func (alwaysUp) Changed(func(netip.Addr)) {}
