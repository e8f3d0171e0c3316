package federate_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gslbsim/gslbsim/operator/api"
	"github.com/gslbsim/gslbsim/operator/api/amko/v1alpha1"
	"github.com/gslbsim/gslbsim/operator/api/amko/v1alpha2"
	"github.com/gslbsim/gslbsim/operator/federate"
	"github.com/gslbsim/gslbsim/operator/internal/kubetest"
)

const system = "avi-system"

var scheme = func() *runtime.Scheme {
	s := runtime.NewScheme()
	utilruntime.Must(clientgoscheme.AddToScheme(s))
	utilruntime.Must(api.AddToScheme(s))
	return s
}()

var resources = map[schema.GroupVersionResource]string{
	{Version: "v1", Resource: "namespaces"}:                        "Namespace",
	v1alpha1.GroupVersion.WithResource("amkoclusters"):             "AMKOCluster",
	v1alpha1.GroupVersion.WithResource("gslbconfigs"):              "GSLBConfig",
	v1alpha1.GroupVersion.WithResource("gslbhostrules"):            "GSLBHostRule",
	v1alpha2.GroupVersion.WithResource("globaldeploymentpolicies"): "GlobalDeploymentPolicy",
}

func mapper() meta.RESTMapper {
	m := meta.NewDefaultRESTMapper(nil)
	for gvr, kind := range resources {
		gvk := gvr.GroupVersion().WithKind(kind)
		m.AddSpecific(gvk, gvr, gvr, meta.RESTScopeNamespace)
		m.AddSpecific(gvr.GroupVersion().WithKind(kind+"List"), gvr, gvr, meta.RESTScopeNamespace)
	}
	return m
}

// cluster is a cluster that follows, with the namespaces avi-system and web.
func cluster(name string) (*kubetest.Server, federate.Follower) {
	s := kubetest.New(name, scheme, resources)
	for _, n := range []string{system, "web"} {
		s.Apply(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: n}})
	}
	s.Apply(amkoCluster(name, false))
	c, err := client.New(s.Config(), client.Options{Scheme: scheme, Mapper: mapper()})
	return s, federate.Follower{Name: name, Client: c, Err: err}
}

func amkoCluster(context string, leads bool) *v1alpha1.AMKOCluster {
	return &v1alpha1.AMKOCluster{
		ObjectMeta: metav1.ObjectMeta{Namespace: system, Name: "amkocluster-federation"},
		Spec: v1alpha1.AMKOClusterSpec{
			ClusterContext: context, IsLeader: leads, Version: "2.2.1", Clusters: []string{"one", "two", "three"},
		},
	}
}

func gslbConfig(name, address string) *v1alpha1.GSLBConfig {
	return &v1alpha1.GSLBConfig{
		ObjectMeta: metav1.ObjectMeta{Namespace: system, Name: name, Annotations: map[string]string{
			"amko.vmware.com/amko-uuid": "11111111-2222-3333-4444-555555555555", "note": "of the leader's",
		}},
		Spec: v1alpha1.GSLBConfigSpec{GSLBLeader: v1alpha1.GSLBLeader{ControllerIP: address}},
	}
}

func gdp(name string, ttl int64) *v1alpha2.GlobalDeploymentPolicy {
	return &v1alpha2.GlobalDeploymentPolicy{
		ObjectMeta: metav1.ObjectMeta{Namespace: system, Name: name}, Spec: v1alpha2.GDPSpec{TTL: &ttl},
	}
}

func rule(namespace, name string) *v1alpha1.GSLBHostRule {
	return &v1alpha1.GSLBHostRule{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec:       v1alpha1.GSLBHostRuleSpec{FQDN: name + ".example.com"},
	}
}

// source is a leader's cluster "one" with one object of each kind.
func source() federate.Source {
	return federate.Source{
		Namespace: system, Cluster: amkoCluster("one", true),
		Configs:  []v1alpha1.GSLBConfig{*gslbConfig("gc-1", "10.0.0.1")},
		Policies: []v1alpha2.GlobalDeploymentPolicy{*gdp("global-gdp", 30)},
		Rules:    []v1alpha1.GSLBHostRule{*rule("web", "shop")},
	}
}

// told is the source after its AMKOCluster has got the status of a round.
func told(src federate.Source, out federate.Outcome) federate.Source {
	src.Cluster = src.Cluster.DeepCopy()
	src.Cluster.Status.Conditions = out.Conditions
	return src
}

// lines are conditions as "type: status (reason)".
func lines(conditions []v1alpha1.AMKOClusterCondition) []string {
	var out []string
	for _, c := range conditions {
		line := c.Type + ": " + c.Status
		if c.Reason != "" {
			line += " (" + c.Reason + ")"
		}
		out = append(out, line)
	}
	return out
}

func ExampleRound() {
	_, two := cluster("two")
	out := federate.Round(context.Background(), source(), []federate.Follower{two})
	fmt.Println(strings.Join(lines(out.Conditions), "\n"))
	fmt.Println(out.Writes, "objects copied")
	// Output:
	// current AMKOCluster Validation: valid AMKOCluster object
	// member cluster initialisation: all cluster clients fetched
	// member cluster validation: validated all member clusters
	// GSLBConfig Federation: federated to all valid clusters successfully
	// GDP Federation: federated to all valid clusters successfully
	// GSLBHostRule Federation: federated to all valid clusters successfully
	// 3 objects copied
}

// TestARoundWritesWhatDiffersAndNothingElse runs rounds over a follower that is changed between them.
func TestARoundWritesWhatDiffersAndNothingElse(t *testing.T) {
	g := NewWithT(t)
	server, two := cluster("two")
	round := func(src federate.Source) int {
		out := federate.Round(t.Context(), src, []federate.Follower{two})
		g.Expect(out.Failed).To(BeEmpty())
		return out.Writes
	}
	g.Expect(round(source())).To(Equal(3))
	g.Expect(round(source())).To(BeZero(), "the original writes everything again")

	// Edits in the follower are put back; its statuses and annotations are its own.
	edited := gslbConfig("gc-1", "10.9.9.9")
	edited.Annotations = map[string]string{"note": "of the follower's"}
	edited.Status.State = "standing by"
	server.Apply(edited)
	server.Apply(gdp("global-gdp", 99))
	g.Expect(round(source())).To(Equal(2))
	got := gslbConfig("gc-1", "")
	g.Expect(server.Get(got)).To(BeTrue())
	g.Expect(got.Spec.GSLBLeader.ControllerIP).To(Equal("10.0.0.1"))
	g.Expect(got.Status.State).To(Equal("standing by"))
	g.Expect(got.Annotations).To(Equal(map[string]string{
		"note": "of the follower's", "amko.vmware.com/amko-uuid": "11111111-2222-3333-4444-555555555555",
		"amko.vmware.com/federated-from": "one",
	}))
}

// Shows: B24
func TestB24_AFollowersConfigWithoutAnnotationsIsNoObstacle(t *testing.T) {
	g := NewWithT(t)
	server, two := cluster("two")
	bare := gslbConfig("gc-1", "10.9.9.9")
	bare.Annotations = nil
	server.Apply(bare)
	out := federate.Round(t.Context(), source(), []federate.Follower{two})
	g.Expect(out.Failed).To(BeEmpty())
	g.Expect(out.Writes).To(Equal(3), "and what follows it is copied too")
	got := gslbConfig("gc-1", "")
	g.Expect(server.Get(got)).To(BeTrue())
	g.Expect(got.Annotations).To(HaveKeyWithValue("amko.vmware.com/amko-uuid", "11111111-2222-3333-4444-555555555555"))
	g.Expect(got.Spec.GSLBLeader.ControllerIP).To(Equal("10.0.0.1"))
}

func TestOthersOfAFollower(t *testing.T) {
	g := NewWithT(t)
	server, two := cluster("two")
	own := rule("web", "of-the-follower")
	for _, o := range []client.Object{gslbConfig("another", "x"), gdp("another", 1), own} {
		server.Apply(o)
	}
	out := federate.Round(t.Context(), source(), []federate.Follower{two})
	g.Expect(server.Get(gslbConfig("another", ""))).To(BeFalse(), "there can be one, and the leader's counts")
	g.Expect(server.Get(gdp("another", 0))).To(BeFalse())
	g.Expect(server.Get(own)).To(BeTrue(), "rules that nobody copied stay")

	// A rule that is deleted here goes there, one that is the follower's does not.
	src := told(source(), out)
	src.Rules = nil
	federate.Round(t.Context(), src, []federate.Follower{two})
	g.Expect(server.Get(rule("web", "shop"))).To(BeFalse())
	g.Expect(server.Get(own)).To(BeTrue())
}

// TestALeaderThatWasBuiltAnewDoesNotTakeTheLastCopyAway tells a deletion from a loss: AMKO deletes in all followers what the
// leader has not.
//
// Shows: federation-rebuilt-leader
func TestALeaderThatWasBuiltAnewDoesNotTakeTheLastCopyAway(t *testing.T) {
	g := NewWithT(t)
	server, two := cluster("two")
	out := federate.Round(t.Context(), source(), []federate.Follower{two})
	empty := source()
	empty.Configs, empty.Policies, empty.Rules = nil, nil, nil
	g.Expect(federate.Round(t.Context(), empty, []federate.Follower{two}).Writes).To(BeZero())
	g.Expect(server.Get(gslbConfig("gc-1", ""))).To(BeTrue())

	g.Expect(federate.Round(t.Context(), told(empty, out), []federate.Follower{two}).Writes).To(Equal(3), "a deletion is copied")
	g.Expect(server.Get(gslbConfig("gc-1", ""))).To(BeFalse())

	server.Apply(gdp("by-hand", 5))
	federate.Round(t.Context(), told(empty, out), []federate.Follower{two})
	g.Expect(server.Get(gdp("by-hand", 0))).To(BeTrue(), "what was not copied is not deleted")
}

// TestConditionsInAMKOsWords breaks what can be broken about a follower.
//
// Shows: federation-conditions
func TestConditionsInAMKOsWords(t *testing.T) {
	valid, clients, members := federate.TypeCurrent+": valid AMKOCluster object", federate.TypeClients+": all cluster clients fetched",
		federate.TypeMembers+": validated all member clusters"
	all := func(status string) []string {
		return []string{federate.TypeGSLBConfig + ": " + status, federate.TypePolicy + ": " + status, federate.TypeHostRule + ": " + status}
	}
	tests := map[string]struct {
		change func(src *federate.Source, server *kubetest.Server, followers []federate.Follower)
		want   []string
		rivals []string
	}{
		"other version": {func(_ *federate.Source, two *kubetest.Server, _ []federate.Follower) {
			c := amkoCluster("two", false)
			c.Spec.Version = "1.12.1"
			two.Apply(c)
		}, append([]string{valid, clients, federate.TypeMembers + ": error in validating some member clusters " +
			"(version mismatch, current AMKO: 2.2.1, AMKO in cluster two: 1.12.1)"}, all(federate.StatusFederated)...), nil},
		"no AMKOCluster": {func(_ *federate.Source, two *kubetest.Server, _ []federate.Follower) {
			two.Delete(amkoCluster("two", false))
		}, append([]string{valid, clients, federate.TypeMembers + ": error in validating some member clusters " +
			"(no AMKOCluster object present in cluster two, can't federate)"}, all(federate.StatusFederated)...), nil},
		"two AMKOClusters": {func(_ *federate.Source, two *kubetest.Server, _ []federate.Follower) {
			c := amkoCluster("two", false)
			c.Name = "another"
			two.Apply(c)
		}, append([]string{valid, clients, federate.TypeMembers + ": error in validating some member clusters " +
			"(more than one AMKOCluster objects present in cluster two, can't federate)"}, all(federate.StatusFederated)...), nil},
		"two leaders": {func(_ *federate.Source, two *kubetest.Server, _ []federate.Follower) {
			two.Apply(amkoCluster("two", true))
		}, []string{valid, clients, federate.TypeMembers + ": member cluster clients invalid " +
			"(AMKO in cluster two is also a leader, conflicting state)"}, []string{"two"}},
		"no context": {func(_ *federate.Source, _ *kubetest.Server, f []federate.Follower) {
			f[0].Err = errors.New("no such context")
		}, append([]string{valid, federate.TypeClients + ": some member cluster clients couldn't be fetched " +
			"(error in building context config for kubernetes cluster two: no such context)", members}, all(federate.StatusFederated)...), nil},
		"nobody": {func(_ *federate.Source, _ *kubetest.Server, f []federate.Follower) {
			f[0].Err, f[1].Err = errors.New("a"), errors.New("b")
		}, append([]string{valid, federate.TypeClients + ": member cluster clients invalid " +
			"(error in building context config for kubernetes cluster two: a,error in building context config for kubernetes cluster three: b)",
			members}, all("failure in federation (no valid clusters left to federate on)")...), nil},
		"unreachable": {func(_ *federate.Source, two *kubetest.Server, _ []federate.Follower) {
			two.SetDown(true)
		}, append([]string{valid, clients, federate.TypeMembers + ": error in validating some member clusters (error in getting AMKOCluster " +
			`list for cluster two: Get "http://two/apis/amko.vmware.com/v1alpha1/namespaces/avi-system/amkoclusters": ` +
			"dial tcp: connect: connection refused)"}, all(federate.StatusFederated)...), nil},
		"two GSLBConfigs here": {func(src *federate.Source, _ *kubetest.Server, _ []federate.Follower) {
			src.Configs = append(src.Configs, *gslbConfig("gc-2", "y"))
		}, []string{
			valid, clients, members,
			federate.TypeGSLBConfig + ": failure in federation (more than one GSLBConfig objects are present in the current cluster)",
			federate.TypePolicy + ": " + federate.StatusFederated, federate.TypeHostRule + ": " + federate.StatusFederated,
		}, nil},
		"a namespace that a follower has not": {func(src *federate.Source, _ *kubetest.Server, _ []federate.Follower) {
			src.Rules[0].Namespace = "nowhere"
		}, []string{
			valid, clients, members, federate.TypeGSLBConfig + ": " + federate.StatusFederated,
			federate.TypePolicy + ": " + federate.StatusFederated,
			federate.TypeHostRule + ": failure in federation (cluster two: nowhere/shop: namespaces nowhere not found," +
				"cluster three: nowhere/shop: namespaces nowhere not found)",
		}, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			server, two := cluster("two")
			third, three := cluster("three")
			src, followers := source(), []federate.Follower{two, three}
			tt.change(&src, server, followers)
			out := federate.Round(t.Context(), src, followers)
			g.Expect(lines(out.Conditions)).To(Equal(tt.want))
			g.Expect(out.Rivals).To(Equal(tt.rivals))
			if len(tt.rivals) > 0 {
				g.Expect(third.Writes()).To(BeEmpty(), "with two leaders nothing is copied to anybody")
			}
		})
	}
}

func TestStanding(t *testing.T) {
	leader := *amkoCluster("one", true)
	unnamed, elsewhere := *amkoCluster("", true), *amkoCluster("four", true)
	tests := map[string]struct {
		clusters []v1alpha1.AMKOCluster
		lead     bool
		want     []string
	}{
		"none":      {nil, false, nil},
		"follower":  {[]v1alpha1.AMKOCluster{*amkoCluster("one", false)}, false, []string{federate.TypeCurrent + ": won't federate objects (AMKO not a leader)"}},
		"leader":    {[]v1alpha1.AMKOCluster{leader}, true, []string{federate.TypeCurrent + ": valid AMKOCluster object"}},
		"two":       {[]v1alpha1.AMKOCluster{leader, leader}, false, []string{federate.TypeCurrent + ": invalid AMKOCluster object (only one AMKOCluster object allowed per cluster)"}},
		"unnamed":   {[]v1alpha1.AMKOCluster{unnamed}, false, []string{federate.TypeCurrent + ": invalid AMKOCluster object (clusterContext field can't be empty in AMKOCluster object)"}},
		"elsewhere": {[]v1alpha1.AMKOCluster{elsewhere}, false, []string{federate.TypeCurrent + ": invalid AMKOCluster object (current cluster context four not part of member clusters)"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			lead, conditions := federate.Standing(tt.clusters)
			g.Expect(lead).To(Equal(tt.lead))
			g.Expect(lines(conditions)).To(Equal(tt.want))
		})
	}
}

func TestChanged(t *testing.T) {
	changes := map[string]func(*federate.Source){
		"a spec":          func(s *federate.Source) { s.Policies[0].Spec.TTL = nil },
		"an annotation":   func(s *federate.Source) { s.Configs[0].Annotations["amko.vmware.com/amko-uuid"] = "other" },
		"one less":        func(s *federate.Source) { s.Rules = nil },
		"the followers":   func(s *federate.Source) { s.Cluster.Spec.Clusters = []string{"one"} },
		"the version":     func(s *federate.Source) { s.Cluster.Spec.Version = "3" },
		"another name":    func(s *federate.Source) { s.Rules[0].Name = "x" },
		"its own context": func(s *federate.Source) { s.Cluster.Spec.ClusterContext = "two" },
	}
	for _, name := range slices.Sorted(maps.Keys(changes)) {
		g := NewWithT(t)
		before, after := source(), source()
		changes[name](&after)
		g.Expect(federate.Changed(&before, &after)).To(BeTrue(), name)
	}
	g := NewWithT(t)
	before, after := source(), source()
	after.Configs[0].Status.State, after.Configs[0].ResourceVersion = "fine", "99"
	after.Cluster.Status.Conditions = []v1alpha1.AMKOClusterCondition{{Type: "x"}}
	g.Expect(federate.Changed(&before, &after)).To(BeFalse(), "statuses do not count")
	g.Expect(federate.Changed(nil, &after)).To(BeTrue())
	g.Expect(federate.Changed(nil, nil)).To(BeFalse())
}
