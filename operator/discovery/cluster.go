package discovery

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/go-logr/logr"
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

	"github.com/gslbsim/gslbsim/operator/api"
	akov1alpha1 "github.com/gslbsim/gslbsim/operator/api/ako/v1alpha1"
)

var scheme = func() *runtime.Scheme {
	s := runtime.NewScheme()
	utilruntime.Must(clientgoscheme.AddToScheme(s))
	utilruntime.Must(api.AddToScheme(s))
	return s
}()

// mapper knows the kinds that are read, so that nobody has to ask for them.
var mapper = func() meta.RESTMapper {
	m := meta.NewDefaultRESTMapper(nil)
	add := func(gvk schema.GroupVersionKind, resource string, scope meta.RESTScope) {
		gvr := gvk.GroupVersion().WithResource(resource)
		// A cache of one namespace asks for the kind of lists.
		m.AddSpecific(gvk.GroupVersion().WithKind(gvk.Kind+"List"), gvr, gvr, scope)
		m.AddSpecific(gvk, gvr, gvr, scope)
	}
	add(corev1.SchemeGroupVersion.WithKind("Service"), "services", meta.RESTScopeNamespace)
	add(corev1.SchemeGroupVersion.WithKind("Node"), "nodes", meta.RESTScopeRoot)
	add(akov1alpha1.GroupVersion.WithKind("MultiClusterIngress"), "multiclusteringresses", meta.RESTScopeNamespace)
	add(akov1alpha1.GroupVersion.WithKind("ServiceImport"), "serviceimports", meta.RESTScopeNamespace)
	return m
}()

// cluster is a cluster whose objects are kept in memory, as they were last seen.
type cluster struct {
	cache.Cache
	client client.Client // writes
	synced []toolscache.InformerSynced
	close  func()
	log    logr.Logger
	// trouble is the last error of reading, as text; nil: there was none.
	trouble atomic.Pointer[string]
}

// open begins to read objects of a cluster, of one namespace if one is given; wake is called when anything has changed. The
// cluster is read from run until its context ends.
func open(config *rest.Config, namespace string, log logr.Logger, wake func(), objects ...client.Object) (*cluster, error) {
	config = rest.CopyConfig(config)
	transport, err := rest.HTTPClientFor(config)
	if err != nil {
		return nil, err
	}
	c := &cluster{close: func() { utilnet.CloseIdleConnectionsFor(transport.Transport) }, log: log}
	options := cache.Options{
		HTTPClient: transport, Scheme: scheme, Mapper: mapper, DefaultTransform: cache.TransformStripManagedFields(),
		DefaultWatchErrorHandler: func(_ context.Context, r *toolscache.Reflector, err error) {
			text := r.TypeDescription() + ": " + err.Error()
			c.trouble.Store(&text)
			log.V(1).Info("watch ended", "kind", r.TypeDescription(), "error", err.Error())
		},
	}
	if namespace != "" {
		// The library asks for this namespace only then. Its option for namespaces would leave goroutines behind when the
		// context ends before the cluster was read.
		options.DefaultFieldSelector = fields.OneTermEqualSelector("metadata.namespace", namespace)
	}
	if c.Cache, err = cache.New(config, options); err != nil {
		return nil, err
	}
	if c.client, err = client.New(config, client.Options{HTTPClient: transport, Scheme: scheme, Mapper: mapper}); err != nil {
		return nil, err
	}
	for _, object := range objects {
		informer, err := c.GetInformer(context.Background(), object, cache.BlockUntilSynced(false))
		if err != nil {
			return nil, fmt.Errorf("watch %T: %w", object, err)
		}
		registration, err := informer.AddEventHandler(toolscache.ResourceEventHandlerFuncs{
			AddFunc: func(any) { wake() }, UpdateFunc: func(any, any) { wake() }, DeleteFunc: func(any) { wake() },
		})
		if err != nil {
			return nil, fmt.Errorf("watch %T: %w", object, err)
		}
		c.synced = append(c.synced, registration.HasSynced)
	}
	return c, nil
}

// read says whether the cluster was read since it was opened.
func (c *cluster) read() bool {
	for _, synced := range c.synced {
		if !synced() {
			return false
		}
	}
	return true
}

// Times after which a cluster that could not be read yet is spoken of, the first and the longest.
const (
	firstReminder = 30 * time.Second
	lastReminder  = 30 * time.Minute
)

// await waits until the cluster was read, and says at times that it was not; false: the context ended.
func (c *cluster) await(ctx context.Context) bool {
	for reminder := firstReminder; ; reminder = min(2*reminder, lastReminder) {
		soon, cancel := context.WithTimeout(ctx, reminder)
		read := toolscache.WaitForCacheSync(soon.Done(), c.synced...)
		cancel()
		if read || ctx.Err() != nil {
			return read
		}
		trouble := "no answer"
		if text := c.trouble.Load(); text != nil {
			trouble = *text
		}
		c.log.Info("a cluster cannot be read, so that its services are not discovered", "error", trouble)
	}
}

// run reads the cluster until the context ends.
func (c *cluster) run(ctx context.Context, wake func()) {
	defer c.close()
	done := make(chan struct{})
	go func() {
		defer close(done)
		if c.await(ctx) {
			wake()
		}
	}()
	if err := c.Start(ctx); err != nil && ctx.Err() == nil {
		utilruntime.HandleErrorWithContext(ctx, err, "reading a cluster ended")
	}
	<-done
}
