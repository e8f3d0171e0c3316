package reports

import (
	"github.com/gslbsim/gslbsim/reports/internal/wording"
	"github.com/gslbsim/gslbsim/sim/result"
)

// gap is what keeps two columns apart.
const gap = "  "

// labelCells is the width of the labels at the start of a line.
const labelCells = 8

// canvas fits and colours lines of the terminal summary.
type canvas struct {
	width int // columns
	color bool
}

// paint colours text by a verdict: white on red for broken, bold yellow for inconclusive, green for pass.
func (c canvas) paint(v result.Verdict, text string) string {
	if !c.color {
		return text
	}
	code := "1;33"
	switch v {
	case result.Broken:
		code = "1;97;41"
	case result.Pass:
		code = "32"
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// cut shortens text so that it fits behind used columns.
func (c canvas) cut(text string, used int) string { return wording.Cut(text, c.width-used) }

func (c canvas) cutMiddle(text string, used int) string { return wording.CutMiddle(text, c.width-used) }

// labelled is one line with a label in front; foreign text is cleaned and cut.
func (c canvas) labelled(label, text string) string {
	return c.cut(wording.Pad(label, labelCells)+gap+wording.Line(text), 0)
}

// wrapped is labelled on up to lines lines.
func (c canvas) wrapped(label, text string, lines int) []string {
	var out []string
	for _, line := range wording.Wrap(wording.Line(text), c.width-labelCells-len(gap), lines) {
		out = append(out, c.labelled(label, line))
		label = ""
	}
	return out
}

// command is a shell command with a label in front, on up to maxRepeat lines that end in a backslash where the next one
// continues them, so that it can be copied whole. One that needs more is cut.
func (c canvas) command(label, command string) []string {
	room := c.width - labelCells - len(gap)
	var lines []string
	for rest := orDash(command); rest != ""; label = "" {
		line, after := rest, ""
		if wording.Cells(rest) > room && len(lines) < maxRepeat-1 {
			line, after = breakCommand(rest, room)
		}
		lines = append(lines, c.labelled(label, line))
		rest = after
	}
	return lines
}

// breakCommand splits command at the last space outside of quotes that leaves room for " \" on the first line. Without
// such a space there is no second line.
func breakCommand(command string, room int) (line, after string) {
	at := 0
	quote := rune(0)
	for i, r := range command {
		if wording.Cells(command[:i]) > room-len(` \`) {
			break
		}
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote == 0 && (r == '\'' || r == '"'):
			quote = r
		case quote == 0 && r == ' ':
			at = i
		}
	}
	if at == 0 {
		return command, ""
	}
	return command[:at] + ` \`, command[at+1:]
}
