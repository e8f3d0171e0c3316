package control

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	utilnet "k8s.io/apimachinery/pkg/util/net"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	toolscache "k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/gslbsim/gslbsim/operator/api"
	amkov1alpha1 "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha1"
	amkov1alpha2 "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha2"
)

// scheme knows the kinds of the operator's own cluster.
var scheme = func() *runtime.Scheme {
	s := runtime.NewScheme()
	utilruntime.Must(clientgoscheme.AddToScheme(s))
	utilruntime.Must(api.AddToScheme(s))
	return s
}()

// own are the kinds of the operator's own cluster that it reads, and what a change of one means.
var own = []struct {
	object     client.Object
	resource   string
	kind       ownKind
	everywhere bool // not only in the operator's namespace
}{
	{&amkov1alpha1.AMKOCluster{}, "amkoclusters", ownConfig, false},
	{&amkov1alpha1.GSLBConfig{}, "gslbconfigs", ownConfig, false},
	{&corev1.Secret{}, "secrets", ownConfig, false},
	{&amkov1alpha2.GlobalDeploymentPolicy{}, "globaldeploymentpolicies", ownPolicy, false},
	{&amkov1alpha1.GSLBHostRule{}, "gslbhostrules", ownRules, true},
	{&corev1.Namespace{}, "namespaces", ownNamespaces, true},
}

// Run runs an operator until the context ends; then it returns nil, and all goroutines that it started have ended. The error
// says that it could not start, or that the manager failed. Several operators may run in one process.
func Run(ctx context.Context, o Options) error {
	o = o.withDefaults()
	if o.Config == nil {
		return errors.New("operator: Options.Config is missing: how to reach the cluster it runs in")
	}
	config := rest.CopyConfig(o.Config)
	httpClient, err := rest.HTTPClientFor(config)
	if err != nil {
		return fmt.Errorf("operator: %w", err)
	}
	defer utilnet.CloseIdleConnectionsFor(httpClient.Transport)
	if err := run(ctx, o, config, httpClient); err != nil && ctx.Err() == nil {
		return fmt.Errorf("operator: %w", err)
	}
	return nil
}

func run(ctx context.Context, o Options, config *rest.Config, httpClient *http.Client) error {
	mgr, err := newManager(config, httpClient, o)
	if err != nil {
		return err
	}
	if err := o.Health.serve(mgr); err != nil {
		return err
	}
	meters := newMeters()
	unregister, err := meters.register(o)
	if err != nil {
		return err
	}
	defer unregister()
	w := &warmUp{manager: mgr, mail: newMailbox(), health: o.Health, done: make(chan struct{})}
	for _, part := range []manager.Runnable{w, manager.RunnableFunc(func(ctx context.Context) error {
		select {
		case <-w.done:
			work(ctx, mgr.GetClient(), o, w.mail, meters)
		case <-ctx.Done():
		}
		return nil
	})} {
		if err := mgr.Add(part); err != nil {
			return err
		}
	}
	return mgr.Start(ctx)
}

// warmUp reads the own cluster, also in a replica that waits for the lease. The informers are made when the manager runs, not
// before: a manager that waits for informers which cannot be read never ends when it is told to.
type warmUp struct {
	manager manager.Manager
	mail    *mailbox
	health  *Health
	done    chan struct{} // closed when all has been read
}

// Start implements manager.Runnable.
func (w *warmUp) Start(ctx context.Context) error {
	synced, err := watchOwn(ctx, w.manager, w.mail)
	if err != nil {
		return err
	}
	if toolscache.WaitForCacheSync(ctx.Done(), synced...) {
		w.health.isWarm()
		close(w.done)
	}
	return nil
}

// NeedLeaderElection implements manager.LeaderElectionRunnable.
func (*warmUp) NeedLeaderElection() bool { return false }

func newManager(config *rest.Config, httpClient *http.Client, o Options) (manager.Manager, error) {
	byObject := map[client.Object]cache.ByObject{}
	for _, k := range own {
		if !k.everywhere {
			byObject[k.object] = cache.ByObject{Field: fields.OneTermEqualSelector("metadata.namespace", o.Namespace)}
		}
	}
	never, grace := time.Duration(0), 10*time.Second
	options := manager.Options{
		Scheme: scheme, Logger: o.Logger,
		MapperProvider: func(*rest.Config, *http.Client) (meta.RESTMapper, error) { return mapper(), nil },
		Cache: cache.Options{
			HTTPClient: httpClient, SyncPeriod: &never, ByObject: byObject,
			DefaultTransform: cache.TransformStripManagedFields(),
			DefaultWatchErrorHandler: func(_ context.Context, r *toolscache.Reflector, err error) {
				o.Logger.V(1).Info("watch ended", "kind", r.TypeDescription(), "error", err.Error())
			},
		},
		Client:                  client.Options{HTTPClient: httpClient},
		Metrics:                 metricsserver.Options{BindAddress: addressOrNone(o.MetricsAddress)},
		HealthProbeBindAddress:  addressOrNone(o.HealthAddress),
		GracefulShutdownTimeout: &grace,
	}
	o.Election.configure(&options, o.Namespace)
	return manager.New(config, options)
}

// addressOrNone is an address, or what controller-runtime takes for none.
func addressOrNone(address string) string {
	if address == "" {
		return "0"
	}
	return address
}

// mapper knows the kinds that are read, so that the cluster need not be asked for them.
func mapper() meta.RESTMapper {
	m := meta.NewDefaultRESTMapper(nil)
	m.AddSpecific(corev1.SchemeGroupVersion.WithKind("Event"), corev1.SchemeGroupVersion.WithResource("events"),
		corev1.SchemeGroupVersion.WithResource("event"), meta.RESTScopeNamespace)
	for _, k := range own {
		gvk := gvkOf(k.object)
		scope := meta.RESTScopeNamespace
		if k.kind == ownNamespaces {
			scope = meta.RESTScopeRoot
		}
		gvr := gvk.GroupVersion().WithResource(k.resource)
		// The client asks whether a kind of lists is namespaced by its own name.
		m.AddSpecific(gvk.GroupVersion().WithKind(gvk.Kind+"List"), gvr, gvr, scope)
		m.AddSpecific(gvk, gvr, gvr, scope)
	}
	return m
}

func gvkOf(obj client.Object) schema.GroupVersionKind {
	gvks, _, err := scheme.ObjectKinds(obj)
	utilruntime.Must(err)
	return gvks[0]
}

// watchOwn has what happens to the own objects delivered to the mailbox.
func watchOwn(ctx context.Context, mgr manager.Manager, mail *mailbox) ([]toolscache.InformerSynced, error) {
	var synced []toolscache.InformerSynced
	for _, k := range own {
		informer, err := mgr.GetCache().GetInformer(ctx, k.object, cache.BlockUntilSynced(false))
		if err != nil {
			return nil, fmt.Errorf("watch %s: %w", k.resource, err)
		}
		registration, err := informer.AddEventHandler(toolscache.ResourceEventHandlerFuncs{
			AddFunc:    func(any) { mail.postOwn(k.kind) },
			UpdateFunc: func(_, _ any) { mail.postOwn(k.kind) },
			DeleteFunc: func(any) { mail.postOwn(k.kind) },
		})
		if err != nil {
			return nil, fmt.Errorf("watch %s: %w", k.resource, err)
		}
		synced = append(synced, registration.HasSynced)
	}
	return synced, nil
}

// work is the operator proper. It runs once the own cluster has been read, and in one replica only.
func work(ctx context.Context, c client.Client, o Options, mail *mailbox, meters *meters) {
	o.Health.begins()
	mail.postOwn(ownConfig)
	writer := newStatusWriter(c, o.Logger, meters)
	var writing sync.WaitGroup
	writing.Go(func() { writer.run(ctx) })
	newOperator(o, c, mail, writer, meters).loop(ctx)
	writing.Wait()
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
