package discovery

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	akov1alpha1 "github.com/gslbsim/gslbsim/operator/api/ako/v1alpha1"
	"github.com/gslbsim/gslbsim/operator/schedule"
)

// Options say what to discover.
type Options struct {
	// Own reaches the cluster with the MultiClusterIngresses; the ServiceImports are written there, in the same Namespace.
	Own       *rest.Config
	Namespace string
	// Clusters are the member clusters; Members says how to reach them. One that cannot be reached may be missing there.
	Clusters map[string]bool
	Members  map[string]*rest.Config
	// Debounce is how long changes are collected.
	Debounce time.Duration
	Log      logr.Logger
}

var again = schedule.Delay{First: time.Second, Most: time.Minute}

// Run keeps the ServiceImports and the verdicts on MultiClusterIngresses current until the context ends; all goroutines that
// it started have ended then. A member cluster that there can be no client for is left out, and its imports are left as they
// are. The error says that it could not start.
func Run(ctx context.Context, o Options) error {
	woken := make(chan struct{}, 1)
	wake := func() {
		select {
		case woken <- struct{}{}:
		default:
		}
	}
	d := &discovery{Options: o, members: map[string]*cluster{}}
	var err error
	if d.own, err = open(o.Own, o.Namespace, o.Log.WithValues("cluster", "own"), wake, &akov1alpha1.MultiClusterIngress{}, &akov1alpha1.ServiceImport{}); err != nil {
		return fmt.Errorf("service discovery: %w", err)
	}
	for _, name := range slices.Sorted(maps.Keys(o.Members)) {
		c, err := open(o.Members[name], "", o.Log.WithValues("cluster", name), wake, &corev1.Service{}, &corev1.Node{})
		if err != nil {
			o.Log.Info("services of a cluster are not discovered", "cluster", name, "error", err.Error())
			continue
		}
		d.members[name] = c
	}
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	for _, c := range append(slices.Collect(maps.Values(d.members)), d.own) {
		running.Go(func() { c.run(ctx, wake) })
	}
	d.loop(ctx, woken)
	cancel()
	running.Wait()
	return nil
}

type discovery struct {
	Options
	own     *cluster
	members map[string]*cluster
}

// loop brings the own cluster to what is wanted whenever something has changed, and after a failure once more.
func (d *discovery) loop(ctx context.Context, woken <-chan struct{}) {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for failures := 0; ; {
		select {
		case <-ctx.Done():
			return
		case <-woken:
		case <-timer.C:
		}
		if !pause(ctx, d.Debounce) {
			return
		}
		timer.Reset(time.Hour)
		if !d.own.read() {
			continue
		}
		if err := d.round(ctx); err != nil && ctx.Err() == nil {
			d.Log.Info("services cannot be imported", "error", err.Error())
			timer.Reset(again.After("discovery", failures))
			failures++
		} else {
			failures = 0
		}
	}
}

func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// round writes what differs. The error is all that went wrong; what could be written was.
func (d *discovery) round(ctx context.Context) error {
	var mcis akov1alpha1.MultiClusterIngressList
	var have akov1alpha1.ServiceImportList
	if err := errors.Join(d.own.List(ctx, &mcis), d.own.List(ctx, &have)); err != nil {
		return err
	}
	want, held, err := d.wanted(ctx, mcis.Items)
	if err != nil {
		return err
	}
	var problems []error
	for _, c := range changes(have.Items, want, held) {
		problems = append(problems, d.write(ctx, c))
	}
	for i := range mcis.Items {
		problems = append(problems, d.tell(ctx, &mcis.Items[i]))
	}
	return errors.Join(problems...)
}

// wanted are the imports of the services that are named; held are the clusters that were not read yet.
func (d *discovery) wanted(ctx context.Context, mcis []akov1alpha1.MultiClusterIngress) (
	want map[Service]*akov1alpha1.ServiceImport, held map[string]bool, err error,
) {
	want, held = map[Service]*akov1alpha1.ServiceImport{}, map[string]bool{}
	nodes := map[string][]string{}
	for name := range d.Clusters {
		c := d.members[name]
		if held[name] = c == nil || !c.read(); held[name] {
			continue
		}
		var list corev1.NodeList
		if err := c.List(ctx, &list); err != nil {
			return nil, nil, err
		}
		nodes[name] = NodeAddresses(list.Items)
	}
	for of, ports := range Demands(mcis, d.Clusters) {
		if held[of.Cluster] {
			continue
		}
		svc := &corev1.Service{}
		err := d.members[of.Cluster].Get(ctx, client.ObjectKey{Namespace: of.Namespace, Name: of.Name}, svc)
		if apierrors.IsNotFound(err) {
			svc, err = nil, nil
		}
		if err != nil {
			return nil, nil, err
		}
		want[of] = Import(d.Namespace, of, ports, svc, nodes[of.Cluster])
	}
	return want, held, nil
}

func (d *discovery) write(ctx context.Context, c change) error {
	switch {
	case c.have == nil:
		return d.own.client.Create(ctx, c.want)
	case c.want == nil:
		return client.IgnoreNotFound(d.own.client.Delete(ctx, c.have))
	}
	to := c.have.DeepCopy()
	to.Spec = c.want.Spec
	if to.Labels == nil {
		to.Labels = map[string]string{}
	}
	to.Labels[managedBy] = manager
	return d.own.client.Update(ctx, to)
}

// tell writes the verdict on a MultiClusterIngress into its status, if it is not there. The addresses beside it are AKO's.
func (d *discovery) tell(ctx context.Context, mci *akov1alpha1.MultiClusterIngress) error {
	to := mci.DeepCopy()
	to.Status.Status = akov1alpha1.AcceptedStatus{Accepted: true}
	if err := Judge(mci, d.Clusters); err != nil {
		to.Status.Status = akov1alpha1.AcceptedStatus{Reason: err.Error()}
	}
	if to.Status.Status == mci.Status.Status {
		return nil
	}
	return client.IgnoreNotFound(d.own.client.Status().Patch(ctx, to, client.MergeFrom(mci)))
}
