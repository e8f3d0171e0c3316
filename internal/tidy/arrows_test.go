package tidy_test

import (
	"slices"
	"strings"
	"testing"
)

// allowed says which top-level folders a folder's packages may import. A folder that is missing here fails the test, so
// that a new one comes with a decision.
var allowed = map[string][]string{
	"cmd":           {"cmd", "sim", "fakeavi", "operator", "dns", "scenarios", "reports", "internal/loop"},
	"sim":           {"sim", "fakeavi", "operator", "dns", "internal/loop"},
	"fakeavi":       {"fakeavi", "dns", "internal/loop"},
	"operator":      {"operator"},
	"dns":           {"dns"},
	"reports":       {"reports", "sim/result"},
	"scenarios":     {"scenarios", "sim", "reports"},
	"hack":          {"fakeavi", "hack"},
	"internal/loop": {"internal/loop"},
	"internal/tidy": {},
}

// folder returns the entry of allowed that a package belongs to.
func folder(pkg string) string {
	parts := strings.SplitN(pkg, "/", 3)
	if parts[0] == "internal" && len(parts) > 1 {
		return parts[0] + "/" + parts[1]
	}
	return parts[0]
}

func within(pkg, prefix string) bool { return pkg == prefix || strings.HasPrefix(pkg, prefix+"/") }

// violations returns the imports of a package that its folder does not allow.
func violations(pkg string, imports []string) []string {
	rules, known := allowed[folder(pkg)]
	if !known {
		return []string{"folder " + folder(pkg) + " has no rule; add one"}
	}
	var out []string
	for _, imp := range imports {
		inside, ok := strings.CutPrefix(imp, module)
		if ok && !slices.ContainsFunc(rules, func(rule string) bool { return within(inside, rule) }) {
			out = append(out, "imports "+inside)
		}
	}
	return out
}

func TestDependenciesPointOneWay(t *testing.T) {
	for _, f := range goFiles(t) {
		for _, v := range violations(f.pkg(), f.imports()) {
			t.Errorf("%s: %s; %s may import %v", f.path, v, folder(f.pkg()), allowed[folder(f.pkg())])
		}
	}
}

// forTests are packages that only tests may import.
var forTests = []string{module + "fakeavi/avitest"}

func TestPackagesForTestsStayThere(t *testing.T) {
	for _, f := range goFiles(t) {
		for _, imp := range f.imports() {
			if slices.Contains(forTests, imp) && !f.isTest() {
				t.Errorf("%s imports %s, which is for tests only", f.path, imp)
			}
		}
	}
}

func TestAForbiddenImportIsSeen(t *testing.T) {
	for name, tc := range map[string]struct {
		pkg, imp string
		bad      bool
	}{
		"operator -> sim":        {"operator/plan", module + "sim/world", true},
		"operator -> fakeavi":    {"operator", module + "fakeavi", true},
		"dns -> operator":        {"dns/resolver", module + "operator/model", true},
		"fakeavi -> sim":         {"fakeavi/engine", module + "sim/network", true},
		"reports -> sim/world":   {"reports", module + "sim/world", true},
		"reports -> sim/results": {"reports", module + "sim/results", true},
		"loop -> dns":            {"internal/loop", module + "dns", true},
		"new folder":             {"extra/x", "fmt", true},
		"reports -> sim/result":  {"reports", module + "sim/result", false},
		"sim -> dns":             {"sim/world", module + "dns/resolver", false},
		"operator -> others":     {"operator", "k8s.io/api/core/v1", false},
	} {
		if got := len(violations(tc.pkg, []string{tc.imp})) > 0; got != tc.bad {
			t.Errorf("%s: forbidden is %v, want %v", name, got, tc.bad)
		}
	}
}
