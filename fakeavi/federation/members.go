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
	pending map[string]*MemberChange
	flying  bool
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
func (n *Node) forward(o *store.Object) error {
	f := &n.loaded.forwards
	if len(f.pending) >= forwardLimit {
		return store.Refuse(503, "%d changes are waiting for the leader: try again later", len(f.pending))
	}
	f.pending[o.UUID] = &MemberChange{From: n.cfg.Cluster, UUID: o.UUID, Enabled: switches(o.Body())}
	n.later(0, "forward", n.flushForwards)
	return nil
}

// flushForwards sends what is pending, one at a time; what fails is tried again after a send interval.
func (n *Node) flushForwards() {
	f := &n.loaded.forwards
	if f.flying || len(f.pending) == 0 || n.role() != RoleMember {
		return
	}
	leader, ok := n.gslb.Site(n.gslb.Leader)
	if !ok || len(leader.Addrs) == 0 {
		return
	}
	uuid := slices.Min(slices.Collect(maps.Keys(f.pending)))
	msg := f.pending[uuid]
	f.flying = true
	n.send(leader.Addrs[0], msg, func(_ any, err error) {
		f := &n.loaded.forwards
		f.flying = false
		if err != nil {
			if n.gslb != nil {
				n.later(n.gslb.SendInterval, "forward", n.flushForwards)
			}
			return
		}
		if f.pending[uuid] == msg {
			delete(f.pending, uuid)
		}
		n.flushForwards()
	})
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
