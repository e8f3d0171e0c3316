package conformance_test

import (
	"bytes"
	"context"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// packages says which Debian package a program comes with.
var packages = map[string]string{
	"dig": "bind9-dnsutils", "kdig": "knot-dnsutils", "drill": "ldnsutils", "unbound": "unbound", "named": "bind9",
}

// program finds an installed program, or skips the test. Servers are often
// installed where only root looks for them.
func program(t *testing.T, name string) string {
	t.Helper()
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	if path := filepath.Join("/usr/sbin", name); isExecutable(path) {
		return path
	}
	t.Skipf("%s is not installed; on Debian: apt-get install %s", name, packages[name])
	return ""
}

func isExecutable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode()&0o111 != 0
}

// patience is the longest a program may take.
const patience = 15 * time.Second

// output runs a client to its end and returns what it printed.
func output(t *testing.T, name string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var out bytes.Buffer
	cmd := exec.CommandContext(ctx, program(t, name), args...)
	cmd.Stdout, cmd.Stderr = &out, &out
	// The status only says whether there was an answer.
	_ = cmd.Run()
	return out.String()
}

// asking are the arguments with which a client asks an address; dig, kdig and
// drill agree on these.
func asking(server netip.AddrPort, args ...string) []string {
	return append([]string{"@" + server.Addr().String(), "-p", strconv.Itoa(int(server.Port()))}, args...)
}

// start runs a server until the test ends. What it prints is shown if the
// test fails.
func start(t *testing.T, name string, args ...string) {
	t.Helper()
	var out bytes.Buffer
	ctx, stop := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, program(t, name), args...)
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		stop()
		t.Fatalf("%s: %v", name, err)
	}
	t.Cleanup(func() {
		stop()
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("%s printed:\n%s", name, out.String())
		}
	})
}
