package federate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gslbsim/gslbsim/operator/api/amko/v1alpha1"
	"github.com/gslbsim/gslbsim/operator/api/refusal"
)

// The types of AMKO's conditions, in the order of the steps, and the one that AMKO has not.
const (
	TypeCurrent    = "current AMKOCluster Validation"
	TypeClients    = "member cluster initialisation"
	TypeMembers    = "member cluster validation"
	TypeGSLBConfig = "GSLBConfig Federation"
	TypePolicy     = "GDP Federation"
	TypeHostRule   = "GSLBHostRule Federation"
)

// The statuses of these conditions, in AMKO's words.
const (
	StatusValid        = "valid AMKOCluster object"
	StatusInvalid      = "invalid AMKOCluster object"
	StatusNotLeader    = "won't federate objects"
	StatusClients      = "all cluster clients fetched"
	StatusSomeClients  = "some member cluster clients couldn't be fetched"
	StatusNoClients    = "member cluster clients invalid"
	StatusMembers      = "validated all member clusters"
	StatusSomeMembers  = "error in validating some member clusters"
	StatusFederated    = "federated to all valid clusters successfully"
	StatusSomeClusters = "error in federating to some clusters"
	StatusFailed       = "failure in federation"
)

// Reasons in AMKO's words.
const (
	reasonNotLeader = "AMKO not a leader"
	reasonNobody    = "no valid clusters left to federate on"
	reasonSeveral   = "only one AMKOCluster object allowed per cluster"
)

func condition(kind, status string, reasons ...string) v1alpha1.AMKOClusterCondition {
	return v1alpha1.AMKOClusterCondition{Type: kind, Status: status, Reason: strings.Join(reasons, ",")}
}

// Standing judges the AMKOClusters of one cluster: all that can be said without looking at others. lead says whether the
// configuration is to be copied from here; if not, the conditions are all that there is to say.
func Standing(clusters []v1alpha1.AMKOCluster) (lead bool, conditions []v1alpha1.AMKOClusterCondition) {
	if len(clusters) > 1 {
		return false, []v1alpha1.AMKOClusterCondition{condition(TypeCurrent, StatusInvalid, reasonSeveral)}
	}
	if len(clusters) == 0 {
		return false, nil
	}
	if !clusters[0].Spec.IsLeader {
		return false, []v1alpha1.AMKOClusterCondition{condition(TypeCurrent, StatusNotLeader, reasonNotLeader)}
	}
	if refusals := refusal.AMKOCluster(&clusters[0]); len(refusals) > 0 {
		return false, []v1alpha1.AMKOClusterCondition{condition(TypeCurrent, StatusInvalid, refusals[0].Message)}
	}
	return true, []v1alpha1.AMKOClusterCondition{condition(TypeCurrent, StatusValid)}
}

// Followers are the contexts that the configuration is to be copied to: all but the cluster's own, sorted, each once.
func Followers(spec *v1alpha1.AMKOClusterSpec) []string {
	names := slices.DeleteFunc(slices.Clone(spec.Clusters), func(name string) bool { return name == "" || name == spec.ClusterContext })
	slices.Sort(names)
	return slices.Compact(names)
}

// copiedBefore says whether the status of an AMKOCluster tells that objects of a kind were copied from there.
func copiedBefore(c *v1alpha1.AMKOCluster, kind string) bool {
	return slices.ContainsFunc(c.Status.Conditions, func(c v1alpha1.AMKOClusterCondition) bool {
		return c.Type == kind && (c.Status == StatusFederated || c.Status == StatusSomeClusters)
	})
}

// rivalReason and its likes are AMKO's texts about one follower.
func rivalReason(name string) string {
	return fmt.Sprintf("AMKO in cluster %s is also a leader, conflicting state", name)
}

func unbuiltReason(name string, err error) string {
	return fmt.Sprintf("error in building context config for kubernetes cluster %s: %v", name, err)
}

// validate judges the AMKOClusters of a follower; empty: it may be copied to.
func validate(name, version string, theirs []v1alpha1.AMKOCluster) string {
	switch {
	case len(theirs) == 0:
		return fmt.Sprintf("no AMKOCluster object present in cluster %s, can't federate", name)
	case len(theirs) > 1:
		return fmt.Sprintf("more than one AMKOCluster objects present in cluster %s, can't federate", name)
	case theirs[0].Spec.Version != version:
		return fmt.Sprintf("version mismatch, current AMKO: %s, AMKO in cluster %s: %s", version, name, theirs[0].Spec.Version)
	}
	return ""
}
