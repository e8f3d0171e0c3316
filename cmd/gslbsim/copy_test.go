package main

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/scenarios"
)

// A scenario's geo database is copied along with its topology.
func TestACopyHasItsGeoDatabase(t *testing.T) {
	g := NewWithT(t)
	status, _, stderr := gslbsim(t, "copy", "geo", "mine")
	g.Expect(status).To(BeZero(), stderr)
	g.Expect(left(t)).To(ContainElement("mine/topologies/two-continents.csv"))
	var out, errs bytes.Buffer
	g.Expect(execute(context.Background(), []string{"run", "mine/geo.yaml"}, &out, &errs)).To(BeZero(), errs.String())
}

// What copy leaves is a scenario that runs, to the same bytes as the one that comes along.
func TestACopyRunsLikeItsOriginal(t *testing.T) {
	for _, name := range scenarios.Names() {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			status, stdout, stderr := gslbsim(t, "copy", name, "mine/first")
			g.Expect(status).To(BeZero(), stderr)
			file := "mine/first/" + name + ".yaml"
			g.Expect(stdout).To(HaveSuffix("files copied to mine/first\nrun it: gslbsim run " + file + "\n"))
			g.Expect(file).To(BeAnExistingFile())
			var out, errs bytes.Buffer
			g.Expect(execute(context.Background(), []string{"run", file, "--out", "copy"}, &out, &errs)).To(BeZero(), errs.String())
			g.Expect(execute(context.Background(), []string{"run", name, "--out", "original"}, &out, &errs)).To(BeZero(), errs.String())
			copied, err := os.ReadFile("copy/" + name + "/events.jsonl")
			g.Expect(err).NotTo(HaveOccurred())
			original, err := os.ReadFile("original/" + name + "/events.jsonl")
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(bytes.Equal(copied, original)).To(BeTrue())
		})
	}
}

// A report says how members are chosen where that is not by their ratio.
func TestAReportTellsTheAlgorithm(t *testing.T) {
	for name, geo := range map[string]bool{"geo": true, "failover": false} {
		status, stdout, stderr := gslbsim(t, "run", name)
		page, err := os.ReadFile("out/" + name + "/report.html")
		if status != 0 || err != nil {
			t.Fatal(stdout, stderr, err)
		}
		text := string(page)
		if strings.Contains(text, "Members are chosen by geo, not by their ratio.") != geo || strings.Contains(text, "Share of its pool") == geo {
			t.Errorf("%s: members chosen by geo is %v, and the page says otherwise", name, geo)
		}
	}
}

func TestCopyWithUnusableInput(t *testing.T) {
	for name, tc := range map[string]struct {
		args []string
		want string
	}{
		"no scenario":      {[]string{"copy"}, "gslbsim copy: give the name of one scenario"},
		"no such scenario": {[]string{"copy", "failovr"}, `gslbsim copy: no scenario "failovr" (did you mean "failover"?)`},
		"too much":         {[]string{"copy", "failover", "a", "b"}, "gslbsim copy: give the name of one scenario"},
		"a file":           {[]string{"copy", "failover", os.DevNull}, "gslbsim copy: " + os.DevNull + "/failover.yaml is there already, or its folder is none: give another folder"},
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

func TestCopyOverwritesNothing(t *testing.T) {
	g := NewWithT(t)
	t.Chdir(t.TempDir())
	g.Expect(os.MkdirAll("failover/topologies", 0o700)).To(Succeed())
	g.Expect(os.WriteFile("failover/topologies/two-regions.yaml", []byte("mine"), 0o600)).To(Succeed())
	var out, errs bytes.Buffer
	g.Expect(execute(context.Background(), []string{"copy", "failover"}, &out, &errs)).To(Equal(2))
	g.Expect(errs.String()).To(HavePrefix("gslbsim copy: failover/topologies/two-regions.yaml is there already"))
	g.Expect(left(t)).To(ConsistOf("failover/topologies/two-regions.yaml"))
}
