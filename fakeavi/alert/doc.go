// Package alert raises the alerts of a controller: what its alertconfig objects make of events.
//
// Configurations with source EVENT_LOGS are acted upon; those about logs and metrics are stored only. Actions (mail, syslog,
// scripts) are not taken: an action group gives an alert its level.
package alert
