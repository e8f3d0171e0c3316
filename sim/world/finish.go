package world

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gslbsim/gslbsim/dns/resolver"
	"github.com/gslbsim/gslbsim/fakeavi/engine"
	"github.com/gslbsim/gslbsim/fakeavi/store"
	"github.com/gslbsim/gslbsim/sim/aviclient"
	"github.com/gslbsim/gslbsim/sim/fault"
	"github.com/gslbsim/gslbsim/sim/record"
	"github.com/gslbsim/gslbsim/sim/result"
	"github.com/gslbsim/gslbsim/sim/scenario"
)

// tenant is the tenant in which the operator keeps its objects.
const tenant = "admin"

// checkDeployed notes what the policy asks for and what is not there at clock zero.
func (w *world) checkDeployed() {
	leader := w.controllers[w.top.GSLB.Leader]
	missing := false
	for _, in := range w.scenario.Intents() {
		if _, ok := leader.Store().Lookup("gslbservice", tenant, in.Host); !ok {
			w.giveUp("at clock zero the leader holds no GSLB service %s, which the policy asks for", in.Host)
			missing = true
		}
	}
	if missing {
		w.askOperator()
	}
	for _, m := range w.truth.members {
		if !m.addr.IsValid() {
			w.giveUp("at clock zero no virtual service of %s answers for %s", m.Site, m.host)
		}
	}
	for _, s := range answering(w.scenario) {
		w.checkReady(s)
	}
}

// checkReady notes the members that serve but that the engines of a site do not hold up yet.
func (w *world) checkReady(s *scenario.Site) {
	for _, service := range w.controllers[s.Name].Engines()[0].Services() {
		for _, pool := range service.Pools {
			for _, m := range pool.Members {
				if !m.Status.Up() && w.truth.serving(service.Name, m.Addr) {
					w.giveUp("at clock zero %s does not hold %s up for %s (%s): leave more time for the set-up (settle), or look why", s.Name, m.Addr, service.Name, reason(m.Status.Reason, string(m.Status.Cause)))
				}
			}
		}
	}
}

// finish ends the run: what happens from now on is not part of it.
func (w *world) finish() {
	w.over = true
	w.truth.end(w.scenario.Duration)
}

// result reads the controllers' configurations and puts everything together. It blocks, for a virtual while.
func (w *world) result() *result.Result {
	s := w.scenario
	services := w.services()
	events, evidence := w.rec.Close()
	evidence.Outages, evidence.Silences = w.outages, w.silences
	r := &result.Result{
		Schema: result.Schema, Scenario: s.Name, About: s.About, Seed: s.Seed, Sabotage: string(w.sabotage),
		Setup: result.Millis(s.Settle), Span: result.Millis(s.Duration),
		Sites: w.sites(), Services: services, Timing: w.timing(), Phases: w.phases(), Faults: w.faults(),
		Traffic: w.trafficSums(), Calls: w.calls.sorted(), Events: events, Why: w.why, Evidence: evidence,
	}
	if w.queries != nil {
		r.Queries = &result.QueryLog{Entries: w.queries.Entries(), Lost: w.queries.Lost(), Zero: w.zero}
	}
	r.Digest = record.Digest(events, evidence)
	r.Series = series(r)
	for _, site := range w.top.GSLBSites() {
		if !site.Controller.Passive {
			r.Evidence.Configuration = append(r.Evidence.Configuration, w.configuration(site))
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	slices.Sort(w.reasons)
	r.Reasons = w.reasons
	return r
}

func (w *world) sites() []result.Site {
	var out []result.Site
	for i := range w.top.Sites {
		s := &w.top.Sites[i]
		site := result.Site{Name: s.Name}
		for _, c := range s.Clusters {
			site.Clusters = append(site.Clusters, c.Name)
		}
		if s.Controller != nil {
			site.Role, site.Controller, site.DNS = "follower", s.Controller.Address.String(), []string{s.Engines.DNS.String()}
			if s.Name == w.top.GSLB.Leader {
				site.Role = "leader"
			}
		}
		out = append(out, site)
	}
	return out
}

// services describes what the policy asks for, with the health timers that the leader holds.
func (w *world) services() []result.Service {
	var out []result.Service
	for _, in := range w.scenario.Intents() {
		s := result.Service{Name: in.Host, TTL: in.TTL, Aliases: w.scenario.AliasesOf(in.Host), Health: w.health(in.Host), Algorithm: w.algorithm(in.Host)}
		for _, m := range w.truth.members {
			if m.host == in.Host && m.addr.IsValid() {
				s.Members = append(s.Members, result.Member{
					Address: m.addr.String(), Site: m.Site, Pool: fmt.Sprintf("amko-gs-group-%d", m.Priority), Priority: m.Priority, Ratio: m.Ratio,
				})
			}
		}
		out = append(out, s)
	}
	return out
}

// algorithm reads from the leader's GSLB service how members are chosen: that of the pools, where these are not chosen by
// priority; else that of the first pool, empty for round robin.
func (w *world) algorithm(host string) string {
	var gs struct {
		Pools  string `json:"pool_algorithm"`
		Groups []struct {
			Members string `json:"algorithm"`
		} `json:"groups"`
	}
	o, ok := w.controllers[w.top.GSLB.Leader].Store().Lookup("gslbservice", tenant, host)
	if !ok || o.Decode(&gs) != nil || len(gs.Groups) == 0 {
		return ""
	}
	if gs.Pools == "GSLB_SERVICE_ALGORITHM_GEO" {
		return "geo"
	}
	if gs.Groups[0].Members == "GSLB_ALGORITHM_ROUND_ROBIN" {
		return ""
	}
	return strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(gs.Groups[0].Members, "GSLB_ALGORITHM_"), "_", " "))
}

// health reads how fast the leader's GSLB service notices a change: of several monitors, the slowest counts.
func (w *world) health(host string) result.HealthSetting {
	h := result.HealthSetting{SendInterval: result.Millis(w.top.GSLB.SendInterval)}
	db := w.controllers[w.top.GSLB.Leader].Store()
	o, ok := db.Lookup("gslbservice", tenant, host)
	if !ok {
		return h
	}
	var gs struct {
		Control  bool     `json:"controller_health_status_enabled"`
		Monitors []string `json:"health_monitor_refs"`
	}
	if err := o.Decode(&gs); err != nil {
		w.giveUp("GSLB service %s cannot be read: %s", host, err)
		return h
	}
	h.ControlPlane, h.Monitors = gs.Control, len(gs.Monitors)
	for _, ref := range gs.Monitors {
		m, ok := monitor(db, ref)
		if !ok {
			w.giveUp("GSLB service %s refers to health monitor %s, which does not exist", host, ref)
			continue
		}
		if m.Failed*m.Interval+m.Timeout > h.FailedChecks*int(h.Interval.Duration().Seconds())+int(h.Timeout.Duration().Seconds()) {
			h.Interval, h.Timeout = seconds(m.Interval), seconds(m.Timeout)
			h.FailedChecks, h.SuccessfulChecks = m.Failed, m.Successful
		}
	}
	return h
}

type monitorTimers struct {
	Interval   int `json:"send_interval"`
	Timeout    int `json:"receive_timeout"`
	Failed     int `json:"failed_checks"`
	Successful int `json:"successful_checks"`
}

func monitor(db *store.Store, ref string) (monitorTimers, bool) {
	var m monitorTimers
	uuid, _, _ := strings.Cut(ref[strings.LastIndexByte(ref, '/')+1:], "#")
	o, ok := db.Get("healthmonitor", uuid)
	return m, ok && o.Decode(&m) == nil
}

func seconds(n int) result.Millis { return result.Millis(time.Duration(n) * time.Second) }

// timing returns the longest delays of the world.
func (w *world) timing() result.Timing {
	t := result.Timing{
		PollTimeout: result.Millis(PollTimeout), LostAfter: w.lostAfter(),
		EngineLoss: result.Millis(engine.HeartbeatInterval*engine.HeartbeatMisses + PollTimeout),
		Headless:   result.Millis(engine.HeartbeatInterval * engine.HeartbeatMisses),
		Patience:   result.Millis(resolver.Config{}.Patience()),
	}
	for _, a := range w.top.Sites {
		for _, b := range w.top.Sites {
			d := result.Millis(w.net.Latency(a.Name, b.Name))
			if a.Name == b.Name {
				t.LocalTravel = max(t.LocalTravel, d)
			}
			t.Travel = max(t.Travel, d)
		}
	}
	return t
}

// lostAfter reads from the leader how many polls have to fail until it forgets what another controller told.
func (w *world) lostAfter() int {
	var g struct {
		Retries int `json:"clear_on_max_retries"`
	}
	all, _ := w.controllers[w.top.GSLB.Leader].Store().List("gslb", store.Query{})
	if len(all) > 0 && all[0].Decode(&g) != nil {
		return 0
	}
	return g.Retries
}

func (w *world) phases() []result.Phase {
	var out []result.Phase
	for _, p := range w.scenario.Phases() {
		out = append(out, result.Phase{Name: p.Name, From: result.Millis(p.From), To: result.Millis(p.To)})
	}
	return out
}

func (w *world) faults() []result.Fault {
	var out []result.Fault
	for _, e := range w.scenario.Timeline {
		out = append(out, result.Fault{
			Name: e.Name, Action: e.Kind, Target: e.Action.Target(), Site: e.Action.Site(), Host: e.Action.Host(), Dark: dark(e),
			From: result.Millis(e.At), To: result.Millis(cmp.Or(e.Until, w.scenario.Duration)),
		})
	}
	return out
}

// dark reports whether a fault takes the site's controller too.
func dark(e scenario.Entry) bool {
	p, ok := e.Action.(*fault.PowerOff)
	return ok && (len(p.Parts) == 0 || slices.Contains(p.Parts, fault.Controller))
}

func (w *world) trafficSums() []result.Traffic {
	var out []result.Traffic
	for i, t := range w.traffic {
		t.Median, t.Slowest = result.Millis(w.took[i].quantile(0.5)), result.Millis(w.took[i].quantile(1))
		out = append(out, *t)
	}
	return out
}

// federated are the types whose objects a leader replicates, and how to ask for those of them.
var federated = []struct{ kind, query string }{
	{"gslb", ""}, {"gslbservice", ""}, {"gslbgeodbprofile", ""},
	{"healthmonitor", "is_federated=true"}, {"applicationpersistenceprofile", "is_federated=true"}, {"pkiprofile", "is_federated=true"},
}

// configuration reads what a controller holds, through its API.
func (w *world) configuration(s *scenario.Site) result.Configuration {
	c := result.Configuration{Site: s.Name, Objects: map[string]string{}}
	transport := w.net.Transport(w.desk())
	defer transport.CloseIdleConnections()
	session, err := aviclient.Open(w.target(s), transport)
	if err != nil {
		c.Err = describe(err)
		return c
	}
	own := "https://" + s.Controller.Address.String() + "/"
	for _, f := range federated {
		all, err := aviclient.List(session, f.kind, f.query)
		if err != nil {
			c.Err = f.kind + ": " + describe(err)
			return c
		}
		for _, o := range all {
			text, err := json.Marshal(o)
			if err != nil {
				c.Err = err.Error()
				return c
			}
			// The same object has another address on every controller.
			c.Objects[fmt.Sprint(o["uuid"])] = strings.ReplaceAll(string(text), own, "https://controller/")
		}
	}
	return c
}
