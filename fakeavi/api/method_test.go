package api_test

import (
	"testing"

	. "github.com/onsi/gomega"
)

func TestMethodsThatAreRefused(t *testing.T) {
	g := NewWithT(t)
	f := newFixture(t)
	c := f.login()
	made := c.do(201, "POST", "/api/pool", `{"name":"a"}`)
	pool := "/api/pool/" + made["uuid"].(string)
	for _, tc := range []struct{ method, path, allowed string }{
		{"DELETE", "/api/cluster", "GET, PUT, PATCH"},
		{"POST", "/api/cluster", "GET, PUT, PATCH"},
		{"DELETE", "/api/pool", "GET, POST"},
		{"PUT", "/api/pool", "GET, POST"},
		{"POST", pool, "GET, PUT, PATCH, DELETE"},
		{"TRACE", pool, "GET, PUT, PATCH, DELETE"},
		{"OPTIONS", pool, "GET, PUT, PATCH, DELETE"},
		{"GET", "/api/macro", "POST"},
		{"GET", "/login", "POST"},
		{"POST", "/api/initial-data", "GET"},
		{"PATCH", "/api/useraccount", "GET, PUT"},
		{"PUT", "/api/user-token", "GET, POST, DELETE"},
	} {
		status, header, body := c.send(tc.method, tc.path, "")
		g.Expect(status).To(Equal(405), tc.method+" "+tc.path)
		g.Expect(header.Get("Allow")).To(Equal(tc.allowed), tc.method+" "+tc.path)
		g.Expect(decode(t, string(body))).To(HaveKeyWithValue("error", "Method '"+tc.method+"' not allowed."))
	}
	g.Expect(c.do(200, "GET", pool, "")).To(HaveKeyWithValue("name", "a"))
}

// A client of another web site may ask which methods there are, as it may read.
func TestOptionsNeedNoReferer(t *testing.T) {
	g := NewWithT(t)
	c := newFixture(t).login().as("Referer", "https://elsewhere.example/")
	status, header, _ := c.send("OPTIONS", "/api/pool", "")
	g.Expect(status).To(Equal(405))
	g.Expect(header.Get("Allow")).To(Equal("GET, POST"))
	c.do(403, "DELETE", "/api/pool", "")
}

func TestBodiesInOtherCodings(t *testing.T) {
	g := NewWithT(t)
	c := newFixture(t).login()
	g.Expect(c.as("Content-Encoding", "gzip").do(415, "POST", "/api/pool", `{"name":"a"}`)).To(HaveKeyWithValue("error", ContainSubstring("gzip")))
	c.as("Content-Encoding", "identity").do(201, "POST", "/api/pool", `{"name":"a"}`)
	g.Expect(c.do(400, "POST", "/api/pool", "{\"name\":\"\xff\"}")).To(HaveKeyWithValue("error", ContainSubstring("not UTF-8")))
}

func TestWhatIsInstalledStays(t *testing.T) {
	g := NewWithT(t)
	f := newFixture(t)
	c := f.login()
	for _, tc := range []struct{ typ, name string }{
		{"user", "admin"}, {"role", "System-Admin"}, {"role", "Tenant-Admin"}, {"role", "Application-Admin"},
		{"useraccountprofile", "Default-User-Account-Profile"},
	} {
		found := c.do(200, "GET", "/api/"+tc.typ+"?name="+tc.name, "")["results"].([]any)
		g.Expect(found).To(HaveLen(1), tc.name)
		path := "/api/" + tc.typ + "/" + found[0].(map[string]any)["uuid"].(string)
		g.Expect(c.do(403, "DELETE", path, "")).To(HaveKeyWithValue("error", "Cannot delete system default object "+tc.name))
		g.Expect(c.do(403, "PATCH", path, `{"replace":{"name":"other"}}`)).To(HaveKeyWithValue("error", "Cannot rename system default object "+tc.name))
		c.do(200, "GET", path, "")
	}
	made := c.do(201, "POST", "/api/role", `{"name":"mine"}`)
	c.do(204, "DELETE", "/api/role/"+made["uuid"].(string), "")
}
