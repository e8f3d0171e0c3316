package reports

import (
	"slices"
	"strings"

	"github.com/gslbsim/gslbsim/reports/internal/wording"
	"github.com/gslbsim/gslbsim/sim/result"
)

// Widths of the columns of the list of promises, in cells.
const (
	maxBoundCells   = 18
	minNameCells    = 16
	minFormulaCells = 12
	observedPart    = 4 // of the whole width, at most
)

// columnWidths are the columns of the list of promises: verdict, name, observed, bound, and the rest of the line.
type columnWidths struct{ word, name, observed, bound int }

// maxDepth is the most lines that a part of a promise that was not kept may take. Depth 0 is one line for all of it.
const maxDepth = 2

// leastKept is how many lines are spared for promises that were kept, as far as there are some, before those that were not
// are shown in less depth.
const leastKept = 2

// promises lists the promises of s on at most room lines: as much of every one that was not kept as fits, and last those
// that were kept.
func (c canvas) promises(s standing, room int, page string) []string {
	if len(s.promises) == 0 {
		return []string{"no promises"}
	}
	var lines []string
	shown := [3]int{} // by severity
	for i, entry := range c.entries(s, room) {
		left := room - len(lines) - len(entry)
		if i < len(s.promises)-1 && left < 1 || left < 0 {
			break
		}
		lines = append(lines, entry...)
		shown[severity(s.promises[i].Verdict)]++
	}
	if rest := s.rest(shown, page); rest != "" {
		lines = append(lines, c.cut(rest, 0))
	}
	return lines
}

// entries is all promises, in the greatest depth in which those that were not kept fit into room lines.
func (c canvas) entries(s standing, room int) [][]string {
	widths := c.columns(s.promises)
	for depth := maxDepth; ; depth-- {
		entries := make([][]string, len(s.promises))
		lines := min(s.kept, leastKept)
		for i, p := range s.promises {
			entries[i] = c.entry(p, widths, depth)
			if p.Verdict != result.Pass {
				lines += len(entries[i])
			}
		}
		if lines <= room || depth == 0 {
			return entries
		}
	}
}

// rest counts the promises that were not shown: "... and 3 more BROKEN, 12 kept, see report.html".
func (s standing) rest(shown [3]int, page string) string {
	var groups []string
	for _, group := range []struct {
		verdict result.Verdict
		total   int
	}{{result.Broken, s.broken}, {result.Inconclusive, s.inconclusive}, {result.Pass, s.kept}} {
		if hidden := group.total - shown[severity(group.verdict)]; hidden > 0 {
			more := ""
			if len(groups) == 0 {
				more = "more "
			}
			groups = append(groups, wording.Count(hidden)+" "+more+word(group.verdict))
		}
	}
	if len(groups) == 0 {
		return ""
	}
	if page != "" {
		groups = append(groups, "see "+HTMLFile)
	}
	return "... and " + strings.Join(groups, ", ")
}

// columns fits the columns to the promises and to the width.
func (c canvas) columns(promises []result.Promise) columnWidths {
	w := columnWidths{observed: 1, bound: 1}
	for _, p := range promises {
		w.word = max(w.word, len(word(p.Verdict)))
		w.name = max(w.name, wording.Cells(wording.Line(p.Name)))
		w.observed = min(c.width/observedPart, max(w.observed, wording.Cells(wording.Line(p.Observed))))
		w.bound = min(maxBoundCells, max(w.bound, wording.Cells(wording.Line(p.Bound))))
	}
	w.name = max(minNameCells, min(w.name, c.width-w.word-w.observed-w.bound-3*len(gap)))
	return w
}

// entry is one promise. On one line it is a row of the table; in more depth a broken one has its name in full, then what
// was observed, and then the detail, and an inconclusive one has the reason after its row.
func (c canvas) entry(p result.Promise, w columnWidths, depth int) []string {
	mark := c.paint(p.Verdict, wording.Pad(word(p.Verdict), w.word))
	detail := wording.Line(p.Detail)
	if p.Verdict == result.Broken && depth > 0 {
		lines := []string{mark + c.cutMiddle(gap+wording.Line(p.Name), w.word)}
		return slices.Concat(lines, c.under(facts(p), w.word, depth), c.under(detail, w.word, depth))
	}
	if p.Verdict == result.Inconclusive && depth > 0 {
		p.Detail = "" // it stands below
		return slices.Concat([]string{mark + c.cut(row(p, w, c.width), w.word)}, c.under(detail, w.word, depth))
	}
	return []string{mark + c.cut(row(p, w, c.width), w.word)}
}

// under is text below a name, on at most lines lines.
func (c canvas) under(text string, indent, lines int) []string {
	if text == "" {
		return nil
	}
	wrapped := wording.Wrap(text, c.width-indent-len(gap), lines)
	for i := range wrapped {
		wrapped[i] = wording.Pad("", indent) + gap + wrapped[i]
	}
	return wrapped
}

// row is a promise as a row of the table, without its verdict.
func row(p result.Promise, w columnWidths, width int) string {
	text := gap + wording.Pad(wording.CutMiddle(wording.Line(p.Name), w.name), w.name) +
		gap + wording.Pad(wording.Cut(orDash(wording.Line(p.Observed)), w.observed), w.observed) +
		gap + wording.Cut(orDash(wording.Line(p.Bound)), w.bound)
	more := wording.Line(p.Formula)
	if p.Verdict != result.Pass && p.Detail != "" {
		more = wording.Line(p.Detail)
	}
	left := width - w.word - w.name - w.observed - w.bound - 4*len(gap)
	if more == "" || left < minFormulaCells {
		return text
	}
	return wording.Pad(text, w.name+w.observed+w.bound+3*len(gap)) + gap + more
}

// facts says what was observed and what was promised, and why that much.
func facts(p result.Promise) string {
	text := "observed " + orDash(wording.Line(p.Observed)) + ", promised " + orDash(wording.Line(p.Bound))
	if p.Formula != "" {
		text += " (" + wording.Line(p.Formula) + ")"
	}
	return text
}
