package avi_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/operator/avi"
	"github.com/gslbsim/gslbsim/operator/internal/avitest"
)

// connect returns a controller and a client of it.
func connect(g Gomega) (*avitest.Controller, *avi.Client) {
	c := avitest.New()
	return c, dial(g, avi.Config{Address: "a", Transport: avitest.NewHosts(map[string]*avitest.Controller{"a": c})})
}

func dial(g Gomega, config avi.Config) *avi.Client {
	config.Username, config.Password = "admin", "secret"
	client, err := avi.New(config)
	g.Expect(err).NotTo(HaveOccurred())
	return client
}

func logins(requests []avitest.Request) (n int) {
	for _, r := range requests {
		if r.Path == "login" {
			n++
		}
	}
	return n
}

func TestOneLoginForAllCalls(t *testing.T) {
	g := NewWithT(t)
	controller, client := connect(g)
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			_, err := client.Create(t.Context(), "healthmonitor", "blue", fmt.Appendf(nil, `{"name":"m%d"}`, i))
			g.Expect(err).NotTo(HaveOccurred())
		})
	}
	wg.Wait()
	requests := controller.Requests()
	g.Expect(logins(requests)).To(Equal(1))
	g.Expect(controller.Names("healthmonitor")).To(HaveLen(16))
	g.Expect(controller.Names("healthmonitor")).To(ContainElement("blue/m3"))
}

func TestASessionThatRanOutIsRenewedOnceAndTheCallsAreRepeated(t *testing.T) {
	g := NewWithT(t)
	controller, client := connect(g)
	for range 2 {
		controller.EndSessions()
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				_, err := client.Federation(t.Context())
				g.Expect(err).NotTo(HaveOccurred())
			})
		}
		wg.Wait()
		g.Expect(logins(controller.Requests())).To(Equal(1))
	}
}

func TestStatus419RenewsTheSessionToo(t *testing.T) {
	g := NewWithT(t)
	controller, client := connect(g)
	first := true
	controller.OnRequest(func(r avitest.Request) *avitest.Fault {
		if r.Path == "cluster" && first {
			first = false
			return &avitest.Fault{Status: 419, Message: "gone"}
		}
		return nil
	})
	_, err := client.Federation(t.Context())
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(logins(controller.Requests())).To(Equal(2))
}

func TestAWrongPasswordSaysSo(t *testing.T) {
	g := NewWithT(t)
	controller, client := connect(g)
	controller.Set(func(s *avitest.Settings) { s.Password = "other" })
	_, err := client.Federation(t.Context())
	g.Expect(avi.KindOf(err)).To(Equal(avi.Credentials))
	g.Expect(err).To(MatchError(ContainSubstring("Invalid credentials")))

	controller.Set(func(s *avitest.Settings) { s.Password = "secret" })
	_, err = client.Federation(t.Context())
	g.Expect(err).NotTo(HaveOccurred(), "a later call tries again")

	controller.Set(func(s *avitest.Settings) { s.Password = "other" })
	controller.EndSessions()
	_, err = client.Federation(t.Context())
	g.Expect(avi.KindOf(err)).To(Equal(avi.Credentials))
}

func TestErrorKinds(t *testing.T) {
	tests := map[string]struct {
		fault avitest.Fault
		kind  avi.Kind
		verb  string
	}{
		"not the leader":        {avitest.Fault{Status: 400, Message: "Config Operations can be done ONLY on leader"}, avi.NotLeader, "POST"},
		"maintenance":           {avitest.Fault{Status: 400, Message: "GSLB system is in maintenance mode."}, avi.Maintenance, "POST"},
		"upgrade":               {avitest.Fault{Status: 403, Message: "Configuration is disallowed during upgrade"}, avi.Upgrading, "PUT"},
		"name taken":            {avitest.Fault{Status: 400, Message: "x domain name conflicting with existing domain name y"}, avi.NameTaken, "POST"},
		"duplicate by text":     {avitest.Fault{Status: 400, Message: "Health monitor with this Name and Tenant ref already exists"}, avi.Duplicate, "POST"},
		"duplicate":             {avitest.Fault{Status: 409, Message: "exists"}, avi.Duplicate, "POST"},
		"conflict":              {avitest.Fault{Status: 409, Message: "conflict"}, avi.Stale, "PUT"},
		"stale":                 {avitest.Fault{Status: 412, Message: "concurrent update"}, avi.Stale, "PUT"},
		"in use":                {avitest.Fault{Status: 412, Message: "in use"}, avi.Referenced, "DELETE"},
		"referred to":           {avitest.Fault{Status: 403, Message: "Cannot delete, object is referred by: ['x']"}, avi.Referenced, "DELETE"},
		"not found":             {avitest.Fault{Status: 404, Message: "no"}, avi.NotFound, "PUT"},
		"throttled":             {avitest.Fault{Status: 429, Message: "slow", Header: map[string]string{"Retry-After": "7"}}, avi.Throttled, "POST"},
		"server":                {avitest.Fault{Status: 500, Message: "boom"}, avi.ServerError, "POST"},
		"not implemented":       {avitest.Fault{Status: 501, Message: "no"}, avi.Refused, "POST"},
		"bad gateway":           {avitest.Fault{Status: 502, Raw: "<html>bad gateway</html>"}, avi.Unavailable, "POST"},
		"unavailable":           {avitest.Fault{Status: 503}, avi.Unavailable, "POST"},
		"gateway timeout":       {avitest.Fault{Status: 504}, avi.Unavailable, "POST"},
		"bad request":           {avitest.Fault{Status: 400, Message: "no such field"}, avi.Refused, "POST"},
		"forbidden":             {avitest.Fault{Status: 403, Message: "no"}, avi.Refused, "POST"},
		"csrf":                  {avitest.Fault{Status: 403, Message: "CSRF Failed: token missing"}, avi.Session, "POST"},
		"dropped":               {avitest.Fault{Drop: true}, avi.Unreachable, "POST"},
		"unauthorized for good": {avitest.Fault{Status: 401}, avi.Session, "POST"},
		"cut off":               {avitest.Fault{Status: 200, Raw: `{"uuid":`}, 0, "POST"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			controller, client := connect(g)
			controller.OnRequest(func(r avitest.Request) *avitest.Fault {
				if r.Verb == tt.verb && r.Path != "login" {
					return &tt.fault
				}
				return nil
			})
			var err error
			switch tt.verb {
			case "POST":
				_, err = client.Create(t.Context(), "gslbservice", "admin", []byte(`{"name":"x"}`))
			case "PUT":
				_, err = client.Update(t.Context(), "gslbservice", "admin", "u", []byte(`{"name":"x"}`))
			default:
				err = client.Delete(t.Context(), "gslbservice", "admin", "u")
			}
			g.Expect(avi.KindOf(err)).To(Equal(tt.kind))
			if tt.kind == 0 {
				return // what was read is for the caller to judge
			}
			g.Expect(err).To(MatchError(ContainSubstring(tt.fault.Message)))
			g.Expect(tt.kind.String()).NotTo(BeEmpty())
		})
	}
}

func TestRetryAfterIsReadAndBounded(t *testing.T) {
	for header, want := range map[string]time.Duration{"7": 7 * time.Second, "": 0, "soon": 0, "-3": 0, "999999": 10 * time.Minute} {
		g := NewWithT(t)
		controller, client := connect(g)
		controller.OnRequest(func(r avitest.Request) *avitest.Fault {
			if r.Path == "cluster" {
				return &avitest.Fault{Status: 429, Header: map[string]string{"Retry-After": header}}
			}
			return nil
		})
		_, err := client.Federation(t.Context())
		var e *avi.Error
		g.Expect(err).To(BeAssignableToTypeOf(e))
		g.Expect(err.(*avi.Error).RetryAfter).To(Equal(want), header)
	}
}

func TestCallsEndWithTheirContextAndTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		silent := roundTripper(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		client := dial(g, avi.Config{Address: "a", Transport: silent, Timeout: 5 * time.Second})
		start := time.Now()
		_, err := client.Federation(t.Context())
		g.Expect(avi.KindOf(err)).To(Equal(avi.Unreachable))
		g.Expect(err).To(MatchError(ContainSubstring("no answer in time")))
		g.Expect(time.Since(start)).To(Equal(5 * time.Second))

		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err = client.Federation(ctx)
		g.Expect(err).To(MatchError(context.Canceled))
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestListsAreReadPageByPage(t *testing.T) {
	for _, n := range []int{0, 1, 199, 200, 201, 450} {
		g := NewWithT(t)
		controller, client := connect(g)
		for i := range n {
			controller.Put("gslbservice", "blue", map[string]any{"name": fmt.Sprintf("s%03d", i), "created_by": "amko-1"})
		}
		controller.Put("gslbservice", "blue", map[string]any{"name": "other", "created_by": "somebody"})
		services, problems, err := client.Services(t.Context(), "amko-1", "amko-gslb")
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(problems).To(BeEmpty())
		g.Expect(services).To(HaveLen(n))
	}
}

func TestAListThatFailsIsAnError(t *testing.T) {
	g := NewWithT(t)
	controller, client := connect(g)
	for i := range 250 {
		controller.Put("healthmonitor", "admin", map[string]any{"name": fmt.Sprint(i), "is_federated": true})
	}
	pages := 0
	controller.OnRequest(func(r avitest.Request) *avitest.Fault {
		if r.Path == "healthmonitor" {
			if pages++; pages == 2 {
				return &avitest.Fault{Status: 500, Message: "boom"}
			}
		}
		return nil
	})
	_, _, err := client.Monitors(t.Context())
	g.Expect(avi.KindOf(err)).To(Equal(avi.ServerError))
}

func TestAListThatChangesWhileItIsReadIsReadAgain(t *testing.T) {
	g := NewWithT(t)
	controller, client := connect(g)
	for i := range 250 {
		controller.Put("healthmonitor", "admin", map[string]any{"name": fmt.Sprint(i), "is_federated": true})
	}
	pages := 0
	controller.OnRequest(func(r avitest.Request) *avitest.Fault {
		if r.Path == "healthmonitor" {
			if pages++; pages == 1 {
				return &avitest.Fault{Status: 200, Raw: `{"count":250,"next":"x","results":[{"uuid":"a","name":"a"}]}`}
			}
		}
		return nil
	})
	monitors, _, err := client.Monitors(t.Context())
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(monitors).To(HaveLen(250))
}

func TestObjectsByName(t *testing.T) {
	g := NewWithT(t)
	controller, client := connect(g)
	port := func(read func(context.Context, string, string, string) (json.RawMessage, error)) float64 {
		object, err := read(t.Context(), "healthmonitor", "blue", "m")
		g.Expect(err).NotTo(HaveOccurred())
		if object == nil {
			return 0
		}
		var m struct {
			Port float64 `json:"monitor_port"`
		}
		g.Expect(json.Unmarshal(object, &m)).To(Succeed())
		return m.Port
	}
	g.Expect(port(client.ByName)).To(BeZero())
	g.Expect(port(client.Visible)).To(BeZero())
	controller.Put("healthmonitor", "admin", map[string]any{"name": "m", "monitor_port": 1})
	g.Expect(port(client.ByName)).To(BeZero(), "another tenant's")
	g.Expect(port(client.Visible)).To(Equal(1.0))
	controller.Put("healthmonitor", "blue", map[string]any{"name": "m", "monitor_port": 2})
	g.Expect(port(client.ByName)).To(Equal(2.0))
	g.Expect(port(client.Visible)).To(Equal(2.0))
}
