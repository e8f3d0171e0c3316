package federation

import (
	"github.com/gslbsim/gslbsim/fakeavi/config"
	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// Admit judges a client's write of a federated object: only a leader takes them, and nobody does in maintenance mode. A
// follower takes changes of enabled flags, and forwards them, if enable_config_by_members is set. It is made to be
// registered with store.Admit.
func (n *Node) Admit(_ store.Op, old, now *store.Object) (err error) {
	o := now
	if o == nil || old != nil && Federated(old) {
		o = old
	}
	if !Federated(o) {
		return nil
	}
	n.act(func() { err = n.admit(old, now) })
	return err
}

func (n *Node) admit(old, now *store.Object) error {
	if n.gslb == nil {
		return nil
	}
	member := n.gslb.ConfigByMembers && onlySwitches(old, now)
	if !n.leads() && !member {
		return store.NotLeader()
	}
	if n.gslb.Maintenance && !endsMaintenance(now) {
		return store.Maintenance()
	}
	if !n.leads() {
		return n.forward(old, now)
	}
	return nil
}

// endsMaintenance reports whether a write is the one that ends maintenance mode.
func endsMaintenance(now *store.Object) bool {
	return now != nil && now.Type == "gslb" && !config.ReadGslb(now.Body()).Maintenance
}

// Prepare completes a client's write of a gslb object: who leads and in which view is not for clients to write, sites get
// uuids, and maintenance mode stretches the send interval and gives it back. It is made to be registered with
// store.Prepare.
func (n *Node) Prepare(s *store.Store) store.Preparer {
	return func(d *store.Draft) error {
		if d.Type != "gslb" {
			return nil
		}
		if d.Old != nil {
			if !n.changing.Load() {
				keepClaim(d.Old.Body(), d.Body)
			}
			setMaintenance(d.Old.Body(), d.Body)
		}
		identify(s, d.Body, "sites", "site")
		identify(s, d.Body, "third_party_sites", "site")
		return nil
	}
}

// keepClaim takes over who leads, and in which view.
func keepClaim(was, now map[string]any) {
	for _, key := range [...]string{"leader_cluster_uuid", "view_id"} {
		if v, ok := was[key]; ok {
			now[key] = v
		}
	}
}

// setMaintenance changes the send interval of a body when it enters or ends maintenance mode.
func setMaintenance(was, now map[string]any) {
	before, _ := was["maintenance_mode"].(bool)
	after, _ := now["maintenance_mode"].(bool)
	const interval, prior = "send_interval", "send_interval_prior_to_maintenance_mode"
	switch {
	case !before && after:
		now[prior], now[interval] = was[interval], int64(config.MaintenanceSendInterval.Seconds())
	case before && !after:
		now[interval], now[prior] = was[prior], was[prior]
	}
}

// identify gives sites without an identity one that is derived from their name.
func identify(s *store.Store, body map[string]any, list, prefix string) {
	sites, _ := body[list].([]any)
	for _, v := range sites {
		site, ok := v.(map[string]any)
		if !ok {
			continue
		}
		name, _ := site["name"].(string)
		if id, _ := site["uuid"].(string); id == "" {
			site["uuid"] = s.DeriveUUID(prefix, list, name)
		}
		if id, _ := site["cluster_uuid"].(string); id == "" && list == "third_party_sites" {
			site["cluster_uuid"] = s.DeriveUUID("tp_cluster", name)
		}
	}
}
