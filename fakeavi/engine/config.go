package engine

import (
	"net/netip"
	"time"

	"github.com/gslbsim/gslbsim/dns"
	"github.com/gslbsim/gslbsim/fakeavi/health"
)

// VirtualService is what an engine serves at VIPs. A pushed value must not be changed any more.
type VirtualService struct {
	UUID, Name string
	Kind       Kind
	Enabled    bool
	// TrafficEnabled: off, the virtual service stays configured, and its VIPs are silent.
	TrafficEnabled bool
	VIPs           []netip.Addr
	Listeners      []Listener
	// Parent is the uuid of the virtual service whose VIPs and listeners this one shares; empty: it has its own.
	Parent string
	// Hosts are the names for which a child answers.
	Hosts []Host
	// Routes are tried in order, before Pools.
	Routes []Route
	Pools  []Pool
	// DNS is set for KindDNS.
	DNS *DNS
}

// Kind is what a virtual service speaks.
type Kind uint8

// The kinds of virtual services.
const (
	KindL4 Kind = iota
	KindHTTP
	KindDNS
)

// Protocol is what a request travels over.
type Protocol uint8

// The protocols.
const (
	TCP Protocol = iota
	UDP
	ICMP
)

// Listener is a range of ports.
type Listener struct {
	First, Last uint16
	Protocol    Protocol
	TLS         bool
}

// Host is a name that a child virtual service answers for, exact or with "*." in front, and the path prefixes that are
// its; none: all.
type Host struct {
	Name  string
	Paths []string
}

// Route sends requests with a path to pools.
type Route struct {
	Match PathMatch
	Paths []string
	Pools []Pool
}

// PathMatch says how a path is compared.
type PathMatch uint8

// The comparisons.
const (
	PathBeginsWith PathMatch = iota
	PathEquals
	PathContains
	PathEndsWith
)

// Pool is a pool of servers, alone or as a member of a pool group.
type Pool struct {
	UUID    string
	Enabled bool
	// Priority: of the pools that are up, those with the highest priority are used.
	Priority int
	// Ratio is the pool's share among those; 0: it gets no request.
	Ratio int
}

// DNS is what makes a virtual service a DNS virtual service.
type DNS struct {
	Profile  dns.Profile
	Records  []dns.Record
	Topology []dns.TopologyRule
	Geo      dns.GeoDB // may be nil
	// GSLB: GSLB services are placed here, those with a name under Domains, or all if there are none.
	GSLB    bool
	Domains []string
	Log     LogPolicy
	// NoTCP: queries over TCP are not taken.
	NoTCP bool
}

// LogPolicy says which queries a DNS virtual service logs. It is comparable.
type LogPolicy struct {
	// Full: insignificant queries are logged, too, for FullFor after that was turned on; 0: without end.
	Full    bool
	FullFor time.Duration
	// Significant, Filtered and FullRate are the most entries per second of each kind; 0: no limit.
	Significant, Filtered, FullRate int
	// Exclude are the kinds of errors that do not make an entry significant, sorted and joined by commas; see dns/querylog.
	Exclude string
}

// Service is a GSLB service as an engine needs it. A pushed value must not be changed any more.
type Service struct {
	// DNS is the configuration; Up is ignored everywhere, and pools are in the order of Pools.
	DNS dns.Service
	// Revision changes when the GSLB service itself is edited, as opposed to what it refers to.
	Revision int64
	Pools    []ServicePool
}

// ServicePool adds to a dns.Pool what health needs.
type ServicePool struct {
	MinUp        int // min_health_monitors_up; 0: unset
	ManualResume bool
	Members      []ServiceMember // in the order of the dns.Pool's members
}

// ServiceMember adds to a dns.Member what health needs.
type ServiceMember struct {
	Enabled, SiteEnabled bool
	// Cluster and VS are the uuids of the site's controller and of the virtual service; empty for a member without one.
	Cluster, VS string
	// Control: the control plane is asked.
	Control bool
	// Monitors are the attached monitors that apply, with this member as target.
	Monitors []health.Monitor
	// Proxy: what the monitors find is told to the other sites, which do not check the member themselves.
	Proxy bool
	// Proxies are the clusters whose findings count in place of monitors here.
	Proxies []string
	// Shared: what the monitors find is told to the other engines of the site, which leave the checks to this one.
	Shared bool
	// Standby are monitors that another engine of the site runs: its findings count in their place, which Proxies says. While the engine
	// has no controller that tells them, it runs the monitors itself (that the product does so is unconfirmed).
	Standby []health.Monitor
}

// ProxyKey names what a proxy found of a member of a GSLB service. It travels among sites as the state of a virtual service of the
// proxy's site with this uuid would.
func ProxyKey(service string, member netip.Addr) string { return service + "/" + member.String() }
