package store

import (
	"encoding/json"
	"sync"

	"github.com/gslbsim/gslbsim/fakeavi/schema"
)

// selectionMin is the number of candidates from which the outcome of a query is worth keeping.
const selectionMin = 500

// selections keeps the outcome of the last long query of each type, since clients page through long lists: without it every page
// would look at every object.
type selections struct {
	mu     sync.Mutex
	byType map[string]selection
}

// selection is what a query selects in one version of the store.
type selection struct {
	query   string
	version uint64
	objects []*Object
}

// selected returns all objects that a query selects, in its order. The caller holds s.mu.
func (s *Store) selected(t *schema.Type, q Query) []*Object {
	candidates := s.candidates(t.Name, q)
	if q.selectsAll() && len(q.Sort) == 0 {
		return candidates
	}
	if len(candidates) < selectionMin {
		return s.selectFrom(t, q, candidates)
	}
	key := q.key()
	s.selections.mu.Lock()
	defer s.selections.mu.Unlock()
	kept := s.selections.byType[t.Name]
	if kept.query != key || kept.version != s.version {
		kept = selection{query: key, version: s.version, objects: s.selectFrom(t, q, candidates)}
		if s.selections.byType == nil {
			s.selections.byType = map[string]selection{}
		}
		s.selections.byType[t.Name] = kept
	}
	return kept.objects
}

func (s *Store) selectFrom(t *schema.Type, q Query, candidates []*Object) []*Object {
	var out []*Object
	for _, o := range candidates {
		if s.selects(t.Message, q, o) {
			out = append(out, o)
		}
	}
	s.sortBy(out, q.Sort)
	return out
}

// key tells queries apart that select different objects, whatever their page.
func (q Query) key() string {
	q.Offset, q.Limit = 0, 0
	// A Query has nothing that can not be encoded.
	text, _ := json.Marshal(q)
	return string(text)
}
