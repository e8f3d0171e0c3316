package reports

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gslbsim/gslbsim/reports/internal/wording"
	"github.com/gslbsim/gslbsim/sim/result"
)

// Limits of the terminal summary.
const (
	maxLines     = 24  // lines
	maxWidth     = 160 // columns
	minWidth     = 60
	defaultWidth = 80
	maxReasons   = 3  // lines that say why there is no verdict
	maxRepeat    = 3  // lines of the command that repeats the run
	maxFiles     = 2  // lines that name the files
	minScenario  = 12 // columns of the name of the scenario
	digestShown  = 15 // cells, those that say that it goes on included
)

// TerminalOptions says how Terminal writes, and adds what a Result does not know.
type TerminalOptions struct {
	// Color marks verdicts with ANSI escape sequences.
	Color bool
	// Width is the number of columns to use: 60 to 160, and what lies outside counts as the nearer end. 0 is 80.
	Width int
	// Wall is how long the run took in real time. 0: not known, and not said.
	Wall time.Duration
	// Files are the files that were written, as Write returns them. Without them the summary points nowhere.
	Files []string
}

// Terminal writes a summary of at most 24 lines and opt.Width columns: the verdict, what broke and where to look, the
// promises (broken ones with what was observed first, then the inconclusive ones, then those that were kept, as far as
// there is room), and how to repeat the run. What does not fit is counted, never dropped silently. The ratio of virtual
// to wall time includes the set-up on both sides. The error is w's.
func Terminal(w io.Writer, r *result.Result, opt TerminalOptions) error {
	s := standingOf(r)
	c := canvas{width: width(opt.Width), color: opt.Color}
	head := c.head(r, s, opt)
	foot := c.foot(r, opt)
	body := c.promises(s, maxLines-len(head)-len(foot)-2, page(opt.Files))
	lines := slices.Concat(head, []string{""}, body, []string{""}, foot)
	_, err := io.WriteString(w, strings.Join(lines, "\n")+"\n")
	return err
}

func width(asked int) int {
	if asked == 0 {
		return defaultWidth
	}
	return min(maxWidth, max(minWidth, asked))
}

// page returns the HTML report among files, "" if there is none.
func page(files []string) string {
	for _, f := range files {
		if filepath.Base(f) == HTMLFile {
			return f
		}
	}
	return ""
}

// head is the verdict and, unless it is a pass, where to look.
func (c canvas) head(r *result.Result, s standing, opt TerminalOptions) []string {
	banner := "=== " + title(s.verdict) + " ==="
	tally := ": " + s.headline()
	scenario := orElse(wording.Line(r.Scenario), "unnamed scenario")
	scenario = wording.CutMiddle(scenario, max(minScenario, c.width-len(banner)-len(gap)-len(tally)))
	lines := []string{c.paint(s.verdict, banner) + c.cut(gap+scenario+tally, len(banner))}
	if r.Sabotage != "" {
		lines = append(lines, c.paint(result.Inconclusive, c.labelled("SABOTAGE", "done on purpose: "+r.Sabotage)))
	}
	lines = append(lines, c.reasons(r.Reasons)...)
	if at := page(opt.Files); at != "" && s.verdict != result.Pass {
		lines = append(lines, c.wrapped("look at", at, maxFiles)...)
	}
	if r.About != "" {
		lines = append(lines, c.labelled("about", r.About))
	}
	return lines
}

func (c canvas) reasons(reasons []string) []string {
	var lines []string
	for i, reason := range reasons {
		if i == maxReasons-1 && len(reasons) > maxReasons {
			more := fmt.Sprintf("... and %d more reasons", len(reasons)-i)
			return append(lines, c.labelled("because", more))
		}
		lines = append(lines, c.labelled("because", reason))
	}
	return lines
}

// foot is how long the run took, what identifies it, and how to repeat it.
func (c canvas) foot(r *result.Result, opt TerminalOptions) []string {
	lines := []string{c.labelled("time", timing(r, opt.Wall))}
	if len(opt.Files) > 0 {
		lines = append(lines, c.wrapped("files", filesText(opt.Files), maxFiles)...)
	}
	digest := wording.Cut(wording.Line(r.Digest), digestShown)
	lines = append(lines, c.labelled("digest", orDash(digest)+", seed "+strconv.FormatUint(r.Seed, 10)))
	return append(lines, c.command("repeat", wording.Line(r.Repeat))...)
}

func timing(r *result.Result, wall time.Duration) string {
	text := wording.Span(r.Span.Duration()) + " virtual"
	if r.Setup > 0 {
		text += " after " + wording.Span(r.Setup.Duration()) + " of set-up"
	}
	if wall > 0 {
		text += ", in " + wording.Span(wall.Round(10*time.Millisecond)) + " of wall time"
		if ratio := float64(r.Setup+r.Span) / float64(wall); ratio > 0 {
			text += ": " + times(ratio)
		}
	}
	return text
}

// times writes how many times faster than real time a run was.
func times(ratio float64) string {
	if ratio < 10 {
		return fmt.Sprintf("%.1fx", ratio)
	}
	return wording.Count(int(min(ratio, 1e12))) + "x"
}

// filesText names the folder once if all files are in it.
func filesText(files []string) string {
	dir := filepath.Dir(files[0])
	names := make([]string, len(files))
	for i, f := range files {
		if filepath.Dir(f) != dir {
			return strings.Join(files, " ")
		}
		names[i] = filepath.Base(f)
	}
	if len(names) == 1 {
		return files[0]
	}
	return filepath.Clean(dir) + "/: " + strings.Join(names, " ")
}
