package reports

import (
	"time"

	"github.com/gslbsim/gslbsim/reports/internal/chart"
	"github.com/gslbsim/gslbsim/sim/result"
)

// faultView is a fault in its lane. Its name begins at its left end, or ends at its right end.
type faultView struct {
	stretchView
	FromRight bool
	Room      string // percent that the name may take if the fault is alone in its lane
}

// lanesOf puts faults into lanes one above the other, so that neither they nor their names overlap. unlaned counts those
// that found none.
func lanesOf(faults []result.Fault, axis chart.Axis) (lanes [][]faultView, unlaned int) {
	faults, unlaned = faults[:min(len(faults), maxRows)], max(0, len(faults)-maxRows)
	views := make([]faultView, len(faults))
	taken := make([]chart.Stretch, len(faults))
	for i, f := range faults {
		views[i], taken[i] = laned(f, axis)
	}
	for i, lane := range chart.Lanes(taken, axis.Span/100, maxLanes) {
		if lane < 0 {
			unlaned++
			continue
		}
		if lane == len(lanes) {
			lanes = append(lanes, nil)
		}
		lanes[lane] = append(lanes[lane], views[i])
	}
	return lanes, unlaned
}

// laned returns a fault for its lane, and what it takes of it together with its name.
func laned(f result.Fault, axis chart.Axis) (v faultView, taken chart.Stretch) {
	v.stretchView = stretch(f.Name, f.From.Duration(), f.To.Duration(), axis)
	taken = chart.Stretch{From: f.From.Duration(), To: f.To.Duration()}
	from, to := axis.Percent(taken.From), axis.Percent(taken.To)
	named := time.Duration(nameWidth(v.Name, plotPixels) / 100 * float64(axis.Span))
	v.FromRight = from+nameWidth(v.Name, narrowPixels) > 100 && to > 50
	if v.FromRight {
		v.Room = percent(to)
		taken.From = min(taken.From, taken.To-named)
		return v, taken
	}
	v.Room = percent(100 - from)
	taken.To = max(taken.To, taken.From+named)
	return v, taken
}
