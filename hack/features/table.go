package main

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

const head = `# What the operator does, and the test that shows it

Made from [hack/features/catalogue.yaml](../hack/features/catalogue.yaml) and from the comments of the tests by
` + "`make generate`" + `; do not edit. A row without a test, a test for a row that is not there, and a table that is not current
fail the tests of ` + "`hack/features`" + `.

To show a row, a test names it in its comment, one line for one or several rows:

` + "```go" + `
// TestB07_MemberClusterDownAtBootKeepsMembers starts the operator while a cluster is away.
//
// Shows: B7, trace-member-unreachable-at-restart
func TestB07_MemberClusterDownAtBootKeepsMembers(t *testing.T) {
` + "```" + `

A new row is a line of the catalogue. A row that nothing shows yet has a ` + "`missing:`" + ` there, which says why; it is listed under
"Gaps" until a test shows it.
`

// render makes the table. Each row needs a test or a reason why it has none, each row that a test shows must exist.
func render(sections []section, shown map[string][]show) ([]byte, error) {
	var out bytes.Buffer
	var gaps []row
	var problems []error
	known := map[string]bool{}
	out.WriteString(head)
	for _, s := range sections {
		fmt.Fprintf(&out, "\n## %s\n\n", s.Section)
		if s.Source != "" {
			fmt.Fprintf(&out, "%s\n\n", strings.TrimSpace(s.Source))
		}
		out.WriteString("| row | what holds | shown by |\n|---|---|---|\n")
		for _, r := range s.Rows {
			known[r.ID] = true
			tests := shown[r.ID]
			switch {
			case r.Missing != "" && len(tests) > 0:
				problems = append(problems, fmt.Errorf("%s is said to be missing, but %s shows it", r.ID, tests[0].name))
			case r.Missing != "":
				gaps = append(gaps, r)
			case len(tests) == 0:
				problems = append(problems, fmt.Errorf("no test shows %s (%s)", r.ID, r.Says))
			default:
				fmt.Fprintf(&out, "| %s | %s | %s |\n", r.ID, cell(r.Says), links(tests))
			}
		}
	}
	writeGaps(&out, gaps)
	for _, id := range slices.Sorted(maps.Keys(shown)) {
		if !known[id] {
			problems = append(problems, fmt.Errorf("%s shows %s, which is not in the catalogue", shown[id][0].name, id))
		}
	}
	return out.Bytes(), errors.Join(problems...)
}

func writeGaps(out *bytes.Buffer, gaps []row) {
	if len(gaps) == 0 {
		return
	}
	out.WriteString("\n## Gaps\n\n| row | what should hold | why nothing shows it |\n|---|---|---|\n")
	for _, r := range gaps {
		fmt.Fprintf(out, "| %s | %s | %s |\n", r.ID, cell(r.Says), cell(r.Missing))
	}
}

// links are the tests of a row, by file.
func links(tests []show) string {
	tests = slices.SortedFunc(slices.Values(tests), func(a, b show) int {
		return strings.Compare(a.file+"\x00"+a.name, b.file+"\x00"+b.name)
	})
	texts := make([]string, len(tests))
	for i, t := range tests {
		texts[i] = fmt.Sprintf("[%s](../%s)", t.name, t.file)
	}
	return strings.Join(texts, "<br>")
}

// cell is text that does not end a cell of a table.
func cell(text string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(text), " "), "|", `\|`)
}
