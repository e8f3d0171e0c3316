package store

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
)

// snapshot is the serialised form of a whole store. The history is not in it.
type snapshot struct {
	Version  uint64            `json:"version"`
	Modified int64             `json:"modified"`
	Epoch    uint32            `json:"epoch,omitempty"`
	Deleted  map[string]uint32 `json:"deleted,omitempty"`
	Objects  []Record          `json:"objects"`
}

// Snapshot writes the store as JSON: one consistent state, secrets in clear. Equal stores give equal bytes. The error is that of w.
func (s *Store) Snapshot(w io.Writer) error {
	_, err := s.SnapshotAt(w)
	return err
}

// SnapshotAt is Snapshot, and returns the version of the state that it wrote: Since continues from there.
func (s *Store) SnapshotAt(w io.Writer) (version uint64, err error) {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	state := s.capture()
	if err := enc.Encode(state); err != nil {
		return 0, fmt.Errorf("write snapshot: %w", err)
	}
	return state.Version, nil
}

func (s *Store) capture() snapshot {
	s.mu.RLock()
	defer s.mu.RUnlock()
	out := snapshot{Version: s.version, Modified: s.modified, Epoch: s.names.epoch, Deleted: map[string]uint32{}}
	for k, n := range s.names.counts {
		out.Deleted[k] = n
	}
	objects := make([]*Object, 0, len(s.objects))
	for _, o := range s.objects {
		objects = append(objects, o)
	}
	slices.SortFunc(objects, func(a, b *Object) int {
		if c := strings.Compare(a.Type, b.Type); c != 0 {
			return c
		}
		return byNameAndUUID(a, b)
	})
	for _, o := range objects {
		out.Objects = append(out.Objects, o.Record())
	}
	return out
}

// Restore replaces the whole content by a snapshot. Subscribers see every difference as a change: deletions first, then creations and
// updates. Since answers false for all versions before. If the snapshot is damaged, the store is left as it was and the error
// says where the damage is.
func (s *Store) Restore(r io.Reader) error {
	dec := json.NewDecoder(r)
	dec.UseNumber()
	var in snapshot
	if err := dec.Decode(&in); err != nil {
		return fmt.Errorf("read snapshot: %w", err)
	}
	keep := make(map[string]*Object, len(in.Objects))
	var changes []Change
	for i, record := range in.Objects {
		o, err := s.Object(record)
		if err != nil {
			return fmt.Errorf("read snapshot: object %d: %w", i+1, err)
		}
		keep[o.UUID] = o
		changes = append(changes, Change{Op: Created, New: o})
	}
	if _, ok := keep[AdminTenant]; !ok {
		return fmt.Errorf("read snapshot: it has no tenant %s", AdminTenant)
	}
	defer s.feed.deliver()
	s.writing.Lock()
	defer s.writing.Unlock()
	s.commitAll(append(s.obsolete(keep), s.different(changes)...))
	s.adopt(in)
	return nil
}

// obsolete lists the deletion of every object that a snapshot does not have.
func (s *Store) obsolete(keep map[string]*Object) []Change {
	var out []Change
	for _, record := range s.capture().Objects {
		if keep[record.UUID] == nil {
			o, _ := s.Get(record.Type, record.UUID)
			out = append(out, Change{Op: Deleted, Old: o})
		}
	}
	return out
}

// different leaves out the objects that the store has in the same state.
func (s *Store) different(changes []Change) []Change {
	var out []Change
	for _, c := range changes {
		current, ok := s.Get(c.New.Type, c.New.UUID)
		if !ok || current.Modified != c.New.Modified || !matches(current.body, c.New.body) || len(current.body) != len(c.New.body) {
			out = append(out, c)
		}
	}
	return out
}

// adopt takes the counters over and starts a new history.
func (s *Store) adopt(in snapshot) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.version = max(s.version, in.Version)
	s.modified = max(s.modified, in.Modified)
	s.names.epoch = max(s.names.epoch, in.Epoch)
	s.names.counts = map[string]uint32{}
	for k, n := range in.Deleted {
		s.names.counts[k] = n
	}
	s.history = history{limit: s.limits.History, floor: s.version}
}
