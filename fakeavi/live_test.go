package fakeavi_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	mdns "github.com/miekg/dns"
	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/dns"
	"github.com/gslbsim/gslbsim/fakeavi"
	"github.com/gslbsim/gslbsim/fakeavi/engine"
	"github.com/gslbsim/gslbsim/fakeavi/health"
	"github.com/gslbsim/gslbsim/fakeavi/wire"
	"github.com/gslbsim/gslbsim/internal/loop"
)

// upProber finds everything healthy and promises nothing, as a prober of live targets.
type upProber struct{}

func (upProber) Probe(_ netip.Addr, _ health.Check, done func(health.Outcome)) {
	done(health.Outcome{OK: true})
}

// TestLiveControllersUnderConcurrentUse drives two controllers in real time from many goroutines.
func TestLiveControllersUnderConcurrentUse(t *testing.T) {
	g := NewWithT(t)
	ctx, stop := context.WithCancel(t.Context())
	l := loop.New()
	ended := make(chan struct{})
	go func() { defer close(ended); l.Run(ctx) }()
	defer func() { stop(); <-ended }()
	lines := wire.NewSwitch(wire.Config{Scheduler: l})
	var sites []*fakeavi.Controller
	for i := byte(1); i <= 2; i++ {
		c, err := fakeavi.New(fakeavi.Config{
			Name: fmt.Sprintf("cluster-%d", i), Addresses: []netip.Addr{addr(i, 9, 1)}, Password: "p",
			DNS: []fakeavi.DNSConfig{{Name: "dns", VIP: addr(i, 0, 53)}},
		}, fakeavi.Deps{Scheduler: l, Wire: lines, Prober: upProber{}})
		g.Expect(err).NotTo(HaveOccurred())
		for a, h := range c.Hosts() {
			lines.Attach(a, h)
		}
		sites = append(sites, c)
	}
	g.Expect(fakeavi.Federation{
		Leader: fakeavi.Member{Controller: sites[0]}, Followers: []fakeavi.Member{{Controller: sites[1]}}, Domains: []string{"gslb.example"},
	}.Form()).To(Succeed())

	var work sync.WaitGroup
	for writer := range 8 {
		work.Go(func() { write(g, sites[0], writer) })
		work.Go(func() { look(sites[writer%2]) })
	}
	work.Wait()
	g.Eventually(func() int { return sites[1].Store().Len("gslbservice") }).WithTimeout(30 * time.Second).Should(Equal(8 * 10))
	g.Eventually(func() bool {
		for _, s := range sites {
			services := s.Engines()[0].Services()
			if len(services) != 8*10 {
				return false
			}
			for _, x := range services {
				if !x.Status.Up() {
					return false
				}
			}
		}
		return true
	}).WithTimeout(30 * time.Second).Should(BeTrue())
}

// write creates, changes and deletes services.
func write(g *GomegaWithT, c *fakeavi.Controller, writer int) {
	for i := range 20 {
		name := fmt.Sprintf("app-%d-%d", writer, i)
		o, err := c.Store().Create("gslbservice", map[string]any{
			"name": name, "domain_names": []any{name + ".gslb.example"},
			"health_monitor_refs": []any{"/api/healthmonitor?name=System-GSLB-TCP"},
			"groups": []any{map[string]any{"name": "p", "algorithm": "GSLB_ALGORITHM_ROUND_ROBIN", "members": []any{
				map[string]any{"ip": map[string]any{"addr": fmt.Sprintf("10.8.%d.%d", writer, i), "type": "V4"}},
			}}},
		})
		g.Expect(err).NotTo(HaveOccurred())
		_, err = c.Store().Patch("gslbservice", o.UUID, map[string]any{"replace": map[string]any{"ttl": i}})
		g.Expect(err).NotTo(HaveOccurred())
		if i%2 == 1 {
			_, err = c.Store().Delete("gslbservice", o.UUID)
			g.Expect(err).NotTo(HaveOccurred())
		}
	}
}

// look reads everything that can be read.
func look(c *fakeavi.Controller) {
	e := c.Engines()[0]
	get := reader(c)
	for i := range 50 {
		if i%10 == 0 {
			for _, path := range looked {
				get(path)
			}
		}
		c.Federation()
		c.EngineStates()
		e.Services()
		e.VirtualServices()
		e.Status()
		e.Serve(e.Addr(), 80, engine.TCP, engine.Request{})
		e.SetApp("pool-x", engine.App{Dead: i%2 == 0})
		for _, vip := range e.VIPs() {
			e.Respond(vip, new(mdns.Msg).SetQuestion("app-1-0.gslb.example.", mdns.TypeA), dns.Client{Addr: vip})
		}
		c.Handler().ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/api/initial-data", nil))
	}
}

// looked are the replies that are made of the states of many goroutines.
var looked = []string{
	"/api/gslb-inventory", "/api/gslbservice-inventory?page_size=200", "/api/virtualservice-inventory", "/api/gslbcrm",
	"/api/analytics/logs?type=2", "/api/analytics/logs?virtualservice=dns&nf", "/api/alert",
}

// reader logs in and returns a function that makes a GET request, which must be answered 200. An engine that gets no
// processor for a while is one that does not answer, which the controller says.
func reader(c *fakeavi.Controller) func(path string) {
	login := httptest.NewRequest("POST", "https://"+c.Addr().String()+"/login", strings.NewReader(`{"username":"admin","password":"p"}`))
	login.Header.Set("Content-Type", "application/json")
	rec := httptest.NewRecorder()
	c.Handler().ServeHTTP(rec, login)
	cookies := rec.Result().Cookies()
	return func(path string) {
		r := httptest.NewRequest("GET", "https://"+c.Addr().String()+path, nil)
		for _, k := range cookies {
			r.AddCookie(k)
		}
		rec := httptest.NewRecorder()
		c.Handler().ServeHTTP(rec, r)
		silent := rec.Code == http.StatusServiceUnavailable && strings.Contains(rec.Body.String(), "does not answer")
		if rec.Code != http.StatusOK && !silent {
			panic(fmt.Sprintf("%s: %d %s", path, rec.Code, rec.Body))
		}
	}
}
