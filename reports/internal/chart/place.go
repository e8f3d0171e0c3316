package chart

import "time"

// Area is a rectangle inside the bars of one label.
type Area struct {
	Column  int // index of the first column
	Columns int
	Y       int // pixels from the top
	Height  int // pixels
}

// Room finds the largest area inside the bars of one row that is at least tall pixels high, to write the label into. The
// first one wins among equals. ok is false if there is none.
func Room(bars []Bar, row, tall int) (best Area, ok bool) {
	bands := bandsOf(bars, row)
	for first := range bands {
		shared := bands[first]
		for last := first; last < len(bands); last++ {
			shared = shared.common(bands[last])
			if shared.height() < max(tall, 1) {
				break
			}
			if area := (last - first + 1) * shared.height(); area > best.Columns*best.Height {
				best = Area{Column: first, Columns: last - first + 1, Y: shared.top, Height: shared.height()}
			}
		}
	}
	return best, best.Columns > 0
}

// band is the part of a column between two heights, pixels from the top.
type band struct{ top, bottom int }

func (b band) height() int { return b.bottom - b.top }

func (b band) common(other band) band {
	return band{top: max(b.top, other.top), bottom: min(b.bottom, other.bottom)}
}

// bandsOf returns what a row takes of each column up to its last bar.
func bandsOf(bars []Bar, row int) []band {
	var bands []band
	for _, b := range bars {
		if b.Row != row {
			continue
		}
		for len(bands) < b.Column {
			bands = append(bands, band{})
		}
		for range b.Columns {
			bands = append(bands, band{top: b.Y, bottom: b.Y + b.Height})
		}
	}
	return bands
}

// Stretch is a part of the time line.
type Stretch struct{ From, To time.Duration }

// Lanes gives each stretch a lane, so that no two of one lane overlap or lie closer together than gap. Stretches are
// placed in the order given, each in the first lane that is free; a lane's number is its index. A stretch that would
// need lane most or a later one gets -1.
func Lanes(stretches []Stretch, gap time.Duration, most int) []int {
	lanes := make([]int, len(stretches))
	for i, s := range stretches {
		lanes[i] = -1
		for lane := 0; lane < most && lanes[i] < 0; lane++ {
			if free(stretches[:i], lanes, lane, s, gap) {
				lanes[i] = lane
			}
		}
	}
	return lanes
}

func free(placed []Stretch, lanes []int, lane int, s Stretch, gap time.Duration) bool {
	for i, p := range placed {
		if lanes[i] == lane && s.From < p.To+gap && p.From < s.To+gap {
			return false
		}
	}
	return true
}
