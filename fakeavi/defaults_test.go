package fakeavi_test

import (
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// The product's documentation: default profiles can be edited, but neither renamed nor deleted.
func TestSystemDefaultsStay(t *testing.T) {
	inWorld(t, 1, func(w *world, g *GomegaWithT) {
		c := w.login(w.regions[0])
		for _, path := range []string{
			"healthmonitor?name=System-TCP", "healthmonitor?name=System-GSLB-TCP", "applicationprofile?name=System-HTTP",
			"networkprofile?name=System-TCP-Proxy", "sslprofile?name=System-Standard", "vrfcontext?name=global",
			"applicationpersistenceprofile?name=System-Persistence-TLS",
		} {
			found := at(g, c.get("/api/"+path), "results", 0)
			name, uuid := at(g, found, "name").(string), at(g, found, "uuid").(string)
			typ, _, _ := strings.Cut(path, "?")
			code, reply := c.do("DELETE", "/api/"+typ+"/"+uuid, nil)
			g.Expect(code).To(Equal(403), path)
			g.Expect(reply).To(HaveKeyWithValue("error", "Cannot delete system default object "+name))
			code, reply = c.do("PATCH", "/api/"+typ+"/"+uuid, map[string]any{"replace": map[string]any{"name": "renamed"}})
			g.Expect(code).To(Equal(403), path)
			g.Expect(reply).To(HaveKeyWithValue("error", "Cannot rename system default object "+name))
		}
		found := at(g, c.get("/api/healthmonitor?name=System-TCP"), "results", 0, "uuid").(string)
		code, _ := c.do("PATCH", "/api/healthmonitor/"+found, map[string]any{"replace": map[string]any{"send_interval": 20}})
		g.Expect(code).To(Equal(200), "they can be edited")
		code, _ = c.do("POST", "/api/healthmonitor", map[string]any{"name": "System-Mine", "type": "HEALTH_MONITOR_PING"})
		g.Expect(code).To(Equal(201))
		mine := at(g, c.get("/api/healthmonitor?name=System-Mine"), "results", 0, "uuid").(string)
		code, _ = c.do("DELETE", "/api/healthmonitor/"+mine, nil)
		g.Expect(code).To(Equal(204), "it is not the controller's")
	})
}

func TestServicesNeedAFederation(t *testing.T) {
	inWorld(t, 1, func(w *world, g *GomegaWithT) {
		service := w.running(nil)
		r := w.regions[0]
		path, _ := w.gslbOf()
		c := w.login(r)
		code, reply := c.do("DELETE", path, nil)
		g.Expect(code).To(Equal(403))
		g.Expect(reply).To(HaveKeyWithValue("error", "Cannot delete, object is referred by: ['GslbService app.gslb.example']"))
		code, _ = c.do("DELETE", "/api/gslbservice/"+service, nil)
		g.Expect(code).To(Equal(204))
		code, _ = c.do("DELETE", path, nil)
		g.Expect(code).To(Equal(204))
		w.Now(func() {
			_, err := r.Store().Create("gslbservice", w.service(nil))
			g.Expect(err).To(MatchError(ContainSubstring("GSLB is not configured")))
			g.Expect(store.StatusOf(err)).To(Equal(400))
		})
	})
}
