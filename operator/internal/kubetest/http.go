package kubetest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

func (s *Server) answer(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down {
		return nil, errDown
	}
	gv, namespace, resource, name, subresource, ok := split(r.URL.Path)
	switch {
	case !ok || s.served[gv] == nil:
		return status(http.StatusNotFound, metav1.StatusReasonNotFound, r.URL.Path), nil
	case resource == "":
		return s.discover(gv), nil
	case s.served[gv][resource] == "":
		return status(http.StatusNotFound, metav1.StatusReasonNotFound, r.URL.Path), nil
	case s.forbidden[resource]:
		return status(http.StatusForbidden, metav1.StatusReasonForbidden, resource+" is forbidden"), nil
	}
	if r.Method == http.MethodGet && name == "" {
		if r.URL.Query().Get("watch") != "" {
			return s.watch(r, gv, resource, namespace), nil
		}
		return s.reply(http.StatusOK, map[string]any{
			"kind": s.served[gv][resource] + "List", "apiVersion": gv.String(),
			"metadata": map[string]any{"resourceVersion": fmt.Sprint(s.version)}, "items": s.list(gv, resource, namespace),
		}), nil
	}
	if r.Method == http.MethodPost {
		return s.create(r, gv, resource, namespace), nil
	}
	return s.object(r, object{gv: gv, resource: resource, namespace: namespace}.path(name), subresource), nil
}

func (s *Server) object(r *http.Request, path, subresource string) *http.Response {
	o, ok := s.objects[path]
	if !ok {
		return status(http.StatusNotFound, metav1.StatusReasonNotFound, path)
	}
	switch r.Method {
	case http.MethodGet:
		return s.reply(http.StatusOK, o.body)
	case http.MethodPatch:
		s.writes = append(s.writes, r.Method+" "+r.URL.Path)
		var patch map[string]any
		body, _ := io.ReadAll(r.Body)
		if err := json.Unmarshal(body, &patch); err != nil {
			return status(http.StatusBadRequest, metav1.StatusReasonBadRequest, err.Error())
		}
		if subresource == "status" {
			patch = map[string]any{"status": patch["status"]}
		} else {
			delete(patch, "status")
		}
		o.body = maps.Clone(o.body)
		o.body["metadata"] = maps.Clone(o.body["metadata"].(map[string]any)) // informers may still read the former state
		merge(o.body, patch)
		s.store(path, o, "MODIFIED")
		return s.reply(http.StatusOK, o.body)
	case http.MethodPut:
		s.writes = append(s.writes, r.Method+" "+r.URL.Path)
		return s.replace(r, path, subresource, o)
	case http.MethodDelete:
		s.writes = append(s.writes, r.Method+" "+r.URL.Path)
		s.remove(path)
		return s.reply(http.StatusOK, metav1.Status{TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}, Status: metav1.StatusSuccess})
	}
	return status(http.StatusMethodNotAllowed, metav1.StatusReasonMethodNotAllowed, r.Method)
}

func (s *Server) discover(gv schema.GroupVersion) *http.Response {
	list := metav1.APIResourceList{TypeMeta: metav1.TypeMeta{Kind: "APIResourceList", APIVersion: "v1"}, GroupVersion: gv.String()}
	for resource, kind := range s.served[gv] {
		list.APIResources = append(list.APIResources, metav1.APIResource{Name: resource, Kind: kind, Namespaced: kind != "Namespace"})
	}
	return s.reply(http.StatusOK, list)
}

func (s *Server) reply(code int, body any) *http.Response {
	return &http.Response{
		StatusCode: code, Status: fmt.Sprint(code), ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(bytes.NewReader(encode(body))),
	}
}

func status(code int, reason metav1.StatusReason, message string) *http.Response {
	return (*Server)(nil).reply(code, metav1.Status{
		TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}, Status: metav1.StatusFailure,
		Code: int32(code), Reason: reason, Message: message, // HTTP codes
	})
}

// watcher is one watch. Events wait in memory until they are read.
type watcher struct {
	gv        schema.GroupVersion
	resource  string
	namespace string

	mu     sync.Mutex
	buffer bytes.Buffer
	closed bool
	more   chan struct{}
	ctx    context.Context // of the request
}

// watch begins a watch. It starts with all objects, whatever version the client has seen: informers take them for what they
// are. A client that asks for it is told where they end.
func (s *Server) watch(r *http.Request, gv schema.GroupVersion, resource, namespace string) *http.Response {
	w := &watcher{gv: gv, resource: resource, namespace: namespace, more: make(chan struct{}, 1), ctx: r.Context()}
	q := r.URL.Query()
	if seen := q.Get("resourceVersion"); seen != "" && seen != "0" && q.Get("sendInitialEvents") == "" && s.missed(seen) {
		return status(http.StatusGone, metav1.StatusReasonExpired, "too old resource version")
	}
	if q.Get("sendInitialEvents") == "true" {
		for _, body := range s.list(gv, resource, namespace) {
			w.send("ADDED", body)
		}
		w.send("BOOKMARK", map[string]any{
			"kind": s.served[gv][resource], "apiVersion": gv.String(),
			"metadata": map[string]any{
				"resourceVersion": fmt.Sprint(s.version), "annotations": map[string]any{metav1.InitialEventsAnnotationKey: "true"},
			},
		})
	}
	s.watchers[w] = struct{}{}
	resp := s.reply(http.StatusOK, nil)
	resp.Body = w
	return resp
}

// missed says whether something has changed since a version: there is no history to replay.
func (s *Server) missed(seen string) bool { return seen != fmt.Sprint(s.version) }

func (w *watcher) wants(o object) bool {
	return o.gv == w.gv && o.resource == w.resource && (w.namespace == "" || o.namespace == w.namespace)
}

func (w *watcher) send(event string, body map[string]any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.buffer.Write(encode(map[string]any{"type": event, "object": body}))
	w.buffer.WriteByte('\n')
	w.signal()
}

func (w *watcher) signal() {
	select {
	case w.more <- struct{}{}:
	default:
	}
}

func (w *watcher) ended() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.closed
}

func (w *watcher) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	w.signal()
}

// Read reads events, and waits for them.
func (w *watcher) Read(p []byte) (int, error) {
	for {
		w.mu.Lock()
		n, _ := w.buffer.Read(p)
		closed := w.closed
		w.mu.Unlock()
		if n > 0 {
			return n, nil
		}
		if closed {
			return 0, io.EOF
		}
		select {
		case <-w.more:
		case <-w.ctx.Done():
			return 0, w.ctx.Err()
		}
	}
}

// Close ends the watch on the client's side.
func (w *watcher) Close() error {
	w.close()
	return nil
}
