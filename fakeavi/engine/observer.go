package engine

import (
	"net/netip"

	"github.com/gslbsim/gslbsim/fakeavi/health"
)

// Observer is told what happens in an engine. Functions may be nil. They are called one at a time per engine in virtual
// runs, without a lock held, after the fact.
type Observer struct {
	Member         func(MemberEvent)
	Pool           func(PoolEvent)
	Service        func(ServiceEvent)
	VirtualService func(VSEvent)
	Table          func(TableEvent)
	Applied        func(AppliedEvent)
	Headless       func(HeadlessEvent)
	// VIP is told every address whose answers may differ from before.
	VIP func(netip.Addr)
}

// At names where an event happened.
type At struct {
	Site, Engine string
}

// MemberEvent: a member's status changed at a site.
type MemberEvent struct {
	At
	Service, ServiceUUID string
	Pool                 string
	Member               netip.Addr
	FQDN                 string
	MemberSite           string
	From, To             health.Status
}

// PoolEvent: a pool's status changed at a site.
type PoolEvent struct {
	At
	Service, ServiceUUID string
	Pool                 string
	From, To             health.Status
}

// ServiceEvent: a GSLB service's status changed at a site.
type ServiceEvent struct {
	At
	Service, ServiceUUID string
	From, To             health.Status
}

// VSEvent: a virtual service's status changed.
type VSEvent struct {
	At
	Name, UUID string
	From, To   health.Status
}

// TableEvent: a DNS virtual service answers from another table.
type TableEvent struct {
	At
	DNS      string // name of the DNS virtual service
	Services int    // in the table
	Changed  int    // services changed or added
	Removed  int
	// Rejected holds a line per service that the table refused.
	Rejected []string
}

// AppliedEvent: an engine applied an Update.
type AppliedEvent struct {
	At
	Session, Seq uint64
	Full         bool
}

// HeadlessEvent: an engine lost its controller, or has it again.
type HeadlessEvent struct {
	At
	Headless bool
}
