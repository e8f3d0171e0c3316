package kube

import (
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Builtin is a resource whose Go type is registered in client-go's scheme.
type Builtin struct {
	schema.GroupVersionKind
	// Plural is the resource in URLs, such as "ingresses".
	Plural string
	// ShortNames and All are for kubectl: "kubectl get svc", "kubectl get all".
	ShortNames []string
	All        bool
	// ClusterScoped objects have no namespace.
	ClusterScoped bool
	// Status says that the resource has a /status subresource.
	Status bool
	// Generation says that metadata.generation counts the changes of everything but metadata and status.
	Generation bool
	// Fields are the JSON paths that field selectors may ask for, beyond metadata.name and metadata.namespace.
	Fields []string
	// Columns are what "kubectl get" prints between name and age. Where a path has several values, all are printed.
	Columns []Column
}

// Column is a column of "kubectl get": as in a CustomResourceDefinition.
type Column = apiextensionsv1.CustomResourceColumnDefinition

func column(name, path string) Column { return Column{Name: name, Type: "string", JSONPath: path} }

var (
	namespaceBuiltin = Builtin{
		GroupVersionKind: schema.GroupVersionKind{Version: "v1", Kind: "Namespace"}, Plural: "namespaces",
		ShortNames: []string{"ns"}, ClusterScoped: true, Status: true, Fields: []string{".status.phase"},
		Columns: []Column{column("Status", ".status.phase")},
	}
	crdBuiltin = Builtin{
		GroupVersionKind: apiextensionsv1.SchemeGroupVersion.WithKind("CustomResourceDefinition"),
		Plural:           "customresourcedefinitions", ShortNames: []string{"crd", "crds"}, ClusterScoped: true,
		Status: true, Generation: true,
		Columns: []Column{{Name: "Created At", Type: "string", JSONPath: ".metadata.creationTimestamp"}},
	}
)

// DefaultBuiltins returns the resources of a plain cluster that GSLB tooling and kubectl meet.
func DefaultBuiltins() []Builtin {
	all := append(coreBuiltins(), workloadBuiltins()...)
	return append(all, policyBuiltins()...)
}

func builtin(group, version, kind, plural string, shortNames ...string) Builtin {
	return Builtin{
		GroupVersionKind: schema.GroupVersionKind{Group: group, Version: version, Kind: kind},
		Plural:           plural, ShortNames: shortNames,
	}
}

func coreBuiltins() []Builtin {
	event := builtin("", "v1", "Event", "events", "ev")
	event.Fields = []string{
		".involvedObject.kind", ".involvedObject.namespace", ".involvedObject.name", ".involvedObject.uid",
		".involvedObject.apiVersion", ".involvedObject.resourceVersion", ".involvedObject.fieldPath",
		".reason", ".reportingComponent", ".type",
	}
	event.Columns = []Column{
		column("Type", ".type"), column("Reason", ".reason"),
		column("Object", ".involvedObject.name"), column("Message", ".message"),
	}
	secret := builtin("", "v1", "Secret", "secrets")
	secret.Fields = []string{".type"}
	secret.Columns = []Column{column("Type", ".type")}
	service := builtin("", "v1", "Service", "services", "svc")
	service.All, service.Status = true, true
	service.Fields = []string{".spec.clusterIP", ".spec.type"}
	service.Columns = []Column{
		column("Type", ".spec.type"), column("Cluster-IP", ".spec.clusterIP"),
		column("External-IP", ".status.loadBalancer.ingress[*].ip"), column("Port(s)", ".spec.ports[*].port"),
	}
	pod := builtin("", "v1", "Pod", "pods", "po")
	pod.All, pod.Status = true, true
	pod.Fields = []string{
		".spec.nodeName", ".spec.restartPolicy", ".spec.schedulerName", ".spec.serviceAccountName",
		".status.phase", ".status.podIP", ".status.nominatedNodeName",
	}
	pod.Columns = []Column{column("Status", ".status.phase")}
	node := builtin("", "v1", "Node", "nodes", "no")
	node.ClusterScoped, node.Status = true, true
	return []Builtin{
		secret, builtin("", "v1", "ConfigMap", "configmaps", "cm"), service, pod, node, event,
		builtin("", "v1", "Endpoints", "endpoints", "ep"),
		builtin("", "v1", "ServiceAccount", "serviceaccounts", "sa"),
		builtin("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices"),
		builtin("events.k8s.io", "v1", "Event", "events", "ev"),
		builtin("coordination.k8s.io", "v1", "Lease", "leases"),
	}
}

func workloadBuiltins() []Builtin {
	deployment := builtin("apps", "v1", "Deployment", "deployments", "deploy")
	statefulSet := builtin("apps", "v1", "StatefulSet", "statefulsets", "sts")
	daemonSet := builtin("apps", "v1", "DaemonSet", "daemonsets", "ds")
	replicaSet := builtin("apps", "v1", "ReplicaSet", "replicasets", "rs")
	ingress := builtin("networking.k8s.io", "v1", "Ingress", "ingresses", "ing")
	ingress.Columns = []Column{
		column("Class", ".spec.ingressClassName"), column("Hosts", ".spec.rules[*].host"),
		column("Address", ".status.loadBalancer.ingress[*].ip"),
	}
	out := []Builtin{deployment, statefulSet, daemonSet, replicaSet, ingress}
	for i := range out {
		out[i].Status, out[i].Generation = true, true
		out[i].All = out[i].Group == "apps"
	}
	class := builtin("networking.k8s.io", "v1", "IngressClass", "ingressclasses")
	class.ClusterScoped, class.Generation = true, true
	class.Columns = []Column{column("Controller", ".spec.controller")}
	networkPolicy := builtin("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies", "netpol")
	networkPolicy.Generation = true
	return append(out, class, networkPolicy)
}

func policyBuiltins() []Builtin {
	const rbac = "rbac.authorization.k8s.io"
	clusterRole := builtin(rbac, "v1", "ClusterRole", "clusterroles")
	clusterRoleBinding := builtin(rbac, "v1", "ClusterRoleBinding", "clusterrolebindings")
	clusterRole.ClusterScoped, clusterRoleBinding.ClusterScoped = true, true
	return []Builtin{
		builtin(rbac, "v1", "Role", "roles"), builtin(rbac, "v1", "RoleBinding", "rolebindings"),
		clusterRole, clusterRoleBinding,
	}
}
