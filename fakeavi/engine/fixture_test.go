package engine_test

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	mdns "github.com/miekg/dns"
	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/dns"
	"github.com/gslbsim/gslbsim/fakeavi/engine"
	"github.com/gslbsim/gslbsim/fakeavi/health"
	"github.com/gslbsim/gslbsim/fakeavi/internal/virtual"
	"github.com/gslbsim/gslbsim/fakeavi/wire"
)

var (
	controllerAddr = netip.MustParseAddr("10.1.9.1")
	engineAddr     = netip.MustParseAddr("10.1.9.2")
	dnsVIP         = netip.MustParseAddr("10.1.0.53")
	webVIP         = netip.MustParseAddr("10.1.0.80")
	farVIP         = netip.MustParseAddr("10.2.0.80")
	farVIP2        = netip.MustParseAddr("10.2.0.81")
)

// world is one engine, its controller as a script, and targets elsewhere.
type world struct {
	virtual.Clock
	e    *engine.Engine
	wire *wire.Switch
	// as the controller
	session, seq uint64
	reports      []*engine.Report
	hellos       []engine.Hello
	// as the prober
	far     map[netip.Addr]health.Outcome
	changed []func(netip.Addr)

	start time.Time
	log   []string
}

func inWorld(t *testing.T, f func(*world, *GomegaWithT)) {
	t.Helper()
	virtual.Run(t, func(c virtual.Clock) {
		g := NewWithT(c.T)
		w := &world{Clock: c, session: 1, far: map[netip.Addr]health.Outcome{}, start: time.Now()}
		w.wire = wire.NewSwitch(wire.Config{Scheduler: c, Latency: time.Millisecond})
		e, err := engine.New(
			engine.Config{Name: "Default-Group", Site: "region01", Addr: engineAddr, Controller: controllerAddr, Seed: 1},
			engine.Deps{Scheduler: c, Wire: w.wire, Prober: w, Observer: w.observer()},
		)
		g.Expect(err).NotTo(HaveOccurred())
		w.e = e
		w.wire.Attach(controllerAddr, w)
		w.wire.Attach(engineAddr, e)
		f(w, g)
	})
}

// Receive plays the controller.
func (w *world) Receive(msg any) any {
	switch m := msg.(type) {
	case *engine.Report:
		w.reports = append(w.reports, m)
		return engine.ReportAck{}
	case engine.Hello:
		w.hellos = append(w.hellos, m)
		return engine.HelloAck{}
	}
	return nil
}

// Probe answers for the engine's own VIPs by asking it, and for others from the script; unknown ones are silent.
func (w *world) Probe(_ netip.Addr, c health.Check, done func(health.Outcome)) {
	o, ok := w.far[c.Target]
	if !ok {
		o = engine.Answer(c, w.e.Serve)
	}
	o.Stable = true
	done(o)
}

func (w *world) Changed(fn func(netip.Addr)) { w.changed = append(w.changed, fn) }

// setFar scripts a target elsewhere.
func (w *world) setFar(addr netip.Addr, o health.Outcome) {
	w.far[addr] = o
	w.touch(addr)
}

func (w *world) touch(addr netip.Addr) {
	for _, fn := range w.changed {
		fn(addr)
	}
}

func (w *world) note(format string, args ...any) {
	w.log = append(w.log, fmt.Sprintf("%v ", time.Since(w.start))+fmt.Sprintf(format, args...))
}

func (w *world) observer() engine.Observer {
	return engine.Observer{
		Member: func(ev engine.MemberEvent) {
			w.note("member %s %s by %s", ev.Member, ev.To.State, ev.To.Cause)
		},
		Service:        func(ev engine.ServiceEvent) { w.note("service %s %s", ev.Service, ev.To.State) },
		VirtualService: func(ev engine.VSEvent) { w.note("vs %s %s", ev.Name, ev.To.State) },
		Headless:       func(ev engine.HeadlessEvent) { w.note("headless %v", ev.Headless) },
		VIP:            w.touch,
	}
}

// push sends the next Update and lets it arrive.
func (w *world) push(u engine.Update) (ack engine.UpdateAck) {
	w.T.Helper()
	w.seq++
	if u.Full {
		w.seq = 1
	}
	u.Session, u.Seq = w.session, w.seq
	w.Now(func() {
		ack, _ = w.e.Receive(&u).(engine.UpdateAck)
	})
	w.Now(func() {})
	return ack
}

// since returns the log from an instant on and forgets it all.
func (w *world) since(at time.Duration) []string {
	var out []string
	for _, line := range w.log {
		var d string
		if _, err := fmt.Sscan(line, &d); err != nil {
			panic(err)
		}
		if when, _ := time.ParseDuration(d); when >= at {
			out = append(out, line)
		}
	}
	w.log = nil
	return out
}

// ask sends an A query to the engine's DNS VIP and returns the addresses, or what happened instead.
func (w *world) ask(name string) string {
	q := new(mdns.Msg).SetQuestion(name+".", mdns.TypeA)
	reply, _, served := w.e.Respond(dnsVIP, q, dns.Client{Addr: netip.MustParseAddr("192.0.2.7")})
	switch {
	case !served:
		return "silent"
	case reply == nil:
		return "dropped"
	case reply.Rcode != mdns.RcodeSuccess:
		return mdns.RcodeToString[reply.Rcode]
	}
	out := ""
	for _, rr := range reply.Answer {
		if a, ok := rr.(*mdns.A); ok {
			out += a.A.String() + " "
		}
	}
	return out
}

// dnsVS is a DNS virtual service that hosts all GSLB services.
func dnsVS() engine.VirtualService {
	return engine.VirtualService{
		UUID: "virtualservice-dns", Name: "dns", Kind: engine.KindDNS, Enabled: true, TrafficEnabled: true,
		VIPs:      []netip.Addr{dnsVIP},
		Listeners: []engine.Listener{{First: 53, Last: 53, Protocol: engine.UDP}, {First: 53, Last: 53}},
		DNS:       &engine.DNS{Profile: dns.SystemProfile(), GSLB: true},
	}
}

// webVS is an HTTP virtual service with one pool.
func webVS() engine.VirtualService {
	return engine.VirtualService{
		UUID: "virtualservice-web", Name: "web", Kind: engine.KindHTTP, Enabled: true, TrafficEnabled: true,
		VIPs: []netip.Addr{webVIP}, Listeners: []engine.Listener{{First: 80, Last: 80}, {First: 443, Last: 443, TLS: true}},
		Pools: []engine.Pool{{UUID: "pool-web", Enabled: true, Ratio: 1}},
	}
}

// member describes a pool member of app: control plane and one HTTP monitor with AMKO's rhythm.
func member(addr netip.Addr, cluster, vs string) engine.ServiceMember {
	return engine.ServiceMember{
		Enabled: true, SiteEnabled: true, Cluster: cluster, VS: vs, Control: cluster != "",
		Monitors: []health.Monitor{{
			Check: health.Check{
				Kind: health.KindHTTP, Target: addr, Port: 80, Host: "app.gslb.example", Method: "HEAD", Path: "/",
				Codes: health.Code2XX | health.Code3XX, Timeout: 4 * time.Second,
			},
			Thresholds: health.Thresholds{Successes: 3, Failures: 3}, Interval: 10 * time.Second,
		}},
	}
}

// app is a GSLB service with one pool of the given members.
func app(members map[netip.Addr]engine.ServiceMember, order ...netip.Addr) *engine.Service {
	s := &engine.Service{Revision: 1, DNS: dns.Service{
		UUID: "gslbservice-app", Name: "app", Domains: []string{"app.gslb.example"}, Enabled: true,
		Pools: []dns.Pool{{Name: "pool", Priority: 10, Enabled: true}},
	}, Pools: []engine.ServicePool{{}}}
	for _, a := range order {
		s.DNS.Pools[0].Members = append(s.DNS.Pools[0].Members, dns.Member{Addr: a, Ratio: 1, Enabled: true})
		s.Pools[0].Members = append(s.Pools[0].Members, members[a])
	}
	return s
}

// vsUp is what a site reports of a virtual service that is up at an address.
func vsUp(uuid string, vips ...netip.Addr) engine.VSState {
	return engine.VSState{UUID: uuid, Status: health.Status{State: health.StateUp}, VIPs: vips}
}

// siteUp is a site that reports the given virtual services, all there are.
func siteUp(cluster string, vss ...engine.VSState) engine.SiteControl {
	return engine.SiteControl{Cluster: cluster, Reachable: true, Known: true, Full: true, States: vss}
}

// twoSites configures app with one member here and one elsewhere, both up.
func (w *world) twoSites() {
	w.setFar(farVIP, health.Outcome{OK: true})
	w.push(engine.Update{
		Full: true, VirtualServices: []engine.VirtualService{dnsVS(), webVS()},
		Services: []*engine.Service{app(map[netip.Addr]engine.ServiceMember{
			webVIP: member(webVIP, "cluster-1", "virtualservice-web"), farVIP: member(farVIP, "cluster-2", "virtualservice-far"),
		}, webVIP, farVIP)},
		Sites: []engine.SiteControl{
			siteUp("cluster-1", vsUp("virtualservice-web", webVIP)), siteUp("cluster-2", vsUp("virtualservice-far", farVIP)),
		},
	})
	w.Pass(time.Second)
	w.log = nil
}

// beat keeps the engine from being headless for d.
func (w *world) beat(d time.Duration) {
	for ; d > 0; d -= engine.HeartbeatInterval {
		w.Now(func() { w.e.Receive(engine.Heartbeat{Session: w.session}) })
		w.Pass(min(d, engine.HeartbeatInterval))
	}
}
