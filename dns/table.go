package dns

import (
	"fmt"
	"slices"
)

// Config is everything one DNS virtual service knows.
type Config struct {
	Profile  Profile
	Services []Service
	Records  []Record
	// Topology holds the rules of the topology policy in order.
	Topology []TopologyRule
	// Geo locates clients and members; nil: nothing is located.
	Geo GeoDB
	// PassThrough says that the virtual service has a pool of other DNS
	// servers for names it does not know.
	PassThrough bool
}

// Table is what one DNS virtual service knows, ready to answer from. It is
// immutable and safe for concurrent use by any number of Responders.
type Table struct {
	profile     Profile
	geo         GeoDB
	passThrough bool
	topology    []topologyRule
	zones       map[string]*zone       // by canonical domain
	records     map[string]*recordNode // by canonical name
	below       bool                   // some record answers names below its own

	services  index[*serviceEntry] // by UUID
	names     index[*serviceEntry] // by canonical FQDN
	wildcards int                  // services with Wildcard
}

// NewTable builds a table. It copies the configuration's slices; what
// pointers in it refer to (TTLs, locations, SRV data) is shared and must not
// be changed afterwards.
//
// An error names the object and the setting which is out of range,
// contradictory or given twice (a UUID, or an FQDN in two services), and what
// to use instead. No table is returned then.
func NewTable(cfg Config) (*Table, error) {
	t := &Table{
		profile:     cloneProfile(&cfg.Profile),
		geo:         cfg.Geo,
		passThrough: cfg.PassThrough,
	}
	err := firstOf(
		checkProfile(&t.profile),
		t.addZones(),
		t.addTopology(cfg.Topology),
		t.addRecords(cfg.Records),
	)
	if err != nil {
		return nil, err
	}
	if err := t.change(cfg.Services, nil); err != nil {
		return nil, err
	}
	return t, nil
}

func cloneProfile(p *Profile) Profile {
	clone := *p
	clone.Domains = slices.Clone(p.Domains)
	clone.Zones = slices.Clone(p.Zones)
	if p.Clients != nil {
		clients := *p.Clients
		clients.Prefixes = slices.Clone(p.Clients.Prefixes)
		clone.Clients = &clients
	}
	return clone
}

// With returns a table in which the changed services are added or replaced
// (by UUID) and the removed ones (UUIDs) are gone; t stays as it is. UUIDs in
// removed that the table does not hold are ignored. The cost grows with what
// is changed, not with what the table holds. A name may move from one service
// to another within one call. Errors are those of NewTable, and t is then
// still the latest valid table.
func (t *Table) With(changed []Service, removed []string) (*Table, error) {
	next := *t
	if err := next.change(changed, removed); err != nil {
		return nil, err
	}
	return &next, nil
}

// WithRecords returns a table with other records and everything else as in t.
// The cost grows with the records given. Errors are those of NewTable.
func (t *Table) WithRecords(records []Record) (*Table, error) {
	next := *t
	next.below = false
	if err := next.addRecords(records); err != nil {
		return nil, err
	}
	return &next, nil
}

// change applies an update to a table nobody else has seen yet.
func (t *Table) change(changed []Service, removed []string) error {
	services := t.services.edit(len(changed))
	names := t.names.edit(len(changed))
	forget := func(uuid string) {
		old, ok := services.get(uuid)
		if !ok {
			return
		}
		services.delete(uuid)
		for _, name := range old.names {
			names.delete(name)
		}
		if old.svc.Wildcard {
			t.wildcards--
		}
	}
	for _, uuid := range removed {
		forget(uuid)
	}
	for i := range changed {
		forget(changed[i].UUID)
	}
	for i := range changed {
		entry, err := newServiceEntry(&changed[i], &t.profile)
		if err == nil {
			err = addService(services, names, entry)
		}
		if err != nil {
			return fmt.Errorf("GSLB service %q (%s): %w", changed[i].Name, changed[i].UUID, err)
		}
		if entry.svc.Wildcard {
			t.wildcards++
		}
	}
	t.services, t.names = services.done(), names.done()
	return nil
}

func addService(services, names *indexEdit[*serviceEntry], entry *serviceEntry) error {
	if _, taken := services.get(entry.svc.UUID); taken {
		return fmt.Errorf("the UUID is given twice")
	}
	services.set(entry.svc.UUID, entry)
	for _, name := range entry.names {
		if other, taken := names.get(name); taken {
			return fmt.Errorf("domain name %s already belongs to service %q (%s): use it in one of them only",
				name, other.svc.Name, other.svc.UUID)
		}
		names.set(name, entry)
	}
	return nil
}

// Len is the number of services.
func (t *Table) Len() int { return t.services.size }

// Service returns the service with a UUID. What its slices and pointers
// refer to belongs to the table and must not be changed.
func (t *Table) Service(uuid string) (Service, bool) {
	if entry, ok := t.services.get(uuid); ok {
		return entry.svc, true
	}
	return Service{}, false
}

// Profile returns the table's profile; its slices must not be changed.
func (t *Table) Profile() Profile { return t.profile }

// owners lists the owners of round-robin cursors the table can draw on.
func (t *Table) owners() map[uint64]bool {
	owners := make(map[uint64]bool, t.services.size+len(t.records))
	for _, entry := range t.services.all() {
		owners[entry.id] = true
	}
	for _, node := range t.records {
		for _, set := range node.sets {
			owners[set.turns.owner] = true
		}
	}
	return owners
}
