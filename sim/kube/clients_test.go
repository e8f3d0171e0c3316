package kube_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	applycorev1 "k8s.io/client-go/applyconfigurations/core/v1"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/rest"
	toolscache "k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/cluster"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/gslbsim/gslbsim/sim/kube"
)

var widgetKind = schema.GroupVersionKind{Group: "example.com", Version: "v1", Kind: "Widget"}

func newWidget(name string, size int64) *unstructured.Unstructured {
	w := &unstructured.Unstructured{Object: map[string]any{"spec": map[string]any{"size": size}}}
	w.SetGroupVersionKind(widgetKind)
	w.SetNamespace("a")
	w.SetName(name)
	return w
}

// startCluster runs controller-runtime's cluster against a server, as an operator does. stop ends it.
func startCluster(t *testing.T, config *rest.Config) (c cluster.Cluster, stop func()) {
	t.Helper()
	c, err := cluster.New(config)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- c.Start(ctx) }()
	// Informers that are asked for before the cache runs are not synced when they are handed out.
	if !c.GetCache().WaitForCacheSync(ctx) {
		t.Fatal("the cache has not started")
	}
	return c, func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// counts are the events that an informer has handed out.
type counts struct{ added, updated, deleted atomic.Int64 }

func count(t *testing.T, c cluster.Cluster, obj client.Object) *counts {
	t.Helper()
	informer, err := c.GetCache().GetInformer(t.Context(), obj)
	if err != nil {
		t.Fatal(err)
	}
	n := &counts{}
	_, err = informer.AddEventHandler(toolscache.ResourceEventHandlerFuncs{
		AddFunc:    func(any) { n.added.Add(1) },
		UpdateFunc: func(any, any) { n.updated.Add(1) },
		DeleteFunc: func(any) { n.deleted.Add(1) },
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestAnHourOfInformers has a thousand changes of typed and unstructured objects over an hour, in which watches end and
// begin again several times, and compares what informers saw with what happened.
func TestAnHourOfInformers(t *testing.T) {
	inBubble(t, kube.Config{}, func(t *testing.T, g *WithT, s *kube.Server, config *rest.Config) {
		c, stop := startCluster(t, config)
		defer stop()
		ctx := t.Context()
		ingresses := count(t, c, &networkingv1.Ingress{})
		widgets := count(t, c, newWidget("", 0))
		for i := range 250 {
			g.Expect(c.GetClient().Create(ctx, typedIngress(i))).To(Succeed())
			w := newWidget(fmt.Sprint("w", i), 1)
			g.Expect(c.GetClient().Create(ctx, w)).To(Succeed())
			w.Object["spec"].(map[string]any)["size"] = int64(2 + i%10)
			g.Expect(c.GetClient().Update(ctx, w)).To(Succeed())
			if i%2 == 0 {
				g.Expect(c.GetClient().Delete(ctx, w)).To(Succeed())
			} else {
				w.Object["status"] = map[string]any{"phase": "ok"}
				g.Expect(c.GetClient().Status().Update(ctx, w)).To(Succeed())
			}
			time.Sleep(15 * time.Second)
		}
		synctest.Wait()
		g.Expect(ingresses.added.Load()).To(BeEquivalentTo(250))
		g.Expect(ingresses.updated.Load()).To(BeZero())
		g.Expect(widgets.added.Load()).To(BeEquivalentTo(250))
		g.Expect(widgets.updated.Load()).To(BeEquivalentTo(250 + 125))
		g.Expect(widgets.deleted.Load()).To(BeEquivalentTo(125))

		var cached networkingv1.IngressList
		g.Expect(c.GetClient().List(ctx, &cached)).To(Succeed())
		g.Expect(cached.Items).To(HaveLen(250))
		var direct networkingv1.IngressList
		g.Expect(c.GetAPIReader().List(ctx, &direct)).To(Succeed())
		g.Expect(direct.Items).To(HaveLen(250))
		g.Expect(direct.Items[0].Kind).To(BeEmpty(), "the items of typed lists have no kind")
	})
}

// TestInformersSurviveARestart restarts the server with changes that watchers miss.
func TestInformersSurviveARestart(t *testing.T) {
	inBubble(t, kube.Config{}, func(t *testing.T, g *WithT, s *kube.Server, config *rest.Config) {
		log := &requestLog{RoundTripper: config.Transport}
		logged := rest.CopyConfig(config)
		logged.Transport = log
		c, stop := startCluster(t, logged)
		defer stop()
		n := count(t, c, &corev1.Secret{})
		for _, name := range []string{"stays", "goes", "changes"} {
			must(t, 201, call(s, "POST", secretURL, secret(name, `{}`)))
		}
		time.Sleep(time.Minute)
		g.Expect(n.added.Load()).To(BeEquivalentTo(3))
		g.Expect(log.take()).To(HaveExactElements(
			"GET /api", "GET /apis", "GET /api/v1/secrets?allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan&sendInitialEvents=true&watch=true"),
			"client-go takes the initial list from the watch")

		s.Restart()
		must(t, 200, call(s, "DELETE", secretURL+"/goes", ""))
		must(t, 200, call(s, "PATCH", secretURL+"/changes", `{"metadata":{"labels":{"a":"b"}}}`, "Content-Type", mergePatch))
		must(t, 201, call(s, "POST", secretURL, secret("comes", `{}`)))
		s.Restart()
		time.Sleep(time.Minute)
		var cached corev1.SecretList
		g.Expect(c.GetClient().List(t.Context(), &cached)).To(Succeed())
		var names []string
		for _, o := range cached.Items {
			names = append(names, o.Name)
		}
		g.Expect(names).To(ConsistOf("stays", "changes", "comes"))
		g.Expect(n.deleted.Load()).To(BeEquivalentTo(1))
		g.Expect(log.take()).NotTo(BeEmpty())
		must(t, 200, call(s, "DELETE", secretURL+"/stays", ""))
		synctest.Wait()
		g.Expect(n.deleted.Load()).To(BeEquivalentTo(2), "the new watch is open")
	})
}

// requestLog notes the requests of a client, without the parameters that client-go draws at random.
type requestLog struct {
	http.RoundTripper
	mu       sync.Mutex
	requests []string
}

func (l *requestLog) RoundTrip(r *http.Request) (*http.Response, error) {
	query := r.URL.Query()
	query.Del("timeoutSeconds")
	query.Del("timeout")
	line := r.Method + " " + r.URL.Path
	if len(query) > 0 {
		line += "?" + query.Encode()
	}
	l.mu.Lock()
	l.requests = append(l.requests, line)
	l.mu.Unlock()
	return l.RoundTripper.RoundTrip(r)
}

func (l *requestLog) take() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := l.requests
	l.requests = nil
	return out
}

// TestListingInformers has an informer that does not stream its initial list.
func TestListingInformers(t *testing.T) {
	inBubble(t, kube.Config{}, func(t *testing.T, g *WithT, s *kube.Server, config *rest.Config) {
		for i := range 30 {
			must(t, 201, call(s, "POST", secretURL, secret(fmt.Sprint("s", i), `{}`)))
		}
		clientset, err := kubernetes.NewForConfig(config)
		g.Expect(err).NotTo(HaveOccurred())
		secrets := clientset.CoreV1().Secrets("a")
		listing := &toolscache.ListWatch{
			ListWithContextFunc: func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) {
				o.Limit = 7
				return secrets.List(ctx, o)
			},
			WatchFuncWithContext: secrets.Watch,
		}
		informer := toolscache.NewSharedIndexInformer(withoutWatchList{listing}, &corev1.Secret{}, 0, toolscache.Indexers{})
		ctx, cancel := context.WithCancel(t.Context())
		var ended sync.WaitGroup
		ended.Go(func() { informer.RunWithContext(ctx) })
		time.Sleep(time.Second)
		g.Expect(informer.GetStore().List()).To(HaveLen(30))
		must(t, 201, call(s, "POST", secretURL, secret("late", `{}`)))
		synctest.Wait()
		g.Expect(informer.GetStore().List()).To(HaveLen(31))
		cancel()
		ended.Wait()
	})
}

// withoutWatchList marks a client as one that lists.
type withoutWatchList struct{ *toolscache.ListWatch }

func (withoutWatchList) IsWatchListSemanticsUnSupported() bool { return true }

func TestControllerRuntimeClient(t *testing.T) {
	inBubble(t, kube.Config{}, func(t *testing.T, g *WithT, s *kube.Server, config *rest.Config) {
		ctx := t.Context()
		c, err := client.New(config, client.Options{})
		g.Expect(err).NotTo(HaveOccurred())

		ing := typedIngress(1)
		g.Expect(c.Create(ctx, ing)).To(Succeed())
		g.Expect(ing.UID).NotTo(BeEmpty())
		g.Expect(apierrors.IsAlreadyExists(c.Create(ctx, typedIngress(1)))).To(BeTrue())
		stale := ing.DeepCopy()
		ing.Labels["new"] = "yes"
		g.Expect(c.Update(ctx, ing)).To(Succeed())
		stale.Labels["old"] = "yes"
		g.Expect(apierrors.IsConflict(c.Update(ctx, stale))).To(BeTrue())
		locked := client.MergeFromWithOptions(stale.DeepCopy(), client.MergeFromWithOptimisticLock{})
		stale.Labels["older"] = "yes"
		g.Expect(apierrors.IsConflict(c.Patch(ctx, stale, locked))).To(BeTrue())

		before := ing.DeepCopy()
		ing.Status.LoadBalancer.Ingress = []networkingv1.IngressLoadBalancerIngress{{IP: "192.0.2.7"}}
		g.Expect(c.Status().Patch(ctx, ing, client.MergeFrom(before))).To(Succeed())
		var got networkingv1.Ingress
		g.Expect(c.Get(ctx, client.ObjectKeyFromObject(ing), &got)).To(Succeed())
		g.Expect(got.Status.LoadBalancer.Ingress[0].IP).To(Equal("192.0.2.7"))
		g.Expect(got.Generation).To(BeEquivalentTo(1))
		g.Expect(c.Patch(ctx, &got, client.StrategicMergeFrom(got.DeepCopy()))).To(Succeed())

		cm := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "a", Name: "cm"}}
		for _, want := range []controllerutil.OperationResult{"created", "unchanged"} {
			result, err := controllerutil.CreateOrUpdate(ctx, c, cm, func() error { cm.Data = map[string]string{"a": "b"}; return nil })
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(result).To(Equal(want))
		}
		applied := applycorev1.ConfigMap("cm", "a").WithData(map[string]string{"c": "d"})
		g.Expect(c.Apply(ctx, applied, client.FieldOwner("me"))).To(Succeed())
		g.Expect(c.Get(ctx, client.ObjectKeyFromObject(cm), cm)).To(Succeed())
		g.Expect(cm.Data).To(Equal(map[string]string{"a": "b", "c": "d"}))

		w := newWidget("w", 5)
		g.Expect(c.Create(ctx, w, client.DryRunAll)).To(Succeed())
		g.Expect(apierrors.IsNotFound(c.Get(ctx, client.ObjectKeyFromObject(w), w))).To(BeTrue())
		bad := newWidget("w", 50)
		err = c.Create(ctx, bad)
		g.Expect(apierrors.IsInvalid(err)).To(BeTrue())
		g.Expect(err).To(MatchError(ContainSubstring("spec.size")))
		w = newWidget("w", 5)
		g.Expect(c.Create(ctx, w)).To(Succeed())
		g.Expect(c.Delete(ctx, w, client.Preconditions{UID: ptr(types.UID("x"))})).NotTo(Succeed())
		g.Expect(c.Delete(ctx, w, client.PropagationPolicy(metav1.DeletePropagationBackground))).To(Succeed())
		g.Expect(c.DeleteAllOf(ctx, &corev1.ConfigMap{}, client.InNamespace("a"))).To(Succeed())
		g.Expect(apierrors.IsNotFound(c.Get(ctx, client.ObjectKeyFromObject(cm), cm))).To(BeTrue())

		var list corev1.NamespaceList
		g.Expect(c.List(ctx, &list, client.Limit(2))).To(Succeed())
		g.Expect(list.Items).To(HaveLen(2))
		g.Expect(list.Continue).NotTo(BeEmpty())
	})
}

func TestTypedAndDynamicClients(t *testing.T) {
	inBubble(t, kube.Config{}, func(t *testing.T, g *WithT, s *kube.Server, config *rest.Config) {
		ctx := t.Context()
		typed, err := kubernetes.NewForConfig(config)
		g.Expect(err).NotTo(HaveOccurred())
		created, err := typed.CoreV1().Secrets("a").Create(ctx, &corev1.Secret{
			ObjectMeta: metav1.ObjectMeta{GenerateName: "s-"}, Data: map[string][]byte{"a": {0, 1, 2}},
		}, metav1.CreateOptions{})
		g.Expect(err).NotTo(HaveOccurred())
		got, err := typed.CoreV1().Secrets("a").Get(ctx, created.Name, metav1.GetOptions{})
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(got.Data["a"]).To(Equal([]byte{0, 1, 2}))
		g.Expect(typed.CoreV1().Secrets("a").Delete(ctx, created.Name, metav1.DeleteOptions{Preconditions: metav1.NewUIDPreconditions(string(created.UID))})).To(Succeed())
		g.Expect(typed.CoreV1().Secrets("a").DeleteCollection(ctx, metav1.DeleteOptions{}, metav1.ListOptions{})).To(Succeed())

		widgets := schema.GroupVersionResource{Group: "example.com", Version: "v1", Resource: "widgets"}
		dyn, err := dynamic.NewForConfig(config)
		g.Expect(err).NotTo(HaveOccurred())
		w, err := dyn.Resource(widgets).Namespace("a").Create(ctx, newWidget("w", 5), metav1.CreateOptions{})
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(w.GetGeneration()).To(BeEquivalentTo(1))
		g.Expect(unstructured.SetNestedField(w.Object, "ok", "status", "phase")).To(Succeed())
		_, err = dyn.Resource(widgets).Namespace("a").UpdateStatus(ctx, w, metav1.UpdateOptions{})
		g.Expect(err).NotTo(HaveOccurred())

		partial, err := metadata.NewForConfig(config)
		g.Expect(err).NotTo(HaveOccurred())
		m, err := partial.Resource(widgets).Namespace("a").Get(ctx, "w", metav1.GetOptions{})
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(m.Name).To(Equal("w"))
		watch, err := partial.Resource(widgets).Watch(ctx, metav1.ListOptions{})
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect((<-watch.ResultChan()).Object.(*metav1.PartialObjectMetadata).Name).To(Equal("w"))
		watch.Stop()
		g.Expect(dyn.Resource(widgets).Namespace("a").Delete(ctx, "w", metav1.DeleteOptions{})).To(Succeed())

		disc, err := discovery.NewDiscoveryClientForConfig(config)
		g.Expect(err).NotTo(HaveOccurred())
		lists, err := disc.ServerPreferredResources()
		g.Expect(err).NotTo(HaveOccurred())
		var found []string
		for _, l := range lists {
			for _, r := range l.APIResources {
				found = append(found, l.GroupVersion+"/"+r.Name)
			}
		}
		g.Expect(found).To(ContainElements("v1/secrets", "example.com/v1/widgets", "networking.k8s.io/v1/ingresses"))
		version, err := disc.ServerVersion()
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(version.Major).To(Equal("1"))
		_, err = disc.OpenAPISchema()
		g.Expect(err).NotTo(HaveOccurred())
		groups, err := disc.OpenAPIV3().Paths()
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(groups).To(HaveKey("apis/example.com/v1"))
	})
}

// TestManagerWithLeaderElection runs a whole manager, which takes a Lease, renews it, writes Events, and hands it over.
func TestManagerWithLeaderElection(t *testing.T) {
	inBubble(t, kube.Config{}, func(t *testing.T, g *WithT, s *kube.Server, config *rest.Config) {
		run := func(id string) (elected <-chan struct{}, stop func()) {
			m, err := manager.New(config, manager.Options{
				LeaderElection: true, LeaderElectionID: "lock", LeaderElectionNamespace: "a",
				LeaderElectionReleaseOnCancel: true, Metrics: metricsserver.Options{BindAddress: "0"},
			})
			g.Expect(err).NotTo(HaveOccurred())
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan error)
			go func() { done <- m.Start(ctx) }()
			return m.Elected(), func() { cancel(); g.Expect(<-done).To(Succeed()) }
		}
		first, stopFirst := run("one")
		<-first
		second, stopSecond := run("two")
		time.Sleep(time.Hour)
		select {
		case <-second:
			t.Error("two leaders")
		default:
		}
		lease := must(t, 200, call(s, "GET", "/apis/coordination.k8s.io/v1/namespaces/a/leases/lock", ""))
		renewed, err := time.Parse(time.RFC3339, lease.get("spec", "renewTime"))
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(time.Since(renewed)).To(BeNumerically("<", 15*time.Second))
		stopFirst()
		<-second
		time.Sleep(time.Second) // events are written behind
		g.Expect(strings.Count(call(s, "GET", "/api/v1/namespaces/a/events", "").Body.String()+
			call(s, "GET", "/apis/events.k8s.io/v1/namespaces/a/events", "").Body.String(), "became leader")).To(BeNumerically(">=", 2))
		stopSecond()
	})
}

func ptr[T any](v T) *T { return &v }
