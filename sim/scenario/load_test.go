package scenario_test

import (
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
