// Package wording writes durations, counts and foreign text for people: short, and safe to print. All functions are
// pure, and safe for concurrent use.
package wording
