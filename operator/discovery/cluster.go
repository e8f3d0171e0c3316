package discovery

import (
	"context"
	"fmt"

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
}

// open begins to read objects of a cluster, of one namespace if one is given; wake is called when anything has changed. The
// cluster is read from run until its context ends.
func open(config *rest.Config, namespace string, log logr.Logger, wake func(), objects ...client.Object) (*cluster, error) {
	config = rest.CopyConfig(config)
	transport, err := rest.HTTPClientFor(config)
	if err != nil {
		return nil, err
	}
	options := cache.Options{
		HTTPClient: transport, Scheme: scheme, Mapper: mapper, DefaultTransform: cache.TransformStripManagedFields(),
		DefaultWatchErrorHandler: func(_ context.Context, r *toolscache.Reflector, err error) {
			log.V(1).Info("watch ended", "kind", r.TypeDescription(), "error", err.Error())
		},
	}
	if namespace != "" {
		// The library asks for this namespace only then. Its option for namespaces would leave goroutines behind when the
		// context ends before the cluster was read.
		options.DefaultFieldSelector = fields.OneTermEqualSelector("metadata.namespace", namespace)
	}
	c := &cluster{close: func() { utilnet.CloseIdleConnectionsFor(transport.Transport) }}
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

// run reads the cluster until the context ends.
func (c *cluster) run(ctx context.Context, wake func()) {
	defer c.close()
	done := make(chan struct{})
	go func() {
		defer close(done)
		if toolscache.WaitForCacheSync(ctx.Done(), c.synced...) {
			wake()
		}
	}()
	if err := c.Start(ctx); err != nil && ctx.Err() == nil {
		utilruntime.HandleErrorWithContext(ctx, err, "reading a cluster ended")
	}
	<-done
}
