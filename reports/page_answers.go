package reports

import (
	"strconv"
	"strings"
	"time"

	"github.com/gslbsim/gslbsim/reports/internal/chart"
	"github.com/gslbsim/gslbsim/reports/internal/wording"
	"github.com/gslbsim/gslbsim/sim/result"
)

// Measures of a picture of answers.
const (
	plotHeight   = 184  // pixels
	plotTicks    = 12   // ticks of the time axis
	maxColumns   = 360  // columns of one picture
	minColumns   = 24   // columns of one picture among many
	maxBars      = 6000 // bars of all pictures together, roughly
	seenHeight   = 3    // pixels that a column with an unanswered question has at least for it
	labelTall    = 20   // pixels that a bar needs to be written on
	labelPixels  = 7.5  // pixels that a letter takes
	labelMargin  = 18   // pixels around a name
	plotPixels   = 640  // width below which pictures are not written on
	narrowPixels = 320  // width of a picture on a phone
	maxShades    = 48   // faults shaded, and phases named, in one picture
	maxLanes     = 12   // faults one above the other
)

// answersView is who was answered with what: for each name the layers one below the other.
type answersView struct {
	Names  []answersName
	Hidden int // series that are not on the page
}

type answersName struct {
	Name     string
	Pictures []pictureView
}

// pictureView is the answers of one series over time, as stacked bars, with the faults above and the phases below.
type pictureView struct {
	ID       string
	Title    string
	About    string
	Summary  string
	Empty    bool
	Step     string // what one column stands for
	Height   int
	Legend   []legendView
	Lanes    [][]faultView
	Unlaned  int // faults that found no lane
	Shades   []stretchView
	Levels   []levelView
	Ticks    []tickView
	Bars     []barsView
	Alarms   []stretchView // where questions were not answered
	Writings []writingView
	Phases   []stretchView
	Table    tableView
	Data     pictureData
}

// pictureData is what the time cursor reads out.
type pictureData struct {
	Step   int64    `json:"step_ms"`
	Span   int64    `json:"span_ms"`
	Labels []string `json:"labels"`
	Counts [][]int  `json:"counts"`
}

type legendView struct{ Class, Label, Count, Share string }

// stretchView is a part of the time line, in percent.
type stretchView struct {
	Name, Title string
	Left, Width string
	End         string // where it ends, from the left
	Right       string // where it ends, from the right
}

// levelView is a tick of the count axis.
type levelView struct {
	Y     int
	Label string
}

// barsView is all bars of one label.
type barsView struct {
	Class string
	Bars  []barView
}

type barView struct {
	X, Width  string
	Y, Height int
}

// writingView is the name of a label, written into its bars.
type writingView struct {
	X    string
	Y    int
	Text string
}

func answersOf(r *result.Result) answersView {
	var v answersView
	shown := r.Series[:min(len(r.Series), maxPictures)]
	v.Hidden = len(r.Series) - len(shown)
	classes := labelClasses(r)
	for i, s := range shown {
		p := pictureOf(i, s, r, classes, maxBars/len(shown))
		v.add(name(s.Name), p)
	}
	return v
}

// add puts a picture under its name.
func (v *answersView) add(name string, p pictureView) {
	for i := range v.Names {
		if v.Names[i].Name == name {
			v.Names[i].Pictures = append(v.Names[i].Pictures, p)
			return
		}
	}
	v.Names = append(v.Names, answersName{Name: name, Pictures: []pictureView{p}})
}

func pictureOf(i int, s result.Series, r *result.Result, classes map[string]string, bars int) pictureView {
	s = unansweredLast(s)
	most := min(maxColumns, max(minColumns, bars/max(1, len(s.Labels))))
	merge := max(1, (seriesColumns(s)+most-1)/most)
	counts := chart.Merge(s.Counts, merge)
	step := time.Duration(merge) * s.Bucket.Duration()
	axis := chart.NewAxis(pictureSpan(r.Span.Duration(), step, counts), plotTicks)
	v := pictureView{
		ID:      "answers-" + strconv.Itoa(i+1),
		Height:  plotHeight,
		Step:    wording.Span(step),
		Empty:   chart.Highest(counts) == 0,
		Legend:  legendOf(s, classes),
		Shades:  shadesOf(inTime(r.Faults), axis),
		Phases:  phaseStrip(r.Phases, axis),
		Ticks:   ticksOf(axis, wording.Clock),
		Table:   phaseCounts(s, r.Phases),
		Summary: summaryOf(s),
		Data:    dataOf(s, counts, step, axis.Span),
	}
	v.Title, v.About = layerWords(s.Layer)
	v.Lanes, v.Unlaned = lanesOf(inTime(r.Faults), axis)
	v.draw(s, counts, classes, axis, step)
	return v
}

// pictureSpan is the length of the time axis: that of the run, or that of the columns if they are more.
func pictureSpan(span, step time.Duration, counts [][]int) time.Duration {
	columns := time.Duration(0)
	if len(counts) > 0 {
		columns = time.Duration(len(counts[0]))
	}
	if span <= (columns-1)*step {
		return columns * step
	}
	return span
}

// draw lays out the bars, the count axis, and the names that fit into the bars.
func (v *pictureView) draw(s result.Series, counts [][]int, classes map[string]string, axis chart.Axis, step time.Duration) {
	levels := chart.CountAxis(chart.Highest(counts))
	top := levels[len(levels)-1]
	for _, n := range levels {
		v.Levels = append(v.Levels, levelView{Y: plotHeight - plotHeight*n/top, Label: wording.Short(n)})
	}
	bars := chart.Stack(counts, top, plotHeight, func(row int) int {
		if s.Labels[row] == result.Unanswered {
			return seenHeight
		}
		return 1
	})
	edge := func(column int) float64 { return axis.Percent(time.Duration(column) * step) }
	for row, label := range s.Labels {
		group := barsView{Class: classes[label]}
		for _, b := range bars {
			if b.Row == row {
				from, to := edge(b.Column), edge(b.Column+b.Columns)
				group.Bars = append(group.Bars, barView{X: percent(from), Width: percent(to - from), Y: b.Y, Height: b.Height})
			}
		}
		if label == result.Unanswered {
			v.alarm(counts[row], step, axis)
		}
		v.Bars = append(v.Bars, group)
		if area, ok := chart.Room(bars, row, labelTall); ok {
			v.write(name(label), area.Y+area.Height/2, edge(area.Column), edge(area.Column+area.Columns))
		}
	}
}

// alarm marks the columns that have a count above zero.
func (v *pictureView) alarm(counts []int, step time.Duration, axis chart.Axis) {
	for first := 0; first < len(counts); first++ {
		last := first
		for last < len(counts) && counts[last] > 0 {
			last++
		}
		if last > first {
			v.Alarms = append(v.Alarms, stretch("", time.Duration(first)*step, time.Duration(last)*step, axis))
			first = last
		}
	}
}

// write puts text between two places, if there is room for it.
func (v *pictureView) write(text string, y int, from, to float64) {
	if nameWidth(text, plotPixels) <= to-from {
		v.Writings = append(v.Writings, writingView{X: percent((from + to) / 2), Y: y, Text: text})
	}
}

// nameWidth is about how much of a picture so many pixels wide a name takes, in percent.
func nameWidth(name string, pixels float64) float64 {
	return 100 * (labelPixels*float64(wording.Cells(name)) + labelMargin) / pixels
}

// unansweredLast returns s with its rows in the order in which they are stacked: sites, then what is no site, and on top
// what stands out most. Every label has a row.
func unansweredLast(s result.Series) result.Series {
	out := s
	out.Labels, out.Counts = nil, nil
	take := func(wanted func(label string) bool) {
		for i, label := range s.Labels {
			if !wanted(label) {
				continue
			}
			out.Labels = append(out.Labels, label)
			row := []int(nil)
			if i < len(s.Counts) {
				row = s.Counts[i]
			}
			out.Counts = append(out.Counts, row)
		}
	}
	take(func(label string) bool { return label != result.Other && label != result.Unanswered })
	take(func(label string) bool { return label == result.Other })
	take(func(label string) bool { return label == result.Unanswered })
	return out
}

func layerWords(layer string) (title, about string) {
	switch layer {
	case result.LayerAuthoritative:
		return "Authoritative", "what the DNS virtual services answered to resolvers"
	case result.LayerClient:
		return "Clients", "what clients got from their resolvers, caches included"
	}
	return orElse(name(layer), "Answers"), "answers of this layer"
}

func shadesOf(faults []result.Fault, axis chart.Axis) []stretchView {
	var shades []stretchView
	for _, f := range faults[:min(len(faults), maxShades)] {
		shades = append(shades, stretch(f.Name, f.From.Duration(), f.To.Duration(), axis))
	}
	return shades
}

func phaseStrip(phases []result.Phase, axis chart.Axis) []stretchView {
	var strip []stretchView
	for _, p := range phases[:min(len(phases), maxShades)] {
		strip = append(strip, stretch(p.Name, p.From.Duration(), p.To.Duration(), axis))
	}
	return strip
}

func stretch(called string, from, to time.Duration, axis chart.Axis) stretchView {
	left, right := axis.Percent(from), axis.Percent(to)
	return stretchView{
		Name:  name(called),
		Title: name(called) + ", " + wording.Clock(from) + " to " + wording.Clock(to),
		Left:  percent(left),
		Width: percent(max(0, right-left)),
		End:   percent(right),
		Right: percent(100 - right),
	}
}

func dataOf(s result.Series, counts [][]int, step, span time.Duration) pictureData {
	d := pictureData{Step: step.Milliseconds(), Span: span.Milliseconds(), Labels: []string{}, Counts: counts}
	for _, label := range s.Labels {
		d.Labels = append(d.Labels, name(label))
	}
	return d
}

// summaryOf says in one sentence what the picture shows.
func summaryOf(s result.Series) string {
	total := sumOf(s.Counts)
	if total == 0 {
		return "No answers were observed."
	}
	var parts []string
	for i, label := range s.Labels {
		parts = append(parts, name(label)+" "+wording.Percent(sumOf(s.Counts[i:i+1]), total))
	}
	return wording.Plural(total, "answer", "answers") + ": " + strings.Join(parts, ", ") + "."
}
