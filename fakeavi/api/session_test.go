package api_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"
	"github.com/vmware/alb-sdk/go/clients"
	"github.com/vmware/alb-sdk/go/session"

	"github.com/gslbsim/gslbsim/fakeavi/api"
	"github.com/gslbsim/gslbsim/fakeavi/store"
)

func TestLoginReply(t *testing.T) {
	g := NewWithT(t)
	f := newFixture(t)
	c := &client{fixture: f, header: http.Header{"X-Avi-Version": {"22.1.2"}}}
	status, header, text := c.send("POST", "/login", `{"username":"admin","password":"`+adminPassword+`"}`)
	g.Expect(status).To(Equal(200))
	var reply map[string]any
	g.Expect(json.Unmarshal(text, &reply)).To(Succeed())
	g.Expect(reply["version"]).To(HaveKeyWithValue("Version", testVersion))
	g.Expect(reply).To(HaveKeyWithValue("session_cookie_name", "avi-sessionid"))
	cookies := map[string]*http.Cookie{}
	for _, cookie := range (&http.Response{Header: header}).Cookies() {
		cookies[cookie.Name] = cookie
	}
	g.Expect(cookies).To(And(HaveKey("csrftoken"), HaveKey("sessionid"), HaveKey("avi-sessionid")))
	g.Expect(cookies["csrftoken"].Value).To(HaveLen(32))
	g.Expect(cookies["sessionid"].Value).To(Equal(cookies["avi-sessionid"].Value))
	g.Expect(cookies["sessionid"].MaxAge).To(Equal(24 * 3600))
}

func TestLoginWithoutVersionRules(t *testing.T) {
	f := newFixture(t, func(c *api.Config) { c.Version = "20.1.1" })
	c := &client{fixture: f, header: http.Header{"X-Avi-Version": {"31.2.1"}, "X-Avi-Tenant": {"*"}}}
	c.do(200, "POST", "/login", `{"username":"admin","password":"`+adminPassword+`"}`)
}

func TestLoginForm(t *testing.T) {
	g := NewWithT(t)
	f := newFixture(t)
	form := url.Values{"username": {"admin"}, "password": {adminPassword}}
	resp, err := f.server.Client().PostForm(f.server.URL+"/login", form)
	g.Expect(err).NotTo(HaveOccurred())
	defer resp.Body.Close()
	g.Expect(resp.StatusCode).To(Equal(200))
	g.Expect(resp.Cookies()).To(HaveLen(3))
}

func TestRefusedLogins(t *testing.T) {
	g := NewWithT(t)
	f := newFixture(t)
	c := &client{fixture: f}
	for body, want := range map[string]int{
		`{"username":"admin","password":"wrong"}`: 401, `{"username":"nobody","password":"x"}`: 401, `{}`: 401,
		`{"username":"admin","password":""}`: 401, `{"username":"admin","token":"x"}`: 401, `{"username":"nobody","token":"x"}`: 401,
		`[]`: 400, `{`: 400, ``: 400, `{} {}`: 400, `null`: 400,
	} {
		reply := c.do(want, "POST", "/login", body)
		if want == 401 {
			g.Expect(reply).To(HaveKeyWithValue("error", "Invalid credentials"), body)
		} else {
			g.Expect(reply).To(HaveKey("error"), body)
		}
	}
	c.do(405, "GET", "/login", "")
	_, err := clients.NewAviClient(f.host(), "admin", session.SetPassword("wrong"), session.SetInsecure)
	g.Expect(err).To(MatchError(ContainSubstring("Invalid credentials")))
}

func TestCrossSiteRequestsAreRefused(t *testing.T) {
	g := NewWithT(t)
	f := newFixture(t)
	c := f.login()
	pool := `{"name":"p"}`
	refused := func(c *client, status int, text string) {
		t.Helper()
		g.Expect(c.do(status, "POST", "/api/pool", pool)["error"]).To(HavePrefix("CSRF Failed: " + text))
		c.do(200, "GET", "/api/pool", "") // reading is allowed
	}
	refused(c.as("X-CSRFToken", "x"), 419, "CSRF token missing or incorrect.")
	refused(c.as("X-CSRFToken", ""), 419, "CSRF token missing or incorrect.")
	refused(c.as("Referer", ""), 403, "Referer checking failed - no Referer.")
	refused(c.as("Referer", "https://evil.test/"), 403, "Referer checking failed - evil.test does not match")
	c.do(201, "POST", "/api/pool", pool)
	c.as("X-CSRFToken", "x").do(419, "POST", "/logout", "")

	plain := newFixture(t, func(c *api.Config) { c.Scheme = "http" }).login()
	plain.as("Referer", "").do(201, "POST", "/api/pool", pool)
	g.Expect(plain.as("X-CSRFToken", "x").do(419, "POST", "/api/pool", pool)).To(HaveKey("error"))
}

func TestLogout(t *testing.T) {
	g := NewWithT(t)
	f := newFixture(t)
	c := f.login()
	c.do(200, "POST", "/logout", "")
	g.Expect(c.do(401, "GET", "/api/pool", "")).To(HaveKeyWithValue("error", "Authentication credentials were not provided."))
	c.do(401, "POST", "/logout", "")

	other := f.login()
	f.api.DropSessions()
	other.do(401, "GET", "/api/pool", "")
	g.Expect(f.sdk().AviSession.Logout()).To(Succeed())
}

func TestTheSDKLogsInAgainWhenItsSessionIsGone(t *testing.T) {
	g := NewWithT(t)
	f := newFixture(t)
	c := f.sdk()
	f.api.DropSessions()
	_, err := c.Pool.GetAll()
	g.Expect(err).To(MatchError(ContainSubstring("401")), "with the status check off the first request is lost")
	_, err = c.Pool.GetAll()
	g.Expect(err).NotTo(HaveOccurred())
}

// direct is a client that calls the handler itself, for tests in virtual time.
type direct struct {
	t       *testing.T
	handler http.Handler
	csrf    string
	cookie  string
}

func (d *direct) do(method, path, body string) (int, string) {
	d.t.Helper()
	r := httptest.NewRequest(method, "https://controller.test"+path, strings.NewReader(body))
	r.Header.Set("Referer", "https://controller.test/")
	if d.cookie != "" {
		r.AddCookie(&http.Cookie{Name: "sessionid", Value: d.cookie})
		r.Header.Set("X-CSRFToken", d.csrf)
	}
	w := httptest.NewRecorder()
	d.handler.ServeHTTP(w, r)
	for _, cookie := range w.Result().Cookies() {
		switch cookie.Name {
		case "sessionid":
			d.cookie = cookie.Value
		case "csrftoken":
			d.csrf = cookie.Value
		}
	}
	return w.Code, w.Body.String()
}

func (d *direct) login(user, password string) int {
	status, _ := d.do("POST", "/login", `{"username":"`+user+`","password":"`+password+`"}`)
	return status
}

func newDirect(t *testing.T, cfg api.Config) (*direct, *store.Store) {
	t.Helper()
	cfg.Store = store.New(store.Config{Namespace: "test"})
	cfg.Users = append(cfg.Users, api.User{Name: "admin", Password: adminPassword, Superuser: true})
	a, err := api.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return &direct{t: t, handler: a}, cfg.Store
}

func TestSessionsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		d, s := newDirect(t, api.Config{Seed: 1})
		status := func() int {
			code, _ := d.do("GET", "/api/cluster", "")
			return code
		}
		g.Expect(d.login("admin", adminPassword)).To(Equal(200))
		time.Sleep(15*time.Minute - time.Second)
		g.Expect(status()).To(Equal(200))
		time.Sleep(15*time.Minute - time.Second)
		g.Expect(status()).To(Equal(200), "activity keeps a session open")
		time.Sleep(15 * time.Minute)
		g.Expect(status()).To(Equal(401), "idle")

		g.Expect(d.login("admin", adminPassword)).To(Equal(200))
		for range 24*6 - 1 {
			time.Sleep(10 * time.Minute)
			g.Expect(status()).To(Equal(200))
		}
		time.Sleep(10 * time.Minute)
		g.Expect(status()).To(Equal(401), "24 hours are the end in any case")

		properties, _ := s.List("controllerproperties", store.Query{})
		_, err := s.Patch("controllerproperties", properties[0].UUID, map[string]any{"replace": map[string]any{"api_idle_timeout": 0}})
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(d.login("admin", adminPassword)).To(Equal(200))
		time.Sleep(23 * time.Hour)
		g.Expect(status()).To(Equal(200), "an idle timeout of 0 is none")
		system, _ := s.List("systemconfiguration", store.Query{})
		_, err = s.Patch("systemconfiguration", system[0].UUID,
			map[string]any{"replace": map[string]any{"portal_configuration": map[string]any{"api_force_timeout": 1}}})
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(status()).To(Equal(401))
	})
}

func TestLockout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		d, _ := newDirect(t, api.Config{Seed: 1, Users: []api.User{{Name: "bob", Password: "right"}}})
		for range 3 {
			g.Expect(d.login("bob", "wrong")).To(Equal(401))
		}
		status, text := d.do("POST", "/login", `{"username":"bob","password":"right"}`)
		g.Expect(status).To(Equal(401))
		g.Expect(text).To(ContainSubstring("locked"))
		g.Expect(text).NotTo(ContainSubstring("Invalid credentials"))
		time.Sleep(30 * time.Minute)
		g.Expect(d.login("bob", "right")).To(Equal(200))
		for range 2 {
			g.Expect(d.login("bob", "wrong")).To(Equal(401))
		}
		g.Expect(d.login("bob", "right")).To(Equal(200), "a success forgets failures")
		g.Expect(d.login("bob", "wrong")).To(Equal(401))
		g.Expect(d.login("bob", "right")).To(Equal(200))
		for range 20 {
			g.Expect(d.login("admin", "wrong")).To(Equal(401))
		}
		g.Expect(d.login("admin", adminPassword)).To(Equal(200), "admin is never locked out")
	})
}

func TestUserTokens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		d, _ := newDirect(t, api.Config{Seed: 1})
		g.Expect(d.login("admin", adminPassword)).To(Equal(200))
		status, text := d.do("POST", "/api/user-token", `{"hours":240}`)
		g.Expect(status).To(Equal(200))
		var token struct{ Token, UUID, Expires_at string }
		g.Expect(json.Unmarshal([]byte(text), &token)).To(Succeed())
		withToken := func() int {
			status, _ := d.do("POST", "/login", `{"username":"admin","token":"`+token.Token+`"}`)
			return status
		}
		g.Expect(withToken()).To(Equal(200))
		_, text = d.do("GET", "/api/user-token", "")
		g.Expect(text).To(ContainSubstring(token.UUID))
		for _, body := range []string{`{"hours":0}`, `{"hours":100000}`, `{"hours":1.5}`, `x`} {
			status, _ = d.do("POST", "/api/user-token", body)
			g.Expect(status).To(Equal(400), body)
		}
		time.Sleep(240*time.Hour - time.Second)
		g.Expect(withToken()).To(Equal(200))
		time.Sleep(time.Second)
		g.Expect(withToken()).To(Equal(401))

		g.Expect(d.login("admin", adminPassword)).To(Equal(200))
		_, text = d.do("POST", "/api/user-token", `{}`)
		g.Expect(json.Unmarshal([]byte(text), &token)).To(Succeed())
		status, _ = d.do("DELETE", "/api/user-token/"+token.UUID, "")
		g.Expect(status).To(Equal(204))
		g.Expect(withToken()).To(Equal(401))
		status, _ = d.do("DELETE", "/api/user-token/"+token.UUID, "")
		g.Expect(status).To(Equal(404))
	})
}

func TestBasicAuthentication(t *testing.T) {
	g := NewWithT(t)
	f := newFixture(t)
	basic := func(password string) *client {
		r, _ := http.NewRequest("GET", "/", nil)
		r.SetBasicAuth("admin", password)
		return &client{fixture: f, header: http.Header{"Authorization": r.Header["Authorization"], "Referer": {""}}}
	}
	basic(adminPassword).do(401, "GET", "/api/pool", "")
	admin := f.login()
	admin.do(200, "PATCH", "/api/systemconfiguration", `{"replace":{"portal_configuration":{"allow_basic_authentication":true}}}`)
	basic(adminPassword).do(201, "POST", "/api/pool", `{"name":"p"}`)
	g.Expect(basic("wrong").do(401, "GET", "/api/pool", "")).To(HaveKeyWithValue("error", "Invalid credentials"))
}

func TestAUserThatIsGoneHasNoSession(t *testing.T) {
	f := newFixture(t, func(c *api.Config) { c.Users = append(c.Users, api.User{Name: "bob", Password: "b", Superuser: true}) })
	bob := &client{fixture: f}
	_, header, _ := bob.send("POST", "/login", `{"username":"bob","password":"b"}`)
	bob.take(header)
	bob.do(200, "GET", "/api/pool", "")
	user, _ := f.store.Lookup("user", "admin", "bob")
	f.login().do(200, "PATCH", "/api/user/"+user.UUID, `{"replace":{"is_active":false}}`)
	bob.do(401, "GET", "/api/pool", "")
	f.login().do(200, "PATCH", "/api/user/"+user.UUID, `{"replace":{"is_active":true}}`)
	bob.do(401, "GET", "/api/pool", "")
}

func TestSessionIdentifiersDependOnTheSeed(t *testing.T) {
	g := NewWithT(t)
	first := func(seed uint64) string {
		d, _ := newDirect(t, api.Config{Seed: seed})
		g.Expect(d.login("admin", adminPassword)).To(Equal(200))
		return d.cookie
	}
	g.Expect(first(1)).To(Equal(first(1)))
	g.Expect(first(1)).NotTo(Equal(first(2)))
	g.Expect(first(0)).NotTo(Equal(first(0)), "without a seed they are random")
}

func TestTheNumberOfSessionsIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		d, _ := newDirect(t, api.Config{Seed: 1})
		g.Expect(d.login("admin", adminPassword)).To(Equal(200))
		used := *d
		g.Expect(d.login("admin", adminPassword)).To(Equal(200))
		unused := *d
		status := func(d direct) int {
			code, _ := d.do("GET", "/api/cluster/runtime", "")
			return code
		}
		for range 10_000 {
			time.Sleep(time.Millisecond)
			g.Expect(status(used)).To(Equal(200), "a session in use stays")
			g.Expect(d.login("admin", adminPassword)).To(Equal(200))
		}
		g.Expect(status(*d)).To(Equal(200), "so does the latest")
		g.Expect(status(unused)).To(Equal(401), "those idle for longest end")
		time.Sleep(time.Hour)
		g.Expect(status(used)).To(Equal(401))
		g.Expect(d.login("admin", adminPassword)).To(Equal(200))
	})
}
