// Package store is the database of one controller: objects of the types that package schema describes, with names unique within
// a tenant, references kept whole, a change feed and a bounded history.
//
// Objects are immutable once they are committed; a change makes a new Object. Readers therefore never see half of a write, and
// may keep what they read. Writers are serialised: a [Store.Patch] reads, changes and commits as one step.
//
// A client's write goes through these steps, all before anything is visible: the schema's checks and defaults, resolution of
// references, the functions registered with [Store.Prepare] (they complete the body), uniqueness, the functions registered with
// [Store.Admit] (they may refuse). After the commit the functions registered with [Store.Subscribe] are told. Replicated objects
// come in through [Store.Apply], which stores them as they are.
//
// Identifiers are derived from the store's namespace and the object's name, so equal histories give equal uuids.
//
// What differs from the product:
//   - an object's tenant is its name here; replies show the uuid that the tenant has on the controller which replies;
//   - names of tenants and the tenant of an object can not be changed;
//   - the search for an object of a referenced name looks in the object's own tenant, then in tenant admin.
package store
