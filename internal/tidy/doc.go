// Package tidy holds the rules of the house as tests: which package may import which, what must not occur in code that
// runs in virtual time, what a file may be called.
package tidy
