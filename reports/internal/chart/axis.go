package chart

import "time"

// Axis is a stretch of time laid out from left to right, from zero to Span.
type Axis struct {
	Span  time.Duration
	Ticks []time.Duration // round instants from zero on, the same distance apart
}

// tickSteps are the distances between ticks that people read without counting.
var tickSteps = []time.Duration{
	time.Millisecond, 2 * time.Millisecond, 5 * time.Millisecond,
	10 * time.Millisecond, 20 * time.Millisecond, 50 * time.Millisecond,
	100 * time.Millisecond, 200 * time.Millisecond, 500 * time.Millisecond,
	time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 15 * time.Second, 30 * time.Second,
	time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute,
	time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour,
}

const day = 24 * time.Hour

// NewAxis returns an axis with at most most ticks, of which zero is one; most is at least 2. A span of zero or less has
// the one tick at zero.
func NewAxis(span time.Duration, most int) Axis {
	a := Axis{Span: max(span, 0), Ticks: []time.Duration{0}}
	step := tickStep(a.Span, most)
	for t := step; t <= a.Span && t > 0; t += step {
		a.Ticks = append(a.Ticks, t)
	}
	return a
}

func tickStep(span time.Duration, most int) time.Duration {
	gaps := time.Duration(max(most, 2) - 1)
	for _, step := range tickSteps {
		if span/step <= gaps {
			return step
		}
	}
	days := span/(gaps*day) + 1
	return days * day
}

// Percent returns where t lies on the axis, from 0 to 100. What lies outside of it is at the nearer end.
func (a Axis) Percent(t time.Duration) float64 {
	if a.Span <= 0 {
		return 0
	}
	return min(100, max(0, 100*float64(t)/float64(a.Span)))
}

// CountAxis returns the ticks of an upright axis for counts from zero to most: at most seven whole numbers the same
// distance apart, of which the first is 0 and the last, the top of the axis, is above most, so that the highest bar does
// not touch the edge. most is below 1e18.
func CountAxis(most int) []int {
	step := countStep(max(most, 0))
	ticks := []int{0}
	for t := step; ; t += step {
		ticks = append(ticks, t)
		if t > most {
			return ticks
		}
	}
}

// countStep returns the smallest of 1, 2, 5, 10, 20, 50, ... that gets from zero past most in six steps.
func countStep(most int) int {
	for decade := 1; ; decade *= 10 {
		for _, digit := range []int{1, 2, 5} {
			if step := digit * decade; step > most/6 {
				return step
			}
		}
	}
}
