package federation

import (
	"github.com/gslbsim/gslbsim/fakeavi/engine"
	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// Claim is who leads, as far as somebody knows. A higher view replaces a lower one. The zero Claim is that of a controller
// which belongs to no federation.
type Claim struct {
	Leader string // cluster uuid
	ViewID uint64
}

// Position is how far a follower has got with a leader's changes. Its numbers are versions of the leader's store.
type Position struct {
	Claim
	General    uint64 // all changes up to here
	Federation uint64 // changes of the federation's own objects (see Immediate) up to here
}

// Credentials are sent with every message; a site refuses messages of those that do not know its password.
type Credentials struct{ Username, Password string }

// Verify asks a controller who it is.
type Verify struct{ Credentials }

// VerifyReply is the reply to Verify.
type VerifyReply struct {
	Denied  bool // the credentials are wrong
	Cluster string
	Name    string
	Version string
	// Member: the controller belongs to a federation already, that of Claim.
	Member bool
	Claim  Claim
	// DNS lists the controller's DNS virtual services.
	DNS []NamedUUID
}

// NamedUUID names an object.
type NamedUUID struct{ UUID, Name string }

// Contact is what an active site sends to another site every send interval.
type Contact struct {
	Credentials
	From  string // cluster uuid
	Claim Claim
	// Epoch and Seen say which of the receiver's states of virtual services the sender knows.
	Epoch, Seen uint64
}

// ContactReply is the reply to Contact.
type ContactReply struct {
	Denied   bool
	Cluster  string
	Version  string // of the software
	Claim    Claim
	Received Position
	States   Delta
}

// Delta is what changed among the virtual services of a site.
type Delta struct {
	// Pending: the site has just started and does not know its virtual services yet; nothing else is set.
	Pending     bool
	Epoch, Seen uint64 // to be sent with the next Contact
	Full        bool   // States lists all there are
	States      []engine.VSState
	Gone        []string // uuids
}

// Replicate is what a leader sends to a follower.
type Replicate struct {
	Credentials
	Claim Claim
	// Full: Changes creates all federated objects there are; others are to be deleted.
	Full bool
	// Base is where the follower must be, To where it is after the changes.
	Base, To Position
	Changes  []store.Change
}

// ReplicateReply is the reply to Replicate.
type ReplicateReply struct {
	Denied bool
	// Refused: the receiver follows the leader of Claim, not the sender.
	Refused bool
	Claim   Claim
	// NeedFull: the receiver is not at Base, and has changed nothing.
	NeedFull bool
	Received Position
	Failed   []FailedObject
}

// FailedObject is an object that a follower could not store.
type FailedObject struct {
	Type, UUID, Name, Reason string
}

// Leave tells a site that it belongs to the federation no more. The reply is Acknowledged.
type Leave struct {
	Credentials
	Claim Claim
}

// Acknowledged is the reply to messages that ask for nothing.
type Acknowledged struct{ Denied bool }

// Probe is a short probe of a follower to its leader. The reply is Acknowledged.
type Probe struct{ From string }

// Ballot asks another active site whether it, too, misses the leader.
type Ballot struct{ Leader string }

// BallotReply is the reply to Ballot.
type BallotReply struct{ Misses int }

// MemberChange forwards a follower's change of the enabled flags of a GSLB service to the leader. The reply is
// MemberChangeReply.
type MemberChange struct {
	From    string
	UUID    string
	Enabled []PoolSwitch
}

// PoolSwitch holds the enabled flags of one pool.
type PoolSwitch struct {
	Enabled bool
	Members []bool
}

// MemberChangeReply is the reply to MemberChange.
type MemberChangeReply struct{ Error string }
