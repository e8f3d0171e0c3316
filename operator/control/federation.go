package control

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	utilnet "k8s.io/apimachinery/pkg/util/net"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	amkov1alpha1 "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha1"
	amkov1alpha2 "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha2"
	"github.com/gslbsim/gslbsim/operator/federate"
	"github.com/gslbsim/gslbsim/operator/schedule"
)

// federation is the copying of the configuration to the followers, as the loop knows it. One round is under way at a time.
type federation struct {
	peers  map[string]*peer
	source *federate.Source // nil: nothing is copied
	// outcome is that of the last round; nil: there was none since this operator leads.
	outcome  *federate.Outcome
	running  bool
	again    bool // something has changed since the round began
	turn     int  // rounds of a former turn do not count
	cancel   context.CancelFunc
	due      time.Time
	failures int // rounds in a row
}

// peer is a follower with the connections to it.
type peer struct {
	fingerprint string
	http        *http.Client
	federate.Follower
}

// federated is what a round came to.
type federated struct {
	turn    int
	outcome federate.Outcome
}

// Times between rounds: after one that copied all, edits in followers are put back; after one that did not; and while another
// cluster claims to lead, so that work goes on soon after one of the two has stepped back.
const (
	roundInterval = time.Minute
	rivalInterval = 10 * time.Second
)

var roundRetry = schedule.Delay{First: 5 * time.Second, Most: roundInterval}

// planFederation takes over what is to be copied, after own objects have changed.
func (o *operator) planFederation(now time.Time) {
	f := &o.federation
	if !o.settings.federates {
		o.endFederation()
		return
	}
	source := &federate.Source{Namespace: o.Namespace, Cluster: &o.settings.amko[0]}
	for _, c := range append([]*amkov1alpha1.GSLBConfig{o.settings.config}, o.settings.others...) {
		if c != nil {
			source.Configs = append(source.Configs, *c)
		}
	}
	for _, p := range append([]*amkov1alpha2.GlobalDeploymentPolicy{o.gdp}, o.gdpOthers...) {
		if p != nil {
			source.Policies = append(source.Policies, *p)
		}
	}
	for _, r := range o.rules {
		source.Rules = append(source.Rules, *r)
	}
	if o.connectPeers() || federate.Changed(f.source, source) {
		f.due, f.failures, f.again = now, 0, f.running
	}
	f.source = source
}

// connectPeers makes clients for the followers; changed says that there are others than before.
func (o *operator) connectPeers() (changed bool) {
	f := &o.federation
	if f.peers == nil {
		f.peers = map[string]*peer{}
	}
	for _, name := range sorted(f.peers) {
		if _, stays := o.settings.followers[name]; !stays {
			f.peers[name].close()
			delete(f.peers, name)
			changed = true
		}
	}
	for _, name := range sorted(o.settings.followers) {
		to, old := o.settings.followers[name], f.peers[name]
		if old != nil && old.fingerprint == to.fingerprint && (old.Err == nil) == (to.err == nil) {
			continue
		}
		if old != nil {
			old.close()
		}
		f.peers[name] = newPeer(name, to)
		changed = true
	}
	return changed
}

func newPeer(name string, to follower) *peer {
	p := &peer{fingerprint: to.fingerprint, Follower: federate.Follower{Name: name, Err: to.err}}
	if to.err != nil {
		return p
	}
	if p.http, p.Err = rest.HTTPClientFor(to.rest); p.Err == nil {
		p.Client, p.Err = client.New(to.rest, client.Options{HTTPClient: p.http, Scheme: scheme, Mapper: mapper()})
	}
	return p
}

func (p *peer) close() {
	if p.http != nil {
		utilnet.CloseIdleConnectionsFor(p.http.Transport)
	}
}

// endFederation ends a round that may be under way, and forgets the followers.
func (o *operator) endFederation() {
	f := &o.federation
	if f.cancel != nil {
		f.cancel()
	}
	for _, p := range f.peers {
		p.close()
	}
	*f = federation{turn: f.turn + 1}
}

// federateIfDue starts a round if one is due.
func (o *operator) federateIfDue(now time.Time) {
	f := &o.federation
	if f.source == nil || f.running || now.Before(f.due) {
		return
	}
	var followers []federate.Follower
	for _, name := range sorted(f.peers) {
		followers = append(followers, f.peers[name].Follower)
	}
	var ctx context.Context
	ctx, f.cancel = context.WithCancel(o.parent)
	f.running, f.again = true, false
	source, turn := *f.source, f.turn
	o.calls.Go(func() {
		o.mail.postFederated(federated{turn, federate.Round(ctx, source, followers)})
	})
}

// learnFederation takes over what a round came to.
func (o *operator) learnFederation(r federated, now time.Time) {
	f := &o.federation
	if r.turn != f.turn {
		return
	}
	f.cancel()
	was := o.rivals()
	f.running, f.outcome, o.unpublished = false, &r.outcome, true
	f.due = now.Add(f.pause())
	if f.again {
		f.due = now
	}
	o.meters.federation(r.outcome, sorted(f.peers))
	if r.outcome.Writes > 0 {
		o.log.Info("configuration copied to followers", "objects", r.outcome.Writes)
	}
	if !slices.Equal(was, o.rivals()) {
		o.log.Info("clusters that lead too", "clusters", o.rivals())
		o.reset(o.parent)
	}
}

// pause is how long to wait after the last round.
func (f *federation) pause() time.Duration {
	switch {
	case len(f.outcome.Rivals) > 0:
		return rivalInterval
	case len(f.outcome.Failed) > 0:
		f.failures++
		return roundRetry.After(f.source.Cluster.Spec.ClusterContext, f.failures-1)
	}
	f.failures = 0
	return roundInterval
}

// rivals are the clusters that lead too, as far as is known: while there are any, nothing is written.
func (o *operator) rivals() []string {
	if o.federation.outcome == nil {
		return nil
	}
	return o.federation.outcome.Rivals
}

// followersKnown says whether the followers have been asked once whether they lead. Those that do not answer are taken not to.
func (o *operator) followersKnown() bool {
	return o.federation.source == nil || o.federation.outcome != nil
}

// rivalry is why the operator does not work although it leads; empty: nobody else leads.
func (o *operator) rivalry() string {
	if len(o.rivals()) == 0 {
		return ""
	}
	return fmt.Sprintf("AMKO in cluster %s is also a leader, conflicting state: set isLeader to false in the AMKOCluster of all clusters but one",
		strings.Join(o.rivals(), ", "))
}

// Types of the Kubernetes conditions of an AMKOCluster.
const (
	conditionValid     = "Valid"
	conditionLeading   = "Leading"
	conditionFederated = "Federated"
)

// reasonStandby is why an operator does not lead that is not meant to.
const reasonStandby = "Standby"

// publishClusters writes the statuses of the AMKOClusters of the own cluster; also a standby does.
func (o *operator) publishClusters() {
	_, conditions := federate.Standing(o.settings.amko)
	if o.federation.source != nil {
		if o.federation.outcome == nil {
			return // it is not known yet
		}
		conditions = o.federation.outcome.Conditions
	}
	for i := range o.settings.amko {
		old := &o.settings.amko[i]
		c := old.DeepCopy()
		c.Status.Conditions = conditions
		set := func(kind string, to *metav1.Condition) {
			setCondition(&c.Status.KubernetesConditions, kind, old.Generation, to)
		}
		set(conditionValid, validity(conditions))
		set(conditionLeading, o.leading())
		if o.federation.source == nil {
			meta.RemoveStatusCondition(&c.Status.KubernetesConditions, conditionFederated)
		} else {
			set(conditionFederated, o.copied(conditions))
		}
		if !slices.Equal(old.Status.Conditions, conditions) || !sameConditions(old.Status.KubernetesConditions, c.Status.KubernetesConditions) {
			if o.writer.status(old, c) {
				o.tellChanges(old, old.Status.KubernetesConditions, c.Status.KubernetesConditions, "", false)
			}
		}
	}
}

func validity(conditions []amkov1alpha1.AMKOClusterCondition) *metav1.Condition {
	if conditions[0].Status == federate.StatusInvalid {
		return refused("Invalid", conditions[0].Reason)
	}
	return &metav1.Condition{Status: metav1.ConditionTrue, Reason: "Valid", Message: federate.StatusValid}
}

func (o *operator) leading() *metav1.Condition {
	switch {
	case !o.settings.leads:
		return refused(reasonStandby, "the operator of another cluster leads")
	case o.rivalry() != "":
		return refused("TwoLeaders", o.rivalry())
	}
	return &metav1.Condition{Status: metav1.ConditionTrue, Reason: "Leading", Message: "the operator of this cluster writes to the controller"}
}

// copied says whether all followers hold the configuration.
func (o *operator) copied(conditions []amkov1alpha1.AMKOClusterCondition) *metav1.Condition {
	var failures []string
	for _, name := range sorted(o.federation.outcome.Failed) {
		failures = append(failures, o.federation.outcome.Failed[name])
	}
	for _, c := range conditions {
		if len(failures) == 0 && c.Status == federate.StatusFailed {
			failures = append(failures, c.Reason)
		}
	}
	if len(failures) > 0 {
		return refused("FollowersIncomplete", strings.Join(failures, "; "))
	}
	return &metav1.Condition{
		Status: metav1.ConditionTrue, Reason: "Federated",
		Message: fmt.Sprintf("%d followers hold the configuration", len(o.federation.peers)),
	}
}
