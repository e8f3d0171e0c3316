package reports

import (
	"strconv"
	"time"

	"github.com/gslbsim/gslbsim/reports/internal/chart"
	"github.com/gslbsim/gslbsim/reports/internal/wording"
	"github.com/gslbsim/gslbsim/sim/result"
)

// ladderTicks is the number of ticks over a ladder: few, because a ladder can be narrow.
const ladderTicks = 6

// recoveryView is the ladders: those shown at once, and those folded away.
type recoveryView struct {
	Open   []ladderView
	Folded []ladderView
	Hidden int // ladders that are not on the page
}

// ladderView is what followed one change, on a scale that begins at the change.
type ladderView struct {
	ID     string
	Change string
	At     string
	Ticks  []tickView
	Step   string // percent between two ticks
	Rungs  []rungView
	Hidden int // steps that are not on the page
}

// tickView is a tick of a time axis.
type tickView struct {
	Place string // percent
	Label string
	Last  bool // near the right end, so that its label has to stand at its left
}

// rungView is one step of a ladder.
type rungView struct {
	What       string
	After      string
	Place      string // percent
	HasBound   bool
	Bound      string
	BoundPlace string
	Late       bool
	Slack      string // "0.9s to spare", "2s late"
}

func recoveryOf(r *result.Result) recoveryView {
	var v recoveryView
	for i, l := range r.Ladders {
		switch {
		case i >= maxLadders:
			v.Hidden++
		case i < maxLaddersOpen:
			v.Open = append(v.Open, ladderOf(i, l))
		default:
			v.Folded = append(v.Folded, ladderOf(i, l))
		}
	}
	return v
}

func ladderOf(i int, l result.Ladder) ladderView {
	steps := l.Steps[:min(len(l.Steps), maxSteps)]
	axis := chart.NewAxis(ladderSpan(steps), ladderTicks)
	v := ladderView{
		ID:     "ladder-" + strconv.Itoa(i+1),
		Change: orElse(name(l.After), "change "+strconv.Itoa(i+1)),
		At:     wording.Offset(l.At.Duration()),
		Ticks:  ticksOf(axis, wording.Span),
		Step:   percent(axis.Percent(axis.Ticks[1])),
		Hidden: len(l.Steps) - len(steps),
	}
	for _, s := range steps {
		v.Rungs = append(v.Rungs, rungOf(s, axis))
	}
	return v
}

// Limits of the scale of a ladder.
const (
	shortestLadder = time.Second // so that it has a tick besides zero
	longestLadder  = 100 * 365 * 24 * time.Hour
)

// ladderSpan is the length of the scale: a little more than the last step or bound.
func ladderSpan(steps []result.Step) time.Duration {
	longest := shortestLadder
	for _, s := range steps {
		longest = max(longest, s.After.Duration(), s.Bound.Duration())
	}
	longest = min(longest, longestLadder)
	return longest + longest/20
}

func rungOf(s result.Step, axis chart.Axis) rungView {
	after, bound := s.After.Duration(), s.Bound.Duration()
	v := rungView{
		What:  name(s.What),
		After: wording.Span(after),
		Place: percent(axis.Percent(after)),
	}
	if bound <= 0 {
		return v
	}
	v.HasBound = true
	v.Bound = wording.Span(bound)
	v.BoundPlace = percent(axis.Percent(bound))
	v.Late = after > bound
	v.Slack = wording.Span(bound-after) + " to spare"
	if v.Late {
		v.Slack = wording.Span(after-bound) + " late"
	}
	return v
}

// ticksOf places the ticks of an axis.
func ticksOf(axis chart.Axis, label func(time.Duration) string) []tickView {
	ticks := make([]tickView, len(axis.Ticks))
	for i, t := range axis.Ticks {
		at := axis.Percent(t)
		ticks[i] = tickView{Place: percent(at), Label: label(t), Last: at > 96}
	}
	return ticks
}

// percent writes a place for a style or an SVG attribute, to a thousandth.
func percent(p float64) string {
	return strconv.FormatFloat(float64(int(p*1000+0.5))/1000, 'f', -1, 64) + "%"
}
