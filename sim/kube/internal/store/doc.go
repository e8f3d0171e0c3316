// Package store keeps the objects of a simulated Kubernetes API server and the history of their changes.
//
// One counter numbers all commits, as etcd's revision does; an object's resource version is the commit that wrote it. Every
// table (one a resource) has a log of its recent commits. A watcher is a position in that log: it costs no copy of an event
// and no goroutine, sees the commits in their order, and pins exactly the part of the log that it has not read. The log
// also answers what a table held at a recent resource version, which makes paged lists consistent.
//
// Objects are encoded once, when they are written: lists and watches join ready bytes.
//
// The package knows nothing of HTTP, of kinds or of the rules of the API. All of it is safe for concurrent use.
package store
