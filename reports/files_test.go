package reports_test

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gslbsim/gslbsim/reports"
	"github.com/gslbsim/gslbsim/sim/result"
)

// names returns what is in a folder.
func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return list
}

var allFiles = []string{"answers.csv", "events.jsonl", "junit.xml", "report.html", "report.json"}

func TestWrite(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out", "failover")
	for _, r := range []*result.Result{kept(), failover()} {
		files, err := reports.Write(dir, r)
		if err != nil {
			t.Fatal(err)
		}
		want := []string{
			filepath.Join(dir, "report.html"), filepath.Join(dir, "report.json"), filepath.Join(dir, "events.jsonl"),
			filepath.Join(dir, "junit.xml"), filepath.Join(dir, "answers.csv"),
		}
		if diff := cmp.Diff(want, files); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(allFiles, names(t, dir)); diff != "" {
			t.Errorf("the folder has something else in it:\n%s", diff)
		}
		for _, file := range files {
			got, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != show(t, forms()[filepath.Base(file)], r) {
				t.Errorf("%s is not what its form gives", file)
			}
			if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o644 {
				t.Errorf("%s: %v, %v", file, info.Mode(), err)
			}
		}
	}
}

func TestWriteIntoNoFolder(t *testing.T) {
	parent := t.TempDir()
	file := filepath.Join(parent, "out")
	if err := os.WriteFile(file, []byte("a file"), 0o644); err != nil {
		t.Fatal(err)
	}
	files, err := reports.Write(filepath.Join(file, "failover"), failover())
	if err == nil || !strings.Contains(err.Error(), "make the folder") || files != nil {
		t.Errorf("files %v, error %v", files, err)
	}
	if diff := cmp.Diff([]string{"out"}, names(t, parent)); diff != "" {
		t.Error(diff)
	}
}

// TestWriteThatFailsLeavesNoPieces puts a folder where the page should go, so that the last rename fails.
func TestWriteThatFailsLeavesNoPieces(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "report.html", "in the way"), 0o755); err != nil {
		t.Fatal(err)
	}
	files, err := reports.Write(dir, failover())
	if err == nil || !strings.Contains(err.Error(), "put report.html into place") || files != nil {
		t.Errorf("files %v, error %v", files, err)
	}
	if diff := cmp.Diff(allFiles, names(t, dir)); diff != "" {
		t.Errorf("pieces were left:\n%s", diff)
	}
}

func TestFolderStaysInsideItsParent(t *testing.T) {
	for scenario, want := range map[string]string{
		"failover":               "out/failover",
		"canary 5 %":             "out/canary-5--",
		"../../etc/passwd":       "out/-..-etc-passwd",
		"..":                     "out/unnamed",
		".hidden":                "out/hidden",
		"":                       "out/unnamed",
		strings.Repeat("a", 300): "out/" + strings.Repeat("a", 100),
	} {
		if got := reports.Folder("out", scenario); got != filepath.FromSlash(want) {
			t.Errorf("Folder(%q) = %q, want %q", scenario, got, want)
		}
	}
}

// TestJSONCanBeReadBack compares what comes back, which lacks only what the file does not hold.
func TestJSONCanBeReadBack(t *testing.T) {
	for run, r := range runs() {
		text := show(t, reports.JSON, r)
		if !strings.HasSuffix(text, "}\n") || strings.Contains(text, "null") {
			t.Errorf("%s: there is no line feed at the end, or a list is missing", run)
		}
		var back result.Result
		if err := json.Unmarshal([]byte(text), &back); err != nil {
			t.Fatalf("%s: %v", run, err)
		}
		if again := show(t, reports.JSON, &back); again != text {
			t.Errorf("%s changes when it is read back:\n%s", run, cmp.Diff(text, again))
		}
	}
}

func TestJSONPutsNumbersOnOneLine(t *testing.T) {
	r := nothing()
	r.About = "\"[\n1,\n2]\" \\"
	r.Series = []result.Series{{Labels: []string{"[1]", "a\"["}, Counts: [][]int{{1, 2}, {-30}, {}}}}
	text := show(t, reports.JSON, r)
	for _, want := range []string{
		"\"counts\": [\n        [1, 2],\n        [-30],\n        []\n      ]",
		"\"labels\": [\n        \"[1]\",\n        \"a\\\"[\"\n      ]",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("want %s in\n%s", want, text)
		}
	}
	var back result.Result
	if err := json.Unmarshal([]byte(text), &back); err != nil || back.About != r.About {
		t.Errorf("%v, %q", err, back.About)
	}
}

func TestEventsAreExact(t *testing.T) {
	r := nothing()
	r.Events = []result.Event{
		{At: -1_500_000, Nanos: -1_500_000, Actor: "operator", Kind: "setup", Text: "<b> & \"quotes\"\nand a line feed"},
		{At: 1_999_999, Nanos: 1_999_999, Actor: "region01", Kind: "member-down", Text: "10.0.0.1"},
	}
	want := `{"at_ms":-1,"at_ns":-1500000,"actor":"operator","kind":"setup","text":"<b> & \"quotes\"\nand a line feed"}
{"at_ms":1,"at_ns":1999999,"actor":"region01","kind":"member-down","text":"10.0.0.1"}
`
	if diff := cmp.Diff(want, show(t, reports.Events, r)); diff != "" {
		t.Error(diff)
	}
	lines := 0
	for scanner := bufio.NewScanner(strings.NewReader(show(t, reports.Events, failover()))); scanner.Scan(); lines++ {
		if !json.Valid(scanner.Bytes()) {
			t.Errorf("line %d is no JSON: %s", lines+1, scanner.Text())
		}
	}
	if lines != len(failover().Events) {
		t.Errorf("%d lines", lines)
	}
}

// TestCSVHasEveryCount reads the table back and adds it up.
func TestCSVHasEveryCount(t *testing.T) {
	r := failover()
	rows, err := csv.NewReader(strings.NewReader(show(t, reports.CSV, r))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"layer", "name", "phase", "from_s", "to_s", "label", "answers"}, rows[0]); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"authoritative", appName, "vs-disabled", "240.000", "245.000", "region01"}, rows[1+2*48][:6]); diff != "" {
		t.Error(diff)
	}
	want, got := 0, 0
	for _, s := range r.Series {
		for _, row := range s.Counts {
			for _, n := range row {
				want += n
			}
		}
	}
	for _, row := range rows[1:] {
		n, err := strconv.Atoi(row[6])
		if err != nil {
			t.Fatal(err)
		}
		got += n
	}
	if got != want || len(rows) != 1+240*5 {
		t.Errorf("%d answers in %d rows, want %d", got, len(rows), want)
	}
}

func TestCSVHasNoFormulas(t *testing.T) {
	r := nothing()
	r.Series = []result.Series{{
		Layer: "+1", Name: "=HYPERLINK(\"x\")", Bucket: 1, Labels: []string{"@sum", "-1", "\t=2", "plain"}, Counts: [][]int{{1}, nil},
	}}
	rows, err := csv.NewReader(strings.NewReader(show(t, reports.CSV, r))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var cells []string
	for _, row := range rows[1:] {
		cells = append(cells, row[0], row[1], row[5])
	}
	for _, c := range cells {
		if slices.Contains([]byte("=+-@"), c[0]) {
			t.Errorf("%q begins a formula", c)
		}
	}
	if len(rows) != 5 || rows[1][5] != "'@sum" || rows[4][5] != "plain" || rows[2][6] != "0" {
		t.Errorf("%q", rows)
	}
}
