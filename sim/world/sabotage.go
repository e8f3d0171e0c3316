package world

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/gslbsim/gslbsim/dns/resolver"
	"github.com/gslbsim/gslbsim/fakeavi/federation"
	"github.com/gslbsim/gslbsim/fakeavi/health"
	"github.com/gslbsim/gslbsim/sim/scenario"
)

// Sabotage breaks the stack on purpose, so that one can see which promises notice. The empty value breaks nothing.
type Sabotage string

// The ways to break the stack.
const (
	PrioritySwapped Sabotage = "priority-swapped" // the policy's priorities change places
	TTLIgnored      Sabotage = "ttl-ignored"      // resolvers keep every answer for five minutes
	ReplicationCut  Sabotage = "replication-cut"  // followers never get the leader's configuration
	HealthFrozen    Sabotage = "health-frozen"    // from clock zero on nobody notices a member's state
	MemberLost      Sabotage = "member-lost"      // the last site's AKO never publishes its VIPs
)

// Sabotages lists them all.
var Sabotages = []Sabotage{PrioritySwapped, TTLIgnored, ReplicationCut, HealthFrozen, MemberLost}

// Check returns an error for a name that is none of Sabotages.
func (s Sabotage) Check() error {
	if s == "" || slices.Contains(Sabotages, s) {
		return nil
	}
	names := make([]string, len(Sabotages))
	for i, k := range Sabotages {
		names[i] = string(k)
	}
	return fmt.Errorf("no such sabotage: %q; known are %s", s, strings.Join(names, ", "))
}

// resolver changes the settings of a resolver.
func (s Sabotage) resolver(cfg *resolver.Config) {
	if s == TTLIgnored {
		cfg.MinTTL = 5 * time.Minute
	}
}

// object returns what is applied in place of a manifest.
func (s Sabotage) object(o *unstructured.Unstructured) *unstructured.Unstructured {
	if s != PrioritySwapped || o.GetKind() != "GlobalDeploymentPolicy" {
		return o
	}
	split, _, _ := unstructured.NestedSlice(o.Object, "spec", "trafficSplit")
	for i, j := 0, len(split)-1; i < j; i, j = i+1, j-1 {
		a, b := split[i].(map[string]any), split[j].(map[string]any)
		a["priority"], b["priority"] = b["priority"], a["priority"]
	}
	_ = unstructured.SetNestedSlice(o.Object, split, "spec", "trafficSplit")
	return o
}

// message reports whether a message between controllers is swallowed.
func (w *world) swallows(_, _ netip.Addr, msg any) bool {
	switch msg.(type) {
	case federation.Replicate, *federation.Replicate:
		return w.sabotage == ReplicationCut
	case federation.Contact, *federation.Contact:
		return w.sabotage == HealthFrozen && w.rec.Now() >= 0
	}
	return false
}

// outcome is what a health check reports in place of what it found.
func (w *world) outcome(found health.Outcome) health.Outcome {
	if w.sabotage != HealthFrozen || w.rec.Now() < 0 {
		return found
	}
	return health.Outcome{OK: true, Took: time.Millisecond, Stable: true}
}

// silent reports whether a site's AKO keeps its VIPs to itself.
func (w *world) silent(site *scenario.Site) bool {
	all := w.top.GSLBSites()
	return w.sabotage == MemberLost && site.Name == all[len(all)-1].Name
}
