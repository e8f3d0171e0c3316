package reports_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gslbsim/gslbsim/reports"
	"github.com/gslbsim/gslbsim/reports/internal/wording"
	"github.com/gslbsim/gslbsim/sim/result"
)

var escapes = regexp.MustCompile(`\x1b\[[0-9;]*m`)

// TestTerminalFits tries every number of promises up to 100, with much and little around them: never more than 24 lines,
// never wider than asked, and never a promise that is neither shown nor counted.
func TestTerminalFits(t *testing.T) {
	base := failover()
	for n := range 101 {
		for _, width := range []int{60, 80, 120, 160, 0, 10, 500} {
			if n%20 != 0 && (width < 60 || width > 160) {
				continue // what these count as is tried often enough
			}
			for _, full := range []bool{false, true} {
				r := *base
				r.Promises = promises(n)
				opt := reports.TerminalOptions{Width: width, Color: full}
				if full {
					opt.Wall, opt.Files = time.Second, written
					r.Sabotage = strings.Repeat("the operator ignores every second event, ", 9)
					r.Reasons = []string{"one", strings.Repeat("two ", 99), "three", "four", "five"}
					r.Repeat = "gslbsim run " + strings.Repeat("--set clients=200 ", 60)
				}
				text := show(t, terminal(opt), &r)
				checkFits(t, text, width)
				checkAllCounted(t, text, n)
				if t.Failed() {
					t.Fatalf("%d promises, width %d, full %v:\n%s", n, width, full, text)
				}
			}
		}
	}
}

func checkFits(t *testing.T, text string, width int) {
	t.Helper()
	columns := map[int]int{0: 80, 10: 60, 500: 160}[width]
	if columns == 0 {
		columns = width
	}
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if len(lines) > 24 {
		t.Errorf("%d lines", len(lines))
	}
	for i, line := range lines {
		if n := wording.Cells(escapes.ReplaceAllString(line, "")); n > columns {
			t.Errorf("line %d has %d columns, %d are too many", i+1, n, columns)
		}
	}
}

var counted = regexp.MustCompile(`(\d+) (more )?(BROKEN|inconclusive|kept)`)

// checkAllCounted adds up the promises that are listed and those that are counted.
func checkAllCounted(t *testing.T, text string, want int) {
	t.Helper()
	plain := escapes.ReplaceAllString(text, "")
	got := 0
	for line := range strings.Lines(plain) {
		for _, word := range []string{"BROKEN ", "inconclusive ", "kept "} {
			if strings.HasPrefix(line, word) {
				got++
			}
		}
	}
	_, rest, _ := strings.Cut(plain, "\n... and ")
	rest, _, _ = strings.Cut(rest, "\n")
	for _, m := range counted.FindAllStringSubmatch(rest, -1) {
		n := 0
		fmt.Sscan(m[1], &n)
		got += n
	}
	if got != want {
		t.Errorf("%d promises are shown or counted, there are %d", got, want)
	}
}

func TestTerminalColoursOnlyWhenAsked(t *testing.T) {
	if text := show(t, terminal(reports.TerminalOptions{}), failover()); strings.Contains(text, "\x1b") {
		t.Errorf("there is an escape sequence in\n%s", text)
	}
	coloured := show(t, terminal(reports.TerminalOptions{Color: true}), failover())
	if !strings.HasPrefix(coloured, "\x1b[1;97;41m=== BROKEN ===\x1b[0m") {
		t.Errorf("the verdict is not coloured in\n%s", coloured)
	}
	if plain := show(t, terminal(reports.TerminalOptions{}), failover()); escapes.ReplaceAllString(coloured, "") != plain {
		t.Error("colour changes the text")
	}
}

func TestTerminalSaysHowFast(t *testing.T) {
	for wall, want := range map[time.Duration]string{
		0:                       "time      20m virtual after 1m10s of set-up\n",
		1270 * time.Millisecond: "time      20m virtual after 1m10s of set-up, in 1.27s of wall time: 1,000x\n",
		635 * time.Second:       "time      20m virtual after 1m10s of set-up, in 10m35s of wall time: 2.0x\n",
	} {
		if text := show(t, terminal(reports.TerminalOptions{Wall: wall}), failover()); !strings.Contains(text, want) {
			t.Errorf("want %q in\n%s", want, text)
		}
	}
}

// TestTerminalCommandCanBeCopied joins the lines of a long command as a shell would.
func TestTerminalCommandCanBeCopied(t *testing.T) {
	r := failover()
	r.Repeat = "gslbsim run scenarios/failover.yaml --seed 18446744073709551615 --set 'traffic.clients = 200 of them' --set faults.region01-dark.at=12m"
	text := show(t, terminal(reports.TerminalOptions{}), r)
	_, tail, _ := strings.Cut(text, "\nrepeat    ")
	if got := strings.TrimSpace(strings.ReplaceAll(tail, " \\\n          ", " ")); got != r.Repeat {
		t.Errorf("the command is\n%s\nwant\n%s", got, r.Repeat)
	}
}

func TestTerminalPointsOnlyToFilesThatExist(t *testing.T) {
	r := failover()
	r.Promises = promises(60)
	if text := show(t, terminal(reports.TerminalOptions{}), r); strings.Contains(text, "report.html") {
		t.Errorf("no file was written, but there is a pointer in\n%s", text)
	}
	text := show(t, terminal(reports.TerminalOptions{Files: written}), r)
	if lines := strings.Split(text, "\n"); lines[1] != "look at   out/failover/report.html" {
		t.Errorf("the second line does not say where to look:\n%s", text)
	}
	if !strings.Contains(text, ", 32 kept, see report.html\n") {
		t.Errorf("the promises that are not shown have no pointer:\n%s", text)
	}
}

func TestTerminalOfAPassPromisesNothing(t *testing.T) {
	r := &result.Result{Scenario: "quiet", Verdict: result.Pass}
	if text := show(t, terminal(reports.TerminalOptions{}), r); !strings.HasPrefix(text, "=== PASS ===  quiet: the scenario makes no promises\n\nno promises\n") {
		t.Error(text)
	}
}
