package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/gslbsim/gslbsim/fakeavi/schema"
	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// Config of an API.
type Config struct {
	// Store holds the objects. Required.
	Store *store.Store
	// Version is the controller's version, such as "31.2.1", the newest that requests may state. The schema's version if empty.
	Version string
	// Cluster is the controller's identity. If the store has no cluster object, New makes one of this.
	Cluster Cluster
	// ClusterState is what /api/cluster/runtime and /api/cluster/status show; ClusterUpNoHA if empty.
	ClusterState ClusterState
	// Users are the accounts that New makes if the store does not have them.
	Users []User
	// Seed makes session ids and tokens a fixed sequence, so that runs can be repeated; 0 makes them random.
	Seed uint64
	// Scheme is "https" (if empty) or "http": it is in the URLs of replies, in cookies, and decides whether a Referer is needed.
	Scheme string
	// PageSize is the number of results of a page whose size is not asked for, 25 if 0. UNCONFIRMED: the product's default for
	// configuration objects; 25 is documented for inventories.
	PageSize int
	// PageSizeMax is the most results of a page, 200 if 0, which is what the product documents. UNCONFIRMED: that larger requests
	// are cut to it rather than refused.
	PageSizeMax int
	// BodyMax is the largest body of a request in bytes, 8 MiB if 0.
	BodyMax int64
	// Ready says whether the controller serves requests; while it does not, everything is answered 503. Always ready if nil.
	Ready func() bool
	// Audit is told of every request of a client that changes an object, and of logins, whether it succeeds or is refused. May be nil.
	Audit func(Audit)
}

// Cluster identifies a controller.
type Cluster struct {
	// Name is the cluster's name, "cluster-0-1" if empty.
	Name string
	// UUID is "cluster-<uuid>"; derived from the name by the store if empty.
	UUID string
	// Nodes are the addresses of the controller's nodes, the leader first.
	Nodes []string
}

// User is an account.
type User struct {
	// Name is the login name.
	Name string
	// Password is in clear.
	Password string
	// Superuser may do everything in every tenant; Access is not looked at then.
	Superuser bool
	// Access are roles in tenants, both by name; tenant "*" means all. Both must exist in the store.
	Access []Access
}

// Access is a role in a tenant.
type Access struct{ Tenant, Role string }

// Subresource computes a part of an object's reply that is not stored, such as "runtime": a Part, a []Part, or anything that
// encoding/json takes.
type Subresource func(r *http.Request, o *store.Object) (any, error)

// API is the REST API of one controller. It is an http.Handler, safe for concurrent use; Handle and Subresource must be called before the
// first request.
type API struct {
	cfg     Config
	store   *store.Store
	schema  *schema.Schema
	version schema.Version // the controller's
	newest  schema.Version // the schema's
	started time.Time

	secrets  *secrets
	sessions *sessions
	tokens   userTokens
	lockouts lockouts
	settings settingsCache

	routes       *http.ServeMux
	subresources map[string]Subresource
}

// New returns the API of a store. It puts into the store what the API itself needs and the store lacks: the cluster and the singleton
// configuration objects, the predefined roles and account profiles, and the configured users. The error says which of them the store
// refuses.
func New(cfg Config) (*API, error) {
	a := &API{
		cfg: cfg, store: cfg.Store, schema: cfg.Store.Schema(), started: time.Now(),
		routes: http.NewServeMux(), subresources: map[string]Subresource{},
	}
	a.cfg.setDefaults(a.schema)
	var err error
	if a.version, err = schema.ParseVersion(a.cfg.Version); err != nil {
		return nil, err
	}
	if a.newest, err = schema.ParseVersion(a.schema.Version()); err != nil {
		return nil, err
	}
	a.secrets = &secrets{seed: cfg.Seed}
	a.sessions = newSessions(a.secrets)
	if err := a.install(); err != nil {
		return nil, err
	}
	a.settings.follow(a.store)
	return a, nil
}

func (c *Config) setDefaults(s *schema.Schema) {
	if c.Version == "" {
		c.Version = s.Version()
	}
	if c.Cluster.Name == "" {
		c.Cluster.Name = "cluster-0-1"
	}
	if c.ClusterState == "" {
		c.ClusterState = ClusterUpNoHA
	}
	if c.Scheme == "" {
		c.Scheme = "https"
	}
	if c.PageSize == 0 {
		c.PageSize = 25
	}
	if c.PageSizeMax == 0 {
		c.PageSizeMax = 200
	}
	if c.BodyMax == 0 {
		c.BodyMax = 8 << 20
	}
}

// Handle adds a route for requests of logged-in callers. The pattern is that of http.ServeMux with an optional method, such as
// "GET /api/gslb/{uuid}/runtime"; a slash at its end is dropped, and requests match with and without one. Added routes come before the
// object types. The handler finds the caller with [CallerOf] and must check its permissions itself.
func (a *API) Handle(pattern string, h http.Handler) {
	a.routes.Handle(strings.TrimRight(pattern, "/"), h)
}

// Subresource adds a part to replies about objects of a type, shown when a request says join_subresources=<name>.
func (a *API) Subresource(typ, name string, fn Subresource) { a.subresources[typ+"/"+name] = fn }

// DropSessions ends all sessions, as a restart of the controller does. User tokens stay.
func (a *API) DropSessions() { a.sessions.closeAll() }

// EndSession ends the session of a request, as if it had been idle for too long; nothing happens if it has none.
func (a *API) EndSession(r *http.Request) {
	if s := a.openSession(r); s != nil {
		a.sessions.close(s.id)
	}
}

// ServeHTTP implements http.Handler.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := cleanPath(r.URL.Path)
	if r.Method == http.MethodHead {
		// As GET; the server keeps the body back.
		r = r.Clone(r.Context())
		r.Method = http.MethodGet
	}
	switch {
	case a.cfg.Ready != nil && !a.cfg.Ready():
		WriteError(w, refuse(http.StatusServiceUnavailable, "The controller is still initialising"))
	case r.Method != strings.ToUpper(r.Method):
		WriteError(w, refuse(http.StatusBadRequest, "Bad request: the method %q must be in upper case", r.Method))
	case a.open(w, r, path):
	default:
		if err := a.serve(w, r, path); err != nil {
			WriteError(w, err)
		}
	}
}

// open answers what needs no session; false if the path is none of that.
func (a *API) open(w http.ResponseWriter, r *http.Request, path string) bool {
	method := http.MethodGet
	var handle func()
	switch path {
	case "/login":
		method, handle = http.MethodPost, func() { a.login(w, r) }
	case "/logout":
		method, handle = http.MethodPost, func() { a.logout(w, r) }
	case "/api/initial-data":
		handle = func() { a.initialData(w) }
	case "/api/cluster/status":
		handle = func() { a.clusterStatus(w) }
	default:
		return false
	}
	if r.Method != method {
		WriteError(w, refuseMethod(w, r, method))
	} else {
		handle()
	}
	return true
}

// serve answers what needs a session.
func (a *API) serve(w http.ResponseWriter, r *http.Request, path string) error {
	typ, uuid, sub, ok := resource(path)
	if !ok {
		return refuse(http.StatusNotFound, "resource not found: %s", path)
	}
	c, err := a.identify(r)
	if err != nil {
		return err
	}
	r = r.WithContext(context.WithValue(r.Context(), callerKey{}, c))
	if a.serveRoute(w, r, path) {
		return nil
	}
	switch {
	case typ == "user-token":
		a.userToken(w, r, c)
		return nil
	case typ == "macro" && uuid == "":
		return a.macro(w, r, c)
	case path == "/api/useraccount":
		return a.userAccount(w, r, c)
	case path == "/api/cluster/runtime" && r.Method == http.MethodGet:
		a.clusterRuntime(w)
		return nil
	}
	t, known := a.schema.Type(typ)
	switch {
	case !known:
		if allowed := a.routeMethods(r, path); len(allowed) > 0 {
			return refuseMethod(w, r, allowed...)
		}
		return store.UnknownType(typ)
	case sub != "":
		return a.serveSubresource(w, r, c, t, uuid, sub)
	}
	return a.serveType(w, r, c, t, uuid)
}

// serveRoute hands a request to an added route; false if none matches.
func (a *API) serveRoute(w http.ResponseWriter, r *http.Request, path string) bool {
	clean := withPath(r, path)
	if _, pattern := a.routes.Handler(clean); pattern == "" {
		return false
	}
	a.routes.ServeHTTP(w, clean)
	return true
}

// routeMethods lists the methods with which a path is an added route.
func (a *API) routeMethods(r *http.Request, path string) []string {
	clean := withPath(r, path)
	var methods []string
	for _, m := range [...]string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		clean.Method = m
		if _, pattern := a.routes.Handler(clean); pattern != "" {
			methods = append(methods, m)
		}
	}
	return methods
}

func withPath(r *http.Request, path string) *http.Request {
	clean, u := *r, *r.URL
	clean.URL, u.Path, u.RawPath = &u, path, ""
	return &clean
}

// serveSubresource answers GET of "/api/<type>/<uuid>/<name>" for added subresources.
func (a *API) serveSubresource(w http.ResponseWriter, r *http.Request, c *Caller, t *schema.Type, uuid, name string) error {
	fn, ok := a.subresources[t.Name+"/"+name]
	if !ok {
		return refuse(http.StatusNotFound, "resource not found: %s has no %s", t.Name, name)
	}
	if r.Method != http.MethodGet {
		return refuseMethod(w, r, http.MethodGet)
	}
	o, err := a.seen(c, t, uuid)
	if err != nil {
		return err
	}
	value, err := fn(r, o)
	if err != nil {
		return err
	}
	return a.writeValue(w, r, value)
}
