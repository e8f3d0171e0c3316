package scenarios_test

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/scenarios"
	"github.com/gslbsim/gslbsim/sim"
	"github.com/gslbsim/gslbsim/sim/bubble"
	"github.com/gslbsim/gslbsim/sim/scenario"
)

// Asking why changes nothing in a run, and a run that ends at the question gives the same explanation as a whole one.
func TestAskingWhyChangesNothing(t *testing.T) {
	g := NewWithT(t)
	s, err := scenario.Load(scenarios.Source("failover"))
	g.Expect(err).NotTo(HaveOccurred())
	plain, err := sim.Run(s, sim.Options{Runner: bubble.In(t)})
	g.Expect(err).NotTo(HaveOccurred())

	var ask []sim.Inquiry
	for at := time.Duration(0); at < s.Duration; at += 13 * time.Second {
		ask = append(ask, sim.Inquiry{At: at, Name: "application01.aclab.uk"})
	}
	asked, err := sim.Run(s, sim.Options{Runner: bubble.In(t), Ask: ask})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(asked.Digest).To(Equal(plain.Digest))
	g.Expect(asked.Why).To(HaveLen(2 * len(ask)))
	asked.Why = nil
	g.Expect(asked).To(Equal(plain))

	q := sim.Inquiry{At: 10*time.Minute + 20*time.Second, Name: "application01.gslb.aclab.uk", Site: "region02"}
	short, reasons, err := sim.Why(s, q, sim.Options{Runner: bubble.In(t)})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(reasons).To(BeEmpty())
	whole, err := sim.Run(s, sim.Options{Runner: bubble.In(t), Ask: []sim.Inquiry{q}})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(short).To(Equal(whole.Why))
	g.Expect(short[0].Decision.Answer.Records).To(Equal([]string{"application01.gslb.aclab.uk. 20 IN A 10.166.111.10"}),
		"region02 has not noticed yet that region01 is dark")
	g.Expect(short[0].Decision.Pools[0].Members[0].Note).To(ContainSubstring("really down for 20s"))
}
