package control_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"k8s.io/client-go/rest"

	amkov1alpha1 "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha1"
	"github.com/gslbsim/gslbsim/operator/control"
	"github.com/gslbsim/gslbsim/operator/internal/avitest"
)

// TestReadinessTellsTheTruth breaks and mends what the operator depends on.
//
// Shows: run-readiness
func TestReadinessTellsTheTruth(t *testing.T) {
	inWorld(t, func(w *world) {
		health := &control.Health{}
		w.options.Health = health
		w.g.Expect(health.Ready()).To(MatchError(ContainSubstring("has not been read yet")))
		w.g.Expect(health.Live()).To(Succeed(), "an operator that has not started is not stuck")
		w.own.SetDown(true)
		w.start()
		w.g.Expect(health.Ready()).To(MatchError(ContainSubstring("own cluster has not been read yet")))
		w.g.Expect(health.Role()).To(Equal("starting"))
		w.own.SetDown(false)
		w.pass(time.Minute)
		w.g.Expect(health.Ready()).To(Succeed())
		w.g.Expect(health.Role()).To(Equal("leader"))

		steps := []struct {
			breaks, mends func()
			why           string // empty: it is ready all the same
		}{
			{func() { w.own.Delete(gdp(nil)) }, func() { w.own.Apply(gdp(nil)) }, "there is no GlobalDeploymentPolicy in namespace avi-system"},
			{func() { w.own.Delete(gslbConfig()) }, func() { w.own.Apply(gslbConfig()) }, "there is no GSLBConfig in namespace avi-system"},
			{
				func() { w.own.Delete(secret("gslb-avi-secret", nil)) },
				func() {
					w.own.Apply(secret("gslb-avi-secret", map[string]string{"username": "admin", "password": "secret"}))
				},
				"error: secret object doesn't exist gslb-avi-secret",
			},
			{
				func() {
					w.avi().OnRequest(func(avitest.Request) *avitest.Fault { return &avitest.Fault{Status: 503} })
					w.restart()
				},
				func() { w.avi().OnRequest(nil) }, "the controller cannot be asked",
			},
			{func() { w.members["west"].SetDown(true) }, func() { w.members["west"].SetDown(false) }, ""},
			{func() { w.own.Apply(amkoCluster(false)) }, func() { w.own.Apply(amkoCluster(true)) }, ""},
		}
		for i, step := range steps {
			step.breaks()
			w.settle()
			if step.why == "" {
				w.g.Expect(health.Ready()).To(Succeed(), "step %d", i)
			} else {
				w.g.Expect(health.Ready()).To(MatchError(ContainSubstring(step.why)), "step %d", i)
			}
			w.g.Expect(health.Live()).To(Succeed())
			step.mends()
			w.pass(2 * time.Minute)
			w.g.Expect(health.Ready()).To(Succeed(), "after step %d", i)
		}
	})
}

// TestAnOperatorWhoseOwnClusterIsAwayCanBeStopped stops it before it could read anything: the manager would spin for ever if it
// waited for informers then. It runs in real time, because the library leaves goroutines behind that wait for these informers.
func TestAnOperatorWhoseOwnClusterIsAwayCanBeStopped(t *testing.T) {
	g := NewWithT(t)
	w := newWorldFor(t)
	w.own.SetDown(true)
	health := &control.Health{}
	w.options.Health = health
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- control.Run(ctx, w.options) }()
	g.Consistently(health.Role, "50ms", "10ms").Should(Equal("starting"))
	cancel()
	g.Eventually(ended, "20s").Should(Receive(BeNil()))
}

// TestAStuckLoopIsNotAlive blocks the loop.
//
// Shows: run-liveness
func TestAStuckLoopIsNotAlive(t *testing.T) {
	inWorld(t, func(w *world) {
		health, release := &control.Health{}, make(chan struct{})
		var once sync.Once
		w.options.Health = health
		w.options.Observe.Batch = func(control.Batch) { once.Do(func() { <-release }) }
		w.start()
		w.pass(time.Minute)
		w.g.Expect(health.Live()).To(Succeed(), "a minute is long, but may happen")
		w.pass(2 * time.Minute)
		w.g.Expect(health.Live()).To(MatchError(ContainSubstring("longer than 2m0s")))
		close(release)
		w.settle()
		w.g.Expect(health.Live()).To(Succeed())
	})
}

// TestMetricsSayWhatHappens lets one service of two be refused while a member cluster is away.
//
// Shows: run-metrics
func TestMetricsSayWhatHappens(t *testing.T) {
	inWorld(t, func(w *world) {
		registry := prometheus.NewPedanticRegistry()
		w.options.Registry = registry
		w.members["east"].Apply(ingress("shop", shop, "10.1.0.1"))
		w.members["east"].Apply(ingress("bad", "bad.example.com", "10.1.0.2"))
		w.members["west"].SetDown(true)
		w.avi().OnRequest(func(r avitest.Request) *avitest.Fault {
			if r.Path == "gslbservice" && strings.Contains(r.Body, `"bad.example.com"`) {
				return &avitest.Fault{Status: 400, Message: "no"}
			}
			return nil
		})
		w.start()
		want := `
			# HELP gslb_operator_controller_calls_total Calls that write to the Avi controller or reread one object, by method, object type, and result: OK, or why it failed.
			# TYPE gslb_operator_controller_calls_total counter
			gslb_operator_controller_calls_total{method="POST",result="OK",type="gslbservice"} 1
			gslb_operator_controller_calls_total{method="POST",result="OK",type="healthmonitor"} 2
			gslb_operator_controller_calls_total{method="POST",result="Refused",type="gslbservice"} 1
			# HELP gslb_operator_controller_connected 1 if the operator speaks to the controller that leads the GSLB configuration.
			# TYPE gslb_operator_controller_connected gauge
			gslb_operator_controller_connected 1
			# HELP gslb_operator_fqdns_failing FQDNs that could not be brought to what is wanted, by reason.
			# TYPE gslb_operator_fqdns_failing gauge
			gslb_operator_fqdns_failing{reason="Refused"} 1
			# HELP gslb_operator_member_cluster_connected 1 if the member cluster answers, 0 if its last known members are kept or were given up.
			# TYPE gslb_operator_member_cluster_connected gauge
			gslb_operator_member_cluster_connected{cluster="east"} 1
			gslb_operator_member_cluster_connected{cluster="west"} 0
			# HELP gslb_operator_services GSLB services on the controller that are the operator's.
			# TYPE gslb_operator_services gauge
			gslb_operator_services 1
		`
		w.g.Expect(testutil.GatherAndCompare(registry, strings.NewReader(want), "gslb_operator_controller_calls_total",
			"gslb_operator_controller_connected", "gslb_operator_fqdns_failing", "gslb_operator_member_cluster_connected",
			"gslb_operator_services")).To(Succeed())
		w.g.Expect(testutil.GatherAndLint(registry)).To(BeEmpty())
		w.restart() // the metrics were taken back: the registry takes them again
	})
}

// cut is a transport that can be cut.
type cut struct {
	http.RoundTripper
	off atomic.Bool
}

func (c *cut) RoundTrip(r *http.Request) (*http.Response, error) {
	if c.off.Load() {
		return nil, fmt.Errorf("dial tcp: no route to host")
	}
	return c.RoundTripper.RoundTrip(r)
}

// TestReplicasTakeTurns runs two replicas, of which the first loses its API server.
//
// Shows: run-replicas
func TestReplicasTakeTurns(t *testing.T) {
	inWorld(t, func(w *world) {
		w.members["east"].Apply(ingress("shop", shop, "10.1.0.1"))
		first := w.own.Config()
		line := &cut{RoundTripper: first.Transport}
		first.Transport = line
		health := [2]*control.Health{{}, {}}
		var ends [2]error
		var running sync.WaitGroup
		begin := func(i int, config *rest.Config) (stop func()) {
			options := w.options
			options.Config, options.Election, options.Health = config, &control.Election{}, health[i]
			ctx, cancel := context.WithCancel(w.t.Context())
			done := make(chan struct{})
			running.Go(func() { ends[i] = control.Run(ctx, options); close(done) })
			return func() { cancel(); <-done }
		}
		stopFirst := begin(0, first)
		w.settle()
		stopSecond := begin(1, w.own.Config())
		w.settle()
		roles := func() []string { return []string{health[0].Role(), health[1].Role()} }
		w.g.Expect(roles()).To(Equal([]string{"leader", "waiting"}))
		w.g.Expect(health[1].Ready()).To(Succeed(), "a rolling update would not come to an end")
		w.g.Expect(w.services()).To(HaveLen(1))

		// The first one loses its API server, and with it the lease; the second one must not begin before it has stopped.
		line.off.Store(true)
		w.members["east"].Apply(ingress("new", "new.example.com", "10.1.0.2"))
		for range 60 {
			w.pass(time.Second)
			w.g.Expect(health[0].Role() == "leader" && health[1].Role() == "leader" && ends[0] == nil).To(BeFalse())
		}
		w.g.Expect(ends[0]).To(MatchError(ContainSubstring("leader election lost")))
		w.g.Expect(health[1].Role()).To(Equal("leader"))
		w.g.Expect(w.services()).To(HaveLen(2))

		// A replica that ends gives the lease back, so that the next one need not wait.
		line.off.Store(false)
		stopFirst()
		health[0] = &control.Health{}
		stopFirst = begin(0, first)
		w.settle()
		w.g.Expect(health[0].Role()).To(Equal("waiting"))
		stopSecond()
		w.settle()
		w.g.Expect(health[0].Role()).To(Equal("leader"))
		stopFirst()
		running.Wait()
		w.g.Expect(ends).To(Equal([2]error{}))
		synctest.Wait()
	})
}

// TestTheLoopRestsWhileTheControllerCannotBeAsked has things overdue that only the controller can answer: something that a rule
// names and that is not there, and another look at what the controller holds.
//
// Shows: run-rest
func TestTheLoopRestsWhileTheControllerCannotBeAsked(t *testing.T) {
	inWorld(t, func(w *world) {
		registry := prometheus.NewPedanticRegistry()
		w.options.Registry = registry
		w.members["east"].Apply(ingress("shop", shop, "10.1.0.1"))
		w.own.Apply(rule("r", shop, func(s *amkov1alpha1.GSLBHostRuleSpec) { s.HealthMonitorRefs = []string{"absent"} }))
		w.start()
		steps := func() float64 {
			families, err := registry.Gather()
			w.g.Expect(err).NotTo(HaveOccurred())
			for _, f := range families {
				if f.GetName() == "gslb_operator_steps_total" {
					return f.GetMetric()[0].GetCounter().GetValue()
				}
			}
			return 0
		}
		w.g.Expect(steps()).To(BeNumerically(">", 3), "it counts")
		before := steps()
		for _, path := range []string{"healthmonitor", ""} { // first the look for what is absent fails alone
			w.avi().OnRequest(func(r avitest.Request) *avitest.Fault {
				if r.Verb == "GET" && strings.HasPrefix(r.Path, path) {
					return &avitest.Fault{Status: 503}
				}
				return nil
			})
			w.pass(time.Hour)
		}
		w.g.Expect(steps()-before).To(BeNumerically("<", 1000), "an attempt or two a minute, and what comes of it")
	})
}
