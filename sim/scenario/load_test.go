package scenario_test

import (
	"bytes"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/sim/scenario"
)

const folder = "../../scenarios"

// files returns the scenario files with one text replaced in one of them; the text must occur there.
func files(t *testing.T, name, from, to string) fs.FS {
	t.Helper()
	out := fstest.MapFS{}
	err := fs.WalkDir(os.DirFS(folder), ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		src, err := os.ReadFile(folder + "/" + p)
		if p == name {
			if !strings.Contains(string(src), from) {
				t.Fatalf("%s does not contain %q", name, from)
			}
			src = []byte(strings.Replace(string(src), from, to, 1))
		}
		out[p] = &fstest.MapFile{Data: src}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func load(f fs.FS) (*scenario.Scenario, error) {
	return scenario.Load(scenario.Source{Files: f, Name: "failover.yaml", Display: func(n string) string { return "scenarios/" + n }, Library: os.DirFS(folder)})
}

func TestFailoverIsRead(t *testing.T) {
	g := NewWithT(t)
	s, err := load(os.DirFS(folder))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(s.Duration).To(Equal(20 * time.Minute))
	g.Expect(s.World.WorkloadClusters()).To(Equal([]string{"aclab-vks-01", "aclab-vks-02"}))
	g.Expect(s.World.GSLBSites()[0].Name).To(Equal("region01"), "the leader comes first")
	g.Expect(s.Intents()).To(Equal([]scenario.Intent{{Host: "application01.gslb.aclab.uk", TTL: 20, Members: []scenario.IntendedMember{
		{Cluster: "aclab-vks-01", Site: "region01", Priority: 20, Ratio: 10, TLS: true},
		{Cluster: "aclab-vks-02", Site: "region02", Priority: 10, Ratio: 10, TLS: true},
	}}}))
	var phases []string
	for _, p := range s.Phases() {
		phases = append(phases, p.Name+" "+p.From.String())
	}
	g.Expect(phases).To(Equal([]string{"steady 0s", "vs-disabled 2m0s", "restored 6m0s", "region01-dark 10m0s", "returned 15m0s"}))
}

// lineOf returns the number of the line on which a text ends.
func lineOf(t *testing.T, f fs.FS, name, text string) string {
	t.Helper()
	src, err := fs.ReadFile(f, name)
	if err != nil {
		t.Fatal(err)
	}
	at := strings.Index(string(src), text) + len(strings.TrimRight(text, "\n"))
	return strconv.Itoa(1 + strings.Count(string(src)[:at], "\n"))
}

// Whatever is wrong is told in one line with file, line and field.
func TestMistakesAreRefused(t *testing.T) {
	const (
		play   = "failover.yaml"
		stage  = "topologies/two-regions.yaml"
		policy = "failover/region01/10-operator.yaml"
		app    = "failover/region02/20-application.yaml"
	)
	for name, tc := range map[string]struct{ file, from, to, want string }{
		"misspelt field of the scenario":  {play, "duration: 20m", "duratoin: 20m", `scenarios/failover.yaml:LINE: duratoin: no such field (did you mean "duration"?)`},
		"misspelt kind of a fault":        {play, "power-off: {site: region01}", "power-of: {site: region01}", `scenarios/failover.yaml:LINE: timeline[1].power-of: no such field or kind (did you mean "power-off"?)`},
		"misspelt field of a fault":       {play, "power-off: {site: region01}", "power-off: {sites: region01}", `scenarios/failover.yaml:LINE: timeline[1].power-off.sites: no such field (did you mean "site"?)`},
		"no fault":                        {play, "    power-off: {site: region01}\n", "", "timeline[1]: says nothing to do; give one of disable-virtual-service, power-off"},
		"unknown site":                    {play, "power-off: {site: region01}", "power-off: {site: region03}", `scenarios/failover.yaml:LINE: timeline[1].power-off.site: no such site: "region03"; known sites are [region01 region02`},
		"end before beginning":            {play, "until: 15m", "until: 9m", "scenarios/failover.yaml:LINE: timeline[1].until: must be after 10m0s and before the end (20m0s), not 9m0s"},
		"phase twice":                     {play, "then: returned", "then: restored", `timeline[1].then: there is a phase named "restored" already`},
		"misspelt phase":                  {play, "{phase: steady, share", "{phase: stedy, share", `promises[0].answers.phase: no such phase: "stedy"; known are steady, vs-disabled, restored, region01-dark, returned`},
		"share of 90":                     {play, "{phase: steady, share: {region01: 100}}", "{phase: steady, share: {region01: 90}}", "promises[0].answers.share: must add up to 100, not 90"},
		"unknown promise":                 {play, "- always-answered: {}", "- always-answerd: {}", `promises[10].always-answerd: no such field or kind (did you mean "always-answered"?)`},
		"alias outside":                   {play, "name: application01.aclab.uk", "name: application01.example.com", "aliases[0].name: application01.example.com is not in the parent zone aclab.uk"},
		"unknown cluster":                 {play, "cluster: aclab-vks-02", "cluster: aclab-vks-2", `manifests[1].cluster: no such cluster: "aclab-vks-2"; known are [aclab-vks-01 aclab-vks-02 aclab-vks-mgmt]`},
		"missing manifests":               {play, "files: [failover/region02]", "files: [failover/region03]", "scenarios/failover.yaml:LINE: manifests[1].files[0]: scenarios/failover/region03: file does not exist"},
		"missing topology":                {play, "two-regions.yaml", "three-regions.yaml", "scenarios/failover.yaml:6: topology: there is no file scenarios/topologies/three-regions.yaml"},
		"no traffic":                      {play, "clients: 200", "clients: 0", "traffic[0].clients: must be at least 1"},
		"not yaml":                        {play, "kind: Scenario", "kind: [Scenario", "scenarios/failover.yaml:"},
		"misspelt field of the topology":  {stage, "leader: region01", "leeder: region01", `scenarios/topologies/two-regions.yaml:LINE: gslb.leeder: no such field (did you mean "leader"?)`},
		"address twice":                   {stage, "address: 10.166.101.32", "address: 10.166.101.30", "sites[1].controller.address: 10.166.101.30 is the address of the controller of region01 already"},
		"no address":                      {stage, "address: 10.166.101.32", "address: 10.166.101.320", `sites[1].controller.address: must be an IP address, not "10.166.101.320"`},
		"leader without controller":       {stage, "leader: region01", "leader: london", "gslb.leader: site london has no controller"},
		"subdomain elsewhere":             {stage, "[gslb.aclab.uk]", "[gslb.example.com]", "gslb.subdomains[0]: gslb.example.com is not under the parent zone aclab.uk"},
		"link to nowhere":                 {stage, "between: [region01, region02]", "between: [region01, region2]", `links[0].between[1]: no such site: "region2"`},
		"unknown host of a fault":         {play, "host: application01.gslb.aclab.uk}", "host: aplication01.gslb.aclab.uk}", `scenarios/failover.yaml:LINE: timeline[0].disable-virtual-service.host: no virtual service of region01 serves "aplication01.gslb.aclab.uk"; known are application01.gslb.aclab.uk, application01.region01.aclab.uk`},
		"nothing to power off":            {play, "power-off: {site: region01}", "power-off: {site: london}", `scenarios/failover.yaml:LINE: timeline[1].power-off.site: no such site: "london"; known sites are [region01 region02 management]`},
		"end of what never ends":          {play, "    until: 15m\n    name: region01-dark\n    then: returned\n", "    name: region01-dark\n", "promises[7].flips.ends: region01-dark never ends: give it an end (until), or leave this out"},
		"promise about an unknown host":   {play, "{phase: steady, share", "{phase: steady, host: app.gslb.aclab.uk, share", `scenarios/failover.yaml:LINE: promises[0].answers.host: no GSLB service or alias of this name: "app.gslb.aclab.uk"; known are application01.gslb.aclab.uk, application01.aclab.uk`},
		"flip of an unknown host":         {play, "{when: vs-disabled, to", "{when: vs-disabled, host: app.gslb.aclab.uk, to", "promises[1].flips.host: no GSLB service or alias of this name"},
		"clients of an unknown host":      {play, "host: application01.aclab.uk", "host: aplication01.aclab.uk", `scenarios/failover.yaml:LINE: traffic[0].host: nobody serves aplication01.aclab.uk (did you mean "application01.aclab.uk"?)`},
		"host with capitals":              {play, "host: application01.aclab.uk", "host: Application01.aclab.uk.", `traffic[0].host: must be written in lower case and without a final dot: application01.aclab.uk, not "Application01.aclab.uk."`},
		"alias of an unknown host":        {play, "to: application01.gslb.aclab.uk", "to: aplication01.gslb.aclab.uk", "scenarios/failover.yaml:LINE: aliases[0].to: nobody serves aplication01.gslb.aclab.uk"},
		"alias of itself":                 {play, "to: application01.gslb.aclab.uk", "to: application01.aclab.uk", "aliases[0].to: application01.aclab.uk leads back to itself"},
		"alias twice":                     {play, "aliases:\n", "aliases:\n  - {name: application01.aclab.uk, to: application01.gslb.aclab.uk}\n", `aliases[1].name: "application01.aclab.uk" is taken`},
		"alias at the apex":               {play, "name: application01.aclab.uk", "name: aclab.uk", "aliases[0].name: aclab.uk is the parent zone itself"},
		"alias below a delegation":        {play, "name: application01.aclab.uk", "name: x.region01.aclab.uk", "aliases[0].name: x.region01.aclab.uk lies in region01.aclab.uk, which the parent zone delegates"},
		"alias that is a name server":     {play, "name: application01.aclab.uk", "name: avi-ns01.aclab.uk", "aliases[0].name: avi-ns01.aclab.uk is a name server"},
		"TTL of an alias":                 {play, "ttl: 20s", "ttl: 25h", "aliases[0].ttl: must be whole seconds up to 24h, not 25h0m0s"},
		"no duration":                     {play, "duration: 20m", "duration: 0s", "scenarios/failover.yaml:LINE: duration: must be more than 0s and at most 744h0m0s, not 0s"},
		"too many questions":              {play, "duration: 20m", "duration: 744h", "scenarios/failover.yaml:23: traffic[0].every: 112492800 questions would be asked in 744h0m0s, most of them here; at most 10000000 are"},
		"a topology in its place":         {play, "kind: Scenario", "kind: Topology", `scenarios/failover.yaml:LINE: kind: must be "Scenario", not "Topology"`},
		"a scenario as topology":          {play, "topology: topologies/two-regions.yaml", "topology: failover.yaml", `scenarios/failover.yaml:3: kind: must be "Topology", not "Scenario"`},
		"topology by its full path":       {play, "topology: topologies/two-regions.yaml", "topology: /t.yaml", "scenarios/failover.yaml:LINE: topology: must be a path relative to this file, not /t.yaml"},
		"manifests by their full path":    {play, "files: [failover/region02]", "files: [/region02]", "manifests[1].files[0]: must be a path relative to this file, not /region02"},
		"rule without a host":             {app, "    - host: application01.gslb.aclab.uk\n      http", "    - http", "spec.rules[0].host: is missing: a GSLB service needs a host name"},
		"a second document":               {play, "seed: 1\n", "seed: 1\n---\nkind: Scenario\n", "scenarios/failover.yaml:9: a second document begins here"},
		"manifests without files":         {play, "files: [failover/region02]", "files: []", "scenarios/failover.yaml:LINE: manifests[1].files: is missing: files, or folders of them"},
		"manifests twice":                 {play, "files: [failover/region02]", "files: [failover/region02, failover/region02/20-application.yaml]", "scenarios/failover/region02/20-application.yaml:2: Ingress application01 is given to cluster aclab-vks-02 twice, first in scenarios/failover/region02/20-application.yaml:2"},
		"operator without a policy":       {stage, "operator: {cluster: aclab-vks-01}", "operator: {cluster: aclab-vks-mgmt}", "scenarios/failover.yaml:14: manifests: hold no GlobalDeploymentPolicy for aclab-vks-mgmt, the cluster that the operator runs in"},
		"policy that selects nothing":     {policy, "app: gslb", "app: gslp", "scenarios/failover.yaml:14: manifests: hold no Ingress that the GlobalDeploymentPolicy of aclab-vks-01 selects"},
		"too many VIPs":                   {stage, "subnet: 10.166.111.0/25\n      first: 10.166.111.10\n      last: 10.166.111.99", "subnet: 11.0.0.0/8\n      first: 11.0.0.1\n      last: 11.255.0.1", "sites[0].vips: are more than 65536 addresses from 11.0.0.1 to 11.255.0.1: choose a smaller range"},
		"VIPs of IPv6":                    {stage, "subnet: 10.166.111.0/25\n      first: 10.166.111.10\n      last: 10.166.111.99", "subnet: fd00::/64\n      first: fd00::1\n      last: fd00::9", "sites[0].vips: first and last must be IPv4 addresses"},
		"VIPs of another site":            {stage, "subnet: 10.166.111.128/25\n      first: 10.166.111.138\n      last: 10.166.111.227", "subnet: 10.166.111.0/25\n      first: 10.166.111.99\n      last: 10.166.111.100", "sites[1].vips: 10.166.111.99 is the address of a VIP of region01 already: choose another range"},
		"name server twice":               {stage, "avi-ns02.aclab.uk", "avi-ns01.aclab.uk", `scenarios/topologies/two-regions.yaml:36: sites[1].engines.name-server: "avi-ns01.aclab.uk" is taken`},
		"name server elsewhere":           {stage, "avi-ns02.aclab.uk", "avi-ns02.example.com", "sites[1].engines.name-server: avi-ns02.example.com is not in the parent zone aclab.uk"},
		"domain twice":                    {stage, "domain: region02.aclab.uk", "domain: region01.aclab.uk", `sites[1].domain: "region01.aclab.uk" is taken`},
		"domain elsewhere":                {stage, "domain: region02.aclab.uk", "domain: region02.example.com", "sites[1].domain: region02.example.com is not below the parent zone aclab.uk"},
		"domain within GSLB":              {stage, "domain: region02.aclab.uk", "domain: r.gslb.aclab.uk", "sites[1].domain: r.gslb.aclab.uk belongs to the GSLB subdomains already"},
		"zone as subdomain":               {stage, "[gslb.aclab.uk]", "[aclab.uk]", "gslb.subdomains[0]: aclab.uk is not under the parent zone aclab.uk"},
		"subdomain twice":                 {stage, "[gslb.aclab.uk]", "[gslb.aclab.uk, gslb.aclab.uk]", `gslb.subdomains[1]: "gslb.aclab.uk" is taken`},
		"TTL of delegations":              {stage, "ttl: 1h", "ttl: 1500ms", "scenarios/topologies/two-regions.yaml:LINE: parent.ttl: must be whole seconds up to 24h, not 1.5s"},
		"no version":                      {stage, "version: 31.1.1", "version: banana", `gslb.version: must be of the form 31.1.1, not "banana"`},
		"controller's name twice":         {stage, "name: avi-region02", "name: avi-region01", `sites[1].controller.name: "avi-region01" is taken`},
		"resolvers past the last address": {stage, "first: 10.21.0.1", "first: 255.255.255.254", "resolvers[1].first: there are no 4 addresses from 255.255.255.254 on"},
		"weight out of range":             {policy, "weight: 10", "weight: 21", "scenarios/failover/region01/10-operator.yaml:LINE: spec.trafficSplit[0].weight: "},
		"priority out of range":           {policy, "priority: 20", "priority: 101", "scenarios/failover/region01/10-operator.yaml:LINE: spec.trafficSplit[0].priority: "},
		"misspelt field of the policy":    {policy, "trafficSplit:", "traficSplit:", "scenarios/failover/region01/10-operator.yaml:LINE: spec.traficSplit: "},
		"host outside of the subdomain":   {app, "- host: application01.gslb.aclab.uk", "- host: application01.region02.aclab.uk", "scenarios/failover/region02/20-application.yaml:LINE: spec.rules[0].host: host application01.region02.aclab.uk is outside of the GSLB subdomains (gslb.aclab.uk)"},
		"misspelt field of an ingress":    {app, "ingressClassName:", "ingressClasName:", "scenarios/failover/region02/20-application.yaml:LINE: spec.ingressClasName: "},
		"manifest of an unknown kind":     {app, "kind: Ingress", "kind: Ingres", "scenarios/failover/region02/20-application.yaml:LINE: kind: "},
		"manifest that is no yaml at all": {app, "metadata:", "metadata: {", "scenarios/failover/region02/20-application.yaml:"},
	} {
		t.Run(name, func(t *testing.T) {
			changed := files(t, tc.file, tc.from, tc.to)
			_, err := load(changed)
			NewWithT(t).Expect(err).To(MatchError(ContainSubstring(strings.Replace(tc.want, "LINE", lineOf(t, changed, tc.file, tc.to), 1))))
		})
	}
}

func TestSeveralMistakesAreAllTold(t *testing.T) {
	_, err := load(files(t, "failover.yaml", "duration: 20m", "duration: 20m\nsede: 1\nsettel: 1m"))
	NewWithT(t).Expect(err).To(MatchError(And(ContainSubstring(": sede: no such field"), ContainSubstring(": settel: no such field"))))
}

// A scenario of one's own needs no copy of a topology that comes along.
func TestTopologyByName(t *testing.T) {
	g := NewWithT(t)
	s, err := load(files(t, "failover.yaml", "topologies/two-regions.yaml", "two-regions"))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(s.World.Name).To(Equal("two-regions"))
	_, err = load(files(t, "failover.yaml", "topologies/two-regions.yaml", "nine-regions"))
	g.Expect(err).To(MatchError("scenarios/failover.yaml:6: topology: there is no file topologies/nine-regions.yaml"))
}

func TestUnknownFile(t *testing.T) {
	_, err := scenario.Load(scenario.Source{Files: os.DirFS(folder), Name: "nothing.yaml"})
	NewWithT(t).Expect(err).To(MatchError("nothing.yaml: no such file or directory"))
}

func FuzzScenario(f *testing.F) {
	src, err := os.ReadFile(folder + "/failover.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(src)
	base := fstest.MapFS{}
	for _, name := range []string{"topologies/two-regions.yaml"} {
		b, err := os.ReadFile(folder + "/" + name)
		if err != nil {
			f.Fatal(err)
		}
		base[name] = &fstest.MapFile{Data: b}
	}
	f.Fuzz(func(_ *testing.T, src []byte) {
		fsys := fstest.MapFS{"failover.yaml": {Data: src}}
		for k, v := range base {
			fsys[k] = v
		}
		if s, err := load(fsys); err == nil {
			s.Phases()
			s.Intents()
		}
	})
}

// One mistake is one error: what follows from it is not told too.
func TestOneMistakeIsOneError(t *testing.T) {
	for name, tc := range map[string]struct{ file, from, to string }{
		"duration":       {"failover.yaml", "duration: 20m", "duration: -20m"},
		"change at zero": {"failover.yaml", "at: 2m", "at: 0s"},
		"end at the end": {"failover.yaml", "until: 15m", "until: 20m"},
		"host":           {"failover/region01/20-application.yaml", "- host: application01.gslb", "- host: application01.local"},
		"resolvers":      {"topologies/two-regions.yaml", "first: 10.21.0.1", "first: 10.20.0.2"},
		"domain":         {"topologies/two-regions.yaml", "zone: aclab.uk", "zone: Aclab.uk"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := load(files(t, tc.file, tc.from, tc.to))
			g := NewWithT(t)
			g.Expect(err).To(HaveOccurred())
			g.Expect(strings.Split(err.Error(), "\n")).To(HaveLen(1))
		})
	}
}

// Files that editors of other systems wrote are read as they are.
func TestCarriageReturnsAndByteOrderMarks(t *testing.T) {
	for _, name := range []string{"failover.yaml", "topologies/two-regions.yaml", "failover/region01/10-operator.yaml"} {
		for from, to := range map[string]string{"\n": "\r\n", "": "\ufeff"} {
			all := files(t, name, "kind", "kind").(fstest.MapFS)
			if from == "" {
				all[name].Data = append([]byte(to), all[name].Data...)
			} else {
				all[name].Data = bytes.ReplaceAll(all[name].Data, []byte(from), []byte(to))
			}
			_, err := load(all)
			NewWithT(t).Expect(err).NotTo(HaveOccurred(), "%s: %q for %q", name, to, from)
		}
	}
}
