package kubetest

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
)

// create makes an object. In a namespace that does not exist it fails, as with a real server.
func (s *Server) create(r *http.Request, gv schema.GroupVersion, resource, namespace string) *http.Response {
	body, err := s.read(r)
	if err != nil {
		return status(http.StatusBadRequest, metav1.StatusReasonBadRequest, err.Error())
	}
	meta := body["metadata"].(map[string]any)
	o := object{gv, resource, namespace, body}
	path := o.path(meta["name"].(string))
	s.writes = append(s.writes, r.Method+" "+path)
	if _, exists := s.objects[path]; exists {
		return status(http.StatusConflict, metav1.StatusReasonAlreadyExists, path+" already exists")
	}
	if namespace != "" && !s.hasNamespace(namespace) {
		return status(http.StatusNotFound, metav1.StatusReasonNotFound, "namespaces "+namespace+" not found")
	}
	meta["uid"], meta["creationTimestamp"] = s.uid(path), time.Now().UTC().Format(time.RFC3339)
	meta["generation"] = int64(1)
	if s.statusApart(resource) {
		delete(body, "status")
	}
	s.store(path, o, "ADDED")
	return s.reply(http.StatusCreated, body)
}

func (s *Server) hasNamespace(name string) bool {
	_, ok := s.objects["/api/v1/namespaces/"+name]
	return ok
}

// statusApart says whether the status of a kind is a subresource, which other writes leave alone.
func (s *Server) statusApart(resource string) bool {
	return resource != "events" && resource != "leases"
}

// replace replaces an object, or its status alone.
func (s *Server) replace(r *http.Request, path, subresource string, o object) *http.Response {
	body, err := s.read(r)
	if err != nil {
		return status(http.StatusBadRequest, metav1.StatusReasonBadRequest, err.Error())
	}
	was, meta := o.body["metadata"].(map[string]any), body["metadata"].(map[string]any)
	if v := meta["resourceVersion"]; v != nil && v != "" && v != was["resourceVersion"] {
		return status(http.StatusConflict, metav1.StatusReasonConflict, path+" has been modified")
	}
	if subresource == "status" {
		o.body = maps.Clone(o.body)
		o.body["status"], o.body["metadata"] = body["status"], maps.Clone(was)
	} else {
		if s.statusApart(o.resource) {
			body["status"] = o.body["status"]
		}
		meta["uid"], meta["creationTimestamp"] = was["uid"], was["creationTimestamp"]
		meta["generation"] = generation(o, object{body: body})
		o.body = body
	}
	s.store(path, o, "MODIFIED")
	return s.reply(http.StatusOK, o.body)
}

// read reads the object that a request brings, in any form that client-go sends.
func (s *Server) read(r *http.Request) (map[string]any, error) {
	data, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	if r.Header.Get("Content-Type") == runtime.ContentTypeProtobuf {
		obj, _, err := serializer.NewCodecFactory(s.scheme).UniversalDeserializer().Decode(data, nil, nil)
		if err != nil {
			return nil, err
		}
		data = encode(obj)
	}
	body := map[string]any{}
	return body, json.Unmarshal(data, &body)
}
