// Package dns is the data plane of GSLB: what a DNS virtual service of a site
// answers, and why.
//
// A Table holds everything one DNS virtual service knows: its profile, the
// GSLB services placed on it with the health verdict of each member, static
// records, topology rules and the geo database. It is immutable; With makes a
// changed one at the cost of the change. A Responder answers queries from the
// latest table published to it and keeps the round-robin positions across
// tables. Every answer comes with a Decision, whose Explanation is the whole
// of it in plain data; Preview tells what would be answered without answering.
//
// A Worker gives the same replies to messages in wire format, for servers that
// answer hundreds of thousands of them: see package server.
//
// Answering is a pure function of table, query, client and those positions;
// nothing here opens sockets, reads clocks or starts goroutines.
//
// Names of fields, values and rules follow the product's objects: GslbService,
// GslbPool, GslbPoolMember, DnsServiceApplicationProfile, DnsRecord. Where
// its behaviour is not known, the place that chooses says so with the word
// "unconfirmed".
package dns
