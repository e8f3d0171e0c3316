package envtest_test

import (
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	. "github.com/onsi/gomega"
)

// run is what one run of one size has measured.
type run struct {
	cold, cpu, fresh, again  time.Duration
	reads, writes            int
	readsAgain, writesAgain  int
	mib                      float64
	fqdns, clusters, objects int
}

var (
	runs   []run
	memory bool // the clusters are in memory
)

// BenchmarkOperator measures the operator as a process of its own: a cold start until everything is created, an Ingress
// that is added, and a restart with nothing changed. Each iteration is a run of its own; the table at the end has medians.
func BenchmarkOperator(b *testing.B) {
	start := startPlane
	if memory = os.Getenv(assetsVariable) == ""; memory {
		start = startMemory
	}
	for _, clusters := range []int{2, 3} {
		for _, fqdns := range []int{1000, 5000} {
			b.Run(fmt.Sprintf("fqdns=%d/clusters=%d", fqdns, clusters), func(b *testing.B) {
				for b.Loop() {
					r := measure(b, setStageOn(b, clusters, start), fqdns)
					runs = append(runs, r)
				}
				report(b, runs[len(runs)-1])
			})
		}
	}
}

// limit is how long a benchmark waits for anything.
const limit = 5 * time.Minute

func measure(b *testing.B, s *stage, fqdns int) run {
	g := NewWithT(b)
	r := run{fqdns: fqdns, clusters: len(s.names)}
	s.deploy(0, fqdns)
	_, err := program() // is built before the clock runs
	g.Expect(err).NotTo(HaveOccurred())
	settle := func(p *process, services int) {
		g.Eventually(func() bool { return s.avi.services() == services && p.settled() }).
			WithTimeout(limit).WithPolling(20 * time.Millisecond).Should(BeTrue())
	}
	begin := time.Now()
	p := s.operate()
	settle(p, fqdns)
	var last time.Time
	r.reads, r.writes, last = s.avi.traffic()
	r.cold = last.Sub(begin)
	r.objects = s.avi.services() + s.avi.monitors()

	var fresh []time.Duration
	for i := range 5 {
		n := fqdns + i
		g.Expect(s.apply(b.Context(), 0, n)).To(Succeed())
		begin := time.Now()
		g.Eventually(func() []string { return s.addresses(host(n)) }).WithTimeout(limit).WithPolling(time.Millisecond).ShouldNot(BeEmpty())
		fresh = append(fresh, time.Since(begin))
		settle(p, n+1)
	}
	slices.Sort(fresh)
	r.fresh, r.mib = fresh[len(fresh)/2], p.peakMiB()
	p.stop()
	r.cpu = p.cpu()

	s.avi.traffic()
	begin = time.Now()
	p = s.operate()
	settle(p, fqdns+5)
	r.again = time.Since(begin)
	r.readsAgain, r.writesAgain, _ = s.avi.traffic()
	r.mib = max(r.mib, p.peakMiB())
	p.stop()
	return r
}

func report(b *testing.B, r run) {
	b.ReportMetric(r.cold.Seconds(), "s-to-all-created")
	b.ReportMetric(float64(r.writes)/float64(r.objects), "writes/object")
	b.ReportMetric(r.fresh.Seconds(), "s-new-ingress")
	b.ReportMetric(float64(r.readsAgain), "restart-reads")
	b.ReportMetric(float64(r.writesAgain), "restart-writes")
	b.ReportMetric(r.cpu.Seconds(), "cpu-s")
	b.ReportMetric(r.mib, "MiB")
}
