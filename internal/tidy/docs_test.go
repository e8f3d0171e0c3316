package tidy_test

import (
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// page is a Markdown file of the repository.
type page struct {
	path string // slash-separated, from the module's root
	text string
}

// pages returns all Markdown files that git knows.
func pages(t *testing.T) []page {
	t.Helper()
	var out []page
	for _, name := range tracked(t) {
		if path.Ext(name) == ".md" {
			out = append(out, page{name, read(t, name)})
		}
	}
	if len(out) < 5 {
		t.Fatalf("only %d Markdown files found; is the root wrong?", len(out))
	}
	return out
}

func read(t *testing.T, name string) string {
	t.Helper()
	src, err := os.ReadFile(path.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(src)
}

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ +(.*)$`)
	// snippet is a fenced block, or code within a line.
	snippet = regexp.MustCompile("(?s)```.*?```|`[^`\n]+`")
	quoted  = regexp.MustCompile("`([^`]+)`")
	notName = regexp.MustCompile(`[^\pL\pN _-]`)
)

// anchors returns the fragments that a page's headings can be reached by, as code hosts make them.
func anchors(p page) []string {
	var out []string
	for _, m := range heading.FindAllStringSubmatch(p.text, -1) {
		out = append(out, strings.ReplaceAll(notName.ReplaceAllString(strings.ToLower(m[1]), ""), " ", "-"))
	}
	return out
}

// dangling returns the links of a page that lead nowhere within the repository. exists and at look up files and pages.
func dangling(p page, exists func(string) bool, at func(string) (page, bool)) []string {
	var out []string
	for _, m := range link.FindAllStringSubmatch(snippet.ReplaceAllString(p.text, ""), -1) {
		target, fragment, _ := strings.Cut(m[1], "#")
		if strings.Contains(target, "://") {
			continue
		}
		file := p.path
		if target != "" {
			file = path.Join(path.Dir(p.path), target)
		}
		other, isPage := at(file)
		if !exists(file) || fragment != "" && isPage && !slices.Contains(anchors(other), fragment) {
			out = append(out, m[1])
		}
	}
	return out
}

func TestLinksLeadSomewhere(t *testing.T) {
	all := pages(t)
	at := func(name string) (page, bool) {
		i := slices.IndexFunc(all, func(p page) bool { return p.path == name })
		if i < 0 {
			return page{}, false
		}
		return all[i], true
	}
	exists := func(name string) bool {
		_, err := os.Stat(path.Join(root, name))
		return err == nil
	}
	for _, p := range all {
		for _, target := range dangling(p, exists, at) {
			t.Errorf("%s: the link to %s leads nowhere", p.path, target)
		}
	}
}

func TestADanglingLinkIsSeen(t *testing.T) {
	exists := func(name string) bool { return name == "docs/a.md" || name == "README.md" }
	at := func(name string) (page, bool) { return page{name, "# One\n## Two words, `x`\n"}, exists(name) }
	for text, want := range map[string]int{
		"[a](../README.md)": 0, "[a](a.md#two-words-x)": 0, "[a](#one)": 0, "[a](https://example.com/x)": 0, "`[a](b.md)`": 0,
		"[a](b.md)": 1, "[a](README.md)": 1, "[a](a.md#three)": 1, "[a](../a.md) and [b](b.md)": 2,
	} {
		p := page{"docs/x.md", text}
		if text == "[a](#one)" {
			p.path = "docs/a.md"
		}
		if got := dangling(p, exists, at); len(got) != want {
			t.Errorf("%q: %q dangle, want %d", text, got, want)
		}
	}
}

var (
	makeCall = regexp.MustCompile(`(?m)(?:^ {0,2}(?:\$ )?|\x60|&& |OPERATOR=path )make ((?:[A-Za-z\[-][A-Za-z0-9_./=|\[\]-]* ?)+)`)
	goal     = regexp.MustCompile(`(?m)^([a-z][a-z-]*):`)
	setting  = regexp.MustCompile(`^\[?([a-zA-Z]+)=`)
	variable = regexp.MustCompile(`\$\((?:or \$\()?([a-zA-Z]+)`)
)

// unknownGoals returns what a text asks make for and a Makefile does not have: targets and variables.
func unknownGoals(text, makefile string) []string {
	goals, variables := matches(goal, makefile), matches(variable, makefile)
	var out []string
	for _, call := range matches(makeCall, text) {
		for _, word := range strings.Fields(call) {
			switch m := setting.FindStringSubmatch(word); {
			case m != nil && !slices.Contains(variables, m[1]):
				out = append(out, m[1]+"=")
			case m == nil && word[0] != '-' && word[0] != '[' && !slices.Contains(goals, word):
				out = append(out, word)
			}
		}
	}
	return out
}

func matches(re *regexp.Regexp, text string) []string {
	var out []string
	for _, m := range re.FindAllStringSubmatch(text, -1) {
		out = append(out, m[1])
	}
	return out
}

func TestMakeTargetsThatAreNamedExist(t *testing.T) {
	makefile := read(t, "Makefile")
	for _, p := range pages(t) {
		for _, code := range snippet.FindAllString(p.text, -1) {
			for _, name := range unknownGoals(code, makefile) {
				t.Errorf("%s: make has no %s", p.path, name)
			}
		}
	}
	for _, script := range []string{".ci/run", "hack/verify"} {
		for line := range strings.Lines(read(t, script)) {
			if strings.HasPrefix(line, "make ") {
				for _, name := range unknownGoals(line, makefile) {
					t.Errorf("%s: make has no %s", script, name)
				}
			}
		}
	}
}

func TestAnUnknownMakeTargetIsSeen(t *testing.T) {
	const makefile = "name ?= x\n.PHONY: run\nrun: build ## run it\n\t@x $(name) $(or $(rounds),5)\nbench-dns: ## y\n"
	for text, want := range map[string]int{
		"`make run`": 0, "make run name=failover [rounds=2]\nx": 0, "make --no-print-directory run 2>&1": 0, "x   to make one": 0, "`OPERATOR=path make run`": 0,
		"make runs": 1, "make run nmae=failover": 1, "make run tset": 1,
	} {
		if got := unknownGoals(text, makefile); len(got) != want {
			t.Errorf("%q: %q, want %d", text, got, want)
		}
	}
}

func TestEveryMakeTargetHasHelp(t *testing.T) {
	for line := range strings.Lines(read(t, "Makefile")) {
		name, _, _ := strings.Cut(line, ":")
		_, help, given := strings.Cut(strings.TrimSpace(line), " ## ")
		switch {
		case !goal.MatchString(line):
		case !given:
			t.Errorf("Makefile: no `## help` comment: %s", strings.TrimSpace(line))
		case len(name) > 20 || len(help) > 100:
			t.Errorf("Makefile: `make help` has no room for %s: %s", name, help)
		}
	}
}

// section returns what stands below a heading of a page, up to the next one of its level.
func section(text, title string) string {
	_, rest, _ := strings.Cut(text, "\n## "+title+"\n")
	rest, _, _ = strings.Cut(rest, "\n## ")
	return rest
}

// firstCells returns the names in code type of the first column of the tables in a text.
func firstCells(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		cells := strings.Split(line, "|")
		if len(cells) > 2 && cells[0] == "" {
			out = append(out, matches(quoted, cells[1])...)
		}
	}
	return out
}

// stands reports whether a table's name, which may end in /*, means a path.
func stands(name, of string) bool {
	if prefix, ok := strings.CutSuffix(name, "*"); ok {
		return strings.HasPrefix(of, prefix)
	}
	return name == of
}

// mismatch returns what should be in a table and is not, what is in it and should not be, and what is in it twice.
func mismatch(table, want []string) []string {
	var out []string
	for _, w := range want {
		if !slices.ContainsFunc(table, func(name string) bool { return stands(name, w) }) {
			out = append(out, w+" is missing")
		}
	}
	for i, name := range table {
		if !slices.ContainsFunc(want, func(w string) bool { return stands(name, w) }) {
			out = append(out, name+" is not there")
		}
		if slices.Contains(table[:i], name) {
			out = append(out, name+" stands twice")
		}
	}
	return out
}

const architecture = "docs/architecture.md"

// Each module that go.mod requires directly has its line, with what it is for.
func TestDependenciesAreExplained(t *testing.T) {
	var direct []string
	for line := range strings.Lines(read(t, "go.mod")) {
		fields := strings.Fields(line)
		if len(fields) == 2 && strings.HasPrefix(line, "\t") && strings.HasPrefix(fields[1], "v") {
			direct = append(direct, fields[0])
		}
	}
	for _, problem := range mismatch(firstCells(section(read(t, architecture), "Dependencies")), direct) {
		t.Errorf("%s: the table of dependencies: %s; give each direct one a line that says what for", architecture, problem)
	}
}

// Each package has its line in the table "Packages", and no line is left of one that is gone.
func TestTheMapHasEveryPackage(t *testing.T) {
	var packages []string
	for _, f := range goFiles(t) {
		if !slices.Contains(packages, f.pkg()) {
			packages = append(packages, f.pkg())
		}
	}
	for _, problem := range mismatch(firstCells(section(read(t, architecture), "Packages")), packages) {
		t.Errorf("%s: the table of packages: %s; give each package a line", architecture, problem)
	}
}

// The table of folders says what each may import, as allowed has it.
func TestTheArrowsAreExplained(t *testing.T) {
	said := map[string][]string{}
	for line := range strings.Lines(section(read(t, architecture), "Folders")) {
		if cells := strings.Split(line, "|"); len(cells) == 5 && strings.Contains(cells[1], "`") {
			said[matches(quoted, cells[1])[0]] = append(matches(quoted, cells[3]), strings.TrimSpace(quoted.ReplaceAllString(cells[3], "")))
		}
	}
	for folder, rules := range allowed {
		names, known := said[folder]
		if folder == "cmd" {
			names, known = said["cmd/gslbsim"]
			known = known && slices.Contains(names, "everything")
		} else {
			for _, rule := range rules {
				known = known && (rule == folder || slices.Contains(names, rule))
			}
			if len(rules) == 0 || len(rules) == 1 && rules[0] == folder {
				known = known && slices.Contains(names, "nothing of the project")
			}
		}
		if !known {
			t.Errorf("%s: the table of folders says of %s that it may import %v; its tests let it import %v", architecture, folder, names, rules)
		}
	}
}

func TestAMismatchIsSeen(t *testing.T) {
	text := "\n## Other\n| `z` | |\n## Packages\n\n| package | |\n|---|---|\n| `a`, `k/*` | holds `x` |\n| `b` | |\n\n## Next\n| `c` | |\n"
	table := firstCells(section(text, "Packages"))
	for _, tc := range []struct {
		want     []string
		problems int
	}{
		{[]string{"a", "b", "k/l", "k/m"}, 0}, {[]string{"a", "b", "c", "k/l"}, 1}, {[]string{"a", "k/l"}, 1}, {[]string{"a", "b"}, 1},
	} {
		if got := mismatch(table, tc.want); len(got) != tc.problems {
			t.Errorf("%v: %q, want %d problems", tc.want, got, tc.problems)
		}
	}
	if got := mismatch([]string{"a", "a"}, []string{"a"}); len(got) != 1 {
		t.Errorf("twice: %q", got)
	}
}
