package lint_test

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/gslbsim/gslbsim/operator/lint"
)

// Each rule has a file of examples in testdata/rules: sets of files in which it fires, at the lines that comments of the form
// "# <- rule, rule@line" mark, and sets of files close to these in which no rule does.
//
// Shows: lint-rules, lint-quiet
func TestEachRuleFiresAndKeepsQuiet(t *testing.T) {
	for _, rule := range lint.Rules() {
		t.Run(rule.ID, func(t *testing.T) {
			files, opts := examples(t, rule.ID)
			for _, set := range []string{"fires", "quiet"} {
				var sources []lint.Source
				var want []string
				for _, f := range files {
					name, ok := strings.CutPrefix(f.name, set+"/")
					if !ok {
						continue
					}
					sources = append(sources, lint.Source{Name: name, Data: []byte(f.text), Named: strings.HasPrefix(name, "named/")})
					want = append(want, marks(t, name, f.text)...)
				}
				if len(sources) == 0 {
					t.Fatalf("no example in which it %s", map[string]string{"fires": "fires", "quiet": "keeps quiet"}[set])
				}
				if fires := slices.ContainsFunc(want, func(w string) bool { return strings.HasSuffix(w, " "+rule.ID) }); fires != (set == "fires") {
					t.Fatalf("in set %s the rule is marked: %t", set, fires)
				}
				report, err := lint.Check(sources, opts)
				if err != nil {
					t.Fatal(err)
				}
				var got, texts []string
				for _, f := range report.Findings {
					got = append(got, fmt.Sprintf("%s:%d %s", f.File, f.Line, f.Rule))
					texts = append(texts, f.String())
					checkWording(t, f)
				}
				slices.Sort(want)
				slices.Sort(got)
				if diff := gocmp.Diff(want, got); diff != "" {
					t.Errorf("%s: marked (-) and found (+):\n%s\n%s", set, diff, strings.Join(texts, "\n"))
				}
			}
		})
	}
}

// checkWording holds findings to their form: one line each, with a place and a remedy.
func checkWording(t *testing.T, f lint.Finding) {
	t.Helper()
	if f.Line == 0 || f.Column == 0 || strings.Contains(f.Problem+f.Remedy, "\n") {
		t.Errorf("no place, or several lines: %+v", f)
	}
	if f.Remedy == "" && f.Rule != "schema" && f.Rule != "syntax" {
		t.Errorf("no remedy: %s", f)
	}
}

// The rules in testdata/rules are those that there are.
func TestNoExamplesAreLeftOver(t *testing.T) {
	paths, err := filepath.Glob("testdata/rules/*.txt")
	if err != nil || len(paths) != len(lint.Rules()) {
		t.Errorf("%d rules have examples, and there are %d rules (%v)", len(paths), len(lint.Rules()), err)
	}
}

func TestRulesAreDescribed(t *testing.T) {
	seen := map[string]bool{}
	for _, rule := range lint.Rules() {
		if seen[rule.ID] {
			t.Errorf("two rules are named %s", rule.ID)
		}
		seen[rule.ID] = true
		if !regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`).MatchString(rule.ID) || !strings.HasSuffix(rule.Doc, ".") || len(rule.Doc) < 40 {
			t.Errorf("rule %q: %q is no description", rule.ID, rule.Doc)
		}
		if rule.Severity != lint.Error && rule.Severity != lint.Warning {
			t.Errorf("rule %s has no severity", rule.ID)
		}
	}
}

type example struct{ name, text string }

var fileMark = regexp.MustCompile(`(?m)^-- (\S+) --\n`)

// examples reads the examples of a rule; what stands before the first file are options.
func examples(t *testing.T, rule string) ([]example, lint.Options) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", "rules", rule+".txt"))
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	at := fileMark.FindAllStringSubmatchIndex(text, -1)
	if len(at) == 0 {
		t.Fatal("no files in it")
	}
	var opts lint.Options
	if domain, ok := strings.CutPrefix(strings.TrimSpace(text[:at[0][0]]), "subdomain: "); ok {
		opts.Subdomains = []string{domain}
	}
	var files []example
	for i, m := range at {
		end := len(text)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		files = append(files, example{text[m[2]:m[3]], text[m[1]:end]})
	}
	return files, opts
}

// marks are the findings that a file is marked with, as "file:line rule".
func marks(t *testing.T, name, text string) []string {
	t.Helper()
	var list []string
	for i, line := range strings.Split(text, "\n") {
		_, after, ok := strings.Cut(line, "# <- ")
		if !ok {
			continue
		}
		for rule := range strings.SplitSeq(after, ",") {
			id, other, elsewhere := strings.Cut(strings.TrimSpace(rule), "@")
			n := i + 1
			if elsewhere {
				var err error
				if n, err = strconv.Atoi(other); err != nil {
					t.Fatal(err)
				}
			}
			list = append(list, fmt.Sprintf("%s:%d %s", name, cmp.Or(n, i+1), id))
		}
	}
	return list
}
