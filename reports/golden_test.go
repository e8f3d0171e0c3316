package reports_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gslbsim/gslbsim/reports"
	"github.com/gslbsim/gslbsim/sim/result"
)

// form is one way to show a run.
type form func(io.Writer, *result.Result) error

// forms are all of them, by the name of their golden file.
func forms() map[string]form {
	return map[string]form{
		"report.html":  reports.HTML,
		"report.json":  reports.JSON,
		"events.jsonl": reports.Events,
		"junit.xml":    reports.JUnit,
		"answers.csv":  reports.CSV,
		"terminal.txt": terminal(reports.TerminalOptions{Wall: 1870 * time.Millisecond, Files: written}),
		"wide.txt":     terminal(reports.TerminalOptions{Width: 110, Color: true}),
	}
}

// written is what Write returns for a run in out/failover.
var written = []string{
	"out/failover/report.html", "out/failover/report.json", "out/failover/events.jsonl", "out/failover/junit.xml",
	"out/failover/answers.csv",
}

func terminal(opt reports.TerminalOptions) form {
	return func(w io.Writer, r *result.Result) error { return reports.Terminal(w, r, opt) }
}

// show returns r in a form.
func show(t testing.TB, f form, r *result.Result) string {
	t.Helper()
	var b bytes.Buffer
	if err := f(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestGolden compares every form of a broken run, and the short ones of the others, with the files in testdata/golden.
// UPDATE=1 writes these files anew.
func TestGolden(t *testing.T) {
	for name, f := range forms() {
		compare(t, "broken."+name, show(t, f, brief()))
	}
	for run, r := range map[string]*result.Result{"pass": kept(), "inconclusive": unjudged(), "crowded": crowded(64), "nothing": nothing()} {
		compare(t, run+".terminal.txt", show(t, forms()["terminal.txt"], r))
	}
	for run, r := range map[string]*result.Result{"inconclusive": unjudged(), "nothing": nothing()} {
		compare(t, run+".junit.xml", show(t, reports.JUnit, r))
	}
	compare(t, "nothing.report.json", show(t, reports.JSON, nothing()))
}

func compare(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", "golden", name)
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; UPDATE=1 go test writes it", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got); UPDATE=1 go test accepts it:\n%s", name, diff)
	}
}

// TestEqualResultsGiveEqualBytes shows every run twice, from results that were made apart.
func TestEqualResultsGiveEqualBytes(t *testing.T) {
	again := runs()
	for run, r := range runs() {
		for name, f := range forms() {
			if show(t, f, r) != show(t, f, again[run]) {
				t.Errorf("%s of %s is not the same twice", name, run)
			}
		}
	}
}

// TestResultsAreLeftAlone shows every run in every form, and then compares it with a fresh one.
func TestResultsAreLeftAlone(t *testing.T) {
	fresh := runs()
	for run, r := range runs() {
		for _, f := range forms() {
			show(t, f, r)
		}
		if diff := cmp.Diff(fresh[run], r); diff != "" {
			t.Errorf("%s was changed:\n%s", run, diff)
		}
	}
}
