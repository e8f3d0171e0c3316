package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const root = "../.."

func TestTheTableIsCurrentAndComplete(t *testing.T) {
	want, err := build(root)
	if err != nil {
		t.Fatal(err)
	}
	have, err := os.ReadFile(filepath.Join(root, output))
	if err != nil || string(have) != string(want) {
		t.Errorf("%s is not current; run `make generate` (%v)", output, err)
	}
}

func TestWhatIsRefused(t *testing.T) {
	const one = "- section: S\n  rows:\n  - {id: B1, says: it holds}\n"
	const gap = "- section: S\n  rows:\n  - {id: B1, says: it holds, missing: no idea}\n"
	for name, tt := range map[string]struct{ catalogue, test, problem string }{
		"shown":             {one, "// Shows: B1\nfunc TestX(){}", ""},
		"shown by example":  {one, "// ExampleX does.\n//\n// Shows: B1\nfunc ExampleX(){}", ""},
		"gap":               {gap, "func TestX(){}", ""},
		"no test":           {one, "func TestX(){}", "no test shows B1"},
		"unknown row":       {one, "// Shows: B1, B2\nfunc TestX(){}", "TestX shows B2, which is not in the catalogue"},
		"gap with a test":   {gap, "// Shows: B1\nfunc TestX(){}", "said to be missing"},
		"no test function":  {one, "// Shows: B1\nfunc helper(){}", "does not stand in the comment of a test"},
		"inside of a test":  {one, "func TestX(){\n// Shows: B1\n}", "does not stand in the comment of a test"},
		"benchmark":         {one, "// Shows: B1\nfunc BenchmarkX(){}", "does not stand in the comment of a test"},
		"twice":             {one + "  - {id: B1, says: again}\n", "// Shows: B1\nfunc TestX(){}", "B1 is there twice"},
		"says nothing":      {"- section: S\n  rows:\n  - {id: B1}\n", "// Shows: B1\nfunc TestX(){}", "B1 says nothing"},
		"no identifier":     {"- section: S\n  rows:\n  - {id: a b, says: x}\n", "", "is no identifier"},
		"unknown field":     {"- section: S\n  lines: []\n", "", "field lines not found"},
		"not a Go file":     {one, "// Shows: B1\nfunc", "expected"},
		"not in the module": {"- {", "", "catalogue"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := build(tree(t, tt.catalogue, "package x\n\n"+tt.test+"\n"))
			switch {
			case tt.problem == "" && err != nil:
				t.Error(err)
			case tt.problem != "" && (err == nil || !strings.Contains(err.Error(), tt.problem)):
				t.Errorf("got %v, want %q", err, tt.problem)
			}
		})
	}
}

func TestTheTable(t *testing.T) {
	out, err := build(tree(t, "- section: S\n  source: From here.\n  rows:\n  - {id: B1, says: a | b}\n  - {id: B2, says: c, missing: later}\n",
		"package x\n\n// Shows: B1\nfunc TestZ() {}\n\n// Shows: B1, B1\nfunc TestA() {}\n"))
	if err != nil {
		t.Fatal(err)
	}
	const want = `S

From here.

| row | what holds | shown by |
|---|---|---|
| B1 | a \| b | [TestA](../x_test.go)<br>[TestZ](../x_test.go) |

## Gaps

| row | what should hold | why nothing shows it |
|---|---|---|
| B2 | c | later |
`
	if _, body, _ := strings.Cut(string(out), "\n## S"); "S"+body != want {
		t.Errorf("got:\nS%s\nwant:\n%s", body, want)
	}
}

// tree is a module's root with a catalogue and one test file.
func tree(t *testing.T, catalogue, test string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"hack/features/catalogue.yaml": catalogue, "x_test.go": test} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
