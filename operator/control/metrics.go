package control

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	ctrlmetrics "sigs.k8s.io/controller-runtime/pkg/metrics"

	"github.com/gslbsim/gslbsim/operator/apply"
	"github.com/gslbsim/gslbsim/operator/federate"
)

// meters are the operator's metrics. Their labels have few values: host names are in conditions and logs, not here.
type meters struct {
	calls     *prometheus.CounterVec
	seconds   *prometheus.HistogramVec
	inquiries *prometheus.CounterVec
	batches   prometheus.Histogram
	touched   prometheus.Counter
	steps     prometheus.Counter
	objects   *prometheus.CounterVec
	services  prometheus.Gauge
	pending   prometheus.Gauge
	problems  *prometheus.GaugeVec
	leading   prometheus.Gauge
	connected prometheus.Gauge
	members   *prometheus.GaugeVec
	settled   prometheus.Gauge
	followers *prometheus.GaugeVec
	rivals    prometheus.Gauge
}

// durations are the upper ends of histograms, in seconds: controllers take from milliseconds up to the time limit.
var durations = []float64{.001, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30}

func newMeters() *meters {
	name := func(name, help string) prometheus.Opts {
		return prometheus.Opts{Namespace: "gslb_operator", Name: name, Help: help}
	}
	counter := func(n, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts(name(n, help)), labels)
	}
	gauge := func(n, help string) prometheus.Gauge { return prometheus.NewGauge(prometheus.GaugeOpts(name(n, help))) }
	gauges := func(n, help string, labels ...string) *prometheus.GaugeVec {
		return prometheus.NewGaugeVec(prometheus.GaugeOpts(name(n, help)), labels)
	}
	histogram := func(n, help string) prometheus.HistogramOpts {
		return prometheus.HistogramOpts{Namespace: "gslb_operator", Name: n, Help: help, Buckets: durations}
	}
	return &meters{
		calls: counter("controller_calls_total",
			"Calls that write to the Avi controller or reread one object, by method, object type, and result: OK, or why it failed.",
			"method", "type", "result"),
		seconds: prometheus.NewHistogramVec(histogram("controller_call_seconds",
			"How long these calls took."), []string{"method", "type"}),
		inquiries: counter("controller_inquiries_total",
			"Looks at which controller leads and what it holds, by result.", "result"),
		batches:   prometheus.NewHistogram(histogram("batch_seconds", "How long one batch of changes was worked on, calls not included.")),
		touched:   prometheus.NewCounter(prometheus.CounterOpts(name("fqdns_touched_total", "FQDNs that batches of changes had to look at."))),
		steps:     prometheus.NewCounter(prometheus.CounterOpts(name("steps_total", "Times that the operator woke up, because of a change or by the clock."))),
		objects:   counter("own_writes_total", "Writes of statuses, annotations and Events to the own cluster, by result.", "what", "result"),
		services:  gauge("services", "GSLB services on the controller that are the operator's."),
		pending:   gauge("fqdns_pending", "FQDNs that are worked on or wait for another attempt."),
		problems:  gauges("fqdns_failing", "FQDNs that could not be brought to what is wanted, by reason.", "reason"),
		leading:   gauge("leading", "1 if AMKOCluster says that this cluster's operator leads."),
		connected: gauge("controller_connected", "1 if the operator speaks to the controller that leads the GSLB configuration."),
		members:   gauges("member_cluster_connected", "1 if the member cluster answers, 0 if its last known members are kept or were given up.", "cluster"),
		followers: gauges("follower_federated", "1 if the follower holds the configuration of this cluster.", "cluster"),
		rivals:    gauge("rival_leaders", "Other clusters whose operators say that they lead; nothing is written while there are any."),
		settled:   gauge("settled", "1 if nothing is left to do, other than what waits for another attempt."),
	}
}

func (m *meters) collectors() []prometheus.Collector {
	return []prometheus.Collector{
		m.calls, m.seconds, m.inquiries, m.batches, m.touched, m.steps, m.objects, m.services, m.pending, m.problems, m.leading,
		m.connected, m.members, m.settled, m.followers, m.rivals,
	}
}

// register makes the metrics known to the registry of the options; the function that it returns takes them back.
func (m *meters) register(o Options) (func(), error) {
	registry := o.Registry
	if registry == nil && o.MetricsAddress != "" {
		registry = ctrlmetrics.Registry // what the manager serves
	}
	if registry == nil {
		return func() {}, nil
	}
	var done []prometheus.Collector
	undo := func() {
		for _, c := range done {
			registry.Unregister(c)
		}
	}
	for _, c := range m.collectors() {
		if err := registry.Register(c); err != nil {
			undo()
			return nil, fmt.Errorf("metrics (give each operator of a process a registry of its own): %w", err)
		}
		done = append(done, c)
	}
	return undo, nil
}

// resultOf is the outcome of something as a label.
func resultOf(err error) string {
	if err == nil {
		return "OK"
	}
	return reasonOf(err)
}

// measured counts the calls to a controller, and how long they take.
type measured struct {
	apply.Controller
	*meters
}

var _ apply.Controller = measured{}

func (m measured) note(method, kind string, since time.Time, err error) {
	m.calls.WithLabelValues(method, kind, resultOf(err)).Inc()
	m.seconds.WithLabelValues(method, kind).Observe(time.Since(since).Seconds())
}

// Create implements apply.Controller.
func (m measured) Create(ctx context.Context, kind, tenant string, body json.RawMessage) (reply []byte, err error) {
	defer func(since time.Time) { m.note("POST", kind, since, err) }(time.Now())
	return m.Controller.Create(ctx, kind, tenant, body)
}

// Update implements apply.Controller.
func (m measured) Update(ctx context.Context, kind, tenant, uuid string, body json.RawMessage) (reply []byte, err error) {
	defer func(since time.Time) { m.note("PUT", kind, since, err) }(time.Now())
	return m.Controller.Update(ctx, kind, tenant, uuid, body)
}

// Delete implements apply.Controller.
func (m measured) Delete(ctx context.Context, kind, tenant, uuid string) (err error) {
	defer func(since time.Time) { m.note("DELETE", kind, since, err) }(time.Now())
	return m.Controller.Delete(ctx, kind, tenant, uuid)
}

// ByName implements apply.Controller.
func (m measured) ByName(ctx context.Context, kind, tenant, name string) (object json.RawMessage, err error) {
	defer func(since time.Time) { m.note("GET", kind, since, err) }(time.Now())
	return m.Controller.ByName(ctx, kind, tenant, name)
}

// measure sets the gauges to the state of the loop. It is called when something has changed that statuses tell of.
func (o *operator) measure() {
	m := o.meters
	m.leading.Set(number(o.settings.leads))
	m.connected.Set(number(o.session != nil && o.sessionErr == nil))
	m.settled.Set(number(o.settled))
	m.pending.Set(float64(o.queue.Pending()))
	services := 0
	if o.inventory != nil {
		services, _ = o.inventory.Count()
	}
	m.services.Set(float64(services))
	m.problems.Reset()
	for _, err := range o.problems {
		m.problems.WithLabelValues(reasonOf(err)).Inc()
	}
	m.members.Reset()
	for name, w := range o.members {
		m.members.WithLabelValues(name).Set(number(w.read && w.silent == nil))
	}
}

// federation sets the gauges to what a round of copying to the followers came to.
func (m *meters) federation(out federate.Outcome, followers []string) {
	m.rivals.Set(float64(len(out.Rivals)))
	m.followers.Reset()
	for _, name := range followers {
		m.followers.WithLabelValues(name).Set(number(out.Failed[name] == "" && len(out.Rivals) == 0))
	}
}

func number(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}
