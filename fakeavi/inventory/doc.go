// Package inventory builds what a controller shows of its objects beyond their configuration: their runtime.
//
// Every function is pure. It takes configuration and states as other packages hold them, and returns a message of the API's own
// schema, named in its comment, as a stored body would hold it: numbers are int64, lists []any, references canonical. How the
// product fills in some of these messages is not public; fields about which nothing is known are left out.
package inventory
