package kube_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"runtime"
	"testing"

	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/cluster"

	"github.com/gslbsim/gslbsim/operator/crds"
	"github.com/gslbsim/gslbsim/sim/kube"
)

// typedIngress is an Ingress of the size that AKO leaves behind.
func typedIngress(i int) *networkingv1.Ingress {
	prefix, class := networkingv1.PathTypePrefix, "avi-lb"
	host := fmt.Sprintf("app-%d.example.com", i)
	backend := networkingv1.IngressBackend{Service: &networkingv1.IngressServiceBackend{
		Name: "web", Port: networkingv1.ServiceBackendPort{Number: 80},
	}}
	return &networkingv1.Ingress{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: fmt.Sprintf("team-%d", i%20), Name: fmt.Sprintf("app-%d", i),
			Labels: map[string]string{"app": "web", "gslb": "yes"},
			Annotations: map[string]string{
				"ako.vmware.com/host-fqdn-vs-uuid-map":   fmt.Sprintf(`{%q:"virtualservice-%08d-5b6c-4f0e-9d5a-3c1f2f0e7a11"}`, host, i),
				"ako.vmware.com/controller-cluster-uuid": "cluster-d5f0c1c2-7b6a-4b8e-8f0b-5a3e1d2c4b5a",
			},
		},
		Spec: networkingv1.IngressSpec{
			IngressClassName: &class,
			TLS:              []networkingv1.IngressTLS{{Hosts: []string{host}, SecretName: "tls"}},
			Rules: []networkingv1.IngressRule{{Host: host, IngressRuleValue: networkingv1.IngressRuleValue{
				HTTP: &networkingv1.HTTPIngressRuleValue{Paths: []networkingv1.HTTPIngressPath{
					{Path: "/", PathType: &prefix, Backend: backend}, {Path: "/api", PathType: &prefix, Backend: backend},
				}},
			}}},
		},
	}
}

// BenchmarkCreateIngresses creates 10,000 Ingresses through controller-runtime's client over in-memory connections.
func BenchmarkCreateIngresses(b *testing.B) {
	for b.Loop() {
		_, config, stop := start(b, kube.Config{})
		cl, err := client.New(config, client.Options{})
		if err != nil {
			b.Fatal(err)
		}
		for i := range 10_000 {
			if err := cl.Create(b.Context(), typedIngress(i)); err != nil {
				b.Fatal(err)
			}
		}
		stop()
	}
}

// BenchmarkSyncIngresses starts the cache of a cluster with 10,000 Ingresses and waits until it has them.
func BenchmarkSyncIngresses(b *testing.B) {
	s, config, stop := start(b, kube.Config{})
	defer stop()
	before := heapMB()
	for i := range 10_000 {
		createIngress(b, s, i)
	}
	held := heapMB() - before
	for b.Loop() {
		ctx, cancel := context.WithCancel(b.Context())
		c, err := cluster.New(config)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := c.GetCache().GetInformer(ctx, &networkingv1.Ingress{}, cache.BlockUntilSynced(false)); err != nil {
			b.Fatal(err)
		}
		done := make(chan error)
		go func() { done <- c.Start(ctx) }()
		if !c.GetCache().WaitForCacheSync(ctx) {
			b.Fatal("the cache did not sync")
		}
		cancel()
		<-done
	}
	b.ReportMetric(held, "MB-held")
}

func heapMB() float64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / 1e6
}

func createIngress(b *testing.B, s *kube.Server, i int) {
	body, err := json.Marshal(typedIngress(i))
	if err != nil {
		b.Fatal(err)
	}
	must(b, http.StatusCreated, call(s, "POST", fmt.Sprintf("/apis/networking.k8s.io/v1/namespaces/team-%d/ingresses", i%20), string(body)))
}

// BenchmarkServeCreate is the server's part of creating 10,000 Ingresses.
func BenchmarkServeCreate(b *testing.B) {
	for b.Loop() {
		s := newServer(b)
		for i := range 10_000 {
			createIngress(b, s, i)
		}
	}
}

// BenchmarkStatusPatch is one change of the status of a custom resource, with validation and CEL rules.
func BenchmarkStatusPatch(b *testing.B) {
	s := newServer(b)
	must(b, http.StatusCreated, call(s, "POST", widgetURL, widget("w", `{"size":5}`)))
	phases := []string{`{"status":{"phase":"one"}}`, `{"status":{"phase":"two"}}`}
	for i := 0; b.Loop(); i++ {
		must(b, http.StatusOK, call(s, "PATCH", widgetURL+"/w/status", phases[i%2], "Content-Type", mergePatch))
	}
}

// BenchmarkNew is the start of a server with the operator's definitions.
func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		s, err := kube.New(kube.Config{CRDs: crds.All()})
		if err != nil {
			b.Fatal(err)
		}
		s.Close()
	}
}
