package world

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	mdns "github.com/miekg/dns"

	"github.com/gslbsim/gslbsim/dns"
	"github.com/gslbsim/gslbsim/fakeavi/engine"
	"github.com/gslbsim/gslbsim/fakeavi/health"
	"github.com/gslbsim/gslbsim/sim/result"
	"github.com/gslbsim/gslbsim/sim/scenario"
	"github.com/gslbsim/gslbsim/sim/strict"
)

// Inquiry asks why a name is answered as it is. Asking takes no turn of any round robin and sends no message: the run goes
// on as if nobody had asked.
type Inquiry struct {
	At   time.Duration // 0 to the scenario's duration
	Name string        // with or without final dot; aliases of the parent zone are followed
	Type uint16        // 0: A
	// Client is the address from which the DNS virtual service is asked, that of a resolver as a rule; the zero Addr: the
	// first resolver's.
	Client netip.Addr
	Subnet netip.Prefix // of the EDNS client subnet option; the zero Prefix: none
	Site   string       // whose DNS virtual service is asked; "": those of all sites that host the GSLB subdomains
}

// Check returns an error, fit for users, for an inquiry that makes no sense in a scenario.
func (q Inquiry) Check(s *scenario.Scenario) error {
	if q.At < 0 || q.At >= s.Duration {
		return fmt.Errorf("the instant %v is outside of the scenario, which goes from 0s to %v", q.At, s.Duration)
	}
	if _, ok := mdns.IsDomainName(q.Name); !ok || q.Name == "" {
		return fmt.Errorf("%q is not a domain name", q.Name)
	}
	var names []string
	for _, site := range answering(s) {
		names = append(names, site.Name)
	}
	if q.Site == "" || slices.Contains(names, q.Site) {
		return nil
	}
	hint := "those are " + strings.Join(names, ", ")
	if near := strict.Nearest(q.Site, names); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	return fmt.Errorf("no site %q has a DNS virtual service that hosts GSLB services (%s)", q.Site, hint)
}

// answering lists the sites whose DNS virtual services host the GSLB subdomains, the leader first.
func answering(s *scenario.Scenario) []*scenario.Site {
	return slices.DeleteFunc(s.World.GSLBSites(), func(site *scenario.Site) bool { return site.Controller.Passive })
}

// planInquiries puts the inquiries on the event loop, each behind all else that happens at its instant.
func (w *world) planInquiries(all []Inquiry) {
	for i, q := range all {
		w.loop.At(w.zero.Add(q.At), fmt.Sprintf("~why/%06d", i), func() {
			for _, s := range answering(w.scenario) {
				if q.Site == "" || q.Site == s.Name {
					w.why = append(w.why, w.explain(s, q))
				}
			}
		})
	}
}

func (w *world) explain(s *scenario.Site, q Inquiry) result.Why {
	out := result.Why{At: result.Millis(q.At), Site: s.Name, Server: s.Engines.DNS.String()}
	name := w.followAliases(q.Name)
	if name != mdns.CanonicalName(q.Name) {
		out.Alias = trimDot(mdns.CanonicalName(q.Name))
	}
	eng := w.controllers[s.Name].Engines()[0]
	responder := eng.Responder(s.Engines.DNS)
	if responder == nil || w.net.Down(engineHost(s)) {
		out.Silent = "no enabled DNS virtual service has the address"
		if w.net.Down(engineHost(s)) {
			out.Silent = "the service engines have no power"
		}
		return out
	}
	msg := new(mdns.Msg).SetQuestion(name, cmp.Or(q.Type, mdns.TypeA))
	if q.Subnet.IsValid() {
		msg.Extra = append(msg.Extra, dns.SubnetOption(q.Subnet))
	}
	client := q.Client
	if !client.IsValid() {
		client = w.top.Resolvers[0].First
	}
	reply, d := responder.Preview(msg, dns.Client{Addr: client})
	e := d.Explanation(reply)
	if e.Service != nil {
		if state, ok := eng.Service(e.Service.UUID); ok {
			w.annotate(&e, state)
		}
	}
	out.Decision = &e
	return out
}

// followAliases goes where the parent zone's CNAMEs lead.
func (w *world) followAliases(name string) string {
	name = mdns.CanonicalName(name)
	for range w.scenario.Aliases {
		i := slices.IndexFunc(w.scenario.Aliases, func(a scenario.Alias) bool { return mdns.CanonicalName(a.Name) == name })
		if i < 0 {
			break
		}
		name = mdns.CanonicalName(w.scenario.Aliases[i].To)
	}
	return name
}

// annotate adds what the engine knows of each member's health, and whether the world agrees. The engine lists pools and
// members in the order of the table.
func (w *world) annotate(e *dns.Explanation, state engine.ServiceState) {
	for i := range min(len(e.Pools), len(state.Pools)) {
		members := e.Pools[i].Members
		for j := range min(len(members), len(state.Pools[i].Members)) {
			m := &members[j]
			notes := healthNote(state.Pools[i].Members[j])
			if truth := w.truthNote(trimDot(e.Match.At), m); truth != "" {
				notes = append(notes, truth)
			}
			m.Note = strings.Join(notes, "; ")
		}
	}
}

func healthNote(m engine.MemberState) (notes []string) {
	if m.Status.State == health.StateUp {
		return nil
	}
	if !m.Since.IsZero() {
		notes = append(notes, "for "+time.Since(m.Since).Round(time.Millisecond).String())
	}
	if m.Status.Reason != "" {
		notes = append(notes, m.Status.Reason)
	}
	return notes
}

// truthNote says where what health has found differs from what the member really does.
func (w *world) truthNote(host string, m *dns.MemberView) string {
	for _, real := range w.truth.members {
		if real.host != host || !real.addr.IsValid() || real.addr.String() != m.Name {
			continue
		}
		switch {
		case real.down && m.Up:
			return fmt.Sprintf("really down for %v, not noticed here so far", (w.rec.Now() - real.since).Round(time.Millisecond))
		case !real.down && m.Enabled && !m.Up:
			return "really serves, not noticed here so far"
		}
	}
	return ""
}
