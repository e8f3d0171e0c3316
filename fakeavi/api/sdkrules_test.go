package api_test

import (
	"testing"

	. "github.com/onsi/gomega"
)

// TestSDKAPasswordIsChangedByItsOwner: see TestUpdatePassword of the SDK.
func TestSDKAPasswordIsChangedByItsOwner(t *testing.T) {
	g := NewWithT(t)
	f := newFixture(t)
	c := f.login()
	g.Expect(c.do(200, "GET", "/api/useraccount", "")).To(HaveKeyWithValue("username", "admin"))
	c.do(400, "PUT", "/api/useraccount", `{"username":"admin","old_password":"wrong","password":"new"}`)
	c.do(400, "PUT", "/api/useraccount", `{"username":"admin","old_password":"harness","password":""}`)
	c.do(403, "PUT", "/api/useraccount", `{"username":"other","old_password":"harness","password":"new"}`)
	c.do(405, "DELETE", "/api/useraccount", "")
	f.login()
	reply := c.do(200, "PUT", "/api/useraccount", `{"username":"admin","old_password":"harness","password":"new"}`)
	g.Expect(reply).NotTo(HaveKey("password"))
	status, _, _ := c.send("POST", "/login", `{"username":"admin","password":"harness"}`)
	g.Expect(status).To(Equal(401))
	status, _, _ = c.send("POST", "/login", `{"username":"admin","password":"new"}`)
	g.Expect(status).To(Equal(200))
}

// TestSDKTheTenantOfARequestOwnsWhatItMakes: see TestCreateObjectInDiffTenant of the SDK.
func TestSDKTheTenantOfARequestOwnsWhatItMakes(t *testing.T) {
	g := NewWithT(t)
	c := newFixture(t).login()
	for _, name := range []string{"one", "two"} {
		c.do(201, "POST", "/api/tenant", `{"name":"`+name+`"}`)
	}
	body := `{"name":"p","tenant_ref":"/api/tenant?name=two"}`
	g.Expect(c.as("X-Avi-Tenant", "one").do(201, "POST", "/api/pool", body)["tenant_ref"]).To(HaveSuffix("#one"))
	g.Expect(c.as("X-Avi-Tenant", "admin").do(201, "POST", "/api/pool", body)["tenant_ref"]).To(HaveSuffix("#two"))
	g.Expect(c.as("X-Avi-Tenant", "*").do(409, "POST", "/api/pool", body)).To(HaveKey("error"), "tenant two has it")
	c.as("X-Avi-Tenant", "one").do(403, "POST", "/api/pool", `{"name":"q","tenant_ref":"/api/tenant?name=none"}`)
}

// TestSDKKeysAreExported: see TestCustomTransport of the SDK.
func TestSDKKeysAreExported(t *testing.T) {
	g := NewWithT(t)
	c := newFixture(t).login()
	made := c.do(201, "POST", "/api/sslkeyandcertificate", `{"name":"c","key":"secret","certificate":{"certificate":"text"}}`)
	path := "/api/sslkeyandcertificate/" + made["uuid"].(string)
	g.Expect(c.do(200, "GET", path, "")["key"]).To(Equal("<sensitive>"))
	g.Expect(c.do(200, "GET", path+"?export_key=true", "")["key"]).To(Equal("secret"))
	g.Expect(c.do(200, "GET", path, "")["key"]).To(Equal("<sensitive>"), "the next reply hides it again")
	user := c.do(200, "GET", "/api/user?name=admin&export_key=true", "")["results"].([]any)[0]
	g.Expect(user).To(HaveKeyWithValue("password", "<sensitive>"), "keys are exported, passwords are not")
}
