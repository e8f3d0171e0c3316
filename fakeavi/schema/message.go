package schema

import "sort"

// Kind is the type of a field's value (of its elements, if the field is repeated).
type Kind uint8

// Kinds of values and how a normalised body holds them.
const (
	String Kind = iota // string
	Bool               // bool
	Int32              // int64
	Int64              // int64
	Uint32             // int64
	Uint64             // int64, or uint64 above the range of int64
	Float              // float64
	Object             // map[string]any
)

// Type is an object type: something that has a collection under /api.
type Type struct {
	// Name is the lower-case name used in URLs and uuids, such as "gslbservice".
	Name string
	// Model is the name of the object's message, such as "GslbService".
	Model string
	// Permission is the resource that a role must list to touch such objects, such as "PERMISSION_GSLBSERVICE"; empty if the
	// API does not state one.
	Permission string
	// Singleton says that the controller has exactly one such object and that its collection URL returns it bare.
	Singleton bool
	// Message is the top-level message.
	Message *Message
}

// Message is a set of fields, either of an object or of a part of one.
type Message struct {
	// Name is the message's name, such as "GslbPoolMember".
	Name string
	// Fields are sorted by name.
	Fields []Field

	hasRefs    bool // it or something below it has a reference
	hasGuarded bool // it or something below it has a read-only or sensitive field
}

// Field describes one field of a message.
type Field struct {
	// Name is the field's JSON name.
	Name string
	// Kind is the type of the value, or of each element if Repeated.
	Kind Kind
	// Repeated says that the value is a list.
	Repeated bool
	// MessageName names the message of a field of kind Object.
	MessageName string
	// Ref is the model name of the objects that this field refers to, such as "HealthMonitor"; empty for plain fields.
	Ref string
	// EnumID is 1 + the index of the value list in the catalogue, 0 for none. Use Enum.
	EnumID int
	// Allowed are the ranges of numbers that the field takes, special values included; empty for any.
	Allowed []Interval
	// ItemsMin and ItemsMax bound the length of a list; 0 for no bound.
	ItemsMin int
	ItemsMax int
	// Required says that a body without the field is refused, unless it has a Default.
	Required bool
	// ReadOnly says that the controller sets the field and ignores it in requests.
	ReadOnly bool
	// Sensitive says that the value is a secret, never shown in replies.
	Sensitive bool
	// Default is the value that the controller fills in where its message is present, in the form that Kind lists; nil for none.
	Default any
	// SinceText are the API versions that introduced the field, one for each release train, empty for always.
	SinceText []string

	// Message is the message of a field of kind Object.
	Message *Message
	// Enum are the strings that the field takes, nil for any.
	Enum []string

	since []Version
}

// Interval is a closed range of numbers.
type Interval struct {
	Low  float64
	High float64
}

// Field finds a field by name, nil if the message does not have it.
func (m *Message) Field(name string) *Field {
	i := sort.Search(len(m.Fields), func(i int) bool { return m.Fields[i].Name >= name })
	if i < len(m.Fields) && m.Fields[i].Name == name {
		return &m.Fields[i]
	}
	return nil
}

// HasRefs reports whether the message or any message below it holds references.
func (m *Message) HasRefs() bool { return m.hasRefs }
