package api_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/vmware/alb-sdk/go/clients"
	"github.com/vmware/alb-sdk/go/session"

	"github.com/gslbsim/gslbsim/fakeavi/api"
	"github.com/gslbsim/gslbsim/fakeavi/store"
)

const (
	adminPassword = "harness"
	testVersion   = "31.2.1"
)

// fixture is a controller's API behind a TLS server, as clients of a real controller meet it.
type fixture struct {
	t      testing.TB
	store  *store.Store
	api    *api.API
	server *httptest.Server
}

func newFixture(t testing.TB, change ...func(*api.Config)) *fixture {
	t.Helper()
	f := &fixture{t: t, store: store.New(store.Config{Namespace: "test"})}
	cfg := api.Config{
		Store:   f.store,
		Seed:    1,
		Cluster: api.Cluster{Name: "cluster-0-1", UUID: "cluster-11111111-aaaa-4aaa-8aaa-111111111111", Nodes: []string{"10.0.0.1"}},
		Users:   []api.User{{Name: "admin", Password: adminPassword, Superuser: true}},
	}
	for _, fn := range change {
		fn(&cfg)
	}
	var err error
	if f.api, err = api.New(cfg); err != nil {
		t.Fatal(err)
	}
	if cfg.Scheme == "http" {
		f.server = httptest.NewServer(f.api)
	} else {
		f.server = httptest.NewTLSServer(f.api)
	}
	t.Cleanup(f.server.Close)
	return f
}

func (f *fixture) host() string {
	_, host, _ := strings.Cut(f.server.URL, "://")
	return host
}

// sdk logs the official client in.
func (f *fixture) sdk(options ...func(*session.AviSession) error) *clients.AviClient {
	f.t.Helper()
	options = append([]func(*session.AviSession) error{
		session.SetPassword(adminPassword), session.SetInsecure, session.SetVersion(testVersion),
		session.DisableControllerStatusCheckOnFailure(true),
	}, options...)
	c, err := clients.NewAviClient(f.host(), "admin", options...)
	if err != nil {
		f.t.Fatal(err)
	}
	return c
}

// client is a plain HTTP client with a session, for requests that the SDK does not make.
type client struct {
	*fixture
	csrf, session string
	header        http.Header
}

func (f *fixture) login() *client {
	f.t.Helper()
	c := &client{fixture: f, header: http.Header{}}
	status, header, body := c.send("POST", "/login", `{"username":"admin","password":"`+adminPassword+`"}`)
	if status != http.StatusOK {
		f.t.Fatalf("login: %d %s", status, body)
	}
	c.take(header)
	return c
}

func (c *client) take(header http.Header) {
	for _, cookie := range (&http.Response{Header: header}).Cookies() {
		switch cookie.Name {
		case "csrftoken":
			c.csrf = cookie.Value
		case "sessionid":
			c.session = cookie.Value
		}
	}
}

// send makes one request without following redirects.
func (c *client) send(method, path, body string) (int, http.Header, []byte) {
	c.t.Helper()
	r, err := http.NewRequest(method, c.server.URL+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("Referer", c.server.URL+"/")
	r.Header.Set("X-Avi-Version", testVersion)
	if c.session != "" {
		r.Header.Set("X-CSRFToken", c.csrf)
		r.AddCookie(&http.Cookie{Name: "sessionid", Value: c.session})
		r.AddCookie(&http.Cookie{Name: "csrftoken", Value: c.csrf})
	}
	for name, values := range c.header {
		r.Header[name] = values
	}
	hc := *c.server.Client()
	hc.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := hc.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, text
}

// do makes a request and decodes the reply's object; it fails the test unless the status is as wanted.
func (c *client) do(want int, method, path, body string) map[string]any {
	c.t.Helper()
	status, _, text := c.send(method, path, body)
	if status != want {
		c.t.Fatalf("%s %s: %d, want %d: %s", method, path, status, want, text)
	}
	if len(bytes.TrimSpace(text)) == 0 {
		return nil
	}
	var out map[string]any
	if err := json.Unmarshal(text, &out); err != nil {
		c.t.Fatalf("%s %s: %v in %s", method, path, err, text)
	}
	return out
}

// as returns a client with another value of a header.
func (c *client) as(header, value string) *client {
	other := *c
	other.header = c.header.Clone()
	other.header.Set(header, value)
	return &other
}

func encode(t testing.TB, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// toMap is a model as a client sends it.
func toMap(t testing.TB, v any) map[string]any {
	t.Helper()
	var out map[string]any
	if err := json.Unmarshal([]byte(encode(t, v)), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func decode(t testing.TB, text string) map[string]any {
	t.Helper()
	var out map[string]any
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		t.Fatal(err)
	}
	return out
}
