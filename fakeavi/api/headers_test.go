package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/fakeavi/api"
	"github.com/gslbsim/gslbsim/fakeavi/store"
)

func TestVersions(t *testing.T) {
	g := NewWithT(t)
	f := newFixture(t, func(c *api.Config) { c.Version = "30.2.1" })
	c := f.login().as("X-Avi-Version", "30.2.1")
	c.do(200, "GET", "/api/cloud", "")
	g.Expect(c.as("X-Avi-Version", "31.2.1").do(400, "GET", "/api/cloud", "")).To(HaveKeyWithValue("error",
		"Unsupported API version 31.2.1, the controller's version is 30.2.1"))
	c.as("X-Avi-Version", "abc").do(400, "GET", "/api/cloud", "")
	c.as("X-Avi-Version", "").do(200, "GET", "/api/cloud", "")

	// record_type came with 31.1.1: this controller does not have it, nor does an older client see what came with 22.1.
	gs := c.do(201, "POST", "/api/gslbservice", `{"name":"a"}`)
	g.Expect(gs).NotTo(HaveKey("record_type"))
	g.Expect(gs).To(HaveKey("topology_policy_enabled"))
	path := "/api/gslbservice/" + gs["uuid"].(string)
	g.Expect(c.as("X-Avi-Version", "21.1.1").do(200, "GET", path, "")).NotTo(HaveKey("topology_policy_enabled"))
	g.Expect(c.do(200, "GET", path, "")).To(HaveKey("topology_policy_enabled"))
	c.do(400, "PUT", path, `{"name":"a","record_type":"GSLB_SERVICE_RECORD_TYPE_SRV"}`)
	c.as("X-Avi-Version", "21.1.1").do(400, "PUT", path, `{"name":"a","topology_policy_enabled":true}`)
	c.as("X-Avi-Version", "21.1.1").do(200, "PUT", path, `{"name":"a","enabled":true}`)
}

func TestTenants(t *testing.T) {
	g := NewWithT(t)
	f := newFixture(t)
	c := f.login()
	blue := c.do(201, "POST", "/api/tenant", `{"name":"blue"}`)
	inBlue, everywhere := c.as("X-Avi-Tenant", "blue"), c.as("X-Avi-Tenant", "*")
	names := func(c *client, typ string) string {
		t.Helper()
		var out []string
		for _, o := range c.do(200, "GET", "/api/"+typ+"?fields=name", "")["results"].([]any) {
			out = append(out, o.(map[string]any)["name"].(string))
		}
		return strings.Join(out, " ")
	}
	hm := `,"type":"HEALTH_MONITOR_PING"}`
	admins := c.do(201, "POST", "/api/healthmonitor", `{"name":"a"`+hm)
	blues := inBlue.do(201, "POST", "/api/healthmonitor", `{"name":"b"`+hm)
	g.Expect(blues["tenant_ref"]).To(Equal("https://" + f.host() + "/api/tenant/" + blue["uuid"].(string) + "#blue"))
	c.do(201, "POST", "/api/healthmonitor", `{"name":"c","tenant_ref":"https:///api/tenant/?name=blue"`+hm)
	g.Expect(everywhere.do(201, "POST", "/api/healthmonitor", `{"name":"d"`+hm)["tenant_ref"]).To(HaveSuffix("#admin"))
	g.Expect(names(c, "healthmonitor")).To(Equal("a d"))
	g.Expect(names(inBlue, "healthmonitor")).To(Equal("a b c d"), "what tenant admin has can be referred to from everywhere")
	g.Expect(names(everywhere, "healthmonitor")).To(Equal("a b c d"))

	c.do(201, "POST", "/api/gslbservice", `{"name":"s"}`)
	inBlue.do(201, "POST", "/api/gslbservice", `{"name":"s"}`)
	g.Expect(names(inBlue, "gslbservice")).To(Equal("s"), "applications of another tenant are not seen")
	g.Expect(names(everywhere, "gslbservice")).To(Equal("s s"))

	path := "/api/healthmonitor/" + blues["uuid"].(string)
	c.do(404, "GET", path, "")
	c.do(404, "DELETE", path, "")
	inBlue.do(200, "GET", path, "")
	inBlue.do(200, "GET", "/api/healthmonitor/"+admins["uuid"].(string), "")
	g.Expect(inBlue.do(403, "DELETE", "/api/healthmonitor/"+admins["uuid"].(string), "")).To(HaveKeyWithValue("error",
		"HealthMonitor a belongs to tenant admin, not to blue"))
	everywhere.do(204, "DELETE", path, "")

	g.Expect(c.as("X-Avi-Tenant", "nowhere").do(403, "GET", "/api/pool", "")).To(HaveKeyWithValue("error", "Tenant 'nowhere' does not exist!"))
	byUUID := c.as("X-Avi-Tenant-UUID", blue["uuid"].(string))
	g.Expect(names(byUUID, "gslbservice")).To(Equal("s"))
	c.as("X-Avi-Tenant-UUID", "tenant-1").do(403, "GET", "/api/pool", "")
	g.Expect(c.do(200, "GET", "/api/tenant/admin", "")).To(HaveKeyWithValue("uuid", "admin"))
}

// The roles that AMKO's documentation asks for: amko-admin in tenant admin, amko-tenant in the tenants that it writes services to.
func TestRolesOfAMKO(t *testing.T) {
	g := NewWithT(t)
	f := newFixture(t)
	admin := f.login()
	role := func(name string, read, write []string) {
		var privileges []any
		for _, p := range read {
			privileges = append(privileges, map[string]any{"resource": "PERMISSION_" + p, "type": "READ_ACCESS"})
		}
		for _, p := range write {
			privileges = append(privileges, map[string]any{"resource": "PERMISSION_" + p, "type": "WRITE_ACCESS"})
		}
		admin.do(201, "POST", "/api/role", encode(t, map[string]any{"name": name, "privileges": privileges, "allow_unlabelled_access": true}))
	}
	role("amko-admin", []string{"GSLB", "CLOUD", "TENANT", "CONTROLLER", "SYSTEMCONFIGURATION"},
		[]string{"GSLBSERVICE", "HEALTHMONITOR", "APPLICATIONPERSISTENCEPROFILE", "PKIPROFILE"})
	role("amko-tenant", []string{"GSLB", "CLOUD", "TENANT"},
		[]string{"GSLBSERVICE", "HEALTHMONITOR", "APPLICATIONPERSISTENCEPROFILE", "PKIPROFILE"})
	for _, name := range []string{"blue", "red"} {
		admin.do(201, "POST", "/api/tenant", `{"name":"`+name+`"}`)
	}
	admin.do(201, "POST", "/api/user", `{"name":"amko","username":"amko","password":"p","access":[
		{"role_ref":"/api/role?name=amko-admin","tenant_ref":"/api/tenant?name=admin"},
		{"role_ref":"/api/role?name=amko-tenant","tenant_ref":"/api/tenant?name=blue"}]}`)
	amko := &client{fixture: f, header: http.Header{}}
	_, header, text := amko.send("POST", "/login", `{"username":"amko","password":"p"}`)
	amko.take(header)
	g.Expect(string(text)).To(ContainSubstring(`"tenants":[{"name":"admin","uuid":"admin"},{"name":"blue"`))

	everywhere, inBlue := amko.as("X-Avi-Tenant", "*"), amko.as("X-Avi-Tenant", "blue")
	gs := `{"name":"%s","groups":[{"name":"p","members":[{"ip":{"addr":"1.1.1.1","type":"V4"}}]}]}`
	for _, c := range []*client{amko, inBlue} {
		for _, path := range []string{"cloud", "cluster", "gslb", "healthmonitor", "gslbservice", "pkiprofile", "applicationpersistenceprofile"} {
			c.do(200, "GET", "/api/"+path, "")
		}
		created := c.do(201, "POST", "/api/gslbservice", fmt.Sprintf(gs, "a"))
		c.do(200, "PUT", "/api/gslbservice/"+created["uuid"].(string), fmt.Sprintf(gs, "a"))
		c.do(403, "POST", "/api/gslb", `{"name":"x","leader_cluster_uuid":"c"}`)
		c.do(403, "POST", "/api/user", `{"name":"x"}`)
		c.do(403, "GET", "/api/user", "")
		c.do(403, "PUT", "/api/cluster", `{"name":"x"}`)
	}
	amko.as("X-Avi-Tenant", "red").do(403, "GET", "/api/gslbservice", "")
	amko.do(403, "POST", "/api/gslbservice", `{"name":"x","tenant_ref":"/api/tenant?name=red"}`)

	if _, err := f.store.Create("gslbservice", map[string]any{"name": "hidden"}, store.InTenant("red")); err != nil {
		t.Fatal(err)
	}
	g.Expect(everywhere.do(200, "GET", "/api/gslbservice", "")).To(HaveKeyWithValue("count", 2.0), "all tenants are those of the caller's roles")
	everywhere.do(403, "GET", "/api/user", "")
	g.Expect(admin.as("X-Avi-Tenant", "*").do(200, "GET", "/api/gslbservice", "")).To(HaveKeyWithValue("count", 3.0))
}

func TestPredefinedRoles(t *testing.T) {
	f := newFixture(t, func(c *api.Config) {
		c.Users = append(c.Users,
			api.User{Name: "sys", Password: "p", Access: []api.Access{{Tenant: "*", Role: api.RoleSystemAdmin}}},
			api.User{Name: "app", Password: "p", Access: []api.Access{{Tenant: "admin", Role: api.RoleApplicationAdmin}}},
			api.User{Name: "none", Password: "p"})
	})
	login := func(name string) *client {
		c := &client{fixture: f, header: http.Header{}}
		_, header, _ := c.send("POST", "/login", `{"username":"`+name+`","password":"p"}`)
		c.take(header)
		return c
	}
	sys, app := login("sys"), login("app")
	sys.do(201, "POST", "/api/tenant", `{"name":"t"}`)
	sys.as("X-Avi-Tenant", "t").do(201, "POST", "/api/gslbservice", `{"name":"s"}`)
	app.do(201, "POST", "/api/gslbservice", `{"name":"s"}`)
	app.do(403, "POST", "/api/gslbgeodbprofile", `{"name":"s"}`)
	app.do(200, "GET", "/api/gslbgeodbprofile", "")
	app.as("X-Avi-Tenant", "t").do(403, "GET", "/api/gslbservice", "")
	login("none").do(403, "GET", "/api/gslbservice", "")
}
