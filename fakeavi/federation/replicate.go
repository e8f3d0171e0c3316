package federation

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// batchLimit bounds how many changes one message carries; a full download is one message however large.
const batchLimit = 2000

// replica is what a leader knows of a follower's copy.
type replica struct {
	positioned bool     // cursor is what the site has
	cursor     Position // acknowledged by the site
	scanned    Position // up to here nothing is left to push
	full       bool     // everything is to be pushed
	joined     bool     // the site has had everything once
	pushing    bool
	dismissed  bool // the site is disabled, and the push that tells it so has been made
	synced     bool // the observer has been told that the site is in sync
	stalled    string
	failed     map[string]FailedObject // by uuid
	retry      func()                  // cancels the next attempt at failed objects
}

func (r *replica) stop() {
	if r.retry != nil {
		r.retry()
		r.retry = nil
	}
}

// pumpLater pushes to all sites after async_interval, once for all changes until then.
func (n *Node) pumpLater() {
	if n.loaded.pumpSoon || !n.leads() {
		return
	}
	n.loaded.pumpSoon = true
	n.gathered(n.gslb.AsyncInterval, "pump", func() {
		n.loaded.pumpSoon = false
		for _, cluster := range n.sortedPeers() {
			n.pump(n.loaded.peers[cluster])
		}
	})
}

// position takes what a site says it has. A site that followed another leader, or this one in another view, is sent
// everything.
func (n *Node) position(p *peer, at Position) {
	if p.positioned || !n.leads() {
		return
	}
	p.positioned = true
	p.cursor, p.scanned = at, at
	if at.Claim != n.claim() || max(at.General, at.Federation) > n.deps.Store.Version() {
		p.full = true
	}
	p.joined = p.joined || !p.full
}

// pump pushes to a site what it lacks, one message at a time.
func (n *Node) pump(p *peer) {
	if !n.leads() || p.pushing || !p.positioned || !p.site.Active || p.site.Suspended || p.dismissed {
		return
	}
	msg := n.backlog(p)
	if msg == nil {
		n.settle(p)
		return
	}
	n.push(p, msg)
}

func (n *Node) push(p *peer, msg *Replicate) {
	p.pushing, p.synced, p.dismissed = true, false, !p.site.Enabled
	if fn := n.deps.Observer.Pushed; fn != nil {
		ev := PushEvent{Leader: n.name(), Site: p.site.Name, Full: msg.Full, Objects: len(msg.Changes)}
		n.say(func() { fn(ev) })
	}
	n.send(p.addr(), msg, func(reply any, err error) {
		p.pushing = false
		if n.loaded.peers[p.site.Cluster] != p {
			return
		}
		r, ok := reply.(ReplicateReply)
		if err != nil || !ok {
			// Message or reply are lost: the next contact tells where the site is, and goes on from there.
			p.positioned = false
			return
		}
		n.pushed(p, msg, r)
		n.assess(p)
	})
}

// pushed takes the reply to a push and goes on with what is left.
func (n *Node) pushed(p *peer, msg *Replicate, r ReplicateReply) {
	switch {
	case r.Denied:
		p.stalled = "credentials are refused"
	case r.Refused:
		p.stalled = "the site follows another leader"
		n.told(r.Claim)
	case msg.Claim != n.claim():
		// The reply is to what this node was before; it says nothing of the present view.
	case r.NeedFull:
		p.full = true
		n.pump(p)
	default:
		p.stalled = ""
		p.cursor, p.scanned = r.Received, r.Received
		if msg.Full {
			p.full, p.joined = false, true
			p.failed = nil
		}
		n.noteFailed(p, msg, r.Failed)
		n.pump(p)
	}
}

// settle tells the observer, once, that a site has all it should.
func (n *Node) settle(p *peer) {
	if p.synced || len(p.failed) > 0 || p.stalled != "" {
		return
	}
	p.synced = true
	if fn := n.deps.Observer.InSync; fn != nil {
		state, _ := n.syncState(p)
		ev := SyncEvent{Leader: n.name(), Site: p.site.Name, State: state, Version: p.scanned.General}
		n.say(func() { fn(ev) })
	}
}

// target returns how far a site is to follow. In manual mode that is the version in which its checkpoint was last written,
// or where it is if it has none; a site never goes back. A site of which it is not known where it is, and that has no
// checkpoint, is brought up to date; that the product does so is unconfirmed.
func (n *Node) target(p *peer) Position {
	now := n.deps.Store.Version()
	t := Position{Claim: n.claim(), General: now, Federation: now}
	if !p.site.Replication.Manual {
		return t
	}
	o, chosen := n.deps.Store.Get("federationcheckpoint", p.site.Replication.Checkpoint)
	placed := p.scanned.Claim == t.Claim && p.scanned.General > 0
	switch {
	case chosen && placed:
		t.General = max(p.scanned.General, o.Version)
	case chosen:
		t.General = o.Version
	case placed:
		t.General = p.scanned.General
	}
	return t
}

// backlog makes the next message for a site; nil if it lacks nothing.
func (n *Node) backlog(p *peer) *Replicate {
	to := n.target(p)
	if p.full {
		return n.download(p, to)
	}
	from := p.scanned
	since := from.Federation
	if to.General > from.General {
		since = min(since, from.General)
	}
	history, ok := n.deps.Store.Since(since)
	if !ok {
		p.full = true
		return n.download(p, n.target(p))
	}
	changes := pending(history, from, to)
	if len(changes) > batchLimit {
		changes = changes[:batchLimit]
		last := changes[batchLimit-1].Version
		to.General, to.Federation = min(to.General, last), min(to.Federation, last)
	}
	if len(changes) == 0 {
		p.scanned = to
		return nil
	}
	return &Replicate{Credentials: p.credentials(), Claim: n.claim(), Base: p.cursor, To: to, Changes: latest(changes)}
}

// pending returns the changes of a history that a site at one position lacks to reach another.
func pending(history []store.Change, from, to Position) []store.Change {
	var out []store.Change
	for _, c := range history {
		after, until := from.General, to.General
		if Immediate(c.Object()) {
			after, until = from.Federation, to.Federation
		}
		if Federated(c.Object()) && c.Version > after && c.Version <= until {
			out = append(out, c)
		}
	}
	return out
}

// latest drops changes that later ones of the same object make void.
func latest(changes []store.Change) []store.Change {
	last := map[string]uint64{}
	for _, c := range changes {
		last[c.Object().UUID] = c.Version
	}
	return slices.DeleteFunc(changes, func(c store.Change) bool { return last[c.Object().UUID] != c.Version })
}

// download makes a message with everything a site should have.
func (n *Node) download(p *peer, to Position) *Replicate {
	objects := all(n.deps.Store)
	if to.General < to.Federation {
		then, ok := n.asOf(objects, to.General)
		if !ok {
			p.stalled = "the checkpoint is older than the changes that are kept"
			return nil
		}
		objects = then
	}
	msg := &Replicate{Credentials: p.credentials(), Claim: n.claim(), Full: true, Base: p.cursor, To: to}
	for _, o := range objects {
		msg.Changes = append(msg.Changes, store.Change{Op: store.Created, New: o, Version: o.Version})
	}
	return msg
}

// asOf takes back what happened after a version to objects that follow checkpoints.
func (n *Node) asOf(objects []*store.Object, version uint64) ([]*store.Object, bool) {
	history, ok := n.deps.Store.Since(version)
	if !ok {
		return nil, false
	}
	then := map[string]*store.Object{}
	for _, o := range objects {
		then[o.UUID] = o
	}
	for _, c := range slices.Backward(history) {
		o := c.Object()
		switch {
		case !Federated(o) || Immediate(o):
		case c.Op == store.Created:
			delete(then, o.UUID)
		default:
			then[o.UUID] = c.Old
		}
	}
	out := slices.Collect(maps.Values(then))
	slices.SortFunc(out, byType)
	return out, true
}

// byType orders objects as all does.
func byType(a, b *store.Object) int {
	return cmp.Or(
		cmp.Compare(slices.Index(Types[:], a.Type), slices.Index(Types[:], b.Type)),
		strings.Compare(a.Name, b.Name), strings.Compare(a.UUID, b.UUID),
	)
}

// noteFailed keeps the objects that a site could not store, and tries them again after error_resync_interval.
func (n *Node) noteFailed(p *peer, msg *Replicate, failed []FailedObject) {
	for _, c := range msg.Changes {
		delete(p.failed, c.Object().UUID)
	}
	for _, f := range failed {
		if p.failed == nil {
			p.failed = map[string]FailedObject{}
		}
		p.failed[f.UUID] = f
	}
	n.retryFailed(p)
}

// retryFailed sets the timer of the next attempt at objects that failed, if there are any.
func (n *Node) retryFailed(p *peer) {
	if len(p.failed) == 0 || p.retry != nil || p.pushing || n.gslb.ErrorResync == 0 {
		return
	}
	p.retry = n.later(n.gslb.ErrorResync, "resync/"+p.site.Cluster, func() {
		p.retry = nil
		n.pushFailed(p)
	})
}

// pushFailed sends failed objects as they are at present.
func (n *Node) pushFailed(p *peer) {
	if !n.leads() || p.full || len(p.failed) == 0 || p.pushing {
		return
	}
	msg := &Replicate{Credentials: p.credentials(), Claim: n.claim(), Base: p.cursor, To: p.cursor}
	for _, uuid := range slices.Sorted(maps.Keys(p.failed)) {
		f := p.failed[uuid]
		if o, ok := n.deps.Store.Get(f.Type, uuid); ok {
			msg.Changes = append(msg.Changes, store.Change{Op: store.Updated, New: o, Version: o.Version})
		} else {
			delete(p.failed, uuid)
		}
	}
	if len(msg.Changes) == 0 {
		n.settle(p)
		return
	}
	n.push(p, msg)
}
