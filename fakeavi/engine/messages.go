package engine

import (
	"net/netip"
	"time"

	"github.com/gslbsim/gslbsim/fakeavi/health"
)

// HeartbeatInterval is how often a controller asks its engines whether they are alive, and HeartbeatMisses how many
// heartbeats in a row must be missing until one side takes the other for gone: the defaults of the product's guide on
// service engine failure detection. That an engine counts in the same way as its controller is unconfirmed.
const (
	HeartbeatInterval = 10 * time.Second
	HeartbeatMisses   = 6
)

// Heartbeat is sent by a controller to its engine.
type Heartbeat struct {
	Session uint64 // of the controller: another one after every power cycle
}

// Beat is the reply to a Heartbeat.
type Beat struct {
	Boot    uint64 // of the engine: another one after every power cycle
	Session uint64 // of the last Update applied; 0 if there is none
	Seq     uint64 // of the last Update applied
}

// Update is sent by a controller to its engine: what changed since the Update before it, or everything.
type Update struct {
	Session uint64
	Seq     uint64 // 1, 2, 3 ... within a session
	// Full: everything is listed; what is not listed is gone.
	Full bool

	VirtualServices     []VirtualService
	GoneVirtualServices []string // uuids
	Services            []*Service
	GoneServices        []string // uuids
	Sites               []SiteControl
}

// UpdateAck is the reply to an Update.
type UpdateAck struct {
	Boot uint64
	Seq  uint64 // of the last Update applied
	// NeedFull: the Update did not follow the last one applied and was ignored.
	NeedFull bool
	// States are those of all virtual services, after a full Update.
	States []VSState
}

// SiteControl is what the control plane reports of the virtual services of one site.
type SiteControl struct {
	Cluster string // uuid
	// Reachable: the site's controller has answered its last contact.
	Reachable bool
	// Known: what the site has reported, if anything, is still valid. If not, it is flushed.
	Known bool
	// Full: States lists all virtual services of the site.
	Full   bool
	States []VSState
	Gone   []string // uuids
}

// VSState is the state of a virtual service as its own controller reports it.
type VSState struct {
	UUID, Name string
	Status     health.Status
	Since      time.Time    // of the last change of Status.State
	VIPs       []netip.Addr // that it really has
	// DownPools are the uuids of those of its pools that are down, sorted. They are of interest to the site itself only: a
	// change of them alone is not told to other sites.
	DownPools []string
}

// Hello is sent by an engine to its controller when it has power again. The reply is HelloAck.
type Hello struct {
	Engine string
	Boot   uint64
}

// HelloAck is the reply to a Hello.
type HelloAck struct{}

// Report is sent by an engine to its controller: what changed.
type Report struct {
	Engine          string
	Boot            uint64
	VirtualServices []VSState
	GoneVS          []string // uuids
	Services        []ServiceState
	GoneServices    []string // uuids
}

// ReportAck is the reply to a Report.
type ReportAck struct{}

// ServiceState is the state of a GSLB service as one engine sees it.
type ServiceState struct {
	UUID, Name string
	Status     health.Status
	Since      time.Time   // of the last change of Status.State
	Pools      []PoolState // in configured order
}

// PoolState is the state of one pool of a GSLB service.
type PoolState struct {
	Name    string
	Status  health.Status
	Since   time.Time     // of the last change of Status.State
	Members []MemberState // in configured order
}

// MemberState is the state of one pool member.
type MemberState struct {
	Addr   netip.Addr
	FQDN   string
	Site   string // name; empty for none
	Status health.Status
	// Control and Reachable are what the control plane reports, Monitors what the attached monitors hold.
	Control   health.Control
	Reachable bool
	Monitors  []health.Verdict
	Since     time.Time // of the last change of Status.State
	// Proxy: the site checks the member on behalf of others; Shared: the engine does on behalf of its site's others. It finds DataPlane.
	Proxy, Shared bool
	DataPlane     health.Verdict
}
