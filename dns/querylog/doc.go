// Package querylog is the client log of a DNS virtual service: one entry per
// query as the product records it, throttled as the product throttles, with
// the exports that users evaluate: CSV, JSON and shares by answer.
//
// It reads no clock: entries carry the time of their query. All of it is safe
// for concurrent use.
package querylog
