package scenarios_test

import (
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/sim/result"
)

// What is known of the failover scenario beyond its promises: that the parts did what they are there for.
var _ = Describe("failover", func() {
	var r *result.Result
	BeforeEach(func() { r = played["failover"] })

	It("plays the lab: two regions of which one leads, and a management cluster", func() {
		Expect(r.Sites[0]).To(Equal(result.Site{Name: "region01", Role: "leader", Controller: "10.166.101.30", DNS: []string{"10.166.111.1"}, Clusters: []string{"aclab-vks-01"}}))
		Expect(r.Sites[1].Role).To(Equal("follower"))
		Expect(r.Sites[2].Clusters).To(Equal([]string{"aclab-vks-mgmt"}))
		Expect(r.Span.Duration()).To(Equal(20 * time.Minute))
	})

	It("makes one service with a pool per priority and AMKO's monitor timers", func() {
		Expect(r.Services).To(HaveLen(1))
		s := r.Services[0]
		Expect(s.TTL).To(Equal(20))
		Expect(s.Members).To(Equal([]result.Member{
			{Address: "10.166.111.10", Site: "region01", Pool: "amko-gs-group-20", Priority: 20, Ratio: 10},
			{Address: "10.166.111.138", Site: "region02", Pool: "amko-gs-group-10", Priority: 10, Ratio: 10},
		}))
		second := result.Millis(time.Second)
		Expect(s.Health).To(Equal(result.HealthSetting{
			ControlPlane: true, SendInterval: 15 * second, Monitors: 1, Interval: 10 * second, Timeout: 4 * second, FailedChecks: 3, SuccessfulChecks: 3,
		}))
	})

	It("writes each object once, and nothing after the operator's restart", func() {
		writes := map[string]int{}
		for _, c := range r.Calls {
			if c.Program == "AMKO" && c.Method != "GET" && c.Type != "login" {
				writes[c.Method+" "+c.Type] += c.Count
				Expect(c.Status).To(BeNumerically("<", 300), "%+v", c)
			}
		}
		Expect(writes).To(Equal(map[string]int{"POST healthmonitor": 1, "POST gslbservice": 1}))
	})

	It("lets the control plane notice the disabled virtual service and the data plane the dark region", func() {
		causes := map[string]string{}
		for _, e := range r.Events {
			if e.Kind != "member-down" || e.At < 0 {
				continue
			}
			for _, cause := range []string{"control-plane", "data-plane"} {
				if strings.Contains(e.Text, cause) {
					causes[phaseOf(r, e.At)+" seen by "+e.Actor] = cause
				}
			}
		}
		Expect(causes).To(Equal(map[string]string{
			"vs-disabled seen by region01/engines":   "control-plane",
			"vs-disabled seen by region02/engines":   "control-plane",
			"region01-dark seen by region02/engines": "data-plane",
		}))
	})

	It("knows what really served: the two outages of the first member", func() {
		var got []string
		for _, o := range r.Evidence.Outages {
			got = append(got, o.Address+" "+phaseOf(r, result.Millis(o.From)))
			Expect(o.Unpowered).To(Equal(o.From >= 10*time.Minute))
		}
		Expect(got).To(Equal([]string{"10.166.111.10 vs-disabled", "10.166.111.10 region01-dark"}))
	})

	It("tells the recovery of every change, with bounds", func() {
		for _, l := range r.Ladders {
			var bounded int
			for _, s := range l.Steps {
				if s.Bound > 0 {
					bounded++
					Expect(s.After).To(BeNumerically("<=", s.Bound), "%s: %s", l.After, s.What)
				}
			}
			Expect(bounded).To(Equal(2), l.After)
		}
	})

	It("answers clients of the other name server when one is silent", func() {
		t := r.Traffic[0]
		Expect(t.Unanswered).To(BeZero())
		Expect(t.FromCache).To(BeNumerically(">", t.Queries/2))
		Expect(t.Slowest.Duration()).To(BeNumerically(">", 500*time.Millisecond), "somebody waited for a silent server")
		Expect(t.Slowest.Duration()).To(BeNumerically("<", 5*time.Second))
	})
})

// phaseOf returns the name of the phase in which an instant lies.
func phaseOf(r *result.Result, at result.Millis) string {
	for _, p := range r.Phases {
		if p.From <= at && at < p.To {
			return p.Name
		}
	}
	return "set-up"
}
