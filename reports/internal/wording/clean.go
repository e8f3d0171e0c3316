package wording

import (
	"strings"
	"unicode"
)

// Text makes foreign text safe to show: control characters, which could drive a terminal, become their pictures (U+241B
// for escape), and what reorders or hides the text around it (bidirectional controls, zero-width and private characters,
// invalid UTF-8) becomes U+FFFD. Line feeds and tabs stay; the carriage return before a line feed goes.
func Text(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return r
		}
		return visible(r)
	}, s)
}

// Line is Text on one line: runs of white space become one space, and there is none at the ends.
func Line(s string) string {
	return strings.Join(strings.Fields(Text(s)), " ")
}

func visible(r rune) rune {
	switch {
	case r >= ' ' && r < 0x7F:
		return r
	case r < ' ':
		return 0x2400 + r
	case r == 0x7F:
		return 0x2421
	case r == 0xFFFE || r == 0xFFFF: // no characters, and not allowed in XML
		return unicode.ReplacementChar
	case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Zl, unicode.Zp):
		return unicode.ReplacementChar
	}
	return r
}
