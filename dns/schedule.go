package dns

import (
	"cmp"
	"slices"
)

// smoothSchedule lays out one round of weighted turns: index i appears
// weights[i] times (divided by what the weights have in common), spread as
// evenly as possible. The k-th turn of i is due at (k+1/2)/weights[i] of the
// round; turns are taken in order of their due time, ties by index. So 6:3:1
// becomes a b a a b c a a b a, and every window of the round is close to the
// shares.
func smoothSchedule(weights []int) []uint16 {
	if len(weights) == 0 {
		return nil
	}
	common, total := 0, 0
	for _, w := range weights {
		common = gcd(w, common)
		total += w
	}
	type turn struct {
		due   int // in units in which the round has 2*lcm ticks
		index uint16
	}
	turns := make([]turn, 0, total/common)
	for i, w := range weights {
		w /= common
		for k := range w {
			turns = append(turns, turn{due: (2*k + 1) * (ticks / w), index: uint16(i)})
		}
	}
	slices.SortFunc(turns, func(a, b turn) int {
		return cmp.Or(cmp.Compare(a.due, b.due), cmp.Compare(a.index, b.index))
	})
	schedule := make([]uint16, len(turns))
	for i, t := range turns {
		schedule[i] = t.index
	}
	return schedule
}

// ticks is a multiple of every weight up to MaxRatio, so that due times are
// whole numbers.
const ticks = 232792560

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
