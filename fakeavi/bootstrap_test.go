package fakeavi_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/fakeavi"
	"github.com/gslbsim/gslbsim/fakeavi/federation"
	"github.com/gslbsim/gslbsim/fakeavi/internal/virtual"
)

// client is a logged-in session with a controller's REST API.
type client struct {
	w       *world
	r       *region
	cookies []*http.Cookie
}

func (w *world) login(r *region) *client {
	c := &client{w: w, r: r}
	code, _ := c.do("POST", "/login", map[string]any{"username": "admin", "password": "secret-" + r.name})
	w.g.Expect(code).To(Equal(200))
	return c
}

// do makes one request whose reply is an object.
func (c *client) do(method, path string, body any) (code int, reply map[string]any) {
	return c.send(method, path, body, &reply), reply
}

// list makes one request whose reply is a list.
func (c *client) list(path string) (code int, reply []any) {
	return c.send("GET", path, nil, &reply), reply
}

// send makes one request on the event loop, where a handler must not wait.
func (c *client) send(method, path string, body, reply any) (code int) {
	text, err := json.Marshal(body)
	c.w.g.Expect(err).NotTo(HaveOccurred())
	req := httptest.NewRequest(method, "https://"+c.r.Addr().String()+path, strings.NewReader(string(text)))
	req.Header.Set("Referer", "https://"+c.r.Addr().String()+"/")
	req.Header.Set("Content-Type", "application/json")
	for _, k := range c.cookies {
		req.AddCookie(k)
		if k.Name == "csrftoken" {
			req.Header.Set("X-CSRFToken", k.Value)
		}
	}
	rec := httptest.NewRecorder()
	c.w.Now(func() { c.r.Handler().ServeHTTP(rec, req) })
	if k := rec.Result().Cookies(); len(k) > 0 {
		c.cookies = k
	}
	if rec.Body.Len() > 0 {
		c.w.g.Expect(json.Unmarshal(rec.Body.Bytes(), reply)).To(Succeed(), rec.Body.String())
	}
	return rec.Code
}

func TestFederationIsFormedByRequests(t *testing.T) {
	inWorld(t, 3, func(w *world, g *GomegaWithT) {
		for i, r := range w.regions {
			v := r.Federation()
			g.Expect(v.Sites).To(HaveLen(3))
			g.Expect(v.Sites[i].Self).To(BeTrue())
			g.Expect(v.Claim.Leader).To(Equal(w.regions[0].ClusterUUID()))
		}
		g.Expect(w.regions[0].Federation().Sites[2].Sync).To(Equal(federation.SyncInSync))
		code, reply := w.login(w.regions[1]).do("GET", "//api/gslb", nil)
		g.Expect(code).To(Equal(200))
		gslb := reply["results"].([]any)[0].(map[string]any)
		g.Expect(gslb["leader_cluster_uuid"]).To(Equal(w.regions[0].ClusterUUID()))
		site := gslb["sites"].([]any)[1].(map[string]any)
		g.Expect(site["password"]).To(Equal("<sensitive>"))
		g.Expect(site["dns_vses"]).To(HaveLen(1))
	})
}

func TestSettingsOfAFederation(t *testing.T) {
	virtual.Run(t, func(c virtual.Clock) {
		w := newWorld(c)
		for range 3 {
			w.add()
		}
		w.Now(func() {
			w.g.Expect(fakeavi.Federation{
				Leader: fakeavi.Member{Controller: w.regions[0].Controller, Name: "north", Settings: map[string]any{"ratio": 3}},
				Followers: []fakeavi.Member{
					{Controller: w.regions[1].Controller, DNS: []string{}}, {Controller: w.regions[2].Controller, Passive: true},
				},
				ThirdParty: []map[string]any{{"name": "cdn"}}, Settings: map[string]any{"send_interval": 5},
			}.Form()).To(Succeed())
		})
		w.Pass(6 * time.Second)
		gslb := w.regions[1].Node().Gslb()
		w.g.Expect(gslb.SendInterval).To(Equal(5 * time.Second))
		w.g.Expect(gslb.Sites[0].Name).To(Equal("north"))
		w.g.Expect(gslb.Sites[0].Ratio).To(Equal(3))
		w.g.Expect(gslb.Sites[1].Placements).To(BeEmpty())
		w.g.Expect(gslb.Sites[2].Active).To(BeFalse())
		w.g.Expect(gslb.Third[0].Cluster).To(HavePrefix("tp_cluster-"))
		w.g.Expect(w.regions[2].Federation().Role).To(Equal(federation.RoleNone))
	})
}

func TestFormReportsTheFirstRefusal(t *testing.T) {
	virtual.Run(t, func(c virtual.Clock) {
		w := newWorld(c)
		w.add()
		w.add()
		w.Now(func() { w.wire.Attach(w.regions[1].Addr(), nil) })
		w.Now(func() {
			err := fakeavi.Federation{
				Leader:    fakeavi.Member{Controller: w.regions[0].Controller},
				Followers: []fakeavi.Member{{Controller: w.regions[1].Controller}},
			}.Form()
			w.g.Expect(err).To(MatchError(ContainSubstring("site region02: POST /api/gslbsiteops/verify: HTTP code 400")))
			err = fakeavi.Federation{Leader: fakeavi.Member{Controller: w.regions[1].Controller, DNS: []string{"nope"}}}.Form()
			w.g.Expect(err).To(MatchError(ContainSubstring("there is no virtual service nope")))
		})
	})
}

func TestVerifySite(t *testing.T) {
	alone(t, func(w *world, r *region, g *GomegaWithT) {
		other := w.add()
		admin := w.login(r)
		body := func(password, at string) map[string]any {
			return map[string]any{
				"name": "x", "username": "admin", "password": password, "port": 443,
				"ip_addresses": []any{map[string]any{"addr": at, "type": "V4"}},
			}
		}
		code, reply := admin.do("POST", "/api/gslbsiteops/verify", body("secret-region02", other.Addr().String()))
		g.Expect(code).To(Equal(200))
		g.Expect(reply["rx_uuid"]).To(Equal(other.ClusterUUID()))
		for want, b := range map[string]any{
			"refuses the credentials":                                 body("wrong", other.Addr().String()),
			"cannot be reached":                                       body("x", "10.7.7.7"),
			"ip_addresses: ParseAddr":                                 body("x", "nowhere"),
			"ip_addresses is empty":                                   map[string]any{},
			"verify: the body is not a JSON object but of type array": []any{},
			"verify: name must not be of type number":                 map[string]any{"name": 7},
		} {
			code, reply := admin.do("POST", "/api/gslbsiteops/verify", b)
			g.Expect(code).To(Equal(400))
			g.Expect(reply["error"]).To(ContainSubstring(want))
		}
	})
}

func TestLeaderIsChangedByRequest(t *testing.T) {
	inWorld(t, 2, func(w *world, g *GomegaWithT) {
		next := w.regions[1]
		admin := w.login(next)
		code, reply := admin.do("POST", "/api/gslbsiteops/changeleader", map[string]any{"new_leader": "cluster-x"})
		g.Expect(code).To(Equal(400))
		g.Expect(reply["error"]).To(ContainSubstring("there is no site with cluster uuid"))
		code, _ = admin.do("POST", "/api/gslbsiteops/changeleader", map[string]any{"new_leader": next.ClusterUUID()})
		g.Expect(code).To(Equal(200))
		w.Pass(time.Second)
		g.Expect(next.Federation().Role).To(Equal(federation.RoleLeader))
		g.Expect(w.regions[0].Federation().Role).To(Equal(federation.RoleMember))
	})
}

func TestControllerWithoutPowerServesNobody(t *testing.T) {
	alone(t, func(w *world, r *region, g *GomegaWithT) {
		admin := w.login(r)
		w.controllerOff(r)
		g.Expect(r.Powered()).To(BeFalse())
		code, _ := admin.do("GET", "/api/cluster", nil)
		g.Expect(code).To(Equal(503))
		w.controllerOn(r)
		code, _ = admin.do("GET", "/api/cluster", nil)
		g.Expect(code).To(Equal(401), "sessions are lost")
		code, reply := w.login(r).do("GET", "/api/cluster", nil)
		g.Expect(code).To(Equal(200))
		g.Expect(reply["uuid"]).To(Equal(r.ClusterUUID()), "the database is not")
	})
}
