// Package health decides who is UP: the checks that a service engine makes of a pool member, and how what controllers
// report and what checks find combine into the status of a member, a pool and a GSLB service.
//
// Deciding is pure: Machine turns the outcomes of one monitor into a verdict, Schedule says when its checks fall due, and
// Member, Pool and Service derive states. Checker makes the checks. It costs what changes, not what exists: a monitor
// whose verdict is settled sleeps while its prober promises that nothing has changed, and wakes on its old schedule, so
// that a change is noticed at the instant at which an unceasing monitor would have noticed it.
package health
