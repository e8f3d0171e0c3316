package tidy_test

import (
	"go/ast"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// seededOnly lists what may be used of the random packages: constructors of streams that have a seed, and types. All else
// draws from the process's global source, which differs from run to run.
var seededOnly = []string{"New", "NewPCG", "NewChaCha8", "NewZipf", "Rand", "PCG", "ChaCha8", "Source", "Zipf"}

// leaks returns the places in a file that could make two equal runs differ: draws from the global random source, and
// printed pointers.
func leaks(f goFile) []string {
	random := importName(f.tree, "math/rand/v2", "math/rand")
	crypto := importName(f.tree, "crypto/rand")
	var out []string
	ast.Inspect(f.tree, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			pkg, ok := n.X.(*ast.Ident)
			if ok && random != "" && pkg.Name == random && !slices.Contains(seededOnly, n.Sel.Name) {
				out = append(out, f.line(n.Pos())+": "+pkg.Name+"."+n.Sel.Name+" draws from the global random source; use a named, seeded stream")
			}
			if ok && crypto != "" && pkg.Name == crypto {
				out = append(out, f.line(n.Pos())+": crypto/rand differs from run to run; use a named, seeded stream")
			}
		case *ast.BasicLit:
			if text, err := strconv.Unquote(n.Value); err == nil && n.Kind == token.STRING && strings.Contains(text, "%p") {
				out = append(out, f.line(n.Pos())+": a printed pointer differs from run to run")
			}
		}
		return true
	})
	return out
}

// importName returns the name under which a file imports the first of the given paths, "" if it imports none.
func importName(tree *ast.File, paths ...string) string {
	for _, spec := range tree.Imports {
		p, _ := strconv.Unquote(spec.Path.Value)
		if !slices.Contains(paths, p) {
			continue
		}
		if spec.Name != nil {
			return spec.Name.Name
		}
		return "rand"
	}
	return ""
}

// mayDraw lists files whose randomness is not part of a run: session secrets of a live controller without a seed, and the
// keys of its certificates, and the key of a live DNS server's cookies.
var mayDraw = []string{"fakeavi/api/session.go", "fakeavi/live/certificate.go", "cmd/gslbsim/dns.go"}

func TestNothingDrawsFromAGlobalSource(t *testing.T) {
	for _, f := range goFiles(t) {
		if f.isTest() || f.isGenerated() || slices.Contains(mayDraw, f.path) {
			continue
		}
		for _, leak := range leaks(f) {
			t.Error(leak)
		}
	}
}

func TestALeakIsSeen(t *testing.T) {
	for name, tc := range map[string]struct {
		src  string
		want int
	}{
		"global draw":     {`package x; import "math/rand/v2"; var _ = rand.IntN(3)`, 1},
		"old package":     {`package x; import "math/rand"; var _ = rand.Float64()`, 1},
		"renamed":         {`package x; import r "math/rand/v2"; var _ = r.Perm(3)`, 1},
		"crypto":          {`package x; import "crypto/rand"; var _ = rand.Reader`, 1},
		"pointer":         {`package x; import "fmt"; var _ = fmt.Sprintf("%p", nil)`, 1},
		"seeded":          {`package x; import "math/rand/v2"; var _ = rand.New(rand.NewPCG(1, 2)).IntN(3)`, 0},
		"other rand":      {`package x; var rand struct{ Int func() int }; var _ = rand.Int`, 0},
		"percent p later": {`package x; var _ = "100 % pass"`, 0},
	} {
		if got := leaks(parse(t, tc.src)); len(got) != tc.want {
			t.Errorf("%s: %d leaks, want %d: %v", name, len(got), tc.want, got)
		}
	}
}
