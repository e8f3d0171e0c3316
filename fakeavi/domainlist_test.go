package fakeavi_test

import (
	"testing"

	. "github.com/onsi/gomega"
)

// AKO asks for it at its start.
func TestDomainsOfACloud(t *testing.T) {
	inWorld(t, 1, func(w *world, g *GomegaWithT) {
		r := w.regions[0]
		c := w.login(r)
		cloud := at(g, c.get("/api/cloud"), "results", 0, "uuid").(string)
		path := "/api/ipamdnsproviderprofiledomainlist?cloud_uuid="
		g.Expect(c.get(path + cloud)).To(Equal(map[string]any{"domains": []any{}}))
		r.create(w, "ipamdnsproviderprofile", map[string]any{
			"name": "dns-provider", "type": "IPAMDNS_TYPE_INTERNAL_DNS", "internal_profile": map[string]any{"dns_service_domain": []any{
				map[string]any{"domain_name": "apps.example"}, map[string]any{"domain_name": "more.example"},
			}},
		})
		g.Expect(r.patch(w, "cloud", cloud, map[string]any{"dns_provider_ref": "/api/ipamdnsproviderprofile?name=dns-provider"})).To(Succeed())
		g.Expect(c.get(path + cloud)).To(Equal(map[string]any{"domains": []any{"apps.example", "more.example"}}))

		code, reply := c.do("GET", path+"cloud-1", nil)
		g.Expect(code).To(Equal(404), "%v", reply)
		code, reply = c.do("GET", "/api/ipamdnsproviderprofiledomainlist", nil)
		g.Expect(code).To(Equal(400))
		g.Expect(reply["error"]).To(ContainSubstring("cloud_uuid"))
	})
}
