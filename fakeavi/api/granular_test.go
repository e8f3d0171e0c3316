package api_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/fakeavi/api"
)

// user makes a user with one role in tenant admin, and logs in.
func (f *fixture) user(name string, role map[string]any) *client {
	f.t.Helper()
	admin := f.login()
	role["name"] = "role-of-" + name
	admin.do(201, "POST", "/api/role", encode(f.t, role))
	admin.do(201, "POST", "/api/user", `{"name":"`+name+`","username":"`+name+`","password":"p","access":[
		{"role_ref":"/api/role?name=role-of-`+name+`","tenant_ref":"/api/tenant?name=admin"}]}`)
	c := &client{fixture: f, header: http.Header{}}
	_, header, _ := c.send("POST", "/login", `{"username":"`+name+`","password":"p"}`)
	c.take(header)
	return c
}

func privileges(subresource map[string]any) []any {
	gs := map[string]any{"resource": "PERMISSION_GSLBSERVICE", "type": "WRITE_ACCESS"}
	if subresource != nil {
		gs["subresource"] = subresource
	}
	return []any{gs, map[string]any{"resource": "PERMISSION_HEALTHMONITOR", "type": "WRITE_ACCESS"}}
}

func TestRolesWithFilters(t *testing.T) {
	filter := func(operation string, values ...any) map[string]any {
		return map[string]any{"match_operation": operation, "match_label": map[string]any{"key": "team", "values": values}}
	}
	for _, tc := range []struct {
		name       string
		filters    []any
		unlabelled bool
		want       []string // names that are seen
	}{
		{"none", nil, true, []string{"blue", "none", "red"}},
		{"no unlabelled objects", nil, false, []string{"blue", "red"}},
		{"equals", []any{filter("ROLE_FILTER_EQUALS", "red")}, false, []string{"red"}},
		{"one of two", []any{filter("ROLE_FILTER_EQUALS", "red", "blue")}, true, []string{"blue", "none", "red"}},
		{"any value", []any{filter("ROLE_FILTER_EQUALS")}, false, []string{"blue", "red"}},
		{"does not equal", []any{filter("ROLE_FILTER_DOES_NOT_EQUAL", "red")}, false, []string{"blue"}},
		{"pattern", []any{filter("ROLE_FILTER_GLOB_MATCH", "b*")}, false, []string{"blue"}},
		{"not a pattern", []any{filter("ROLE_FILTER_GLOB_DOES_NOT_MATCH", "b*")}, false, []string{"red"}},
		{"both must match", []any{filter("ROLE_FILTER_EQUALS", "red"), filter("ROLE_FILTER_GLOB_MATCH", "b*")}, false, nil},
		{"disabled", []any{func() any { f := filter("ROLE_FILTER_EQUALS", "red"); f["enabled"] = false; return f }()}, false, []string{"blue", "red"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			g := NewWithT(t)
			f := newFixture(t)
			admin := f.login()
			paths := map[string]string{}
			for _, team := range []string{"red", "blue", "none"} {
				body := map[string]any{"name": team, "type": "HEALTH_MONITOR_PING"}
				if team != "none" {
					body["markers"] = []any{map[string]any{"key": "team", "values": []any{team}}}
				}
				paths[team] = "/api/healthmonitor/" + admin.do(201, "POST", "/api/healthmonitor", encode(t, body))["uuid"].(string)
			}
			bob := f.user("bob", map[string]any{"privileges": privileges(nil), "filters": tc.filters, "allow_unlabelled_access": tc.unlabelled})
			page := bob.do(200, "GET", "/api/healthmonitor?page_size=2", "")
			g.Expect(page["count"]).To(BeEquivalentTo(len(tc.want)))
			g.Expect(page["results"]).To(HaveLen(min(2, len(tc.want))))
			for team, path := range paths {
				status := map[bool]int{true: 200, false: 404}[contains(tc.want, team)]
				bob.do(status, "GET", path, "")
				bob.do(status, "PATCH", path, `{"replace":{"description":"x"}}`)
			}
		})
	}
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// What a caller writes must be an object that it may write afterwards, too.
func TestFiltersBindWrites(t *testing.T) {
	f := newFixture(t)
	bob := f.user("bob", map[string]any{"privileges": privileges(nil), "allow_unlabelled_access": false, "filters": []any{
		map[string]any{"match_label": map[string]any{"key": "team", "values": []any{"red"}}},
	}})
	bob.do(403, "POST", "/api/healthmonitor", `{"name":"a","type":"HEALTH_MONITOR_PING"}`)
	bob.do(403, "POST", "/api/healthmonitor", `{"name":"a","type":"HEALTH_MONITOR_PING","markers":[{"key":"team","values":["blue"]}]}`)
	made := bob.do(201, "POST", "/api/healthmonitor", `{"name":"a","type":"HEALTH_MONITOR_PING","markers":[{"key":"team","values":["red"]}]}`)
	path := "/api/healthmonitor/" + made["uuid"].(string)
	bob.do(403, "PATCH", path, `{"replace":{"markers":[{"key":"team","values":["blue"]}]}}`)
	bob.do(204, "DELETE", path, "")
}

func TestRolesWithSubresources(t *testing.T) {
	service := func(ttl, pool, member string) string {
		return `{"name":"s","ttl":` + ttl + `,"groups":[{"name":"p","enabled":` + pool + `,"members":[{"ip":{"addr":"1.1.1.1","type":"V4"},"enabled":` + member + `}]}]}`
	}
	only := func(exclude bool, names ...any) map[string]any {
		return map[string]any{"subresources": names, "exclude_subresources": exclude}
	}
	for _, tc := range []struct {
		name              string
		sub               map[string]any
		ttl, pool, member int
	}{
		{"none", nil, 200, 200, 200},
		{"members", only(false, "SUBRESOURCE_GSLBSERVICE_GROUP_MEMBER_ENABLED"), 403, 403, 200},
		{"pools and members", only(false, "SUBRESOURCE_GSLBSERVICE_GROUP_ENABLED", "SUBRESOURCE_GSLBSERVICE_GROUP_MEMBER_ENABLED"), 403, 200, 200},
		{"groups", only(false, "SUBRESOURCE_GSLBSERVICE_GROUPS"), 403, 200, 200},
		{"all but groups", only(true, "SUBRESOURCE_GSLBSERVICE_GROUPS"), 200, 403, 403},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := newFixture(t)
			path := "/api/gslbservice/" + f.login().do(201, "POST", "/api/gslbservice", service("10", "true", "true"))["uuid"].(string)
			bob := f.user("bob", map[string]any{"privileges": privileges(tc.sub)})
			bob.do(200, "PUT", path, service("10", "true", "true"))
			bob.do(tc.ttl, "PUT", path, service("20", "true", "true"))
			bob.do(200, "PUT", path, service(map[bool]string{true: "20", false: "10"}[tc.ttl == 200], "true", "true"))
			ttl := map[bool]string{true: "20", false: "10"}[tc.ttl == 200]
			bob.do(tc.pool, "PUT", path, service(ttl, "false", "true"))
			pool := map[bool]string{true: "false", false: "true"}[tc.pool == 200]
			bob.do(tc.member, "PUT", path, service(ttl, pool, "false"))
		})
	}
}

func TestConcurrentSessionsAreLimited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		d, s := newDirect(t, api.Config{Seed: 1, Users: []api.User{{Name: "bob", Password: "right"}}})
		profile, _ := s.Lookup("useraccountprofile", "admin", "Default-User-Account-Profile")
		_, err := s.Patch("useraccountprofile", profile.UUID, map[string]any{"replace": map[string]any{"max_concurrent_sessions": 2}})
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(d.login("bob", "right")).To(Equal(200))
		g.Expect(d.login("bob", "right")).To(Equal(200))
		status, text := d.do("POST", "/login", `{"username":"bob","password":"right"}`)
		g.Expect(status).To(Equal(403))
		g.Expect(text).To(ContainSubstring("concurrent sessions"))
		for range 5 {
			g.Expect(d.login("admin", adminPassword)).To(Equal(200), "accounts have profiles of their own")
		}
		time.Sleep(15 * time.Minute)
		g.Expect(d.login("bob", "right")).To(Equal(200), "sessions that are over do not count")
	})
}

func TestFailuresBeyondTheWindowDoNotCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		d, s := newDirect(t, api.Config{Seed: 1, Users: []api.User{{Name: "bob", Password: "right"}}})
		profile, _ := s.Lookup("useraccountprofile", "admin", "Default-User-Account-Profile")
		_, err := s.Patch("useraccountprofile", profile.UUID, map[string]any{"replace": map[string]any{"login_failure_count_expiry_window": 10}})
		g.Expect(err).NotTo(HaveOccurred())
		for range 6 {
			g.Expect(d.login("bob", "wrong")).To(Equal(401))
			time.Sleep(6 * time.Minute)
		}
		g.Expect(d.login("bob", "right")).To(Equal(200))
		for range 3 {
			g.Expect(d.login("bob", "wrong")).To(Equal(401))
		}
		status, text := d.do("POST", "/login", `{"username":"bob","password":"right"}`)
		g.Expect(status).To(Equal(401))
		g.Expect(text).To(ContainSubstring("locked"))
	})
}
