// Package preview says what an operator would change on a controller, without changing it: from manifests of its own cluster
// and of the member clusters, and from what a controller holds, be it asked, read from a snapshot, or empty.
//
// It is the running operator without the running: the same extraction, policy and plan, so that what it says is what would
// happen. What only AKO can know, addresses of objects that it has not served yet, is taken from the controller where an
// object is known there, and left open otherwise; see Plan.Open.
package preview
