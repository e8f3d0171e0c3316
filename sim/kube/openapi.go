package kube

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"

	openapiv2 "github.com/google/gnostic-models/openapiv2"
	"google.golang.org/protobuf/proto"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
)

// Clients ask for OpenAPI v2 by a media type that is not well-formed; the reply has one that is.
const (
	openAPIv2Accepted = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"
	openAPIv2Protobuf = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"
)

// serveOpenAPI answers what kubectl asks before it writes: whether a PATCH knows the fieldValidation parameter. There are
// schemas for custom resources, which "kubectl explain" prints, and none for built-ins.
func (s *Server) serveOpenAPI(w http.ResponseWriter, r *http.Request, path string) {
	catalog := s.catalog.Load()
	switch {
	case path == "/openapi/v2":
		s.serveOpenAPIv2(w, r)
	case path == "/openapi/v3":
		paths := map[string]any{}
		for _, gv := range catalog.groupVersions() {
			name := strings.TrimPrefix(gv.path(), "/")
			paths[name] = map[string]any{"serverRelativeURL": "/openapi/v3/" + name + "?hash=" + gv.fingerprint()}
		}
		writeJSON(w, http.StatusOK, map[string]any{"paths": paths})
	default:
		for _, gv := range catalog.groupVersions() {
			if path == "/openapi/v3"+gv.path() {
				writeJSON(w, http.StatusOK, gv.openAPI())
				return
			}
		}
		http.NotFound(w, r)
	}
}

// serveOpenAPIv2 serves a document without content, which old clients take for a server that has no schemas.
func (s *Server) serveOpenAPIv2(w http.ResponseWriter, r *http.Request) {
	const title = "Kubernetes"
	accept := r.Header.Get("Accept")
	if !strings.Contains(accept, openAPIv2Accepted) && !strings.Contains(accept, openAPIv2Protobuf) {
		writeJSON(w, http.StatusOK, map[string]any{
			"swagger": "2.0", "info": map[string]any{"title": title, "version": s.config.Version}, "paths": map[string]any{},
		})
		return
	}
	body, err := proto.Marshal(&openapiv2.Document{
		Swagger: "2.0", Info: &openapiv2.Info{Title: title, Version: s.config.Version}, Paths: &openapiv2.Paths{},
	})
	if err != nil {
		writeError(w, err)
		return
	}
	writeTyped(w, http.StatusOK, openAPIv2Protobuf, body)
}

func (c *catalog) groupVersions() []groupVersion {
	var out []groupVersion
	for _, g := range c.groups {
		out = append(out, g.versions...)
	}
	return out
}

// fingerprint changes when the group version does, so that clients may cache its document.
func (gv groupVersion) fingerprint() string {
	h := sha256.New()
	for _, v := range gv.resources {
		h.Write([]byte(v.Resource + "\n"))
		if v.schema != nil {
			encoded, _ := v.schema.Marshal() // a generated marshaller of a decoded value
			h.Write(encoded)
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

func (gv groupVersion) openAPI() map[string]any {
	paths, schemas := map[string]any{}, map[string]any{}
	for _, v := range gv.resources {
		path := gv.path() + "/" + v.Resource + "/{name}"
		if v.namespaced {
			path = gv.path() + "/namespaces/{namespace}/" + v.Resource + "/{name}"
		}
		paths[path] = map[string]any{"patch": v.patchOperation()}
		if v.schema != nil {
			schemas[modelName(v.GroupVersionKind)] = v.openAPISchema()
		}
	}
	return map[string]any{
		"openapi": "3.0.0", "info": map[string]any{"title": "Kubernetes", "version": "unversioned"},
		"paths": paths, "components": map[string]any{"schemas": schemas},
	}
}

// openAPISchema returns the schema of a custom resource with the mark by which clients find it.
func (v *version) openAPISchema() map[string]any {
	schema, err := runtime.DefaultUnstructuredConverter.ToUnstructured(v.schema)
	if err != nil {
		schema = map[string]any{"type": "object"}
	}
	schema[gvkExtension] = []any{gvkValue(v.GroupVersionKind)}
	return schema
}

const gvkExtension = "x-kubernetes-group-version-kind"

func gvkValue(gvk schema.GroupVersionKind) map[string]any {
	return map[string]any{"group": gvk.Group, "version": gvk.Version, "kind": gvk.Kind}
}

func (v *version) patchOperation() map[string]any {
	var parameters []any
	for _, name := range []string{"dryRun", "fieldManager", "fieldValidation", "force"} {
		parameters = append(parameters, map[string]any{"name": name, "in": "query", "schema": map[string]any{"type": "string"}})
	}
	content := map[string]any{string(types.JSONPatchType): map[string]any{}, string(types.MergePatchType): map[string]any{},
		string(types.ApplyYAMLPatchType): map[string]any{}}
	return map[string]any{
		"parameters": parameters, "requestBody": map[string]any{"content": content},
		"responses":  map[string]any{"200": map[string]any{"description": "OK"}},
		gvkExtension: gvkValue(v.GroupVersionKind),
	}
}
