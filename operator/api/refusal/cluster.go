package refusal

import (
	"slices"

	"github.com/gslbsim/gslbsim/operator/api/amko/v1alpha1"
)

// AMKOCluster returns why the leader's AMKOCluster is refused, in the order in
// which AMKO looks. One that does not lead is never refused. The namespace is
// not looked at.
func AMKOCluster(c *v1alpha1.AMKOCluster) []Refusal {
	var l list
	spec := &c.Spec
	if !spec.IsLeader {
		return nil
	}
	if spec.ClusterContext == "" {
		l.add("spec.clusterContext", "clusterContext field can't be empty in AMKOCluster object")
	}
	if spec.Version == "" {
		l.add("spec.version", "version field can't be empty in AMKOCluster object")
	}
	if spec.ClusterContext != "" && !slices.Contains(spec.Clusters, spec.ClusterContext) {
		l.add("spec.clusters", "current cluster context %s not part of member clusters", spec.ClusterContext)
	}
	return l
}
