package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The README shows what its first command prints. Only the wall time differs from run to run.
func TestREADMEShowsWhatARunPrints(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, shown, _ := strings.Cut(string(readme), "```\n=== ")
	shown, _, _ = strings.Cut("=== "+shown, "```")
	status, printed, stderr := gslbsim(t, "run", "failover")
	if status != 0 {
		t.Fatal(printed, stderr)
	}
	wall := regexp.MustCompile(`in \S+ of wall time: \S+`)
	if diff := cmp.Diff(wall.ReplaceAllString(shown, "in"), wall.ReplaceAllString(printed, "in")); diff != "" {
		t.Errorf("paste the output anew (- README, + printed):\n%s", diff)
	}
}
