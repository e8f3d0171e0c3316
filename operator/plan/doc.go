// Package plan compares what a controller should hold with what it holds, and says which call comes next.
//
// A plan is not a list made in advance: each call is derived from what the controller holds after the one before. The same
// function so serves a first creation, an update, a retry after any failure, and a restart in the middle; and each update is
// built on the object as it was last read, down to its modification stamp. For one FQDN the order is: services of tenants
// that have no members any more are deleted, to set the name free; monitors are created and updated; the service is created
// or updated; monitors that are not needed any more are deleted. An object is written once.
//
// Nothing that is not the operator's is touched. Services are the operator's by their created_by field, monitors by their
// marker, or, if they are so old that they have none, by a name that is exactly the one the operator gives to a monitor
// of that description.
package plan
