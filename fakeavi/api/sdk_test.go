package api_test

import (
	"testing"

	. "github.com/onsi/gomega"
	"github.com/vmware/alb-sdk/go/models"
)

func ptr[T any](v T) *T { return &v }

func TestSDKLifecycle(t *testing.T) {
	g := NewWithT(t)
	f := newFixture(t)
	c := f.sdk()

	hm, err := c.HealthMonitor.Create(&models.HealthMonitor{
		Name: ptr("hm-1"), Type: ptr("HEALTH_MONITOR_HTTP"), IsFederated: ptr(true), MonitorPort: ptr(int32(80)),
		HTTPMonitor: &models.HealthMonitorHTTP{HTTPRequest: ptr("HEAD / HTTP/1.0"), HTTPResponseCode: []string{"HTTP_2XX"}},
	})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(*hm.UUID).To(HavePrefix("healthmonitor-"))
	g.Expect(*hm.SendInterval).To(BeEquivalentTo(10))

	gs, err := c.GslbService.Create(&models.GslbService{
		Name: ptr("a.gslb.test"), DomainNames: []string{"a.gslb.test"}, HealthMonitorRefs: []string{"/api/healthmonitor?name=hm-1"},
		Groups: []*models.GslbPool{{Name: ptr("p"), Algorithm: ptr("GSLB_ALGORITHM_ROUND_ROBIN"),
			Members: []*models.GslbPoolMember{{IP: &models.IPAddr{Addr: ptr("10.1.1.1"), Type: ptr("V4")}}}}},
	})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(gs.HealthMonitorRefs).To(Equal([]string{"https://" + f.host() + "/api/healthmonitor/" + *hm.UUID + "#hm-1"}))
	g.Expect(*gs.Groups[0].Priority).To(BeEquivalentTo(10))
	g.Expect(*gs.Groups[0].Members[0].Ratio).To(BeEquivalentTo(1))

	got, err := c.GslbService.GetByName("a.gslb.test")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(*got.UUID).To(Equal(*gs.UUID))

	got.TTL = ptr(uint32(5))
	got, err = c.GslbService.Update(got)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(*got.TTL).To(BeEquivalentTo(5))

	err = c.HealthMonitor.Delete(*hm.UUID)
	g.Expect(err).To(MatchError(ContainSubstring("Cannot delete, object is referred by: ['GslbService a.gslb.test']")))
	g.Expect(c.GslbService.Delete(*gs.UUID)).To(Succeed())
	g.Expect(c.HealthMonitor.Delete(*hm.UUID)).To(Succeed())
	_, err = c.GslbService.Get(*gs.UUID)
	g.Expect(err).To(MatchError(ContainSubstring("GslbService object not found!")))
}
