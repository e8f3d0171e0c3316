package kube_test

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/gslbsim/gslbsim/sim/kube"
)

// widgets is a custom resource with everything that the server treats specially: two versions, a status endpoint,
// defaults, bounds, a list that is merged by key, a rule, columns, and a selectable field.
const widgets = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: widgets, kind: Widget, shortNames: [wd]}
  versions:
  - name: v1
    served: true
    storage: true
    subresources: {status: {}}
    selectableFields: [{jsonPath: .spec.color}]
    additionalPrinterColumns:
    - {name: Size, type: integer, jsonPath: .spec.size}
    - {name: Color, type: string, jsonPath: .spec.color}
    - {name: Age, type: date, jsonPath: .metadata.creationTimestamp}
    schema: &schema
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            x-kubernetes-validations:
            - {rule: "!(self.color == 'red' && self.size > 10)", message: red widgets are small}
            properties:
              size: {type: integer, minimum: 1, maximum: 20, default: 3}
              color: {type: string, default: blue}
              parts:
                type: array
                x-kubernetes-list-type: map
                x-kubernetes-list-map-keys: [name]
                items:
                  type: object
                  required: [name]
                  properties: {name: {type: string}, count: {type: integer}}
          status:
            type: object
            properties: {phase: {type: string}}
  - name: v1beta1
    served: true
    storage: false
    schema: *schema
`

func widgetCRD(t testing.TB) *apiextensionsv1.CustomResourceDefinition {
	t.Helper()
	crd := &apiextensionsv1.CustomResourceDefinition{}
	if err := yaml.Unmarshal([]byte(widgets), crd); err != nil {
		t.Fatal(err)
	}
	return crd
}

// newServer returns a server with widgets.
func newServer(t testing.TB) *kube.Server {
	t.Helper()
	s, err := kube.New(kube.Config{Name: "test", CRDs: []*apiextensionsv1.CustomResourceDefinition{widgetCRD(t)}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// reply is a response, its body read as an object.
type reply struct {
	*httptest.ResponseRecorder
	object map[string]any
}

// get returns a field of the body, as text.
func (r reply) get(path ...string) string {
	value, found, err := unstructured.NestedFieldNoCopy(r.object, path...)
	if !found || err != nil {
		return ""
	}
	return fmt.Sprint(value)
}

// names returns the names of the items of a list.
func (r reply) names() []string {
	out := []string{}
	items, _ := r.object["items"].([]any)
	for _, item := range items {
		name, _, _ := unstructured.NestedString(item.(map[string]any), "metadata", "name")
		out = append(out, name)
	}
	return out
}

// call sends one request. The headers are pairs of name and value; a body is JSON unless they say otherwise.
func call(s *kube.Server, method, url, body string, headers ...string) reply {
	r := httptest.NewRequest(method, "http://kube.example"+url, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	out := reply{ResponseRecorder: w}
	_ = json.Unmarshal(w.Body.Bytes(), &out.object) // some replies are plain text
	return out
}

// must fails the test unless a request has the expected status.
func must(t testing.TB, code int, r reply) reply {
	t.Helper()
	if r.Code != code {
		t.Fatalf("status %d, want %d: %s", r.Code, code, r.Body)
	}
	return r
}

const (
	widgetURL  = "/apis/example.com/v1/namespaces/a/widgets"
	ingressURL = "/apis/networking.k8s.io/v1/namespaces/a/ingresses"
	secretURL  = "/api/v1/namespaces/a/secrets"
	mergePatch = "application/merge-patch+json"
	jsonPatch  = "application/json-patch+json"
	applyPatch = "application/apply-patch+yaml"
	strategic  = "application/strategic-merge-patch+json"
)

func widget(name string, spec string) string {
	return fmt.Sprintf(`{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":%q},"spec":%s}`, name, spec)
}

func ingress(name, host string) string {
	return fmt.Sprintf(`{"apiVersion":"networking.k8s.io/v1","kind":"Ingress","metadata":{"name":%q},"spec":{"rules":[{"host":%q,
		"http":{"paths":[{"path":"/","pathType":"Prefix","backend":{"service":{"name":"web","port":{"number":80}}}}]}}]}}`, name, host)
}
