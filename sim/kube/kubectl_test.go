package kube_test

import (
	"strings"
	"testing"
	"testing/synctest"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/openapi3"
	"k8s.io/client-go/rest"

	"github.com/gslbsim/gslbsim/sim/kube"
)

const (
	tableAccept     = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json"
	discoveryAccept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json"
)

// TestKubectlApply makes the requests of "kubectl apply -f widget.yaml", twice, and of what people do next.
func TestKubectlApply(t *testing.T) {
	inBubble(t, kube.Config{}, func(t *testing.T, g *WithT, s *kube.Server, config *rest.Config) {
		for _, path := range []string{"/api?timeout=32s", "/apis?timeout=32s"} {
			g.Expect(must(t, 200, call(s, "GET", path, "", "Accept", discoveryAccept)).get("kind")).To(Equal("APIGroupDiscoveryList"))
		}
		must(t, 404, call(s, "GET", widgetURL+"/w", "", "Accept", "application/json"))
		const annotated = `{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{}\n"},"name":"w","namespace":"a"},"spec":{"size":5}}`
		const query = "?fieldManager=kubectl-client-side-apply&fieldValidation=Strict"
		must(t, 201, call(s, "POST", widgetURL+query, annotated))
		must(t, 400, call(s, "POST", widgetURL+query, strings.Replace(annotated, "size", "sice", 1)))
		must(t, 200, call(s, "GET", widgetURL+"/w", "", "Accept", "application/json"))
		r := must(t, 200, call(s, "PATCH", widgetURL+"/w"+query, `{"spec":{"size":6}}`, "Content-Type", mergePatch))
		g.Expect(r.get("metadata", "generation")).To(Equal("2"))

		// apply of a built-in kind patches by strategic merge
		must(t, 201, call(s, "POST", ingressURL+query, ingress("i", "a.example.com")))
		must(t, 200, call(s, "PATCH", ingressURL+"/i"+query,
			`{"metadata":{"annotations":{"kubectl.kubernetes.io/last-applied-configuration":"x"}},"spec":{"rules":[{"host":"b.example.com"}]}}`, "Content-Type", strategic))

		// apply --server-side, edit, label, replace
		must(t, 200, call(s, "PATCH", widgetURL+"/w?fieldManager=kubectl&fieldValidation=Strict&force=true",
			`{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"w","namespace":"a"},"spec":{"size":7}}`, "Content-Type", applyPatch))
		must(t, 200, call(s, "PATCH", widgetURL+"/w?fieldManager=kubectl-edit&fieldValidation=Strict", `{"spec":{"color":"green"}}`, "Content-Type", mergePatch))
		must(t, 200, call(s, "PATCH", widgetURL+"/w?fieldManager=kubectl-label", `{"metadata":{"labels":{"a":"b"}}}`, "Content-Type", mergePatch))
		must(t, 200, call(s, "PUT", widgetURL+"/w?fieldManager=kubectl-replace&fieldValidation=Strict", call(s, "GET", widgetURL+"/w", "").Body.String()))

		// describe
		must(t, 200, call(s, "GET", "/api/v1/namespaces/a/events?fieldSelector=involvedObject.name%3Dw%2CinvolvedObject.namespace%3Da%2CinvolvedObject.kind%3DWidget%2CinvolvedObject.uid%3Dx&limit=500", ""))
	})
}

// TestKubectlGetAndDelete makes the requests of "kubectl get -w" and "kubectl delete", which waits.
func TestKubectlGetAndDelete(t *testing.T) {
	inBubble(t, kube.Config{}, func(t *testing.T, g *WithT, s *kube.Server, config *rest.Config) {
		must(t, 201, call(s, "POST", widgetURL, widget("w", `{}`)))
		list := must(t, 200, call(s, "GET", widgetURL+"?limit=500", "", "Accept", tableAccept))
		g.Expect(list.get("kind")).To(Equal("Table"))
		w := startWatch(t, config, widgetURL+"?resourceVersion="+list.get("metadata", "resourceVersion")+"&watch=true", "Accept", tableAccept)

		r := must(t, 200, call(s, "DELETE", widgetURL+"/w", `{"propagationPolicy":"Background"}`))
		g.Expect(r.get("details", "uid")).NotTo(BeEmpty())
		synctest.Wait()
		g.Expect(<-w.lines).To(And(HavePrefix(`{"type":"DELETED","object":{"kind":"Table"`), ContainSubstring(`"cells":["w"`)))
		after := must(t, 200, call(s, "GET", widgetURL+"?fieldSelector=metadata.name%3Dw", "", "Accept", "application/json"))
		g.Expect(after.names()).To(BeEmpty())
	})
}

// TestKubectlKnowsThatTheServerValidates: before it writes, kubectl asks OpenAPI v3 whether PATCH has fieldValidation; and
// "kubectl explain" reads the schema of a custom resource.
func TestKubectlKnowsThatTheServerValidates(t *testing.T) {
	inBubble(t, kube.Config{}, func(t *testing.T, g *WithT, s *kube.Server, config *rest.Config) {
		client, err := discovery.NewDiscoveryClientForConfig(config)
		g.Expect(err).NotTo(HaveOccurred())
		root := openapi3.NewRoot(client.OpenAPIV3())
		for _, gv := range []schema.GroupVersion{{Version: "v1"}, {Group: "networking.k8s.io", Version: "v1"}, {Group: "example.com", Version: "v1"}} {
			doc, err := root.GVSpec(gv)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(doc.Paths.Paths).NotTo(BeEmpty())
			for path, item := range doc.Paths.Paths {
				var names []string
				for _, p := range item.Patch.Parameters {
					names = append(names, p.Name)
				}
				g.Expect(names).To(ContainElement("fieldValidation"), path)
				g.Expect(item.Patch.Extensions).To(HaveKey("x-kubernetes-group-version-kind"))
			}
		}
		doc, err := root.GVSpec(schema.GroupVersion{Group: "example.com", Version: "v1"})
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(doc.Components.Schemas["example.com.v1.Widget"].Properties["spec"].Properties).To(HaveKey("parts"))

		before := call(s, "GET", "/openapi/v3", "").Body.String()
		must(t, 201, call(s, "POST", definitionURL, gadgetCRD(t, nil)))
		g.Expect(call(s, "GET", "/openapi/v3", "").Body.String()).NotTo(Equal(before), "the hash of a changed document changes")
	})
}
