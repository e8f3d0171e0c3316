package scenarios_test

import (
	"flag"
	"os"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/scenarios"
	"github.com/gslbsim/gslbsim/sim"
	"github.com/gslbsim/gslbsim/sim/bubble"
	"github.com/gslbsim/gslbsim/sim/result"
	"github.com/gslbsim/gslbsim/sim/scenario"
)

// The SDK logs every request to standard error; it is of no use here.
func TestMain(m *testing.M) {
	flag.Parse()
	_ = flag.Set("logtostderr", "true")
	if null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0); err == nil {
		os.Stderr = null
	}
	os.Exit(m.Run())
}

// played holds the result of every scenario. They are played before the suite starts: nothing is asserted in virtual time.
var played = map[string]*result.Result{}

func TestScenarios(t *testing.T) {
	for _, name := range scenarios.Names() {
		played[name] = play(t, name, 0, "")
	}
	RegisterFailHandler(Fail)
	RunSpecs(t, "scenarios")
}

// play runs a scenario; a seed of 0 means the scenario's own.
func play(t *testing.T, name string, seed uint64, sabotage string) *result.Result {
	t.Helper()
	s, err := scenario.Load(scenarios.Source(name))
	if err != nil {
		t.Fatal(err)
	}
	if seed != 0 {
		s.Seed = seed
	}
	r, err := sim.Run(s, sim.Options{Runner: bubble.In(t), Sabotage: sabotage, Repeat: "gslbsim run " + name})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

var _ = Describe("every scenario", func() {
	for _, name := range scenarios.Names() {
		Describe(name, func() {
			It("keeps all its promises", func() {
				r := played[name]
				Expect(r.Reasons).To(BeEmpty())
				for _, p := range r.Promises {
					Expect(p.Verdict).To(Equal(result.Pass), "%s: %s, bound %s, %s", p.Name, p.Observed, p.Bound, p.Detail)
				}
				Expect(r.Verdict).To(Equal(result.Pass))
			})
			It("explains itself", func() {
				r := played[name]
				Expect(r.About).NotTo(BeEmpty())
				Expect(r.Digest).To(HaveLen(64))
				Expect(r.Events).NotTo(BeEmpty())
				Expect(r.Ladders).To(HaveLen(len(r.Evidence.Changes)))
				for _, p := range r.Promises {
					Expect(p.Observed).NotTo(BeEmpty(), p.Name)
					Expect(p.Bound).NotTo(BeEmpty(), p.Name)
				}
			})
			It("asked enough to judge by", func() {
				r := played[name]
				Expect(len(r.Evidence.Client)).To(BeNumerically(">", 1000))
				Expect(len(r.Evidence.Authoritative)).To(BeNumerically(">", 1000))
			})
		})
	}
})
