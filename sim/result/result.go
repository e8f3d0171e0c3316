// Package result holds what a finished run yields: what happened, what was promised, and what was observed. It is data
// only. Checks fill in the promises, outside of virtual time; package reports turns a Result into pages and files.
//
// All instants are offsets from the scenario's clock zero (the moment at which set-up ends and the time line starts);
// events of the set-up have negative offsets. A Result carries no wall-clock time, so that the same seed gives the same
// bytes.
package result

import (
	"encoding/json"
	"fmt"
	"time"
)

// Schema names the layout of report.json. It changes when a field changes its meaning or goes away.
const Schema = "gslbsim.report/v1"

// Result is one run.
type Result struct {
	Schema   string      `json:"schema"`
	Scenario string      `json:"scenario"`
	About    string      `json:"about"`
	Seed     uint64      `json:"seed"`
	Repeat   string      `json:"repeat"` // the command that repeats this run
	Verdict  Verdict     `json:"verdict"`
	Reasons  []string    `json:"reasons,omitempty"` // why the verdict is Inconclusive: the assumptions that did not hold
	Setup    Millis      `json:"setup_ms"`          // length of the set-up before clock zero
	Span     Millis      `json:"span_ms"`           // from clock zero to the end
	Digest   string      `json:"digest"`            // SHA-256 of the event log and of all observations, in hex
	Sabotage string      `json:"sabotage,omitempty"`
	Sites    []Site      `json:"sites"`
	Services []Service   `json:"services"`
	Timing   Timing      `json:"timing"`
	Phases   []Phase     `json:"phases"`
	Faults   []Fault     `json:"faults"`
	Promises []Promise   `json:"promises"`
	Ladders  []Ladder    `json:"recovery"`
	Series   []Series    `json:"series"`
	Traffic  []Traffic   `json:"traffic"`
	Calls    []CallCount `json:"calls"`
	Events   []Event     `json:"events"`
	Why      []Why       `json:"why,omitempty"` // decisions that the run was asked to explain, in the order of time

	// Evidence is what the checks judge; too large for report.json, which holds its digest and the Series made of it.
	Evidence Evidence `json:"-"`
	// Queries is the query log of all DNS virtual services, if one was kept.
	Queries *QueryLog `json:"-"`
}

// Verdict is the outcome of a run or of one promise.
type Verdict string

const (
	Pass         Verdict = "pass"         // every promise held
	Broken       Verdict = "broken"       // at least one promise did not
	Inconclusive Verdict = "inconclusive" // an assumption did not hold, or there was too little to judge by
)

// ExitStatus returns the process exit status of a verdict: 0 pass, 1 broken, 3 inconclusive. (2 is unusable input.)
func (v Verdict) ExitStatus() int {
	switch v {
	case Pass:
		return 0
	case Broken:
		return 1
	}
	return 3
}

// Millis is a duration that is written to JSON as whole milliseconds.
type Millis time.Duration

// MarshalJSON implements json.Marshaler.
func (m Millis) MarshalJSON() ([]byte, error) {
	return json.Marshal(time.Duration(m).Milliseconds())
}

// UnmarshalJSON implements json.Unmarshaler.
func (m *Millis) UnmarshalJSON(b []byte) error {
	var ms int64
	if err := json.Unmarshal(b, &ms); err != nil {
		return fmt.Errorf("result: %s is not a number of milliseconds: %w", b, err)
	}
	*m = Millis(time.Duration(ms) * time.Millisecond)
	return nil
}

// Duration returns m as a time.Duration.
func (m Millis) Duration() time.Duration { return time.Duration(m) }

// String implements fmt.Stringer, as time.Duration does.
func (m Millis) String() string { return time.Duration(m).String() }

// Site is one place of the world.
type Site struct {
	Name       string   `json:"name"`
	Role       string   `json:"role"` // "leader", "follower", or "" for a site without a controller
	Controller string   `json:"controller,omitempty"`
	DNS        []string `json:"dns,omitempty"` // addresses of its DNS virtual services
	Clusters   []string `json:"clusters,omitempty"`
}

// Service is one GSLB service as the policy asked for it, and the timers that bounds are computed from.
type Service struct {
	Name    string        `json:"name"` // its FQDN
	TTL     int           `json:"ttl_s"`
	Aliases []string      `json:"aliases,omitempty"` // names in the parent zone that lead to it, sorted
	Members []Member      `json:"members"`
	Health  HealthSetting `json:"health"`
	// Algorithm is how a member is chosen where that is not by turns of the ratios: "geo", "consistent hash", "topology" or
	// "preference order".
	Algorithm string `json:"algorithm,omitempty"`
}

// Member is one member of a GSLB service.
type Member struct {
	Address  string `json:"address"` // VIP
	Site     string `json:"site"`
	Pool     string `json:"pool"`
	Priority int    `json:"priority"`
	Ratio    int    `json:"ratio"`
}

// HealthSetting is how fast health is noticed.
type HealthSetting struct {
	ControlPlane     bool   `json:"control_plane"`
	SendInterval     Millis `json:"send_interval_ms"`
	Monitors         int    `json:"monitors"` // number of data-plane monitors; 0: control plane only
	Interval         Millis `json:"interval_ms"`
	Timeout          Millis `json:"timeout_ms"`
	FailedChecks     int    `json:"failed_checks"`
	SuccessfulChecks int    `json:"successful_checks"`
}

// Timing holds the delays of the world that are nobody's setting but belong into a bound.
type Timing struct {
	Travel      Millis `json:"travel_ms"`        // longest one-way delay between any two hosts
	LocalTravel Millis `json:"local_travel_ms"`  // longest one-way delay inside a site
	PollTimeout Millis `json:"poll_timeout_ms"`  // after which a controller takes another one for unreachable
	LostAfter   int    `json:"lost_after_polls"` // polls in a row without an answer after which what a controller told is forgotten
	EngineLoss  Millis `json:"engine_loss_ms"`   // after which at the latest a controller takes silent engines for dead
	Headless    Millis `json:"headless_ms"`      // after which engines that hear nothing take their controller for gone
	Patience    Millis `json:"patience_ms"`      // how long a resolver may go on failing once a name server answers again
}

// Phase is a stretch of the time line between two changes.
type Phase struct {
	Name string `json:"name"`
	From Millis `json:"from_ms"`
	To   Millis `json:"to_ms"`
}

// Fault is something that was done to the world.
type Fault struct {
	Name   string `json:"name"`
	Action string `json:"action"`         // the kind, as in the scenario file
	Target string `json:"target"`         // what it was done to, for people
	Site   string `json:"site"`           // the site that it takes out, if it does
	Host   string `json:"host,omitempty"` // the one host name that it concerns; empty: all of the site's
	Dark   bool   `json:"dark"`           // the site's controller falls silent too
	From   Millis `json:"from_ms"`
	To     Millis `json:"to_ms"` // when it was taken back; the end of the run if it never was
}

// Promise is one thing that the scenario said would hold, and what was found.
type Promise struct {
	Name     string  `json:"name"`     // short, unique in the run: "region01-dark: authoritative answers flip to region02"
	Kind     string  `json:"kind"`     // the kind, as in the scenario file
	Verdict  Verdict `json:"verdict"`  //
	Observed string  `json:"observed"` // "33.2s", "100.0 % of 1234"
	Bound    string  `json:"bound"`    // "<= 34.1s", "= 0"
	Formula  string  `json:"formula,omitempty"`
	Detail   string  `json:"detail,omitempty"` // the first violation, or why there is no verdict
}

// Ladder is the course of events after one change: its steps, each with its distance from the change.
type Ladder struct {
	After string `json:"after"` // the change: "region01-dark begins"
	At    Millis `json:"at_ms"`
	Steps []Step `json:"steps"`
}

// Step is one rung: the first or last time that something was seen.
type Step struct {
	After Millis `json:"after_ms"` // distance from the ladder's change
	What  string `json:"what"`
	Bound Millis `json:"bound_ms,omitempty"` // computed bound of this step, 0 if it has none
}

// Series is a count of answers over time, stacked by label.
type Series struct {
	Layer  string `json:"layer"` // LayerAuthoritative or LayerClient
	Name   string `json:"name"`  // the name that was asked for
	Bucket Millis `json:"bucket_ms"`
	// Labels are the sites answered with, in the order of the world, then Unanswered and Other where they occur.
	Labels []string `json:"labels"`
	// Counts has one row per label and one column per bucket, from clock zero on.
	Counts [][]int `json:"counts"`
}

// The layers at which answers are observed, and labels that are no sites.
const (
	LayerAuthoritative = "authoritative" // what DNS virtual services answer to resolvers
	LayerClient        = "client"        // what resolvers, with their caches, answer to clients
	Unanswered         = "unanswered"
	Other              = "other"
)

// Traffic sums up what one group of clients saw.
type Traffic struct {
	Name       string `json:"name"`
	Host       string `json:"host"`
	Clients    int    `json:"clients"`
	Queries    int    `json:"queries"`
	FromCache  int    `json:"from_cache"`
	Unanswered int    `json:"unanswered"`
	Median     Millis `json:"median_ms"`
	Slowest    Millis `json:"slowest_ms"`
}

// CallCount is how many API requests one program made of one controller.
type CallCount struct {
	Program string `json:"program"`
	Method  string `json:"method"`
	Type    string `json:"type"`
	Status  int    `json:"status"`
	Count   int    `json:"count"`
}

// Event is one line of the event log.
type Event struct {
	At    Millis `json:"at_ms"`
	Nanos int64  `json:"-"`     // exact instant, nanoseconds from clock zero
	Actor string `json:"actor"` // who: "region01/controller", "operator"
	Kind  string `json:"kind"`  // what, one word or two with a dash: "member-down"
	Text  string `json:"text"`
}
