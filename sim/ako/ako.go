// Package ako plays AKO, the operator that turns a cluster's Ingresses into virtual services of its site's controller.
//
// It does what the operator under test can see: every Ingress gets the VIP of the cluster's shared virtual service, which
// the controller's IPAM hands out; every host gets a child virtual service and a pool; the Ingress gets its status and the
// annotations that tell the virtual service's and the controller's uuid. A HostRule for a host is marked Accepted.
package ako

import (
	"context"
	"fmt"
	"net/http"
	"reflect"
	"time"

	"github.com/vmware/alb-sdk/go/session"
	networkingv1 "k8s.io/api/networking/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	toolscache "k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/cluster"

	akov1beta1 "github.com/gslbsim/gslbsim/operator/api/ako/v1beta1"
	"github.com/gslbsim/gslbsim/sim/aviclient"
)

// Options say for which cluster and which controller AKO works.
type Options struct {
	Cluster   string // name of the cluster; objects on the controller are named after it
	Config    *rest.Config
	Avi       aviclient.Target
	Transport http.RoundTripper
	Network   string // of the controller's IPAM, from which the VIP is taken
	// Debounce is how long changes are collected before they are acted upon.
	Debounce time.Duration
	// Retry is how long to wait after a pass that failed.
	Retry time.Duration
	// Silent keeps the status of Ingresses unwritten: nobody learns of their VIPs.
	Silent bool
	// Event is told what was done; may be nil.
	Event func(kind, text string)
}

// Run works until ctx ends. It returns an error only if it could not begin.
func Run(ctx context.Context, o Options) error {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, akov1beta1.AddToScheme} {
		if err := add(scheme); err != nil {
			return err
		}
	}
	c, err := cluster.New(o.Config, func(co *cluster.Options) { co.Scheme = scheme })
	if err != nil {
		return fmt.Errorf("ako of %s: %w", o.Cluster, err)
	}
	a := &ako{Options: o, kube: c.GetClient(), dirty: make(chan struct{}, 1)}
	for _, kind := range []client.Object{&networkingv1.Ingress{}, &akov1beta1.HostRule{}} {
		informer, err := c.GetCache().GetInformer(ctx, kind, cache.BlockUntilSynced(false))
		if err != nil {
			return fmt.Errorf("ako of %s: %w", o.Cluster, err)
		}
		if _, err := informer.AddEventHandler(a.handler()); err != nil {
			return fmt.Errorf("ako of %s: %w", o.Cluster, err)
		}
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Start(ctx) }()
	if c.GetCache().WaitForCacheSync(ctx) {
		a.work(ctx)
	}
	return <-ended
}

type ako struct {
	Options
	kube       client.Client
	avi        *session.AviSession
	controller string // uuid of the controller's cluster
	dirty      chan struct{}
}

func (a *ako) handler() toolscache.ResourceEventHandler {
	mark := func() {
		select {
		case a.dirty <- struct{}{}:
		default:
		}
	}
	return toolscache.ResourceEventHandlerFuncs{
		AddFunc: func(any) { mark() },
		UpdateFunc: func(before, after any) {
			if b, ok := before.(client.Object); ok && changed(b, after.(client.Object)) {
				mark()
			}
		},
		DeleteFunc: func(any) { mark() },
	}
}

// changed reports whether an update touches what AKO reads, as opposed to what it writes.
func changed(before, after client.Object) bool {
	return before.GetGeneration() != after.GetGeneration() || !reflect.DeepEqual(before.GetLabels(), after.GetLabels())
}

// work makes a pass over everything whenever something has changed, and again after a failed one.
func (a *ako) work(ctx context.Context) {
	for {
		select {
		case <-a.dirty:
		case <-ctx.Done():
			return
		}
		if !pause(ctx, a.Debounce) {
			return
		}
		for err := a.pass(ctx); err != nil; err = a.pass(ctx) {
			a.event("failed", "%s", describe(err))
			if !pause(ctx, a.Retry) {
				return
			}
		}
	}
}

// describe returns the controller's own words, or that there were none: texts of network errors differ from run to run.
func describe(err error) string {
	if status := aviclient.Status(err); status != 0 {
		return err.Error()
	}
	if apierrors.ReasonForError(err) != metav1.StatusReasonUnknown {
		return err.Error()
	}
	return "no answer"
}

func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// pass makes the controller and the Ingresses what they should be.
func (a *ako) pass(ctx context.Context) error {
	if err := a.login(); err != nil {
		return err
	}
	var ingresses networkingv1.IngressList
	var rules akov1beta1.HostRuleList
	if err := a.kube.List(ctx, &ingresses); err != nil {
		return err
	}
	if err := a.kube.List(ctx, &rules); err != nil {
		return err
	}
	hosts := hostsOf(ingresses.Items)
	made, err := a.publish(hosts)
	if err != nil {
		a.avi = nil
		return err
	}
	if a.Silent {
		return nil
	}
	if err := a.writeStatus(ctx, ingresses.Items, made); err != nil {
		return err
	}
	return a.acceptRules(ctx, rules.Items)
}

// login opens the session that is kept until an error, and learns the controller's uuid.
func (a *ako) login() error {
	if a.avi != nil {
		return nil
	}
	s, err := aviclient.Open(a.Avi, a.Transport)
	if err != nil {
		return err
	}
	var identity struct {
		UUID string `json:"uuid"`
	}
	if err := s.Get("api/cluster", &identity); err != nil {
		return err
	}
	a.avi, a.controller = s, identity.UUID
	return nil
}

func (a *ako) event(kind, format string, args ...any) {
	if a.Event != nil {
		a.Event(kind, fmt.Sprintf(format, args...))
	}
}
