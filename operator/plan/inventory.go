package plan

import (
	"cmp"
	"maps"
	"slices"

	"github.com/gslbsim/gslbsim/operator/model"
)

// Inventory is what a controller holds that concerns the operator: the services it owns, and all monitors that have names
// of the operator's form. It is not safe for concurrent use.
type Inventory struct {
	owner      Owner
	services   map[model.Key]model.StoredService
	byFQDN     map[string][]model.Key
	byDomain   map[string][]model.Key
	monitors   map[model.Key]model.StoredMonitor
	monitorsOf map[string][]model.Key
	shared     map[model.Key]struct{} // monitors that are for no FQDN in particular
}

// NewInventory returns an empty Inventory.
func NewInventory(owner Owner) *Inventory {
	return &Inventory{
		owner: owner, services: map[model.Key]model.StoredService{}, byFQDN: map[string][]model.Key{},
		byDomain: map[string][]model.Key{},
		monitors: map[model.Key]model.StoredMonitor{}, monitorsOf: map[string][]model.Key{},
		shared: map[model.Key]struct{}{},
	}
}

// Owner returns whose inventory it is.
func (v *Inventory) Owner() Owner { return v.owner }

// AddService notes a service. One that is not the owner's is left out.
func (v *Inventory) AddService(s model.StoredService) {
	if !v.owner.Owns(s) {
		return
	}
	v.removeService(s.Key)
	v.services[s.Key] = s
	put(v.byFQDN, s.Key.Name, s.Key)
	for _, name := range s.DomainNames {
		put(v.byDomain, name, s.Key)
	}
}

// AddMonitor notes a monitor. One whose name is not of the operator's form is left out.
func (v *Inventory) AddMonitor(m model.StoredMonitor) {
	if !model.HasMonitorName(m.Key.Name) {
		return
	}
	v.removeMonitor(m.Key)
	v.monitors[m.Key] = m
	if m.Service != "" {
		put(v.monitorsOf, m.Service, m.Key)
	} else {
		v.shared[m.Key] = struct{}{}
	}
}

func (v *Inventory) removeService(key model.Key) {
	old, ok := v.services[key]
	if !ok {
		return
	}
	delete(v.services, key)
	drop(v.byFQDN, key.Name, key)
	for _, name := range old.DomainNames {
		drop(v.byDomain, name, key)
	}
}

func (v *Inventory) removeMonitor(key model.Key) {
	old, ok := v.monitors[key]
	if !ok {
		return
	}
	delete(v.monitors, key)
	delete(v.shared, key)
	drop(v.monitorsOf, old.Service, key)
}

// Services returns the services of an FQDN, ordered by tenant.
func (v *Inventory) Services(fqdn string) []model.StoredService {
	var found []model.StoredService
	for _, key := range v.byFQDN[fqdn] {
		found = append(found, v.services[key])
	}
	slices.SortFunc(found, func(a, b model.StoredService) int { return a.Key.Compare(b.Key) })
	return found
}

// Attached returns the monitors of the operator's form that a service refers to.
func (v *Inventory) Attached(s model.StoredService) []model.StoredMonitor {
	var found []model.StoredMonitor
	for _, ref := range s.Monitors {
		if m, ok := v.monitors[model.Key{Tenant: s.Key.Tenant, Name: ref.Name}]; ok {
			found = append(found, m)
		}
	}
	return found
}

// Count is the number of services and monitors.
func (v *Inventory) Count() (services, monitors int) { return len(v.services), len(v.monitors) }

// FQDNs returns all FQDNs that have a service, or a monitor of the owner's that is left over, sorted.
func (v *Inventory) FQDNs() []string {
	names := map[string]struct{}{}
	for fqdn := range v.byFQDN {
		names[fqdn] = struct{}{}
	}
	for fqdn, keys := range v.monitorsOf {
		for _, key := range keys {
			if v.owner.OwnsMonitor(v.monitors[key]) {
				names[fqdn] = struct{}{}
			}
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// Holders returns the FQDNs of other services of the owner that answer a name now, sorted.
func (v *Inventory) Holders(domain, fqdn string) []string {
	names := map[string]struct{}{}
	for _, key := range v.byDomain[domain] {
		if key.Name != fqdn {
			names[key.Name] = struct{}{}
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// View returns the part of the inventory that the plan of one FQDN looks at. It is a copy, which a worker may change and
// give back with Merge. wanted are the services that will be planned for.
func (v *Inventory) View(fqdn string, wanted []model.Wanted) *View {
	view := &View{
		FQDN: fqdn, Owner: v.owner,
		Services: map[string]model.StoredService{}, Monitors: map[model.Key]model.StoredMonitor{},
	}
	for _, key := range v.byFQDN[fqdn] {
		view.Services[key.Tenant] = v.services[key]
	}
	for _, key := range v.monitorsOf[fqdn] {
		view.Monitors[key] = v.monitors[key]
	}
	defer view.remember()
	for _, w := range wanted {
		for _, m := range w.Monitors {
			if stored, ok := v.monitors[m.Key]; ok {
				view.Monitors[m.Key] = stored
			}
		}
	}
	return view
}

// Merge takes over a view that calls were made on.
func (v *Inventory) Merge(view *View) {
	for _, key := range slices.Clone(v.byFQDN[view.FQDN]) {
		v.removeService(key)
	}
	for _, key := range slices.Clone(v.monitorsOf[view.FQDN]) {
		v.removeMonitor(key)
	}
	for _, key := range view.known {
		v.removeMonitor(key)
	}
	for _, s := range view.Services {
		v.AddService(s)
	}
	for _, m := range view.Monitors {
		v.AddMonitor(m)
	}
}

// View is what a controller holds that concerns one FQDN.
type View struct {
	FQDN  string
	Owner Owner
	// Services are the owner's services of the FQDN, by tenant.
	Services map[string]model.StoredService
	// Monitors are the monitors made for the FQDN, and others that its services need.
	Monitors map[model.Key]model.StoredMonitor
	// known are the monitors that the view began with.
	known []model.Key
}

func (v *View) remember() { v.known = slices.SortedFunc(maps.Keys(v.Monitors), model.Key.Compare) }

// Unused returns a view of the owner's monitors that are for no FQDN in particular and that no service of the owner refers to
// any more, nil if there are none; needed are left out of it. With it and nothing wanted, Next deletes them. It must not be worked
// on while anything else is: a service that is about to refer to such a monitor is not known here.
func (v *Inventory) Unused(needed map[model.Key]bool) *View {
	view := &View{Owner: v.owner, Services: map[string]model.StoredService{}, Monitors: map[model.Key]model.StoredMonitor{}}
	for key := range v.shared {
		if m := v.monitors[key]; v.owner.OwnsMonitor(m) && !needed[key] {
			view.Monitors[key] = m
		}
	}
	if len(view.Monitors) == 0 {
		return nil
	}
	for _, s := range v.services {
		for _, ref := range s.Monitors {
			key := model.Key{Tenant: s.Key.Tenant, Name: ref.Name}
			maps.DeleteFunc(view.Monitors, func(k model.Key, m model.StoredMonitor) bool { return k == key || m.UUID == ref.UUID })
		}
	}
	if len(view.Monitors) == 0 {
		return nil
	}
	view.remember()
	return view
}

// obsolete returns the first monitor made for the FQDN that nothing needs any more: neither what is wanted, nor a service
// as it is now.
func (v *View) obsolete(wanted []model.Wanted) (model.StoredMonitor, bool) {
	needed := map[model.Key]bool{}
	for _, w := range wanted {
		for _, name := range w.Service.Monitors {
			needed[model.Key{Tenant: w.Service.Key.Tenant, Name: name}] = true
		}
	}
	for tenant, s := range v.Services {
		for _, ref := range s.Monitors {
			needed[model.Key{Tenant: tenant, Name: ref.Name}] = true
		}
	}
	var first model.StoredMonitor
	for key, m := range v.Monitors {
		if m.Service != v.FQDN || needed[key] || !v.Owner.OwnsMonitor(m) {
			continue
		}
		if first.UUID == "" || cmp.Or(cmp.Compare(key.Tenant, first.Key.Tenant), cmp.Compare(key.Name, first.Key.Name)) < 0 {
			first = m
		}
	}
	return first, first.UUID != ""
}

// put adds a key to one of many small sets: a slice takes a tenth of what a map does.
func put(m map[string][]model.Key, k string, key model.Key) {
	if !slices.Contains(m[k], key) {
		m[k] = append(m[k], key)
	}
}

func drop(m map[string][]model.Key, k string, key model.Key) {
	rest := slices.DeleteFunc(m[k], func(other model.Key) bool { return other == key })
	if len(rest) == 0 {
		delete(m, k)
	} else {
		m[k] = rest
	}
}
