package main

import (
	"strings"
	"testing"
)

// TestTally reads what go test says and counts it.
func TestTally(t *testing.T) {
	line := func(action, test string) string { return `{"Action":"` + action + `","Test":"` + test + `"}` + "\n" }
	for name, tc := range map[string]struct {
		in               string
		passed, failures int
		err              bool
	}{
		"passed":                    {line("pass", "TestA") + line("pass", "TestB"), 2, 0, false},
		"failed":                    {line("pass", "TestA") + line("fail", "TestB"), 1, 1, false},
		"a skip is a failure":       {line("skip", "TestB"), 0, 1, false},
		"impossible":                {line("fail", "TestFileUpload"), 0, 0, false},
		"impossible, yet it passes": {line("pass", "TestFileUpload"), 0, 1, false},
		"nothing ran":               {"cannot build\n", 0, 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			var got tally
			err := got.read(suite{folder: "x"}, strings.NewReader(tc.in))
			if (err != nil) != tc.err || got.passed != tc.passed || len(got.failures) != tc.failures {
				t.Errorf("%d passed, failures %q, error %v", got.passed, got.failures, err)
			}
			var out strings.Builder
			if n := got.tell(&out); n != tc.failures {
				t.Errorf("tell returned %d", n)
			}
		})
	}
}
