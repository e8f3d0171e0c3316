package policy

import (
	"net/netip"

	"github.com/gslbsim/gslbsim/operator/model"
)

// Global is an accepted GlobalDeploymentPolicy.
type Global struct {
	// App and Namespace select objects by a label of their own and of their namespace; nil: that selector is absent.
	App       *Label
	Namespace *Label
	// Clusters are the clusters that objects are selected in. The value true takes only the VIP of an object, without
	// reference to the virtual service behind it.
	Clusters map[string]bool
	// Split gives clusters their share; DefaultShare is that of the others.
	Split map[string]Share
	// DefaultDomain completes Routes that have a subdomain only; empty: such Routes are not selected.
	DefaultDomain string
	// Persistence and PKI are the profiles for services served with TLS; empty: none.
	Persistence string
	PKI         string
	Settings
}

// HostRule is an accepted GSLBHostRule.
type HostRule struct {
	FQDN string
	// Tenant is the tenant of the rule's namespace. A service that has only third-party members is created there.
	Tenant string
	// Split gives clusters and third-party sites their share. An entry replaces both values of its cluster.
	Split map[string]Share
	// ThirdParty are members outside of Avi.
	ThirdParty []ThirdParty
	// PublicIP are the public addresses of clusters.
	PublicIP map[string]netip.Addr
	// Persistence turns site persistence on or off; nil: as the global policy says.
	Persistence *Persistence
	Settings
}

// Settings are what both kinds of policy can say of a service. Absent ones are nil or empty.
type Settings struct {
	TTL              *uint32
	Down             *model.DownResponse
	Algorithm        *Algorithm
	ControlPlaneOnly *bool
	// MonitorRefs are users' monitors that replace the operator's own; Template is one that the operator's own are made
	// after. At most one of the two is set.
	MonitorRefs []string
	Template    *Template
}

// Label is one label, key and exact value.
type Label struct{ Key, Value string }

// Share is the part of a cluster in a service.
type Share struct {
	Weight   uint32 // 1-20
	Priority uint32 // 0-100
}

// Shares of what no policy mentions. That a third-party member stands by at priority 1, below every cluster, is AMKO's.
var (
	DefaultShare           = Share{Weight: 1, Priority: 10}
	DefaultThirdPartyShare = Share{Weight: 1, Priority: 1}
)

// Algorithm is how a pool picks a member.
type Algorithm struct {
	Name     string
	Fallback string
	HashMask uint32
}

// Template is a user's HTTP or HTTPS monitor.
type Template struct {
	Name    string
	Request string
	Codes   []string
}

// ThirdParty is a member outside of Avi. The site gives it its share; the controller is not told of it, because that is
// what AMKO does: the member is a plain address.
type ThirdParty struct {
	Site     string
	VIP      netip.Addr
	PublicIP netip.Addr
}

// Persistence is what a host rule says of site persistence.
type Persistence struct {
	Enabled bool
	Profile string
	PKI     string
}
