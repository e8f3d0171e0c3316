// Package foreign holds tests that give somebody else's GSLB operator a world to work in: see `make
// conformance-operator`. It has no code of its own.
package foreign
