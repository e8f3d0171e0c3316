package live_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	mdns "github.com/miekg/dns"
	. "github.com/onsi/gomega"
	"github.com/vmware/alb-sdk/go/models"

	"github.com/gslbsim/gslbsim/fakeavi"
	"github.com/gslbsim/gslbsim/fakeavi/avitest"
	"github.com/gslbsim/gslbsim/fakeavi/live"
	"github.com/gslbsim/gslbsim/fakeavi/probe"
)

func TestMain(m *testing.M) { avitest.Main(m) }

func ptr[T any](v T) *T { return &v }

var free = netip.MustParseAddrPort("127.0.0.1:0")

func createPool(g *GomegaWithT, avi *avitest.Avi, name string) *models.Pool {
	pool, err := avi.Client.Pool.Create(&models.Pool{Name: ptr(name)})
	g.Expect(err).NotTo(HaveOccurred())
	return pool
}

func TestDataOutlivesTheProgram(t *testing.T) {
	g := NewWithT(t)
	dir := t.TempDir()
	keep := func(c *live.Config) { c.Data = dir }
	first := avitest.Start(t, keep)
	pool := createPool(g, first, "web")
	g.Expect(first.Client.Pool.Delete(*createPool(g, first, "gone").UUID)).To(Succeed())
	shipped, err := first.Client.ApplicationProfile.GetByName("System-SSL-Application")
	g.Expect(err).NotTo(HaveOccurred())
	shipped.Description = ptr("edited")
	_, err = first.Client.ApplicationProfile.Update(shipped)
	g.Expect(err).NotTo(HaveOccurred(), "shipped objects can be edited")
	before, err := first.State()
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(first.Close()).To(Succeed())

	second := avitest.Start(t, keep)
	after, err := second.State()
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(content(t, after)).To(Equal(content(t, before)))
	got, err := second.Client.Pool.Get(*pool.UUID)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(*got.Name).To(Equal("web"))
}

// content is what a state says but for the counters of its stores.
func content(t *testing.T, s *live.State) string {
	t.Helper()
	var out strings.Builder
	for _, c := range s.Controllers {
		var in struct{ Objects json.RawMessage }
		if err := json.Unmarshal(c.Store, &in); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&out, "%s %v %s\n", c.Name, c.Complete, in.Objects)
	}
	return out.String()
}

func TestSavedStateCanBeLoaded(t *testing.T) {
	g := NewWithT(t)
	sites := func(c *live.Config) {
		c.Controllers = []live.Controller{{Name: "one", Listen: free}, {Name: "two", Listen: free}}
	}
	first := avitest.Start(t, sites)
	createPool(g, first, "web")
	first.Settle()
	var file bytes.Buffer
	state, err := first.State()
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(state.Write(&file)).To(Succeed())

	loaded, err := live.ReadState(&file)
	g.Expect(err).NotTo(HaveOccurred())
	second := avitest.Start(t, sites, func(c *live.Config) { c.Load = loaded })
	second.Settle()
	again, err := second.State()
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(content(t, again)).To(Equal(content(t, state)))
}

// A folder that holds something comes before a state that is loaded, and that is said.
func TestDataComesBeforeLoad(t *testing.T) {
	g := NewWithT(t)
	dir := t.TempDir()
	first := avitest.Start(t, func(c *live.Config) { c.Data = dir })
	state, err := first.State()
	g.Expect(err).NotTo(HaveOccurred())
	createPool(g, first, "kept")
	g.Expect(first.Close()).To(Succeed())

	var warnings []string
	second := avitest.Start(t, func(c *live.Config) {
		c.Data, c.Load = dir, state
		c.Warn = func(line string) { warnings = append(warnings, line) }
	})
	_, err = second.Client.Pool.GetByName("kept")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(warnings).To(ConsistOf(ContainSubstring("the loaded state is not used")))
}

func TestNoStateIsSaidSo(t *testing.T) {
	for _, text := range []string{"", "{}", "[]", `{"controllers":[]}`, `{"version":3,"objects":[]}`} {
		if _, err := live.ReadState(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), "not the saved state") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestFetchReadsWhatTheControllerHas reads a controller page by page over its API and starts another one with that.
func TestFetchReadsWhatTheControllerHas(t *testing.T) {
	g := NewWithT(t)
	first := avitest.Start(t)
	for i := range 7 {
		createPool(g, first, fmt.Sprint("pool-", i))
	}
	types := map[string]int{}
	read, err := live.Fetch(live.Remote{
		Host: first.Leader.Listen.String(), Username: "admin", Password: live.DefaultPassword, PageSize: 3,
		Progress: func(typ string, n int, left error) {
			if left != nil {
				t.Errorf("%s left out: %v", typ, left)
			}
			types[typ] = n
		},
	})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(types).To(HaveKeyWithValue("pool", 7))
	g.Expect(types).To(HaveKeyWithValue("gslb", 1))

	second := avitest.Start(t, func(c *live.Config) { c.Load = read })
	g.Expect(second.Leader.ClusterUUID()).To(Equal(first.Leader.ClusterUUID()))
	g.Expect(second.Leader.Federation().Role).To(Equal(first.Leader.Federation().Role))
	for _, typ := range second.Leader.Store().Schema().Types() {
		g.Expect(second.Leader.Store().Len(typ.Name)).To(Equal(first.Leader.Store().Len(typ.Name)), typ.Name)
	}
	_, err = live.Fetch(live.Remote{Host: first.Leader.Listen.String(), Username: "admin", Password: "wrong"})
	g.Expect(err).To(MatchError(ContainSubstring("Invalid credentials")))
}

// admin sends a request to the admin endpoint.
func admin(t *testing.T, avi *avitest.Avi, method, path, body string) (status int, reply string) {
	t.Helper()
	r, err := http.NewRequest(method, "http://"+avi.Admin().String()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var text bytes.Buffer
	if _, err := text.ReadFrom(resp.Body); err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, text.String()
}

func withAdmin(c *live.Config) { c.Admin = free }

func TestAdminInjectsFaults(t *testing.T) {
	g := NewWithT(t)
	avi := avitest.Start(t, withAdmin)
	status, reply := admin(t, avi, "POST", "/faults", `{"method":"POST","path":"/api/pool","status":503,"count":1}`)
	g.Expect(status).To(Equal(201), reply)
	_, err := avi.Client.Pool.Create(&models.Pool{Name: ptr("p")})
	g.Expect(err).To(MatchError(ContainSubstring("503")))
	createPool(g, avi, "p")
	_, reply = admin(t, avi, "GET", "/faults", "")
	g.Expect(reply).To(ContainSubstring(`"struck": 1`))

	admin(t, avi, "POST", "/faults", `{"path":"/api/pool","expire":"session","count":1}`)
	var pools any
	err = avi.Client.AviSession.Get("api/pool", &pools)
	g.Expect(err).To(MatchError(ContainSubstring("401")), "the session has ended")
	g.Expect(avi.Client.AviSession.Get("api/pool", &pools)).To(Succeed(), "the client has logged in again")

	admin(t, avi, "POST", "/faults", `{"method":"POST","path":"/api/pool","drop":"before","count":1}`)
	_, err = avi.Client.Pool.Create(&models.Pool{Name: ptr("q")})
	g.Expect(err).To(MatchError(ContainSubstring("EOF")))

	for body, want := range map[string]string{
		`{"status":200}`:                        "status: 200 is not between 400 and 599",
		`{"statuss":500}`:                       `unknown field \"statuss\"`,
		`{"status":500,"controller":"nowhere"}`: `there is no \"nowhere\"`,
		`{"delay":3}`:                           "want a text such as",
	} {
		status, reply := admin(t, avi, "POST", "/faults", body)
		g.Expect(status).To(Equal(400), body)
		g.Expect(reply).To(ContainSubstring(want), body)
	}
	status, _ = admin(t, avi, "DELETE", "/faults", "")
	g.Expect(status).To(Equal(204))
	status, _ = admin(t, avi, "DELETE", "/faults/1", "")
	g.Expect(status).To(Equal(404))
}

func TestAdminTakesPowerAndSessions(t *testing.T) {
	g := NewWithT(t)
	avi := avitest.Start(t, withAdmin)
	var clouds any
	status, _ := admin(t, avi, "DELETE", "/controllers/avi/sessions", "")
	g.Expect(status).To(Equal(204))
	g.Expect(avi.Client.AviSession.Get("api/cloud", &clouds)).To(MatchError(ContainSubstring("401")))
	admin(t, avi, "PUT", "/controllers/avi/power", `{"on":false}`)
	g.Expect(avi.Client.AviSession.Get("api/cloud", &clouds)).To(MatchError(ContainSubstring("EOF")))
	_, reply := admin(t, avi, "GET", "/controllers", "")
	g.Expect(reply).To(ContainSubstring(`"power": false`))
	admin(t, avi, "PUT", "/controllers/avi/power", `{"on":true}`)
	avi.Login(avi.Leader)
	status, reply = admin(t, avi, "PUT", "/controllers/rome/power", `{"on":true}`)
	g.Expect(status).To(Equal(404), reply)
	status, reply = admin(t, avi, "PUT", "/controllers/avi/power", `{}`)
	g.Expect(status).To(Equal(400), reply)
}

func TestAdminScriptsHealth(t *testing.T) {
	g := NewWithT(t)
	avi := avitest.Start(t, withAdmin)
	status, reply := admin(t, avi, "PUT", "/health/192.0.2.7", `{"verdict":"down"}`)
	g.Expect(status).To(Equal(204), reply)
	g.Expect(avi.Prober().Script()).To(HaveKeyWithValue(netip.MustParseAddr("192.0.2.7"), probe.Down))
	admin(t, avi, "DELETE", "/health/192.0.2.7", "")
	g.Expect(avi.Prober().Script()).To(BeEmpty())
	status, reply = admin(t, avi, "PUT", "/health/192.0.2.7", `{"verdict":"ill"}`)
	g.Expect(status).To(Equal(400))
	g.Expect(reply).To(ContainSubstring("none of sockets, up, down, silent"))
}

func TestAdminSaysWhatItKnows(t *testing.T) {
	g := NewWithT(t)
	avi := avitest.Start(t, withAdmin)
	for _, path := range []string{"/", "/nothing"} {
		status, reply := admin(t, avi, "GET", path, "")
		g.Expect(status).To(Equal(404))
		g.Expect(reply).To(MatchJSON(`{"error": "there is no GET ` + path + `: ask for /faults, /health, /controllers or /state"}`))
	}
}

// TestAdminRefusesWebPages: a page in a browser must not command what runs on the same machine.
func TestAdminRefusesWebPages(t *testing.T) {
	g := NewWithT(t)
	avi := avitest.Start(t, withAdmin)
	for _, change := range []func(*http.Request){
		func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") },
		func(r *http.Request) { r.Host = "rebound.example" },
	} {
		r, err := http.NewRequest("GET", "http://"+avi.Admin().String()+"/state", nil)
		g.Expect(err).NotTo(HaveOccurred())
		change(r)
		resp, err := http.DefaultClient.Do(r)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(resp.Body.Close()).To(Succeed())
		g.Expect(resp.StatusCode).To(Equal(http.StatusForbidden))
	}
}

func TestConfigurationsThatCannotWork(t *testing.T) {
	for want, cfg := range map[string]live.Config{
		"two controllers are named a": {Controllers: []live.Controller{{Name: "a", Listen: free}, {Name: "a", Listen: free}}},
		"has no name":                 {Controllers: []live.Controller{{Listen: free}}},
		"no address to listen at":     {Controllers: []live.Controller{{Name: "a"}}},
		"it cannot be passive":        {Controllers: []live.Controller{{Name: "a", Listen: free, Passive: true}}},
		"not a loopback address":      {Admin: netip.MustParseAddrPort("192.0.2.1:80")},
		"letters, digits":             {Data: t.TempDir(), Controllers: []live.Controller{{Name: "a/../b", Listen: free}}},
	} {
		p, err := live.Start(cfg)
		if err == nil {
			t.Errorf("want an error about %q", want)
			_ = p.Close()
		} else if !strings.Contains(err.Error(), want) {
			t.Errorf("error %q, want one about %q", err, want)
		}
	}
	taken := avitest.Start(t)
	_, err := live.Start(live.Default(taken.Leader.Listen))
	if err == nil || !strings.Contains(err.Error(), "is in use") {
		t.Errorf("address in use: %v", err)
	}
}

// TestThePortalTakesAnotherCertificate makes a self-signed certificate over the API and serves with it.
func TestThePortalTakesAnotherCertificate(t *testing.T) {
	g := NewWithT(t)
	avi := avitest.Start(t)
	made, err := avi.Client.SSLKeyAndCertificate.Create(&models.SSLKeyAndCertificate{
		Name: ptr("portal"), Type: ptr("SSL_CERTIFICATE_TYPE_SYSTEM"), Certificate: &models.SSLCertificate{
			SelfSigned: ptr(true), SubjectAltNames: []string{avi.Leader.Listen.String(), "avi.example"},
			Subject: &models.SSLCertificateDescription{CommonName: ptr("*")},
		},
	})
	g.Expect(err).NotTo(HaveOccurred())
	verifies := func() error {
		pool := x509.NewCertPool()
		pool.AppendCertsFromPEM([]byte(*made.Certificate.Certificate))
		conn, err := tls.Dial("tcp", avi.Leader.Listen.String(), &tls.Config{RootCAs: pool})
		if err != nil {
			return err
		}
		return conn.Close()
	}
	g.Expect(verifies()).NotTo(Succeed(), "it is not in use yet")
	config, err := avi.Client.SystemConfiguration.Get("")
	g.Expect(err).NotTo(HaveOccurred())
	config.PortalConfiguration.SslkeyandcertificateRefs, config.UUID = []string{*made.UUID}, ptr("")
	_, err = avi.Client.SystemConfiguration.Update(config)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(verifies()).To(Succeed())
	config, err = avi.Client.SystemConfiguration.Get("")
	g.Expect(err).NotTo(HaveOccurred())
	config.PortalConfiguration.SslkeyandcertificateRefs, config.UUID = []string{}, ptr("")
	_, err = avi.Client.SystemConfiguration.Update(config)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(verifies()).NotTo(Succeed(), "the first one is back")
}

// TestDNSOnSockets asks a DNS virtual service over UDP and TCP, and one without power.
func TestDNSOnSockets(t *testing.T) {
	g := NewWithT(t)
	avi := avitest.Start(t, func(c *live.Config) {
		c.Controllers = []live.Controller{{
			Name: "avi", Listen: free, DNS: []fakeavi.DNSConfig{{Name: "dns", VIP: netip.MustParseAddr("198.18.1.53")}},
			DNSListen: map[string]netip.AddrPort{"dns": free},
		}}
	})
	_, err := avi.Client.GslbService.Create(&models.GslbService{
		Name: ptr("shop"), DomainNames: []string{"shop.gslb.example"}, HealthMonitorRefs: []string{"/api/healthmonitor?name=System-GSLB-TCP"},
		Groups: []*models.GslbPool{{
			Name: ptr("pool"), Algorithm: ptr("GSLB_ALGORITHM_ROUND_ROBIN"),
			Members: []*models.GslbPoolMember{{IP: &models.IPAddr{Addr: ptr("192.0.2.80"), Type: ptr("V4")}}},
		}},
	})
	g.Expect(err).NotTo(HaveOccurred())
	patience := 20 * time.Second
	ask := func(network string) string {
		c := &mdns.Client{Net: network, Timeout: patience}
		reply, _, err := c.Exchange(new(mdns.Msg).SetQuestion("shop.gslb.example.", mdns.TypeA), avi.Leader.DNS[0].String())
		switch {
		case err != nil:
			return err.Error()
		case len(reply.Answer) == 0:
			return mdns.RcodeToString[reply.Rcode]
		}
		return reply.Answer[0].(*mdns.A).A.String()
	}
	g.Eventually(func() string { return ask("udp") }).WithTimeout(patience).Should(Equal("192.0.2.80"))
	g.Expect(ask("tcp")).To(Equal("192.0.2.80"))
	profile, err := avi.Client.ApplicationProfile.GetByName("System-DNS")
	g.Expect(err).NotTo(HaveOccurred())
	profile.DNSServiceProfile.DNSOverTCPEnabled = ptr(false)
	_, err = avi.Client.ApplicationProfile.Update(profile)
	g.Expect(err).NotTo(HaveOccurred())
	g.Eventually(func() string { return ask("tcp") }).WithTimeout(patience).Should(ContainSubstring("EOF"))
	g.Expect(ask("udp")).To(Equal("192.0.2.80"))
	avi.Leader.Engines()[0].PowerOff()
	patience = 200 * time.Millisecond
	g.Expect(ask("udp")).To(ContainSubstring("timeout"))
}
