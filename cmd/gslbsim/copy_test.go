package main

import (
	"bytes"
	"context"
	"os"
	"testing"

	. "github.com/onsi/gomega"
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
	g := NewWithT(t)
	status, stdout, stderr := gslbsim(t, "copy", "failover", "mine/first")
	g.Expect(status).To(BeZero(), stderr)
	g.Expect(stdout).To(HaveSuffix("files copied to mine/first\nrun it: gslbsim run mine/first/failover.yaml\n"))
	g.Expect(left(t)).To(ContainElements("mine/first/failover.yaml", "mine/first/topologies/two-regions.yaml", "mine/first/failover/region02/10-operator.yaml"))
	var out, errs bytes.Buffer
	g.Expect(execute(context.Background(), []string{"run", "mine/first/failover.yaml", "--out", "copy"}, &out, &errs)).To(BeZero(), errs.String())
	g.Expect(execute(context.Background(), []string{"run", "failover", "--out", "original"}, &out, &errs)).To(BeZero(), errs.String())
	copied, err := os.ReadFile("copy/failover/events.jsonl")
	g.Expect(err).NotTo(HaveOccurred())
	original, err := os.ReadFile("original/failover/events.jsonl")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(bytes.Equal(copied, original)).To(BeTrue())
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
