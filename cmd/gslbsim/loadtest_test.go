package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
)

// lab is a file of the sample trace.
func lab(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("..", "..", "scenarios", "traces", name))
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func TestLoadtestOfTheSampleTrace(t *testing.T) {
	g := NewWithT(t)
	trace, table := lab(t, "lab.txt"), lab(t, "lab.yaml")
	status, stdout, stderr := gslbsim(t, "loadtest", "--trace", trace, "--config", table, "--driver", "builtin", "--quiet")
	g.Expect(status).To(BeZero(), stdout+stderr)
	g.Expect(stderr).To(BeEmpty())
	g.Expect(stdout).To(MatchRegexp(`^=== PASS ===  lab\.txt: 10000 queries to 127\.0\.0\.1:\d+ in .* a second\), sent by the built-in client\n`))
	g.Expect(stdout).To(ContainSubstring("kept  nothing is lost                                                   0 of 10000          = 0\n"))
	g.Expect(stdout).To(ContainSubstring("10.10.24.164, 10.10.25.46, 10.10.26.40  10/60/30 % of 4000  = 10/60/30 %\n"))
	g.Expect(left(t)).To(BeEmpty())
}

// A server that serves something else than the file says breaks promises and the status.
func TestLoadtestOfAnotherServer(t *testing.T) {
	g := NewWithT(t)
	trace := lab(t, "lab.txt")
	t.Chdir(t.TempDir())
	g.Expect(os.WriteFile("other.yaml", []byte("kind: DNS\nservices: [{domains: [hello.avi.iberia.local], pools: [{members: [{ip: 192.0.2.1}]}]}]\n"), 0o600)).To(Succeed())
	g.Expect(os.WriteFile("trace.txt", []byte("hello.avi.iberia.local A\n"), 0o600)).To(Succeed())
	var out, errs bytes.Buffer
	loadtest := func(args ...string) int {
		out.Reset()
		errs.Reset()
		return execute(context.Background(), append([]string{"loadtest", "--quiet", "--driver", "builtin"}, args...), &out, &errs)
	}
	g.Expect(loadtest("--trace", "trace.txt", "--config", "other.yaml", "--queries", "100")).To(BeZero(), out.String())
	g.Expect(loadtest("--trace", trace, "--config", "other.yaml", "--server", "127.0.0.1:1", "--queries", "10", "--timeout", "100ms")).To(Equal(1))
	g.Expect(out.String()).To(MatchRegexp(`BROKEN  nothing is lost +10 of 10 += 0\n`), "nobody listens there")
}

func TestLoadtestWithUnusableInput(t *testing.T) {
	trace, table := lab(t, "lab.txt"), lab(t, "lab.yaml")
	for name, tc := range map[string]struct {
		args []string
		want string
	}{
		"no trace":       {[]string{"--config", table}, "gslbsim loadtest: --trace is missing"},
		"no table":       {[]string{"--trace", trace}, "gslbsim loadtest: --config is missing"},
		"unknown trace":  {[]string{"--trace", "none.txt", "--config", table}, "none.txt: no such file or directory"},
		"table as trace": {[]string{"--trace", table, "--config", table}, table + ":"},
		"an argument":    {[]string{"x"}, `gslbsim loadtest: there is no argument "x"; see gslbsim loadtest --help`},
		"trace as table": {[]string{"--trace", trace, "--config", trace}, trace + ":"},
		"rate":           {[]string{"--trace", trace, "--config", table, "--rate", "-1"}, "gslbsim loadtest: --rate -1: use 0 to"},
		"queries":        {[]string{"--trace", trace, "--config", table, "--queries", "0"}, "gslbsim loadtest: --queries 0: use 1 to"},
		"driver":         {[]string{"--trace", trace, "--config", table, "--driver", "x"}, "gslbsim loadtest: --driver x: use one of auto, dnsperf, builtin"},
		"timeout":        {[]string{"--trace", trace, "--config", table, "--timeout", "0s"}, "gslbsim loadtest: --timeout 0s: use a duration"},
		"server":         {[]string{"--trace", trace, "--config", table, "--server", "here"}, "gslbsim loadtest: --server here: use address:port"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			status, stdout, stderr := gslbsim(t, append([]string{"loadtest"}, tc.args...)...)
			g.Expect(status).To(Equal(2))
			g.Expect(stdout).To(BeEmpty())
			g.Expect(stderr).To(HavePrefix(tc.want))
		})
	}
}
