// Package schema knows the shape of the controller's configuration objects: which fields an object type has, their types,
// defaults, ranges, enumerations and references.
//
// The knowledge comes from the OpenAPI files in the official SDK's module, compiled into the embedded file catalog.gz by
// hack/schemagen (`go generate ./fakeavi/schema`). Nothing in it is prose: descriptions are not embedded.
//
// [Load] decodes the catalogue once, when it is first needed. [Type.Normalize] turns a request body into the body that a
// controller stores: checked against the schema and with its defaults filled in.
//
// What differs from the product:
//   - all problems of a body are reported together, the product stops at the first;
//   - cross-field rules (`a` must be less than `b`) are not here, they belong to the owners of the objects;
//   - fields restricted to licence editions are accepted in every edition.
package schema
