package avitest_test

import (
	"net/netip"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/vmware/alb-sdk/go/models"

	"github.com/gslbsim/gslbsim/fakeavi/avitest"
	"github.com/gslbsim/gslbsim/fakeavi/fault"
	"github.com/gslbsim/gslbsim/fakeavi/health"
	"github.com/gslbsim/gslbsim/fakeavi/live"
	"github.com/gslbsim/gslbsim/fakeavi/probe"
)

func ptr[T any](v T) *T { return &v }

func service(name, addr string) *models.GslbService {
	return &models.GslbService{
		Name: ptr(name), DomainNames: []string{name}, HealthMonitorRefs: []string{"/api/healthmonitor?name=System-GSLB-TCP"},
		Groups: []*models.GslbPool{{
			Name: ptr("pool"), Algorithm: ptr("GSLB_ALGORITHM_ROUND_ROBIN"),
			Members: []*models.GslbPoolMember{{IP: &models.IPAddr{Addr: ptr(addr), Type: ptr("V4")}}},
		}},
	}
}

// A test of an Avi client needs one line for its controller.
func TestOneLine(t *testing.T) {
	g := NewWithT(t)
	avi := avitest.Start(t)
	created, err := avi.Client.GslbService.Create(service("shop.gslb.example", "192.0.2.80"))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(*created.UUID).To(HavePrefix("gslbservice-"))
	g.Eventually(func() health.State {
		state, _ := avi.Leader.Engines()[0].Service(*created.UUID)
		return state.Status.State
	}).WithTimeout(settles).Should(Equal(health.StateUp))
}

// A rule makes requests fail, for as long as it counts.
func TestFaults(t *testing.T) {
	g := NewWithT(t)
	avi := avitest.Start(t)
	_, err := avi.Faults().Add(fault.Rule{Method: "POST", Path: "/api/gslbservice/**", Status: 403, Count: 1})
	g.Expect(err).NotTo(HaveOccurred())
	_, err = avi.Client.GslbService.Create(service("shop.gslb.example", "192.0.2.80"))
	g.Expect(err).To(MatchError(ContainSubstring("403")))
	_, err = avi.Client.GslbService.Create(service("shop.gslb.example", "192.0.2.80"))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(avi.Faults().List()[0].Struck).To(BeEquivalentTo(1))
}

func three(cfg *live.Config) {
	for _, name := range []string{"frankfurt", "paris", "rome"} {
		cfg.Controllers = append(cfg.Controllers, live.Controller{Name: name, Listen: netip.MustParseAddrPort("127.0.0.1:0")})
	}
	cfg.Script = map[netip.Addr]probe.Verdict{netip.MustParseAddr("192.0.2.81"): probe.Down}
}

// Three controllers replicate, and refuse at the followers what belongs to the leader.
func TestThreeControllers(t *testing.T) {
	g := NewWithT(t)
	avi := avitest.Start(t, three)
	created, err := avi.Client.GslbService.Create(service("shop.gslb.example", "192.0.2.80"))
	g.Expect(err).NotTo(HaveOccurred())
	dead, err := avi.Client.GslbService.Create(service("dead.gslb.example", "192.0.2.81"))
	g.Expect(err).NotTo(HaveOccurred())
	avi.Settle()
	for _, s := range avi.Sites()[1:] {
		c := avi.Login(s)
		copied, err := c.GslbService.Get(*created.UUID)
		g.Expect(err).NotTo(HaveOccurred(), s.Name)
		g.Expect(*copied.Name).To(Equal("shop.gslb.example"))
		_, err = c.GslbService.Create(service("more.gslb.example", "192.0.2.80"))
		g.Expect(err).To(MatchError(ContainSubstring("Config Operations can be done ONLY on leader")), s.Name)
		g.Eventually(func() health.State {
			state, _ := s.Engines()[0].Service(*dead.UUID)
			return state.Status.State
		}).WithTimeout(settles).Should(Equal(health.StateDown), s.Name)
	}
}

// settles is how long a dead member's monitor may take to say so: three checks in a row, with AMKO's rhythm, and a reserve.
const settles = 60 * time.Second
