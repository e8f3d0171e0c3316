package wording_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/gslbsim/gslbsim/reports/internal/wording"
)

func ExampleSpan() {
	fmt.Println(wording.Span(20*time.Minute), wording.Span(33200*time.Millisecond), wording.Span(0))
	// Output: 20m 33.2s 0s
}

func ExampleOffset() {
	fmt.Println(wording.Offset(11*time.Minute+33204*time.Millisecond), wording.Offset(-12*time.Second))
	// Output: 11:33.204 -0:12.000
}

func TestTime(t *testing.T) {
	for _, c := range []struct {
		d                   time.Duration
		span, offset, clock string
	}{
		{0, "0s", "0:00.000", "0:00"},
		{400 * time.Microsecond, "0s", "0:00.000", "0:00"},
		{600 * time.Microsecond, "1ms", "0:00.000", "0:00"},
		{410 * time.Millisecond, "410ms", "0:00.410", "0:00.41"},
		{5 * time.Second, "5s", "0:05.000", "0:05"},
		{90 * time.Second, "1m30s", "1:30.000", "1:30"},
		{10 * time.Minute, "10m", "10:00.000", "10:00"},
		{time.Hour, "1h", "1:00:00.000", "1:00:00"},
		{90 * time.Minute, "1h30m", "1:30:00.000", "1:30:00"},
		{time.Hour + 5*time.Second, "1h0m5s", "1:00:05.000", "1:00:05"},
		{100 * time.Hour, "100h", "100:00:00.000", "100:00:00"},
		{-70*time.Second - 250*time.Millisecond, "-1m10.25s", "-1:10.250", "-1:10.25"},
	} {
		if got := wording.Span(c.d); got != c.span {
			t.Errorf("Span(%d) = %q, want %q", c.d, got, c.span)
		}
		if got := wording.Offset(c.d); got != c.offset {
			t.Errorf("Offset(%d) = %q, want %q", c.d, got, c.offset)
		}
		if got := wording.Clock(c.d); got != c.clock {
			t.Errorf("Clock(%d) = %q, want %q", c.d, got, c.clock)
		}
	}
}

func TestCount(t *testing.T) {
	for n, want := range map[int]string{
		0: "0", 7: "7", 999: "999", 1000: "1,000", 48210: "48,210", 1234567: "1,234,567", -999: "-999", -1000: "-1,000",
	} {
		if got := wording.Count(n); got != want {
			t.Errorf("Count(%d) = %q, want %q", n, got, want)
		}
	}
	for n, want := range map[int]string{
		0: "0", 9999: "9,999", 10_000: "10k", 250_000: "250k", 1_200_000: "1.2M", 5_000_000_000: "5G", -20_000: "-20,000",
	} {
		if got := wording.Short(n); got != want {
			t.Errorf("Short(%d) = %q, want %q", n, got, want)
		}
	}
	if got := wording.Plural(1, "promise", "promises") + ", " + wording.Plural(2000, "promise", "promises"); got != "1 promise, 2,000 promises" {
		t.Error(got)
	}
}

func TestPercentNeverRoundsToAllOrNone(t *testing.T) {
	for _, c := range []struct {
		part, whole int
		want        string
	}{
		{0, 0, "-"}, {0, 10, "0.0 %"}, {10, 10, "100.0 %"}, {1, 3, "33.3 %"},
		{1, 100_000, "<0.1 %"}, {99_999, 100_000, ">99.9 %"}, {12, 10, "120.0 %"},
	} {
		if got := wording.Percent(c.part, c.whole); got != c.want {
			t.Errorf("Percent(%d, %d) = %q, want %q", c.part, c.whole, got, c.want)
		}
	}
}

func TestTextMakesTheInvisibleVisible(t *testing.T) {
	for in, want := range map[string]string{
		"plain":               "plain",
		"\x1b[2Jgone":         "\u241b[2Jgone",
		"a\x00b\x7f":          "a\u2400b\u2421",
		"two\r\nlines\tmore":  "two\nlines\tmore",
		"\u202egnp.exe":       "\ufffdgnp.exe",
		"zero\u200bwidth":     "zero\ufffdwidth",
		"bad \xff\xfe":        "bad \ufffd",
		"c1 \u009b31m":        "c1 \ufffd31m",
		"separator\u2028here": "separator\ufffdhere",
		"none \uffff":         "none \ufffd",
		"\u6771\u4eac":        "\u6771\u4eac",
	} {
		if got := wording.Text(in); got != want {
			t.Errorf("Text(%q) = %q, want %q", in, got, want)
		}
	}
	if got := wording.Line("  two\nlines \t here "); got != "two lines here" {
		t.Errorf("Line = %q", got)
	}
}

func TestFit(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{wording.Cut("region01", 8), "region01"},
		{wording.Cut("region01-dark", 8), "regio..."},
		{wording.Cut("region01", 3), "reg"},
		{wording.Cut("region01", 0), ""},
		{wording.Cut("\u6771\u4eac\u6771\u4eac", 7), "\u6771\u4eac..."},
		{wording.CutMiddle("region01-dark: flips to region02", 20), "region01-da...gion02"},
		{wording.CutMiddle("region01-dark", 5), "re..."},
		{wording.Pad("\u6771", 4) + "|", "\u6771  |"},
		{wording.CutRunes("region", 6), "region"},
		{wording.CutRunes("region01", 6), "regio\u2026"},
		{strings.Join(wording.Wrap("one two three four", 9, 3), "|"), "one two|three|four"},
		{strings.Join(wording.Wrap("one two three four", 9, 2), "|"), "one two|three ..."},
		{strings.Join(wording.Wrap("unbreakable", 4, 2), "|"), "unbr|e..."},
		{strings.Join(wording.Wrap("", 4, 2), "|"), ""},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

// FuzzFit checks that whatever is cut fits, however wide or odd its characters are.
func FuzzFit(f *testing.F) {
	f.Add("region01-dark: flips to region02", 12)
	f.Add("\u6771\u4eac\u6771\u4eac", 5)
	f.Add("e"+strings.Repeat("\u0301", 200), 3)
	f.Fuzz(func(t *testing.T, s string, n int) {
		if n < 0 || n > 500 {
			t.Skip()
		}
		s = wording.Line(s)
		for _, got := range []string{wording.Cut(s, n), wording.CutMiddle(s, n)} {
			if wording.Cells(got) > n || !utf8.ValidString(got) || len(got) > 16*n+3 {
				t.Fatalf("%q does not fit into %d cells", got, n)
			}
		}
		lines := wording.Wrap(s, n, 3)
		if len(lines) > 3 {
			t.Fatalf("%d lines", len(lines))
		}
		for _, line := range lines {
			if wording.Cells(line) > n {
				t.Fatalf("%q does not fit into %d cells", line, n)
			}
		}
		if got := wording.CutRunes(s, n+1); utf8.RuneCountInString(got) > n+1 {
			t.Fatalf("%q has more than %d characters", got, n+1)
		}
	})
}
