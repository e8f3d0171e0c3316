package reports

import (
	"cmp"
	"slices"
	"time"

	"github.com/gslbsim/gslbsim/reports/internal/wording"
	"github.com/gslbsim/gslbsim/sim/result"
)

// timelineView is what happened when, as tables.
type timelineView struct {
	Phases tableView
	Faults tableView
}

func timelineOf(r *result.Result) timelineView {
	return timelineView{Phases: phasesTable(r.Phases), Faults: faultsTable(r)}
}

func phasesTable(phases []result.Phase) tableView {
	t := tableView{
		Caption: "Phases",
		Columns: []columnView{
			{Name: "Phase"}, {Name: "From", Number: true}, {Name: "To", Number: true}, {Name: "Length", Number: true},
		},
		Empty: "The time line has no phases.",
	}
	for _, p := range phases {
		from, to := p.From.Duration(), p.To.Duration()
		t.add(name(p.Name), wording.Offset(from), wording.Offset(to), wording.Span(to-from))
	}
	return t
}

func faultsTable(r *result.Result) tableView {
	t := tableView{
		Caption: "Faults",
		Columns: []columnView{
			{Name: "Fault"}, {Name: "Action"}, {Name: "Target"}, {Name: "Site"},
			{Name: "From", Number: true}, {Name: "To", Number: true}, {Name: "Length", Number: true},
		},
		Empty: "Nothing was done to the world.",
	}
	for _, f := range inTime(r.Faults) {
		from, to := f.From.Duration(), f.To.Duration()
		t.add(name(f.Name), orDash(name(f.Action)), orDash(name(f.Target)), orDash(name(f.Site)),
			wording.Offset(from), faultEnd(to, r.Span.Duration()), wording.Span(to-from))
	}
	return t
}

// faultEnd says when a fault was taken back.
func faultEnd(to, end time.Duration) string {
	if end > 0 && to >= end {
		return "end of run"
	}
	return wording.Offset(to)
}

// inTime returns the faults in the order of their beginnings.
func inTime(faults []result.Fault) []result.Fault {
	sorted := slices.Clone(faults)
	slices.SortStableFunc(sorted, func(a, b result.Fault) int { return cmp.Compare(a.From, b.From) })
	return sorted
}
