// Package analytics is the log search of a controller's API: records of connections and events, selected, grouped and paged by the
// parameters of /api/analytics/logs, in the three formats that it knows.
//
// Records are JSON objects as replies show them. Parse reads the parameters, Query.Run selects. Where the records come from is the
// business of others: DNS logs are kept by service engines (package dns/querylog), events by the controller (EventLog).
package analytics
