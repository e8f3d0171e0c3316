package discovery

import (
	"net/netip"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	akov1alpha1 "github.com/gslbsim/gslbsim/operator/api/ako/v1alpha1"
)

// Import is the ServiceImport of a service that is reachable on node ports, nil if none of the ports is: a service of another
// type, a port that the service does not have, or a cluster without nodes. svc is nil if there is no such service. nodes are
// the addresses of the cluster's nodes, see NodeAddresses.
func Import(namespace string, of Service, ports []int64, svc *corev1.Service, nodes []string) *akov1alpha1.ServiceImport {
	if svc == nil || svc.Spec.Type != corev1.ServiceTypeNodePort || len(nodes) == 0 {
		return nil
	}
	out := &akov1alpha1.ServiceImport{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: namespace, Name: of.ImportName(), Labels: map[string]string{managedBy: manager},
		},
		Spec: akov1alpha1.ServiceImportSpec{Cluster: of.Cluster, Namespace: of.Namespace, Service: of.Name},
	}
	for _, port := range ports {
		i := slices.IndexFunc(svc.Spec.Ports, func(p corev1.ServicePort) bool { return int64(p.Port) == port })
		if i < 0 || svc.Spec.Ports[i].NodePort == 0 {
			continue
		}
		backend := akov1alpha1.BackendPort{Port: port}
		for _, node := range nodes {
			backend.Endpoints = append(backend.Endpoints, akov1alpha1.Endpoint{IP: node, Port: int64(svc.Spec.Ports[i].NodePort)})
		}
		out.Spec.SvcPorts = append(out.Spec.SvcPorts, backend)
	}
	if len(out.Spec.SvcPorts) == 0 {
		return nil
	}
	return out
}

// NodeAddresses are the internal addresses of nodes, of each the first, in order. UNCONFIRMED is whether AMKO leaves out nodes
// that are not ready; chosen is that it does not: the controller's own health checks look after that, and faster.
func NodeAddresses(nodes []corev1.Node) []string {
	var addresses []netip.Addr
	for _, n := range nodes {
		for _, a := range n.Status.Addresses {
			if addr, err := netip.ParseAddr(a.Address); err == nil && a.Type == corev1.NodeInternalIP && n.DeletionTimestamp == nil {
				addresses = append(addresses, addr)
				break
			}
		}
	}
	slices.SortFunc(addresses, netip.Addr.Compare)
	var out []string
	for _, addr := range slices.Compact(addresses) {
		out = append(out, addr.String())
	}
	return out
}

// managedBy is the label of the ServiceImports that the operator makes. AMKO's have none.
const managedBy, manager = "app.kubernetes.io/managed-by", "amko"

// serviceOf is the service that a ServiceImport is for; ok is false if its name is not exactly the one that the operator and
// AMKO give to it.
func serviceOf(o *akov1alpha1.ServiceImport) (of Service, ok bool) {
	of = Service{o.Spec.Cluster, o.Spec.Namespace, o.Spec.Service}
	return of, of.Cluster != "" && of.Namespace != "" && of.Name != "" && o.Name == of.ImportName()
}
