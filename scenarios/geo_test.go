package scenarios_test

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/gslbsim/gslbsim/scenarios"
	"github.com/gslbsim/gslbsim/sim"
	"github.com/gslbsim/gslbsim/sim/bubble"
	"github.com/gslbsim/gslbsim/sim/result"
	"github.com/gslbsim/gslbsim/sim/scenario"
)

// playGeo plays the first two minutes of the geo scenario, changed.
func playGeo(t *testing.T, change func(*scenario.Scenario)) *result.Result {
	t.Helper()
	s, err := scenario.Load(scenarios.Source("geo"))
	if err != nil {
		t.Fatal(err)
	}
	s.Duration, s.Timeline = 2*time.Minute, nil
	var steady []scenario.Promise
	for _, p := range s.Promises {
		if p.Kind == "answers" && len(steady) < 4 {
			steady = append(steady, p)
		}
	}
	s.Promises = steady
	change(s)
	r, err := sim.Run(s, sim.Options{Runner: bubble.In(t)})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Reasons) > 0 {
		t.Fatal(r.Reasons)
	}
	return r
}

// broken names the promises that were broken.
func broken(r *result.Result) []string {
	var names []string
	for _, p := range r.Promises {
		if p.Verdict == result.Broken {
			names = append(names, p.Name)
		}
	}
	return names
}

// answersOf counts what groups of clients were answered.
func answersOf(r *result.Result) map[string]map[string]bool {
	seen := map[string]map[string]bool{}
	for _, a := range r.Evidence.Client {
		if seen[a.Group] == nil {
			seen[a.Group] = map[string]bool{}
		}
		seen[a.Group][a.Site] = true
	}
	return seen
}

// Each part of geo steering is needed for the promises: without it, those break that it is there for.
func TestGeoPromisesBite(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(*scenario.Scenario)
		want   []string
	}{
		"nothing": {func(*scenario.Scenario) {}, nil},
		"no client subnets: the resolvers' place counts, which Frankfurt is closer to": {
			func(s *scenario.Scenario) { s.World.Resolvers[2].ClientSubnet = false },
			[]string{"steady: 100 % america for chicago"},
		},
		"sites change places": {
			func(s *scenario.Scenario) {
				s.World.Sites[0].Location, s.World.Sites[1].Location = s.World.Sites[1].Location, s.World.Sites[0].Location
			},
			[]string{
				"steady: 100 % america for boston", "steady: 100 % america for chicago",
				"steady: 100 % europe for madrid", "steady: 100 % europe for paris",
			},
		},
		"nobody is located: round robin": {
			func(s *scenario.Scenario) { s.World.Geo.DB = nil },
			[]string{
				"steady: 100 % america for boston", "steady: 100 % america for chicago",
				"steady: 100 % europe for madrid", "steady: 100 % europe for paris",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, broken(playGeo(t, tc.change))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A topology policy steers by network, by the tag and the name of a location, and by the rule for everybody else: the first rule
// that a client fits decides.
func TestTopologyPolicy(t *testing.T) {
	no := false
	r := playGeo(t, func(s *scenario.Scenario) {
		s.Promises = nil
		s.World.Policy = []scenario.TopologyRule{
			{Name: "paris", Clients: []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24")}, Site: "america", Preferred: &no},
			{Name: "emea", GeoTag: "emea", Site: "europe"},
			{Name: "chicago", GeoName: "US/IL", Site: "europe"},
			{Name: "rest", Site: "america"},
		}
		changed := 0
		for _, o := range s.Objects {
			if o.Object.GetKind() == "GlobalDeploymentPolicy" {
				_ = unstructured.SetNestedMap(o.Object.Object, map[string]any{"lbAlgorithm": "GSLB_ALGORITHM_TOPOLOGY"}, "spec", "poolAlgorithmSettings")
				changed++
			}
		}
		if changed != 1 {
			t.Fatal("no policy to change")
		}
	})
	want := map[string]map[string]bool{
		"boston": {"america": true}, "madrid": {"europe": true}, "paris": {"america": true}, "chicago": {"europe": true},
	}
	if diff := cmp.Diff(want, answersOf(r)); diff != "" {
		t.Error(diff)
	}
	var events []string
	for _, e := range r.Events {
		if e.Kind == "topology-policy" {
			events = append(events, fmt.Sprint(e.Actor, ": ", e.Text))
		}
	}
	if diff := cmp.Diff([]string{"administrator: 4 rules for dns-america", "administrator: 4 rules for dns-europe"}, events); diff != "" {
		t.Error(diff)
	}
}
