package plan

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gslbsim/gslbsim/operator/model"
)

// Verb is what a call does.
type Verb string

// The verbs, as HTTP spells them.
const (
	Create Verb = "POST"
	Update Verb = "PUT"
	Delete Verb = "DELETE"
)

// Object types of the controller.
const (
	TypeService = "gslbservice"
	TypeMonitor = "healthmonitor"
)

// Call is one write.
type Call struct {
	Verb Verb
	Type string
	Key  model.Key
	// UUID is the object's; empty when it is created.
	UUID string
	// Body is what is written; nil when the object is deleted.
	Body json.RawMessage
	// Fields are those that an update changes, sorted.
	Fields []string
	// Monitors are the names that the body refers to, in its order.
	Monitors []string
}

// String is for people: "PUT gslbservice admin/shop.example.com (groups, ttl)".
func (c Call) String() string {
	text := fmt.Sprintf("%s %s %s", c.Verb, c.Type, c.Key)
	if len(c.Fields) > 0 {
		text += " (" + strings.Join(c.Fields, ", ") + ")"
	}
	return text
}

// ForeignError says that an object which the operator needs to write exists, but is not its own.
type ForeignError struct {
	Type string
	Key  model.Key
	// CreatedBy is whose it is; empty: a person's.
	CreatedBy string
}

func (e *ForeignError) Error() string {
	owner := e.CreatedBy
	if owner == "" {
		owner = "somebody else"
	}
	return fmt.Sprintf("%s %q of tenant %s was made by %s; rename or remove it", e.Type, e.Key.Name, e.Key.Tenant, owner)
}

// Next returns the next call that brings a controller closer to what is wanted, nil when it holds just that. The error is a
// *ForeignError, or says that the controller returned something that is no object.
func Next(v *View, wanted []model.Wanted) (*Call, error) {
	if call := v.unwantedService(wanted); call != nil {
		return call, nil
	}
	for _, w := range wanted {
		stored, exists := v.Services[w.Service.Key.Tenant]
		if call, err := v.monitor(w, stored); call != nil || err != nil {
			return call, err
		}
		if !exists {
			return create(w.Service), nil
		}
		if call, err := update(w.Service, stored); call != nil || err != nil {
			return call, err
		}
	}
	return Leftover(v, wanted), nil
}

// Leftover returns a call that deletes a monitor which is not needed any more, nil if there is none.
func Leftover(v *View, wanted []model.Wanted) *Call {
	m, ok := v.obsolete(wanted)
	if !ok {
		return nil
	}
	return &Call{Verb: Delete, Type: TypeMonitor, Key: m.Key, UUID: m.UUID}
}

// unwantedService deletes the first service of a tenant that wants none.
func (v *View) unwantedService(wanted []model.Wanted) *Call {
	for _, tenant := range slices.Sorted(maps.Keys(v.Services)) {
		s := v.Services[tenant]
		isWanted := slices.ContainsFunc(wanted, func(w model.Wanted) bool { return w.Service.Key.Tenant == tenant })
		if !isWanted && v.Owner.MayDelete(s) {
			return &Call{Verb: Delete, Type: TypeService, Key: s.Key, UUID: s.UUID}
		}
	}
	return nil
}

// monitor creates, updates or replaces the first monitor that is not as wanted.
func (v *View) monitor(w model.Wanted, service model.StoredService) (*Call, error) {
	for _, m := range w.Monitors {
		stored, exists := v.Monitors[m.Key]
		switch {
		case !exists:
			return &Call{Verb: Create, Type: TypeMonitor, Key: m.Key, Body: m.Body()}, nil
		case !v.mayWrite(m, stored):
			return nil, &ForeignError{TypeMonitor, m.Key, stored.CreatedBy}
		case stored.Probe != m.Probe:
			return replaceMonitor(w.Service, service, stored)
		}
		body, fields, err := m.Update(stored)
		if err != nil {
			return nil, err
		}
		if body != nil {
			return &Call{Verb: Update, Type: TypeMonitor, Key: m.Key, UUID: stored.UUID, Body: body, Fields: fields}, nil
		}
	}
	return nil, nil // nothing to do is not an error
}

// mayWrite says whether a stored monitor is the owner's, or an unmarked one that has the very name and description.
func (v *View) mayWrite(m model.Monitor, stored model.StoredMonitor) bool {
	return v.Owner.OwnsMonitor(stored) || stored.CreatedBy == "" && stored.Service == m.Service
}

// replaceMonitor takes the first step of giving a monitor another probe. UNCONFIRMED is whether a controller lets the type
// of a monitor change; chosen is the way that always works, and is AMKO's: the service lets go of the monitor, the monitor
// is deleted, and made again. Until then the controllers' own view decides.
func replaceMonitor(want model.Service, service model.StoredService, old model.StoredMonitor) (*Call, error) {
	attached := slices.ContainsFunc(service.Monitors, func(r model.Ref) bool { return r.Name == old.Key.Name || r.UUID == old.UUID })
	if !attached {
		return &Call{Verb: Delete, Type: TypeMonitor, Key: old.Key, UUID: old.UUID}, nil
	}
	want.Monitors = slices.DeleteFunc(slices.Clone(want.Monitors), func(name string) bool { return name == old.Key.Name })
	if len(want.Monitors) == 0 {
		want.Pools = slices.Clone(want.Pools)
		for i := range want.Pools {
			want.Pools[i].MinMonitorsUp = 1
		}
	}
	return update(want, service)
}

// Release returns a call that takes domain names off the services that hold them but will not keep them, and changes nothing
// else; nil if there is none. It is what breaks a circle of services that wait for one another's names.
func Release(v *View, wanted []model.Wanted, names []string) (*Call, error) {
	for _, w := range wanted {
		stored, ok := v.Services[w.Service.Key.Tenant]
		if !ok {
			continue
		}
		kept := slices.DeleteFunc(slices.Clone(stored.DomainNames), func(name string) bool {
			return slices.Contains(names, name) && !slices.Contains(w.Service.DomainNames, name)
		})
		if len(kept) == len(stored.DomainNames) || len(kept) == 0 {
			continue
		}
		body, err := stored.WithDomainNames(kept)
		if err != nil {
			return nil, err
		}
		call := &Call{
			Verb: Update, Type: TypeService, Key: stored.Key, UUID: stored.UUID, Body: body, Fields: []string{"domain_names"},
		}
		for _, ref := range stored.Monitors {
			call.Monitors = append(call.Monitors, ref.Name)
		}
		return call, nil
	}
	return nil, nil // nothing to do is not an error
}

func create(s model.Service) *Call {
	return &Call{Verb: Create, Type: TypeService, Key: s.Key, Body: s.Body(), Monitors: s.Monitors}
}

func update(s model.Service, stored model.StoredService) (*Call, error) {
	body, fields, err := s.Update(stored)
	if err != nil || body == nil {
		return nil, err
	}
	return &Call{
		Verb: Update, Type: TypeService, Key: s.Key, UUID: stored.UUID, Body: body, Fields: fields, Monitors: s.Monitors,
	}, nil
}
