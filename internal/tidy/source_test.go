package tidy_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
)

const module = "github.com/gslbsim/gslbsim/"

// goFile is a parsed file of the module.
type goFile struct {
	path string // slash-separated, from the module's root
	tree *ast.File
	set  *token.FileSet
}

// pkg is the folder of the file.
func (f goFile) pkg() string { return path.Dir(f.path) }

func (f goFile) isTest() bool { return strings.HasSuffix(f.path, "_test.go") }

func (f goFile) isGenerated() bool { return ast.IsGenerated(f.tree) }

func (f goFile) line(p token.Pos) string {
	return f.path + ":" + strconv.Itoa(f.set.Position(p).Line)
}

// imports returns the paths that the file imports.
func (f goFile) imports() []string {
	out := make([]string, 0, len(f.tree.Imports))
	for _, spec := range f.tree.Imports {
		p, _ := strconv.Unquote(spec.Path.Value)
		out = append(out, p)
	}
	return out
}

// root is the folder of go.mod, seen from this package.
const root = "../.."

// goFiles returns all Go files of the module, parsed, but not those of other modules inside of it.
func goFiles(t *testing.T) []goFile {
	t.Helper()
	out, err := parsed()
	if err != nil {
		t.Fatal(err)
	}
	if len(out) < 20 {
		t.Fatalf("only %d Go files found; is the root wrong?", len(out))
	}
	return out
}

var parsed = sync.OnceValues(func() ([]goFile, error) {
	var out []goFile
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && p != root {
			if _, err := os.Stat(filepath.Join(p, "go.mod")); err == nil || strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" {
				return filepath.SkipDir
			}
		}
		if d.IsDir() || !strings.HasSuffix(p, ".go") {
			return nil
		}
		set := token.NewFileSet()
		tree, err := parser.ParseFile(set, p, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, p)
		out = append(out, goFile{filepath.ToSlash(rel), tree, set})
		return err
	})
	return out, err
})
