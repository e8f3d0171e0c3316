// Package scenario reads what a run is made of: a topology (sites, controllers, clusters, resolvers, links) and a
// scenario (manifests, traffic, time line, promises). Everything is checked before anything runs, and every mistake is
// reported with its file, line and field.
package scenario

import (
	"cmp"
	"net/netip"
	"slices"
	"time"

	"github.com/gslbsim/gslbsim/sim/fault"
	"github.com/gslbsim/gslbsim/sim/strict"
)

// Limits of a world, far above what a laptop plays in reasonable time.
const (
	MaxSites     = 64
	MaxResolvers = 10_000
	MaxClients   = 1_000_000
	MaxVIPs      = 65_536     // of one site
	MaxQuestions = 10_000_000 // of all clients and of watch in one run: about a minute, and 2 GiB
)

// Topology is the stage: what exists, and where.
type Topology struct {
	Kind  string `yaml:"kind"` // "Topology"
	Name  string `yaml:"name"`
	About string `yaml:"about"`

	GSLB       GSLB            `yaml:"gslb"`
	Geo        Geo             `yaml:"geo"`             // where clients are
	Policy     []TopologyRule  `yaml:"topology-policy"` // of all DNS virtual services; the first rule that matches decides
	Sites      []Site          `yaml:"sites"`
	Operator   Place           `yaml:"operator"`   // the cluster in which the operator runs
	Management Place           `yaml:"management"` // the cluster from which manifests are applied
	Parent     Parent          `yaml:"parent"`
	Resolvers  []ResolverGroup `yaml:"resolvers"`
	Links      []Link          `yaml:"links"`

	file *strict.File
}

// GSLB is the federation of Avi controllers.
type GSLB struct {
	Leader       string        `yaml:"leader"`        // site
	Subdomains   []string      `yaml:"subdomains"`    // which names GSLB services may have
	SendInterval time.Duration `yaml:"send-interval"` // between polls of the controllers, whole seconds; default 15s
	Version      string        `yaml:"version"`       // of the controllers' API; default 31.1.1
	Username     string        `yaml:"username"`      // of the controllers' administrator; default admin
	Password     string        `yaml:"password"`
}

// Place names a cluster.
type Place struct {
	Cluster string `yaml:"cluster"`
}

// Site is one place. A site without a controller has no VIPs.
type Site struct {
	Name       string      `yaml:"name"`
	Domain     string      `yaml:"domain"`   // its local subdomain, delegated to its own DNS virtual service
	Location   *Location   `yaml:"location"` // of the site's members, for geo
	Controller *Controller `yaml:"controller"`
	Engines    *Engines    `yaml:"engines"`
	VIPs       *VIPs       `yaml:"vips"`
	Clusters   []Cluster   `yaml:"clusters"`
}

// Controller is an Avi controller.
type Controller struct {
	Address netip.Addr `yaml:"address"`
	Name    string     `yaml:"name"`
	Passive bool       `yaml:"passive"` // a passive GSLB member: hosts VIPs, gets no configuration, answers no DNS
}

// Engines is the group of service engines of a site.
type Engines struct {
	Address netip.Addr `yaml:"address"`     // from which health checks are sent
	DNS     netip.Addr `yaml:"dns"`         // of the DNS virtual service
	Name    string     `yaml:"name-server"` // its name in the parent zone, such as avi-ns01.aclab.uk
}

// VIPs is the range of addresses that the site's IPAM hands out.
type VIPs struct {
	Network string       `yaml:"network"`
	Subnet  netip.Prefix `yaml:"subnet"`
	First   netip.Addr   `yaml:"first"`
	Last    netip.Addr   `yaml:"last"`
}

// Cluster is a Kubernetes cluster.
type Cluster struct {
	Name string     `yaml:"name"` // also the name of its context in the operator's kubeconfig
	API  netip.Addr `yaml:"api"`
}

// Parent is the enterprise's own DNS: a zone that delegates the GSLB subdomains to the DNS virtual services.
type Parent struct {
	Zone    string        `yaml:"zone"`
	Site    string        `yaml:"site"`
	Address netip.Addr    `yaml:"address"`
	TTL     time.Duration `yaml:"ttl"` // of delegations; default 1h
}

// ResolverGroup is a number of caching resolvers at one site.
type ResolverGroup struct {
	Name  string     `yaml:"name"`
	Site  string     `yaml:"site"`
	Count int        `yaml:"count"`
	First netip.Addr `yaml:"first"` // address of the first; the others follow
	// ClientSubnet: they tell name servers the networks of their clients (RFC 7871).
	ClientSubnet bool `yaml:"client-subnet"`
}

// Link is the network between two sites.
type Link struct {
	Between []string      `yaml:"between"` // two sites, or one twice
	Latency time.Duration `yaml:"latency"` // one way
	Jitter  float64       `yaml:"jitter"`  // 0..1
	Loss    float64       `yaml:"loss"`    // 0..1
}

// Site returns the site with this name, or nil.
func (t *Topology) Site(name string) *Site {
	for i := range t.Sites {
		if t.Sites[i].Name == name {
			return &t.Sites[i]
		}
	}
	return nil
}

// Cluster returns the cluster with this name and its site, or nil.
func (t *Topology) Cluster(name string) (*Cluster, *Site) {
	for i := range t.Sites {
		for j := range t.Sites[i].Clusters {
			if t.Sites[i].Clusters[j].Name == name {
				return &t.Sites[i].Clusters[j], &t.Sites[i]
			}
		}
	}
	return nil, nil
}

// GSLBSites returns the sites that have a controller, the leader first, the others in the order of the file.
func (t *Topology) GSLBSites() []*Site {
	var out []*Site
	for i := range t.Sites {
		if s := &t.Sites[i]; s.Controller != nil {
			out = append(out, s)
		}
	}
	slices.SortStableFunc(out, func(a, b *Site) int { return leads(t, b) - leads(t, a) })
	return out
}

func leads(t *Topology, s *Site) int {
	if s.Name == t.GSLB.Leader {
		return 1
	}
	return 0
}

// WorkloadClusters returns the clusters of the sites that have a controller: those in which something plays AKO.
func (t *Topology) WorkloadClusters() []string {
	var out []string
	for _, s := range t.Sites {
		if s.Controller == nil {
			continue
		}
		for _, c := range s.Clusters {
			out = append(out, c.Name)
		}
	}
	return out
}

// places implements fault.Places.
type places struct {
	*Topology
	hosts map[string][]string // by site
}

func (p places) Hosts(site string) []string { return p.hosts[site] }

func (p places) Sites(parts ...fault.Part) []string {
	var out []string
	for _, s := range p.Topology.Sites {
		has := map[fault.Part]bool{
			fault.Controller: s.Controller != nil, fault.Engines: s.Engines != nil, fault.Clusters: len(s.Clusters) > 0,
		}
		if !slices.ContainsFunc(parts, func(part fault.Part) bool { return !has[part] }) {
			out = append(out, s.Name)
		}
	}
	return out
}

// complete fills in defaults and reports what is missing or does not fit together.
func (t *Topology) complete() {
	f := t.file
	if t.Kind != "Topology" {
		f.Fail("kind", `must be "Topology", not %q`, t.Kind)
	}
	if t.GSLB.SendInterval == 0 {
		t.GSLB.SendInterval = 15 * time.Second
	}
	t.GSLB.Version = cmp.Or(t.GSLB.Version, "31.1.1")
	t.GSLB.Username = cmp.Or(t.GSLB.Username, "admin")
	if t.Parent.TTL == 0 {
		t.Parent.TTL = time.Hour
	}
	c := &addresses{f: f, owner: map[netip.Addr]string{}}
	t.checkSites(c)
	t.checkGSLB()
	t.checkParent(c)
	t.checkResolvers(c)
	t.checkLocations()
	t.checkPolicy()
	t.checkLinks()
	t.checkPlace("operator.cluster", t.Operator)
	t.checkPlace("management.cluster", t.Management)
}

func (t *Topology) checkPlace(field string, p Place) {
	if cl, _ := t.Cluster(p.Cluster); cl == nil {
		t.file.Fail(field, "no such cluster: %q; known are %v", p.Cluster, t.clusterNames())
	}
}

func (t *Topology) clusterNames() []string {
	var out []string
	for _, s := range t.Sites {
		for _, c := range s.Clusters {
			out = append(out, c.Name)
		}
	}
	return out
}

func (t *Topology) siteNames() []string { return places{Topology: t}.Sites() }
