package scenario_test

import (
	"io/fs"
	"net/netip"
	"os"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/sim/scenario"
)

func loadGeo(f fs.FS) (*scenario.Scenario, error) {
	return scenario.Load(scenario.Source{Files: f, Name: "geo.yaml", Display: func(n string) string { return "scenarios/" + n }})
}

// Networks that stand in the topology go before those of the file; who is in neither has no place.
func TestGeoDatabase(t *testing.T) {
	g := NewWithT(t)
	s, err := loadGeo(files(t, "topologies/two-continents.csv", "10.21.0.0,10.21.255.255,40.42,-3.70,ES/MD/Madrid,emea", "198.51.0.0,198.51.255.255,1,1,XX,-"))
	g.Expect(err).NotTo(HaveOccurred())
	place := func(addr string) string {
		l, _ := s.World.Geo.DB.Locate(netip.MustParseAddr(addr))
		return l.Name
	}
	g.Expect(place("198.51.100.9")).To(Equal("FR/IDF/Paris"))
	g.Expect(place("198.51.101.9")).To(Equal("XX"))
	g.Expect(place("10.20.1.1")).To(Equal("US/MA/Boston"))
	g.Expect(place("10.30.1.1")).To(BeEmpty())
	g.Expect(s.World.Geo.File()).To(Equal("two-continents.csv"))

	without, err := load(os.DirFS(folder))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(without.World.Geo.DB).To(BeNil())
}

func TestMistakesAboutPlacesAreRefused(t *testing.T) {
	const (
		play, stage, csv = "geo.yaml", "topologies/two-continents.yaml", "topologies/two-continents.csv"
		rule             = "\ntopology-policy:\n  - {name: a, "
	)
	many := strings.TrimSuffix(strings.Repeat("europe, ", 65), ", ")
	for name, tc := range map[string]struct{ file, from, to, want string }{
		"latitude":           {stage, "latitude: 40.71", "latitude: 140.71", "scenarios/topologies/two-continents.yaml:LINE: sites[0].location.latitude: must be from -90 to 90, not 140.71"},
		"not a number":       {stage, "longitude: -87.63", "longitude: .nan", `geo.networks[1].longitude: must be a number, not ".nan"`},
		"misspelt":           {stage, "longitude: -74.01", "longtitude: -74.01", `scenarios/topologies/two-continents.yaml:LINE: sites[0].location.longtitude: no such field (did you mean "longitude"?)`},
		"name with a comma":  {stage, "name: FR/IDF/Paris", "name: 'Paris, France'", "geo.networks[0].name: must be at most 255 characters without commas"},
		"site of nothing":    {stage, "- name: madrid", "- name: madrid\n    location: {latitude: 1}", "scenarios/topologies/two-continents.yaml:LINE: sites[3].location: is of use for sites with a controller"},
		"no network":         {stage, "network: 198.51.100.0/24, ", "", "geo.networks[0].network: is missing"},
		"address":            {stage, "network: 198.51.100.0/24", "network: 198.51.100.7/24", "geo.networks[0].network: 198.51.100.7/24 is an address within 198.51.100.0/24; give the network"},
		"overlap":            {stage, "network: 203.0.113.0/24", "network: 198.51.100.128/25", "geo.networks[1].network: 198.51.100.128/25 overlaps geo.networks[0]"},
		"two files":          {stage, "csv: two-continents.csv", "csv: two-continents.csv\n  maxmind: a.mmdb", "geo: names two files: use csv or maxmind"},
		"no file":            {stage, "csv: two-continents.csv", "csv: two-planets.csv", "scenarios/topologies/two-continents.yaml:LINE: geo.csv: two-planets.csv: file does not exist"},
		"not MaxMind's":      {stage, "csv: two-continents.csv", "maxmind: two-continents.csv", "geo.maxmind: two-continents.csv: "},
		"faulty line":        {csv, "42.36", "x42.36", "scenarios/topologies/two-continents.yaml:13: geo.csv: two-continents.csv: line 3: "},
		"resolvers":          {play, "resolvers: [madrid]", "resolvers: [madird]", `scenarios/geo.yaml:LINE: traffic[1].resolvers[0]: no such group of resolvers: "madird"; known are [boston madrid public]`},
		"network of clients": {play, "network: 203.0.113.0/24", "network: 203.0.113.1/24", "scenarios/geo.yaml:LINE: traffic[2].network: 203.0.113.1/24 is an address within 203.0.113.0/24; give the network"},
		"group":              {play, "of: madrid", "of: madird", `promises[2].answers.of: no such group of clients: "madird"; known are boston, madrid, chicago, paris`},
		"rule to nowhere":    {stage, "\noperator:", rule + "site: madrid}\noperator:", `topology-policy[0].site: no such site with a controller: "madrid"; known are [america europe]`},
		"rule without site":  {stage, "\noperator:", rule + "geo-tag: emea}\noperator:", `topology-policy[0].site: no such site with a controller: ""`},
		"rule's fallback":    {stage, "\noperator:", rule + "site: europe, fallback-sites: [tokyo]}\noperator:", `topology-policy[0].fallback-sites[0]: no such site with a controller: "tokyo"`},
		"too many fallbacks": {stage, "\noperator:", rule + "site: europe, fallback-sites: [" + many + "]}\noperator:", "topology-policy[0].fallback-sites: there are 65, at most 64 are allowed"},
		"rule's clients":     {stage, "\noperator:", rule + "site: europe, clients: [10.0.0.1/8]}\noperator:", "topology-policy[0].clients[0]: 10.0.0.1/8 is an address within 10.0.0.0/8; give the network"},
		"rule twice":         {stage, "\noperator:", rule + "site: europe}\n  - {name: a, site: europe}\noperator:", `topology-policy[1].name: "a" is taken`},
	} {
		t.Run(name, func(t *testing.T) {
			changed := files(t, tc.file, tc.from, tc.to)
			_, err := loadGeo(changed)
			NewWithT(t).Expect(err).To(MatchError(ContainSubstring(strings.Replace(tc.want, "LINE", lineOf(t, changed, tc.file, tc.to), 1))))
		})
	}
}
