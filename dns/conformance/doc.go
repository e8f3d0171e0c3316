// Package conformance holds tests in which real programs ask this
// responder: dig, kdig and drill as clients, unbound and BIND as recursive
// resolvers which follow the delegation from a parent zone to the DNS virtual
// services of two sites. A test whose program is not installed is skipped and
// names the Debian package to install.
package conformance
