package kube_test

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-logr/logr"
	. "github.com/onsi/gomega"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"github.com/gslbsim/gslbsim/operator/ingest"
	"github.com/gslbsim/gslbsim/operator/member"
	"github.com/gslbsim/gslbsim/sim/kube"
)

// gatewayCRD defines a kind of the Gateway API, as loosely as may be.
func gatewayCRD(version, kind, plural string) *apiextensionsv1.CustomResourceDefinition {
	keep := true
	return &apiextensionsv1.CustomResourceDefinition{
		TypeMeta:   metav1.TypeMeta{APIVersion: "apiextensions.k8s.io/v1", Kind: "CustomResourceDefinition"},
		ObjectMeta: metav1.ObjectMeta{Name: plural + ".gateway.networking.k8s.io"},
		Spec: apiextensionsv1.CustomResourceDefinitionSpec{
			Group: "gateway.networking.k8s.io", Scope: apiextensionsv1.NamespaceScoped,
			Names: apiextensionsv1.CustomResourceDefinitionNames{Plural: plural, Kind: kind},
			Versions: []apiextensionsv1.CustomResourceDefinitionVersion{{
				Name: version, Served: true, Storage: true,
				Subresources: &apiextensionsv1.CustomResourceSubresources{Status: &apiextensionsv1.CustomResourceSubresourceStatus{}},
				Schema: &apiextensionsv1.CustomResourceValidation{OpenAPIV3Schema: &apiextensionsv1.JSONSchemaProps{
					Type: "object", XPreserveUnknownFields: &keep,
				}},
			}},
		},
	}
}

// seen is a sink that keeps the latest of each object.
type seen struct {
	mu      sync.Mutex
	objects map[ingest.Object][]ingest.Candidate
	ready   bool
}

func (s *seen) locked(fn func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fn()
}

func (s *seen) Begin() { s.locked(func() { s.objects = map[ingest.Object][]ingest.Candidate{} }) }
func (s *seen) Object(key ingest.Object, c []ingest.Candidate) {
	s.locked(func() { s.objects[key] = c })
}
func (s *seen) Namespace(string, *ingest.Namespace)       {}
func (s *seen) HostRule(string, string, *ingest.HostRule) {}
func (s *seen) Ready()                                    { s.locked(func() { s.ready = true }) }
func (s *seen) Silent(error)                              {}

func (s *seen) hosts() (out []string) {
	s.locked(func() {
		for _, candidates := range s.objects {
			for _, c := range candidates {
				out = append(out, c.Source.String()+" "+c.VIP.String())
			}
		}
	})
	return out
}

// The operator reads Gateways and their routes from this server as from any other, with definitions that come while it runs.
//
// Shows: source-gateway-served, source-gateway-tls
func TestTheOperatorReadsGateways(t *testing.T) {
	inBubble(t, kube.Config{Name: "east"}, func(t *testing.T, g *WithT, s *kube.Server, config *rest.Config) {
		const root = "/apis/gateway.networking.k8s.io/"
		must(t, 201, call(s, "POST", definitionURL, encode(t, gatewayCRD("v1", "Gateway", "gateways"))))
		must(t, 201, call(s, "POST", definitionURL, encode(t, gatewayCRD("v1", "HTTPRoute", "httproutes"))))
		put := func(url, kind, name, spec, status string) {
			body := func(version string) string {
				return fmt.Sprintf(`{"apiVersion":"gateway.networking.k8s.io/%s","kind":%q,"metadata":{"namespace":"web","name":%q%s},"spec":%s,"status":%s}`,
					url, kind, name, version, spec, status)
			}
			at := root + url + "/namespaces/web/" + map[string]string{"Gateway": "gateways", "HTTPRoute": "httproutes", "TLSRoute": "tlsroutes"}[kind]
			r := must(t, 201, call(s, "POST", at, body("")))
			must(t, 200, call(s, "PUT", at+"/"+name+"/status", body(`,"resourceVersion":"`+r.get("metadata", "resourceVersion")+`"`)))
		}
		const accepted = `{"parents":[{"parentRef":{"name":"edge"},"conditions":[{"type":"Accepted","status":"True"}]}]}`
		put("v1", "HTTPRoute", "shop", `{"parentRefs":[{"name":"edge"}],"hostnames":["shop.example.com"]}`, accepted)
		sink := &seen{}
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() {
			member.Watch(ctx, member.Config{Name: "east", REST: config, Sink: sink, Log: logr.Discard()})
		})
		settle := func(d time.Duration) { time.Sleep(d); synctest.Wait() }
		settle(time.Second)
		g.Expect(sink.ready).To(BeTrue())
		g.Expect(sink.hosts()).To(BeEmpty())
		put("v1", "Gateway", "edge", `{"listeners":[{"name":"web","protocol":"HTTP","port":80},{"name":"pass","protocol":"TLS","port":443,"tls":{"mode":"Passthrough"}}]}`,
			`{"addresses":[{"type":"IPAddress","value":"10.1.0.1"}]}`)
		settle(time.Second)
		g.Expect(sink.hosts()).To(Equal([]string{"HTTPROUTE/east/web/shop/shop.example.com 10.1.0.1"}))

		definition := gatewayCRD("v1alpha2", "TLSRoute", "tlsroutes")
		must(t, 201, call(s, "POST", definitionURL, encode(t, definition)))
		put("v1alpha2", "TLSRoute", "pass", `{"parentRefs":[{"name":"edge"}],"hostnames":["pass.example.com"]}`, accepted)
		settle(6 * time.Minute)
		g.Expect(sink.hosts()).To(ConsistOf("HTTPROUTE/east/web/shop/shop.example.com 10.1.0.1", "TLSROUTE/east/web/pass/pass.example.com 10.1.0.1"))
		must(t, 200, call(s, "DELETE", root+"v1/namespaces/web/gateways/edge", ""))
		settle(time.Second)
		g.Expect(sink.hosts()).To(BeEmpty())
		cancel()
		running.Wait()
	})
}

func encode(t *testing.T, v any) string {
	t.Helper()
	body, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}
