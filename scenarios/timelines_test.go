package scenarios_test

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/gslbsim/gslbsim/scenarios"
	"github.com/gslbsim/gslbsim/sim"
	"github.com/gslbsim/gslbsim/sim/bubble"
	"github.com/gslbsim/gslbsim/sim/result"
	"github.com/gslbsim/gslbsim/sim/scenario"
)

// variant returns the files of the failover scenario with changes: pairs of a regular expression and what stands in its
// place, each of which must fit in a file.
func variant(t *testing.T, changes ...string) scenario.Source {
	t.Helper()
	files := fstest.MapFS{}
	err := fs.WalkDir(scenarios.Files, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := scenarios.Files.ReadFile(p)
		files[p] = &fstest.MapFile{Data: text}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(changes); i += 2 {
		fits, re := false, regexp.MustCompile(changes[i])
		for name, f := range files {
			if name == "failover.yaml" || strings.HasPrefix(name, "failover/") || name == "topologies/two-regions.yaml" {
				fits = fits || re.Match(f.Data)
				f.Data = re.ReplaceAll(f.Data, []byte(changes[i+1]))
			}
		}
		if !fits {
			t.Fatalf("%s fits nowhere", changes[i])
		}
	}
	return scenario.Source{Files: files, Name: "failover.yaml", Library: scenarios.Files}
}

// playVariant plays a variant.
func playVariant(t *testing.T, src scenario.Source) *result.Result {
	t.Helper()
	s, err := scenario.Load(src)
	if err != nil {
		t.Fatal(err)
	}
	r, err := sim.Run(s, sim.Options{Runner: bubble.In(t)})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// wholeTimeline and wholePromises are what a variant puts its own in place of.
const (
	wholeTimeline = `(?s)timeline:\n.*?\n\n`
	wholePromises = `(?s)promises:\n.*`
)

// A right stack keeps its promises whatever the time line does to it: bounds are those of what the planes that watch a
// member can find out, and faults that overlap hold until the last of them is over.
func TestOddTimelinesKeepTheirPromises(t *testing.T) {
	const (
		disable = "disable-virtual-service: {site: region01, host: application01.gslb.aclab.uk}"
		always  = "  - no-dead-answers: {}\n  - always-answered: {}\n  - equal-configuration: {}\n"
	)
	for name, tc := range map[string]struct {
		timeline, promises string
		policy             string // of the operator's cluster, added to the spec
	}{
		"a disabled service goes dark before its detection": {
			timeline: "  - {at: 2m, name: a, " + disable + "}\n  - {at: 2m2s, until: 6m, name: b, power-off: {site: region01}}\n",
			promises: "  - answers: {phase: b, share: {region02: 100}}\n  - answers: {phase: after b, share: {region02: 100}}\n",
		},
		"two faults of one site overlap": {
			timeline: "  - {at: 2m, until: 6m, name: a, power-off: {site: region01}}\n  - {at: 4m, until: 8m, name: b, power-off: {site: region01}}\n",
			promises: "  - answers: {phase: after a, share: {region02: 100}}\n  - flips: {when: b, ends: true, to: region01}\n  - answers: {phase: after b, share: {region01: 100}}\n",
		},
		"one fault lies within another": {
			timeline: "  - {at: 2m, until: 8m, name: a, power-off: {site: region01}}\n  - {at: 4m, until: 6m, name: b, power-off: {site: region01, parts: [engines]}}\n",
			promises: "  - answers: {phase: after b, share: {region02: 100}}\n  - flips: {when: a, ends: true, to: region01}\n",
		},
		"a service is disabled twice": {
			timeline: "  - {at: 2m, until: 6m, name: a, " + disable + "}\n  - {at: 4m, until: 8m, name: b, " + disable + "}\n",
			promises: "  - answers: {phase: after a, share: {region02: 100}}\n  - answers: {phase: after b, share: {region01: 100}}\n",
		},
		"two sites at once": {
			timeline: "  - {at: 2m, until: 6m, name: a, power-off: {site: region02}}\n  - {at: 2m, until: 6m, name: b, power-off: {site: region01}}\n",
			promises: "  - answers: {phase: after b, share: {region01: 100}}\n",
		},
		"two sites, one after the other": {
			timeline: "  - {at: 2m, until: 6m, name: a, power-off: {site: region02}}\n  - {at: 3m, until: 7m, name: b, power-off: {site: region01}}\n",
			promises: "  - flips: {when: b, ends: true, to: region01}\n",
		},
		"only the engines: their controller does not know": {
			timeline: "  - {at: 2m, until: 6m, name: a, power-off: {site: region01, parts: [engines]}}\n",
			promises: "  - flips: {when: a, to: region02}\n  - flips: {when: a, ends: true, to: region01}\n  - answers: {phase: a, share: {region02: 100}}\n",
		},
		"the other site's controller is dark: its engines hear nothing": {
			timeline: "  - {at: 2m, until: 8m, name: a, power-off: {site: region02, parts: [controller]}}\n  - {at: 4m, until: 6m, name: b, " + disable + "}\n",
			promises: "  - flips: {when: b, to: region02}\n  - flips: {when: b, ends: true, to: region01}\n  - answers: {phase: b, share: {region02: 100}}\n",
		},
		"without monitors a dark site is forgotten": {
			timeline: "  - {at: 2m, until: 10m, name: a, power-off: {site: region01}}\n", policy: "controlPlaneHmOnly: true",
			promises: "  - flips: {when: a, to: region02}\n  - flips: {when: a, ends: true, to: region01}\n",
		},
		"without monitors dead engines are missed": {
			timeline: "  - {at: 2m, until: 10m, name: a, power-off: {site: region01, parts: [engines]}}\n", policy: "controlPlaneHmOnly: true",
			promises: "  - flips: {when: a, to: region02}\n  - flips: {when: a, ends: true, to: region01}\n",
		},
		"the administrator's cluster is dark to the end": {
			timeline: "  - {at: 2m, name: a, power-off: {site: management}}\n  - {at: 3m, name: b, " + disable + "}\n",
			promises: "  - flips: {when: b, to: region02}\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := playVariant(t, variant(t, "duration: 20m", "duration: 12m",
				wholeTimeline, "timeline:\n"+tc.timeline+"\n", wholePromises, "promises:\n"+always+tc.promises,
				"  ttl: 20\n", "  ttl: 20\n  "+tc.policy+"\n"))
			for _, p := range r.Promises {
				if p.Verdict != result.Pass {
					t.Errorf("%s: %s: %s, bound %s %s, %s", p.Verdict, p.Name, p.Observed, p.Bound, p.Formula, p.Detail)
				}
			}
			if r.Verdict != result.Pass {
				t.Errorf("%s: %v", r.Verdict, r.Reasons)
			}
		})
	}
}

// A cluster without power at the end leaves dials behind that nobody answers: the run ends all the same, whenever that is.
func TestRunsEndWhileClustersAreDark(t *testing.T) {
	for _, last := range []string{"9m", "9m3s", "9m7s", "9m13s", "9m29s"} {
		r := playVariant(t, variant(t, "duration: 20m", "duration: "+last, "watch: 1s", "watch: 1m", "every: 5s", "every: 1m",
			wholeTimeline, "timeline:\n  - {at: 2m, name: a, power-off: {site: region02, parts: [clusters]}}\n\n",
			wholePromises, "promises: [{always-answered: {}}]\n"))
		if r.Verdict != result.Pass {
			t.Errorf("%s: %v", r.Verdict, r.Reasons)
		}
	}
}

// What cannot be judged is told to be so, with the reason, and is neither kept nor broken.
func TestWhatCannotBeJudgedIsInconclusive(t *testing.T) {
	for name, tc := range map[string]struct {
		changes []string
		want    string // in a reason or a detail
	}{
		"the bound is longer than the phase":  {[]string{"  ttl: 20\n", "  ttl: 300\n"}, "the phase ends at 6:00.000, before client answers must have followed"},
		"bounds that are longer than the run": {[]string{"  ttl: 20\n", "  ttl: 86400\n"}, "the next change came after 240.0s, before the bound had passed"},
		"nobody asks": {
			[]string{"clients: 200, every: 5s", "clients: 1, every: 10m", "watch: 1s", "watch: 0s"}, "nobody asked from 6:30.",
		},
		"a controller without power at the end": {
			[]string{"at: 10m\n    until: 15m", "at: 10m", "    then: returned\n", "", "(?s)  - flips: {when: region01-dark, ends.*?returned.*?\n", ""},
			"region01 could not be read: no answer in time",
		},
		"a set-up that is too short": {[]string{"settle: 1m", "settle: 5s"}, "leave more time for the set-up (settle)"},
		"an operator that cannot log in": {
			[]string{"stringData:\n  username: admin\n  password: .*", "stringData:\n  username: admin\n  password: wrong"},
			"the operator says of GSLBConfig gc-1: ControllerConnected False: GET api/gslb: no leader found: 10.166.101.30: log in: POST login: 401 Invalid credentials",
		},
		"members that nothing watches": {
			[]string{`(?s)apiVersion: amko.vmware.com/v1alpha1\nkind: GSLBConfig.*?---\n`, ""},
			"nobody can notice the change, so that no time can be promised",
		},
		"an operator without its configuration": {
			[]string{`(?s)apiVersion: amko.vmware.com/v1alpha1\nkind: GSLBConfig.*?---\n`, ""},
			"cluster aclab-vks-01 has no GSLBConfig in namespace avi-system: the operator waits for one",
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := playVariant(t, variant(t, tc.changes...))
			if r.Verdict != result.Inconclusive {
				t.Errorf("verdict %s", r.Verdict)
			}
			told := strings.Join(r.Reasons, "\n")
			for _, p := range r.Promises {
				if p.Verdict == result.Broken && len(r.Reasons) == 0 {
					t.Errorf("broken: %s: %s", p.Name, p.Detail)
				}
				told += "\n" + p.Detail
			}
			if !strings.Contains(told, tc.want) {
				t.Errorf("%q is not told in\n%s", tc.want, told)
			}
		})
	}
}

// Two host names share their cluster's VIP. A fault of one of them concerns nobody who asks for the other.
func TestFaultsOfOneHostDoNotConcernOthers(t *testing.T) {
	second := []string{
		`(?s)(apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: application01\n.*?)---\n`,
		"${1}---\nSECOND${1}---\n",
		`(?s)SECOND(.*?)name: application01\n(.*?)\[application01(.*?)host: application01`,
		"${1}name: application02\n${2}[application02${3}host: application02",
	}
	r := playVariant(t, variant(t, append(second,
		"traffic:\n", "traffic:\n  - {name: others, host: application02.gslb.aclab.uk, clients: 100, every: 5s}\n"+
			"  - {name: locals, host: application01.region02.aclab.uk, clients: 20, every: 5s}\n",
		`(?s)  - at: 10m.*?\n\n`, "\n", "duration: 20m", "duration: 10m",
		wholePromises, `promises:
  - flips: {when: vs-disabled, to: region02}
  - flips: {when: vs-disabled, to: region01, host: application02.gslb.aclab.uk}
  - answers: {phase: vs-disabled, host: application01.aclab.uk, share: {region02: 100}}
  - answers: {phase: vs-disabled, host: application02.gslb.aclab.uk, share: {region01: 100}}
  - no-dead-answers: {}
  - always-answered: {}
`)...))
	if len(r.Services) != 2 || r.Services[0].Members[0].Address != r.Services[1].Members[0].Address {
		t.Fatalf("not two services behind one VIP: %+v", r.Services)
	}
	for _, p := range r.Promises {
		if p.Verdict != result.Pass {
			t.Errorf("%s: %s: %s, %s", p.Verdict, p.Name, p.Observed, p.Detail)
		}
	}
	if r.Verdict != result.Pass {
		t.Errorf("%s: %v", r.Verdict, r.Reasons)
	}
}
