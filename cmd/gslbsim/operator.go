package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"github.com/go-logr/logr"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/gslbsim/gslbsim/operator"
	"github.com/gslbsim/gslbsim/operator/access"
)

// operatorFlags are the flags of `gslbsim operator`. Those that are options of the operator are read right into them.
type operatorFlags struct {
	kubeconfig, context string
	logFormat, logLevel string
	elect               bool
	election            operator.Election
	options             operator.Options
}

// envPrefix begins the environment variables that stand for flags: --log-format is GSLBSIM_OPERATOR_LOG_FORMAT.
const envPrefix = "GSLBSIM_OPERATOR_"

func newOperator() *cobra.Command {
	f := operatorFlags{}
	cmd := &cobra.Command{
		Use:   "operator",
		Short: "Run the AMKO-compatible operator against real clusters and a real controller",
		Long: `Runs the operator that makes the GSLB configuration of an Avi controller follow Ingresses,
Routes and LoadBalancer Services of several clusters. It takes AMKO's place: it reads the
same AMKOCluster, GSLBConfig, GlobalDeploymentPolicy and GSLBHostRules, and the same Secrets.

In a cluster it uses the pod's service account; elsewhere it needs --kubeconfig. What is
deployed is in operator/chart; docs/operator.md explains it. Each flag can be given as an
environment variable too: --log-format is ` + envPrefix + `LOG_FORMAT.

Exit status: 0 it was asked to end, 2 it cannot start or go on; the last line says why.`,
		Example: `  gslbsim operator                                     # in a cluster
  gslbsim operator --kubeconfig ~/.kube/config --log-format text`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd) },
	}
	f.define(cmd.Flags())
	return cmd
}

func (f *operatorFlags) define(flags *pflag.FlagSet) {
	flags.SortFlags = false
	flags.StringVar(&f.kubeconfig, "kubeconfig", "", "file that says how to reach the operator's cluster (default: the pod's service account)")
	flags.StringVar(&f.context, "context", "", "context of that file (default: its current one)")
	flags.StringVar(&f.options.Namespace, "namespace", "avi-system", "namespace of the operator's own objects")
	flags.StringVar(&f.options.MetricsAddress, "metrics-address", ":8080", "where /metrics is served; empty: nowhere")
	flags.StringVar(&f.options.HealthAddress, "health-address", ":8081", "where /healthz and /readyz are served; empty: nowhere")
	flags.BoolVar(&f.options.PinController, "pin-controller", false, "stay with the GSLBConfig's controllerIP even if another controller leads")
	flags.DurationVar(&f.options.HoldMembers, "hold-members", 0, "how long members of a silent cluster are kept; 0: until it answers")
	flags.DurationVar(&f.options.DriftInterval, "drift-interval", 0, "time between two full comparisons; 0: the GSLBConfig's refreshInterval")
	flags.IntVar(&f.options.Parallel, "parallel", 8, "how many GSLB services are written at a time")
	flags.BoolVar(&f.options.MultiClusterIngress, "multi-cluster-ingress", false, "keep ServiceImports for the services that MultiClusterIngresses name")
	flags.BoolVar(&f.elect, "leader-elect", true, "take turns with other replicas in the same cluster")
	flags.StringVar(&f.election.Name, "lease", "gslbsim-operator", "name of the Lease that replicas compete for")
	flags.DurationVar(&f.election.Lasts, "lease-duration", 15*time.Second, "for how long a Lease that is not renewed counts")
	flags.DurationVar(&f.election.Renew, "renew-deadline", 10*time.Second, "how long its holder tries to renew it; shorter than that")
	flags.DurationVar(&f.election.Retry, "retry-period", 2*time.Second, "time between two attempts; shorter again")
	flags.StringVar(&f.logFormat, "log-format", "json", "json or text")
	flags.StringVar(&f.logLevel, "log-level", "", "debug, info, warn or error (default: the GSLBConfig's logLevel)")
}

// run runs the operator until the context ends.
func (f *operatorFlags) run(cmd *cobra.Command) error {
	if err := fromEnvironment(cmd.Flags(), os.LookupEnv); err != nil {
		return err
	}
	if err := f.check(); err != nil {
		return err
	}
	f.openLog(cmd)
	config, err := f.config()
	if err != nil {
		return err
	}
	f.options.Config = config
	if f.elect {
		f.options.Election = &f.election
	}
	ctx := cmd.Context()
	if err := preflight(ctx, config, &f.options); err != nil {
		return err
	}
	if _, given := os.LookupEnv("GOGC"); !given {
		debug.SetGCPercent(gcPercent)
	}
	f.options.Logger.Info("operator starts", "version", version(), "server", config.Host, "namespace", f.options.Namespace)
	if err := operator.Run(ctx, f.options); err != nil {
		return err
	}
	f.options.Logger.Info("operator ended")
	return nil
}

// gcPercent makes the collector run twice as often as it would by itself: the operator is idle most of the time, and what it
// reads at its start is four times what it keeps. GOGC overrides it.
const gcPercent = 50

// fromEnvironment sets the flags that were not given from their environment variables.
func fromEnvironment(flags *pflag.FlagSet, lookup func(string) (string, bool)) error {
	var problem error
	flags.VisitAll(func(flag *pflag.Flag) {
		name := envPrefix + strings.ToUpper(strings.ReplaceAll(flag.Name, "-", "_"))
		value, given := lookup(name)
		if !given || flag.Changed || problem != nil {
			return
		}
		if err := flags.Set(flag.Name, value); err != nil {
			problem = fmt.Errorf("environment variable %s: %w", name, err)
		}
	})
	return problem
}

func (f *operatorFlags) check() error {
	if f.logFormat != "json" && f.logFormat != "text" {
		return fmt.Errorf("--log-format: %q is unknown; use json or text", f.logFormat)
	}
	if _, known := levels[strings.ToUpper(f.logLevel)]; f.logLevel != "" && !known {
		return fmt.Errorf("--log-level: %q is unknown; use debug, info, warn or error", f.logLevel)
	}
	if f.options.Parallel < 1 || f.options.Parallel > 100 {
		return fmt.Errorf("--parallel: %d is out of range; use 1 to 100", f.options.Parallel)
	}
	if f.options.HoldMembers < 0 || f.options.DriftInterval < 0 {
		return errors.New("--hold-members and --drift-interval must not be negative")
	}
	if e := f.election; e.Retry <= 0 || e.Renew <= e.Retry || e.Lasts <= e.Renew {
		return errors.New("--lease-duration, --renew-deadline and --retry-period must be in this order, the longest first")
	}
	if f.context != "" && f.kubeconfig == "" {
		return errors.New("--context needs --kubeconfig")
	}
	return nil
}

// levels are AMKO's log levels, by the names that a GSLBConfig uses.
var levels = map[string]slog.Level{"DEBUG": slog.LevelDebug, "INFO": slog.LevelInfo, "WARN": slog.LevelWarn, "ERROR": slog.LevelError}

// openLog makes the operator, and the libraries below it, log to standard error. The level is the flag's, else the
// GSLBConfig's as it changes.
func (f *operatorFlags) openLog(cmd *cobra.Command) {
	var level slog.LevelVar
	options := &slog.HandlerOptions{Level: &level, ReplaceAttr: namedLevel}
	var handler slog.Handler = slog.NewJSONHandler(cmd.ErrOrStderr(), options)
	if f.logFormat == "text" {
		handler = slog.NewTextHandler(cmd.ErrOrStderr(), options)
	}
	if f.logLevel != "" {
		level.Set(levels[strings.ToUpper(f.logLevel)])
	} else {
		f.options.LogLevel = func(name string) { level.Set(levels[name]) }
	}
	f.options.Logger = logr.FromSlogHandler(handler)
	logLibraries(handler)
}

// namedLevel shows the levels between info and debug, which logr's verbosity makes, as debug.
func namedLevel(_ []string, a slog.Attr) slog.Attr {
	if level, ok := a.Value.Any().(slog.Level); ok && a.Key == slog.LevelKey && level < slog.LevelInfo {
		a.Value = slog.AnyValue(slog.LevelDebug)
	}
	return a
}

// config says how to reach the operator's own cluster.
func (f *operatorFlags) config() (*rest.Config, error) {
	var config *rest.Config
	var err error
	if f.kubeconfig == "" {
		if config, err = rest.InClusterConfig(); err != nil {
			return nil, fmt.Errorf("this is not a pod of a cluster (%w): give --kubeconfig", err)
		}
	} else {
		rules := &clientcmd.ClientConfigLoadingRules{ExplicitPath: f.kubeconfig}
		overrides := &clientcmd.ConfigOverrides{CurrentContext: f.context}
		config, err = clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, overrides).ClientConfig()
		switch {
		case clientcmd.IsEmptyConfig(err): // client-go's text advises a variable that is not read here
			return nil, fmt.Errorf("--kubeconfig %s: the file names no cluster; give one with clusters, users, contexts and a current-context", f.kubeconfig)
		case err != nil:
			return nil, fmt.Errorf("--kubeconfig %s: %w", f.kubeconfig, err)
		}
	}
	// The API server's own priority and fairness looks after the load; the client's default would be 5 requests a second.
	config.QPS = -1
	config.UserAgent = "gslbsim-operator/" + version()
	return config, nil
}

// preflightTimeout bounds what is asked before the operator starts.
const preflightTimeout = 20 * time.Second

// preflight tells at once what would otherwise show as an operator that does nothing: a cluster that does not answer, that
// lacks the custom resources, or that does not allow what the operator has to do.
func preflight(ctx context.Context, config *rest.Config, o *operator.Options) error {
	ctx, cancel := context.WithTimeout(ctx, preflightTimeout)
	defer cancel()
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	for _, version := range []string{"amko.vmware.com/v1alpha1", "amko.vmware.com/v1alpha2"} {
		_, err := client.Discovery().ServerResourcesForGroupVersionWithContext(ctx, version)
		if apierrors.IsNotFound(err) {
			return fmt.Errorf("the cluster at %s has no resources of %s: install the chart, or apply operator/crds", config.Host, version)
		}
		if err != nil {
			return fmt.Errorf("the cluster at %s cannot be asked: %w", config.Host, err)
		}
	}
	var more []rbacv1.PolicyRule
	if o.MultiClusterIngress {
		more = access.MultiClusterIngress()
	}
	err = access.Check(ctx, client.AuthorizationV1(), o.Namespace, more...)
	var missing *access.MissingError
	if errors.As(err, &missing) {
		return fmt.Errorf("the cluster at %s: %w: bind the roles of operator/chart to its user", config.Host, err)
	}
	return err
}
