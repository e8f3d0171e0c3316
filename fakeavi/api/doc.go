// Package api is the REST API of a controller: an http.Handler over a store.
//
// It speaks the protocol that the official SDK and AMKO expect: login with cookies and a CSRF token, tenants and API versions in
// headers, collections with paging and filters, references in many forms that come back resolved, errors as JSON with the texts
// that clients decide by. Every object type of the schema is served by the same code; what a type does beyond storing is added
// from outside, with [API.Handle] for routes, [API.Subresource] for joined parts of replies, and the hooks of the store.
//
// A request goes through these steps: the path is cleaned (clients double slashes, and a redirect would break them), the caller
// is found (session cookie, basic authentication), cross-site requests are refused, tenant and version are read, permissions are
// checked, then the object's handler runs.
//
// What differs from the product:
//   - there is no rate limit;
//   - a lost password can not be recovered.
//
// Where the product's behaviour is not known, the choice is one named constant or function whose comment says UNCONFIRMED.
package api
