package kube

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"

	"github.com/gslbsim/gslbsim/sim/kube/internal/store"
)

// Server is a Kubernetes API server whose objects live in memory. It is an http.Handler, safe for concurrent use.
//
// Requests other than watches never block, so they may run on an event loop. A watch blocks until its client goes, its
// time is over, or Restart or Close ends it.
type Server struct {
	config  Config
	store   *store.Store
	catalog atomic.Pointer[catalog]
	// ids is used inside of transactions only.
	ids identities
	// definitions makes changes of what is served happen one after another. It guards compiled, the resource of the
	// definition that was validated last.
	definitions sync.Mutex
	compiled    *resource

	mu      sync.Mutex
	closed  bool
	streams map[*stream]struct{}
}

// New returns a server with the resources of cfg and the namespaces of every cluster. The error says which part of cfg
// cannot be served.
func New(cfg Config) (*Server, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	s := &Server{config: cfg, store: store.New(cfg.storeLimits()), streams: map[*stream]struct{}{}}
	s.ids.cluster = cfg.Name
	first := &catalog{}
	for _, b := range append([]Builtin{namespaceBuiltin, crdBuiltin}, cfg.Builtins...) {
		r, err := newBuiltin(b, s.store.NewTable())
		if err != nil {
			return nil, err
		}
		if b.GroupVersionKind == crdBuiltin.GroupVersionKind {
			r.rules = s.definitionRules()
		}
		if first.resources[r.GroupResource] != nil {
			return nil, fmt.Errorf("kube: %s is among the built-in resources twice", r.GroupResource)
		}
		first = first.with(r)
	}
	s.catalog.Store(first)
	if err := s.populate(); err != nil {
		return nil, err
	}
	for i, crd := range cfg.CRDs {
		if crd == nil {
			return nil, fmt.Errorf("kube: Config.CRDs[%d] is nil", i)
		}
		if err := s.addDefinition(crd.DeepCopy()); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// populate creates the first namespaces.
func (s *Server) populate() error {
	return s.store.Update(func(tx *store.Tx) error {
		w := &write{Server: s, tx: tx}
		for _, name := range initialNamespaces {
			if err := w.onNamespace(name).createNamespace(); err != nil {
				return err
			}
		}
		return nil
	})
}

// Restart does what clients notice of an API server that is replaced by another one on the same etcd: objects and their
// resource versions stay, all watches end, and the history is gone, so that a watch from before the last change is
// answered with 410 Gone. Requests that are being served are finished.
func (s *Server) Restart() { s.store.Drop() }

// Close ends all watches and refuses requests from then on with 503. It does not wait for the handlers to return, which
// they do at once, unless their ResponseWriter blocks and does not know deadlines. Closing twice does nothing.
func (s *Server) Close() {
	s.mu.Lock()
	s.closed = true
	open := make([]*stream, 0, len(s.streams))
	for st := range s.streams {
		open = append(open, st)
	}
	s.mu.Unlock()
	s.store.Drop()
	for _, st := range open {
		st.abort()
	}
}

func (s *Server) isClosed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed
}

// Streaming says whether a request is a watch, whose response goes on: a simulated network runs all others on its event
// loop.
func (s *Server) Streaming(r *http.Request) bool {
	if r.Method != http.MethodGet || !strings.Contains(r.URL.RawQuery, "watch") {
		return false
	}
	t, ok := parsePath(r.URL.Path)
	return ok && t.name == "" && wantsWatch(r)
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-cache, private")
	if s.isClosed() {
		writeError(w, errShuttingDown)
		return
	}
	if t, ok := parsePath(r.URL.Path); ok {
		s.serveResource(w, r, t)
		return
	}
	s.serveDocument(w, r)
}

// serveDocument answers what is not about objects.
func (s *Server) serveDocument(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		http.Error(w, "405 method not allowed", http.StatusMethodNotAllowed)
		return
	}
	path := strings.TrimSuffix(r.URL.Path, "/")
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	switch first {
	case "healthz", "livez", "readyz":
		writePlain(w, "ok")
	case "version":
		writeJSON(w, http.StatusOK, s.versionInfo())
	case "api", "apis":
		s.serveDiscovery(w, r, path)
	case "openapi":
		s.serveOpenAPI(w, r, path)
	default:
		http.NotFound(w, r)
	}
}

// definition returns the version of the resource that holds the CustomResourceDefinitions.
func (s *Server) definition() *version {
	return s.catalog.Load().lookup(apiextensionsv1.SchemeGroupVersion.WithResource(crdBuiltin.Plural))
}

// isDefinition says whether writes to a resource change what is served.
func (v *version) isDefinition() bool {
	return v.GroupVersionKind == crdBuiltin.GroupVersionKind
}

// target is what a URL below /api or /apis is about.
type target struct {
	group, version, namespace, resource, name, subresource string
}

// parsePath splits the URL path of a resource. ok is false for all other paths, such as /api/v1.
func parsePath(path string) (t target, ok bool) {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	switch {
	case len(parts) >= 3 && parts[0] == "api":
		t.version, parts = parts[1], parts[2:]
	case len(parts) >= 4 && parts[0] == "apis":
		t.group, t.version, parts = parts[1], parts[2], parts[3:]
	default:
		return t, false
	}
	if parts[0] == "namespaces" && len(parts) > 2 && !slices.Contains(namespaceSubresources, parts[2]) {
		t.namespace, parts = parts[1], parts[2:]
	}
	if len(parts) > 3 || slices.Contains(parts, "") {
		return t, false
	}
	t.resource = parts[0]
	if len(parts) > 1 {
		t.name = parts[1]
	}
	if len(parts) > 2 {
		t.subresource = parts[2]
	}
	return t, true
}

// namespaceSubresources are what may follow the name of a namespace that is no resource in it.
var namespaceSubresources = []string{"status", "finalize"}
