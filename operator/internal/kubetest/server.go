// Package kubetest is a small in-memory Kubernetes API server for the tests of the operator: get, list, watch, create,
// merge patch and delete of objects as JSON, with resource versions, status subresources and outages. It validates nothing.
//
// It is not the project's simulated API server: the operator imports nothing of the project, also in tests.
package kubetest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"
)

// errDown is what a client sees of a server that is down.
var errDown = errors.New("dial tcp: connect: connection refused")

// Server is one API server. All methods are safe for concurrent use.
type Server struct {
	name   string
	scheme *runtime.Scheme

	mu       sync.Mutex
	served   map[schema.GroupVersion]map[string]string // resource -> kind
	made     map[string]int                            // how often an object of a path was made
	objects  map[string]object                         // path
	version  int
	watchers map[*watcher]struct{}
	down     bool
	// forbidden are the resources that clients may not touch.
	forbidden map[string]bool
	writes    []string
	fault     func(Request) *Fault
	lifted    chan struct{} // closed when another fault is set
}

// object is a stored object and where it belongs.
type object struct {
	gv        schema.GroupVersion
	resource  string
	namespace string
	body      map[string]any
}

// New returns a server that serves resources, given with their kind; the scheme says how Go types map to kinds.
func New(name string, scheme *runtime.Scheme, resources map[schema.GroupVersionResource]string) *Server {
	s := &Server{
		name: name, scheme: scheme, served: map[schema.GroupVersion]map[string]string{}, objects: map[string]object{}, made: map[string]int{},
		watchers: map[*watcher]struct{}{}, lifted: make(chan struct{}),
	}
	for gvr, kind := range resources {
		s.Serve(gvr, kind)
	}
	return s
}

// Serve makes the server serve one more kind.
func (s *Server) Serve(gvr schema.GroupVersionResource, kind string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	gv := gvr.GroupVersion()
	if s.served[gv] == nil {
		s.served[gv] = map[string]string{}
	}
	s.served[gv][gvr.Resource] = kind
}

// Config is how clients reach the server.
func (s *Server) Config() *rest.Config {
	return &rest.Config{Host: "http://" + s.name, Transport: s, QPS: -1}
}

// Apply creates an object or replaces it, status included, as users and other operators would.
func (s *Server) Apply(obj client.Object) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, path := s.decode(obj)
	meta := o.body["metadata"].(map[string]any)
	if old, exists := s.objects[path]; exists {
		was := old.body["metadata"].(map[string]any)
		meta["uid"], meta["creationTimestamp"] = was["uid"], was["creationTimestamp"]
		meta["generation"] = generation(old, o)
		s.store(path, o, "MODIFIED")
		return
	}
	meta["uid"], meta["generation"] = s.uid(path), int64(1)
	if meta["creationTimestamp"] == nil {
		meta["creationTimestamp"] = time.Now().UTC().Format(time.RFC3339)
	}
	s.store(path, o, "ADDED")
}

// Delete removes an object.
func (s *Server) Delete(obj client.Object) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, path := s.decode(obj)
	s.remove(path)
}

// DeleteNamed removes an object by the plural of its kind; nothing happens if there is none.
func (s *Server) DeleteNamed(resource, namespace, name string) {
	s.deleteIf(func(o object) bool {
		return o.resource == resource && o.namespace == namespace && o.body["metadata"].(map[string]any)["name"] == name
	})
}

// DeleteIn removes all objects of a namespace.
func (s *Server) DeleteIn(namespace string) {
	s.deleteIf(func(o object) bool { return o.namespace == namespace })
}

func (s *Server) deleteIf(gone func(object) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, path := range slices.Sorted(maps.Keys(s.objects)) {
		if gone(s.objects[path]) {
			s.remove(path)
		}
	}
}

// Serves says whether the server serves a kind.
func (s *Server) Serves(gvr schema.GroupVersionResource) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.served[gvr.GroupVersion()][gvr.Resource] != ""
}

// Get reads an object by the name that it has; false: there is none.
func (s *Server) Get(obj client.Object) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, path := s.decode(obj)
	o, ok := s.objects[path]
	if !ok {
		return false
	}
	if err := json.Unmarshal(encode(o.body), obj); err != nil {
		panic(err)
	}
	return true
}

// SetForbidden takes the right away from clients to do anything with a resource, or gives it back.
func (s *Server) SetForbidden(resource string, forbidden bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.forbidden == nil {
		s.forbidden = map[string]bool{}
	}
	s.forbidden[resource] = forbidden
}

// SetDown takes the server away, with all watches, or brings it back.
func (s *Server) SetDown(down bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = down
	if down {
		s.closeWatches()
	}
}

// Forget makes watches start over with a list, as after a long outage: changes before now are not replayed.
func (s *Server) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.version += 1000
	s.closeWatches()
}

func (s *Server) closeWatches() {
	for w := range s.watchers {
		w.close()
	}
	clear(s.watchers)
}

// Writes returns the writes that clients made since the last call: verb and path.
func (s *Server) Writes() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	writes := s.writes
	s.writes = nil
	return writes
}

// decode reads an object into the server's form, with its path.
func (s *Server) decode(obj client.Object) (object, string) {
	gvk, err := apiutil.GVKForObject(obj, s.scheme)
	if err != nil {
		panic(err)
	}
	body := map[string]any{}
	data, err := json.Marshal(obj)
	if err != nil {
		panic(err)
	}
	if err := json.Unmarshal(data, &body); err != nil {
		panic(err)
	}
	body["apiVersion"], body["kind"] = gvk.GroupVersion().String(), gvk.Kind
	for resource, kind := range s.served[gvk.GroupVersion()] {
		if kind == gvk.Kind {
			o := object{gvk.GroupVersion(), resource, obj.GetNamespace(), body}
			return o, o.path(obj.GetName())
		}
	}
	panic(fmt.Sprintf("kubetest: %s is not served by %s", gvk, s.name))
}

func (o object) path(name string) string {
	root := "/apis/" + o.gv.String()
	if o.gv.Group == "" {
		root = "/api/" + o.gv.Version
	}
	if o.namespace != "" {
		root += "/namespaces/" + o.namespace
	}
	return root + "/" + o.resource + "/" + name
}

func (s *Server) store(path string, o object, event string) {
	s.version++
	meta := o.body["metadata"].(map[string]any)
	meta["resourceVersion"] = fmt.Sprint(s.version)
	s.objects[path] = o
	s.notify(o, event)
}

// uid is a new one for an object of a path, and the same in each run.
func (s *Server) uid(path string) string {
	s.made[path]++
	if n := s.made[path]; n > 1 {
		return fmt.Sprintf("uid-%d-of-%s", n, path)
	}
	return "uid-of-" + path
}

// generation is that of an object in a new state: it counts the changes of all but metadata and status.
func generation(old, o object) int64 {
	content := func(o object) map[string]any {
		c := maps.Clone(o.body)
		delete(c, "metadata")
		delete(c, "status")
		return c
	}
	n := int64(1)
	switch g := old.body["metadata"].(map[string]any)["generation"].(type) {
	case int64:
		n = g
	case float64:
		n = int64(g)
	}
	if bytes.Equal(encode(content(old)), encode(content(o))) {
		return n
	}
	return n + 1
}

func (s *Server) remove(path string) {
	o, ok := s.objects[path]
	if !ok {
		return
	}
	delete(s.objects, path)
	s.version++
	o.body = maps.Clone(o.body)
	meta := maps.Clone(o.body["metadata"].(map[string]any))
	meta["resourceVersion"] = fmt.Sprint(s.version)
	o.body["metadata"] = meta
	s.notify(o, "DELETED")
}

func (s *Server) notify(o object, event string) {
	for w := range s.watchers {
		switch {
		case w.ended():
			delete(s.watchers, w)
		case w.wants(o):
			w.send(event, o.body)
		}
	}
}

// list returns the objects of a resource, all namespaces for "", by path.
func (s *Server) list(gv schema.GroupVersion, resource, namespace string) []map[string]any {
	var found []map[string]any
	for _, path := range slices.Sorted(maps.Keys(s.objects)) {
		o := s.objects[path]
		if o.gv == gv && o.resource == resource && (namespace == "" || o.namespace == namespace) {
			found = append(found, o.body)
		}
	}
	return found
}

// merge applies a JSON merge patch.
func merge(into, patch map[string]any) {
	for key, value := range patch {
		switch value := value.(type) {
		case nil:
			delete(into, key)
		case map[string]any:
			inner, _ := into[key].(map[string]any)
			inner = maps.Clone(inner)
			if inner == nil {
				inner = map[string]any{}
			}
			merge(inner, value)
			into[key] = inner
		default:
			into[key] = value
		}
	}
}

func encode(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return data
}

// split takes a request path apart.
func split(path string) (gv schema.GroupVersion, namespace, resource, name, subresource string, ok bool) {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	switch {
	case len(parts) >= 2 && parts[0] == "api":
		gv, parts = schema.GroupVersion{Version: parts[1]}, parts[2:]
	case len(parts) >= 3 && parts[0] == "apis":
		gv, parts = schema.GroupVersion{Group: parts[1], Version: parts[2]}, parts[3:]
	default:
		return gv, "", "", "", "", false
	}
	if len(parts) >= 3 && parts[0] == "namespaces" {
		namespace, parts = parts[1], parts[2:]
	}
	parts = append(parts, "", "", "")
	return gv, namespace, parts[0], parts[1], parts[2], true
}

// List returns all objects of a resource, by its plural.
func (s *Server) List(resource string) []map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []map[string]any
	for _, path := range slices.Sorted(maps.Keys(s.objects)) {
		if s.objects[path].resource == resource {
			found = append(found, s.objects[path].body)
		}
	}
	return found
}

// Repeat has every watch told of all objects once more, the last by path first, as if nothing had been told yet.
func (s *Server) Repeat() {
	s.mu.Lock()
	defer s.mu.Unlock()
	paths := slices.Sorted(maps.Keys(s.objects))
	slices.Reverse(paths)
	for _, path := range paths {
		s.notify(s.objects[path], "ADDED")
		s.notify(s.objects[path], "MODIFIED")
	}
}
