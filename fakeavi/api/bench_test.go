package api_test

import (
	"fmt"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/vmware/alb-sdk/go/clients"
	"github.com/vmware/alb-sdk/go/models"

	"github.com/gslbsim/gslbsim/fakeavi/api"
	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// service is a GSLB service as an operator writes it.
func service(name string, members int) *models.GslbService {
	pool := &models.GslbPool{Name: ptr("gs-group-10"), Algorithm: ptr("GSLB_ALGORITHM_ROUND_ROBIN"), Priority: ptr(uint32(10)),
		MinHealthMonitorsUp: ptr(uint32(2))}
	for i := range members {
		pool.Members = append(pool.Members, &models.GslbPoolMember{
			IP: &models.IPAddr{Addr: ptr(fmt.Sprintf("10.%d.0.1", i)), Type: ptr("V4")}, Ratio: ptr(uint32(1)), Enabled: ptr(true),
			ClusterUUID: ptr("cluster-11111111-aaaa-4aaa-8aaa-111111111111"),
			VsUUID:      ptr("virtualservice-10000000-0000-4000-8000-ce9090b8261b"),
		})
	}
	return &models.GslbService{
		Name: ptr(name), DomainNames: []string{name}, Groups: []*models.GslbPool{pool}, CreatedBy: ptr("amko-1"),
		Description: ptr("INGRESS/cluster1/default/app/" + name), HealthMonitorRefs: []string{"/api/healthmonitor?name=hm"},
		TenantRef: ptr("https:///api/tenant/?name=admin"),
	}
}

// BenchmarkCreateThroughSDK creates 1,000 services, one after the other, with the official client over TLS.
func BenchmarkCreateThroughSDK(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		f := newFixture(b)
		c := f.sdk()
		createMonitor(b, c)
		b.StartTimer()
		for i := range 1000 {
			if _, err := c.GslbService.Create(service("s"+strconv.Itoa(i)+".gslb.test", 3)); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/1000-creations")
}

func createMonitor(t testing.TB, c *clients.AviClient) {
	t.Helper()
	if _, err := c.HealthMonitor.Create(&models.HealthMonitor{
		Name: ptr("hm"), Type: ptr("HEALTH_MONITOR_PING"), IsFederated: ptr(true)}); err != nil {
		t.Fatal(err)
	}
}

// fill puts n services into a store.
func fill(t testing.TB, s *store.Store, n int) {
	t.Helper()
	if _, err := s.Create("healthmonitor", map[string]any{"name": "hm", "type": "HEALTH_MONITOR_PING", "is_federated": true}); err != nil {
		t.Fatal(err)
	}
	body := toMap(t, service("x", 3))
	for i := range n {
		body["name"] = "s" + strconv.Itoa(i) + ".gslb.test"
		if _, err := s.Create("gslbservice", body); err != nil {
			t.Fatal(err)
		}
	}
}

// BenchmarkList reads a collection of 10,000 services through HTTP, filtered as AMKO does, in pages of 200 and in one page.
func BenchmarkList(b *testing.B) {
	for _, size := range []int{200, 10_000} {
		b.Run("page_size="+strconv.Itoa(size), func(b *testing.B) {
			f := newFixture(b, func(c *api.Config) { c.PageSizeMax = size })
			fill(b, f.store, 10_000)
			c := f.login()
			for b.Loop() {
				for page := 1; page <= 10_000/size; page++ {
					path := fmt.Sprintf("/api/gslbservice?created_by=amko-1&include_name=&page_size=%d&page=%d", size, page)
					if status, _, _ := c.send("GET", path, ""); status != http.StatusOK {
						b.Fatal(status)
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed()/time.Millisecond)/float64(b.N), "ms/10000-objects")
		})
	}
}
