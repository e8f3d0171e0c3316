package fakeavi

import (
	"errors"
	"net/netip"
	"slices"
	"sync"

	"github.com/gslbsim/gslbsim/fakeavi/config"
	"github.com/gslbsim/gslbsim/fakeavi/ipam"
	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// vips gives addresses to vsvip objects that ask for one.
type vips struct {
	store *store.Store
	ipam  *ipam.Allocator

	mu sync.Mutex
	// pending is the vsvip whose write was prepared last. Writes are serial: when the next one is prepared, that one is
	// stored or has failed.
	pending string
}

func newVIPs(s *store.Store) *vips { return &vips{store: s, ipam: ipam.New()} }

// prepare fills in the addresses of a vsvip that is being written.
func (v *vips) prepare(d *store.Draft) error {
	if d.Type != "vsvip" {
		return nil
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.settle()
	v.pending = d.UUID
	list, _ := d.Body["vip"].([]any)
	for i, e := range list {
		vip, ok := e.(map[string]any)
		if !ok {
			continue
		}
		if err := v.sameVIP(d, i, vip); err != nil {
			return err
		}
		if vip["auto_allocate_ip"] == true {
			if err := v.allocate(d, vip); err != nil {
				return err
			}
		}
	}
	return nil
}

// settle takes back what was allocated for a write that failed.
func (v *vips) settle() {
	if v.pending == "" {
		return
	}
	var kept []netip.Addr
	if o, ok := v.store.Get("vsvip", v.pending); ok {
		kept = config.ReadVIPs(o.Body())
	}
	v.ipam.Keep(v.pending, kept...)
	v.pending = ""
}

// sameVIP refuses another vip_id for a VIP, and takes over what an existing one was given.
func (v *vips) sameVIP(d *store.Draft, i int, vip map[string]any) error {
	if d.Old == nil {
		return nil
	}
	before, _ := d.Old.Body()["vip"].([]any)
	found := slices.IndexFunc(before, func(e any) bool {
		was, _ := e.(map[string]any)
		return was["vip_id"] == vip["vip_id"]
	})
	if found < 0 {
		if i < len(before) && len(before) == 1 {
			return store.VipIDChanged()
		}
		return nil
	}
	was := before[found].(map[string]any)
	if vip["auto_allocate_ip"] == true && was["auto_allocate_ip"] == true {
		for _, key := range [...]string{"ip_address", "ip6_address"} {
			if _, set := vip[key]; !set && was[key] != nil {
				vip[key], vip["avi_allocated_vip"] = was[key], was["avi_allocated_vip"]
			}
		}
	}
	return nil
}

// allocate gives a VIP the addresses that it lacks.
func (v *vips) allocate(d *store.Draft, vip map[string]any) error {
	kind, _ := vip["auto_allocate_ip_type"].(string)
	families := []struct {
		key    string
		family ipam.Family
	}{{"ip_address", ipam.V4}, {"ip6_address", ipam.V6}}
	for i, f := range families {
		wanted := kind == "V4_V6" || kind == "V6_ONLY" && i == 1 || kind != "V6_ONLY" && i == 0
		if vip[f.key] != nil || !wanted {
			continue
		}
		lease, err := v.lease(d, vip, f.family)
		if err != nil {
			return err
		}
		vip[f.key] = ip(lease.Addr)
		vip["avi_allocated_vip"] = true
	}
	return nil
}

// lease allocates from the network that a VIP names, or from those of its cloud's IPAM profile.
func (v *vips) lease(d *store.Draft, vip map[string]any, f ipam.Family) (ipam.Lease, error) {
	networks, subnet := v.networks(d, vip)
	for _, uuid := range networks {
		lease, err := v.ipam.Allocate(d.UUID, uuid, subnet, f)
		switch {
		case err == nil:
			return lease, nil
		case errors.Is(err, ipam.ErrUnknownNetwork):
			return ipam.Lease{}, store.Refuse(400, "%v", err)
		}
	}
	return ipam.Lease{}, store.NoFreeIPs()
}

func (v *vips) networks(d *store.Draft, vip map[string]any) (uuids []string, subnet netip.Prefix) {
	want, _ := vip["ipam_network_subnet"].(map[string]any)
	if s, ok := want["subnet"].(map[string]any); ok {
		subnet = prefixOf(s)
	}
	if t, ok := target(want, "network_ref"); ok {
		return []string{t.UUID}, subnet
	}
	cloud, ok := target(d.Body, "cloud_ref")
	if !ok {
		return nil, subnet
	}
	o, ok := v.store.Get("cloud", cloud.UUID)
	if !ok {
		return nil, subnet
	}
	profile, _ := target(o.Body(), "ipam_provider_ref")
	p, ok := v.store.Get("ipamdnsproviderprofile", profile.UUID)
	if !ok {
		return nil, subnet
	}
	internal, _ := p.Body()["internal_profile"].(map[string]any)
	usable, _ := internal["usable_networks"].([]any)
	for _, u := range usable {
		if m, ok := u.(map[string]any); ok {
			if t, ok := target(m, "nw_ref"); ok {
				uuids = append(uuids, t.UUID)
			}
		}
	}
	return uuids, subnet
}

func target(body map[string]any, key string) (store.Target, bool) {
	ref, _ := body[key].(string)
	return store.ParseTarget(ref)
}

// changed follows networks and vsvips.
func (v *vips) changed(ch store.Change) {
	switch o := ch.Object(); o.Type {
	case "network":
		if ch.Op == store.Deleted {
			v.ipam.RemoveNetwork(o.UUID)
			return
		}
		// A network with ranges that make no sense has no addresses to give.
		if v.ipam.SetNetwork(networkOf(o)) != nil {
			v.ipam.RemoveNetwork(o.UUID)
		}
	case "vsvip":
		if ch.Op == store.Deleted {
			v.ipam.Release(o.UUID)
			return
		}
		addrs := config.ReadVIPs(o.Body())
		v.ipam.Keep(o.UUID, addrs...)
		for _, a := range addrs {
			// An address that two vsvips state is nobody's business but theirs.
			_ = v.ipam.Reserve(o.UUID, a)
		}
	}
}

// networkOf reads a network object: its subnets and the ranges in them that VIPs may use.
func networkOf(o *store.Object) ipam.Network {
	n := ipam.Network{UUID: o.UUID, Name: o.Name}
	subnets, _ := o.Body()["configured_subnets"].([]any)
	for _, e := range subnets {
		s, _ := e.(map[string]any)
		prefix, _ := s["prefix"].(map[string]any)
		subnet := ipam.Subnet{Prefix: prefixOf(prefix)}
		ranges, _ := s["static_ip_ranges"].([]any)
		for _, e := range ranges {
			r, _ := e.(map[string]any)
			if r["type"] == "STATIC_IPS_FOR_SE" {
				continue
			}
			bounds, _ := r["range"].(map[string]any)
			subnet.Ranges = append(subnet.Ranges, ipam.Range{Begin: addrOf(bounds["begin"]), End: addrOf(bounds["end"])})
		}
		n.Subnets = append(n.Subnets, subnet)
	}
	return n
}

func prefixOf(m map[string]any) netip.Prefix {
	addr := addrOf(m["ip_addr"])
	mask, ok := m["mask"].(int64)
	if !addr.IsValid() || !ok {
		return netip.Prefix{}
	}
	return netip.PrefixFrom(addr, int(mask))
}

func addrOf(v any) netip.Addr {
	m, _ := v.(map[string]any)
	text, _ := m["addr"].(string)
	a, _ := netip.ParseAddr(text)
	return a
}
