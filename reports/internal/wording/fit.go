package wording

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// runesPerCell bounds the runes that are kept for one terminal cell, so that a heap of combining marks is cut too.
const runesPerCell = 4

// ellipsis stands for what was cut. It is ASCII, because logs are read in any encoding.
const ellipsis = "..."

// Cells returns how many terminal cells s takes: two for each wide East Asian character, none for combining marks.
func Cells(s string) int {
	n := 0
	for _, r := range s {
		n += cells(r)
	}
	return n
}

func cells(r rune) int {
	if r < 0x300 { // Latin: no combining marks, nothing wide
		return 1
	}
	if unicode.In(r, unicode.Mn, unicode.Me) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// Cut shortens s at its end to at most n cells; what was cut shows as "...". n below 4 gives a bare prefix.
func Cut(s string, n int) string {
	if fits(s, n) {
		return s
	}
	if n <= len(ellipsis) {
		return prefix(s, n)
	}
	return prefix(s, n-len(ellipsis)) + ellipsis
}

// CutMiddle is Cut with the gap in the middle, for names whose ends tell them apart.
func CutMiddle(s string, n int) string {
	if fits(s, n) {
		return s
	}
	if n < 3*len(ellipsis) {
		return Cut(s, n)
	}
	tail := (n - len(ellipsis)) * 2 / 5
	return prefix(s, n-len(ellipsis)-tail) + ellipsis + suffix(s, tail)
}

// Pad fills s with spaces to n cells.
func Pad(s string, n int) string {
	return s + strings.Repeat(" ", max(0, n-Cells(s)))
}

// Wrap breaks s at spaces into at most lines lines of at most n cells; what does not fit shows as "..." at the end of the
// last one. A word longer than a line is cut through. lines is at least 1.
func Wrap(s string, n, lines int) []string {
	var out []string
	for len(out) < lines-1 && !fits(s, n) {
		line := prefix(s, n)
		rest := s[len(line):]
		if at := strings.LastIndexByte(line, ' '); at > 0 && !strings.HasPrefix(rest, " ") {
			line, rest = line[:at], s[at:]
		}
		if line == "" {
			break
		}
		out = append(out, strings.TrimRight(line, " "))
		s = strings.TrimLeft(rest, " ")
	}
	return append(out, Cut(s, n))
}

// CutRunes shortens s to at most n characters, the last of which says that something was cut; n is at least 1. It is
// for pages, where cells do not count.
func CutRunes(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	i := 0
	for at := range s {
		if i++; i == n {
			return s[:at] + "\u2026"
		}
	}
	return s
}

func fits(s string, n int) bool {
	return Cells(s) <= n && len(s) <= 4*runesPerCell*n
}

func prefix(s string, n int) string {
	used, runes := 0, 0
	for i, r := range s {
		used += cells(r)
		runes++
		if used > n || runes > runesPerCell*n {
			return s[:i]
		}
	}
	return s
}

func suffix(s string, n int) string {
	runes := []rune(s)
	used, from := 0, len(runes)
	for from > 0 && len(runes)-from < runesPerCell*n {
		used += cells(runes[from-1])
		if used > n {
			break
		}
		from--
	}
	return string(runes[from:])
}
