package store

import (
	"fmt"
	"strconv"
)

// Apply stores the changes of another store as they are: same uuid, body and time of modification, without checks, defaults, hooks or
// regard for references, one version each, in order. A creation of what exists is an update, and the other way round; a deletion
// of what does not exist is nothing. Subscribers are told. An error means that a change is malformed, and that none was applied.
func (s *Store) Apply(changes []Change) error {
	prepared := make([]Change, len(changes))
	for i, c := range changes {
		if err := s.checkChange(c); err != nil {
			return fmt.Errorf("apply change %d of %d: %w", i+1, len(changes), err)
		}
		prepared[i] = c
	}
	defer s.feed.deliver()
	s.writing.Lock()
	defer s.writing.Unlock()
	s.commitAll(prepared)
	return nil
}

func (s *Store) checkChange(c Change) error {
	if (c.Op == Deleted && c.Old == nil) || (c.Op != Deleted && c.New == nil) {
		return fmt.Errorf("%v without its object", c.Op)
	}
	if c.Op == Deleted && c.New != nil {
		return fmt.Errorf("%v with a new state", c.Op)
	}
	o := c.Object()
	if o.body == nil || o.UUID == "" {
		return fmt.Errorf("%v of an object that no store made", c.Op)
	}
	if _, ok := s.schema.Type(o.Type); !ok {
		return UnknownType(o.Type)
	}
	return nil
}

// Record is the serialised form of an object, for snapshots and for replication over a wire.
type Record struct {
	Type     string         `json:"type"`
	UUID     string         `json:"uuid"`
	Tenant   string         `json:"tenant"`
	Modified int64          `json:"modified"`
	Body     map[string]any `json:"body"`
}

// Record returns the serialised form of an object. Its body is the object's own and must not be changed. Secrets are in clear.
func (o *Object) Record() Record {
	return Record{Type: o.Type, UUID: o.UUID, Tenant: o.Tenant, Modified: o.Modified, Body: o.body}
}

// Object makes an object from its serialised form, for Apply. The body is copied; numbers may be json.Number or float64. The error says
// what the record lacks.
func (s *Store) Object(r Record) (*Object, error) {
	t, ok := s.schema.Type(r.Type)
	if !ok {
		return nil, UnknownType(r.Type)
	}
	if r.UUID == "" || r.Tenant == "" || r.Body == nil {
		return nil, fmt.Errorf("record of a %s needs uuid, tenant and body", r.Type)
	}
	o := &Object{Type: r.Type, UUID: r.UUID, Tenant: r.Tenant, Modified: r.Modified}
	o.body = t.Message.Canonical(r.Body)
	o.seal()
	if o.Modified == 0 {
		if text, ok := r.Body["_last_modified"].(string); ok {
			o.Modified, _ = strconv.ParseInt(text, 10, 64)
		}
	}
	o.targets = collectTargets(t.Message, o.body)
	return o, nil
}
