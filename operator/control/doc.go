// Package control is the rim of the operator: it connects the pure packages to API servers and a controller.
//
// One goroutine, the loop, owns all state and makes all decisions. Everything else is delivered to it: what informers see
// goes into a mailbox, where only the latest state of an object stays; calls to a controller run in goroutines of their own
// and leave their result there. Changes are collected for a moment (Options.Debounce) and handled together. What comes of
// them does not depend on the order in which they came:
//
//	members, own objects --> mailbox --> loop --> ingest.Index, policy.RuleBook --> policy.Desired
//	                            ^                                                       |
//	                            |                                   schedule.Queue, plan.Inventory
//	                            +--- result --- apply.Run (at most 8 at a time) <-------+
//
// Nothing is written unless everything is known that it depends on: that this operator leads, a GSLBConfig, a valid
// GlobalDeploymentPolicy, what the controller holds, every member cluster that answers, and that no follower leads too. Whatever of this is missing
// freezes the controller's objects as they are. A missing policy deletes nothing; to delete all services, give a policy
// that selects no cluster.
package control
