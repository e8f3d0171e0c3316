package health

import (
	"hash/fnv"
	"time"
)

// Schedule is the grid of instants at which a monitor's checks fall due: one per Interval, moved by Phase. The grid is
// laid over absolute time, so that it does not depend on when the monitor began, nor on whether it slept.
type Schedule struct {
	Interval time.Duration // > 0
	Phase    time.Duration // 0 <= Phase < Interval
}

// NewSchedule derives the phase from the identity of a monitor, in whole milliseconds, so that the checks of many
// monitors spread over the interval, always in the same way.
func NewSchedule(interval time.Duration, identity string) Schedule {
	h := fnv.New64a()
	h.Write([]byte(identity))
	slots := max(1, uint64(interval/time.Millisecond))
	return Schedule{Interval: interval, Phase: time.Duration(spread(h.Sum64())%slots) * time.Millisecond}
}

// Next returns the first instant of the grid that is later than t.
func (s Schedule) Next(t time.Time) time.Time {
	since := (t.UnixNano() - int64(s.Phase)) % int64(s.Interval)
	if since < 0 {
		since += int64(s.Interval)
	}
	return t.Add(s.Interval - time.Duration(since))
}

// spread mixes the bits of an FNV sum (the finalizer of SplitMix64): on short, similar inputs FNV's own bits are alike.
func spread(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xBF58476D1CE4E5B9
	x ^= x >> 27
	x *= 0x94D049BB133111EB
	return x ^ x>>31
}
