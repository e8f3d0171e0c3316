package federate

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gslbsim/gslbsim/operator/api/amko/v1alpha1"
	"github.com/gslbsim/gslbsim/operator/api/amko/v1alpha2"
)

// Source is what the leader's cluster holds. A round only reads it.
type Source struct {
	// Namespace is the operator's, in all clusters.
	Namespace string
	Cluster   *v1alpha1.AMKOCluster
	Configs   []v1alpha1.GSLBConfig
	Policies  []v1alpha2.GlobalDeploymentPolicy
	Rules     []v1alpha1.GSLBHostRule
}

// Follower is a cluster to copy to.
type Follower struct {
	// Name is its context.
	Name string
	// Client reads from the API server, not from a cache.
	Client client.Client
	// Err is why there is no Client.
	Err error
}

// Outcome is what a round came to.
type Outcome struct {
	// Conditions are AMKO's, in the order of the steps.
	Conditions []v1alpha1.AMKOClusterCondition
	// Rivals are the followers, sorted, which say that they lead.
	Rivals []string
	// Failed says of the followers that were not copied to completely what is in the way.
	Failed map[string]string
	// Writes is how many objects were created, replaced or deleted in followers.
	Writes int
}

// callTimeout bounds one request to a follower.
const callTimeout = 10 * time.Second

// Round asks all followers, at the same time, and copies to those that may be copied to. It returns when all have answered or
// not answered in time: each request has ten seconds, and a follower gets no second one after the first that failed so.
func Round(ctx context.Context, src Source, followers []Follower) Outcome {
	_, conditions := Standing([]v1alpha1.AMKOCluster{*src.Cluster})
	r := &round{Source: src, out: Outcome{Conditions: conditions, Failed: map[string]string{}}}
	able := r.reach(followers)
	able = r.validate(ctx, able)
	if len(r.out.Rivals) > 0 {
		return r.out
	}
	for _, k := range kinds {
		r.federate(ctx, k, able, len(followers) == 0)
	}
	return r.out
}

type round struct {
	Source
	out Outcome
}

func (r *round) say(kind, status string, reasons ...string) {
	r.out.Conditions = append(r.out.Conditions, condition(kind, status, reasons...))
}

func (r *round) failed(name, reason string) {
	if r.out.Failed[name] == "" {
		r.out.Failed[name] = reason
	}
}

// reach leaves out the followers that there is no client for.
func (r *round) reach(followers []Follower) []Follower {
	var able []Follower
	var reasons []string
	for _, f := range followers {
		if f.Err == nil {
			able = append(able, f)
			continue
		}
		reason := unbuiltReason(f.Name, f.Err)
		reasons = append(reasons, reason)
		r.failed(f.Name, reason)
	}
	switch {
	case len(reasons) == 0:
		r.say(TypeClients, StatusClients)
	case len(able) > 0:
		r.say(TypeClients, StatusSomeClients, reasons...)
	default:
		r.say(TypeClients, StatusNoClients, reasons...)
	}
	return able
}

// validate leaves out the followers whose operators cannot work with the leader's, and finds those that lead too.
func (r *round) validate(ctx context.Context, followers []Follower) []Follower {
	reasons := each(followers, func(f Follower) verdict {
		var theirs v1alpha1.AMKOClusterList
		if err := f.list(ctx, &theirs, client.InNamespace(r.Namespace)); err != nil {
			return verdict{reason: fmt.Sprintf("error in getting AMKOCluster list for cluster %s: %v", f.Name, err)}
		}
		if slices.ContainsFunc(theirs.Items, func(c v1alpha1.AMKOCluster) bool { return c.Spec.IsLeader }) {
			return verdict{rival: true}
		}
		return verdict{reason: validate(f.Name, r.Cluster.Spec.Version, theirs.Items)}
	})
	var able []Follower
	var texts, rivals []string
	for i, f := range followers {
		switch {
		case reasons[i].rival:
			r.out.Rivals = append(r.out.Rivals, f.Name)
			rivals = append(rivals, rivalReason(f.Name))
			r.failed(f.Name, rivalReason(f.Name))
		case reasons[i].reason != "":
			texts = append(texts, reasons[i].reason)
			r.failed(f.Name, reasons[i].reason)
		default:
			able = append(able, f)
		}
	}
	switch {
	case len(rivals) > 0:
		r.say(TypeMembers, StatusNoClients, rivals...) // AMKO gives this step the words of the one before
	case len(texts) > 0:
		r.say(TypeMembers, StatusSomeMembers, texts...)
	default:
		r.say(TypeMembers, StatusMembers)
	}
	return able
}

type verdict struct {
	reason string
	rival  bool
}

// federate copies one kind. alone says that there are no followers, so that there is nothing to do.
func (r *round) federate(ctx context.Context, k kind, followers []Follower, alone bool) {
	mine := r.mine(k)
	switch {
	case alone:
		r.say(k.condition, StatusFederated)
		return
	case k.several != "" && len(mine) > 1:
		r.say(k.condition, StatusFailed, k.several)
		return
	case len(followers) == 0:
		r.say(k.condition, StatusFailed, reasonNobody)
		return
	}
	copied := copiedBefore(r.Cluster, k.condition)
	results := each(followers, func(f Follower) result { return r.copyTo(ctx, k, f, mine, copied) })
	var reasons []string
	for i, f := range followers {
		r.out.Writes += results[i].writes
		if err := results[i].err; err != nil {
			reason := fmt.Sprintf("cluster %s: %v", f.Name, err)
			reasons = append(reasons, reason)
			r.failed(f.Name, reason)
		}
	}
	switch {
	case len(reasons) == 0:
		r.say(k.condition, StatusFederated)
	case len(reasons) < len(followers):
		r.say(k.condition, StatusSomeClusters, reasons...)
	default:
		r.say(k.condition, StatusFailed, reasons...)
	}
}

func (r *round) mine(k kind) []client.Object {
	switch k.condition {
	case TypeGSLBConfig:
		return pointers[v1alpha1.GSLBConfig](slices.Clone(r.Configs))
	case TypePolicy:
		return pointers[v1alpha2.GlobalDeploymentPolicy](slices.Clone(r.Policies))
	}
	return pointers[v1alpha1.GSLBHostRule](slices.Clone(r.Rules))
}

type result struct {
	writes int
	err    error
}

// copyTo makes a follower's objects of one kind the leader's. What one object is refused for does not keep the others.
func (r *round) copyTo(ctx context.Context, k kind, f Follower, mine []client.Object, copied bool) (res result) {
	list := k.list()
	if err := f.list(ctx, list, k.options(r.Namespace)...); err != nil {
		return result{err: err}
	}
	var failures []string
	do := func(o client.Object, write func(context.Context) error) {
		ctx, cancel := context.WithTimeout(ctx, callTimeout)
		defer cancel()
		err := write(ctx)
		if gone := o.GetUID() != "" && apierrors.IsNotFound(err); err != nil && !gone {
			failures = append(failures, fmt.Sprintf("%s/%s: %v", o.GetNamespace(), o.GetName(), err))
			return
		}
		res.writes++
	}
	w := k.compareWith(mine, k.objects(list), r.Cluster.Spec.ClusterContext, copied)
	for _, o := range w.remove {
		do(o, func(ctx context.Context) error {
			uid := o.GetUID()
			return f.Client.Delete(ctx, o, &client.DeleteOptions{Preconditions: &metav1.Preconditions{UID: &uid}})
		})
	}
	for _, o := range w.create {
		do(o, func(ctx context.Context) error { return f.Client.Create(ctx, o) })
	}
	for _, o := range w.update {
		do(o, func(ctx context.Context) error { return f.Client.Update(ctx, o) })
	}
	if len(failures) > 0 {
		res.err = fmt.Errorf("%s%s", strings.Join(failures[:min(len(failures), reasonLimit)], "; "), more(len(failures)-reasonLimit))
	}
	return res
}

// reasonLimit bounds how many objects a reason names.
const reasonLimit = 5

func more(n int) string {
	if n <= 0 {
		return ""
	}
	return fmt.Sprintf("; and %d more", n)
}

func (f Follower) list(ctx context.Context, list client.ObjectList, options ...client.ListOption) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	return f.Client.List(ctx, list, options...)
}

// each calls fn for all followers at the same time, and returns the results in their order.
func each[T any](followers []Follower, fn func(Follower) T) []T {
	out := make([]T, len(followers))
	var all sync.WaitGroup
	for i, f := range followers {
		all.Go(func() { out[i] = fn(f) })
	}
	all.Wait()
	return out
}

// Changed says whether a round on b would copy anything else than one on a.
func Changed(a, b *Source) bool {
	if (a == nil) != (b == nil) {
		return true
	}
	if a == nil {
		return false
	}
	if a.Namespace != b.Namespace || a.Cluster.Spec.Version != b.Cluster.Spec.Version ||
		!slices.Equal(a.Cluster.Spec.Clusters, b.Cluster.Spec.Clusters) || a.Cluster.Spec.ClusterContext != b.Cluster.Spec.ClusterContext {
		return true
	}
	one, other := &round{Source: *a}, &round{Source: *b}
	return slices.ContainsFunc(kinds, func(k kind) bool { return !slices.EqualFunc(one.mine(k), other.mine(k), k.alike) })
}
