package resolver_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"time"

	mdns "github.com/miekg/dns"

	"github.com/gslbsim/gslbsim/dns"
	"github.com/gslbsim/gslbsim/dns/resolver"
)

// servers answers at once from the responder at each address.
type servers map[netip.Addr]*dns.Responder

func (s servers) Exchange(server netip.Addr, q *mdns.Msg, done func(*mdns.Msg, error)) {
	reply, _ := s[server].Respond(q, dns.Client{Addr: netip.MustParseAddr("192.0.2.53")})
	if reply != nil {
		done(reply, nil)
	}
}

// timeless never lets a timer go off.
type timeless struct{}

func (timeless) After(time.Duration, string, func()) (cancel func()) { return func() {} }

// The parent zone aclab.uk is a table of static records: it delegates
// gslb.aclab.uk to the DNS services of two sites and has an alias into it.
func Example_parentZone() {
	ns1, ns2 := netip.MustParseAddr("10.166.111.1"), netip.MustParseAddr("10.166.111.101")
	parent := responder(dns.Config{
		Profile: authoritative("aclab.uk"),
		Records: []dns.Record{
			{Names: []string{"gslb.aclab.uk"}, Type: mdns.TypeNS, Delegated: true, NS: []dns.NameServer{
				{Host: "avi-ns01.aclab.uk"}, {Host: "avi-ns02.aclab.uk"},
			}},
			{Names: []string{"avi-ns01.aclab.uk"}, Type: mdns.TypeA, Addrs: []netip.Addr{ns1}},
			{Names: []string{"avi-ns02.aclab.uk"}, Type: mdns.TypeA, Addrs: []netip.Addr{ns2}},
			{Names: []string{"application01.aclab.uk"}, Type: mdns.TypeCNAME, CNAME: "application01.gslb.aclab.uk"},
		},
	})
	site := responder(dns.Config{
		Profile: authoritative("gslb.aclab.uk"),
		Services: []dns.Service{{
			UUID: "gslbservice-1", Name: "application01", Domains: []string{"application01.gslb.aclab.uk"}, Enabled: true,
			Pools: []dns.Pool{{Name: "regions", Priority: 10, Enabled: true, Members: []dns.Member{
				{Addr: netip.MustParseAddr("10.166.112.10"), Enabled: true, Up: true},
			}}},
		}},
	})
	dc01 := netip.MustParseAddr("10.166.108.10")
	r := resolver.New(
		resolver.Config{Name: "office", Stubs: map[string][]netip.Addr{"aclab.uk": {dc01}}},
		servers{dc01: parent, ns1: site, ns2: site},
		timeless{},
		rand.New(rand.NewPCG(1, 1)),
	)
	r.Resolve("application01.aclab.uk", mdns.TypeA, func(a resolver.Answer) {
		fmt.Println(a.Addrs, a.Err)
		for _, rr := range a.Chain {
			fmt.Println(rr.Header().Name, mdns.Type(rr.Header().Rrtype))
		}
	})
	// Output:
	// [10.166.112.10] <nil>
	// application01.aclab.uk. CNAME
	// application01.gslb.aclab.uk. A
}

func authoritative(domain string) dns.Profile {
	profile := dns.SystemProfile()
	profile.Domains = []string{domain}
	return profile
}

func responder(cfg dns.Config) *dns.Responder {
	table, err := dns.NewTable(cfg)
	if err != nil {
		panic(err)
	}
	r := dns.NewResponder(1)
	r.Publish(table)
	return r
}
