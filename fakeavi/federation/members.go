package federation

import (
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// forwardLimit bounds how many services a follower has changes of on their way to the leader.
const forwardLimit = 1000

// forwards are a follower's changes of enabled flags on their way to the leader, the last one per GSLB service.
type forwards struct {
	pending map[string]*forward
	flying  bool
}

// forward is a change on its way to the leader.
type forward struct {
	msg *MemberChange
	// before is the GSLB service without what the leader has yet to take, now is what the follower has made of it.
	before, now *store.Object
}

// switches returns the enabled flags of a GSLB service.
func switches(body map[string]any) []PoolSwitch {
	groups, _ := body["groups"].([]any)
	var out []PoolSwitch
	for _, g := range groups {
		group, _ := g.(map[string]any)
		s := PoolSwitch{Enabled: enabled(group)}
		members, _ := group["members"].([]any)
		for _, m := range members {
			member, _ := m.(map[string]any)
			s.Members = append(s.Members, enabled(member))
		}
		out = append(out, s)
	}
	return out
}

func enabled(m map[string]any) bool { b, ok := m["enabled"].(bool); return b || !ok }

// switched returns a copy of a GSLB service with other enabled flags; false if the flags do not fit its pools.
func switched(body map[string]any, flags []PoolSwitch) (map[string]any, bool) {
	groups, _ := body["groups"].([]any)
	if len(groups) != len(flags) {
		return nil, false
	}
	out, list := maps.Clone(body), make([]any, 0, len(groups))
	for i, g := range groups {
		group, ok := g.(map[string]any)
		members, _ := group["members"].([]any)
		if !ok || len(members) != len(flags[i].Members) {
			return nil, false
		}
		group = maps.Clone(group)
		group["enabled"] = flags[i].Enabled
		group["members"] = switchedMembers(members, flags[i].Members)
		list = append(list, group)
	}
	out["groups"] = list
	return out, true
}

func switchedMembers(members []any, flags []bool) []any {
	out := make([]any, 0, len(members))
	for i, m := range members {
		member, _ := m.(map[string]any)
		member = maps.Clone(member)
		member["enabled"] = flags[i]
		out = append(out, member)
	}
	return out
}

// onlySwitches reports whether a change of a GSLB service is about nothing but enabled flags.
func onlySwitches(old, now *store.Object) bool {
	if old == nil || now == nil || now.Type != "gslbservice" {
		return false
	}
	same, ok := switched(old.Body(), switches(now.Body()))
	if !ok {
		return false
	}
	ours := maps.Clone(now.Body())
	for _, key := range [...]string{"_last_modified", "configpb_attributes"} {
		delete(ours, key)
		delete(same, key)
	}
	return reflect.DeepEqual(same, ours)
}

// forward sends a follower's change to the leader.
func (n *Node) forward(old, now *store.Object) error {
	f := &n.loaded.forwards
	if len(f.pending) >= forwardLimit {
		return store.Refuse(503, "%d changes are waiting for the leader: try again later", len(f.pending))
	}
	if earlier := f.pending[now.UUID]; earlier != nil {
		old = earlier.before
	}
	f.pending[now.UUID] = &forward{
		msg:    &MemberChange{From: n.cfg.Cluster, UUID: now.UUID, Enabled: switches(now.Body())},
		before: old, now: now,
	}
	n.later(0, "forward", n.flushForwards)
	return nil
}

// flushForwards sends what is pending, one at a time; what does not arrive is tried again after a send interval.
func (n *Node) flushForwards() {
	f := &n.loaded.forwards
	if f.flying || len(f.pending) == 0 || n.role() != RoleMember {
		return
	}
	leader, ok := n.gslb.Site(n.gslb.Leader)
	if !ok || len(leader.Addrs) == 0 {
		return
	}
	sent := f.pending[slices.Min(slices.Collect(maps.Keys(f.pending)))]
	f.flying = true
	n.send(leader.Addrs[0], sent.msg, func(reply any, err error) {
		n.loaded.forwards.flying = false
		if err != nil {
			if n.gslb != nil {
				n.later(n.gslb.SendInterval, "forward", n.flushForwards)
			}
			return
		}
		r, _ := reply.(MemberChangeReply)
		n.forwarded(sent, r.Error)
		n.flushForwards()
	})
}

// forwarded takes the leader's answer to a change. One that it refuses is taken back (that the product does so is unconfirmed), unless
// the follower has made another one since, of which the leader will be asked too.
func (n *Node) forwarded(sent *forward, refused string) {
	f := &n.loaded.forwards
	latest := f.pending[sent.msg.UUID]
	if latest == sent {
		delete(f.pending, sent.msg.UUID)
	}
	switch {
	case refused == "" && latest != nil:
		latest.before = sent.now
	case refused != "" && latest == sent:
		site := n.name()
		n.say(func() { n.takeBack(sent, RefusedEvent{Site: site, Service: sent.now.Name, Reason: refused}) })
	}
}

// takeBack undoes a follower's change, unless the leader has sent the GSLB service anew in the meantime.
func (n *Node) takeBack(f *forward, ev RefusedEvent) {
	n.applying.Lock()
	o, ok := n.deps.Store.Get(f.now.Type, f.now.UUID)
	ok = ok && o.Modified == f.now.Modified
	if ok {
		// Nothing can be wrong with a change that holds two states of one object.
		_ = n.deps.Store.Apply([]store.Change{{Op: store.Updated, Old: o, New: f.before}})
	}
	n.applying.Unlock()
	if fn := n.deps.Observer.Refused; fn != nil && ok {
		fn(ev)
	}
}

// changeMembers applies a follower's change at the leader, as a client's write would.
func (n *Node) changeMembers(m *MemberChange) MemberChangeReply {
	n.mu.Lock()
	ok := n.leads() && n.gslb.ConfigByMembers
	n.mu.Unlock()
	if !ok {
		return MemberChangeReply{Error: "this site does not take changes of members"}
	}
	o, found := n.deps.Store.Get("gslbservice", m.UUID)
	if !found {
		return MemberChangeReply{Error: fmt.Sprintf("gslb service %s does not exist", m.UUID)}
	}
	body, fits := switched(o.Body(), m.Enabled)
	if !fits {
		return MemberChangeReply{Error: fmt.Sprintf("gslb service %s has other pools at the leader", o.Name)}
	}
	delete(body, "_last_modified")
	if _, err := n.deps.Store.Update("gslbservice", m.UUID, body); err != nil {
		return MemberChangeReply{Error: err.Error()}
	}
	return MemberChangeReply{}
}
