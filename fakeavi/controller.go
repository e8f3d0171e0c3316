package fakeavi

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gslbsim/gslbsim/dns"
	"github.com/gslbsim/gslbsim/fakeavi/alert"
	"github.com/gslbsim/gslbsim/fakeavi/analytics"
	"github.com/gslbsim/gslbsim/fakeavi/api"
	"github.com/gslbsim/gslbsim/fakeavi/engine"
	"github.com/gslbsim/gslbsim/fakeavi/federation"
	"github.com/gslbsim/gslbsim/fakeavi/health"
	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// Scheduler runs callbacks later, one at a time, on one goroutine, in the order of (time, key). After may be called from
// any goroutine.
type Scheduler = health.Scheduler

// Wire carries messages between controllers and engines; the world delivers what arrives at an address of Hosts to the
// Receive of that host.
type Wire = engine.Wire

// Caller is implemented by Wires that can also exchange a message at once. Requests of the REST API that need another
// controller's answer (gslbsiteops/verify) use it; over a Wire without it they block until the answer is there, which
// must not happen on the scheduler's goroutine.
type Caller interface {
	Call(from, to netip.Addr, msg any) (reply any, err error)
}

// Prober makes the health checks of engines.
type Prober = health.Prober

// Receiver is a host that messages can be delivered to. A nil reply means that the host does not answer.
type Receiver interface {
	Receive(msg any) (reply any)
}

// Config describes a controller and its site.
type Config struct {
	// Name is the cluster's name, "cluster-0-1" if empty. Controllers with equal names have equal uuids: give each its own.
	Name string
	// Site is the name of the site in events; Name if empty.
	Site string
	// Version is the software's version, the schema's if empty.
	Version string
	// Addresses are those of the controller's nodes, the leading one first; messages come from and go to the first. At
	// least one is required.
	Addresses []netip.Addr
	// Username and Password are the administrator's; admin if the name is empty. A password is required.
	Username, Password string
	// Users are further accounts.
	Users []api.User
	// Seed derives session ids, tokens and the choices that DNS services draw.
	Seed uint64
	// Scheme of the REST API, https if empty.
	Scheme string
	// Engines are the service engine groups; one named Default-Group if there are none, at the address after the
	// controller's first.
	Engines []EngineConfig
	// Network is where VIPs are allocated from; none if its prefix is not valid.
	Network NetworkConfig
	// DNS are the DNS virtual services that exist from the start.
	DNS []DNSConfig
	// Geo locates clients and members; nil: nobody is located. It stands for the files of a gslbgeodbprofile.
	Geo dns.GeoDB
	// Limits bound the store.
	Limits store.Limits
	// Restore, if not nil, is called with the controller's new store before anything is put into it, and may fill it with
	// what another controller held. Of the objects that are shipped with a controller only those are made that the store
	// then lacks; none, if complete is true: those that it lacks have been deleted.
	Restore func(*store.Store) (complete bool, err error)
}

// EngineConfig describes a service engine group.
type EngineConfig struct {
	Name string
	Addr netip.Addr
}

// NetworkConfig describes the network of the controller's IPAM profile.
type NetworkConfig struct {
	Name       string // vip-network if empty
	Prefix     netip.Prefix
	Begin, End netip.Addr // the static range; the whole prefix if not valid
}

// DNSConfig describes a DNS virtual service.
type DNSConfig struct {
	Name   string
	VIP    netip.Addr
	Engine string // name of the service engine group; the first one if empty
}

// Observer is told what happens. All parts may be empty.
type Observer struct {
	Engine     engine.Observer
	Federation federation.Observer
}

// Deps is what a controller needs of its world. All but the Observer and Reject are required.
type Deps struct {
	Scheduler Scheduler
	Wire      Wire
	Prober    Prober
	Observer  Observer
	// Reject makes the controller fail to store replicated objects; may be nil.
	Reject func(*store.Object) error
}

// Controller is an Avi controller with its service engines. Its methods are safe for concurrent use. In virtual runs they,
// and its handler, must be called on the scheduler's goroutine.
type Controller struct {
	cfg     Config
	deps    Deps
	store   *store.Store
	api     *api.API
	node    *federation.Node
	cluster string // uuid
	links   []*link
	vips    *vips
	names   *fqdns
	events  *analytics.EventLog
	alerts  *alert.Book
	powered atomic.Bool

	restored bool // the store held a complete controller from the start

	mu      sync.Mutex
	outbox  []func()
	session uint64    // another one after every power cycle
	since   time.Time // when the session began
	states  map[string]engine.VSState
	proxied told // what this site tells others as their proxy
	shards  shards
	hosting map[string]bool         // engines that host GSLB services, as of the last push
	records map[string][]dns.Record // of the names of virtual services, by uuid
	soon    bool                    // a push is scheduled
}

// New returns a freshly installed controller with power, which is no member of a federation.
func New(cfg Config, deps Deps) (*Controller, error) {
	if err := cfg.complete(); err != nil {
		return nil, err
	}
	if deps.Scheduler == nil || deps.Wire == nil || deps.Prober == nil {
		return nil, fmt.Errorf("controller %s: Scheduler, Wire and Prober are required", cfg.Name)
	}
	c := &Controller{
		cfg: cfg, deps: deps, session: 1, since: time.Now(), states: map[string]engine.VSState{}, proxied: told{}, hosting: map[string]bool{},
		records: map[string][]dns.Record{}, shards: newShards(),
		store: store.New(store.Config{Namespace: cfg.Name, Limits: cfg.Limits}),
	}
	c.events, c.alerts = analytics.NewEventLog(eventsMax), alert.New(c.store)
	c.powered.Store(true)
	steps := []func() error{
		c.restore, c.makeAPI, c.makeNode, c.makeEngines, c.install, c.makeRoutes, c.makeInventory, c.makeLogs,
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return nil, fmt.Errorf("controller %s: %w", cfg.Name, err)
		}
	}
	c.node.Start()
	c.act(func() {
		c.readRecords()
		c.startLinks()
	})
	return c, nil
}

// complete fills in defaults and refuses what cannot work.
func (cfg *Config) complete() error {
	if cfg.Name == "" {
		cfg.Name = "cluster-0-1"
	}
	if cfg.Site == "" {
		cfg.Site = cfg.Name
	}
	if cfg.Username == "" {
		cfg.Username = "admin"
	}
	if len(cfg.Addresses) == 0 || !cfg.Addresses[0].IsValid() {
		return fmt.Errorf("controller %s: Addresses must have at least one valid address", cfg.Name)
	}
	if cfg.Password == "" {
		return fmt.Errorf("controller %s: Password is required", cfg.Name)
	}
	if len(cfg.Engines) == 0 {
		cfg.Engines = []EngineConfig{{Name: "Default-Group", Addr: cfg.Addresses[0].Next()}}
	}
	if cfg.Network.Name == "" {
		cfg.Network.Name = "vip-network"
	}
	return nil
}

// restore fills the store with what another controller held.
func (c *Controller) restore() (err error) {
	if c.cfg.Restore != nil {
		c.restored, err = c.cfg.Restore(c.store)
	}
	return err
}

func (c *Controller) makeAPI() error {
	users := append([]api.User{{Name: c.cfg.Username, Password: c.cfg.Password, Superuser: true}}, c.cfg.Users...)
	var nodes []string
	for _, a := range c.cfg.Addresses {
		nodes = append(nodes, a.String())
	}
	var err error
	c.api, err = api.New(api.Config{
		Store: c.store, Version: c.cfg.Version, Cluster: api.Cluster{Name: c.cfg.Name, Nodes: nodes}, Users: users,
		Seed: c.cfg.Seed, Scheme: c.cfg.Scheme, Ready: c.powered.Load, Audit: c.audited,
	})
	if err != nil {
		return err
	}
	clusters, _ := c.store.List("cluster", store.Query{})
	if len(clusters) == 0 {
		return errors.New("the store has no cluster object")
	}
	c.cluster = clusters[0].UUID
	if c.cfg.Version == "" {
		c.cfg.Version = c.store.Schema().Version()
	}
	return nil
}

func (c *Controller) makeNode() error {
	var err error
	c.node, err = federation.New(
		federation.Config{Cluster: c.cluster, Name: c.cfg.Name, Addr: c.cfg.Addresses[0], Version: c.cfg.Version},
		federation.Deps{
			Store: c.store, Scheduler: c.deps.Scheduler, Wire: c.deps.Wire, Authorize: c.authorize,
			DNS: c.dnsServices, Control: c.controlChanged, Reject: c.deps.Reject, Observer: c.federationEvents(c.deps.Observer.Federation),
		})
	if err != nil {
		return err
	}
	c.vips, c.names = newVIPs(c.store), newFQDNs()
	c.store.Prepare(c.node.Prepare(c.store))
	c.store.Prepare(c.vips.prepare)
	c.store.Admit(c.node.Admit)
	for _, admit := range []store.Admitter{
		c.admitDefaults(), c.admitFederated, c.admitHealthMonitor, c.admitGeoDB, c.admitVirtualService, c.admitCheckpoint, c.admitGslb, c.admitService,
	} {
		c.store.Admit(admit)
	}
	c.eachObject(func(o *store.Object) {
		c.vips.changed(store.Change{Op: store.Created, New: o})
		c.names.changed(store.Change{Op: store.Created, New: o})
	})
	c.store.Subscribe(func(ch store.Change) {
		c.vips.changed(ch)
		c.names.changed(ch)
		c.node.Changed(ch)
		c.changed(ch)
	})
	return nil
}

// eachObject calls fn with everything that the store holds.
func (c *Controller) eachObject(fn func(*store.Object)) {
	for _, t := range c.store.Schema().Types() {
		objects, _ := c.store.List(t.Name, store.Query{})
		for _, o := range objects {
			fn(o)
		}
	}
}

func (c *Controller) makeEngines() error {
	for _, e := range c.cfg.Engines {
		made, err := engine.New(
			engine.Config{Name: e.Name, Site: c.cfg.Site, Addr: e.Addr, Controller: c.cfg.Addresses[0], Seed: c.cfg.Seed},
			engine.Deps{
				Scheduler: c.deps.Scheduler, Wire: c.deps.Wire, Prober: c.deps.Prober, Observer: c.deps.Observer.Engine,
			})
		if err != nil {
			return err
		}
		if c.linkNamed(e.Name) != nil {
			return fmt.Errorf("two engines are named %s", e.Name)
		}
		c.links = append(c.links, newLink(made))
	}
	return nil
}

// authorize reports whether credentials are those of an active superuser, as the accounts stand at present.
func (c *Controller) authorize(given federation.Credentials) bool {
	o, ok := c.store.Lookup("user", store.AdminTenant, given.Username)
	return ok && given.Password != "" && text(o, "password") == given.Password &&
		o.Body()["is_superuser"] == true && o.Body()["is_active"] != false
}

// act changes the controller under its lock, and then sends and tells what the change wants to.
func (c *Controller) act(change func()) {
	c.mu.Lock()
	change()
	say := c.outbox
	c.outbox = nil
	c.mu.Unlock()
	for _, fn := range say {
		fn()
	}
}

func (c *Controller) say(fn func()) { c.outbox = append(c.outbox, fn) }

// later runs change in an act of its own, d from now, unless the controller lost power in between.
func (c *Controller) later(d time.Duration, purpose string, change func()) (cancel func()) {
	return c.schedule(d, "controller/"+c.cfg.Name+"/"+purpose, change)
}

// atEnd is later for what gathers the changes of the present instant. Its key sorts behind those of other actors, so that
// what they do at this instant is gathered too.
func (c *Controller) atEnd(purpose string, change func()) {
	c.schedule(0, "~controller/"+c.cfg.Name+"/"+purpose, change)
}

func (c *Controller) schedule(d time.Duration, key string, change func()) (cancel func()) {
	session := c.session
	return c.deps.Scheduler.After(d, key, func() {
		c.act(func() {
			if c.powered.Load() && c.session == session {
				change()
			}
		})
	})
}

// Handler returns the REST API. Without power it answers 503: it is for the world to make the host silent.
func (c *Controller) Handler() http.Handler { return c.api }

// API returns the REST API, for routes that are added to it before its first request.
func (c *Controller) API() *api.API { return c.api }

// Store returns the controller's database.
func (c *Controller) Store() *store.Store { return c.store }

// Node returns the controller's part of the federation.
func (c *Controller) Node() *federation.Node { return c.node }

// ClusterUUID returns the uuid of the controller's cluster.
func (c *Controller) ClusterUUID() string { return c.cluster }

// Addr returns the address that messages come from and go to.
func (c *Controller) Addr() netip.Addr { return c.cfg.Addresses[0] }

// Engines returns the service engine groups in configured order.
func (c *Controller) Engines() []*engine.Engine {
	var all []*engine.Engine
	for _, l := range c.links {
		all = append(all, l.engine)
	}
	return all
}

// Engine returns a service engine group by name; nil if there is none.
func (c *Controller) Engine(name string) *engine.Engine {
	if l := c.linkNamed(name); l != nil {
		return l.engine
	}
	return nil
}

// Hosts returns who receives messages at which address: the controller and its engines.
func (c *Controller) Hosts() map[netip.Addr]Receiver {
	hosts := map[netip.Addr]Receiver{c.Addr(): c}
	for _, l := range c.links {
		hosts[l.engine.Addr()] = l.engine
	}
	return hosts
}

// PowerOff makes the controller silent. Its database is kept; sessions, what it knows of other sites and of its engines
// are lost. Its engines go on without it.
func (c *Controller) PowerOff() {
	c.act(func() {
		if !c.powered.Swap(false) {
			return
		}
		c.session++
		for _, l := range c.links {
			l.stop()
		}
		clear(c.states)
		clear(c.proxied)
		c.shards = newShards()
		c.soon = false
		c.say(c.node.PowerOff)
		c.say(c.api.DropSessions)
	})
}

// PowerOn starts the controller again.
func (c *Controller) PowerOn() {
	c.act(func() {
		if c.powered.Swap(true) {
			return
		}
		c.since = time.Now()
		c.say(c.node.PowerOn)
		c.readRecords()
		c.startLinks()
	})
}

// Powered reports whether the controller has power.
func (c *Controller) Powered() bool { return c.powered.Load() }

// Receive answers a message from another host; nil if the controller has no power or does not know the message.
func (c *Controller) Receive(msg any) (reply any) {
	if !c.powered.Load() {
		return nil
	}
	switch m := msg.(type) {
	case engine.Hello:
		c.act(func() { c.hello(m) })
		return engine.HelloAck{}
	case *engine.Report:
		c.act(func() { c.reported(m) })
		return engine.ReportAck{}
	default:
		return c.node.Receive(msg)
	}
}

func (c *Controller) linkNamed(name string) *link {
	i := slices.IndexFunc(c.links, func(l *link) bool { return l.engine.Name() == name })
	if i < 0 {
		return nil
	}
	return c.links[i]
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
