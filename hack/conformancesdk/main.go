// Command conformancesdk runs the live-controller tests of the official SDK, from a copy of its module, against
// `gslbsim avi`: see `make conformance-sdk`. Exit status: 0 if all passed but those that docs/avi.md lists, else 1.
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

const sdk = "github.com/vmware/alb-sdk"

// password is that of the administrator; one of the tests changes it, and changes it back.
const password = "conformance"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: conformancesdk PATH-OF-GSLBSIM")
		os.Exit(2)
	}
	failed, err := run(ctx, os.Args[1], os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "conformancesdk:", err)
		os.Exit(1)
	}
	if failed > 0 {
		os.Exit(1)
	}
}

// run runs all suites and returns how many tests failed.
func run(ctx context.Context, program string, out io.Writer) (failed int, err error) {
	dir, err := os.MkdirTemp("", "conformance-sdk-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	// The SDK's logger writes files there, in this program and in the tests. Go uses no module at the top of a TMPDIR.
	logs := filepath.Join(dir, "logs")
	if err := errors.Join(os.Mkdir(logs, 0o700), os.Setenv("TMPDIR", logs)); err != nil {
		return 0, err
	}
	if err := copySDK(ctx, dir); err != nil {
		return 0, err
	}
	avi, err := startAvi(ctx, program, dir)
	if err != nil {
		return 0, err
	}
	defer avi.stop()
	if err := prepare(avi.host); err != nil {
		return 0, fmt.Errorf("prepare the controller: %w", err)
	}
	var t tally
	for _, s := range suites {
		if err := s.run(ctx, dir, avi.host, &t); err != nil {
			return 0, err
		}
	}
	return t.tell(out), nil
}

// copySDK copies the SDK's module of this project's version, so that its tests can be run and write files.
func copySDK(ctx context.Context, to string) error {
	text, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", sdk).Output()
	if err != nil {
		return fmt.Errorf("find the SDK's module: %w", err)
	}
	from := strings.TrimSpace(string(text))
	if err := os.CopyFS(filepath.Join(to, "go"), os.DirFS(filepath.Join(from, "go"))); err != nil {
		return fmt.Errorf("copy the SDK: %w", err)
	}
	for _, name := range []string{"go.mod", "go.sum"} {
		text, err := os.ReadFile(filepath.Join(from, name))
		if err == nil {
			err = os.WriteFile(filepath.Join(to, name), text, 0o600)
		}
		if err != nil {
			return fmt.Errorf("copy the SDK: %w", err)
		}
	}
	return filepath.Walk(to, func(name string, info os.FileInfo, err error) error {
		if err != nil {
			return err
		}
		return os.Chmod(name, info.Mode()|0o200) // the module cache is read-only
	})
}

// avi is the program under test.
type avi struct {
	cmd  *exec.Cmd
	host string
}

var listening = regexp.MustCompile(`https://(\S+)`)

func startAvi(ctx context.Context, program, dir string) (*avi, error) {
	file := filepath.Join(dir, "avi.yaml")
	text := "password: " + password + "\ncontrollers: [{name: conformance, listen: \"127.0.0.1:0\"}]\nhealth: {otherwise: up}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, program, "avi", "--config", file)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 5 * time.Second
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	a := &avi{cmd: cmd}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if m := listening.FindStringSubmatch(lines.Text()); m != nil {
			a.host = m[1]
		}
		if strings.HasPrefix(lines.Text(), "ready") {
			return a, nil
		}
	}
	a.stop()
	return nil, errors.New("gslbsim avi did not get ready")
}

func (a *avi) stop() {
	_ = a.cmd.Process.Signal(os.Interrupt)
	_ = a.cmd.Wait()
}
