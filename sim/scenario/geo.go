package scenario

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"path"
	"slices"
	"strings"

	"github.com/gslbsim/gslbsim/dns"
	"github.com/gslbsim/gslbsim/dns/geodb"
)

// Limits of what a topology says about places.
const (
	MaxNetworks       = 10_000
	MaxTopologyRules  = 1000
	MaxFallbackSites  = 64        // as in the product
	MaxGeoFileSize    = 256 << 20 // in bytes
	maxLocationLength = 255
)

// Geo says where addresses are: what an administrator would upload as a geo database. A network that stands here goes
// before the file.
type Geo struct {
	CSV      string    `yaml:"csv"`     // file in the product's own format, relative to this one
	MaxMind  string    `yaml:"maxmind"` // or a MaxMind City database
	Networks []Network `yaml:"networks"`

	// DB is the database made of them; nil: nobody is located.
	DB dns.GeoDB `yaml:"-"`
}

// File is the database's file, relative to the topology's; "" if there is none.
func (g *Geo) File() string { return cmp.Or(g.CSV, g.MaxMind) }

// Network is a network and where it is.
type Network struct {
	Network  netip.Prefix `yaml:"network"`
	Location `yaml:",inline"`
}

// Location is a place on earth.
type Location struct {
	Latitude  float64 `yaml:"latitude"`  // -90..90
	Longitude float64 `yaml:"longitude"` // -180..180
	Name      string  `yaml:"name"`      // "Country/State/City", or a leading part of it
	Tag       string  `yaml:"tag"`       // a name of one's own, such as emea
}

// TopologyRule sends clients to a site: a rule of a topology policy. A client must fit each condition that is given.
type TopologyRule struct {
	Name      string         `yaml:"name"`
	Clients   []netip.Prefix `yaml:"clients"`        // networks, also as told by resolvers with client-subnet
	GeoName   string         `yaml:"geo-name"`       // of the client's location, or a leading part of it
	GeoTag    string         `yaml:"geo-tag"`        // of the client's location
	Site      string         `yaml:"site"`           // where they are sent
	Fallbacks []string       `yaml:"fallback-sites"` // in case it has no usable member
	// Preferred, default true: without a usable member at these sites the pool's fallback algorithm chooses. Else there is
	// no address then.
	Preferred *bool `yaml:"is-site-preferred"`
}

func (t *Topology) checkLocations() {
	for i, s := range t.Sites {
		field := fmt.Sprintf("sites[%d].location", i)
		switch {
		case s.Location == nil:
		case s.Controller == nil:
			t.file.Fail(field, "is of use for sites with a controller; where clients are stands in geo")
		default:
			t.checkLocation(field, *s.Location)
		}
	}
	if n := len(t.Geo.Networks); n > MaxNetworks {
		t.file.Fail("geo.networks", "there are %d, at most %d are allowed; use a file", n, MaxNetworks)
		return
	}
	for i, n := range t.Geo.Networks {
		field := fmt.Sprintf("geo.networks[%d]", i)
		t.checkLocation(field, n.Location)
		switch {
		case !n.Network.IsValid():
			t.file.Fail(field+".network", "is missing: such as 203.0.113.0/24")
		case n.Network != n.Network.Masked():
			t.file.Fail(field+".network", "%s is an address within %s; give the network", n.Network, n.Network.Masked())
		}
		for j, other := range t.Geo.Networks[:i] {
			if n.Network.Overlaps(other.Network) {
				t.file.Fail(field+".network", "%s overlaps geo.networks[%d]", n.Network, j)
				break
			}
		}
	}
}

func (t *Topology) checkLocation(field string, l Location) {
	if !(l.Latitude >= -90 && l.Latitude <= 90) {
		t.file.Fail(field+".latitude", "must be from -90 to 90, not %g", l.Latitude)
	}
	if !(l.Longitude >= -180 && l.Longitude <= 180) {
		t.file.Fail(field+".longitude", "must be from -180 to 180, not %g", l.Longitude)
	}
	for name, text := range map[string]string{".name": l.Name, ".tag": l.Tag} {
		if len(text) > maxLocationLength || strings.ContainsAny(text, ",\n") {
			t.file.Fail(field+name, "must be at most %d characters without commas", maxLocationLength)
		}
	}
}

func (t *Topology) checkPolicy() {
	f := t.file
	if n := len(t.Policy); n > MaxTopologyRules {
		f.Fail("topology-policy", "there are %d rules, at most %d are allowed", n, MaxTopologyRules)
	}
	var sites []string
	for _, s := range t.GSLBSites() {
		sites = append(sites, s.Name)
	}
	names := map[string]bool{}
	for i, r := range t.Policy {
		field := fmt.Sprintf("topology-policy[%d]", i)
		unique(f, field+".name", r.Name, names)
		if len(r.Fallbacks) > MaxFallbackSites {
			f.Fail(field+".fallback-sites", "there are %d, at most %d are allowed", len(r.Fallbacks), MaxFallbackSites)
		}
		for j, name := range append([]string{r.Site}, r.Fallbacks...) {
			at := field + ".site"
			if j > 0 {
				at = fmt.Sprintf("%s.fallback-sites[%d]", field, j-1)
			}
			if !slices.Contains(sites, name) {
				f.Fail(at, "no such site with a controller: %q; known are %v", name, sites)
			}
		}
		for j, c := range r.Clients {
			if c != c.Masked() {
				f.Fail(fmt.Sprintf("%s.clients[%d]", field, j), "%s is an address within %s; give the network", c, c.Masked())
			}
		}
	}
}

// openGeo reads the geo database of a topology whose file lies in a folder.
func (l *loader) openGeo(t *Topology, files fs.FS, folder string) {
	if t.file.Err() != nil {
		return
	}
	var layers geodb.Layers
	add := func(field, display string, db dns.NetworkGeoDB, err error) {
		if err != nil {
			t.file.Fail(field, "%s: %s", display, plain(err))
			return
		}
		layers = append(layers, db)
	}
	if len(t.Geo.Networks) > 0 {
		db, err := t.Geo.inPlace()
		add("geo.networks", "networks", db, err)
	}
	switch csv, maxmind := t.Geo.CSV, t.Geo.MaxMind; {
	case csv != "" && maxmind != "":
		t.file.Fail("geo", "names two files: use csv or maxmind")
	case csv != "":
		db, err := openCSV(files, path.Join(folder, csv))
		add("geo.csv", csv, db, err)
	case maxmind != "":
		db, err := openMaxMind(files, path.Join(folder, maxmind))
		add("geo.maxmind", maxmind, db, err)
	}
	if len(layers) > 0 {
		t.Geo.DB = layers
	}
}

// inPlace makes a database of the networks that stand in the topology.
func (g *Geo) inPlace() (*geodb.CSV, error) {
	var b strings.Builder
	b.WriteString("V.01\n")
	for _, n := range g.Networks {
		fmt.Fprintf(&b, "%s,%s,%g,%g,%s,%s\n", n.Network.Addr(), dns.LastAddr(n.Network), n.Latitude, n.Longitude, n.Name, n.Tag)
	}
	return readCSV(b.String())
}

func openCSV(files fs.FS, name string) (*geodb.CSV, error) {
	text, err := readLimited(files, name)
	if err != nil {
		return nil, err
	}
	return readCSV(string(text))
}

// readCSV reads a file in the product's format, but forgives no faulty line: a scenario is written to be right.
func readCSV(text string) (*geodb.CSV, error) {
	db, err := geodb.ReadCSV(strings.NewReader(text))
	if err != nil {
		return nil, err
	}
	if n, first := db.Skipped(); n > 0 {
		if n > 1 {
			first = fmt.Errorf("%w (and %d more faulty lines)", first, n-1)
		}
		return nil, first
	}
	return db, nil
}

func openMaxMind(files fs.FS, name string) (*geodb.MaxMind, error) {
	data, err := readLimited(files, name)
	if err != nil {
		return nil, err
	}
	return geodb.NewMaxMind(data)
}

func readLimited(files fs.FS, name string) ([]byte, error) {
	info, err := fs.Stat(files, name)
	if err != nil {
		return nil, err
	}
	if info.Size() > MaxGeoFileSize {
		return nil, errors.New("the file is larger than 256 MB")
	}
	return fs.ReadFile(files, name)
}

// resolverGroups lists the names of the groups of resolvers.
func (t *Topology) resolverGroups() []string {
	names := make([]string, len(t.Resolvers))
	for i, g := range t.Resolvers {
		names[i] = g.Name
	}
	return names
}
