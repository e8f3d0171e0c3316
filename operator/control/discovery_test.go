package control_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	akov1alpha1 "github.com/gslbsim/gslbsim/operator/api/ako/v1alpha1"
	"github.com/gslbsim/gslbsim/operator/internal/kubetest"
)

// Shows: source-serviceimport
func TestServicesThatMultiClusterIngressesName(t *testing.T) {
	inWorld(t, func(w *world) {
		w.options.MultiClusterIngress = true
		w.own.Serve(akov1alpha1.GroupVersion.WithResource("multiclusteringresses"), "MultiClusterIngress")
		w.own.Serve(akov1alpha1.GroupVersion.WithResource("serviceimports"), "ServiceImport")
		for name, m := range w.members {
			m.Serve(corev1.SchemeGroupVersion.WithResource("nodes"), "Node")
			m.Apply(&corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "n1"}, Status: corev1.NodeStatus{
				Addresses: []corev1.NodeAddress{{Type: corev1.NodeInternalIP, Address: map[string]string{"east": "10.1.9.1", "west": "10.2.9.1"}[name]}},
			}})
		}
		service := func(kind corev1.ServiceType) *corev1.Service {
			return &corev1.Service{
				ObjectMeta: metav1.ObjectMeta{Namespace: "web", Name: "s"},
				Spec:       corev1.ServiceSpec{Type: kind, Ports: []corev1.ServicePort{{Port: 80, NodePort: 30080}}},
			}
		}
		for _, m := range w.members {
			m.Apply(service(corev1.ServiceTypeNodePort))
		}
		mci := func(name string, clusters ...string) *akov1alpha1.MultiClusterIngress {
			o := &akov1alpha1.MultiClusterIngress{ObjectMeta: metav1.ObjectMeta{Namespace: system, Name: name}, Spec: akov1alpha1.MultiClusterIngressSpec{HostName: shop}}
			for _, c := range clusters {
				o.Spec.Config = append(o.Spec.Config, akov1alpha1.BackendConfig{
					Cluster: c, Service: akov1alpha1.BackendService{Name: "s", Namespace: "web", Port: 80},
				})
			}
			return o
		}
		imported := func() (names []string) {
			for _, c := range []string{"east", "west"} {
				o := &akov1alpha1.ServiceImport{ObjectMeta: metav1.ObjectMeta{Namespace: system, Name: c + "--web--s"}}
				if w.own.Get(o) {
					names = append(names, c+" "+o.Spec.SvcPorts[0].Endpoints[0].IP)
				}
			}
			return names
		}
		verdict := func(name string) akov1alpha1.AcceptedStatus {
			o := mci(name)
			w.g.Expect(w.own.Get(o)).To(BeTrue())
			return o.Status.Status
		}
		w.own.Apply(mci("good", "east", "west"))
		w.own.Apply(mci("bad", "mars"))
		w.start()
		w.g.Expect(imported()).To(Equal([]string{"east 10.1.9.1", "west 10.2.9.1"}))
		w.g.Expect(verdict("good")).To(Equal(akov1alpha1.AcceptedStatus{Accepted: true}))
		w.g.Expect(verdict("bad")).To(Equal(akov1alpha1.AcceptedStatus{Reason: "cluster context mars is invalid and not part of clusterset"}))

		w.own.Writes()
		w.restart()
		w.g.Expect(w.own.Writes()).To(BeEmpty(), "what is there is not written again")
		w.members["east"].Apply(service(corev1.ServiceTypeClusterIP))
		w.settle()
		w.g.Expect(imported()).To(Equal([]string{"west 10.2.9.1"}))
		w.stop()
		w.members["west"].SetDown(true)
		w.members["east"].Apply(service(corev1.ServiceTypeNodePort))
		w.start()
		w.g.Expect(imported()).To(Equal([]string{"east 10.1.9.1", "west 10.2.9.1"}), "a cluster that does not answer keeps its imports")
		w.own.Delete(mci("good"))
		w.settle()
		w.g.Expect(imported()).To(Equal([]string{"west 10.2.9.1"}))
		w.own.Apply(amkoCluster(false))
		w.settle()
		w.own.Apply(mci("good", "east"))
		w.settle()
		w.g.Expect(imported()).To(Equal([]string{"west 10.2.9.1"}), "who does not lead discovers nothing")
	})
}

// TestAStopBeforeAnythingWasReadLeavesNothingBehind stops an operator that cannot read its own cluster, or a part of it: a bubble
// does not end while goroutines remain.
func TestAStopBeforeAnythingWasReadLeavesNothingBehind(t *testing.T) {
	imports := []string{"multiclusteringresses", "serviceimports"}
	for name, fault := range map[string]kubetest.Fault{"refused": {Status: 500}, "without an answer": {Silent: true}} {
		for _, unread := range [][]string{nil, imports, imports[:1], {"gslbconfigs"}, {"namespaces"}} {
			inWorld(t, func(w *world) {
				w.options.MultiClusterIngress = true
				for resource, kind := range map[string]string{imports[0]: "MultiClusterIngress", imports[1]: "ServiceImport"} {
					w.own.Serve(akov1alpha1.GroupVersion.WithResource(resource), kind)
				}
				w.own.OnRequest(func(r kubetest.Request) *kubetest.Fault {
					if unread == nil || slices.Contains(unread, r.Resource) {
						return &fault
					}
					return nil
				})
				w.start()
				stopped := time.Now()
				w.stop()
				w.g.Expect(time.Since(stopped)).To(BeNumerically("<", time.Second), name)
			})
		}
	}
}

// TestAClusterThatCannotBeReadDoesNotStopDiscovery gives one member cluster a certificate that is none, and takes the definitions
// away from the own cluster.
//
// Shows: source-serviceimport
func TestAClusterThatCannotBeReadDoesNotStopDiscovery(t *testing.T) {
	inWorld(t, func(w *world) {
		log := w.log(0)
		w.options.MultiClusterIngress = true
		reach := w.options.MemberConfig
		w.options.MemberConfig = func(name string) (*rest.Config, error) {
			config, err := reach(name)
			if name == "west" && err == nil {
				config = &rest.Config{Host: "https://west", TLSClientConfig: rest.TLSClientConfig{CAData: []byte("none")}}
			}
			return config, err
		}
		w.start()
		w.pass(time.Minute)
		said := func() string { return strings.Join(log.take(), "\n") }
		before := said()
		w.g.Expect(before).To(MatchRegexp(`services of a cluster are not discovered".*"cluster"="west"`))
		w.g.Expect(before).To(MatchRegexp(`a cluster cannot be read.*"cluster"="own".*failed to list`))
		w.pass(3 * time.Hour)
		w.g.Expect(strings.Count(said(), "a cluster cannot be read")).To(BeNumerically("<", 30), "it does not say so all the time")

		for resource, kind := range map[string]string{"multiclusteringresses": "MultiClusterIngress", "serviceimports": "ServiceImport"} {
			w.own.Serve(akov1alpha1.GroupVersion.WithResource(resource), kind)
		}
		w.members["east"].Serve(corev1.SchemeGroupVersion.WithResource("nodes"), "Node")
		w.members["east"].Apply(&corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "n1"}, Status: corev1.NodeStatus{
			Addresses: []corev1.NodeAddress{{Type: corev1.NodeInternalIP, Address: "10.1.9.1"}},
		}})
		w.members["east"].Apply(&corev1.Service{
			ObjectMeta: metav1.ObjectMeta{Namespace: "web", Name: "s"},
			Spec:       corev1.ServiceSpec{Type: corev1.ServiceTypeNodePort, Ports: []corev1.ServicePort{{Port: 80, NodePort: 30080}}},
		})
		w.own.Apply(&akov1alpha1.MultiClusterIngress{ObjectMeta: metav1.ObjectMeta{Namespace: system, Name: "m"}, Spec: akov1alpha1.MultiClusterIngressSpec{
			HostName: shop, Config: []akov1alpha1.BackendConfig{{Cluster: "east", Service: akov1alpha1.BackendService{Name: "s", Namespace: "web", Port: 80}}},
		}})
		w.pass(2 * time.Minute)
		w.g.Expect(w.own.Get(&akov1alpha1.ServiceImport{ObjectMeta: metav1.ObjectMeta{Namespace: system, Name: "east--web--s"}})).To(BeTrue())
	})
}
