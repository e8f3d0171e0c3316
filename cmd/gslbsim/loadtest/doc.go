// Package loadtest plays a file of queries against a live DNS server at a
// given rate and judges what comes back while it runs: nothing may be lost,
// and every name must be answered as its table says, in shares where turns
// are taken.
package loadtest
