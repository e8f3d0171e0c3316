package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// suite is a run of `go test` in the SDK's module.
type suite struct {
	folder string
	file   string // of the folder; empty: all of them
	token  bool   // log in with a user token instead of the password
}

// examples run one file at a time, as the vendor's own runner does (tests_go_clients.py), in an order in which each finds
// what it needs and nothing that it does not expect.
const examples = "go/examples/test"

var suites = []suite{
	{folder: "go/session"},
	{folder: "go/session", token: true},
	{folder: examples, file: "create_cloud_test.go"},
	{folder: examples, file: "create_healthmonitor_test.go"},
	{folder: examples, file: "api_filters_test.go"}, // before tenants and TLS profiles are made: it counts them
	{folder: examples, file: "create_profiles_test.go"},
	{folder: examples, file: "create_tenant_test.go"},
	{folder: examples, file: "create_virtualservice_test.go"},
	{folder: examples, file: "tenant_switch_test.go"},
	{folder: examples, file: "custom_transport_test.go"}, // waits for 30 s by itself
	{folder: examples, file: "avi_client_change_password_test.go"},
	{folder: examples, file: "aviclient_test.go"},
	{folder: examples, file: "avi_error_test.go"},
	{folder: examples, file: "rest_request_test.go"},
	{folder: examples, file: "delete_configuration_test.go"},
	{folder: examples, file: "fileupload_test.go"},
}

// impossible are the tests that could not pass against any controller outside of the vendor's laboratory. They are run all
// the same; one that passes is taken for a failure, so that this list stays true.
var impossible = map[string]string{
	"TestFileUpload":          "reads /mnt/files/hsm/safenet_pkg/6.1/safenet.tar of the vendor's laboratory, and panics without it",
	"TestTokenAuthRobustness": "skips itself unless it runs on the controller's own machine",
	"TestFileObjectUpload":    "is not reached: TestFileUpload's panic ends its process",
}

// event is a line of `go test -json`.
type event struct{ Action, Test, Output string }

// run runs a suite and enters its tests.
func (s suite) run(ctx context.Context, dir, host string, t *tally) error {
	args := []string{"test", "-json", "-count=1", "-timeout=2m"}
	if s.file != "" {
		args = append(args, s.file)
	} else {
		args = append(args, ".")
	}
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = filepath.Join(dir, s.folder)
	env, err := s.environment(host)
	if err != nil {
		return err
	}
	cmd.Env = append(os.Environ(), env...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	// Its status only says what its events say too.
	_ = cmd.Run()
	return t.read(s, &out)
}

// environment is what the SDK's tests want to know.
func (s suite) environment(host string) ([]string, error) {
	env := []string{
		"AVI_CONTROLLER=" + host, "AVI_USERNAME=admin", "AVI_TENANT=admin", "AVI_VERSION=" + version,
		"controller=" + host, "password=" + password, "version=" + version, "GOFLAGS=-mod=mod", "GOWORK=off",
	}
	if !s.token {
		return append(env, "AVI_PASSWORD="+password, "AVI_AUTH_TOKEN="), nil
	}
	token, err := userToken(host)
	return append(env, "AVI_PASSWORD=", "AVI_AUTH_TOKEN="+token), err
}

func (s suite) String() string {
	name := s.folder
	if s.file != "" {
		name += "/" + s.file
	}
	if s.token {
		name += " (with a token)"
	}
	return name
}

// tally is what became of the tests.
type tally struct {
	passed, listed int
	failures       []string
}

// outputMax bounds how much of a failed test's output is shown, in bytes.
const outputMax = 2000

func (t *tally) read(s suite, in io.Reader) error {
	output := map[string]string{}
	seen, other := 0, ""
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var e event
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			other += lines.Text() + "\n"
			continue
		}
		if e.Test == "" {
			continue
		}
		switch e.Action {
		case "output":
			if len(output[e.Test]) < outputMax {
				output[e.Test] += e.Output
			}
		case "pass", "fail", "skip":
			seen++
			t.enter(s, e, output[e.Test])
		}
	}
	if seen == 0 {
		return fmt.Errorf("%v: no test ran: %s", s, other)
	}
	return lines.Err()
}

// enter takes the end of one test.
func (t *tally) enter(s suite, e event, output string) {
	reason, expected := impossible[e.Test]
	switch {
	case expected && e.Action == "pass":
		t.failures = append(t.failures, fmt.Sprintf("%v: %s passed, though it should not be able to: %s", s, e.Test, reason))
	case expected:
		t.listed++
	case e.Action == "pass":
		t.passed++
	default:
		t.failures = append(t.failures, fmt.Sprintf("%v: %s: %s\n%s", s, e.Test, e.Action, strings.TrimSpace(output)))
	}
}

// tell prints the outcome and returns the number of failures.
func (t *tally) tell(out io.Writer) int {
	for _, f := range t.failures {
		fmt.Fprintf(out, "FAIL %s\n\n", f)
	}
	fmt.Fprintf(out, "%d tests of the SDK passed, %d failed\n", t.passed, len(t.failures))
	for _, name := range slices.Sorted(maps.Keys(impossible)) {
		fmt.Fprintf(out, "cannot pass: %s %s\n", name, impossible[name])
	}
	return len(t.failures)
}
