package discovery

import (
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	akov1alpha1 "github.com/gslbsim/gslbsim/operator/api/ako/v1alpha1"
)

func read[T any](t *testing.T, text string) T {
	t.Helper()
	var o T
	if err := yaml.UnmarshalStrict([]byte(text), &o); err != nil {
		t.Fatal(err)
	}
	return o
}

var clusters = map[string]bool{"east": true, "west": true, "East@1": true}

// Shows: source-serviceimport
func TestVerdictsOnMultiClusterIngresses(t *testing.T) {
	for spec, want := range map[string]string{
		"{hostName: a, config: [{cluster: east, service: {name: s, namespace: web, port: 80}}]}": "",
		"{hostName: a, config: []}":                                                      "",
		"{hostName: '', config: []}":                                                     "spec.hostname can't be empty",
		"{hostName: a, config: [{service: {name: s, namespace: web}}]}":                  "spec.config.clusterContext can't be empty",
		"{hostName: a, config: [{cluster: mars, service: {name: s, namespace: web}}]}":   "cluster context mars is invalid and not part of clusterset",
		"{hostName: a, config: [{cluster: east, service: {namespace: web}}]}":            "service name can't be empty",
		"{hostName: a, config: [{cluster: east, service: {name: s}}]}":                   "service namespace can't be empty",
		"{hostName: a, config: [{cluster: East@1, service: {name: s, namespace: web}}]}": "a ServiceImport cannot be named East@1--web--s: ",
	} {
		g := NewWithT(t)
		err := Judge(&akov1alpha1.MultiClusterIngress{Spec: read[akov1alpha1.MultiClusterIngressSpec](t, spec)}, clusters)
		if want == "" {
			g.Expect(err).NotTo(HaveOccurred(), spec)
		} else {
			g.Expect(err).To(MatchError(HavePrefix(want)), spec)
		}
	}
}

// Shows: source-serviceimport
func TestDemandsOfMultiClusterIngresses(t *testing.T) {
	mcis := read[[]akov1alpha1.MultiClusterIngress](t, `
- spec: {hostName: a, config: [{cluster: east, service: {name: s, namespace: web, port: 443}}, {cluster: west, service: {name: s, namespace: web, port: 80}}]}
- spec: {hostName: b, config: [{cluster: east, service: {name: s, namespace: web, port: 80}}, {cluster: east, service: {name: s, namespace: web, port: 443}}]}
- spec: {hostName: c, config: [{cluster: east, service: {name: t, namespace: web, port: 80}}, {cluster: mars, service: {name: s, namespace: web, port: 80}}]}`)
	NewWithT(t).Expect(Demands(mcis, clusters)).To(Equal(map[Service][]int64{
		{"east", "web", "s"}: {80, 443}, {"west", "web", "s"}: {80},
	}), "one that is not honoured demands nothing")
}

// Shows: source-serviceimport
func TestImportsOfServices(t *testing.T) {
	g := NewWithT(t)
	of, nodes := Service{"east", "web", "s"}, []string{"10.0.0.1", "10.0.0.2"}
	svc := read[corev1.Service](t, "spec: {type: NodePort, ports: [{port: 80, nodePort: 30080}, {port: 443, nodePort: 30443}, {port: 9}]}")
	got := Import("avi-system", of, []int64{80, 9, 7}, &svc, nodes)
	g.Expect(got.Name).To(Equal("east--web--s"))
	g.Expect(got.Spec).To(Equal(akov1alpha1.ServiceImportSpec{Cluster: "east", Namespace: "web", Service: "s", SvcPorts: []akov1alpha1.BackendPort{
		{Port: 80, Endpoints: []akov1alpha1.Endpoint{{IP: "10.0.0.1", Port: 30080}, {IP: "10.0.0.2", Port: 30080}}},
	}}), "ports that are named and have a node port")
	g.Expect(Import("avi-system", of, []int64{7}, &svc, nodes)).To(BeNil())
	g.Expect(Import("avi-system", of, []int64{80}, &svc, nil)).To(BeNil())
	g.Expect(Import("avi-system", of, []int64{80}, nil, nodes)).To(BeNil())
	svc.Spec.Type = corev1.ServiceTypeClusterIP
	g.Expect(Import("avi-system", of, []int64{80}, &svc, nodes)).To(BeNil())

	g.Expect(NodeAddresses(read[[]corev1.Node](t, `
- status: {addresses: [{type: Hostname, address: x}, {type: ExternalIP, address: 192.0.2.1}, {type: InternalIP, address: 10.0.0.10}, {type: InternalIP, address: '2001:db8::1'}]}
- status: {addresses: [{type: InternalIP, address: 10.0.0.9}]}
- status: {addresses: [{type: ExternalIP, address: 192.0.2.1}]}
- metadata: {deletionTimestamp: "2030-01-01T00:00:00Z"}
  status: {addresses: [{type: InternalIP, address: 10.0.0.1}]}`))).To(Equal([]string{"10.0.0.9", "10.0.0.10"}))
}

// Shows: source-serviceimport
func TestOnlyTheOperatorsImportsAreDeleted(t *testing.T) {
	g := NewWithT(t)
	mine := func(cluster, name string) akov1alpha1.ServiceImport {
		return akov1alpha1.ServiceImport{
			ObjectMeta: metav1.ObjectMeta{Name: cluster + "--web--" + name, Labels: map[string]string{managedBy: manager}},
			Spec:       akov1alpha1.ServiceImportSpec{Cluster: cluster, Namespace: "web", Service: name},
		}
	}
	unmarked, renamed := mine("east", "amko"), mine("east", "x")
	unmarked.Labels, renamed.Name = nil, "users"
	have := []akov1alpha1.ServiceImport{mine("east", "gone"), mine("west", "silent"), mine("old", "of-no-member"), mine("east", "same"), unmarked, renamed, mine("east", "other")}
	want := map[Service]*akov1alpha1.ServiceImport{}
	for _, name := range []string{"same", "amko", "new", "other"} {
		w := mine("east", name)
		want[Service{"east", "web", name}] = &w
	}
	want[Service{"east", "web", "other"}].Spec.SvcPorts = []akov1alpha1.BackendPort{{Port: 1}}
	want[Service{"east", "web", "none"}] = nil
	silent := mine("west", "new")
	want[Service{"west", "web", "new"}] = &silent
	var got []string
	for _, c := range changes(have, want, map[string]bool{"west": true}) {
		switch {
		case c.have == nil:
			got = append(got, "create "+c.want.Name)
		case c.want == nil:
			got = append(got, "delete "+c.have.Name)
		default:
			got = append(got, "update "+c.have.Name)
		}
	}
	g.Expect(got).To(Equal([]string{
		"delete east--web--gone", "delete old--web--of-no-member", "update east--web--amko", "update east--web--other", "create east--web--new",
	}))
	g.Expect(changes([]akov1alpha1.ServiceImport{unmarked}, nil, nil)).To(BeEmpty(), "one that somebody else made is not deleted")
}
