package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/vmware/alb-sdk/go/session"

	"github.com/gslbsim/gslbsim/fakeavi/avitest"
	"github.com/gslbsim/gslbsim/fakeavi/live"
	"github.com/gslbsim/gslbsim/operator/preview"
	"github.com/gslbsim/gslbsim/scenarios"
)

// failoverFiles unpacks the scenarios into a folder of the test's own and goes to the manifests of failover.
func failoverFiles(t *testing.T) {
	t.Helper()
	t.Chdir(t.TempDir())
	if err := os.CopyFS(".", scenarios.Files); err != nil {
		t.Fatal(err)
	}
	t.Chdir("failover")
}

var bothRegions = []string{"--cluster", "aclab-vks-01=region01", "--cluster", "aclab-vks-02=region02"}

func plan(t *testing.T, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	return here(append([]string{"plan"}, args...)...)
}

// here runs gslbsim in the folder where the test is.
func here(args ...string) (status int, stdout, stderr string) {
	var out, errs bytes.Buffer
	status = execute(context.Background(), args, &out, &errs)
	return status, out.String(), errs.String()
}

func TestPlanAgainstNothing(t *testing.T) {
	g := NewWithT(t)
	failoverFiles(t)
	status, out, errs := plan(t, bothRegions...)
	g.Expect(status).To(BeZero(), errs)
	g.Expect(out).To(And(
		HavePrefix("+ gslbservice admin/application01.gslb.aclab.uk\n    + pool amko-gs-group-10: priority 10"),
		ContainSubstring("+ member VIP of application01.gslb.aclab.uk in aclab-vks-01 of pool amko-gs-group-20: ratio 10\n"),
		HaveSuffix("\n2 to create, 0 to update, 0 to replace, 0 to delete, 0 unchanged\n")))
	status, _, _ = plan(t, append(bothRegions, "--exit-code")...)
	g.Expect(status).To(Equal(3))
}

// What is planned, a controller accepts as it is; after that nothing is left to plan, neither live nor from a snapshot.
//
// Shows: plan-only-reads
func TestPlanAgainstAController(t *testing.T) {
	g := NewWithT(t)
	failoverFiles(t)
	asServed(t)
	_, out, errs := plan(t, append(bothRegions, "--json")...)
	var planned preview.Plan
	g.Expect(json.Unmarshal([]byte(out), &planned)).To(Succeed(), errs)

	a := avitest.Start(t, func(c *live.Config) { c.Domains = []string{"gslb.aclab.uk"} })
	for _, kind := range []string{"healthmonitor", "gslbservice"} {
		for _, c := range planned.Changes {
			if c.Type != kind {
				continue
			}
			var reply any
			g.Expect(a.Client.AviSession.Post("api/"+kind, c.Body, &reply, session.SetOptTenant(c.Tenant))).To(Succeed(), string(c.Body))
		}
	}
	onController := append(bothRegions, "--controller", "https://"+a.Leader.Listen.String(), "--password", live.DefaultPassword, "--exit-code")
	status, out, errs := plan(t, onController...)
	g.Expect(status).To(BeZero(), out+errs)
	g.Expect(out).To(HaveSuffix("0 to create, 0 to update, 0 to replace, 0 to delete, 2 unchanged\n"))

	status, state, errs := here("avi", "snapshot", "https://"+a.Leader.Listen.String(), "--password", live.DefaultPassword)
	g.Expect(status).To(BeZero(), errs)
	file := filepath.Join(t.TempDir(), "state.json")
	g.Expect(os.WriteFile(file, []byte(state), 0o600)).To(Succeed())
	status, out, errs = plan(t, append(bothRegions, "--snapshot", file, "--exit-code")...)
	g.Expect(status).To(BeZero(), out+errs)

	replaceIn(t, "region01/10-operator.yaml", "ttl: 20", "ttl: 30")
	status, out, _ = plan(t, append(bothRegions, "--snapshot", file, "--exit-code")...)
	g.Expect(status).To(Equal(3))
	g.Expect(out).To(HavePrefix("~ gslbservice admin/application01.gslb.aclab.uk\n    ~ ttl: 20 -> 30\n\n"))
}

// asServed gives the Ingresses the status that AKO would, and makes the policy take nothing else of them: there are no virtual
// services.
func asServed(t *testing.T) {
	t.Helper()
	for region, vip := range map[string]string{"01": "10.1.0.1", "02": "10.2.0.1"} {
		replaceIn(t, "region"+region+"/20-application.yaml", "spec:\n",
			"status: {loadBalancer: {ingress: [{ip: "+vip+", hostname: application01.gslb.aclab.uk}]}}\nspec:\n")
		replaceIn(t, "region01/10-operator.yaml", "    - cluster: aclab-vks-"+region+"\n", "    - cluster: aclab-vks-"+region+"\n      syncVipOnly: true\n")
	}
}

// replaceIn replaces the first occurrence of a text in a file.
func replaceIn(t *testing.T, file, from, to string) {
	t.Helper()
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(src, []byte(from)) {
		t.Fatalf("%s has no %q", file, from)
	}
	if err := os.WriteFile(file, bytes.Replace(src, []byte(from), []byte(to), 1), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestPlanMistakes(t *testing.T) {
	failoverFiles(t)
	for name, text := range map[string]string{"bad.yaml": "apiVersion: v1\nkind: Namespace\nmetadata: {nmae: x}\n", "none.json": "{}"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, tc := range map[string]struct {
		args []string
		want string
	}{
		"nothing":           {nil, "gslbsim plan: give the operator's own objects with -f"},
		"argument":          {[]string{"region01"}, "gslbsim plan: region01: files of the operator's own cluster are given with -f"},
		"no context":        {[]string{"--cluster", "region01"}, "gslbsim plan: --cluster region01: write CONTEXT=FILE or CONTEXT=FOLDER"},
		"unknown context":   {[]string{"-f", "region01", "--cluster", "vks-03=region02"}, "gslbsim plan: cluster vks-03 is no member cluster of GSLBConfig gc-1 (aclab-vks-01, aclab-vks-02)"},
		"no configuration":  {[]string{"--cluster", "aclab-vks-02=region02"}, "gslbsim plan: no cluster that leads has a GSLBConfig"},
		"missing folder":    {[]string{"-f", "region03"}, "gslbsim plan: region03 cannot be read: no such file or directory"},
		"mistake in a file": {[]string{"-f", "bad.yaml"}, "bad.yaml:3: metadata.nmae: unknown field (did you mean name?)"},
		"two controllers":   {append(bothRegions, "--controller", "x", "--snapshot", "y"), "gslbsim plan: --controller and --snapshot: give one of them"},
		"missing snapshot":  {append(bothRegions, "--snapshot", "y"), "gslbsim plan: --snapshot: y cannot be read: no such file or directory"},
		"no snapshot":       {append(bothRegions, "--snapshot", "none.json"), "gslbsim plan: --snapshot: none.json is no snapshot"},
		"no password":       {append(bothRegions, "--controller", "https://127.0.0.1:1"), "gslbsim plan: no password"},
		"controller not there": {append(bothRegions, "--controller", "https://127.0.0.1:1", "--password", "x"),
			"gslbsim plan: --controller: "},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			status, out, errs := plan(t, tc.args...)
			g.Expect(status).To(Equal(2), out)
			g.Expect(out).To(BeEmpty())
			g.Expect(errs).To(HavePrefix(tc.want))
		})
	}
}

// A policy that the operator would refuse is a problem of the plan, not a mistake in the files.
func TestPlanWithARefusedPolicy(t *testing.T) {
	g := NewWithT(t)
	failoverFiles(t)
	replaceIn(t, "region01/10-operator.yaml", "  trafficSplit:", "  healthMonitorRefs: [none]\n  trafficSplit:")
	status, out, _ := plan(t, bothRegions...)
	g.Expect(status).To(Equal(1))
	g.Expect(out).To(ContainSubstring("problem: GlobalDeploymentPolicy global-gdp: health monitor ref none is invalid: the operator would change nothing\n"))
}

// Values of the chart stand in for the objects that it makes of them, and give the same plan.
func TestPlanOfChartValues(t *testing.T) {
	g := NewWithT(t)
	lab, err := filepath.Abs(filepath.Join(labsFolder, "online-shop"))
	g.Expect(err).NotTo(HaveOccurred())
	want, err := os.ReadFile(filepath.Join(lab, "expected.txt"))
	g.Expect(err).NotTo(HaveOccurred())
	args := []string{"-f", filepath.Join(lab, "values.yaml"),
		"--cluster", "nsxbaas-tkg-wld-site01-admin@nsxbaas-tkg-wld-site01=" + filepath.Join(lab, "site01"),
		"--cluster", "site02-nsxbaas-tkg-wld-admin@site02-nsxbaas-tkg-wld=" + filepath.Join(lab, "site02")}
	status, out, errs := plan(t, args...)
	g.Expect(status).To(BeZero(), errs)
	services, _, _ := bytes.Cut(want, []byte("note:"))
	g.Expect(out).To(HavePrefix(string(services)))

	status, _, errs = plan(t, "-f", filepath.Join(lab, "values.yaml"), "-f", filepath.Join(lab, "values.yaml"))
	g.Expect(status).To(Equal(2))
	g.Expect(errs).To(ContainSubstring("are both values of the chart; give one file"))

	t.Chdir(t.TempDir())
	g.Expect(os.WriteFile("values.yaml", []byte(wrongWeight), 0o600)).To(Succeed())
	status, out, errs = plan(t, "-f", "values.yaml")
	g.Expect(status).To(Equal(2), out)
	g.Expect(errs).To(HavePrefix("values.yaml:3:18: error: globalDeploymentPolicy.trafficSplit[0].weight: 30 is out of range"))
}
