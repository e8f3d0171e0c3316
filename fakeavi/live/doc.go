// Package live runs Avi controllers in real time: their REST APIs over TLS on loopback, their federation in process, and
// health checks with sockets or by script.
//
// [Start] makes the controllers that a [Config] describes and returns when all of them answer and the federation is formed.
// It is what `gslbsim avi` and package avitest are made of.
package live
