// Package refusal tells which AMKO objects the operator refuses by looking at
// the object alone. AMKO's definitions accept these objects, so an API server
// stores them, and the operator answers in their status.
//
// The same rules are CEL rules of the strict definitions in package crds. They
// are kept twice because a manifest is checked here in microseconds and without
// a CEL compiler, and because the status has to carry AMKO's words; a test
// shows that both agree.
//
// What needs the controller or another object (does a health monitor exist, is
// a cluster a member) is not decided here.
package refusal

import (
	"fmt"
	"maps"
	"net"
	"slices"
)

// MaxHealthMonitorRefs is how many health monitors a GSLB service of the
// controller can have.
const MaxHealthMonitorRefs = 6

// Refusal is a reason to refuse an object.
type Refusal struct {
	// Field is the path of the field at fault, such as
	// "spec.poolAlgorithmSettings.hashMask".
	Field string
	// Message is the text for the object's status. Where AMKO refuses the same
	// thing it is AMKO's text.
	Message string
}

// list collects refusals in the order they are found.
type list []Refusal

func (l *list) add(field, format string, args ...any) {
	*l = append(*l, Refusal{Field: field, Message: fmt.Sprintf(format, args...)})
}

// MaxTTL is the highest time to live in seconds.
const MaxTTL = 86400

// ttl adds a time to live out of range. The definitions refuse it too, where they are the operator's or AMKO's own.
func (l *list) ttl(value *int64, suffix string) {
	if value != nil && (*value < 0 || *value > MaxTTL) {
		l.add("spec.ttl", "ttl %d must be between 0 and %d%s", *value, MaxTTL, suffix)
	}
}

// isIP is AMKO's own test of an address.
func isIP(s string) bool { return net.ParseIP(s) != nil }

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
