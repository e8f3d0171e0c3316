package kube_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/sim/kube"
)

func TestCreateFillsInMetadata(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		s := newServer(t)
		r := must(t, 201, call(s, "POST", widgetURL, `{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"w",
			"uid":"mine","generation":7,"creationTimestamp":"1999-01-01T00:00:00Z","deletionTimestamp":"1999-01-01T00:00:00Z",
			"labels":{"a":"b"}},"spec":{"size":5},"status":{"phase":"mine"}}`))
		g.Expect(r.get("metadata", "namespace")).To(Equal("a"))
		g.Expect(r.get("metadata", "uid")).To(MatchRegexp(`^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`))
		g.Expect(r.get("metadata", "generation")).To(Equal("1"))
		g.Expect(r.get("metadata", "creationTimestamp")).To(Equal("2000-01-01T00:00:00Z"), "time is virtual in a bubble")
		g.Expect(r.get("metadata", "deletionTimestamp")).To(BeEmpty())
		g.Expect(r.get("metadata", "resourceVersion")).NotTo(BeEmpty())
		g.Expect(r.get("metadata", "labels", "a")).To(Equal("b"))
		g.Expect(r.get("spec", "color")).To(Equal("blue"), "a default of the schema")
		g.Expect(r.object).NotTo(HaveKey("status"), "a create sets no status where there is an endpoint for it")
		g.Expect(call(s, "GET", widgetURL+"/w", "").Body.String()).To(Equal(r.Body.String()))
	})
}

// TestErrors compares refusals with what a real server says.
func TestErrors(t *testing.T) {
	for name, c := range map[string]struct {
		method, url, body string
		headers           []string
		code              int
		reason, message   string
	}{
		"unknown object": {method: "GET", url: widgetURL + "/none", code: 404, reason: "NotFound",
			message: `widgets.example.com "none" not found`},
		"unknown core object": {method: "GET", url: secretURL + "/none", code: 404, reason: "NotFound", message: `secrets "none" not found`},
		"twice": {method: "POST", url: widgetURL, body: widget("w", `{}`), code: 409, reason: "AlreadyExists",
			message: `widgets.example.com "w" already exists`},
		"no name": {method: "POST", url: ingressURL, body: ingress("", "a.example.com"), code: 422, reason: "Invalid",
			message: `Ingress.networking.k8s.io "" is invalid: metadata.name: Required value: name or generateName is required`},
		"bad name": {method: "POST", url: secretURL, body: `{"metadata":{"name":"A"}}`, code: 422, reason: "Invalid",
			message: `Secret "A" is invalid: metadata.name: Invalid value: "A": a lowercase RFC 1123 subdomain must consist of`},
		"schema": {method: "POST", url: widgetURL, body: widget("x", `{"size":50}`), code: 422, reason: "Invalid",
			message: `Widget.example.com "x" is invalid: spec.size: Invalid value: 50: spec.size in body should be less than or equal to 20`},
		"rule": {method: "POST", url: widgetURL, body: widget("x", `{"size":15,"color":"red"}`), code: 422, reason: "Invalid",
			message: `Widget.example.com "x" is invalid: spec: Invalid value: red widgets are small`},
		"wrong type": {method: "POST", url: ingressURL, body: `{"metadata":{"name":"x"},"spec":{"rules":"all"}}`, code: 400, reason: "BadRequest",
			message: `Ingress in version "v1" cannot be handled as a Ingress: json: cannot unmarshal string into Go struct field IngressSpec.spec.rules`},
		"no JSON": {method: "POST", url: widgetURL, body: `{`, code: 400, reason: "BadRequest",
			message: "the object provided is unrecognized (must be of type Widget): couldn't get version/kind; json parse error: unexpected end of JSON input ({)"},
		"no kind": {method: "POST", url: widgetURL, body: `{"metadata":{"name":"x"}}`, code: 400, reason: "BadRequest",
			message: `the object provided is unrecognized (must be of type Widget): Object 'Kind' is missing in '{"metadata":{"name":"x"}}'`},
		"other kind": {method: "POST", url: widgetURL, body: strings.Replace(widget("x", `{}`), "Widget", "Gadget", 1), code: 400, reason: "BadRequest",
			message: `the kind in the data (Gadget) does not match`},
		"other version": {method: "POST", url: widgetURL, body: strings.Replace(widget("x", `{}`), "/v1", "/v2", 1), code: 400, reason: "BadRequest",
			message: `the API version in the data (example.com/v2) does not match the expected API version (example.com/v1)`},
		"labels of a wrong type": {method: "POST", url: widgetURL, code: 400, reason: "BadRequest",
			body:    `{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"x","labels":{"a":1}}}`,
			message: `Widget in version "v1" cannot be handled as a Widget: metadata: json: cannot unmarshal number into Go struct field ObjectMeta.labels of type string`},
		"other namespace": {method: "POST", url: secretURL, body: `{"metadata":{"name":"x","namespace":"b"}}`, code: 400, reason: "BadRequest",
			message: "the namespace of the provided object does not match the namespace sent on the request"},
		"resourceVersion in a create": {method: "POST", url: secretURL, body: `{"metadata":{"name":"x","resourceVersion":"1"}}`, code: 500,
			message: "resourceVersion should not be set on objects to be created"},
		"other name in a put": {method: "PUT", url: widgetURL + "/w", body: widget("x", `{}`), code: 400, reason: "BadRequest",
			message: "the name of the object (x) does not match the name on the URL (w)"},
		"put of nothing": {method: "PUT", url: widgetURL + "/none", body: widget("none", `{}`), code: 404, reason: "NotFound",
			message: `widgets.example.com "none" not found`},
		"put without version": {method: "PUT", url: widgetURL + "/w", body: widget("w", `{}`), code: 422, reason: "Invalid",
			message: `Widget.example.com "w" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update`},
		"old version": {method: "PATCH", url: widgetURL + "/w", body: `{"metadata":{"resourceVersion":"1"}}`, headers: []string{"Content-Type", mergePatch},
			code: 409, reason: "Conflict", message: `Operation cannot be fulfilled on widgets.example.com "w": ` +
				`the object has been modified; please apply your changes to the latest version and try again`},
		"other uid": {method: "PATCH", url: widgetURL + "/w", body: `{"metadata":{"uid":"x"}}`, headers: []string{"Content-Type", mergePatch},
			code: 409, reason: "Conflict", message: `Operation cannot be fulfilled on widgets.example.com "w": Precondition failed: UID in precondition: x`},
		"rename": {method: "PATCH", url: widgetURL + "/w", body: `{"metadata":{"name":"x"}}`, headers: []string{"Content-Type", mergePatch},
			code: 400, reason: "BadRequest", message: "the name of the object (x) does not match the name on the URL (w)"},
		"patch of nothing": {method: "PATCH", url: widgetURL + "/none", body: `{}`, headers: []string{"Content-Type", mergePatch},
			code: 404, reason: "NotFound", message: `widgets.example.com "none" not found`},
		"failed test": {method: "PATCH", url: widgetURL + "/w", body: `[{"op":"test","path":"/spec/size","value":1}]`, headers: []string{"Content-Type", jsonPatch},
			code: 422, reason: "Invalid", message: "the server rejected our request due to an error in our request"},
		"patch to nonsense": {method: "PATCH", url: widgetURL + "/w", body: `{"metadata":5}`, headers: []string{"Content-Type", mergePatch},
			code: 422, reason: "Invalid", message: `"" is invalid: patch: Invalid value:`},
		"no patch": {method: "PATCH", url: widgetURL + "/w", body: `5`, headers: []string{"Content-Type", mergePatch},
			code: 400, reason: "BadRequest", message: "error decoding patch: "},
		"strategic patch of a custom resource": {method: "PATCH", url: widgetURL + "/w", body: `{}`, headers: []string{"Content-Type", strategic},
			code: 415, reason: "UnsupportedMediaType", message: "the body of the request was in an unknown format - accepted media types include: " +
				"application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml"},
		"apply without manager": {method: "PATCH", url: widgetURL + "/w", body: `{}`, headers: []string{"Content-Type", applyPatch},
			code: 422, reason: "Invalid", message: `PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch`},
		"unknown selector": {method: "GET", url: widgetURL + "?fieldSelector=spec.size%3D1", code: 400, reason: "BadRequest",
			message: "field label not supported: spec.size"},
		"broken selector": {method: "GET", url: widgetURL + "?labelSelector=a%3D%3D%3D", code: 400, reason: "BadRequest", message: "unable to parse requirement"},
		"broken version":  {method: "GET", url: widgetURL + "?resourceVersion=x", code: 400, reason: "BadRequest", message: `Invalid value: "x"`},
		"broken page":     {method: "GET", url: widgetURL + "?continue=x&limit=1", code: 400, reason: "BadRequest", message: "continue key is not valid"},
		"match without version": {method: "GET", url: widgetURL + "?resourceVersionMatch=Exact", code: 422, reason: "Invalid",
			message: `ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided`},
		"write without namespace": {method: "POST", url: "/api/v1/secrets", body: `{"metadata":{"name":"x"}}`, code: 405, reason: "MethodNotAllowed",
			message: "POST is not supported on resources of kind \"secrets\""},
		"body too large": {method: "POST", url: secretURL, body: strings.Repeat(" ", 3<<20+1), code: 413, reason: "RequestEntityTooLarge",
			message: "Request entity too large: limit is 3145728"},
		"ingress without path type": {method: "POST", url: ingressURL, body: strings.Replace(ingress("x", "a.example.com"), `"pathType":"Prefix",`, "", 1),
			code: 422, reason: "Invalid",
			message: `Ingress.networking.k8s.io "x" is invalid: spec.rules[0].http.paths[0].pathType: Required value: pathType must be specified`},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			s := newServer(t)
			must(t, 201, call(s, "POST", widgetURL, widget("w", `{"size":5}`)))
			before := call(s, "GET", widgetURL, "").Body.String()
			r := must(t, c.code, call(s, c.method, c.url, c.body, c.headers...))
			g.Expect(r.get("kind")).To(Equal("Status"))
			g.Expect(r.get("apiVersion")).To(Equal("v1"))
			g.Expect(r.get("status")).To(Equal("Failure"))
			g.Expect(r.get("code")).To(Equal(fmt.Sprint(c.code)))
			g.Expect(r.get("reason")).To(Equal(c.reason))
			g.Expect(r.get("message")).To(ContainSubstring(c.message))
			g.Expect(call(s, "GET", widgetURL, "").Body.String()).To(Equal(before), "a refused request must not change anything")
		})
	}
}

func TestUnknownPaths(t *testing.T) {
	s := newServer(t)
	for _, path := range []string{
		"/", "/nothing", "/api/v2", "/apis/none", "/apis/example.com/v9", "/api/v1/gadgets", "/apis/example.com/v1/namespaces/a/gadgets",
		widgetURL + "/w/scale", "/apis/example.com/v1beta1/namespaces/a/widgets/w/status", "/api/v1/namespaces/a/nodes",
		widgetURL + "/w/status/more", "/api/v1/namespaces/a/secrets//x",
	} {
		r := must(t, 404, call(s, "GET", path, ""))
		if got := r.Body.String(); got != "404 page not found\n" {
			t.Errorf("%s: %q", path, got)
		}
	}
}

func TestCausesNameTheFields(t *testing.T) {
	g := NewWithT(t)
	r := must(t, 422, call(newServer(t), "POST", widgetURL, widget("x", `{"size":0,"color":5}`)))
	var fields []string
	for _, cause := range r.object["details"].(map[string]any)["causes"].([]any) {
		fields = append(fields, cause.(map[string]any)["field"].(string))
	}
	g.Expect(fields).To(ContainElements("spec.size", "spec.color"))
	g.Expect(r.get("details", "kind")).To(Equal("Widget"))
	g.Expect(r.get("details", "group")).To(Equal("example.com"))
}

func TestStatusIsKeptApart(t *testing.T) {
	for name, c := range map[string]struct {
		url, body string
		// metadata says whether the status endpoint writes metadata: it does for built-in kinds.
		metadata bool
	}{
		"custom resource": {widgetURL, widget("x", `{"size":5}`), false},
		"built-in":        {ingressURL, ingress("x", "a.example.com"), true},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			s := newServer(t)
			created := must(t, 201, call(s, "POST", c.url, c.body))
			patch := func(endpoint, body string) reply {
				return must(t, 200, call(s, "PATCH", c.url+"/x"+endpoint, body, "Content-Type", mergePatch))
			}
			mixed := `{"metadata":{"labels":{"a":"%s"}},"spec":{"size":6,"ingressClassName":"%s"},"status":{"phase":"%s","loadBalancer":{"ingress":[{"ip":"192.0.2.%s"}]}}}`
			r := patch("/status", strings.ReplaceAll(mixed, "%s", "1"))
			g.Expect(r.object["status"]).NotTo(BeEmpty())
			g.Expect(r.object["spec"]).To(Equal(created.object["spec"]))
			g.Expect(r.get("metadata", "generation")).To(Equal("1"))
			g.Expect(r.get("metadata", "labels", "a") == "1").To(Equal(c.metadata))
			status := r.object["status"]

			r = patch("", strings.ReplaceAll(mixed, "%s", "2"))
			g.Expect(r.object["status"]).To(Equal(status))
			g.Expect(r.object["spec"]).NotTo(Equal(created.object["spec"]))
			g.Expect(r.get("metadata", "generation")).To(Equal("2"))
			g.Expect(r.get("metadata", "labels", "a")).To(Equal("2"))
			g.Expect(must(t, 200, call(s, "GET", c.url+"/x/status", "")).object).To(Equal(r.object))

			g.Expect(patch("", `{"metadata":{"labels":{"a":"3"}}}`).get("metadata", "generation")).To(Equal("2"),
				"metadata is not counted")
		})
	}
}

func TestStatusIsPartOfObjectsWithoutEndpoint(t *testing.T) {
	g := NewWithT(t)
	s := newServer(t)
	url := strings.Replace(widgetURL, "/v1/", "/v1beta1/", 1)
	body := strings.Replace(widget("w", `{}`), "/v1", "/v1beta1", 1)
	must(t, 201, call(s, "POST", url, body))
	r := must(t, 200, call(s, "PATCH", url+"/w", `{"status":{"phase":"ok"}}`, "Content-Type", mergePatch))
	g.Expect(r.get("status", "phase")).To(Equal("ok"))
	g.Expect(r.get("metadata", "generation")).To(Equal("2"))
}

func TestVersionsShareTheirObjects(t *testing.T) {
	g := NewWithT(t)
	s := newServer(t)
	must(t, 201, call(s, "POST", widgetURL, widget("w", `{"size":5}`)))
	r := must(t, 200, call(s, "GET", strings.Replace(widgetURL, "/v1/", "/v1beta1/", 1)+"/w", ""))
	g.Expect(r.get("apiVersion")).To(Equal("example.com/v1beta1"))
	g.Expect(r.get("spec", "size")).To(Equal("5"))
}

func TestWritesThatChangeNothing(t *testing.T) {
	g := NewWithT(t)
	s := newServer(t)
	created := must(t, 201, call(s, "POST", widgetURL, widget("w", `{"size":5}`)))
	put := must(t, 200, call(s, "PUT", widgetURL+"/w", created.Body.String()))
	g.Expect(put.Body.String()).To(Equal(created.Body.String()))
	patched := must(t, 200, call(s, "PATCH", widgetURL+"/w", `{"spec":{"size":5.0}}`, "Content-Type", mergePatch))
	g.Expect(patched.Body.String()).To(Equal(created.Body.String()))
}

func TestUnconditionalUpdates(t *testing.T) {
	g := NewWithT(t)
	s := newServer(t)
	must(t, 201, call(s, "POST", ingressURL, ingress("x", "a.example.com")))
	r := must(t, 200, call(s, "PUT", ingressURL+"/x", ingress("x", "b.example.com")))
	g.Expect(r.get("metadata", "generation")).To(Equal("2"))
	g.Expect(r.get("metadata", "uid")).NotTo(BeEmpty())

	lease := "/apis/coordination.k8s.io/v1/namespaces/a/leases/l"
	created := must(t, 201, call(s, "PUT", lease, `{"metadata":{"name":"l"},"spec":{"holderIdentity":"x"}}`))
	must(t, 422, call(s, "PUT", lease, `{"metadata":{"name":"l"},"spec":{"holderIdentity":"y"}}`))
	must(t, 200, call(s, "PUT", lease, created.Body.String()))
}

func TestFinalizers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		s := newServer(t)
		must(t, 201, call(s, "POST", widgetURL, `{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"w","finalizers":["example.com/a","example.com/b"]}}`))
		r := must(t, 200, call(s, "DELETE", widgetURL+"/w", ""))
		g.Expect(r.get("kind")).To(Equal("Widget"))
		g.Expect(r.get("metadata", "deletionTimestamp")).To(Equal("2000-01-01T00:00:00Z"))
		g.Expect(r.get("metadata", "generation")).To(Equal("2"))
		again := must(t, 200, call(s, "DELETE", widgetURL+"/w", ""))
		g.Expect(again.object).To(Equal(r.object), "it is marked once")
		refused := must(t, 422, call(s, "PATCH", widgetURL+"/w", `{"metadata":{"finalizers":["example.com/c"]}}`, "Content-Type", mergePatch))
		g.Expect(refused.get("message")).To(ContainSubstring("no new finalizers can be added if the object is being deleted"))
		r = must(t, 200, call(s, "PATCH", widgetURL+"/w", `{"metadata":{"finalizers":["example.com/b"],"deletionTimestamp":null}}`, "Content-Type", mergePatch))
		g.Expect(r.get("metadata", "deletionTimestamp")).NotTo(BeEmpty())
		must(t, 200, call(s, "PATCH", widgetURL+"/w", `{"metadata":{"finalizers":null}}`, "Content-Type", mergePatch))
		must(t, 404, call(s, "GET", widgetURL+"/w", ""))
	})
}

func TestDelete(t *testing.T) {
	g := NewWithT(t)
	s := newServer(t)
	created := must(t, 201, call(s, "POST", widgetURL, widget("w", `{}`)))
	r := must(t, 409, call(s, "DELETE", widgetURL+"/w", `{"preconditions":{"uid":"other"}}`))
	g.Expect(r.get("message")).To(ContainSubstring("the UID in the precondition (other) does not match the UID in record"))
	r = must(t, 409, call(s, "DELETE", widgetURL+"/w", `{"preconditions":{"resourceVersion":"1"}}`))
	g.Expect(r.get("message")).To(ContainSubstring("the ResourceVersion in the precondition (1) does not match"))
	must(t, 200, call(s, "DELETE", widgetURL+"/w?dryRun=All", ""))
	r = must(t, 200, call(s, "DELETE", widgetURL+"/w",
		`{"kind":"DeleteOptions","apiVersion":"example.com/v1","propagationPolicy":"Background","preconditions":{"uid":"`+created.get("metadata", "uid")+`"}}`))
	g.Expect(r.object).To(Equal(map[string]any{
		"kind": "Status", "apiVersion": "v1", "metadata": map[string]any{}, "status": "Success",
		"details": map[string]any{"name": "w", "group": "example.com", "kind": "widgets", "uid": created.get("metadata", "uid")},
	}))
	must(t, 404, call(s, "DELETE", widgetURL+"/w", ""))
	must(t, 201, call(s, "POST", widgetURL, widget("w", `{}`)))
	g.Expect(call(s, "GET", widgetURL+"/w", "").get("metadata", "uid")).NotTo(Equal(created.get("metadata", "uid")),
		"another object of the same name has another uid")
}

func TestDeleteCollection(t *testing.T) {
	g := NewWithT(t)
	s := newServer(t)
	for _, name := range []string{"b", "a", "c"} {
		label := map[bool]string{true: "yes", false: "no"}[name != "c"]
		must(t, 201, call(s, "POST", secretURL, fmt.Sprintf(`{"metadata":{"name":%q,"labels":{"go":%q}}}`, name, label)))
	}
	r := must(t, 200, call(s, "DELETE", secretURL+"?labelSelector=go%3Dyes&dryRun=All", ""))
	g.Expect(r.names()).To(Equal([]string{"a", "b"}))
	r = must(t, 200, call(s, "DELETE", secretURL+"?labelSelector=go%3Dyes", ""))
	g.Expect(r.names()).To(Equal([]string{"a", "b"}))
	g.Expect(call(s, "GET", secretURL, "").names()).To(Equal([]string{"c"}))
}

func TestDryRuns(t *testing.T) {
	g := NewWithT(t)
	s := newServer(t)
	must(t, 201, call(s, "POST", widgetURL, widget("w", `{"size":5}`)))
	before := call(s, "GET", widgetURL, "").Body.String()
	r := must(t, 201, call(s, "POST", widgetURL+"?dryRun=All", widget("x", `{}`)))
	g.Expect(r.get("spec", "size")).To(Equal("3"))
	g.Expect(r.get("metadata", "resourceVersion")).To(BeEmpty())
	r = must(t, 200, call(s, "PATCH", widgetURL+"/w?dryRun=All", `{"spec":{"size":6}}`, "Content-Type", mergePatch))
	g.Expect(r.get("spec", "size")).To(Equal("6"))
	must(t, 201, call(s, "POST", "/api/v1/namespaces/nowhere/secrets?dryRun=All", `{"metadata":{"name":"x"}}`))
	must(t, 404, call(s, "GET", "/api/v1/namespaces/nowhere", ""))
	must(t, 422, call(s, "POST", widgetURL+"?dryRun=Some", widget("x", `{}`)))
	g.Expect(call(s, "GET", widgetURL, "").Body.String()).To(Equal(before))
}

func TestGeneratedNames(t *testing.T) {
	g := NewWithT(t)
	s := newServer(t)
	names := map[string]bool{}
	for range 100 {
		r := must(t, 201, call(s, "POST", secretURL, `{"metadata":{"generateName":"s-"}}`))
		g.Expect(r.get("metadata", "name")).To(MatchRegexp(`^s-[bcdfghjklmnpqrstvwxz2456789]{5}$`))
		names[r.get("metadata", "name")] = true
	}
	g.Expect(names).To(HaveLen(100))
	long := must(t, 201, call(s, "POST", secretURL, `{"metadata":{"generateName":"`+strings.Repeat("x", 70)+`"}}`))
	g.Expect(long.get("metadata", "name")).To(HaveLen(63))
}

func TestEqualRequestsGiveEqualBytes(t *testing.T) {
	run := func(name string) (out []string) {
		synctest.Test(t, func(t *testing.T) {
			s, err := kube.New(kube.Config{Name: name})
			if err != nil {
				t.Fatal(err)
			}
			for i := range 50 {
				for _, r := range []reply{
					call(s, "POST", secretURL, `{"metadata":{"generateName":"s-","labels":{"a":"1","b":"2","c":"3"}}}`),
					call(s, "POST", ingressURL, ingress(fmt.Sprint("i", i), "a.example.com")),
					call(s, "PATCH", ingressURL+fmt.Sprintf("/i%d?fieldManager=m", i), "apiVersion: networking.k8s.io/v1\nkind: Ingress\nspec: {ingressClassName: x}",
						"Content-Type", applyPatch),
					call(s, "DELETE", ingressURL+fmt.Sprint("/i", i/2), ""),
					call(s, "GET", ingressURL, ""),
					call(s, "GET", "/apis", ""),
				} {
					out = append(out, r.Body.String())
				}
			}
		})
		return out
	}
	g := NewWithT(t)
	g.Expect(run("one")).To(Equal(run("one")))
	g.Expect(run("one")).NotTo(Equal(run("two")), "clusters differ in their uids")
}

// TestIdentitiesAreIndependent: one more object changes nobody else's uid or generated name.
func TestIdentitiesAreIndependent(t *testing.T) {
	g := NewWithT(t)
	identities := func(extra bool) []string {
		s := newServer(t)
		if extra {
			must(t, 201, call(s, "POST", secretURL, `{"metadata":{"generateName":"other-"}}`))
			must(t, 201, call(s, "POST", secretURL, `{"metadata":{"name":"gone"}}`))
			must(t, 200, call(s, "DELETE", secretURL+"/gone", ""))
		}
		a := must(t, 201, call(s, "POST", secretURL, `{"metadata":{"generateName":"s-"}}`))
		b := must(t, 201, call(s, "POST", secretURL, `{"metadata":{"name":"x"}}`))
		return []string{a.get("metadata", "name"), a.get("metadata", "uid"), b.get("metadata", "uid")}
	}
	g.Expect(identities(true)).To(Equal(identities(false)))
}

func TestOwnersAreNotCollected(t *testing.T) {
	s := newServer(t)
	owner := must(t, 201, call(s, "POST", widgetURL, widget("owner", `{}`)))
	must(t, 201, call(s, "POST", secretURL, `{"metadata":{"name":"owned","ownerReferences":[{"apiVersion":"example.com/v1","kind":"Widget","name":"owner","uid":"`+
		owner.get("metadata", "uid")+`"}]}}`))
	must(t, 200, call(s, "DELETE", widgetURL+"/owner", `{"propagationPolicy":"Foreground"}`))
	must(t, 404, call(s, "GET", widgetURL+"/owner", ""))
	must(t, 200, call(s, "GET", secretURL+"/owned", ""))
}

func TestPodsGoAtOnce(t *testing.T) {
	s := newServer(t)
	must(t, 201, call(s, "POST", "/api/v1/namespaces/a/pods", `{"metadata":{"name":"p"}}`))
	must(t, 200, call(s, "DELETE", "/api/v1/namespaces/a/pods/p", `{"gracePeriodSeconds":30}`))
	must(t, 404, call(s, "GET", "/api/v1/namespaces/a/pods/p", ""))
}

func TestEventsOfTwoGroups(t *testing.T) {
	g := NewWithT(t)
	s := newServer(t)
	must(t, 201, call(s, "POST", "/apis/events.k8s.io/v1/namespaces/a/events", `{"metadata":{"name":"e"},"regarding":{"name":"x"}}`))
	must(t, 404, call(s, "GET", "/api/v1/namespaces/a/events/e", ""))
	must(t, 201, call(s, "POST", "/api/v1/namespaces/a/events", `{"metadata":{"name":"f"},"involvedObject":{"name":"x","kind":"Widget"}}`))
	g.Expect(call(s, "GET", "/api/v1/namespaces/a/events?fieldSelector=involvedObject.name%3Dx,involvedObject.kind%3DWidget", "").names()).
		To(Equal([]string{"f"}))
	g.Expect(call(s, "GET", "/api/v1/namespaces/a/events?fieldSelector=involvedObject.name%3Dy", "").names()).To(BeEmpty())
}
