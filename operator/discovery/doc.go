// Package discovery finds the services that MultiClusterIngresses name in the member clusters, and notes for AKO where they
// can be reached, as ServiceImports in the operator's own cluster. It is what AMKO's service discovery container does, a
// technical preview there.
//
// Judge, Demands and Import are pure; Run is the rim around them. Like everything of the operator it is level-based: what is
// written depends on what there is, not on what happened. The imports of a cluster that was not read yet are left as they are.
package discovery
