package wording

import (
	"fmt"
	"strconv"
)

// Count writes n with a comma between thousands: "48,210".
func Count(n int) string {
	s := strconv.Itoa(n)
	first := 1
	if n < 0 {
		first = 2
	}
	for i := len(s) - 3; i >= first; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Short writes n in few characters, from 10,000 on in thousands (k), millions (M) or billions (G): "9,999", "250k", "1.2M".
func Short(n int) string {
	for _, unit := range []struct {
		size int
		name string
	}{{1_000_000_000, "G"}, {1_000_000, "M"}, {1000, "k"}} {
		if n >= unit.size && n >= 10_000 {
			return strconv.FormatFloat(float64(n)/float64(unit.size), 'f', -1, 64) + unit.name
		}
	}
	return Count(n)
}

// Plural writes a count and its noun: "1 promise", "12 promises".
func Plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return Count(n) + " " + many
}

// Percent writes part of whole with one decimal. What is not quite none or not quite all never reads as 0 or 100:
// "<0.1 %", ">99.9 %". A whole of zero or less is "-".
func Percent(part, whole int) string {
	if whole <= 0 {
		return "-"
	}
	share := 100 * float64(part) / float64(whole)
	switch {
	case part > 0 && share < 0.1:
		return "<0.1 %"
	case part < whole && share > 99.9:
		return ">99.9 %"
	}
	return fmt.Sprintf("%.1f %%", share)
}
