package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/scenarios"
)

const wrongWeight = "globalDeploymentPolicy:\n  trafficSplit:\n  - {cluster: a, weight: 30}\n"

// lintIn runs `gslbsim lint` in a folder of its own with these files.
func lintIn(t *testing.T, files map[string]string, stdin string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, text := range files {
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	root := newRoot()
	root.SetIn(strings.NewReader(stdin))
	var out, errs bytes.Buffer
	status = executeRoot(context.Background(), root, append([]string{"lint"}, args...), &out, &errs)
	return status, out.String(), errs.String()
}

func TestLintStatusAndOutput(t *testing.T) {
	warning := "globalDeploymentPolicy: {ttl: 7200}\n"
	for name, tc := range map[string]struct {
		files  map[string]string
		stdin  string
		args   []string
		status int
		out    string // part of standard output
		err    string // start of standard error
	}{
		"clean":           {files: map[string]string{"v.yaml": "globalDeploymentPolicy: {ttl: 20}\n"}, args: []string{"v.yaml"}, out: "no errors, no warnings in 1 document of 1 file"},
		"mistake":         {files: map[string]string{"v.yaml": wrongWeight}, args: []string{"-f", "v.yaml"}, status: 1, out: "v.yaml:3:18: error: globalDeploymentPolicy.trafficSplit[0].weight: 30 is out of range [weight-range]\n    use 1 to 20"},
		"folder":          {files: map[string]string{"a/b/v.yaml": wrongWeight, "a/.git/v.yaml": "a: b: c", "a/other.yaml": "x: 1\n", "a/note.txt": "a: b: c"}, args: []string{"a"}, status: 1, out: "a/b/v.yaml:3:18"},
		"templates":       {files: map[string]string{"c/Chart.yaml": "name: amko\n", "c/templates/g.yaml": "kind: Ingress\nx: {{ .y }}\n", "c/values.yaml": "configs: {tenant: admin, amkoUUID: ''}\n"}, args: []string{"c"}, out: "no errors"},
		"standard input":  {stdin: wrongWeight, args: []string{"-"}, status: 1, out: "stdin:3:18: error"},
		"warning":         {files: map[string]string{"v.yaml": warning}, args: []string{"v.yaml"}, out: "1 warning"},
		"strict":          {files: map[string]string{"v.yaml": warning}, args: []string{"v.yaml", "--strict"}, status: 1, out: "1 warning"},
		"disabled":        {files: map[string]string{"v.yaml": warning}, args: []string{"v.yaml", "--strict", "--disable", "ttl-extreme"}, out: "no warnings"},
		"json":            {files: map[string]string{"v.yaml": wrongWeight}, args: []string{"v.yaml", "--output", "json"}, status: 1, out: `"rule": "weight-range"`},
		"sarif":           {files: map[string]string{"v.yaml": wrongWeight}, args: []string{"v.yaml", "-o", "sarif"}, status: 1, out: `"startLine": 3`},
		"rules":           {args: []string{"--rules"}, out: "weight-range"},
		"twice":           {files: map[string]string{"v.yaml": wrongWeight}, args: []string{"v.yaml", "./v.yaml", "."}, status: 1, out: "1 error, no warnings in 1 document of 1 file"},
		"unknown output":  {files: map[string]string{"v.yaml": warning}, args: []string{"v.yaml", "-o", "xml"}, status: 2, err: `gslbsim lint: --output: "xml" is not known`},
		"unknown rule":    {files: map[string]string{"v.yaml": warning}, args: []string{"v.yaml", "--disable", "ttl"}, status: 2, err: `gslbsim lint: --disable: no rule is named "ttl"`},
		"no file":         {status: 2, err: "gslbsim lint: give files or folders"},
		"missing file":    {args: []string{"none.yaml"}, status: 2, err: "gslbsim lint: none.yaml cannot be read: no such file or directory\n"},
		"nothing in it":   {files: map[string]string{"a/x.yaml": "x: 1\n"}, args: []string{"a"}, status: 2, err: "gslbsim lint: nothing about GSLB found"},
		"nothing at all":  {files: map[string]string{"a/x.txt": "x\n"}, args: []string{"a"}, status: 2, err: "gslbsim lint: nothing about GSLB found"},
		"unrelated named": {files: map[string]string{"x.yaml": "x: 1\n"}, args: []string{"x.yaml"}, status: 1, out: "[unrecognized]"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			status, stdout, stderr := lintIn(t, tc.files, tc.stdin, tc.args...)
			g.Expect(status).To(Equal(tc.status), stdout+stderr)
			g.Expect(stdout).To(ContainSubstring(tc.out))
			g.Expect(stderr).To(HavePrefix(tc.err))
		})
	}
}

// The manifests that come with gslbsim are without fault.
func TestLintOwnScenarios(t *testing.T) {
	g := NewWithT(t)
	t.Chdir(t.TempDir())
	for _, name := range scenarios.Names() {
		s, err := load(name)
		g.Expect(err).NotTo(HaveOccurred())
		var out, errs bytes.Buffer
		g.Expect(execute(context.Background(), []string{"copy", name}, &out, &errs)).To(BeZero(), errs.String())
		args := []string{"lint", "--strict", "--subdomain", s.World.GSLB.Subdomains[0], name}
		g.Expect(execute(context.Background(), args, &out, &errs)).To(BeZero(), out.String()+errs.String())
	}
}
