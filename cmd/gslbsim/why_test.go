package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/dns"
	"github.com/gslbsim/gslbsim/sim/result"
)

// Three seconds after the virtual service of region01 was disabled, region01 knows it from its own controller while
// region02 has not heard of it yet.
func TestWhyInAScenario(t *testing.T) {
	g := NewWithT(t)
	status, stdout, stderr := gslbsim(t, "why", "Application01.aclab.uk", "--scenario", "failover", "--at", "2m3s")
	g.Expect(status).To(BeZero(), stderr)
	g.Expect(stderr).To(BeEmpty())
	g.Expect(left(t)).To(BeEmpty())
	region01, region02, _ := strings.Cut(stdout, "\n\n")
	g.Expect(region01).To(Equal(`at 2m3s, DNS virtual service 10.166.111.1 of region01
alias: application01.aclab.uk, in the parent zone
query: application01.gslb.aclab.uk. A from 10.20.0.1
match: GSLB service application01.gslb.aclab.uk at application01.gslb.aclab.uk.
service: enabled, pools by priority, 1 per answer, TTL 20 s, down response none
pool amko-gs-group-20: priority 20, round robin, 0 of 1 members usable, not chosen: no usable member
  10.166.111.10 at region01, ratio 10: down (for 2.988s; virtual service is disabled)
pool amko-gs-group-10: priority 10, round robin, 1 of 1 members usable, chosen: highest usable priority
  10.166.111.138 at region02, ratio 10: up, answered
algorithm: round robin
outcome: answered, NOERROR
  application01.gslb.aclab.uk. 20 IN A 10.166.111.138`))
	g.Expect(region02).To(And(HavePrefix("at 2m3s, DNS virtual service 10.166.111.129 of region02\n"),
		ContainSubstring("  10.166.111.10 at region01, ratio 10: up, answered (really down for 2.989s, not noticed here so far)\n")))
}

// At clock zero no client has asked yet, which is nothing to complain of.
func TestWhyBeforeAnyClientAsked(t *testing.T) {
	g := NewWithT(t)
	status, stdout, stderr := gslbsim(t, "why", "application01.aclab.uk", "--scenario", "failover")
	g.Expect(status).To(BeZero())
	g.Expect(stderr).To(BeEmpty())
	g.Expect(stdout).To(HavePrefix("at 0s, "))
}

func TestWhyAsksOneSiteAsJSON(t *testing.T) {
	g := NewWithT(t)
	status, stdout, stderr := gslbsim(t, "why", "application01.gslb.aclab.uk", "--scenario", "failover", "--at", "11m",
		"--site", "region01", "--json")
	g.Expect(status).To(BeZero(), stderr)
	g.Expect(stdout).To(MatchJSON(`[{"at_ms": 660000, "site": "region01", "server": "10.166.111.1", "silent": "the service engines have no power"}]`))
	status, stdout, stderr = gslbsim(t, "why", "application01.gslb.aclab.uk", "--scenario", "failover", "--at", "11m",
		"--site", "region02", "--json", "--client", "192.0.2.9", "--subnet", "198.51.100.0/24", "--type", "aaaa")
	g.Expect(status).To(BeZero(), stderr)
	var all []result.Why
	g.Expect(json.Unmarshal([]byte(stdout), &all)).To(Succeed())
	g.Expect(all).To(HaveLen(1))
	d := all[0].Decision
	g.Expect(d.Question.Client.String()).To(Equal("192.0.2.9"))
	g.Expect(d.Question.Subnet).To(Equal("198.51.100.0/24"))
	g.Expect(d.Question.Type).To(Equal("AAAA"))
	g.Expect(d.Answer.Outcome).To(Equal("empty answer"))
	g.Expect(d.Pools).To(HaveLen(2))
}

// The table of a file is asked before anybody else, so that equal commands give equal answers.
func TestWhyInATable(t *testing.T) {
	g := NewWithT(t)
	t.Chdir(t.TempDir())
	g.Expect(os.WriteFile("table.yaml", []byte(`kind: DNS
profile: {domains: [gslb.example]}
services:
- domains: [app.gslb.example]
  name: app
  pools:
  - {name: near, priority: 20, members: [{ip: 192.0.2.1, site: london, up: false}]}
  - {name: far, priority: 10, algorithm: consistent-hash, consistent-hash-mask: 24, members: [{ip: 192.0.2.2, ratio: 3}]}
`), 0o600)).To(Succeed())
	var out, errs bytes.Buffer
	why := func(args ...string) int {
		out.Reset()
		errs.Reset()
		return execute(context.Background(), append([]string{"why", "app.gslb.example"}, args...), &out, &errs)
	}
	g.Expect(why("--config", "table.yaml", "--client", "198.51.100.7")).To(BeZero(), errs.String())
	g.Expect(out.String()).To(Equal(`query: app.gslb.example. A from 198.51.100.7
match: GSLB service app at app.gslb.example.; authoritative for gslb.example.
service: enabled, pools by priority, 1 per answer, TTL 30 s, down response none
pool near: priority 20, round robin, 0 of 1 members usable, not chosen: no usable member
  192.0.2.1 at london, ratio 1: down
pool far: priority 10, consistent hash, 1 of 1 members usable, chosen: highest usable priority
  192.0.2.2, ratio 3: up, answered
algorithm: consistent hash
outcome: answered, NOERROR
  app.gslb.example. 30 IN A 192.0.2.2
`))
	g.Expect(why("--config", "table.yaml", "--subnet", "203.0.113.0/28", "--json")).To(BeZero(), errs.String())
	var e dns.Explanation
	g.Expect(json.Unmarshal(out.Bytes(), &e)).To(Succeed())
	g.Expect(e.Question.Scope).To(Equal(24))
	g.Expect(e.Question.SubnetUsed).To(BeTrue())
	g.Expect(why("--config", "table.yaml", "--scenario", "failover")).To(Equal(2))
	g.Expect(why("--config", "none.yaml")).To(Equal(2))
	g.Expect(errs.String()).To(ContainSubstring("none.yaml: no such file or directory"))
}

func TestWhyWithUnusableInput(t *testing.T) {
	in := func(args ...string) []string {
		return append([]string{"why", "a.gslb.aclab.uk", "--scenario", "failover"}, args...)
	}
	for name, tc := range map[string]struct {
		args []string
		want string
	}{
		"no name":          {[]string{"why"}, "gslbsim why: give one name"},
		"nothing to ask":   {[]string{"why", "a.gslb.aclab.uk"}, "gslbsim why: say what to ask"},
		"no such scenario": {[]string{"why", "a", "--scenario", "failovr"}, `gslbsim why: no scenario "failovr" (did you mean "failover"?)`},
		"no such site":     {in("--site", "region1"), `gslbsim why: no site "region1" has a DNS virtual service that hosts GSLB services (did you mean "region01"?)`},
		"behind the end":   {in("--at", "20m"), "gslbsim why: the instant 20m0s is outside of the scenario, which goes from 0s to 20m0s"},
		"no such type":     {in("--type", "AX"), "gslbsim why: --type AX: no such type of DNS records"},
		"no address":       {in("--client", "10.0.0"), "gslbsim why: --client 10.0.0: use an IP address"},
		"no network":       {in("--subnet", "10.0.0.0"), "gslbsim why: --subnet 10.0.0.0: use a network"},
		"file and site":    {[]string{"why", "a", "--config", "t.yaml", "--site", "region01"}, "gslbsim why: --config asks a file: --scenario, --site, --at and --break do not go with it"},
		"no such sabotage": {in("--break", "x"), "gslbsim why: --break: no such sabotage"},
		"no domain name":   {[]string{"why", "a..b", "--scenario", "failover"}, `gslbsim why: "a..b" is not a domain name`},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			status, stdout, stderr := gslbsim(t, tc.args...)
			g.Expect(status).To(Equal(2))
			g.Expect(stdout).To(BeEmpty())
			g.Expect(stderr).To(HavePrefix(tc.want))
		})
	}
}
