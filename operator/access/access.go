// Package access says what the operator has to be allowed to do: in the cluster that it runs in, and in the member clusters.
// The chart's roles grant exactly this, and Check tells at the start what is missing.
package access

import rbacv1 "k8s.io/api/rbac/v1"

// read is what informers do.
var read = []string{"get", "list", "watch"}

// Everywhere are the rules for the operator's own cluster that hold in all namespaces: a ClusterRole. The caller owns the
// result.
func Everywhere() []rbacv1.PolicyRule {
	return []rbacv1.PolicyRule{
		rule("", read, "namespaces"),
		rule("amko.vmware.com", read, "gslbhostrules"),
		rule("amko.vmware.com", []string{"patch"}, "gslbhostrules/status"),
	}
}

// InNamespace are the rules for the operator's own namespace: a Role. The caller owns the result.
func InNamespace() []rbacv1.PolicyRule {
	return []rbacv1.PolicyRule{
		rule("", read, "secrets"),
		rule("amko.vmware.com", read, "amkoclusters", "globaldeploymentpolicies", "gslbconfigs"),
		// Replicas take turns by a Lease; Events tell of what was refused.
		rule("coordination.k8s.io", []string{"get", "create", "update"}, "leases"),
		rule("", []string{"create", "patch"}, "events"),
		rule("events.k8s.io", []string{"create", "patch"}, "events"),
		// The identity and the addresses of the sites are noted as annotations of the GSLBConfig.
		rule("amko.vmware.com", []string{"patch"}, "gslbconfigs", "amkoclusters/status", "globaldeploymentpolicies/status", "gslbconfigs/status"),
	}
}

// MultiClusterIngress are the further rules for the operator's own namespace where it keeps ServiceImports; the members' users
// need to read nodes then, see InMembers. The caller owns the result.
func MultiClusterIngress() []rbacv1.PolicyRule {
	return []rbacv1.PolicyRule{
		rule("ako.vmware.com", read, "multiclusteringresses"),
		rule("ako.vmware.com", []string{"patch"}, "multiclusteringresses/status"),
		rule("ako.vmware.com", append([]string{"create", "update", "delete"}, read...), "serviceimports"),
	}
}

// InMembers are the rules for each member cluster, in all namespaces: a ClusterRole, bound to the user of the cluster's
// context in the members' kubeconfig. The caller owns the result.
func InMembers() []rbacv1.PolicyRule {
	return []rbacv1.PolicyRule{
		rule("", read, "namespaces", "services"),
		rule("networking.k8s.io", read, "ingresses"),
		rule("route.openshift.io", read, "routes"),
		// A cluster is read without Gateways and MultiClusterIngresses where the right is missing, as it is in kubeconfigs
		// that were made for AMKO.
		rule("gateway.networking.k8s.io", read, "gateways", "httproutes", "tcproutes", "tlsroutes"),
		rule("ako.vmware.com", read, "hostrules", "multiclusteringresses"),
		// Needed only where the operator keeps ServiceImports.
		rule("", read, "nodes"),
	}
}

// InFollowers are the rules for each cluster of AMKOCluster.spec.clusters, in all namespaces, on top of those for member
// clusters: the leader copies its configuration there. The caller owns the result.
func InFollowers() []rbacv1.PolicyRule {
	return []rbacv1.PolicyRule{
		rule("amko.vmware.com", read, "amkoclusters"),
		rule("amko.vmware.com", []string{"get", "list", "create", "update", "delete"}, "globaldeploymentpolicies", "gslbconfigs", "gslbhostrules"),
	}
}

func rule(group string, verbs []string, resources ...string) rbacv1.PolicyRule {
	return rbacv1.PolicyRule{APIGroups: []string{group}, Resources: resources, Verbs: append([]string{}, verbs...)}
}
