// Package federate copies the operator's configuration from the cluster that leads to the clusters that follow, so that one of
// these can take over: GSLBConfig and GlobalDeploymentPolicy as AMKO does, and GSLBHostRules, which AMKO leaves to be copied by
// hand.
//
// A Round asks every follower what it holds, and writes what differs, nothing else. It says how it went in AMKO's words
// (Outcome.Conditions). A follower that says of itself that it leads is a Rival: nothing is copied to anybody then, and the
// operator must not write to the controller either, because nobody knows which of the two is right.
//
// What AMKO does and this package does not: it does not delete a follower's configuration because the leader has none, unless
// it was copied from there (a leader that was built anew would take the last copy with it); and edits made in a follower are
// put back at the next round, not at the next edit.
//
// Secrets are not copied: the credentials of a controller are for each cluster to have.
package federate
