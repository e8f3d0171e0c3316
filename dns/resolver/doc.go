// Package resolver is a caching recursive DNS resolver as clients sit behind:
// it follows referrals and CNAMEs from the zones it is told to start at,
// keeps what it learns for as long as TTLs allow, and prefers servers that
// respond.
//
// It is a plain state machine without goroutines. Time passes through a
// Scheduler, messages through an Exchanger, chance comes from one rand.Rand;
// the clock is time.Now, which is virtual inside a synctest bubble. A
// simulation can drive thousands of resolvers from one event loop and get the
// same run for the same seed.
//
// What it leaves out: DNSSEC, query name minimisation, prefetching.
package resolver
