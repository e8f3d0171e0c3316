package model_test

import (
	"net/netip"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/operator/model"
)

// The defects of AMKO 2.2.1 that this package has to get right, by their number in the project's list.

// Shows: B4
func TestB04_EqualServicesAreNotWrittenAgain(t *testing.T) {
	g := NewWithT(t)
	_, differ, err := full().Update(storedService(g, full(), nil))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(differ).To(BeEmpty())
}

// Shows: B18
func TestB18_AddressesCarryTheirFamily(t *testing.T) {
	g := NewWithT(t)
	s := shop()
	s.Down = &model.DownResponse{Type: model.DownFallbackIP, Fallback: netip.MustParseAddr("2001:db8::9")}
	d := object(g, s.Body())
	g.Expect(member(d, 0, 0)["ip"]).To(HaveKeyWithValue("type", "V4"))
	g.Expect(member(d, 1, 0)["ip"]).To(HaveKeyWithValue("type", "V6"))
	g.Expect(d["down_response"]).To(HaveKeyWithValue("fallback_ip6", HaveKeyWithValue("type", "V6")))

	_, differ, err := shop().Update(storedService(g, shop(), func(d map[string]any) {
		member(d, 1, 0)["ip"].(map[string]any)["type"] = "V4"
	}))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(differ).To(Equal([]string{"groups"}), "a family that AMKO got wrong is put right")
}

// Shows: B19
func TestB19_TenantReferencesHaveNoEmptyHost(t *testing.T) {
	g := NewWithT(t)
	g.Expect(object(g, shop().Body())).To(HaveKeyWithValue("tenant_ref", "/api/tenant/?name=admin"))
}

// Shows: B20
func TestB20_FieldsThatAControllerLeavesOutAreNoError(t *testing.T) {
	g := NewWithT(t)
	s, err := model.ParseService([]byte(`{"uuid":"gslbservice-1","name":"shop.example.com"}`), "blue")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(s.Key).To(Equal(model.Key{Tenant: "blue", Name: "shop.example.com"}))
	m, err := model.ParseMonitor([]byte(`{"uuid":"healthmonitor-1","name":"x"}`), "blue")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(m.Key.Tenant).To(Equal("blue"))
	_, differ, err := shop().Update(s)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(differ).NotTo(BeEmpty())
}

// Shows: B31
func TestB31_PathsWithSeparatorsSurviveTheDescription(t *testing.T) {
	for _, path := range []string{"/", "/a,b", "/a: b", "/x, gsname: other, path: /y, protocol: https", "/%2C"} {
		for _, template := range []string{"", "mine"} {
			g := NewWithT(t)
			m := model.PathMonitor(shop().Key, "amko-1", path, true)
			if template != "" {
				m = m.FromTemplate(template, "GET / HTTP/1.0", nil)
			}
			have, err := model.ParseMonitor(stored(g, m.Body(), nil), "")
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(have.Service).To(Equal("shop.example.com"))
			g.Expect(have.Path).To(Equal(path))
		}
	}
}

// A service of AMKO's gets the marker of policy fields with its first write, also when that changes members only: otherwise a
// TTL that the policy sets would stay when the policy stops setting it.
func TestTheMarkerOfPolicyFieldsGoesWithAChangeOfMembers(t *testing.T) {
	g := NewWithT(t)
	want := full()
	want.Pools[0].Members[0].Ratio = 9
	body, differ, err := want.Update(storedService(g, full(), func(d map[string]any) { delete(d, "markers") }))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(differ).To(Equal([]string{"groups", "markers"}))
	want.TTL = nil
	_, differ, err = want.Update(again(g, body))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(differ).To(Equal([]string{"markers", "ttl"}))
}

// Shows: monitor-names
func TestNamesAndDescriptionsOfMonitors(t *testing.T) {
	g := NewWithT(t)
	key := model.Key{Tenant: "admin", Name: "app1.gslb.test"}
	for want, m := range map[string]model.Monitor{
		"amko--0013fba8f527d240fd5542613475ce53a7506660 created by: amko, gsname: app1.gslb.test, path: /, protocol: http": model.PathMonitor(key, "amko-1", "/", false),
		"amko--bc5b51abe7b3b13dba0addf54f420d39461295dc created by: amko, gsname: t1.gslb.test, path: /, protocol: https":  model.PathMonitor(model.Key{Name: "t1.gslb.test"}, "amko-1", "/", true),
		"amko--ab0583c0705125621cd6b22ad67564113b64f1e0 created by: amko, gsname: lb1.gslb.test":                           model.PortMonitor(model.Key{Name: "lb1.gslb.test"}, "amko-1", model.ProbeTCP, 8080),
		"amko--passthrough-hm-tcp-aaaaaaaa-bbbb created by: amko":                                                          model.PassthroughMonitor("admin", "amko-aaaaaaaa-bbbb"),
	} {
		g.Expect(m.Key.Name + " " + m.Description()).To(Equal(want))
	}
}
