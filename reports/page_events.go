package reports

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/gslbsim/gslbsim/reports/internal/wording"
	"github.com/gslbsim/gslbsim/sim/result"
)

// Limits of the list of events.
const (
	maxEventRows  = 2000
	maxEventText  = 240     // characters
	maxEventBytes = 400_000 // of the texts of all rows together
	maxNotes      = 12      // kinds of event that are named as incomplete
)

// eventsView is the list of events with the changes of the time line between them.
type eventsView struct {
	Rows  []eventView
	Shown int
	Total int
	Notes []string // kinds that are not listed completely
	More  int      // kinds that are not listed completely and not in Notes
}

// eventView is one row. Mark is "" for an event, "fault" for one that tells of a fault, and "change" for a line that the
// log does not have: the beginning of a phase, or the beginning or end of a fault.
type eventView struct {
	At     string
	Actor  string
	Kind   string
	Text   string
	Mark   string
	During bool // a fault is on
}

func eventsOf(r *result.Result) eventsView {
	keep, v := selectEvents(r.Events)
	changes := changesOf(r)
	logged := slices.ContainsFunc(r.Events, tellsOfFault)
	active := 0
	for i, e := range r.Events {
		for len(changes) > 0 && changes[0].at <= e.At.Duration() {
			active += changes[0].faults
			v.turn(changes[0], logged)
			changes = changes[1:]
		}
		if keep[i] {
			v.Rows = append(v.Rows, eventOf(e, active > 0))
		}
	}
	for _, c := range changes {
		v.turn(c, logged)
	}
	return v
}

// turn adds a row for c, unless it is about a fault and the log tells of faults itself.
func (v *eventsView) turn(c change, logged bool) {
	if c.faults == 0 || !logged {
		v.Rows = append(v.Rows, eventView{At: wording.Offset(c.at), Kind: c.kind, Text: c.text, Mark: "change"})
	}
}

func eventOf(e result.Event, during bool) eventView {
	v := eventView{
		At:     wording.Offset(e.At.Duration()),
		Actor:  name(e.Actor),
		Kind:   name(e.Kind),
		Text:   wording.CutRunes(wording.Line(e.Text), maxEventText),
		During: during,
	}
	if tellsOfFault(e) {
		v.Mark = "fault"
	}
	return v
}

// tellsOfFault reports whether e is about a fault: by the kinds of the log, one that begins with "fault".
func tellsOfFault(e result.Event) bool { return strings.HasPrefix(e.Kind, "fault") }

// selectEvents chooses the events of the page. Rare kinds tell the most: kinds are taken from the rarest on, each
// completely while there is room, then as many of the next as fit, from the first.
func selectEvents(events []result.Event) (keep []bool, v eventsView) {
	byKind := map[string][]int{}
	for i, e := range events {
		byKind[e.Kind] = append(byKind[e.Kind], i)
	}
	kinds := slices.SortedFunc(maps.Keys(byKind), func(a, b string) int {
		return cmp.Or(cmp.Compare(len(byKind[a]), len(byKind[b])), cmp.Compare(a, b))
	})
	keep = make([]bool, len(events))
	v.Total = len(events)
	bytes := 0
	for _, kind := range kinds {
		taken := 0
		for _, i := range byKind[kind] {
			bytes += min(len(events[i].Text), maxEventText) + len(events[i].Actor) + len(kind)
			if v.Shown >= maxEventRows || bytes > maxEventBytes {
				break
			}
			keep[i] = true
			taken++
			v.Shown++
		}
		v.note(kind, taken, len(byKind[kind]))
	}
	return keep, v
}

// note remembers a kind that is not listed completely.
func (v *eventsView) note(kind string, taken, all int) {
	if taken == all {
		return
	}
	if len(v.Notes) >= maxNotes {
		v.More++
		return
	}
	v.Notes = append(v.Notes, orElse(name(kind), "(no kind)")+": "+wording.Count(taken)+" of "+wording.Count(all))
}

// change is a turn of the time line.
type change struct {
	at     time.Duration
	faults int // how many faults begin; -1 if one ends
	kind   string
	text   string
}

// changesOf returns the beginnings of phases, and the beginnings and ends of faults, in the order of time; what ends
// comes before what begins at the same instant.
func changesOf(r *result.Result) []change {
	var changes []change
	for _, f := range r.Faults[:min(len(r.Faults), maxRows)] {
		what := name(f.Name) + " (" + strings.TrimSpace(name(f.Action)+" "+name(f.Target)) + ")"
		changes = append(changes, change{at: f.From.Duration(), faults: 1, kind: "fault begins", text: what})
		if f.To < r.Span {
			changes = append(changes, change{at: f.To.Duration(), faults: -1, kind: "fault ends", text: what})
		}
	}
	for _, p := range r.Phases[:min(len(r.Phases), maxRows)] {
		changes = append(changes, change{at: p.From.Duration(), kind: "phase", text: name(p.Name)})
	}
	slices.SortStableFunc(changes, func(a, b change) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.faults, b.faults))
	})
	return changes
}
