package control

import (
	"context"
	"net"
	"net/http"
	"time"

	"github.com/go-logr/logr"
	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/client-go/rest"

	"github.com/gslbsim/gslbsim/operator/avi"
	"github.com/gslbsim/gslbsim/operator/plan"
)

// Options say how an operator runs. Only Config is needed.
type Options struct {
	// Config reaches the cluster that the operator runs in.
	Config *rest.Config
	// Namespace is where the operator's own objects are; empty means avi-system.
	Namespace string

	// MemberConfig returns how to reach the member cluster of a context name. It is asked again whenever own objects
	// change, and must not block. nil: the kubeconfig in Secret gslb-config-secret, key gslb-members, says so.
	MemberConfig func(contextName string) (*rest.Config, error)
	// MemberDial makes the connections to member clusters; nil: the system does.
	MemberDial func(ctx context.Context, network, address string) (net.Conn, error)

	// MultiClusterIngress keeps ServiceImports for the services that MultiClusterIngresses of the operator's own cluster name,
	// as AMKO does with multiClusterIngress.enable. The kubeconfig's users must be able to list nodes then.
	MultiClusterIngress bool

	// AviTransport carries the requests to controllers; nil: HTTPS.
	AviTransport http.RoundTripper
	// PinController keeps the operator on the controller that the GSLBConfig names, even if another one leads. Otherwise
	// it follows the leader.
	PinController bool

	// Debounce is how long changes are collected before they are handled together; 0 means DefaultDebounce.
	Debounce time.Duration
	// DriftInterval is the time between two full comparisons with the controller; 0: the GSLBConfig says so.
	DriftInterval time.Duration
	// HoldMembers is how long members of a cluster are kept that does not answer; 0: until it answers.
	HoldMembers time.Duration
	// Parallel is how many FQDNs are written at a time; 0 means DefaultParallel.
	Parallel int

	// Logger gets the operator's log; the zero value discards it.
	Logger logr.Logger
	// LogLevel is called with the level that the GSLBConfig asks for (DEBUG, INFO, WARN, ERROR) when it changes; may be nil.
	LogLevel func(level string)
	// Observe is told what the operator does; any of its functions may be nil.
	Observe Observe

	// Election makes replicas in one cluster take turns; nil: there is only this one.
	Election *Election

	// Registry gets the operator's metrics for as long as it runs; nil: the one that is served at MetricsAddress, if that is
	// given. Operators of one process need registries of their own.
	Registry prometheus.Registerer
	// Health is told how the operator is; nil: nobody asks, other than at HealthAddress.
	Health *Health
	// MetricsAddress is where /metrics is served, HealthAddress where /healthz (Health.Live) and /readyz (Health.Ready) are,
	// as "host:port"; empty: they are not.
	MetricsAddress string
	HealthAddress  string
}

// Observe are functions that are told what an operator does. They are called from the operator's goroutines, Called from
// several at a time, and must not block.
type Observe struct {
	// Called: a write to the controller succeeded.
	Called func(plan.Call)
	// Batch: a batch of changes was handled.
	Batch func(Batch)
	// Settled: nothing is left to do, other than what is waiting for another attempt.
	Settled func(Settled)
	// Leader: the operator speaks to this controller now.
	Leader func(avi.Federation)
}

// Batch is what one batch of changes did.
type Batch struct {
	// Touched is how many FQDNs were looked at.
	Touched int
	// Took is how long the loop was busy with it, calls not included.
	Took time.Duration
}

// Settled is a state in which the operator waits.
type Settled struct {
	// Services is how many GSLB services the operator owns.
	Services int
	// Problems are the FQDNs that could not be brought to what is wanted, with the reason.
	Problems map[string]string
}

// Defaults of Options.
const (
	DefaultNamespace = "avi-system"
	DefaultDebounce  = 200 * time.Millisecond
	DefaultParallel  = 8
	// DefaultDriftInterval is AMKO's, for a GSLBConfig that gives no refreshInterval.
	DefaultDriftInterval = 10 * time.Minute
)

func (o Options) withDefaults() Options {
	if o.Namespace == "" {
		o.Namespace = DefaultNamespace
	}
	if o.Debounce == 0 {
		o.Debounce = DefaultDebounce
	}
	if o.Parallel == 0 {
		o.Parallel = DefaultParallel
	}
	if o.Health == nil {
		o.Health = &Health{}
	}
	if o.Logger.GetSink() == nil {
		o.Logger = logr.Discard()
	}
	return o
}
