package kube_test

import (
	"encoding/json"
	"net/http/httptest"
	"net/url"
	"testing"
)

// FuzzPatch patches a custom resource and a built-in with anything. Whatever the patch, the server answers with an object
// or a refusal, and what it then holds is what it said.
func FuzzPatch(f *testing.F) {
	kinds := []string{mergePatch, jsonPatch, strategic, applyPatch}
	for i, body := range []string{
		`{"spec":{"size":6}}`, `[{"op":"add","path":"/spec/parts/-","value":{"name":"b"}}]`,
		`{"spec":{"ports":[{"port":80,"$patch":"delete"}]}}`, "apiVersion: example.com/v1\nkind: Widget\nspec: {size: 6}",
		`{"metadata":null}`, `[{"op":"replace","path":"","value":5}]`, `{"$patch":"replace"}`, "a: &a [*a]", `{"kind":"x"}`,
		`{"spec":{"$setElementOrder/ports":[{"port":1}],"ports":[{"port":80}]}}`, `null`, `{"spec":1e999}`,
	} {
		f.Add(i%len(kinds), body)
	}
	f.Fuzz(func(t *testing.T, kind int, body string) {
		s := newServer(t)
		must(t, 201, call(s, "POST", widgetURL, widget("x", `{"size":5,"parts":[{"name":"a"}]}`)))
		const serviceURL = "/api/v1/namespaces/a/services"
		must(t, 201, call(s, "POST", serviceURL, `{"metadata":{"name":"x"},"spec":{"ports":[{"port":80}]}}`))
		for _, target := range []string{widgetURL + "/x", widgetURL + "/x/status", serviceURL + "/x"} {
			query := ""
			if kinds[(kind%4+4)%4] == applyPatch {
				query = "?fieldManager=fuzz"
			}
			r := call(s, "PATCH", target+query, body, "Content-Type", kinds[(kind%4+4)%4])
			checkReply(t, r)
			got := must(t, 200, call(s, "GET", target, ""))
			if r.Code == 200 && got.Body.String() != r.Body.String() {
				t.Errorf("the reply is not what is stored:\n%s%s", r.Body, got.Body)
			}
			if got.get("metadata", "name") != "x" || got.get("metadata", "namespace") != "a" {
				t.Errorf("the object has changed its name: %s", got.Body)
			}
		}
	})
}

// FuzzCreate posts anything in every encoding.
func FuzzCreate(f *testing.F) {
	for _, body := range []string{
		widget("x", `{"size":5}`), ingress("x", "a.example.com"), "metadata: {name: x}", "k8s\x00\n\x0f\n\x02v1\x12\x06Secret", `{"metadata":{"name":5}}`, "[]", "null", "",
	} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		s := newServer(t)
		for _, u := range []string{widgetURL, ingressURL, secretURL, "/api/v1/namespaces", definitionURL} {
			for _, contentType := range []string{"application/json", "application/yaml", "application/vnd.kubernetes.protobuf"} {
				r := call(s, "POST", u, body, "Content-Type", contentType)
				checkReply(t, r)
				if r.Code == 201 {
					again := must(t, 200, call(s, "GET", u+"/"+url.PathEscape(r.get("metadata", "name")), ""))
					if again.get("metadata", "uid") != r.get("metadata", "uid") {
						t.Errorf("the reply is not what is stored:\n%s%s", r.Body, again.Body)
					}
				}
			}
		}
	})
}

// FuzzSelectors lists with any selectors: a list never holds more than a list without them.
func FuzzSelectors(f *testing.F) {
	f.Add("app=a", "metadata.name=x")
	f.Add("app in (a,b),!c", "spec.color!=red,metadata.namespace=a")
	f.Add("a==,", "==")
	f.Fuzz(func(t *testing.T, labels, fields string) {
		s := newServer(t)
		for _, name := range []string{"x", "y", "z"} {
			must(t, 201, call(s, "POST", widgetURL, widget(name, `{}`)))
		}
		query := url.Values{"labelSelector": {labels}, "fieldSelector": {fields}, "limit": {labels}}.Encode()
		r := call(s, "GET", widgetURL+"?"+query, "")
		checkReply(t, r)
		if len(r.names()) > 3 {
			t.Errorf("%d objects of 3", len(r.names()))
		}
	})
}

// FuzzPath asks for any path.
func FuzzPath(f *testing.F) {
	f.Add("/api/v1/namespaces/a/secrets/x", "watch=false&limit=1&continue=x")
	f.Add("//apis///", "resourceVersion=-1")
	f.Fuzz(func(t *testing.T, path, query string) {
		s := newServer(t)
		r := httptest.NewRequest("GET", "/", nil)
		r.URL.Path, r.URL.RawQuery = path, query
		if s.Streaming(r) {
			return
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code < 200 || w.Code > 599 {
			t.Errorf("status %d", w.Code)
		}
	})
}

// checkReply fails unless a reply is an object, or a Status that says what is wrong.
func checkReply(t *testing.T, r reply) {
	t.Helper()
	if !json.Valid(r.Body.Bytes()) {
		t.Fatalf("status %d, and no JSON: %q", r.Code, r.Body)
	}
	if r.Code >= 400 && (r.get("kind") != "Status" || r.get("message") == "") {
		t.Errorf("status %d without a Status: %s", r.Code, r.Body)
	}
	if r.Code == 500 && r.get("reason") == "InternalError" {
		t.Errorf("internal error: %s", r.Body)
	}
}
