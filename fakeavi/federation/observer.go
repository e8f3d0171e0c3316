package federation

// Observer is told what happens in a federation. Functions may be nil. They are called without a lock held, after the fact.
type Observer struct {
	Pushed   func(PushEvent)
	Received func(ReceiveEvent)
	InSync   func(SyncEvent)
	Site     func(SiteEvent)
	Leader   func(LeaderEvent)
	Dual     func(DualEvent)
	Refused  func(RefusedEvent)
}

// PushEvent: a leader sent changes to a site.
type PushEvent struct {
	Leader, Site string // names
	Full         bool
	Objects      int
}

// ReceiveEvent: a follower stored changes.
type ReceiveEvent struct {
	Site    string // name
	Full    bool
	Objects int
	Failed  int
}

// SyncEvent: a leader knows that a site has everything, or everything up to its checkpoint.
type SyncEvent struct {
	Leader, Site string // names
	State        SyncState
	Version      uint64 // of the leader's store
}

// SiteEvent: a site's state changed, as another site sees it.
type SiteEvent struct {
	Observer, Site string // names
	From, To       SiteState
	Reason         string
}

// LeaderEvent: a site follows another leader than before.
type LeaderEvent struct {
	Site     string // name
	From, To Claim
}

// DualEvent: a leader was told that another site leads.
type DualEvent struct {
	Site        string // name of the leader that was told
	Mine, Other Claim
}

// RefusedEvent: a leader refused a follower's change of enabled flags, which the follower has taken back.
type RefusedEvent struct {
	Site    string // name of the follower
	Service string // name of the GSLB service
	Reason  string
}
