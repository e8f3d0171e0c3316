package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// show is a test that shows a row.
type show struct {
	file string // from the root of the module, slash-separated
	name string // of the function
}

// mark begins the line of a comment that names the rows which a test shows.
const mark = "Shows:"

// scan finds which tests show which rows, in all test files of the module.
func scan(root string) (map[string][]show, error) {
	shown := map[string][]show{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || d.Name() == "bin" || d.Name() == "out"):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(path, "_test.go"):
			return nil
		}
		source, err := os.ReadFile(path)
		if err != nil || !bytes.Contains(source, []byte(mark)) {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		return scanFile(filepath.ToSlash(rel), source, shown)
	})
	return shown, err
}

// scanFile adds what the tests of one file show. A mark that does not stand in the comment of a test shows nothing, and is
// an error.
func scanFile(file string, source []byte, shown map[string][]show) error {
	set := token.NewFileSet()
	tree, err := parser.ParseFile(set, file, source, parser.ParseComments)
	if err != nil {
		return err
	}
	used := map[*ast.CommentGroup]bool{}
	for _, decl := range tree.Decls {
		fn, ok := decl.(*ast.FuncDecl)
		if !ok || fn.Doc == nil || fn.Recv != nil || !isTest(fn.Name.Name) {
			continue
		}
		used[fn.Doc] = true
		for _, id := range marked(fn.Doc) {
			if s := (show{file, fn.Name.Name}); !slices.Contains(shown[id], s) {
				shown[id] = append(shown[id], s)
			}
		}
	}
	for _, comment := range tree.Comments {
		if !used[comment] && len(marked(comment)) > 0 {
			return fmt.Errorf("%s: %q does not stand in the comment of a test", set.Position(comment.Pos()), mark)
		}
	}
	return nil
}

// isTest says whether a function of that name is run by `go test`. Benchmarks show figures, not features.
func isTest(name string) bool {
	return strings.HasPrefix(name, "Test") || strings.HasPrefix(name, "Example") || strings.HasPrefix(name, "Fuzz")
}

// marked are the rows that a comment names.
func marked(comment *ast.CommentGroup) []string {
	var ids []string
	for line := range strings.Lines(comment.Text()) {
		list, ok := strings.CutPrefix(strings.TrimSpace(line), mark)
		if !ok {
			continue
		}
		for id := range strings.SplitSeq(list, ",") {
			if id = strings.TrimSpace(id); id != "" {
				ids = append(ids, id)
			}
		}
	}
	return ids
}
