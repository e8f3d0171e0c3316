// Package probe makes the health checks of service engines in a live run: with sockets, by script, or by asking the
// engines of the same process.
//
// A target is looked for in this order: in the script ([Prober.Set]); among the VIPs of the engines that were attached,
// which are asked without a socket; then what [Config.Otherwise] says happens. Answers that no socket gave are stable:
// a monitor whose verdict is settled costs nothing until something changes.
package probe
