// Package querylog is the client log of a DNS virtual service: one entry per
// query as the product records it, throttled as the product throttles, with
// the exports that users evaluate: CSV, JSON and shares by answer.
//
// A Log keeps entries in memory; a Stream writes those of a live server, whose
// clients do not wait for it. No clock is read: entries carry the time of
// their query. Both are safe for concurrent use.
package querylog
