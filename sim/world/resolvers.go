package world

import (
	"fmt"
	"net/netip"
	"time"

	mdns "github.com/miekg/dns"

	"github.com/gslbsim/gslbsim/dns"
	"github.com/gslbsim/gslbsim/dns/resolver"
	"github.com/gslbsim/gslbsim/sim/result"
	"github.com/gslbsim/gslbsim/sim/scenario"
	"github.com/gslbsim/gslbsim/sim/traffic"
)

// startDNS brings up the parent zone and the resolvers.
func (w *world) startDNS() error {
	parent := dns.NewResponder(w.streams.seedOf("dns/parent"))
	table, err := dns.NewTable(w.parentZone())
	if err != nil {
		return fmt.Errorf("parent zone %s: %w", w.top.Parent.Zone, err)
	}
	parent.Publish(table)
	w.dns.servers[w.top.Parent.Address] = func(q *mdns.Msg, from dns.Client) *mdns.Msg {
		reply, _ := parent.Respond(q, from)
		return reply
	}
	for _, g := range w.top.Resolvers {
		for i, addr := 0, g.First; i < g.Count; i, addr = i+1, addr.Next() {
			name := fmt.Sprintf("%s-%d", g.Name, i+1)
			cfg := resolver.Config{Name: "resolver/" + name, Stubs: map[string][]netip.Addr{w.top.Parent.Zone: {w.top.Parent.Address}},
				ClientSubnet: g.ClientSubnet, Address: addr}
			w.sabotage.resolver(&cfg)
			r := resolver.New(cfg, resolverPort{w.dns, addr}, w.loop, w.streams.of("resolver/"+name))
			named := traffic.Named{Name: name, Resolver: stub{r}}
			w.resolvers = append(w.resolvers, named)
			w.resolverGroups[g.Name] = append(w.resolverGroups[g.Name], named)
			w.resolverNames[addr] = name
		}
	}
	return nil
}

// parentZone is the enterprise's zone: delegations of the GSLB subdomains to all DNS virtual services, of every site's own
// domain to its own, and the scenario's aliases.
func (w *world) parentZone() dns.Config {
	ttl := uint32(w.top.Parent.TTL.Seconds())
	profile := dns.SystemProfile()
	profile.Domains = []string{w.top.Parent.Zone}
	cfg := dns.Config{Profile: profile}
	var all []dns.NameServer
	for _, s := range w.top.GSLBSites() {
		server := dns.NameServer{Host: s.Engines.Name, Addrs: []netip.Addr{s.Engines.DNS}}
		cfg.Records = append(cfg.Records, dns.Record{Names: []string{s.Engines.Name}, Type: mdns.TypeA, TTL: &ttl, Addrs: server.Addrs})
		if !s.Controller.Passive {
			all = append(all, server)
		}
		if s.Domain != "" {
			cfg.Records = append(cfg.Records, dns.Record{Names: []string{s.Domain}, Type: mdns.TypeNS, TTL: &ttl, Delegated: true, NS: []dns.NameServer{server}})
		}
	}
	for _, d := range w.top.GSLB.Subdomains {
		cfg.Records = append(cfg.Records, dns.Record{Names: []string{d}, Type: mdns.TypeNS, TTL: &ttl, Delegated: true, NS: all})
	}
	for _, a := range w.scenario.Aliases {
		aliasTTL := uint32(a.TTL.Seconds())
		cfg.Records = append(cfg.Records, dns.Record{Names: []string{a.Name}, Type: mdns.TypeCNAME, TTL: &aliasTTL, CNAME: a.To})
	}
	return cfg
}

// stub asks a resolver for A records, as clients do.
type stub struct{ *resolver.Resolver }

// Resolve implements traffic.Resolver.
func (s stub) Resolve(client netip.Addr, name string, done func(traffic.Reply)) {
	s.ResolveFor(client, name, mdns.TypeA, func(a resolver.Answer) {
		reply := traffic.Reply{Rcode: a.Rcode, Cached: a.FromCache}
		if len(a.Addrs) > 0 {
			reply.Addr = a.Addrs[0]
		}
		done(reply)
	})
}

// startTraffic lets the clients ask from now on.
func (w *world) startTraffic() {
	for _, t := range w.scenario.Traffic {
		g := traffic.Group{Name: t.Name, Host: t.Host, Clients: t.Clients, Every: t.Every, Timeout: t.Timeout, Network: t.Network}
		sum := &result.Traffic{Name: t.Name, Host: t.Host, Clients: t.Clients}
		w.traffic = append(w.traffic, sum)
		took := &durations{}
		w.took = append(w.took, took)
		traffic.Start(g, w.resolversOf(t), w.loop, w.streams.of, func(o traffic.Outcome) {
			if w.over {
				return
			}
			a := result.Answer{Took: o.Took, By: o.Resolver, Group: t.Name, Name: t.Host, Cached: o.Cached, Rcode: o.Rcode}
			w.address(&a, o.Addr)
			w.rec.Client(a)
			sum.Queries++
			if o.Cached {
				sum.FromCache++
			}
			if !a.Answered() {
				sum.Unanswered++
			}
			took.add(o.Took)
		})
	}
}

// resolversOf returns the resolvers that a group of clients asks.
func (w *world) resolversOf(t scenario.Traffic) []traffic.Named {
	if len(t.Resolvers) == 0 {
		return w.resolvers
	}
	var out []traffic.Named
	for _, group := range t.Resolvers {
		out = append(out, w.resolverGroups[group]...)
	}
	return out
}

// address fills in what was answered: the address and the site that it belongs to.
func (w *world) address(a *result.Answer, addr netip.Addr) {
	if !addr.IsValid() {
		return
	}
	a.Addr = w.text(addr)
	if _, site, ok := w.net.Owner(addr); ok {
		a.Site = site
	}
}

// text returns an address as text. The few addresses of a world are asked for again and again.
func (w *world) text(addr netip.Addr) string {
	s, ok := w.texts[addr]
	if !ok {
		s = addr.String()
		w.texts[addr] = s
	}
	return s
}

// observeDNS keeps what the DNS virtual services answer.
func (w *world) observeDNS(server netip.Addr, from dns.Client, q, reply *mdns.Msg) {
	_, site, _ := w.net.Owner(server)
	if server == w.top.Parent.Address || len(q.Question) == 0 {
		return
	}
	a := result.Answer{By: site, Name: trimDot(q.Question[0].Name), Rcode: -1}
	if reply != nil {
		a.Rcode = reply.Rcode
		for _, rr := range reply.Answer {
			if rec, ok := rr.(*mdns.A); ok {
				if addr, ok := netip.AddrFromSlice(rec.A.To4()); ok {
					w.address(&a, addr)
					break
				}
			}
		}
	}
	if w.over {
		return
	}
	w.rec.Authoritative(a)
	w.flip(server, a)
	if name, ok := w.resolverNames[from.Addr]; ok {
		over := ""
		if from.TCP {
			over = " over TCP"
		}
		w.rec.Event("resolver/"+name, "asked", "%s%s for %s: %s", site, over, a.Name, answerText(a))
	}
}

func answerText(a result.Answer) string {
	switch {
	case a.Rcode < 0:
		return "no reply"
	case a.Addr == "":
		return mdns.RcodeToString[a.Rcode] + ", no address"
	}
	return a.Addr
}

func trimDot(name string) string {
	if n := len(name); n > 1 && name[n-1] == '.' {
		return name[:n-1]
	}
	return name
}

// durations collects how long clients waited. Values are kept per millisecond, up to a minute.
type durations struct {
	counts [60_001]int32
	total  int
}

func (d *durations) add(t time.Duration) {
	d.counts[min(int(t.Milliseconds()), len(d.counts)-1)]++
	d.total++
}

// quantile returns the value below which the share q of all values lies, to the millisecond.
func (d *durations) quantile(q float64) time.Duration {
	want := int(q * float64(d.total-1))
	for ms, n := range d.counts {
		if want -= int(n); want < 0 && n > 0 {
			return time.Duration(ms) * time.Millisecond
		}
	}
	return 0
}
