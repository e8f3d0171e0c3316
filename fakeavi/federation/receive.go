package federation

import (
	"slices"

	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// receive stores what a leader sends.
func (n *Node) receive(m *Replicate) ReplicateReply {
	if !n.deps.Authorize(m.Credentials) {
		return ReplicateReply{Denied: true}
	}
	n.applying.Lock()
	defer n.applying.Unlock()
	reply, ok := n.mayReceive(m)
	if !ok {
		return reply
	}
	changes, failed := n.acceptable(m.Changes)
	if m.Full {
		changes = append(n.superfluous(m.Changes), n.different(changes)...)
	}
	if err := n.deps.Store.Apply(changes); err != nil {
		changes, failed = n.applyEach(changes, failed)
	}
	n.act(func() {
		n.received = m.To
		n.emitReceived(m.Full, len(changes), len(failed))
	})
	return ReplicateReply{Claim: m.Claim, Received: m.To, Failed: failed}
}

// mayReceive decides whether a message comes from the leader that the node follows, or from one of a later view. A
// controller that belongs to no federation follows whoever knows its password.
func (n *Node) mayReceive(m *Replicate) (ReplicateReply, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	mine := n.claim()
	if n.gslb != nil && m.Claim.ViewID <= mine.ViewID && m.Claim != mine {
		return ReplicateReply{Refused: true, Claim: mine}, false
	}
	if m.Claim.Leader == n.cfg.Cluster {
		return ReplicateReply{Refused: true, Claim: mine}, false
	}
	if !m.Full && m.Base != n.received {
		return ReplicateReply{NeedFull: true, Claim: mine, Received: n.received}, false
	}
	return ReplicateReply{}, true
}

// acceptable leaves out what this site cannot store.
func (n *Node) acceptable(changes []store.Change) (ok []store.Change, failed []FailedObject) {
	for _, c := range changes {
		if err := n.storable(c); err != nil {
			failed = append(failed, failure(c.Object(), err))
			continue
		}
		ok = append(ok, c)
	}
	return ok, failed
}

// storable refuses objects for which there is no room at this site: their tenant is missing, or has an object of its own by that name.
// UNCONFIRMED: that a site's own object stands in the way of the federation's.
func (n *Node) storable(c store.Change) error {
	o := c.Object()
	if n.deps.Reject != nil {
		if err := n.deps.Reject(o); err != nil {
			return err
		}
	}
	if c.Op == store.Deleted {
		return nil
	}
	if n.deps.Store.TenantUUID(o.Tenant) == "" {
		return store.UnknownTenant(o.Tenant)
	}
	if own, ok := n.deps.Store.Lookup(o.Type, o.Tenant, o.Name); ok && own.UUID != o.UUID && !own.Federated {
		t, _ := n.deps.Store.Schema().Type(o.Type)
		return store.Duplicate(t.Model, o.Name)
	}
	return nil
}

func failure(o *store.Object, err error) FailedObject {
	return FailedObject{Type: o.Type, UUID: o.UUID, Name: o.Name, Reason: err.Error()}
}

// superfluous returns the deletions that a full download implies, those of referring objects first.
func (n *Node) superfluous(download []store.Change) []store.Change {
	listed := map[string]bool{}
	for _, c := range download {
		listed[c.Object().UUID] = true
	}
	var out []store.Change
	for _, o := range slices.Backward(all(n.deps.Store)) {
		if !listed[o.UUID] {
			out = append(out, store.Change{Op: store.Deleted, Old: o})
		}
	}
	return out
}

// different leaves out of a full download what is here already.
func (n *Node) different(download []store.Change) []store.Change {
	return slices.DeleteFunc(download, func(c store.Change) bool {
		o, ok := n.deps.Store.Get(c.Object().Type, c.Object().UUID)
		return ok && c.New != nil && o.Modified == c.New.Modified
	})
}

// applyEach stores what can be stored when changes cannot be stored together.
func (n *Node) applyEach(changes []store.Change, failed []FailedObject) ([]store.Change, []FailedObject) {
	var done []store.Change
	for _, c := range changes {
		if err := n.deps.Store.Apply([]store.Change{c}); err != nil {
			failed = append(failed, failure(c.Object(), err))
			continue
		}
		done = append(done, c)
	}
	return done, failed
}

func (n *Node) emitReceived(full bool, objects, failed int) {
	if fn := n.deps.Observer.Received; fn != nil {
		ev := ReceiveEvent{Site: n.name(), Full: full, Objects: objects, Failed: failed}
		n.say(func() { fn(ev) })
	}
}
