// Package avi speaks to an Avi controller through the official SDK.
//
// A Client is one login to one controller, shared by any number of calls at a time, each in the tenant that it names. What
// the SDK leaves to its callers is done here: calls end with their context, a session that has run out is renewed once for
// all calls and the call is repeated, every error has a kind that says what to do about it and carries the controller's own
// words, and lists are read page by page.
//
// FindLeader finds the controller that leads the GSLB configuration, wherever it has moved.
package avi
