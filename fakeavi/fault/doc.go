// Package fault makes requests fail on purpose: with a status code, late, with a dropped connection, or with an expired
// session, chosen by path, method, probability and count.
//
// A [Rule] says which requests and how; [Rules] is the list of them that an http.Handler is wrapped in. Rules are tried in
// the order in which they were added. Every rule that fires delays, and the first that answers instead of the handler ends
// it. Draws come from one seeded stream a rule, so that equal requests in equal order meet equal faults.
package fault
