package dns_test

import (
	"fmt"
	"net/netip"
	"testing"

	mdns "github.com/miekg/dns"

	"github.com/gslbsim/gslbsim/dns"
)

const appName = "app.gslb.example."

var stranger = dns.Client{Addr: ip("198.51.100.7")}

func ip(s string) netip.Addr { return netip.MustParseAddr(s) }

func ptr[T any](v T) *T { return &v }

// up is a usable member.
func up(addr string) dns.Member {
	return dns.Member{Addr: ip(addr), Enabled: true, Up: true}
}

func weighted(addr string, ratio int) dns.Member {
	m := up(addr)
	m.Ratio = ratio
	return m
}

func down(addr string) dns.Member {
	return dns.Member{Addr: ip(addr), Enabled: true}
}

func named(fqdn, resolved string) dns.Member {
	m := dns.Member{FQDN: fqdn, Enabled: true, Up: true}
	if resolved != "" {
		m.Addr = ip(resolved)
	}
	return m
}

// at puts a member at a site.
func at(site string, m dns.Member) dns.Member {
	m.Site = site
	return m
}

func pool(name string, priority int, members ...dns.Member) dns.Pool {
	return dns.Pool{Name: name, Priority: priority, Enabled: true, Members: members}
}

// app is a service at appName.
func app(pools ...dns.Pool) dns.Service {
	return dns.Service{
		UUID: "gslbservice-app", Name: "app", Domains: []string{appName}, Enabled: true, UseECS: true, Pools: pools,
	}
}

// systemProfile responds to everything and is authoritative for gslb.example.
func systemProfile() dns.Profile {
	p := dns.SystemProfile()
	p.Domains = []string{"gslb.example"}
	return p
}

// dropProfile is the same but drops what it cannot answer.
func dropProfile() dns.Profile {
	p := systemProfile()
	p.ErrorResponse = dns.ErrorDrop
	return p
}

func newTable(t testing.TB, cfg dns.Config) *dns.Table {
	t.Helper()
	table, err := dns.NewTable(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// serve returns a responder that serves a configuration; a zero profile means
// systemProfile.
func serve(t testing.TB, cfg dns.Config) *dns.Responder {
	t.Helper()
	if cfg.Profile.TTL == 0 && cfg.Profile.NumIPs == 0 && cfg.Profile.Domains == nil {
		cfg.Profile = systemProfile()
	}
	r := dns.NewResponder(1)
	r.Publish(newTable(t, cfg))
	return r
}

func serveApp(t testing.TB, s dns.Service) *dns.Responder {
	t.Helper()
	return serve(t, dns.Config{Services: []dns.Service{s}})
}

func query(name string, qtype uint16) *mdns.Msg {
	return new(mdns.Msg).SetQuestion(name, qtype)
}

// withECS adds a client subnet option.
func withECS(q *mdns.Msg, subnet string) *mdns.Msg {
	q.Extra = append(q.Extra, dns.SubnetOption(netip.MustParsePrefix(subnet)))
	return q
}

// scope is the scope of a reply's client subnet option, -1 without one.
func scope(reply *mdns.Msg) int {
	if opt := reply.IsEdns0(); opt != nil {
		for _, o := range opt.Option {
			if e, ok := o.(*mdns.EDNS0_SUBNET); ok {
				return int(e.SourceScope)
			}
		}
	}
	return -1
}

// ask asks for appName as a stranger.
func ask(r *dns.Responder, qtype uint16) (*mdns.Msg, dns.Decision) {
	return r.Respond(query(appName, qtype), stranger)
}

// texts are a section's records without owner, class and TTL: "A 10.0.0.1".
func texts(rrs []mdns.RR) []string {
	out := make([]string, 0, len(rrs))
	for _, rr := range rrs {
		if rr.Header().Rrtype == mdns.TypeOPT {
			continue
		}
		out = append(out, mdns.TypeToString[rr.Header().Rrtype]+" "+rr.String()[len(rr.Header().String()):])
	}
	return out
}

// answers are texts of the answer to an A query for appName; "dropped" if
// there is no reply.
func answers(r *dns.Responder, c dns.Client) []string {
	reply, _ := r.Respond(query(appName, mdns.TypeA), c)
	if reply == nil {
		return []string{"dropped"}
	}
	return texts(reply.Answer)
}

// count asks n times for A and counts the first answers.
func count(r *dns.Responder, n int) map[string]int {
	counts := map[string]int{}
	for range n {
		first := "none"
		if got := answers(r, stranger); len(got) > 0 {
			first = got[0]
		}
		counts[first]++
	}
	return counts
}

// client is the i-th of many clients, each in a /24 of its own.
func client(i int) dns.Client {
	return dns.Client{Addr: netip.AddrFrom4([4]byte{byte(20 + i>>16), byte(i >> 8), byte(i), 9})}
}

func describe(reply *mdns.Msg) string {
	if reply == nil {
		return "no reply"
	}
	soa := ""
	for _, rr := range reply.Ns {
		if rr.Header().Rrtype == mdns.TypeSOA {
			soa = " soa"
		}
	}
	aa := ""
	if reply.Authoritative {
		aa = " aa"
	}
	return fmt.Sprintf("%s %d%s%s", mdns.RcodeToString[reply.Rcode], len(reply.Answer), aa, soa)
}

type (
	ipAddr   = netip.Addr
	ipPrefix = netip.Prefix
)

func addrs(texts ...string) []netip.Addr {
	out := make([]netip.Addr, len(texts))
	for i, s := range texts {
		out[i] = ip(s)
	}
	return out
}

func prefixes(texts ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(texts))
	for i, s := range texts {
		out[i] = netip.MustParsePrefix(s)
	}
	return out
}
