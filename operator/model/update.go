package model

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/netip"
	"slices"
)

// Update returns the body that makes a stored service say what s says, and the fields that differ, sorted. No field
// differs: the body is nil and nothing is to be written. Order does not count as a difference, neither of pools, members,
// names, monitors nor entries of the description. Fields that are not the operator's are sent back as stored, also those
// that nobody knew when this was written, and so is the modification stamp, by which a controller can refuse an update of
// something that a person has changed meanwhile.
func (s Service) Update(stored StoredService) (body json.RawMessage, differ []string, err error) {
	doc, err := decode(stored.Body)
	if err != nil {
		return nil, nil, fmt.Errorf("gslbservice %s: %w", stored.Key, err)
	}
	e := edit{doc: doc}
	owned := s.owned()
	e.remove(absent(optionalOwnedService, owned))
	// Tenant and name are what the object was found by.
	delete(owned, "tenant_ref")
	delete(owned, "name")
	e.unless("domain_names", owned["domain_names"], sameSet(stored.DomainNames, s.DomainNames))
	if len(s.Monitors) > 0 {
		e.unless("health_monitor_refs", owned["health_monitor_refs"], sameSet(refNames(stored.Monitors), s.Monitors))
	}
	for _, field := range []string{"description", "domain_names", "health_monitor_refs"} { // compared in ways of their own
		delete(owned, field)
	}
	e.ref("application_persistence_profile_ref", s.Persistence, owned)
	e.ref("pki_profile_ref", s.PKI, owned)
	e.all(owned)
	e.members(s, stored)
	e.conditional(s) // last: a marker that is missing goes with another change
	return e.result()
}

// Update is Service.Update for a monitor. The two must be of one probe: a monitor of another probe is replaced, see package
// plan.
func (m Monitor) Update(stored StoredMonitor) (body json.RawMessage, differ []string, err error) {
	doc, err := decode(stored.Body)
	if err != nil {
		return nil, nil, fmt.Errorf("healthmonitor %s: %w", stored.Key, err)
	}
	e := edit{doc: doc}
	owned := m.owned()
	delete(owned, "tenant_ref")
	delete(owned, "name")
	e.all(owned)
	if stored.CreatedBy != m.CreatedBy {
		e.marker(createdByMarker, m.marker())
		e.differ = append(e.differ, "markers")
	}
	if field, spec := m.probeBlock(); field != "" {
		e.block(field, spec)
	}
	return e.result()
}

// WithDomainNames returns the body that changes only the names which a stored service answers.
func (s StoredService) WithDomainNames(names []string) (json.RawMessage, error) {
	doc, err := decode(s.Body)
	if err != nil {
		return nil, fmt.Errorf("gslbservice %s: %w", s.Key, err)
	}
	doc["domain_names"] = texts(names)
	return doc.bytes(), nil
}

// edit changes a document and notes the fields that it changed.
type edit struct {
	doc    document
	differ []string
}

func (e *edit) result() (json.RawMessage, []string, error) {
	if len(e.differ) == 0 {
		return nil, nil, nil
	}
	slices.Sort(e.differ)
	return e.doc.bytes(), slices.Compact(e.differ), nil
}

// unless sets a field, or removes it if value is nil, unless it says the same already.
func (e *edit) unless(field string, value any, same bool) {
	if same {
		return
	}
	if value == nil {
		delete(e.doc, field)
	} else {
		e.doc[field] = value
	}
	e.differ = append(e.differ, field)
}

// all makes the document hold the values of owned.
func (e *edit) all(owned document) {
	for _, field := range slices.Sorted(maps.Keys(owned)) {
		e.unless(field, owned[field], same(e.doc[field], owned[field]))
	}
}

// remove takes fields away.
func (e *edit) remove(fields []string) {
	for _, field := range fields {
		e.unless(field, nil, zero(e.doc[field]))
	}
}

// absent are the optional fields that owned leaves out.
func absent(optional []string, owned document) []string {
	return slices.DeleteFunc(slices.Clone(optional), func(field string) bool { _, ok := owned[field]; return ok })
}

// ref makes the document refer to the object named, and takes the field out of owned: references are compared by name,
// because the controller returns them resolved.
func (e *edit) ref(field, name string, owned document) {
	value, wanted := owned[field]
	if !wanted {
		return
	}
	delete(owned, field)
	text, _ := e.doc[field].(string)
	e.unless(field, value, ParseRef(text).Name == name)
}

// block overlays the fields of a probe's object.
func (e *edit) block(field string, spec document) {
	have, _ := e.doc[field].(map[string]any)
	merged := maps.Clone(have)
	if merged == nil {
		merged = map[string]any{}
	}
	inner := edit{doc: merged}
	for _, name := range slices.Sorted(maps.Keys(spec)) {
		inner.unless(name, spec[name], same(merged[name], spec[name]) || sameTexts(merged[name], spec[name]))
	}
	e.unless(field, merged, len(inner.differ) == 0)
}

// conditional applies the fields that are the operator's only while the policy sets them.
func (e *edit) conditional(s Service) {
	wanted, marked := s.conditional(), e.marked()
	for _, field := range conditionalFields {
		value, ok := wanted[field]
		switch {
		case ok:
			e.unless(field, value, sameConditional(field, e.doc[field], value))
		case slices.Contains(marked, field):
			// Absent and zero are not the same here: a TTL of zero is one.
			e.unless(field, nil, e.doc[field] == nil)
		}
	}
	fields := s.policyFields()
	stale := slices.ContainsFunc(marked, func(field string) bool { return !slices.Contains(fields, field) })
	// A service of AMKO's has no such marker: it gets one with the next write, not a write of its own.
	if missing := !slices.Equal(marked, fields); stale || missing && len(e.differ) > 0 {
		e.marker(policyFieldsMarker, policyMarker(fields))
		e.differ = append(e.differ, "markers")
	}
}

// marked are the conditional fields that the service says come from a policy, sorted.
func (e *edit) marked() []string {
	for _, m := range objects(e.doc["markers"]) {
		if m["key"] == policyFieldsMarker {
			fields := textList(m["values"])
			slices.Sort(fields)
			return fields
		}
	}
	return nil
}

// marker replaces the marker of one key, or adds it; one without values is removed. Other markers are kept.
func (e *edit) marker(key string, value map[string]any) {
	var markers []any
	for _, m := range objects(e.doc["markers"]) {
		if m["key"] != key {
			markers = append(markers, map[string]any(m))
		}
	}
	if values, _ := value["values"].([]any); len(values) > 0 {
		markers = append(markers, value)
	}
	if len(markers) == 0 {
		delete(e.doc, "markers")
		return
	}
	e.doc["markers"] = markers
}

// members makes the document hold the pools, and the description of where their members come from. The two are written
// together or not at all: which object a member belongs to is read off their order, see package ingest.
func (e *edit) members(s Service, stored StoredService) {
	groups, differ := mergeGroups(s.Pools, objects(e.doc["groups"]))
	if !differ && sameSources(stored.Sources, s.Sources) && !s.misplaced(stored) {
		return
	}
	e.unless("groups", groups, same(e.doc["groups"], groups))
	e.unless("description", describe(s.Sources), same(e.doc["description"], describe(s.Sources)))
}

// misplaced says whether the order of a stored service tells of a member that it is another object's. It can be told if
// there are as many members as objects, in one pool.
func (s Service) misplaced(stored StoredService) bool {
	members := s.Members()
	if len(s.Pools) != 1 || len(members) != len(s.Sources) || len(stored.Members) != len(stored.Sources) {
		return false
	}
	type place struct {
		source string
		vip    netip.Addr
	}
	// An object that has an address of each family stands there twice.
	wanted := map[place]bool{}
	for i, src := range s.Sources {
		wanted[place{src.String(), members[i].VIP}] = true
	}
	for i, src := range stored.Sources {
		if !wanted[place{src.String(), stored.Members[i].VIP}] {
			return true
		}
	}
	return false
}

// mergeGroups overlays the pools on the stored groups, and says whether that changed more than the order. Pools are matched
// by priority and members by address, wherever they stood, so that what is not the operator's stays with them.
func mergeGroups(pools []Pool, stored []document) (groups []any, differ bool) {
	byPriority, byVIP, count := map[string]document{}, map[netip.Addr]document{}, 0
	for _, group := range stored {
		byPriority[priorityOf(group)] = group
		for _, member := range objects(group["members"]) {
			count++
			if vip := vipOf(member); vip.IsValid() {
				byVIP[vip] = member
			}
		}
	}
	differ = len(pools) != len(stored)
	groups = make([]any, len(pools))
	for i, pool := range pools {
		merged, changed := pool.merge(byPriority[uitoa(pool.Priority)], byVIP)
		groups[i] = map[string]any(merged)
		differ = differ || changed
		count -= len(pool.Members)
	}
	return groups, differ || count != 0
}

// merge overlays the pool on the stored one, nil for none, and says whether that changed anything.
func (p Pool) merge(stored document, byVIP map[netip.Addr]document) (merged document, changed bool) {
	here := map[netip.Addr]bool{}
	for _, member := range objects(stored["members"]) {
		here[vipOf(member)] = true
	}
	owned := p.owned()
	merged = cloneOr(stored, owned)
	e := edit{doc: merged}
	e.remove(absent(optionalOwnedPool, owned))
	// A pool without a priority has one that is not zero.
	e.unless("priority", p.Priority, priorityOf(merged) == uitoa(p.Priority))
	delete(owned, "priority")
	e.all(owned)
	members := make([]any, len(p.Members))
	for i, m := range p.Members {
		doc := cloneOr(byVIP[m.VIP], m.owned())
		inner := edit{doc: doc}
		inner.remove(absent(optionalOwnedMember, m.owned()))
		inner.all(m.owned())
		changed = changed || len(inner.differ) > 0 || !here[m.VIP]
		members[i] = map[string]any(doc)
	}
	merged["members"] = members
	return merged, changed || len(e.differ) > 0 || stored == nil
}

// cloneOr is a copy of the stored document, or if there is none, one of the fields given that is switched on.
func cloneOr(stored, fresh document) document {
	if stored == nil {
		doc := maps.Clone(fresh)
		doc["enabled"] = true
		return doc
	}
	return maps.Clone(stored)
}

func decode(body []byte) (document, error) {
	d := document{}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber() // fields that are only passed on must not lose digits
	if err := dec.Decode(&d); err != nil {
		return nil, fmt.Errorf("the stored object cannot be read: %w", err)
	}
	return d, nil
}
