package chart_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gslbsim/gslbsim/reports/internal/chart"
)

func ExampleNewAxis() {
	axis := chart.NewAxis(20*time.Minute, 6)
	fmt.Println(axis.Ticks, axis.Percent(5*time.Minute))
	// Output: [0s 5m0s 10m0s 15m0s 20m0s] 25
}

func ExampleStack() {
	counts := [][]int{{5, 5, 0}, {0, 5, 10}}
	for _, b := range chart.Stack(counts, 10, 100, func(int) int { return 1 }) {
		fmt.Printf("row %d, columns %d to %d: %d pixels high, %d from the top\n", b.Row, b.Column, b.Column+b.Columns-1, b.Height, b.Y)
	}
	// Output:
	// row 0, columns 0 to 1: 50 pixels high, 50 from the top
	// row 1, columns 1 to 1: 50 pixels high, 0 from the top
	// row 1, columns 2 to 2: 100 pixels high, 0 from the top
}

func TestAxisTicksAreFewAndCoverTheSpan(t *testing.T) {
	for _, span := range []time.Duration{
		-time.Second, 0, 1, time.Millisecond, 999 * time.Millisecond, time.Second, 61 * time.Second, 20 * time.Minute,
		24 * time.Hour, 400 * 24 * time.Hour, math.MaxInt64,
	} {
		for most := 2; most < 14; most++ {
			axis := chart.NewAxis(span, most)
			if len(axis.Ticks) > most || len(axis.Ticks) == 0 || axis.Ticks[0] != 0 {
				t.Fatalf("NewAxis(%s, %d) has ticks %v", span, most, axis.Ticks)
			}
			if last := axis.Ticks[len(axis.Ticks)-1]; last > max(span, 0) {
				t.Fatalf("NewAxis(%s, %d) has a tick at %s", span, most, last)
			}
		}
	}
}

func TestAxisPercentStaysInside(t *testing.T) {
	axis := chart.NewAxis(time.Minute, 5)
	for at, want := range map[time.Duration]float64{-time.Hour: 0, 0: 0, 30 * time.Second: 50, time.Minute: 100, time.Hour: 100} {
		if got := axis.Percent(at); got != want {
			t.Errorf("Percent(%s) = %g, want %g", at, got, want)
		}
	}
	if got := chart.NewAxis(0, 5).Percent(time.Second); got != 0 {
		t.Errorf("Percent on an empty axis = %g", got)
	}
}

func TestCountAxisLeavesRoomAboveTheHighest(t *testing.T) {
	for _, most := range []int{-1, 0, 1, 2, 3, 4, 5, 9, 10, 208, 999, 123456, 1e17} {
		ticks := chart.CountAxis(most)
		if len(ticks) < 2 || len(ticks) > 7 || ticks[0] != 0 || ticks[len(ticks)-1] <= most || ticks[len(ticks)-2] > max(most, 0) {
			t.Errorf("CountAxis(%d) = %v", most, ticks)
		}
	}
}

func TestMergeKeepsTheSum(t *testing.T) {
	got := chart.Merge([][]int{{1, 2, 3, 4, 5}, {1}, nil}, 2)
	if diff := cmp.Diff([][]int{{3, 7, 5}, {1, 0, 0}, {0, 0, 0}}, got); diff != "" {
		t.Error(diff)
	}
	if got := chart.Merge(nil, 3); len(got) != 0 {
		t.Errorf("Merge(nil) = %v", got)
	}
}

// TestStackFillsColumnsWithoutGaps draws random counts: the pieces of a column stand on each other, from the bottom up, and
// none is missing.
func TestStackFillsColumnsWithoutGaps(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	for range 300 {
		rows, cols := 1+random.IntN(5), 1+random.IntN(40)
		counts := make([][]int, rows)
		for r := range counts {
			counts[r] = make([]int, cols)
			for c := range counts[r] {
				counts[r][c] = max(0, random.IntN(30)-10)
			}
		}
		axis := chart.CountAxis(chart.Highest(counts))
		bars := chart.Stack(counts, axis[len(axis)-1], 200, func(int) int { return 3 })
		floor := slices.Repeat([]int{200}, cols)
		seen := make([][]bool, rows)
		for r := range seen {
			seen[r] = make([]bool, cols)
		}
		for _, b := range bars {
			for c := b.Column; c < b.Column+b.Columns; c++ {
				if b.Y+b.Height != floor[c] || b.Height < 1 || b.Y < 0 {
					t.Fatalf("%+v does not stand on %d", b, floor[c])
				}
				floor[c], seen[b.Row][c] = b.Y, true
			}
		}
		for r := range counts {
			for c, n := range counts[r] {
				if seen[r][c] != (n > 0) {
					t.Fatalf("row %d, column %d with %d: drawn %v", r, c, n, seen[r][c])
				}
			}
		}
	}
}

func TestStackShowsOneAmongMany(t *testing.T) {
	bars := chart.Stack([][]int{{100_000}, {1}}, 120_000, 180, func(row int) int { return 1 + 2*row })
	if len(bars) != 2 || bars[1].Height != 3 {
		t.Errorf("%+v", bars)
	}
}

func TestRoomFindsTheLargestArea(t *testing.T) {
	bars := []chart.Bar{
		{Row: 0, Column: 0, Columns: 2, Y: 0, Height: 100},
		{Row: 0, Column: 2, Columns: 8, Y: 40, Height: 60},
		{Row: 0, Column: 12, Columns: 3, Y: 0, Height: 100},
		{Row: 1, Column: 0, Columns: 9, Y: 0, Height: 10},
	}
	got, ok := chart.Room(bars, 0, 20)
	if want := (chart.Area{Column: 0, Columns: 10, Y: 40, Height: 60}); !ok || got != want {
		t.Errorf("Room = %+v, %v, want %+v", got, ok, want)
	}
	if _, ok := chart.Room(bars, 1, 20); ok {
		t.Error("there is no room in bars of 10 pixels")
	}
	if _, ok := chart.Room(nil, 0, 20); ok {
		t.Error("there is no room in nothing")
	}
}

// TestLanesNeverOverlap lays random stretches out, some of which find no lane.
func TestLanesNeverOverlap(t *testing.T) {
	random := rand.New(rand.NewPCG(2, 2))
	const gap = 2 * time.Second
	for range 300 {
		stretches := make([]chart.Stretch, random.IntN(20))
		for i := range stretches {
			from := time.Duration(random.IntN(100)) * time.Second
			stretches[i] = chart.Stretch{From: from, To: from + time.Duration(random.IntN(30))*time.Second}
		}
		lanes := chart.Lanes(stretches, gap, 3)
		for i, a := range stretches {
			if lanes[i] < -1 || lanes[i] > 2 {
				t.Fatalf("lane %d", lanes[i])
			}
			for j, b := range stretches[:i] {
				if lanes[i] >= 0 && lanes[i] == lanes[j] && a.From < b.To+gap && b.From < a.To+gap {
					t.Fatalf("%v and %v are both in lane %d", a, b, lanes[i])
				}
			}
		}
	}
}
