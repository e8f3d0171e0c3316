// Package server answers DNS queries from sockets: UDP and TCP around a
// dns.Responder.
//
// A Server listens on any number of addresses. Each UDP address is served by
// one or more workers which have a socket of their own each, so that they
// share nothing but the responder; TCP connections have a goroutine each.
// Everything that a client can make grow has a limit in Config.
//
// A new table is put in force by publishing it to the responder: each query
// is answered from the one table that is in force when it is looked at.
package server
