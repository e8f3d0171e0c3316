package store

import (
	"sync"
	"time"

	"github.com/gslbsim/gslbsim/fakeavi/schema"
)

// Config of a Store.
type Config struct {
	// Schema describes the object types; schema.Load() if nil.
	Schema *schema.Schema
	// Namespace seeds the derived uuids: stores with different namespaces give the same object different uuids. Use the
	// controller's cluster name.
	Namespace string
	// Limits bound what the store holds; zero fields take their defaults.
	Limits Limits
}

// Limits bound everything in a store that grows.
type Limits struct {
	// Objects is how many objects the store takes, 200,000 by default. Creating one more is refused with 400.
	Objects int
	// History is how many changes Since can go back, 8,192 by default.
	History int
	// DeletedNames is how many names of deleted objects the store remembers to give their successors other uuids, 65,536 by
	// default. Uuids stay unique beyond it.
	DeletedNames int
}

func (l Limits) withDefaults() Limits {
	if l.Objects == 0 {
		l.Objects = 200_000
	}
	if l.History == 0 {
		l.History = 8_192
	}
	if l.DeletedNames == 0 {
		l.DeletedNames = 65_536
	}
	return l
}

// Store is the database of one controller. All methods may be called from any goroutine, except where a hook's documentation
// says otherwise.
type Store struct {
	schema    *schema.Schema
	namespace string
	limits    Limits

	writing sync.Mutex // held by a writer from its first check to its commit, while hooks run
	prepare []Preparer
	admit   []Admitter

	mu       sync.RWMutex // guards what follows; held by a writer for its commit only
	version  uint64
	modified int64
	objects  map[string]*Object // by uuid
	tables   map[string]*table  // by type
	referrer map[string]map[string]struct{}
	tenants  map[string]int // objects in each tenant
	history  history
	names    nameCounter

	selections selections
	feed       feed
}

// New returns a store that holds tenant admin and nothing else.
func New(cfg Config) *Store {
	s := &Store{schema: cfg.Schema, namespace: cfg.Namespace, limits: cfg.Limits.withDefaults()}
	if s.schema == nil {
		s.schema = schema.Load()
	}
	s.clear()
	s.commitAll([]Change{{Op: Created, New: s.newAdmin()}})
	return s
}

// clear empties the store; version and time go on.
func (s *Store) clear() {
	s.objects = map[string]*Object{}
	s.tables = map[string]*table{}
	s.referrer = map[string]map[string]struct{}{}
	s.tenants = map[string]int{}
	s.history = history{limit: s.limits.History}
	s.names = nameCounter{limit: s.limits.DeletedNames, counts: map[string]uint32{}}
}

// newAdmin makes tenant admin, which owns itself.
func (s *Store) newAdmin() *Object {
	body := map[string]any{"name": AdminTenant}
	if t, ok := s.schema.Type("tenant"); ok {
		if normal, err := t.Normalize(body, schema.Options{}); err == nil {
			body = normal
		}
	}
	o := &Object{Type: "tenant", UUID: AdminTenant, Tenant: AdminTenant, Modified: s.nextModified(), body: body}
	o.seal()
	return o
}

// Schema returns the schema that the store checks bodies against.
func (s *Store) Schema() *schema.Schema { return s.schema }

// Version counts commits: it grows by one with each.
func (s *Store) Version() uint64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.version
}

// Get finds an object by uuid; false if there is none of that type.
func (s *Store) Get(typ, uuid string) (*Object, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	o, ok := s.objects[uuid]
	if !ok || o.Type != typ {
		return nil, false
	}
	return o, true
}

// Lookup finds an object by name in a tenant (in any tenant for [AllTenants]); of several, the one with the lowest uuid.
func (s *Store) Lookup(typ, tenant, name string) (*Object, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, o := range s.named(typ, name) {
		if tenant == AllTenants || o.Tenant == tenant {
			return o, true
		}
	}
	return nil, false
}

// NameOf returns the name of the object with this uuid, empty if there is none.
func (s *Store) NameOf(uuid string) string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if o, ok := s.objects[uuid]; ok {
		return o.Name
	}
	return ""
}

// TenantUUID returns the uuid of a tenant, empty if the store does not have it.
func (s *Store) TenantUUID(name string) string {
	if name == AdminTenant {
		return AdminTenant
	}
	if o, ok := s.Lookup("tenant", AdminTenant, name); ok {
		return o.UUID
	}
	return ""
}

// Len returns how many objects of a type there are.
func (s *Store) Len(typ string) int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return len(s.table(typ).sorted)
}

// ReferredBy returns the objects that refer to the one with this uuid, sorted by type, name and uuid.
func (s *Store) ReferredBy(uuid string) []*Object {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.referrersOf(uuid)
}

// named returns the objects of a type with this name, sorted by uuid. The caller holds s.mu.
func (s *Store) named(typ, name string) []*Object { return s.table(typ).byName[name] }

func (s *Store) table(typ string) *table {
	if t, ok := s.tables[typ]; ok {
		return t
	}
	return &table{}
}

// nextModified returns the current time in microseconds, made larger than all before it.
func (s *Store) nextModified() int64 {
	now := time.Now().UnixMicro()
	if now <= s.modified {
		now = s.modified + 1
	}
	s.modified = now
	return now
}
