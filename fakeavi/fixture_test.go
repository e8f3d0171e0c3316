package fakeavi_test

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	mdns "github.com/miekg/dns"
	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/dns"
	"github.com/gslbsim/gslbsim/fakeavi"
	"github.com/gslbsim/gslbsim/fakeavi/engine"
	"github.com/gslbsim/gslbsim/fakeavi/federation"
	"github.com/gslbsim/gslbsim/fakeavi/health"
	"github.com/gslbsim/gslbsim/fakeavi/internal/virtual"
	"github.com/gslbsim/gslbsim/fakeavi/store"
	"github.com/gslbsim/gslbsim/fakeavi/wire"
)

// region is a site: a controller, one engine for its DNS and one for its applications.
type region struct {
	name  string
	index byte
	*fakeavi.Controller
	dnsVIP, appVIP netip.Addr
	appVS, pool    string // uuids, once made
}

// world is some regions, a network between them, and a log of what happens to members.
type world struct {
	virtual.Clock
	g       *GomegaWithT
	wire    *wire.Switch
	regions []*region
	watch   []func(netip.Addr)
	parted  map[[2]byte]bool
	geo     dns.GeoDB
	dead    byte // first byte of targets that do not answer
	// probesCut are two regions between which checks are lost, and nothing else; silent is a target that answers nobody.
	probesCut [2]byte
	silent    netip.Addr
	reject    string // name of a replicated object that cannot be stored
	start     time.Time
	log       []event
}

// event is a line of the log with its instant.
type event struct {
	At   time.Duration
	Text string
}

const latency = 5 * time.Millisecond

// inWorld builds regions and forms a federation of them, the first one leading.
func inWorld(t *testing.T, regions int, f func(*world, *GomegaWithT)) {
	t.Helper()
	virtual.Run(t, func(c virtual.Clock) {
		w := newWorld(c)
		for range regions {
			w.add()
		}
		w.form(nil)
		f(w, w.g)
	})
}

func newWorld(c virtual.Clock) *world {
	w := &world{Clock: c, g: NewWithT(c.T), parted: map[[2]byte]bool{}, start: time.Now()}
	w.wire = wire.NewSwitch(wire.Config{Scheduler: c, Latency: latency, Timeout: 3 * time.Second})
	return w
}

func addr(region byte, subnet, host byte) netip.Addr {
	return netip.AddrFrom4([4]byte{10, region, subnet, host})
}

// add builds a region with a DNS virtual service.
func (w *world) add() *region {
	i := byte(len(w.regions) + 1)
	r := &region{name: fmt.Sprintf("region%02d", i), index: i, dnsVIP: addr(i, 0, 53), appVIP: addr(i, 0, 80)}
	w.Now(func() {
		c, err := fakeavi.New(
			fakeavi.Config{
				Name: "cluster-" + r.name, Site: r.name, Addresses: []netip.Addr{addr(i, 9, 1)}, Password: "secret-" + r.name, Seed: 7,
				Engines: []fakeavi.EngineConfig{{Name: "dns-group", Addr: addr(i, 9, 2)}, {Name: "app-group", Addr: addr(i, 9, 3)}},
				Network: fakeavi.NetworkConfig{Prefix: netip.PrefixFrom(addr(i, 0, 0), 24), Begin: addr(i, 0, 100), End: addr(i, 0, 102)},
				DNS:     []fakeavi.DNSConfig{{Name: "dns", VIP: r.dnsVIP}}, Geo: w.geo,
			},
			fakeavi.Deps{Scheduler: w, Wire: w.wire, Prober: w, Observer: w.observer(r), Reject: w.rejected},
		)
		w.g.Expect(err).NotTo(HaveOccurred())
		r.Controller = c
		for a, host := range c.Hosts() {
			w.wire.Attach(a, host)
		}
	})
	w.regions = append(w.regions, r)
	return r
}

// form makes all regions one federation.
func (w *world) form(settings map[string]any) {
	f := fakeavi.Federation{
		Leader: fakeavi.Member{Controller: w.regions[0].Controller}, Domains: []string{"gslb.example"}, Settings: settings,
	}
	for _, r := range w.regions[1:] {
		f.Followers = append(f.Followers, fakeavi.Member{Controller: r.Controller})
	}
	w.Now(func() { w.g.Expect(f.Form()).To(Succeed()) })
	w.Pass(time.Second)
	w.log = nil
}

func (w *world) rejected(o *store.Object) error {
	if w.reject != "" && o.Name == w.reject {
		return errors.New("there is no room")
	}
	return nil
}

func (w *world) note(format string, args ...any) {
	w.log = append(w.log, event{time.Since(w.start), fmt.Sprintf(format, args...)})
}

func (w *world) observer(r *region) fakeavi.Observer {
	return fakeavi.Observer{
		Engine: engine.Observer{
			Member: func(e engine.MemberEvent) {
				w.note("%s: %s %s by %s", e.Site, w.nameOf(e.Member), e.To.State, e.To.Cause)
			},
			Headless: func(e engine.HeadlessEvent) { w.note("%s: %s headless %v", e.Site, e.Engine, e.Headless) },
			VIP: func(a netip.Addr) {
				for _, fn := range w.watch {
					fn(a)
				}
			},
		},
		Federation: federation.Observer{
			Leader: func(e federation.LeaderEvent) { w.note("%s: follows view %d", e.Site, e.To.ViewID) },
		},
	}
}

// nameOf names an application's address by its region.
func (w *world) nameOf(a netip.Addr) string {
	for _, r := range w.regions {
		if r.appVIP == a {
			return "member of " + r.name
		}
	}
	return a.String()
}

// took returns the log's texts and forgets it.
func (w *world) took() []string {
	var out []string
	for _, e := range w.log {
		out = append(out, e.Text)
	}
	w.log = nil
	return out
}

// Probe asks the engine that has the target, if there is a way.
func (w *world) Probe(from netip.Addr, c health.Check, done func(health.Outcome)) {
	o := health.Outcome{Silent: true}
	switch {
	case c.Target.As4()[0] == w.dead, c.Target == w.silent:
	case w.probesCut == [2]byte{from.As4()[1], c.Target.As4()[1]}:
	case c.Target.As4()[0] != 10:
		o = health.Outcome{OK: true} // a target of no region answers unless it is dead
	case w.open(from, c.Target):
		o = engine.Answer(c, w.serve)
	}
	o.Stable = true
	done(o)
}

func (w *world) Changed(fn func(netip.Addr)) { w.watch = append(w.watch, fn) }

func (w *world) serve(dst netip.Addr, port uint16, p engine.Protocol, r engine.Request) engine.Reply {
	for _, x := range w.regions {
		for _, e := range x.Engines() {
			if reply := e.Serve(dst, port, p, r); reply.Kind != engine.Silent {
				return reply
			}
		}
	}
	return engine.Reply{}
}

func (w *world) open(from, to netip.Addr) bool {
	a, b := from.As4()[1], to.As4()[1]
	return !w.parted[[2]byte{a, b}] && !w.parted[[2]byte{b, a}]
}

// part cuts two regions off from one another, or heals.
func (w *world) part(a, b *region, cut bool) {
	w.Now(func() {
		w.parted[[2]byte{a.index, b.index}] = cut
		for from := range a.Hosts() {
			for to := range b.Hosts() {
				if cut {
					w.wire.Cut(from, to)
					w.wire.Cut(to, from)
				} else {
					w.wire.Heal(from, to)
					w.wire.Heal(to, from)
				}
			}
		}
		for _, fn := range w.watch {
			fn(netip.Addr{})
		}
	})
}

// controllerOff and on take a controller's power; siteOff takes everything's.
func (w *world) controllerOff(r *region) {
	w.Now(func() { r.PowerOff(); w.wire.Attach(r.Addr(), nil) })
}

func (w *world) controllerOn(r *region) {
	w.Now(func() { w.wire.Attach(r.Addr(), r.Controller); r.PowerOn() })
}

func (w *world) siteOff(r *region) {
	w.controllerOff(r)
	w.enginesOff(r)
}

func (w *world) siteOn(r *region) {
	w.controllerOn(r)
	w.enginesOn(r)
}

func (w *world) enginesOff(r *region) {
	w.Now(func() {
		for _, e := range r.Engines() {
			e.PowerOff()
			w.wire.Attach(e.Addr(), nil)
		}
	})
}

func (w *world) enginesOn(r *region) {
	w.Now(func() {
		for _, e := range r.Engines() {
			w.wire.Attach(e.Addr(), e)
			e.PowerOn()
		}
	})
}

// create makes an object as a client would.
func (r *region) create(w *world, typ string, body map[string]any) string {
	var uuid string
	w.Now(func() {
		o, err := r.Store().Create(typ, body)
		w.g.Expect(err).NotTo(HaveOccurred())
		uuid = o.UUID
	})
	return uuid
}

// patch changes fields of an object as a client would.
func (r *region) patch(w *world, typ, uuid string, fields map[string]any) (err error) {
	w.Now(func() { _, err = r.Store().Patch(typ, uuid, map[string]any{"replace": fields}) })
	return err
}

// deploy makes the application's virtual service in every region.
func (w *world) deploy() {
	for _, r := range w.regions {
		r.create(w, "vsvip", map[string]any{"name": "app-vip", "vip": []any{map[string]any{
			"vip_id": "1", "ip_address": map[string]any{"addr": r.appVIP.String(), "type": "V4"},
		}}})
		r.pool = r.create(w, "pool", map[string]any{"name": "app-pool"})
		r.appVS = r.create(w, "virtualservice", map[string]any{
			"name": "app", "vsvip_ref": "/api/vsvip?name=app-vip", "pool_ref": "/api/pool?name=app-pool",
			"application_profile_ref": "/api/applicationprofile?name=System-HTTP",
			"se_group_ref":            "/api/serviceenginegroup?name=app-group",
			"services":                []any{map[string]any{"port": 80}},
		})
	}
	w.Pass(time.Second)
}

// monitor makes an HTTP monitor with AMKO's rhythm.
func (w *world) monitor() {
	w.regions[0].create(w, "healthmonitor", map[string]any{
		"name": "hm", "type": "HEALTH_MONITOR_HTTP", "is_federated": true, "monitor_port": 80,
		"send_interval": 10, "receive_timeout": 4, "successful_checks": 3, "failed_checks": 3,
		"http_monitor": map[string]any{"http_request": "HEAD / HTTP/1.0", "http_response_code": []any{"HTTP_2XX", "HTTP_3XX"}},
	})
}

// service is a GSLB service over the application of all regions.
func (w *world) service(more map[string]any) map[string]any {
	var members []any
	for _, r := range w.regions {
		members = append(members, map[string]any{
			"enabled": true, "ratio": 1, "ip": map[string]any{"addr": r.appVIP.String(), "type": "V4"},
			"cluster_uuid": r.ClusterUUID(), "vs_uuid": r.appVS,
		})
	}
	body := map[string]any{
		"name": "app.gslb.example", "domain_names": []any{"app.gslb.example"}, "health_monitor_refs": []any{"/api/healthmonitor?name=hm"},
		"groups": []any{map[string]any{
			"name": "pool", "priority": 10, "algorithm": "GSLB_ALGORITHM_ROUND_ROBIN", "min_health_monitors_up": 2, "members": members,
		}},
	}
	for k, v := range more {
		body[k] = v
	}
	return body
}

// running deploys the application, its monitor and its GSLB service, and waits until all is up.
func (w *world) running(more map[string]any) (service string) {
	w.deploy()
	w.monitor()
	service = w.regions[0].create(w, "gslbservice", w.service(more))
	w.Pass(20 * time.Second)
	w.log = nil
	return service
}

// ask sends as many A queries to a region's DNS as there are regions, and returns the distinct regions answered, or what
// happened instead.
func (w *world) ask(r *region) string {
	found := map[string]bool{}
	for range w.regions {
		found[w.askOnce(r, "app.gslb.example")] = true
	}
	var out []string
	for _, x := range w.regions {
		if found[x.name] {
			out = append(out, x.name)
			delete(found, x.name)
		}
	}
	for other := range found {
		out = append(out, other)
	}
	return strings.Join(out, " ")
}

func (w *world) askOnce(r *region, name string) string {
	for _, e := range r.Engines() {
		reply, _, served := e.Respond(r.dnsVIP, new(mdns.Msg).SetQuestion(name+".", mdns.TypeA), dns.Client{Addr: addr(99, 0, 1)})
		switch {
		case !served:
			continue
		case reply == nil:
			return "dropped"
		case len(reply.Answer) == 0:
			return mdns.RcodeToString[reply.Rcode]
		}
		if a, ok := reply.Answer[0].(*mdns.A); ok {
			found, _ := netip.AddrFromSlice(a.A.To4())
			for _, x := range w.regions {
				if x.appVIP == found {
					return x.name
				}
			}
			return found.String()
		}
	}
	return "silent"
}
