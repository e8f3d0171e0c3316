package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

var (
	// snippet is a fenced block, or code within a line.
	snippet = regexp.MustCompile("(?s)```.*?```|`[^`\n]+`")
	// call is what follows the program's name on a command line, up to a comment, a pipe, or the column that explains it.
	call = regexp.MustCompile("(?m)(?:^ {0,2}(?:\\$ )?|`|\\| )(?:bin/)?gslbsim ([a-z-].*?)(?: {2}|[`|>&#;,()]|$)")
	// indented are the lines of a help text that are to be typed.
	indented = regexp.MustCompile("(?m)^  .*$")
)

// misnamed returns what a text calls gslbsim with that it does not know: subcommands and flags.
func misnamed(root *cobra.Command, text string) []string {
	var out []string
	for _, code := range snippet.FindAllString(text, -1) {
		for _, m := range call.FindAllStringSubmatch(code, -1) {
			words := strings.Fields(m[1])
			cmd, _, err := root.Find(words)
			if err != nil || cmd == root && !strings.HasPrefix(words[0], "-") {
				out = append(out, "gslbsim "+words[0])
				continue
			}
			cmd.InitDefaultHelpFlag()
			cmd.InitDefaultVersionFlag()
			for _, word := range words {
				name, _, _ := strings.Cut(strings.Trim(word, "[]."), "=")
				long, isLong := strings.CutPrefix(name, "--")
				switch {
				case isLong && long != "" && cmd.Flags().Lookup(long) == nil,
					!isLong && len(name) == 2 && name[0] == '-' && cmd.Flags().ShorthandLookup(name[1:]) == nil:
					out = append(out, cmd.CommandPath()+" "+name)
				}
			}
		}
	}
	return out
}

// What README and docs call exists.
func TestDocsNameCommandsThatExist(t *testing.T) {
	files, err := filepath.Glob("../../docs/*.md")
	if err != nil || len(files) < 5 {
		t.Fatalf("%d files in docs, %v", len(files), err)
	}
	for _, file := range append(files, "../../README.md", "../../operator/testdata/labs/README.md") {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range misnamed(newRoot(), string(text)) {
			t.Errorf("%s: there is no %s", filepath.Base(file), name)
		}
	}
}

// What the help of a subcommand shows exists, and every subcommand is in README or docs.
func TestHelpNamesCommandsThatExist(t *testing.T) {
	root := newRoot()
	for _, cmd := range append(root.Commands(), root) {
		for _, name := range misnamed(root, "```\n"+strings.Join(indented.FindAllString(cmd.Long+"\n"+cmd.Example, -1), "\n")+"\n```") {
			t.Errorf("help of %s: there is no %s", cmd.CommandPath(), name)
		}
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, cmd := range root.Commands() {
		if !strings.Contains(string(readme), "bin/gslbsim "+cmd.Name()) && !strings.Contains(string(readme), "make "+cmd.Name()) {
			t.Errorf("README.md does not show gslbsim %s", cmd.Name())
		}
	}
}

func TestAMisnamedCommandIsSeen(t *testing.T) {
	for text, want := range map[string]int{
		"`gslbsim run failover --seed 1`": 0, "```\nbin/gslbsim avi      an Avi controller\n```": 0, "gslbsim rum in prose": 0,
		"`gslbsim avi snapshot URL`": 0, "```\nhelm x | gslbsim lint -\n```": 0, "`gslbsim --help`": 0, "`gslbsim lint -o json`": 0,
		"`gslbsim rum`": 1, "`gslbsim run failover --sed 1`": 1, "```\nx\n$ gslbsim dns --conf x\n```": 1, "`gslbsim avi snapshot --data x`": 1,
		"`gslbsim lint -x`": 1,
	} {
		if got := misnamed(newRoot(), text); len(got) != want {
			t.Errorf("%q: %q, want %d", text, got, want)
		}
	}
}
