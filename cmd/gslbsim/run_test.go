package main

import (
	"bytes"
	"context"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/scenarios"
	"github.com/gslbsim/gslbsim/sim"
)

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	flag.Parse() // before quietLibraries, which leaves no arguments
	quietLibraries()
	os.Exit(m.Run())
}

// gslbsim runs a command line in an empty folder and returns its exit status and what it printed.
func gslbsim(t *testing.T, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	t.Chdir(t.TempDir())
	var out, errs lines // controller-runtime may still log when the operator has returned
	status = execute(context.Background(), args, &out, &errs)
	return status, out.String(), errs.String()
}

// left returns the files that a command left in its folder.
func left(t *testing.T) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(".", func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			out = append(out, filepath.ToSlash(p))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestRunPassesAndLeavesItsReports(t *testing.T) {
	g := NewWithT(t)
	status, stdout, stderr := gslbsim(t, "run", "failover")
	g.Expect(status).To(BeZero(), stdout+stderr)
	g.Expect(stderr).To(BeEmpty())
	g.Expect(len(strings.Split(strings.TrimSpace(stdout), "\n"))).To(BeNumerically("<=", 24))
	g.Expect(stdout).To(And(ContainSubstring("PASS"), ContainSubstring("gslbsim run failover --seed 1"), ContainSubstring("digest")))
	g.Expect(left(t)).To(ConsistOf("out/failover/report.html", "out/failover/report.json", "out/failover/events.jsonl",
		"out/failover/junit.xml", "out/failover/answers.csv"))
}

// Every way to break the stack ends with status 1 and names the promise that broke.
func TestSabotageIsCaught(t *testing.T) {
	broken := map[string]string{
		"priority-swapped": "steady: 100 % region01",
		"ttl-ignored":      "vs-disabled -> region02, clients",
		"replication-cut":  "equal configuration on all controllers",
		"health-frozen":    "nobody is answered with a dead member",
		"member-lost":      "every live name is answered",
	}
	for _, name := range sim.SabotageNames() {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			g.Expect(broken).To(HaveKey(name), "a sabotage without a test")
			status, stdout, stderr := gslbsim(t, "run", "failover", "--break", name)
			g.Expect(status).To(Equal(1), stdout+stderr)
			junit, err := os.ReadFile("out/failover/junit.xml")
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(failures(string(junit))).To(ContainElement(broken[name]))
			g.Expect(stdout).To(And(ContainSubstring("BROKEN"), ContainSubstring("--break "+name)))
		})
	}
}

// failures returns the names of the test cases that a JUnit file says have failed.
func failures(junit string) []string {
	var out []string
	for _, c := range strings.Split(junit, "<testcase ")[1:] {
		name, _, _ := strings.Cut(strings.SplitN(c, `name="`, 2)[1], `"`)
		if strings.Contains(c, "<failure") {
			out = append(out, strings.NewReplacer("&gt;", ">", "&#34;", `"`).Replace(name))
		}
	}
	return out
}

// Unusable input is told in one line, ends with status 2 and leaves nothing behind.
func TestUnusableInput(t *testing.T) {
	for name, tc := range map[string]struct {
		args []string
		want string
	}{
		"unknown scenario":  {[]string{"run", "failovr"}, `gslbsim run: no scenario "failovr" (did you mean "failover"?); for one of your own give the path of its file`},
		"unknown file":      {[]string{"run", "./nothing.yaml"}, "nothing.yaml: no such file or directory"},
		"no scenario":       {[]string{"run"}, "gslbsim run: give the name of one scenario (failover, geo) or the path of a file"},
		"unknown sabotage":  {[]string{"run", "failover", "--break", "ttl"}, `gslbsim run: --break: no such sabotage: "ttl"; known are priority-swapped, ttl-ignored, replication-cut, health-frozen, member-lost`},
		"unknown flag":      {[]string{"run", "failover", "--sed", "1"}, "gslbsim run: unknown flag: --sed (did you mean --seed?); see gslbsim run --help"},
		"seed of no number": {[]string{"run", "failover", "--seed", "x"}, "gslbsim run: --seed x: use a whole number from 0 to 18446744073709551615; see gslbsim run --help"},
		"huge seed":         {[]string{"run", "failover", "--seed", "99999999999999999999"}, "gslbsim run: --seed 99999999999999999999: use a whole number from 0 to 18446744073709551615; "},
		"folder":            {[]string{"run", "./"}, ".: is a directory"},
		"argument of list":  {[]string{"list", "failover"}, `gslbsim list: there is no argument "failover"; see gslbsim list --help`},
		"version":           {[]string{"version"}, `gslbsim: there is no command "version" (gslbsim --version tells it)`},
		"unknown command":   {[]string{"rum"}, `gslbsim: there is no command "rum" (did you mean "run"?)`},
		"no such command":   {[]string{"frobnicate"}, `gslbsim: there is no command "frobnicate" (gslbsim --help lists the commands)`},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			status, stdout, stderr := gslbsim(t, tc.args...)
			g.Expect(status).To(Equal(2))
			g.Expect(stdout).To(BeEmpty())
			g.Expect(stderr).To(HavePrefix(tc.want))
			g.Expect(left(t)).To(BeEmpty())
		})
	}
}

// A scenario of one's own with a mistake in one of its files: file, line and field, and nothing written.
func TestMistakesInFiles(t *testing.T) {
	for name, tc := range map[string]struct{ file, from, to, want string }{
		"misspelt field":   {"failover.yaml", "duration:", "duratoin:", `failover.yaml:9: duratoin: no such field (did you mean "duration"?)`},
		"weight":           {"failover/region01/10-operator.yaml", "weight: 10", "weight: 21", "failover/region01/10-operator.yaml:60: spec.trafficSplit[0].weight: 21 is out of range (use 1 to 20)"},
		"foreign host":     {"failover/region01/20-application.yaml", "host: application01.gslb", "host: application01.local", "failover/region01/20-application.yaml:15: spec.rules[0].host: host application01.local.aclab.uk is outside of the GSLB subdomains (gslb.aclab.uk)"},
		"misspelt in kube": {"failover/region01/20-application.yaml", "ingressClassName", "ingresClassName", "failover/region01/20-application.yaml:10: spec.ingresClassName: "},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			t.Chdir(t.TempDir())
			g.Expect(os.CopyFS(".", scenarios.Files)).To(Succeed())
			src, err := os.ReadFile(tc.file)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(string(src)).To(ContainSubstring(tc.from))
			g.Expect(os.WriteFile(tc.file, []byte(strings.Replace(string(src), tc.from, tc.to, 1)), 0o600)).To(Succeed())
			var out, errs bytes.Buffer
			g.Expect(execute(context.Background(), []string{"run", "./failover.yaml"}, &out, &errs)).To(Equal(2))
			g.Expect(errs.String()).To(HavePrefix(tc.want))
			g.Expect(strings.Count(strings.TrimSpace(errs.String()), "\n")).To(BeZero(), "one clear error: %s", errs.String())
			g.Expect("out").NotTo(BeADirectory())
		})
	}
}

func TestOwnScenarioRunsByItsPath(t *testing.T) {
	g := NewWithT(t)
	t.Chdir(t.TempDir())
	g.Expect(os.CopyFS("mine", scenarios.Files)).To(Succeed())
	var out, errs bytes.Buffer
	g.Expect(execute(context.Background(), []string{"run", "mine/failover.yaml", "--seed", "5", "--out", "here"}, &out, &errs)).To(BeZero(), out.String()+errs.String())
	g.Expect("here/failover/report.html").To(BeAnExistingFile())
	g.Expect(out.String()).To(ContainSubstring("gslbsim run mine/failover.yaml --seed 5"))
}

func TestReportsThatCannotBeWritten(t *testing.T) {
	g := NewWithT(t)
	t.Chdir(t.TempDir())
	g.Expect(os.WriteFile("out", nil, 0o600)).To(Succeed())
	var out, errs bytes.Buffer
	g.Expect(execute(context.Background(), []string{"run", "failover"}, &out, &errs)).To(Equal(2))
	g.Expect(errs.String()).To(And(ContainSubstring("make the folder for the reports"), ContainSubstring("out")))
}

// A full disk is no success.
func TestListWithoutRoom(t *testing.T) {
	g := NewWithT(t)
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("no /dev/full here")
	}
	defer full.Close()
	for _, args := range [][]string{{"list"}, {"list", "--names"}} {
		var errs bytes.Buffer
		g.Expect(execute(context.Background(), args, full, &errs)).To(Equal(2))
		g.Expect(errs.String()).To(And(HavePrefix("gslbsim list: "), ContainSubstring("no space left on device")))
	}
}

func TestListAndHelp(t *testing.T) {
	g := NewWithT(t)
	status, stdout, _ := gslbsim(t, "list")
	g.Expect(status).To(BeZero())
	g.Expect(stdout).To(MatchRegexp(`failover +Priority failover`))
	_, stdout, _ = gslbsim(t, "list", "--names")
	g.Expect(stdout).To(Equal("failover\ngeo\n"))
	for _, args := range [][]string{{}, {"--help"}, {"run", "--help"}} {
		status, stdout, stderr := gslbsim(t, args...)
		g.Expect(status).To(BeZero())
		g.Expect(stdout).To(ContainSubstring("gslbsim run failover"), "%v", args)
		g.Expect(stderr).To(BeEmpty())
		for _, line := range strings.Split(stdout, "\n") {
			g.Expect(len(line)).To(BeNumerically("<=", 110), line)
		}
	}
}
