package kube_test

import (
	"fmt"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/sim/kube"
)

func TestSelectors(t *testing.T) {
	s := newServer(t)
	for name, spec := range map[string]string{"a": `{"color":"red"}`, "b": `{"color":"blue"}`, "c": `{"color":"red","size":9}`} {
		must(t, 201, call(s, "POST", widgetURL, strings.Replace(widget(name, spec), `"name"`, `"labels":{"app":"`+name+`"},"name"`, 1)))
	}
	must(t, 201, call(s, "POST", strings.Replace(widgetURL, "/a/", "/b/", 1), widget("a", `{}`)))
	for query, want := range map[string][]string{
		"":                                                 {"a", "b", "c"},
		"labelSelector=app%3Da":                            {"a"},
		"labelSelector=app in (a,c)":                       {"a", "c"},
		"labelSelector=app!=a":                             {"b", "c"},
		"labelSelector=!app":                               {},
		"fieldSelector=metadata.name=b":                    {"b"},
		"fieldSelector=metadata.namespace=b":               {},
		"fieldSelector=spec.color=red":                     {"a", "c"},
		"fieldSelector=spec.color!=red":                    {"b"},
		"fieldSelector=spec.color=red&labelSelector=app=c": {"c"},
		"limit=2":                                          {"a", "b"},
		"limit=2&resourceVersion=0":                        {"a", "b", "c"},
	} {
		t.Run(query, func(t *testing.T) {
			query = strings.NewReplacer(" ", "%20").Replace(query)
			r := must(t, 200, call(s, "GET", widgetURL+"?"+query, ""))
			NewWithT(t).Expect(r.names()).To(Equal(want))
		})
	}
	all := must(t, 200, call(s, "GET", "/apis/example.com/v1/widgets", ""))
	NewWithT(t).Expect(all.names()).To(Equal([]string{"a", "b", "c", "a"}), "sorted by namespace and name")
}

// TestPagesAreConsistent changes the objects between two pages: the list must be what it was when it began.
func TestPagesAreConsistent(t *testing.T) {
	g := NewWithT(t)
	s := newServer(t)
	for i := range 10 {
		must(t, 201, call(s, "POST", secretURL, fmt.Sprintf(`{"metadata":{"name":"s%d"}}`, i)))
	}
	first := must(t, 200, call(s, "GET", secretURL+"?limit=4", ""))
	g.Expect(first.get("metadata", "remainingItemCount")).To(Equal("6"))
	must(t, 200, call(s, "DELETE", secretURL+"/s5", ""))
	must(t, 201, call(s, "POST", secretURL, `{"metadata":{"name":"s55"}}`))
	must(t, 200, call(s, "PATCH", secretURL+"/s6", `{"metadata":{"labels":{"a":"b"}}}`, "Content-Type", mergePatch))
	names, page := first.names(), first
	for page.get("metadata", "continue") != "" {
		page = must(t, 200, call(s, "GET", secretURL+"?limit=4&continue="+url.QueryEscape(page.get("metadata", "continue")), ""))
		g.Expect(page.get("metadata", "resourceVersion")).To(Equal(first.get("metadata", "resourceVersion")))
		g.Expect(page.Body.String()).NotTo(ContainSubstring(`"a":"b"`))
		names = append(names, page.names()...)
	}
	g.Expect(names).To(Equal([]string{"s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9"}))
	exact := must(t, 200, call(s, "GET", secretURL+"?resourceVersionMatch=Exact&resourceVersion="+first.get("metadata", "resourceVersion"), ""))
	g.Expect(exact.names()).To(Equal(names))
}

func TestPagesExpire(t *testing.T) {
	g := NewWithT(t)
	s, err := kube.New(kube.Config{HistoryLimit: 5})
	g.Expect(err).NotTo(HaveOccurred())
	for i := range 10 {
		must(t, 201, call(s, "POST", secretURL, fmt.Sprintf(`{"metadata":{"name":"s%d"}}`, i)))
	}
	token := call(s, "GET", secretURL+"?limit=4", "").get("metadata", "continue")
	for i := range 6 {
		must(t, 200, call(s, "PATCH", secretURL+"/s9", fmt.Sprintf(`{"metadata":{"labels":{"n":"%d"}}}`, i), "Content-Type", mergePatch))
	}
	r := must(t, 410, call(s, "GET", secretURL+"?limit=4&continue="+token, ""))
	g.Expect(r.get("reason")).To(Equal("Expired"))
	g.Expect(r.get("message")).To(ContainSubstring("The provided continue parameter is too old to display a consistent list result."))
	r = must(t, 200, call(s, "GET", secretURL+"?limit=10&continue="+r.get("metadata", "continue"), ""))
	g.Expect(r.names()).To(Equal([]string{"s4", "s5", "s6", "s7", "s8", "s9"}), "a client may go on without consistency")
}

func TestListOfTheFuture(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		s := newServer(t)
		start := time.Now()
		r := must(t, 504, call(s, "GET", secretURL+"?resourceVersion=999", ""))
		g.Expect(r.get("reason")).To(Equal("Timeout"))
		g.Expect(r.get("message")).To(MatchRegexp(`Too large resource version: 999, current: \d+`))
		g.Expect(r.Body.String()).To(ContainSubstring(`"reason":"ResourceVersionTooLarge"`))
		g.Expect(r.Header().Get("Retry-After")).To(Equal("1"))
		g.Expect(time.Since(start)).To(BeZero())
	})
}

func TestTables(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		s := newServer(t)
		must(t, 201, call(s, "POST", widgetURL, widget("w", `{"size":5}`)))
		must(t, 201, call(s, "POST", ingressURL, strings.Replace(ingress("i", "a.example.com"), `{"rules":[`, `{"rules":[{"host":"b.example.com"},`, 1)))
		time.Sleep(90 * time.Minute)
		const accept = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
		table := func(url string) (columns []string, rows [][]any) {
			r := must(t, 200, call(s, "GET", url, "", "Accept", accept))
			g.Expect(r.get("kind")).To(Equal("Table"))
			g.Expect(r.get("apiVersion")).To(Equal("meta.k8s.io/v1"))
			definitions, _ := r.object["columnDefinitions"].([]any)
			for _, c := range definitions {
				columns = append(columns, c.(map[string]any)["name"].(string))
			}
			for _, row := range r.object["rows"].([]any) {
				rows = append(rows, row.(map[string]any)["cells"].([]any))
			}
			return columns, rows
		}
		columns, rows := table(widgetURL)
		g.Expect(columns).To(Equal([]string{"Name", "Size", "Color", "Age"}))
		g.Expect(rows).To(Equal([][]any{{"w", 5.0, "blue", "90m"}}))
		columns, rows = table(ingressURL)
		g.Expect(columns).To(Equal([]string{"Name", "Class", "Hosts", "Address", "Age"}))
		g.Expect(rows).To(Equal([][]any{{"i", nil, "b.example.com,a.example.com", nil, "90m"}}))
		columns, rows = table("/api/v1/namespaces")
		g.Expect(columns).To(Equal([]string{"Name", "Status", "Age"}))
		g.Expect(rows[0]).To(Equal([]any{"a", "Active", "90m"}))
		columns, rows = table("/apis/example.com/v1beta1/namespaces/a/widgets/w")
		g.Expect(columns).To(Equal([]string{"Name", "Age"}))
		g.Expect(rows).To(Equal([][]any{{"w", "90m"}}))

		whole := call(s, "GET", widgetURL+"?includeObject=Object", "", "Accept", accept).Body.String()
		g.Expect(whole).To(ContainSubstring(`"object":{"kind":"Widget","apiVersion":"example.com/v1"`))
		part := call(s, "GET", widgetURL, "", "Accept", accept).Body.String()
		g.Expect(part).To(And(ContainSubstring(`"object":{"kind":"PartialObjectMetadata"`), Not(ContainSubstring(`"spec"`))))
		none := call(s, "GET", widgetURL+"?includeObject=None", "", "Accept", accept).Body.String()
		g.Expect(none).To(ContainSubstring(`"object":null`))
	})
}

func TestMetadataOnly(t *testing.T) {
	g := NewWithT(t)
	s := newServer(t)
	must(t, 201, call(s, "POST", widgetURL, widget("w", `{"size":5}`)))
	one := must(t, 200, call(s, "GET", widgetURL+"/w", "", "Accept", "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"))
	g.Expect(one.get("kind")).To(Equal("PartialObjectMetadata"))
	g.Expect(one.object).NotTo(HaveKey("spec"))
	list := must(t, 200, call(s, "GET", widgetURL, "", "Accept", "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"))
	g.Expect(list.get("kind")).To(Equal("PartialObjectMetadataList"))
	g.Expect(list.names()).To(Equal([]string{"w"}))
}

func TestEncodings(t *testing.T) {
	s := newServer(t)
	must(t, 201, call(s, "POST", widgetURL, widget("w", `{"size":5}`)))
	for accept, code := range map[string]int{
		"": 200, "*/*": 200, "application/*": 200, "application/vnd.kubernetes.protobuf,application/json": 200,
		"application/vnd.kubernetes.protobuf, */*": 200, "application/vnd.kubernetes.protobuf": 406, "application/cbor": 406,
		"text/html": 406, "application/json;as=Table;v=v7;g=meta.k8s.io": 406, "application/json;as=Table;v=v7;g=meta.k8s.io,application/json": 200,
		"application/json;q=0": 406,
	} {
		must(t, code, call(s, "GET", widgetURL+"/w", "", "Accept", accept))
	}
	for contentType, code := range map[string]int{
		"": 201, "application/json; charset=utf-8": 201, "application/yaml": 201,
		"application/vnd.kubernetes.protobuf": 415, "application/cbor": 415, "text/plain": 415,
	} {
		must(t, code, call(s, "POST", widgetURL, widget("x", `{}`), "Content-Type", contentType))
		call(s, "DELETE", widgetURL+"/x", "")
	}
	must(t, 400, call(s, "POST", secretURL, "k8s\x00nonsense", "Content-Type", "application/vnd.kubernetes.protobuf"))
}

func TestDiscovery(t *testing.T) {
	g := NewWithT(t)
	s := newServer(t)
	core := must(t, 200, call(s, "GET", "/api/v1", ""))
	g.Expect(core.get("groupVersion")).To(Equal("v1"))
	g.Expect(core.Body.String()).To(ContainSubstring(`{"name":"namespaces/status","singularName":"","namespaced":false,"kind":"Namespace","verbs":["get","patch","update"]}`))
	g.Expect(must(t, 200, call(s, "GET", "/api", "")).get("versions")).To(Equal("[v1]"))
	groups := must(t, 200, call(s, "GET", "/apis", ""))
	g.Expect(groups.Body.String()).To(ContainSubstring(`{"name":"example.com","versions":[{"groupVersion":"example.com/v1","version":"v1"},` +
		`{"groupVersion":"example.com/v1beta1","version":"v1beta1"}],"preferredVersion":{"groupVersion":"example.com/v1","version":"v1"}}`))
	g.Expect(must(t, 200, call(s, "GET", "/apis/example.com", "")).get("preferredVersion", "version")).To(Equal("v1"))
	g.Expect(must(t, 200, call(s, "GET", "/apis/example.com/v1", "")).Body.String()).To(ContainSubstring(
		`{"name":"widgets","singularName":"widget","namespaced":true,"kind":"Widget","verbs":["create","delete","deletecollection","get","list","patch","update","watch"],"shortNames":["wd"]}`))

	const aggregated = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json"
	all := must(t, 200, call(s, "GET", "/apis", "", "Accept", aggregated))
	g.Expect(all.Header().Get("Content-Type")).To(Equal("application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"))
	g.Expect(all.get("kind")).To(Equal("APIGroupDiscoveryList"))
	g.Expect(all.names()).To(ContainElements("example.com", "networking.k8s.io"))
	g.Expect(must(t, 200, call(s, "GET", "/api", "", "Accept", aggregated)).names()).To(Equal([]string{""}))
	plain := must(t, 200, call(s, "GET", "/apis", "", "Accept", "application/json"))
	g.Expect(plain.get("kind")).To(Equal("APIGroupList"))
}

func TestDocuments(t *testing.T) {
	g := NewWithT(t)
	s := newServer(t)
	for _, path := range []string{"/healthz", "/livez", "/readyz", "/readyz/ping"} {
		g.Expect(must(t, 200, call(s, "GET", path, "")).Body.String()).To(Equal("ok"))
	}
	version := must(t, 200, call(s, "GET", "/version", ""))
	g.Expect(version.get("gitVersion")).To(Equal("v1.37.0"))
	g.Expect(version.get("major") + "." + version.get("minor")).To(Equal("1.37"))
	must(t, 405, call(s, "POST", "/version", "{}"))
}

func TestNamespacesComeWithObjects(t *testing.T) {
	g := NewWithT(t)
	g.Expect(must(t, 200, call(newServer(t), "GET", "/api/v1/namespaces", "")).names()).To(Equal(
		[]string{"default", "kube-node-lease", "kube-public", "kube-system"}))
	s := newServer(t)
	must(t, 201, call(s, "POST", "/api/v1/namespaces/new/secrets", `{"metadata":{"name":"x"}}`))
	g.Expect(must(t, 200, call(s, "GET", "/api/v1/namespaces/new", "")).get("metadata", "labels", "kubernetes.io/metadata.name")).To(Equal("new"))

	strict, err := kube.New(kube.Config{RequireNamespaces: true})
	g.Expect(err).NotTo(HaveOccurred())
	r := must(t, 404, call(strict, "POST", "/api/v1/namespaces/new/secrets", `{"metadata":{"name":"x"}}`))
	g.Expect(r.get("message")).To(Equal(`namespaces "new" not found`))
}

func TestNamespaceDeletion(t *testing.T) {
	g := NewWithT(t)
	s := newServer(t)
	must(t, 201, call(s, "POST", secretURL, `{"metadata":{"name":"x"}}`))
	must(t, 201, call(s, "POST", widgetURL, strings.Replace(widget("w", `{}`), `"name"`, `"finalizers":["example.com/x"],"name"`, 1)))
	must(t, 201, call(s, "POST", "/api/v1/namespaces/a-b/secrets", `{"metadata":{"name":"x"}}`))
	r := must(t, 200, call(s, "DELETE", "/api/v1/namespaces/a", ""))
	g.Expect(r.get("status", "phase")).To(Equal("Terminating"))
	must(t, 404, call(s, "GET", secretURL+"/x", ""))
	r = must(t, 403, call(s, "POST", secretURL, `{"metadata":{"name":"y"}}`))
	g.Expect(r.get("message")).To(Equal(`secrets "y" is forbidden: unable to create new content in namespace a because it is being terminated`))
	must(t, 200, call(s, "PATCH", widgetURL+"/w", `{"metadata":{"finalizers":[]}}`, "Content-Type", mergePatch))
	must(t, 404, call(s, "GET", "/api/v1/namespaces/a", ""))
	must(t, 200, call(s, "GET", "/api/v1/namespaces/a-b/secrets/x", ""))
	must(t, 403, call(s, "DELETE", "/api/v1/namespaces/default", ""))
	must(t, 201, call(s, "POST", secretURL, `{"metadata":{"name":"y"}}`))

	must(t, 201, call(s, "POST", "/api/v1/namespaces", `{"metadata":{"name":"held","finalizers":["example.com/x"]}}`))
	must(t, 200, call(s, "DELETE", "/api/v1/namespaces/held", ""))
	must(t, 200, call(s, "PATCH", "/api/v1/namespaces/held", `{"metadata":{"finalizers":null}}`, "Content-Type", mergePatch))
	must(t, 404, call(s, "GET", "/api/v1/namespaces/held", ""))
}

func TestObjectLimit(t *testing.T) {
	g := NewWithT(t)
	s, err := kube.New(kube.Config{ObjectLimit: 6})
	g.Expect(err).NotTo(HaveOccurred())
	must(t, 201, call(s, "POST", secretURL, `{"metadata":{"name":"x"}}`))
	r := must(t, 500, call(s, "POST", secretURL, `{"metadata":{"name":"y"}}`))
	g.Expect(r.get("message")).To(ContainSubstring("the store is full: it holds 6 objects, which is its limit; raise Config.ObjectLimit"))
	must(t, 200, call(s, "DELETE", secretURL+"/x", ""))
	must(t, 201, call(s, "POST", secretURL, `{"metadata":{"name":"y"}}`))
}

func TestWatchIsStreaming(t *testing.T) {
	g := NewWithT(t)
	s := newServer(t)
	for request, want := range map[string]bool{
		"GET " + secretURL + "?watch=true":               true,
		"GET " + secretURL + "?watch=1":                  true,
		"GET " + secretURL + "?watch":                    true,
		"GET " + secretURL + "?watch=false":              false,
		"GET " + secretURL + "?watch=0":                  false,
		"GET " + secretURL:                               false,
		"GET " + secretURL + "/x?watch=true":             false,
		"POST " + secretURL + "?watch=true":              false,
		"GET /api/v1/secrets?watch=true":                 true,
		"GET /api/v1/namespaces?watch=true":              true,
		"GET /api/v1/namespaces/a?watch=true":            false,
		"GET /version?watch=true":                        false,
		"GET /apis/example.com/v1?watch=true":            false,
		"GET " + secretURL + "?allowWatchBookmarks=true": false,
	} {
		method, url, _ := strings.Cut(request, " ")
		g.Expect(s.Streaming(httptest.NewRequest(method, url, nil))).To(Equal(want), request)
	}
}
