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
