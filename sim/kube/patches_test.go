package kube_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"
)

func TestPatches(t *testing.T) {
	for name, c := range map[string]struct {
		kind, url, body string
		want            map[string]string // field of the result: value
	}{
		"merge adds, replaces and removes": {mergePatch, widgetURL + "/x", `{"metadata":{"labels":{"a":"1"}},"spec":{"size":7,"color":null,"parts":[{"name":"z"}]}}`,
			map[string]string{"metadata.labels.a": "1", "spec.size": "7", "spec.color": "blue", "spec.parts": "[map[name:z]]"}},
		"merge of nothing": {mergePatch, widgetURL + "/x", `{}`, map[string]string{"spec.size": "5", "metadata.generation": "1"}},
		"JSON patch": {jsonPatch, widgetURL + "/x", `[{"op":"test","path":"/spec/size","value":5},{"op":"replace","path":"/spec/size","value":6},
			{"op":"add","path":"/spec/parts/-","value":{"name":"b"}},{"op":"remove","path":"/spec/color"}]`,
			map[string]string{"spec.size": "6", "spec.parts": "[map[count:1 name:a] map[name:b]]", "spec.color": "blue"}},
		"strategic merge by key": {strategic, "/api/v1/namespaces/a/services/x",
			`{"spec":{"ports":[{"port":443,"name":"tls"},{"port":80,"name":"web"}]}}`,
			map[string]string{"spec.ports": "[map[name:tls port:443 protocol:TCP targetPort:443] map[name:web port:80 protocol:TCP targetPort:8080]]"}},
		"strategic delete": {strategic, "/api/v1/namespaces/a/services/x", `{"spec":{"ports":[{"port":80,"$patch":"delete"},{"port":81}]}}`,
			map[string]string{"spec.ports": "[map[port:81 protocol:TCP targetPort:81]]"}},
		"strategic finalizers": {strategic, "/api/v1/namespaces/a/services/x", `{"metadata":{"finalizers":["example.com/b"]}}`,
			map[string]string{"metadata.finalizers": "[example.com/b example.com/a]"}},
		"apply merges by key": {applyPatch, widgetURL + "/x?fieldManager=m",
			"apiVersion: example.com/v1\nkind: Widget\nspec:\n  parts: [{name: b, count: 2}]\n",
			map[string]string{"spec.parts": "[map[count:1 name:a] map[count:2 name:b]]", "spec.size": "5"}},
		"apply of a built-in": {applyPatch, "/api/v1/namespaces/a/services/x?fieldManager=m",
			`{"apiVersion":"v1","kind":"Service","spec":{"ports":[{"port":443,"protocol":"TCP","name":"tls"}]}}`,
			map[string]string{"spec.ports": "[map[name:old port:80 protocol:TCP targetPort:8080] map[name:tls port:443 protocol:TCP targetPort:443]]"}},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			s := newServer(t)
			must(t, 201, call(s, "POST", widgetURL, widget("x", `{"size":5,"color":"green","parts":[{"name":"a","count":1}]}`)))
			must(t, 201, call(s, "POST", "/api/v1/namespaces/a/services",
				`{"metadata":{"name":"x","finalizers":["example.com/a"]},"spec":{"ports":[{"port":80,"targetPort":8080,"name":"old"}]}}`))
			r := must(t, 200, call(s, "PATCH", c.url, c.body, "Content-Type", c.kind))
			for field, value := range c.want {
				g.Expect(r.get(strings.Split(field, ".")...)).To(Equal(value), field)
			}
			url, _, _ := strings.Cut(c.url, "?")
			g.Expect(call(s, "GET", url, "").object).To(Equal(r.object))
		})
	}
}

// apply sends an applied configuration of widget x.
func apply(manager, spec string) (method, url, body, header, kind string) {
	return "PATCH", widgetURL + "/x?" + manager, "{apiVersion: example.com/v1, kind: Widget, metadata: {name: x}, spec: " + spec + "}", "Content-Type", applyPatch
}

func TestServerSideApply(t *testing.T) {
	g := NewWithT(t)
	s := newServer(t)
	send := func(manager, spec string) reply {
		method, url, body, header, kind := apply(manager, spec)
		return call(s, method, url, body, header, kind)
	}
	r := must(t, 201, send("fieldManager=one", "{size: 5, parts: [{name: a, count: 1}]}"))
	g.Expect(r.get("metadata", "name")).To(Equal("x"))
	g.Expect(r.get("spec", "color")).To(Equal("blue"))
	version := r.get("metadata", "resourceVersion")
	r = must(t, 200, send("fieldManager=one", "{size: 5, parts: [{name: a, count: 1}]}"))
	g.Expect(r.get("metadata", "resourceVersion")).To(Equal(version), "applying the same again changes nothing")

	r = must(t, 409, send("fieldManager=two", "{size: 6}"))
	g.Expect(r.get("message")).To(Equal(`Apply failed with 1 conflict: conflict with "one": .spec.size`))
	must(t, 200, send("fieldManager=two&force=true", "{size: 6}"))
	r = must(t, 409, send("fieldManager=one", "{size: 5, parts: [{name: a, count: 1}]}"))
	g.Expect(r.get("message")).To(ContainSubstring(`conflict with "two"`))
	r = must(t, 200, send("fieldManager=one", "{parts: [{name: b}]}"))
	g.Expect(r.get("spec", "parts")).To(Equal("[map[name:b]]"), "what its only manager leaves out goes")
	g.Expect(r.get("spec", "size")).To(Equal("6"))
}

func TestManagedFieldsBegin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		s := newServer(t)
		managers := func(r reply) (out []string) {
			entries, _ := r.object["metadata"].(map[string]any)["managedFields"].([]any)
			for _, e := range entries {
				e := e.(map[string]any)
				out = append(out, fmt.Sprint(e["manager"], " ", e["operation"], " ", e["subresource"], " ", e["time"]))
			}
			return out
		}
		r := must(t, 201, call(s, "POST", widgetURL, widget("x", `{"size":5}`), "User-Agent", "kubectl/v1.37"))
		g.Expect(managers(r)).To(BeEmpty())
		method, url, body, header, kind := apply("fieldManager=m", "{color: green}")
		r = must(t, 409, call(s, method, url, body, header, kind))
		g.Expect(r.get("message")).To(ContainSubstring(`conflict with "before-first-apply"`))
		time.Sleep(time.Hour)
		r = must(t, 200, call(s, method, url+"&force=true", body, header, kind))
		g.Expect(managers(r)).To(ConsistOf(
			"m Apply <nil> 2000-01-01T01:00:00Z", "before-first-apply Update <nil> 2000-01-01T01:00:00Z"))
		time.Sleep(time.Hour)
		must(t, 200, call(s, "PATCH", widgetURL+"/x/status", `{"status":{"phase":"ok"}}`, "Content-Type", mergePatch, "User-Agent", "operator/v1"))
		r = must(t, 200, call(s, "PATCH", widgetURL+"/x?fieldManager=edit", `{"spec":{"size":6}}`, "Content-Type", mergePatch))
		g.Expect(managers(r)).To(ConsistOf(
			"m Apply <nil> 2000-01-01T01:00:00Z", "before-first-apply Update <nil> 2000-01-01T01:00:00Z",
			"operator Update status 2000-01-01T02:00:00Z", "edit Update <nil> 2000-01-01T02:00:00Z"))
	})
}

func TestFieldValidation(t *testing.T) {
	for name, c := range map[string]struct {
		body, parameter string
		code            int
		warnings        []string
		message         string
	}{
		"warned of by default": {widget("x", `{"size":5,"colour":"red"}`), "", 201, []string{`299 - "unknown field \"spec.colour\""`}, ""},
		"refused":              {widget("x", `{"colour":"red"}`), "Strict", 400, nil, `strict decoding error: unknown field "spec.colour"`},
		"ignored":              {widget("x", `{"colour":"red"}`), "Ignore", 201, nil, ""},
		"in a list":            {widget("x", `{"parts":[{"name":"a"},{"name":"b","amount":1}]}`), "Strict", 400, nil, `unknown field "spec.parts[1].amount"`},
		"twice":                {widget("x", `{"size":5,"size":6}`), "Strict", 400, nil, `strict decoding error: duplicate field "spec.size"`},
		"in metadata":          {strings.Replace(widget("x", `{}`), `"name"`, `"nickname":"y","name"`, 1), "", 201, []string{`299 - "unknown field \"metadata.nickname\""`}, ""},
		"no such mode":         {widget("x", `{}`), "Perhaps", 422, nil, "fieldValidation"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			s := newServer(t)
			url := widgetURL
			if c.parameter != "" {
				url += "?fieldValidation=" + c.parameter
			}
			r := must(t, c.code, call(s, "POST", url, c.body))
			g.Expect(r.Header()["Warning"]).To(Equal(c.warnings))
			g.Expect(r.get("message")).To(ContainSubstring(c.message))
			if c.code == 201 {
				g.Expect(r.Body.String()).NotTo(Or(ContainSubstring("colour"), ContainSubstring("nickname")), "unknown fields are dropped")
			}
		})
	}
	t.Run("of built-ins", func(t *testing.T) {
		g := NewWithT(t)
		s := newServer(t)
		body := `{"metadata":{"name":"x"},"datum":{}}`
		r := must(t, 400, call(s, "POST", secretURL+"?fieldValidation=Strict", body))
		g.Expect(r.get("message")).To(ContainSubstring(`strict decoding error: unknown field "datum"`))
		r = must(t, 201, call(s, "POST", secretURL, body))
		g.Expect(r.Header()["Warning"]).To(Equal([]string{`299 - "unknown field \"datum\""`}))
	})
	t.Run("of patches", func(t *testing.T) {
		g := NewWithT(t)
		s := newServer(t)
		must(t, 201, call(s, "POST", widgetURL, widget("x", `{}`)))
		for kind, body := range map[string]string{
			mergePatch: `{"spec":{"colour":"red"}}`, jsonPatch: `[{"op":"add","path":"/spec/colour","value":"red"}]`,
		} {
			r := must(t, 422, call(s, "PATCH", widgetURL+"/x?fieldValidation=Strict", body, "Content-Type", kind))
			g.Expect(r.get("message")).To(ContainSubstring(`strict decoding error: unknown field "spec.colour"`))
			r = must(t, 200, call(s, "PATCH", widgetURL+"/x", body, "Content-Type", kind))
			g.Expect(r.Header()["Warning"]).To(Equal([]string{`299 - "unknown field \"spec.colour\""`}))
		}
	})
}

func TestBuiltinRules(t *testing.T) {
	serviceURL := "/api/v1/namespaces/a/services"
	for name, c := range map[string]struct {
		url, body string
		code      int
		want      map[string]string // field of the reply: value, or part of the message
	}{
		"secret": {secretURL, `{"metadata":{"name":"x"},"data":{"a":"MQ=="},"stringData":{"b":"2"}}`, 201,
			map[string]string{"type": "Opaque", "data": "map[a:MQ== b:Mg==]", "stringData": ""}},
		"service": {serviceURL, `{"metadata":{"name":"x"},"spec":{"ports":[{"port":80}]}}`, 201,
			map[string]string{"spec.type": "ClusterIP", "spec.ports": "[map[port:80 protocol:TCP targetPort:80]]"}},
		"service without ports": {serviceURL, `{"metadata":{"name":"x"},"spec":{}}`, 422, map[string]string{"message": "spec.ports: Required value"}},
		"service port":          {serviceURL, `{"metadata":{"name":"x"},"spec":{"ports":[{"port":0}]}}`, 422, map[string]string{"message": "spec.ports[0].port: Invalid value: 0"}},
		"service type":          {serviceURL, `{"metadata":{"name":"x"},"spec":{"type":"Global","ports":[{"port":80}]}}`, 422, map[string]string{"message": `spec.type: Unsupported value: "Global"`}},
		"service name":          {serviceURL, `{"metadata":{"name":"x.y"},"spec":{"ports":[{"port":80}]}}`, 422, map[string]string{"message": "metadata.name: Invalid value"}},
		"namespace": {"/api/v1/namespaces", `{"metadata":{"name":"x"},"status":{"phase":"Odd"}}`, 201,
			map[string]string{"metadata.labels": "map[kubernetes.io/metadata.name:x]", "status.phase": "Active"}},
		"namespace with a generated name": {"/api/v1/namespaces", `{"metadata":{"generateName":"x-"}}`, 201, map[string]string{"status.phase": "Active"}},
		"ingress without anything": {ingressURL, `{"metadata":{"name":"x"},"spec":{}}`, 422,
			map[string]string{"message": "either `defaultBackend` or `rules` must be specified"}},
		"ingress wildcard": {ingressURL, ingress("x", "*.example.com"), 201, nil},
		"ingress host":     {ingressURL, ingress("x", "a_b.example.com"), 422, map[string]string{"message": `spec.rules[0].host: Invalid value: "a_b.example.com"`}},
		"ingress path":     {ingressURL, strings.Replace(ingress("x", "a"), `"/"`, `"x"`, 1), 422, map[string]string{"message": "spec.rules[0].http.paths[0].path: Invalid value: \"x\": must be an absolute path"}},
		"ingress path type": {ingressURL, strings.Replace(ingress("x", "a"), `"Prefix"`, `"Suffix"`, 1), 422,
			map[string]string{"message": `spec.rules[0].http.paths[0].pathType: Unsupported value: "Suffix": supported values: "Exact", "ImplementationSpecific", "Prefix"`}},
		"ingress backend": {ingressURL, strings.Replace(ingress("x", "a"), `"backend":{"service":{"name":"web","port":{"number":80}}}`, `"backend":{}`, 1), 422,
			map[string]string{"message": "spec.rules[0].http.paths[0].backend: Required value: resource or service backend is required"}},
		"cluster role": {"/apis/rbac.authorization.k8s.io/v1/clusterroles", `{"metadata":{"name":"System:x"}}`, 201, nil},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			r := must(t, c.code, call(newServer(t), "POST", c.url, c.body))
			for field, value := range c.want {
				if field == "message" {
					g.Expect(r.get(field)).To(ContainSubstring(value))
				} else {
					g.Expect(r.get(strings.Split(field, ".")...)).To(Equal(value), field)
				}
			}
		})
	}
}
