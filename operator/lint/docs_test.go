package lint_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/gslbsim/gslbsim/operator/lint"
)

var update = flag.Bool("update", false, "write the table of rules in docs/lint.md anew")

const (
	docs       = "../../docs/lint.md"
	tableBegin = "<!-- rules -->\n"
	tableEnd   = "<!-- end -->"
)

// The table in the documentation is that of the rules; `go test ./operator/lint -run Table -update` writes it.
func TestTableOfRulesIsCurrent(t *testing.T) {
	raw, err := os.ReadFile(docs)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(raw), tableBegin)
	table, after, ok2 := strings.Cut(rest, tableEnd)
	if !ok || !ok2 {
		t.Fatalf("%s has no place for the table", docs)
	}
	want := rulesTable()
	if *update {
		if err := os.WriteFile(docs, []byte(before+tableBegin+want+tableEnd+after), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if table != want {
		t.Errorf("the table in %s is not current: go test ./operator/lint -run Table -update", docs)
	}
}

func rulesTable() string {
	var b strings.Builder
	b.WriteString("| rule | severity | mistake |\n|---|---|---|\n")
	for _, r := range lint.Rules() {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", r.ID, r.Severity, r.Doc)
	}
	return b.String()
}
