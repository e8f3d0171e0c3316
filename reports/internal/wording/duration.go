package wording

import (
	"fmt"
	"strings"
	"time"
)

// Span writes a length of time to the millisecond, without units that are zero: "20m", "1h30m", "33.2s", "410ms".
// A length below half a millisecond is "0s".
func Span(d time.Duration) string {
	s := d.Round(time.Millisecond).String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// Offset writes an instant of the time line as minutes, seconds and milliseconds: "11:33.204", with hours where there
// are any: "1:05:00.000". Instants before clock zero are negative: "-0:12.000". Fractions of a millisecond are cut off.
func Offset(d time.Duration) string {
	sign, ms := split(d)
	return fmt.Sprintf("%s%s.%03d", sign, minutes(ms/1000), ms%1000)
}

// Clock is Offset without the fraction where that is zero, and with as few digits as it needs elsewhere: "11:30",
// "0:00.5". It labels axes.
func Clock(d time.Duration) string {
	sign, ms := split(d)
	s := sign + minutes(ms/1000)
	if ms%1000 == 0 {
		return s
	}
	return s + "." + strings.TrimRight(fmt.Sprintf("%03d", ms%1000), "0")
}

// split returns the sign to print and the whole milliseconds of d without it.
func split(d time.Duration) (sign string, ms uint64) {
	n := d.Milliseconds()
	if n < 0 {
		return "-", uint64(-n)
	}
	return "", uint64(n)
}

func minutes(seconds uint64) string {
	if seconds >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", seconds/3600, seconds/60%60, seconds%60)
	}
	return fmt.Sprintf("%d:%02d", seconds/60, seconds%60)
}
