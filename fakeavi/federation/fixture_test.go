package federation_test

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/fakeavi/engine"
	"github.com/gslbsim/gslbsim/fakeavi/federation"
	"github.com/gslbsim/gslbsim/fakeavi/health"
	"github.com/gslbsim/gslbsim/fakeavi/internal/virtual"
	"github.com/gslbsim/gslbsim/fakeavi/store"
	"github.com/gslbsim/gslbsim/fakeavi/wire"
)

// site is a controller without its REST API and engines: a store and a node.
type site struct {
	name, cluster string
	addr          netip.Addr
	store         *store.Store
	node          *federation.Node
	controls      []engine.SiteControl
	reject        func(*store.Object) error
	refuses       error // what clients' writes of it meet
}

// stage is some sites, not yet joined, and a log of what they observe.
type stage struct {
	virtual.Clock
	wire  *wire.Switch
	sites []*site
	start time.Time
	log   []string

	refused []federation.RefusedEvent
}

const latency = 10 * time.Millisecond

func onStage(t *testing.T, sites int, f func(*stage, *GomegaWithT)) {
	t.Helper()
	virtual.Run(t, func(c virtual.Clock) {
		g := NewWithT(c.T)
		s := &stage{Clock: c, start: time.Now()}
		s.wire = wire.NewSwitch(wire.Config{Scheduler: c, Latency: latency, Timeout: 3 * time.Second})
		for i := range sites {
			s.add(g, fmt.Sprintf("region%02d", i+1), netip.AddrFrom4([4]byte{10, byte(i + 1), 9, 1}))
		}
		f(s, g)
	})
}

func (s *stage) add(g *GomegaWithT, name string, addr netip.Addr) {
	x := &site{name: name, cluster: "cluster-" + name, addr: addr, store: store.New(store.Config{Namespace: name})}
	node, err := federation.New(
		federation.Config{Cluster: x.cluster, Name: name, Addr: addr, Version: "31.2.1"},
		federation.Deps{
			Store: x.store, Scheduler: s, Wire: s.wire,
			Authorize: func(c federation.Credentials) bool { return c == credentials },
			Control:   func(c engine.SiteControl) { x.controls = append(x.controls, c) },
			Observer:  s.observer(),
			Reject: func(o *store.Object) error {
				if x.reject != nil {
					return x.reject(o)
				}
				return nil
			},
		})
	g.Expect(err).NotTo(HaveOccurred())
	x.node = node
	x.store.Prepare(node.Prepare(x.store))
	x.store.Admit(node.Admit)
	x.store.Admit(func(store.Op, *store.Object, *store.Object) error { return x.refuses })
	x.store.Subscribe(node.Changed)
	node.StatesComplete()
	s.wire.Attach(addr, node)
	s.sites = append(s.sites, x)
}

var credentials = federation.Credentials{Username: "admin", Password: "secret"}

func (s *stage) note(format string, args ...any) {
	s.log = append(s.log, fmt.Sprintf(format, args...))
}

func (s *stage) observer() federation.Observer {
	return federation.Observer{
		Pushed: func(e federation.PushEvent) {
			s.note("%s pushes %d to %s full=%v", e.Leader, e.Objects, e.Site, e.Full)
		},
		Received: func(e federation.ReceiveEvent) {
			s.note("%s receives %d full=%v failed=%d", e.Site, e.Objects, e.Full, e.Failed)
		},
		InSync: func(e federation.SyncEvent) { s.note("%s in sync: %s", e.Site, e.State) },
		Site:   func(e federation.SiteEvent) { s.note("%s sees %s: %s", e.Observer, e.Site, e.To) },
		Leader: func(e federation.LeaderEvent) { s.note("%s follows %s view %d", e.Site, e.To.Leader, e.To.ViewID) },
		Dual:   func(e federation.DualEvent) { s.note("%s is told that %s leads", e.Site, e.Other.Leader) },

		Refused: func(e federation.RefusedEvent) { s.refused = append(s.refused, e) },
	}
}

// took returns the log and forgets it.
func (s *stage) took() []string {
	log := s.log
	s.log = nil
	return log
}

// siteBody is a member of the federation in the API's words.
func (x *site) siteBody(more map[string]any) map[string]any {
	b := map[string]any{
		"name": x.name, "cluster_uuid": x.cluster, "username": credentials.Username, "password": credentials.Password,
		"member_type": "GSLB_ACTIVE_MEMBER", "enabled": true,
		"ip_addresses": []any{map[string]any{"addr": x.addr.String(), "type": "V4"}},
	}
	for k, v := range more {
		b[k] = v
	}
	return b
}

// found makes the first site the leader of all.
func (s *stage) found(g *GomegaWithT, more map[string]any) {
	body := map[string]any{
		"name": "Default", "leader_cluster_uuid": s.sites[0].cluster,
		"dns_configs": []any{map[string]any{"domain_name": "gslb.example"}},
	}
	var members []any
	for _, x := range s.sites {
		members = append(members, x.siteBody(nil))
	}
	body["sites"] = members
	for k, v := range more {
		body[k] = v
	}
	s.Now(func() {
		_, err := s.sites[0].store.Create("gslb", body)
		g.Expect(err).NotTo(HaveOccurred())
	})
	s.Pass(time.Second)
}

// change edits the gslb object at a site as an administrator would.
func (s *stage) change(x *site, edit func(body map[string]any)) (err error) {
	s.Now(func() {
		objects, _ := x.store.List("gslb", store.Query{})
		body := deepCopy(objects[0].Body()).(map[string]any)
		for _, key := range []string{"uuid", "_last_modified"} {
			delete(body, key)
		}
		edit(body)
		_, err = x.store.Update("gslb", objects[0].UUID, body)
	})
	return err
}

func deepCopy(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, e := range v {
			out[k] = deepCopy(e)
		}
		return out
	case []any:
		var out []any
		for _, e := range v {
			out = append(out, deepCopy(e))
		}
		return out
	}
	return v
}

// member returns the body of a site in a gslb object.
func member(body map[string]any, i int) map[string]any {
	return body["sites"].([]any)[i].(map[string]any)
}

// serviceBody is a GSLB service with a member for each address.
func serviceBody(name string, addrs ...string) map[string]any {
	var members []any
	for _, a := range addrs {
		members = append(members, map[string]any{"ip": map[string]any{"addr": a, "type": "V4"}, "enabled": true})
	}
	return map[string]any{
		"name": name, "domain_names": []any{name + ".gslb.example"},
		"groups": []any{map[string]any{"name": "pool", "algorithm": "GSLB_ALGORITHM_ROUND_ROBIN", "members": members}},
	}
}

// create makes a GSLB service at a site.
func (s *stage) create(x *site, name string) (err error) {
	s.Now(func() { _, err = x.store.Create("gslbservice", serviceBody(name, "10.0.0.1")) })
	return err
}

// services lists the GSLB services of a site.
func (x *site) services() string {
	objects, _ := x.store.List("gslbservice", store.Query{})
	var names []string
	for _, o := range objects {
		names = append(names, o.Name)
	}
	return strings.Join(names, " ")
}

// sees returns what a site knows of another.
func (x *site) sees(name string) federation.SiteView {
	v := x.node.View()
	i := slices.IndexFunc(v.Sites, func(s federation.SiteView) bool { return s.Name == name })
	if i < 0 {
		return federation.SiteView{}
	}
	return v.Sites[i]
}

// off and on take a controller's power.
func (s *stage) off(x *site) {
	s.Now(func() { x.node.PowerOff(); s.wire.Attach(x.addr, nil) })
}

func (s *stage) on(x *site) {
	s.Now(func() { s.wire.Attach(x.addr, x.node); x.node.PowerOn(); x.node.StatesComplete() })
}

// part cuts a site off from another, both ways, or brings them together.
func (s *stage) part(a, b *site) {
	s.wire.Cut(a.addr, b.addr)
	s.wire.Cut(b.addr, a.addr)
}

func (s *stage) join(a, b *site) {
	s.wire.Heal(a.addr, b.addr)
	s.wire.Heal(b.addr, a.addr)
}

var errDiskFull = errors.New("disk is full")

// vs is the state of a virtual service that is up.
func vs(uuid string, state health.State) engine.VSState {
	return engine.VSState{UUID: uuid, Name: uuid, Status: health.Status{State: state}, VIPs: []netip.Addr{netip.MustParseAddr("10.1.0.1")}}
}
