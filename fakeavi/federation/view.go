package federation

import "time"

// SiteState is the state of a site as another one sees it, in the API's words.
type SiteState string

// The states of a site. A site that exchanges messages as it should is in SiteHealthy.
const (
	SiteJoining     SiteState = "SITE_STATE_JOIN_IN_PROGRESS"
	SiteLeaving     SiteState = "SITE_STATE_LEAVE_IN_PROGRESS"
	SiteInit        SiteState = "SITE_STATE_INIT"
	SiteUnreachable SiteState = "SITE_STATE_UNREACHABLE"
	SiteMaintenance SiteState = "SITE_STATE_MMODE"
	SiteDisabled    SiteState = "SITE_STATE_DISABLED"
	SiteHealthy     SiteState = "SITE_STATE_HS_IN_PROGRESS"
)

// SyncState says how far a site has the leader's configuration, in the API's words.
type SyncState string

// The states of replication.
const (
	SyncInSync        SyncState = "GSLB_SITE_CFG_IN_SYNC"
	SyncOutOfSync     SyncState = "GSLB_SITE_CFG_OUT_OF_SYNC"
	SyncDisabled      SyncState = "GSLB_SITE_CFG_SYNC_DISABLED"
	SyncInProgress    SyncState = "GSLB_SITE_CFG_SYNC_IN_PROGRESS"
	SyncNotApplicable SyncState = "GSLB_SITE_CFG_SYNC_NOT_APPLICABLE"
	SyncCheckpoint    SyncState = "GSLB_SITE_CFG_SYNCED_TILL_CHECKPOINT"
	SyncSuspended     SyncState = "GSLB_SITE_CFG_SYNC_SUSPENDED"
	SyncStalled       SyncState = "GSLB_SITE_CFG_SYNC_STALLED"
)

// Role is what a controller is in its federation, in the API's words.
type Role string

// The roles.
const (
	RoleNone   Role = "GSLB_NOT_A_MEMBER"
	RoleMember Role = "GSLB_MEMBER"
	RoleLeader Role = "GSLB_LEADER"
)

// View is what a node knows of its federation at one instant.
type View struct {
	Cluster  string // uuid
	Role     Role
	Claim    Claim
	Received Position // of a follower
	// Superseded: the node leads, and has been told that another site leads, that of Other.
	Superseded bool
	Other      Claim
	Misses     int // short probes to the leader that failed in a row
	Sites      []SiteView
}

// SiteView is what a node knows of another site, or of itself.
type SiteView struct {
	Name, Cluster string
	Self          bool
	Role          Role
	Active        bool
	State         SiteState
	Reason        string // of the state
	Sync          SyncState
	SyncReason    string
	Retries       int // contacts in a row that failed
	Version       string
	Acknowledged  Position
	Target        uint64 // version that the site is to reach
	Pending       int    // objects that it lacks
	Failed        []FailedObject
	LastContact   time.Time // that succeeded; zero: never
	VSCount       int       // virtual services that the site reports
}
