package world

import (
	"cmp"
	"net/netip"
	"slices"
	"time"

	"github.com/gslbsim/gslbsim/fakeavi/engine"
	"github.com/gslbsim/gslbsim/sim/result"
	"github.com/gslbsim/gslbsim/sim/scenario"
)

// truth knows which members really serve, by asking their service engines as a client would. It has nothing to do with
// health checks, which only try to find out the same.
type truth struct {
	w       *world
	members []*realMember
	known   bool // addresses have been found
}

// realMember is one member that shall serve a host name.
type realMember struct {
	scenario.IntendedMember
	host  string
	addr  netip.Addr // not valid if the site has no VIP for the host
	down  bool
	since time.Duration
	dark  bool // the engines had no power when it went down
}

func newTruth(w *world) *truth {
	t := &truth{w: w}
	for _, in := range w.scenario.Intents() {
		for _, m := range in.Members {
			t.members = append(t.members, &realMember{IntendedMember: m, host: in.Host})
		}
	}
	return t
}

// find looks for the members' addresses: the first of the site's VIPs that answers for the host. It is called at clock
// zero, when everything has been deployed and nothing has gone wrong yet.
func (t *truth) find() {
	for _, m := range t.members {
		vips := slices.Clone(t.engine(m).VIPs())
		slices.SortFunc(vips, netip.Addr.Compare)
		for _, vip := range vips {
			if t.serves(m, vip) {
				m.addr = vip
				break
			}
		}
	}
	t.known = true
}

func (t *truth) engine(m *realMember) *engine.Engine {
	return t.w.controllers[m.Site].Engines()[0]
}

// serves asks the engine as a browser would: for the host name, over TLS if the Ingress has a certificate for it.
func (t *truth) serves(m *realMember, vip netip.Addr) bool {
	site := t.w.top.Site(m.Site)
	if t.w.net.Down(engineHost(site)) {
		return false
	}
	port := uint16(80)
	if m.TLS {
		port = httpsPort
	}
	reply := t.engine(m).Serve(vip, port, engine.TCP, engine.Request{Host: m.host, Path: "/", TLS: m.TLS})
	return reply.Kind == engine.Answered && reply.Code >= 200 && reply.Code < 400
}

// serving reports whether a member that shall serve a host name does.
func (t *truth) serving(host string, addr netip.Addr) bool {
	return slices.ContainsFunc(t.members, func(m *realMember) bool { return m.host == host && m.addr == addr && !m.down })
}

// look finds out who has gone down or come back, and keeps outages that are over.
func (t *truth) look() {
	if !t.known {
		return
	}
	now := t.w.rec.Now()
	for _, m := range t.members {
		if !m.addr.IsValid() {
			continue
		}
		down := !t.serves(m, m.addr)
		if down == m.down {
			continue
		}
		if m.down {
			t.w.outages = append(t.w.outages, m.outage(now))
			t.w.rec.Event(m.Site+"/engines", "serves-again", "%s for %s", m.addr, m.host)
		} else {
			m.since, m.dark = now, t.w.net.Down(engineHost(t.w.top.Site(m.Site)))
			t.w.rec.Event(m.Site+"/engines", "serves-no-more", "%s for %s", m.addr, m.host)
		}
		m.down = down
	}
}

// end keeps the outages that go on.
func (t *truth) end(at time.Duration) {
	for _, m := range t.members {
		if m.down {
			t.w.outages = append(t.w.outages, m.outage(at))
		}
	}
	slices.SortFunc(t.w.outages, func(a, b result.Outage) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.Service, b.Service), cmp.Compare(a.Address, b.Address))
	})
}

func (m *realMember) outage(to time.Duration) result.Outage {
	return result.Outage{Service: m.host, Address: m.addr.String(), Site: m.Site, From: m.since, To: to, Unpowered: m.dark}
}
