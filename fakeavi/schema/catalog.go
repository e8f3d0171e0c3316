package schema

import (
	_ "embed"
	"fmt"
	"sort"
	"sync"
)

//go:generate go run ../../hack/schemagen -o catalog.gz
//go:embed catalog.gz
var embedded []byte

// Schema is a loaded catalogue of object types. It is immutable and safe for concurrent use.
type Schema struct {
	version  string
	types    []*Type
	byName   map[string]*Type
	byModel  map[string]*Type
	messages map[string]*Message
}

// Load returns the embedded catalogue, decoding it on the first call (a few milliseconds). It panics if the embedded file is
// damaged, which only a broken build can cause.
func Load() *Schema { return load() }

var load = sync.OnceValue(func() *Schema {
	s, err := Decode(embedded)
	if err != nil {
		panic("schema: embedded catalogue: " + err.Error())
	}
	return s
})

// Version is the newest API version that the schema describes.
func (s *Schema) Version() string { return s.version }

// Types returns all object types, sorted by name. The slice must not be changed.
func (s *Schema) Types() []*Type { return s.types }

// Type finds an object type by the name it has in URLs ("gslbservice"); false if the schema does not have it.
func (s *Schema) Type(name string) (*Type, bool) {
	t, ok := s.byName[name]
	return t, ok
}

// Model finds an object type by its model name ("GslbService"); false if the schema does not have it.
func (s *Schema) Model(name string) (*Type, bool) {
	t, ok := s.byModel[name]
	return t, ok
}

// Message finds a message type by name ("GslbPoolMember"); false if the schema does not have it.
func (s *Schema) Message(name string) (*Message, bool) {
	m, ok := s.messages[name]
	return m, ok
}

// link resolves names to pointers and derives the flags that let walks skip subtrees.
func link(c *Catalog) (*Schema, error) {
	s := &Schema{
		version:  c.Version,
		types:    c.Types,
		byName:   make(map[string]*Type, len(c.Types)),
		byModel:  make(map[string]*Type, len(c.Types)),
		messages: make(map[string]*Message, len(c.Messages)),
	}
	for _, m := range c.Messages {
		s.messages[m.Name] = m
	}
	for _, m := range c.Messages {
		if err := linkFields(s, c, m); err != nil {
			return nil, err
		}
	}
	spreadFlags(c.Messages)
	for _, t := range c.Types {
		m, ok := s.messages[t.Model]
		if !ok {
			return nil, fmt.Errorf("decode catalogue: type %s has no message %s", t.Name, t.Model)
		}
		t.Message = m
		s.byName[t.Name], s.byModel[t.Model] = t, t
	}
	sort.Slice(s.types, func(i, j int) bool { return s.types[i].Name < s.types[j].Name })
	return s, nil
}

func linkFields(s *Schema, c *Catalog, m *Message) error {
	sort.Slice(m.Fields, func(i, j int) bool { return m.Fields[i].Name < m.Fields[j].Name })
	for i := range m.Fields {
		f := &m.Fields[i]
		if f.MessageName != "" {
			sub, ok := s.messages[f.MessageName]
			if !ok {
				return fmt.Errorf("decode catalogue: %s.%s has unknown message %s", m.Name, f.Name, f.MessageName)
			}
			f.Message = sub
		}
		if f.EnumID < 0 || f.EnumID > len(c.Enums) {
			return fmt.Errorf("decode catalogue: %s.%s has unknown enumeration %d", m.Name, f.Name, f.EnumID)
		}
		if f.EnumID > 0 {
			f.Enum = c.Enums[f.EnumID-1]
		}
		if len(f.SinceText) > 0 {
			f.since = parseVersions(f.SinceText)
		}
		m.hasRefs = m.hasRefs || f.Ref != ""
		m.hasGuarded = m.hasGuarded || f.ReadOnly || f.Sensitive
	}
	return nil
}

// spreadFlags makes the flags of a message cover everything below it.
func spreadFlags(messages []*Message) {
	for changed := true; changed; {
		changed = false
		for _, m := range messages {
			refs, guarded := m.hasRefs, m.hasGuarded
			for i := range m.Fields {
				if sub := m.Fields[i].Message; sub != nil {
					refs, guarded = refs || sub.hasRefs, guarded || sub.hasGuarded
				}
			}
			if refs != m.hasRefs || guarded != m.hasGuarded {
				m.hasRefs, m.hasGuarded, changed = refs, guarded, true
			}
		}
	}
}
