package store

import (
	"slices"
	"strings"

	"github.com/gslbsim/gslbsim/fakeavi/schema"
)

// Query selects, orders and pages the objects of one type. The zero Query selects all of them.
type Query struct {
	// Tenants restricts the result to objects of these tenants; nil for all.
	Tenants []string
	// Name selects by exact name where it is not nil.
	Name *string
	// Where are conditions on fields, all of which must hold.
	Where []Condition
	// RefersTo selects objects that refer to this one, where it is not zero.
	RefersTo Target
	// ReferredBy selects objects that this one refers to, where it is not zero.
	ReferredBy Target
	// Search selects objects of which any term is found in any of the fields, where it is not empty.
	Search []SearchTerm
	// Sort orders by these keys; then, or without any, by name and uuid.
	Sort []SortKey
	// Offset skips objects of the result.
	Offset int
	// Limit bounds the number of objects returned; 0 for all.
	Limit int
}

// Match is how a condition compares.
type Match int

// The comparisons.
const (
	Equal        Match = iota // equal to one of the values
	Contains                  // has one of the values in it
	ContainsFold              // the same without regard to case
	NotEqual                  // equal to none of the values
)

// Condition is a comparison of a field's value, as text, with constants. A list satisfies it if any element does.
type Condition struct {
	// Path is the field's name, or names separated by dots to reach into messages. A reference has the pseudo fields name and uuid.
	Path string
	// Match is the comparison.
	Match Match
	// Values are the constants. Booleans are "true" and "false", numbers decimal.
	Values []string
}

// SearchTerm is a piece of text to look for.
type SearchTerm struct {
	// Path restricts the search to one field; anywhere in the object if empty.
	Path string
	// Text is looked for in strings, and in the text of numbers and booleans.
	Text string
	// Fold ignores case.
	Fold bool
}

// SortKey orders by the value of a field. Objects without it come first.
type SortKey struct {
	// Path is as in Condition.
	Path string
	// Descending reverses the order.
	Descending bool
}

// List returns the page of the objects of a type that a query selects, and how many it selects in all. A query that asks about a
// secret selects nothing, and searches do not look into secrets.
func (s *Store) List(typ string, q Query) (page []*Object, total int) {
	t, ok := s.schema.Type(typ)
	if !ok || q.asksSecrets(t.Message) {
		return nil, 0
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	selected := s.selected(t, q)
	return slices.Clone(cut(selected, q)), len(selected)
}

func (q Query) asksSecrets(m *schema.Message) bool {
	return slices.ContainsFunc(q.Where, func(c Condition) bool { return isSecret(m, c.Path) }) ||
		slices.ContainsFunc(q.Search, func(t SearchTerm) bool { return isSecret(m, t.Path) }) ||
		slices.ContainsFunc(q.Sort, func(k SortKey) bool { return isSecret(m, k.Path) })
}

func (q Query) selectsAll() bool {
	return q.Tenants == nil && q.Name == nil && len(q.Where) == 0 && q.RefersTo == Target{} && q.ReferredBy == Target{} &&
		len(q.Search) == 0
}

// candidates narrows the search down by an index where there is one. The result is sorted by name and uuid.
func (s *Store) candidates(typ string, q Query) []*Object {
	switch {
	case q.Name != nil:
		return s.named(typ, *q.Name)
	case q.RefersTo != Target{}:
		var out []*Object
		for _, o := range s.referrersOf(q.RefersTo.UUID) {
			if o.Type == typ {
				out = append(out, o)
			}
		}
		return out
	}
	return s.table(typ).sorted
}

func cut(objects []*Object, q Query) []*Object {
	start := min(max(q.Offset, 0), len(objects))
	end := len(objects)
	if q.Limit > 0 {
		end = min(start+q.Limit, end)
	}
	return objects[start:end]
}

// selects reports whether a query selects an object. The caller holds s.mu.
func (s *Store) selects(m *schema.Message, q Query, o *Object) bool {
	if q.Tenants != nil && !slices.Contains(q.Tenants, o.Tenant) {
		return false
	}
	if q.RefersTo != (Target{}) && !slices.Contains(o.targets, q.RefersTo) {
		return false
	}
	if q.ReferredBy != (Target{}) && !s.refers(q.ReferredBy, o) {
		return false
	}
	for _, c := range q.Where {
		if !s.satisfies(c, o) {
			return false
		}
	}
	return len(q.Search) == 0 || slices.ContainsFunc(q.Search, func(t SearchTerm) bool { return s.found(m, t, o) })
}

func (s *Store) refers(from Target, o *Object) bool {
	source, ok := s.objects[from.UUID]
	return ok && source.Type == from.Type && slices.Contains(source.targets, Target{Type: o.Type, UUID: o.UUID})
}

func (s *Store) satisfies(c Condition, o *Object) bool {
	hit := false
	s.values(o, c.Path, func(text string) bool {
		hit = slices.ContainsFunc(c.Values, func(v string) bool { return c.Match.holds(text, v) })
		return !hit
	})
	if c.Match == NotEqual {
		return !hit
	}
	return hit
}

func (m Match) holds(text, value string) bool {
	switch m {
	case Contains:
		return strings.Contains(text, value)
	case ContainsFold:
		return containsFold(text, value)
	default:
		return text == value || sameTarget(text, value)
	}
}

// sameTarget compares a stored reference with one in any form that names it by uuid.
func sameTarget(canonical, text string) bool {
	if !strings.HasPrefix(canonical, "/api/") || text == "" {
		return false
	}
	ref, err := ParseReference(text)
	return err == nil && ref.UUID != "" && ref.UUID == targetOf(canonical).UUID
}

func containsFold(text, part string) bool {
	return strings.Contains(strings.ToLower(text), strings.ToLower(part))
}

func (s *Store) found(m *schema.Message, t SearchTerm, o *Object) bool {
	contains := strings.Contains
	if t.Fold {
		contains = containsFold
	}
	hit := false
	see := func(text string) bool {
		hit = contains(text, t.Text)
		return !hit
	}
	if t.Path != "" {
		s.values(o, t.Path, see)
		return hit
	}
	everyText(m, o.body, see)
	return hit
}

func (s *Store) sortBy(objects []*Object, keys []SortKey) {
	if len(keys) == 0 {
		return
	}
	slices.SortStableFunc(objects, func(a, b *Object) int {
		for _, key := range keys {
			c := compareValues(s.first(a, key.Path), s.first(b, key.Path))
			if key.Descending {
				c = -c
			}
			if c != 0 {
				return c
			}
		}
		return byNameAndUUID(a, b)
	})
}
