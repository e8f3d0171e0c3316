package control_test

import (
	"strings"

	"github.com/gslbsim/gslbsim/operator/internal/avitest"
	"github.com/gslbsim/gslbsim/operator/internal/kubetest"
)

// What goes wrong around an operator.

func (l *life) faultEvents() []happening {
	some := func(do func(*kubetest.Server)) func() {
		return func() { do(pick(l, l.fallible())) }
	}
	return []happening{
		{"controller fault", l.controllerFault}, {"controller fault", l.controllerFault}, {"controller fault", l.controllerFault},
		{"controller hangs", l.controllerHangs},
		{"controller away", func() { l.controllers.Put(pick(l, []string{"a", "b"}), nil) }},
		{"controller back", func() { l.putSites() }},
		{"leader moves", l.leaderMoves}, {"leader moves unseen", l.leaderMovesUnseen}, {"maintenance", l.maintenance},
		{"sessions end", func() { l.sites[l.leading].EndSessions() }}, {"meddling", l.meddle},
		{"cluster away", some(func(s *kubetest.Server) { s.SetDown(true) })},
		{"cluster back", some(func(s *kubetest.Server) { s.SetDown(false) })},
		{"long outage", some(func(s *kubetest.Server) { s.SetDown(true); s.Forget() })},
		{"watches end", some((*kubetest.Server).EndWatches)}, {"relist", some((*kubetest.Server).Forget)},
		{"duplicates", some((*kubetest.Server).Repeat)}, {"cluster fault", some(l.clusterFault)},
		{"cluster well", some(func(s *kubetest.Server) { s.OnRequest(nil) })},
	}
}

// fallible are the API servers that may fail.
func (l *life) fallible() []*kubetest.Server {
	return []*kubetest.Server{l.members["east"], l.members["west"], l.own}
}

func (l *life) putSites() {
	for name, c := range l.sites {
		l.controllers.Put(name, c)
	}
}

// withFault has a part of the requests that count meet a fault.
func (l *life) withFault(c *avitest.Controller, fault avitest.Fault, counts func(avitest.Request) bool) {
	every, n := 1+l.random.IntN(3), 0
	c.OnRequest(func(r avitest.Request) *avitest.Fault {
		if !counts(r) {
			return nil
		}
		if n++; n%every == 0 {
			return &fault
		}
		return nil
	})
}

func (l *life) controllerFault() {
	fault := pick(l, []avitest.Fault{
		{Drop: true}, {Drop: true, Applied: true}, {Status: 500}, {Status: 502, Raw: "<html>"}, {Status: 503}, {Status: 504}, {Status: 401},
		{Status: 403}, {Status: 419}, {Status: 429}, {Status: 429, Header: map[string]string{"Retry-After": "90"}}, {Status: 412}, {Status: 409},
		{Status: 422}, {Status: 404}, {Status: 400}, {Status: 200, Applied: true}, {Status: 200, Raw: "{", Applied: true},
		{Status: 500, Applied: true}, {Status: 400, Message: "Config Operations can be done ONLY on leader"},
		{Status: 400, Message: "GSLB system is in maintenance mode."},
		{Status: 400, Message: "domain name conflicting with existing domain name"},
	})
	l.withFault(l.sites[l.leading], fault, func(r avitest.Request) bool {
		return r.Path != "login" && (r.Verb != "GET" || fault.Status < 200 || fault.Status >= 300)
	})
}

// controllerHangs has writes, reads or logins stay without an answer.
func (l *life) controllerHangs() {
	verb := pick(l, []string{"GET", "POST", "PUT", "DELETE"})
	l.withFault(l.sites[l.leading], avitest.Fault{Hang: true, Applied: l.maybe()}, func(r avitest.Request) bool { return r.Verb == verb })
}

// leaderMoves makes the other site lead, with what the former leader holds.
func (l *life) leaderMoves() {
	from := l.sites[l.leading]
	l.leading = map[string]string{"a": "b", "b": "a"}[l.leading]
	l.sites[l.leading].Replicate(from)
	l.federate()
}

// leaderMovesUnseen makes the other site lead while the former leader is away, which believes that it leads when it returns.
func (l *life) leaderMovesUnseen() {
	old, view := l.leading, uint64(0)
	l.sites[old].Set(func(s *avitest.Settings) { view = s.View })
	leader := map[string]string{"a": "cluster-1", "b": "cluster-2"}[old]
	l.controllers.Put(old, nil)
	l.leaderMoves()
	l.sites[old].Set(func(s *avitest.Settings) { s.Leader, s.View = leader, view })
}

func (l *life) maintenance() {
	on := l.maybe()
	for _, c := range l.sites {
		c.Set(func(s *avitest.Settings) { s.Maintenance = on })
	}
}

// meddle changes what the operator made, or deletes it.
func (l *life) meddle() {
	leader := l.sites[l.leading]
	for _, name := range leader.Names("gslbservice") {
		tenant, fqdn, _ := strings.Cut(name, "/")
		if fqdn == foreign || l.maybe() {
			continue
		}
		if l.maybe() {
			leader.Remove("gslbservice", tenant, fqdn)
		} else {
			leader.Edit("gslbservice", tenant, fqdn, func(o map[string]any) { o["groups"] = []any{}; delete(o, "health_monitor_refs") })
		}
	}
}

// clusterFault has an API server refuse a part of the requests, reset them, or leave them without an answer.
func (l *life) clusterFault(s *kubetest.Server) {
	fault := pick(l, []kubetest.Fault{
		{Status: 500}, {Status: 503}, {Status: 429}, {Status: 401}, {Status: 403}, {Status: 409}, {}, {Applied: true}, {Silent: true}, {Silent: true, Applied: true},
	})
	every, n, reads := 1+l.random.IntN(3), 0, l.maybe()
	s.OnRequest(func(r kubetest.Request) *kubetest.Fault {
		if r.Verb == "GET" && !reads {
			return nil
		}
		if n++; n%every == 0 {
			return &fault
		}
		return nil
	})
}
