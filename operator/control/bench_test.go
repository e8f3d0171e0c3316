package control_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/operator/control"
	"github.com/gslbsim/gslbsim/operator/internal/avitest"
	"github.com/gslbsim/gslbsim/operator/plan"
)

// BenchmarkOneIngressAmongTenThousand edits one Ingress at a time while an operator runs over ten thousand services. ms/op is
// from the edit until the controller has answered, what the API server and controller of the tests need included and the
// debounce of a millisecond and the loop's own of another one; loop-µs/op is the part of the loop alone, calls/op are writes.
func BenchmarkOneIngressAmongTenThousand(b *testing.B) {
	const services = 10_000
	var calls, loop atomic.Int64
	written := make(chan struct{}, 16)
	w := newWorldFor(b)
	for i := range services {
		host := fmt.Sprintf("h%05d", i)
		w.members["east"].Apply(ingress(host, host+".example.com", "10.1.0.1"))
	}
	w.options.Debounce, w.options.AviTransport = time.Millisecond, &avitest.Echo{}
	var settled atomic.Bool
	w.options.Observe = control.Observe{
		Called: func(c plan.Call) {
			calls.Add(1)
			if settled.Load() && c.Type == plan.TypeService {
				written <- struct{}{}
			}
		},
		Batch:   func(batch control.Batch) { loop.Add(batch.Took.Microseconds()) },
		Settled: func(s control.Settled) { settled.Store(s.Services == services) },
	}
	ctx, cancel := context.WithCancel(b.Context())
	var running sync.WaitGroup
	running.Go(func() { w.g.Expect(control.Run(ctx, w.options)).To(Succeed()) })
	defer running.Wait()
	defer cancel()
	NewWithT(b).Eventually(settled.Load, "5m", "10ms").Should(BeTrue())

	calls.Store(0)
	loop.Store(0)
	n := 0
	for b.Loop() {
		n++
		w.members["east"].Apply(ingress("h05000", "h05000.example.com", fmt.Sprintf("10.1.1.%d", 1+n%200)))
		<-written
	}
	b.ReportMetric(float64(calls.Load())/float64(n), "calls/op")
	b.ReportMetric(float64(loop.Load())/float64(n), "loop-µs/op")
	b.ReportMetric(b.Elapsed().Seconds()*1000/float64(n), "ms/op")
}
