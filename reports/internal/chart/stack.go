package chart

import (
	"math"
	"slices"
)

// Bar is one piece of a stack of bars: what one label contributes to Columns neighbouring columns of the same height.
type Bar struct {
	Row     int // index of the label
	Column  int // index of the first column
	Columns int
	Y       int // pixels from the top
	Height  int // pixels, at least 1
}

// Stack lays counts, one row for each label and one column for each bucket, out as bars that stand on each other in the
// order of the rows, the first at the bottom. top is the count that height pixels stand for. A count above zero is never
// less than least(row) pixels high, so that few among many are still seen. Bars are in the order of (row, column).
func Stack(counts [][]int, top, height int, least func(row int) int) []Bar {
	var bars []Bar
	ceiling := slices.Repeat([]int{height}, columns(counts)) // where the next piece of each column stands
	sum := make([]int, len(ceiling))
	for row, line := range counts {
		first := len(bars)
		for col, n := range line {
			if n <= 0 || top <= 0 {
				continue
			}
			sum[col] += n
			y := height - int(math.Round(float64(height)*float64(sum[col])/float64(top)))
			y = max(0, min(y, ceiling[col]-max(1, least(row))))
			if h := ceiling[col] - y; h > 0 {
				bars = extend(bars, first, Bar{Row: row, Column: col, Columns: 1, Y: y, Height: h})
			}
			ceiling[col] = y
		}
	}
	return bars
}

// extend widens the last bar of the row that began at index first, if b is its continuation, and else appends b.
func extend(bars []Bar, first int, b Bar) []Bar {
	if len(bars) > first {
		last := &bars[len(bars)-1]
		if last.Column+last.Columns == b.Column && last.Y == b.Y && last.Height == b.Height {
			last.Columns++
			return bars
		}
	}
	return append(bars, b)
}

// columns returns the length of the longest row.
func columns(counts [][]int) int {
	n := 0
	for _, row := range counts {
		n = max(n, len(row))
	}
	return n
}

// maxCount bounds a single count, so that no sum of counts overflows.
const maxCount = 1_000_000_000

// Merge adds up every by neighbouring columns; by is at least 1. Rows of unequal length are filled up with zeros. A count
// below zero is taken for 0, and one above a billion for a billion.
func Merge(counts [][]int, by int) [][]int {
	width := (columns(counts) + by - 1) / by
	out := make([][]int, len(counts))
	for r, row := range counts {
		out[r] = make([]int, width)
		for c, n := range row {
			out[r][c/by] += min(maxCount, max(n, 0))
		}
	}
	return out
}

// Highest returns the largest sum of a column.
func Highest(counts [][]int) int {
	most := 0
	for c := range columns(counts) {
		sum := 0
		for _, row := range counts {
			if c < len(row) {
				sum += row[c]
			}
		}
		most = max(most, sum)
	}
	return most
}
