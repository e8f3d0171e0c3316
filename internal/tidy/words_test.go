package tidy_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func parse(t *testing.T, src string) goFile {
	t.Helper()
	set := token.NewFileSet()
	tree, err := parser.ParseFile(set, "x.go", src, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	return goFile{"x.go", tree, set}
}

// emptyNames say nothing about what is inside.
var emptyNames = []string{"util", "utils", "common", "helper", "helpers", "misc", "manager2", "base", "shared"}

func TestNamesTellTheStory(t *testing.T) {
	for _, f := range goFiles(t) {
		for _, part := range strings.Split(strings.TrimSuffix(f.path, ".go"), "/") {
			if slices.Contains(emptyNames, strings.TrimSuffix(part, "_test")) {
				t.Errorf("%s: %q names nothing; say what is inside", f.path, part)
			}
		}
	}
}

// unfinished marks work that is not done.
var unfinished = regexp.MustCompile(`\b(TODO|FIXME|XXX|HACK)\b`)

// machine are paths that exist on somebody's machine only.
var machine = regexp.MustCompile(`(^|[\s"'=(:])/(root|work|farm|home/[a-z]+)/`)

func TestNothingUnfinishedAndNoMachinePaths(t *testing.T) {
	for _, name := range tracked(t) {
		src, err := os.ReadFile(path.Join(root, name))
		if err != nil || !utf8.Valid(src) || strings.HasPrefix(name, "internal/tidy/") || path.Ext(name) == ".sum" {
			continue
		}
		for i, line := range bytes.Split(src, []byte("\n")) {
			if m := unfinished.Find(line); m != nil {
				t.Errorf("%s:%d: %s marks unfinished work; finish it, or name it in an issue", name, i+1, m)
			}
			if m := machine.Find(line); m != nil {
				t.Errorf("%s:%d: %s is a path of one machine", name, i+1, m)
			}
		}
	}
}

func TestMarksAreSeen(t *testing.T) {
	for text, want := range map[string]bool{"// TODO: later": true, "a FIXME b": true, "TODOS": false, "done": false} {
		if unfinished.MatchString(text) != want {
			t.Errorf("%q: want %v", text, want)
		}
	}
	for text, want := range map[string]bool{`open("/` + `home/x/y")`: true, "see /" + "root/y": true, "network/root/": false, "//work": false} {
		if machine.MatchString(text) != want {
			t.Errorf("%q: want %v", text, want)
		}
	}
}

// tracked returns the files that git knows, or skips the test where there is no git.
func tracked(t *testing.T) []string {
	t.Helper()
	cmd := exec.Command("git", "ls-files")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		t.Skipf("git ls-files: %v", err)
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}

// Exported names of the packages that others build upon say what they are.
func TestExportedNamesAreDocumented(t *testing.T) {
	for _, f := range goFiles(t) {
		if f.isTest() || f.isGenerated() || strings.HasPrefix(f.path, "cmd/") {
			continue
		}
		for _, decl := range f.tree.Decls {
			for _, name := range undocumented(decl) {
				t.Errorf("%s: exported %s has no comment", f.line(decl.Pos()), name)
			}
		}
	}
}

// undocumented returns the exported names of a declaration that no comment covers. Methods of unexported types, and those
// that implement an interface of the standard library by name, are not looked at.
func undocumented(decl ast.Decl) []string {
	switch d := decl.(type) {
	case *ast.FuncDecl:
		if d.Doc == nil && d.Name.IsExported() && (d.Recv == nil || exportedReceiver(d)) && !wellKnown[d.Name.Name] {
			return []string{d.Name.Name}
		}
	case *ast.GenDecl:
		if d.Doc != nil {
			return nil
		}
		var out []string
		for _, spec := range d.Specs {
			switch s := spec.(type) {
			case *ast.TypeSpec:
				if s.Doc == nil && s.Comment == nil && s.Name.IsExported() {
					out = append(out, s.Name.Name)
				}
			case *ast.ValueSpec:
				if s.Doc == nil && s.Comment == nil {
					for _, n := range s.Names {
						if n.IsExported() {
							out = append(out, n.Name)
						}
					}
				}
			}
		}
		return out
	}
	return nil
}

var wellKnown = map[string]bool{
	"Error": true, "String": true, "Unwrap": true, "Is": true, "Len": true, "Less": true, "Swap": true, "Push": true, "Pop": true,
	"Timeout": true, "Temporary": true, "Network": true, "MarshalJSON": true, "UnmarshalJSON": true,
}

func exportedReceiver(d *ast.FuncDecl) bool {
	typ := d.Recv.List[0].Type
	for {
		switch x := typ.(type) {
		case *ast.StarExpr:
			typ = x.X
			continue
		case *ast.IndexExpr:
			typ = x.X
			continue
		case *ast.Ident:
			return x.IsExported()
		}
		return false
	}
}

func TestAMissingCommentIsSeen(t *testing.T) {
	for src, want := range map[string]int{
		"package x\nfunc Exported() {}":                          1,
		"package x\ntype T struct{}":                             1,
		"package x\nvar A, B = 1, 2":                             2,
		"package x\ntype t struct{}\nfunc (t) M() {}":            0,
		"package x\n// T is.\ntype T struct{}\nfunc (*T) M() {}": 1,
		"package x\n// Exported does.\nfunc Exported() {}":       0,
	} {
		got := 0
		for _, d := range parse(t, src).tree.Decls {
			got += len(undocumented(d))
		}
		if got != want {
			t.Errorf("%q: %d, want %d", src, got, want)
		}
	}
}

// longest is how many lines a file that somebody wrote may have: beyond that it holds more than one idea.
const longest = 500

func TestFilesAreShort(t *testing.T) {
	for _, f := range goFiles(t) {
		if lines := f.set.File(f.tree.Pos()).LineCount(); lines > longest && !f.isGenerated() {
			t.Errorf("%s has %d lines, more than %d; part it by ideas", f.path, lines, longest)
		}
	}
}

// virtualTime is what a test file imports, or a file beside it, whose sleeps take no time.
var virtualTime = []string{"testing/synctest", module + "sim/bubble"}

// Tests wait for what they wait for, not for a while.
func TestNoTestSleepsInRealTime(t *testing.T) {
	all := goFiles(t)
	virtual := map[string]bool{}
	for _, f := range all {
		if f.isTest() && slices.ContainsFunc(f.imports(), func(imp string) bool { return slices.Contains(virtualTime, imp) }) {
			virtual[f.pkg()] = true
		}
	}
	for _, f := range all {
		if f.isTest() && !virtual[f.pkg()] {
			for _, at := range sleeps(f) {
				t.Errorf("%s: sleeps in real time; use testing/synctest, or wait for the condition", at)
			}
		}
	}
}

func sleeps(f goFile) []string {
	var out []string
	ast.Inspect(f.tree, func(n ast.Node) bool {
		call, ok := n.(*ast.SelectorExpr)
		if ok && call.Sel.Name == "Sleep" {
			if pkg, ok := call.X.(*ast.Ident); ok && pkg.Name == "time" {
				out = append(out, f.line(call.Pos()))
			}
		}
		return true
	})
	return out
}

func TestASleepIsSeen(t *testing.T) {
	for src, want := range map[string]int{
		"package x\nimport \"time\"\nfunc f() { time.Sleep(1) }":                      1,
		"package x\nvar w struct{ Sleep func() }\nfunc f() { w.Sleep() }":             0,
		"package x\nimport \"time\"\nfunc f() { <-time.After(1); _ = time.Second }\n": 0,
	} {
		if got := sleeps(parse(t, src)); len(got) != want {
			t.Errorf("%q: %d sleeps, want %d", src, len(got), want)
		}
	}
}
