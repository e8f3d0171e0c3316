package member

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/go-logr/logr"
	utilnet "k8s.io/apimachinery/pkg/util/net"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/rest"
	toolscache "k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/cache"

	"github.com/gslbsim/gslbsim/operator/ingest"
	"github.com/gslbsim/gslbsim/operator/schedule"
)

// Sink takes what is known of a cluster. Its methods are called from several goroutines at a time and must not block; they
// are not called after Watch has returned.
type Sink interface {
	// Begin says that all objects follow anew: what was delivered before and does not follow until Ready is gone.
	Begin()
	// Object delivers the candidates of an object, none if it is gone or does not count.
	Object(key ingest.Object, candidates []ingest.Candidate)
	// Namespace delivers a namespace, nil if it is gone.
	Namespace(name string, ns *ingest.Namespace)
	// HostRule delivers an accepted HostRule, nil if it is gone or does not count.
	HostRule(namespace, name string, rule *ingest.HostRule)
	// Ready says that the cluster answers, and that everything there was has been delivered.
	Ready()
	// Silent says that the cluster does not answer, and why.
	Silent(err error)
}

// Config says which cluster to watch.
type Config struct {
	// Name is the cluster's context name.
	Name string
	// REST says how to reach its API server.
	REST *rest.Config
	Sink Sink
	Log  logr.Logger
}

// Times of a watch: for an answer, for all lists together, and between two looks at whether kinds are served by now that
// were not before.
const (
	probeTimeout  = 10 * time.Second
	syncTimeout   = time.Minute
	kindsInterval = 5 * time.Minute
)

// retry is the time between two attempts to reach a cluster.
var retry = schedule.Delay{First: 2 * time.Second, Most: 30 * time.Second}

var errKindsChanged = errors.New("other kinds are served than before")

// Watch watches a cluster until the context ends. It returns when all its goroutines have ended.
func Watch(ctx context.Context, c Config) {
	log := c.Log.WithValues("cluster", c.Name)
	for attempt := 0; ctx.Err() == nil; attempt++ {
		w, err := newWatch(c, log)
		if err == nil {
			var ready bool
			ready, err = w.run(ctx)
			w.close()
			if ready {
				attempt = 0
			}
		}
		if ctx.Err() != nil {
			return
		}
		if !errors.Is(err, errKindsChanged) {
			log.Info("member cluster does not answer", "error", err.Error())
			c.Sink.Silent(err)
			wait(ctx, retry.After(c.Name, attempt))
		}
	}
}

// watch is one attempt.
type watch struct {
	Config
	log       logr.Logger
	http      *http.Client
	discovery *discovery.DiscoveryClient
	joined    *joined
	forbidden map[string]bool // resources of which it was told that they may not be listed
	// trouble holds the last error of an informer that has not been looked into.
	trouble chan error
}

func newWatch(c Config, log logr.Logger) (*watch, error) {
	config := rest.CopyConfig(c.REST)
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		return nil, fmt.Errorf("cluster %s: %w", c.Name, err)
	}
	d, err := discovery.NewDiscoveryClientForConfigAndClient(config, client)
	if err != nil {
		return nil, fmt.Errorf("cluster %s: %w", c.Name, err)
	}
	c.REST = config
	return &watch{Config: c, log: log, http: client, discovery: d, joined: join(c.Name, c.Sink), forbidden: map[string]bool{}, trouble: make(chan error, 1)}, nil
}

func (w *watch) close() { utilnet.CloseIdleConnectionsFor(w.http.Transport) }

// run watches until the context ends, the cluster cannot be read, or other kinds are served. ready says whether the cluster
// was read.
func (w *watch) run(parent context.Context) (ready bool, err error) {
	kinds, err := w.kinds(parent)
	if err != nil {
		return false, err
	}
	ctx, cancel := context.WithCancel(parent)
	informers, err := w.newCache(kinds)
	if err != nil {
		cancel()
		return false, err
	}
	ended := make(chan error, 1)
	go func() { ended <- informers.Start(ctx) }()
	defer func() { cancel(); <-ended }()

	w.Sink.Begin()
	if err := w.sync(ctx, informers, kinds); err != nil {
		return false, err
	}
	w.log.Info("member cluster is read", "kinds", names(kinds))
	w.Sink.Ready()
	return true, w.stay(ctx, kinds)
}

func (w *watch) newCache(kinds []kind) (cache.Cache, error) {
	never := time.Duration(0)
	return cache.New(w.REST, cache.Options{
		HTTPClient: w.http, Scheme: scheme, Mapper: mapper(kinds), SyncPeriod: &never,
		DefaultTransform: w.extracts(kinds),
		DefaultWatchErrorHandler: func(_ context.Context, r *toolscache.Reflector, err error) {
			w.log.V(1).Info("watch ended", "kind", r.TypeDescription(), "error", err.Error())
			select {
			case w.trouble <- err:
			default:
			}
		},
	})
}

// sync registers with the informers and waits until all that there is has been delivered.
func (w *watch) sync(ctx context.Context, informers cache.Cache, kinds []kind) error {
	ctx, cancel := context.WithTimeout(ctx, syncTimeout)
	defer cancel()
	var synced []toolscache.InformerSynced
	for _, k := range kinds {
		informer, err := informers.GetInformer(ctx, k.object(), cache.BlockUntilSynced(false))
		if err != nil {
			return fmt.Errorf("cluster %s: watch %s: %w", w.Name, k.gvk.Kind, err)
		}
		registration, err := informer.AddEventHandler(w.handler(k))
		if err != nil {
			return fmt.Errorf("cluster %s: watch %s: %w", w.Name, k.gvk.Kind, err)
		}
		synced = append(synced, registration.HasSynced)
	}
	if toolscache.WaitForCacheSync(ctx.Done(), synced...) {
		return nil
	}
	select {
	case err := <-w.trouble:
		return fmt.Errorf("cluster %s: %w", w.Name, err)
	default:
		return fmt.Errorf("cluster %s was not read within %s", w.Name, syncTimeout)
	}
}

// handler delivers what was made of objects. A deletion that was missed while the cluster did not answer comes as a tombstone.
func (w *watch) handler(k kind) toolscache.ResourceEventHandler {
	deliver := func(obj any, gone bool) {
		e, ok := obj.(*extract)
		if !ok {
			e = newExtract(w.Name, k, obj)
		}
		if e.err != nil {
			w.log.Info("object is left out", "error", e.err.Error())
		}
		if e.give != nil {
			e.give(w.joined, gone)
		}
	}
	return toolscache.ResourceEventHandlerFuncs{
		AddFunc:    func(obj any) { deliver(obj, false) },
		UpdateFunc: func(_, obj any) { deliver(obj, false) },
		DeleteFunc: func(obj any) {
			if stone, ok := obj.(toolscache.DeletedFinalStateUnknown); ok {
				obj = stone.Obj
			}
			deliver(obj, true)
		},
	}
}

// stay looks after a cluster that has been read, until the context ends or other kinds are served.
func (w *watch) stay(ctx context.Context, kinds []kind) error {
	look := time.NewTicker(kindsInterval)
	defer look.Stop()
	for {
		var cause error
		select {
		case <-ctx.Done():
			return ctx.Err()
		case cause = <-w.trouble:
		case <-look.C:
		}
		now, err := w.kinds(ctx)
		if err != nil {
			if cause == nil {
				cause = err
			}
			if now, err = w.outage(ctx, cause); err != nil {
				return err
			}
		}
		if !slices.Equal(names(now), names(kinds)) {
			return errKindsChanged
		}
	}
}

// outage waits until a cluster answers again that has been read before. The informers look after their watches themselves.
func (w *watch) outage(ctx context.Context, cause error) ([]kind, error) {
	w.log.Info("member cluster does not answer", "error", cause.Error())
	w.Sink.Silent(fmt.Errorf("cluster %s: %w", w.Name, cause))
	for attempt := 0; ; attempt++ {
		wait(ctx, retry.After(w.Name, attempt))
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		kinds, err := w.kinds(ctx)
		if err == nil {
			w.log.Info("member cluster answers again")
			w.Sink.Ready()
			return kinds, nil
		}
	}
}

func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
