package store

import (
	"slices"
	"strings"
)

// table holds the objects of one type.
type table struct {
	sorted []*Object // by name, then uuid
	byName map[string][]*Object
}

func byNameAndUUID(a, b *Object) int {
	if c := strings.Compare(a.Name, b.Name); c != 0 {
		return c
	}
	return strings.Compare(a.UUID, b.UUID)
}

func (t *table) insert(o *Object) {
	t.sorted = insertSorted(t.sorted, o)
	if t.byName == nil {
		t.byName = map[string][]*Object{}
	}
	t.byName[o.Name] = insertSorted(t.byName[o.Name], o)
}

func (t *table) remove(o *Object) {
	t.sorted = removeSorted(t.sorted, o)
	rest := removeSorted(t.byName[o.Name], o)
	if len(rest) == 0 {
		delete(t.byName, o.Name)
	} else {
		t.byName[o.Name] = rest
	}
}

// insertSorted and removeSorted change the slice in place: readers look at it under the store's lock only.
func insertSorted(list []*Object, o *Object) []*Object {
	i, _ := slices.BinarySearchFunc(list, o, byNameAndUUID)
	return slices.Insert(list, i, o)
}

func removeSorted(list []*Object, o *Object) []*Object {
	i, found := slices.BinarySearchFunc(list, o, byNameAndUUID)
	if !found {
		return list
	}
	return slices.Delete(list, i, i+1)
}

// put makes o the current state of its object; old is the state it replaces, nil for none. The caller holds s.mu.
func (s *Store) put(old, o *Object) {
	if old != nil {
		s.drop(old)
	}
	t, ok := s.tables[o.Type]
	if !ok {
		t = &table{}
		s.tables[o.Type] = t
	}
	t.insert(o)
	s.objects[o.UUID] = o
	s.tenants[o.Tenant]++
	for _, target := range o.targets {
		set, ok := s.referrer[target.UUID]
		if !ok {
			set = map[string]struct{}{}
			s.referrer[target.UUID] = set
		}
		set[o.UUID] = struct{}{}
	}
}

// drop removes a state from all indexes. The caller holds s.mu.
func (s *Store) drop(o *Object) {
	s.tables[o.Type].remove(o)
	delete(s.objects, o.UUID)
	if s.tenants[o.Tenant]--; s.tenants[o.Tenant] == 0 {
		delete(s.tenants, o.Tenant)
	}
	for _, target := range o.targets {
		set := s.referrer[target.UUID]
		delete(set, o.UUID)
		if len(set) == 0 {
			delete(s.referrer, target.UUID)
		}
	}
}

// referrersOf returns the objects that refer to uuid, itself excepted. The caller holds s.mu.
func (s *Store) referrersOf(uuid string) []*Object {
	var out []*Object
	for from := range s.referrer[uuid] {
		if o, ok := s.objects[from]; ok && from != uuid {
			out = append(out, o)
		}
	}
	slices.SortFunc(out, func(a, b *Object) int {
		if c := strings.Compare(a.Type, b.Type); c != 0 {
			return c
		}
		return byNameAndUUID(a, b)
	})
	return out
}
