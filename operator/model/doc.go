// Package model describes what the operator wants an Avi controller to hold: GSLB services and health monitors, as plain
// values, and how they are written on the wire.
//
// The wire format is AMKO's, name by name: a service or monitor that AMKO made is recognised as the operator's own and is
// not written again while it says the same, and AMKO can take over what the operator made.
//
// Everything here is a pure function. Equal values give equal bytes: pools are ordered by priority, highest first, and
// members as they come from package policy, by cluster, kind, namespace, name and host.
package model
