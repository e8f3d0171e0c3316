package scenarios_test

import (
	"syscall"
	"testing"

	"github.com/gslbsim/gslbsim/scenarios"
	"github.com/gslbsim/gslbsim/sim"
	"github.com/gslbsim/gslbsim/sim/result"
	"github.com/gslbsim/gslbsim/sim/scenario"
)

// BenchmarkFailover plays the 20 virtual minutes with 200 clients behind 8 resolvers. Besides the wall time of a run it
// prints how much faster than life it is, and the most memory that the process ever held.
func BenchmarkFailover(b *testing.B) {
	var virtual float64
	for b.Loop() {
		s, err := scenario.Load(scenarios.Source("failover"))
		if err != nil {
			b.Fatal(err)
		}
		r, err := sim.Run(s, sim.Options{})
		if err != nil {
			b.Fatal(err)
		}
		if r.Verdict != result.Pass {
			b.Fatalf("verdict %s", r.Verdict)
		}
		virtual += (r.Setup + r.Span).Duration().Seconds()
	}
	b.ReportMetric(virtual/b.Elapsed().Seconds(), "virtual/wall")
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err == nil {
		b.ReportMetric(float64(usage.Maxrss)/1024, "peak-MiB")
	}
}
