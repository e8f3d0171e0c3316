// Package world builds the stage of a scenario and plays it: controllers, engines, clusters, the operator, name servers,
// resolvers and clients, between clock zero and the end. It runs inside a bubble, in virtual time.
package world

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"github.com/gslbsim/gslbsim/dns/querylog"
	"github.com/gslbsim/gslbsim/fakeavi"
	"github.com/gslbsim/gslbsim/internal/loop"
	"github.com/gslbsim/gslbsim/sim/aviclient"
	"github.com/gslbsim/gslbsim/sim/kube"
	"github.com/gslbsim/gslbsim/sim/network"
	"github.com/gslbsim/gslbsim/sim/record"
	"github.com/gslbsim/gslbsim/sim/result"
	"github.com/gslbsim/gslbsim/sim/scenario"
	"github.com/gslbsim/gslbsim/sim/traffic"
)

// Options change how a scenario is played.
type Options struct {
	// Settle is called by the event loop before each of its callbacks; in a bubble it returns when all other goroutines
	// are blocked.
	Settle   func()
	Sabotage Sabotage
	Ask      []Inquiry // answered in the result's Why
	// QueryLog is the policy of the query log from clock zero on, which the result holds; nil: none is kept. A zero
	// FullSince is clock zero.
	QueryLog *querylog.Policy
}

// world is one stage. What is not said to be otherwise is touched on the event loop only.
type world struct {
	scenario *scenario.Scenario
	top      *scenario.Topology
	sabotage Sabotage
	streams  streams

	ctx     context.Context
	loop    *loop.Loop
	net     *network.Network
	rec     *record.Recorder
	zero    time.Time
	admin   netip.Addr // from where the administrator works, as long as it has power
	laptop  netip.Addr // at the same site, from where else
	wire    *wire
	prober  *prober
	dns     *exchange
	calls   *calls
	truth   *truth
	outages []result.Outage

	power    holds // parts of sites, by "<site> <part>"
	disabled holds // virtual services, by "<site> <host>"
	silences []result.Silence

	controllers    map[string]*fakeavi.Controller // by site
	clusters       map[string]*kube.Server
	programs       *programs
	background     sync.WaitGroup
	resolvers      []traffic.Named
	resolverNames  map[netip.Addr]string
	resolverGroups map[string][]traffic.Named
	texts          map[netip.Addr]string
	answers        map[string]string // what a DNS virtual service last answered, by its address and the name
	ask            []Inquiry
	queries        *querylog.Log     // nil: none is kept
	dnsUUIDs       map[string]string // of DNS virtual services, by site
	why            []result.Why
	traffic        []*result.Traffic
	took           []*durations
	over           bool // the end has come; what still happens is not part of the run
	teardown       []func()

	mu      sync.Mutex
	reasons []string // why there can be no verdict; guarded by mu
}

var zeroAddr netip.Addr

// Play plays a scenario and returns what happened, without promises. It must be called inside a bubble and returns when
// everything that it started has ended. An error means that the world could not be built.
func Play(s *scenario.Scenario, o Options) (*result.Result, error) {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	w := newWorld(ctx, s, o)
	var running sync.WaitGroup
	running.Go(func() { w.loop.Run(ctx) })
	r, err := w.play()
	stop()
	running.Wait()
	w.net.Close()
	for _, f := range w.teardown {
		f()
	}
	w.programs.wait()
	w.background.Wait()
	return r, err
}

func newWorld(ctx context.Context, s *scenario.Scenario, o Options) *world {
	zero := time.Now().Add(s.Settle)
	l := loop.New(loop.Settle(o.Settle))
	n := network.New(l, s.Seed)
	rec := record.New(zero)
	w := &world{
		scenario: s, top: s.World, sabotage: o.Sabotage, ask: o.Ask, streams: streams{s.Seed},
		ctx: ctx, loop: l, net: n, rec: rec, zero: zero,
		wire: newWire(n, l), calls: newCalls(rec),
		dns:   &exchange{net: n, servers: map[netip.Addr]nameServer{}},
		power: holds{}, disabled: holds{},
		controllers: map[string]*fakeavi.Controller{}, clusters: map[string]*kube.Server{},
		resolverNames: map[netip.Addr]string{}, resolverGroups: map[string][]traffic.Named{}, texts: map[netip.Addr]string{}, answers: map[string]string{},
	}
	w.prober = newProber(n)
	w.prober.falsify = w.outcome
	w.wire.drop = w.swallows
	w.dns.observe = w.observeDNS
	w.programs = &programs{ctx: ctx, failed: func(name string, err error) { w.giveUp("%s ended: %s", name, describe(err)) }}
	w.truth = newTruth(w)
	w.startQueryLog(o.QueryLog)
	return w
}

// play goes through the run from the bare stage to the end.
func (w *world) play() (*result.Result, error) {
	if err := w.build(); err != nil {
		return nil, err
	}
	w.setUp()
	w.planTimeline()
	w.planInquiries(w.ask)
	end := w.zero.Add(w.scenario.Duration)
	if err := w.loop.Do(w.ctx, time.Until(end), "~end", w.finish); err != nil {
		return nil, err
	}
	return w.result(), nil
}

// build makes hosts, controllers, clusters and name servers.
func (w *world) build() error {
	if err := w.addHosts(); err != nil {
		return err
	}
	if err := w.startClusters(); err != nil {
		return err
	}
	var failed error
	err := w.loop.Do(w.ctx, 0, "build", func() {
		failed = errors.Join(w.startControllers(), w.startDNS())
	})
	return errors.Join(err, failed)
}

// setUp deploys everything, as an administrator would. What fails is a reason for having no verdict.
func (w *world) setUp() {
	var failed error
	_ = w.loop.Do(w.ctx, 0, "federation", func() { failed = w.formFederation() })
	if failed == nil {
		failed = w.applyTopologyPolicy(w.ctx)
	}
	if failed == nil {
		failed = w.giveKubeconfig(w.ctx)
	}
	if failed == nil {
		failed = w.applyManifests(w.ctx)
	}
	if failed != nil {
		w.giveUp("set-up failed: %s", describe(failed))
	}
	w.addPrograms()
	_ = w.loop.Do(w.ctx, 0, "programs", func() {
		for i := range w.top.Sites {
			for j := range w.top.Sites[i].Clusters {
				w.programs.start(clusterHost(&w.top.Sites[i].Clusters[j]))
			}
		}
	})
	if late := w.rec.Now(); late > 0 {
		w.giveUp("set-up took %s longer than the %s that the scenario leaves for it (settle)", late, w.scenario.Settle)
	}
}

// planTimeline puts clock zero, all changes and the traffic on the event loop.
func (w *world) planTimeline() {
	w.loop.At(w.zero, "timeline/zero", func() {
		w.truth.find()
		w.checkDeployed()
		w.rec.Event("world", "clock-zero", "%d clients ask %d resolvers", w.clients(), len(w.resolvers))
		w.startTraffic()
		w.startWatch()
	})
	for _, e := range w.scenario.Timeline {
		w.loop.At(w.zero.Add(e.At), "timeline/"+e.Name+"/begins", func() {
			w.rec.Event("world", "fault", "%s begins: %s %s", e.Name, e.Kind, e.Action.Target())
			w.rec.Change(e.Name, false)
			e.Action.Begin(w)
		})
		if e.Until > 0 {
			w.loop.At(w.zero.Add(e.Until), "timeline/"+e.Name+"/ends", func() {
				w.rec.Event("world", "fault-over", "%s ends: %s %s", e.Name, e.Kind, e.Action.Target())
				w.rec.Change(e.Name, true)
				e.Action.End(w)
			})
		}
	}
}

func (w *world) clients() int {
	n := 0
	for _, t := range w.scenario.Traffic {
		n += t.Clients
	}
	return n
}

// addHosts fills the network.
func (w *world) addHosts() error {
	var wrong []error
	add := func(name, site string, addrs ...netip.Addr) {
		wrong = append(wrong, w.net.AddHost(name, site, addrs...))
	}
	for i := range w.top.Sites {
		s := &w.top.Sites[i]
		for j := range s.Clusters {
			add(clusterHost(&s.Clusters[j]), s.Name, s.Clusters[j].API)
		}
		if s.Controller == nil {
			continue
		}
		add(controllerHost(s), s.Name, s.Controller.Address)
		add(engineHost(s), s.Name, s.Engines.Address, s.Engines.DNS)
		for addr := s.VIPs.First; !s.VIPs.Last.Less(addr); addr = addr.Next() {
			wrong = append(wrong, w.net.AddAddress(engineHost(s), addr))
		}
	}
	add(parentHost(), w.top.Parent.Site, w.top.Parent.Address)
	for _, g := range w.top.Resolvers {
		for n, addr := 0, g.First; n < g.Count; n, addr = n+1, addr.Next() {
			add(resolverHost(fmt.Sprintf("%s-%d", g.Name, n+1)), g.Site, addr)
		}
	}
	for _, l := range w.top.Links {
		w.net.SetLink(l.Between[0], l.Between[1], network.Link{Latency: l.Latency, Jitter: l.Jitter, Loss: l.Loss})
	}
	management, site := w.top.Cluster(w.top.Management.Cluster)
	w.admin = management.API
	w.laptop = w.freeAddress()
	add("administrator", site.Name, w.laptop)
	return errors.Join(wrong...)
}

// freeAddress returns an address that nobody has.
func (w *world) freeAddress() netip.Addr {
	addr := netip.AddrFrom4([4]byte{100, 64, 0, 1}) // the first of those for use inside networks (RFC 6598)
	for {
		if _, _, taken := w.net.Owner(addr); !taken {
			return addr
		}
		addr = addr.Next()
	}
}

// desk returns the address from which the administrator works at this instant: the management cluster's, or that of a laptop
// beside it while the cluster has no power.
func (w *world) desk() netip.Addr {
	if host, _, _ := w.net.Owner(w.admin); w.net.Down(host) {
		return w.laptop
	}
	return w.admin
}

// giveUp notes why there can be no verdict. It may be called from any goroutine.
func (w *world) giveUp(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	w.rec.Event("world", "no-verdict", "%s", text)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.reasons = append(w.reasons, text)
}

// describe puts an error into words that are the same in every run. What Go's HTTP client says of a request that took
// too long depends on which of two timers it saw first.
func describe(err error) string {
	var timeout interface{ Timeout() bool }
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "no answer in time"
	case aviclient.Status(err) != 0:
		return fmt.Sprintf("the controller answered with status %d: %s", aviclient.Status(err), err)
	}
	return err.Error()
}
