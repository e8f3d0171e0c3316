package conformance_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	mdns "github.com/miekg/dns"

	"github.com/gslbsim/gslbsim/dns"
	"github.com/gslbsim/gslbsim/dns/server"
)

func ip(s string) netip.Addr { return netip.MustParseAddr(s) }

func ptr[T any](v T) *T { return &v }

// service is a service of one pool below gslb.aclab.test.
func service(label string, p dns.Pool) dns.Service {
	p.Name, p.Priority, p.Enabled = "p", 10, true
	return dns.Service{
		UUID: "gslbservice-" + label, Name: label, Domains: []string{label + ".gslb.aclab.test"}, Enabled: true, UseECS: true,
		Pools: []dns.Pool{p},
	}
}

func member(addr string, ratio int) dns.Member {
	return dns.Member{Addr: ip(addr), Ratio: ratio, Enabled: true, Up: true}
}

// site is what both sites' DNS virtual services know.
func site(profile dns.Profile) dns.Config {
	profile.Domains = []string{"gslb.aclab.test"}
	app := service("app", dns.Pool{Members: []dns.Member{member("192.0.2.1", 6), member("192.0.2.2", 3), member("192.0.2.3", 1)}})
	brief := service("brief", dns.Pool{Members: []dns.Member{member("192.0.2.1", 1), member("192.0.2.2", 1)}})
	brief.TTL = ptr(uint32(1))
	hash := service("hash", dns.Pool{Algorithm: dns.ConsistentHash, HashMask: 20, HashMask6: 48, Members: []dns.Member{
		member("192.0.2.1", 1), member("192.0.2.2", 1), member("192.0.2.3", 1), member("192.0.2.4", 1)}})
	named := service("named", dns.Pool{Members: []dns.Member{{FQDN: "cdn.aclab.test", Addr: ip("192.0.2.77"), Enabled: true, Up: true}}})
	named.ResolveCNAME = true
	srv := service("_sip._tcp", dns.Pool{Members: []dns.Member{{
		FQDN: "sip.aclab.test", Addr: ip("192.0.2.78"), SRV: &dns.SRVData{Priority: 1, Weight: 2, Port: 5060}, Enabled: true, Up: true}}})
	srv.RecordType, srv.AdditionalRecords = dns.SRVRecords, true
	silent := service("silent", dns.Pool{Members: []dns.Member{{Addr: ip("192.0.2.1"), Enabled: true}}})
	fallback := service("fallback", silent.Pools[0])
	fallback.Down = dns.DownResponse{Type: dns.DownFallbackIP, FallbackIP: ip("192.0.2.99")}
	sorry := service("sorry", silent.Pools[0])
	sorry.Down = dns.DownResponse{Type: dns.DownCNAME, FallbackCNAME: "sorry.aclab.test"}
	void := service("void", silent.Pools[0])
	void.Down = dns.DownResponse{Type: dns.DownEmpty}
	wild := service("wild", dns.Pool{Members: []dns.Member{member("192.0.2.50", 1)}})
	wild.Wildcard = true
	dual := service("dual", dns.Pool{Members: []dns.Member{member("192.0.2.60", 1), member("2001:db8::60", 1)}})
	wide := dns.Record{Names: []string{"wide.gslb.aclab.test"}, Type: mdns.TypeA}
	for i := range 60 {
		wide.Addrs = append(wide.Addrs, netip.AddrFrom4([4]byte{192, 0, 2, byte(i + 1)}))
	}
	return dns.Config{
		Profile:  profile,
		Services: []dns.Service{app, brief, hash, named, srv, silent, fallback, sorry, void, wild, dual},
		Records: []dns.Record{
			wide,
			{Names: []string{"huge.gslb.aclab.test"}, Type: mdns.TypeTXT, TXT: []string{strings.Repeat("x", 3000), strings.Repeat("y", 3000)}},
			{Names: []string{"mail.gslb.aclab.test"}, Type: mdns.TypeMX, MX: []dns.MX{{Host: "mx.aclab.test", Preference: 5}}},
			{Names: []string{"text.gslb.aclab.test"}, Type: mdns.TypeTXT, TXT: []string{`with "quotes" and \`}},
			{Names: []string{"sub.gslb.aclab.test"}, Type: mdns.TypeNS, Delegated: true, NS: []dns.NameServer{
				{Host: "ns.sub.gslb.aclab.test", Addrs: []netip.Addr{ip("192.0.2.53")}}}},
		},
	}
}

// parent is the enterprise's zone, which delegates to the sites.
func parent(sites ...netip.Addr) dns.Config {
	profile := dns.SystemProfile()
	profile.Domains = []string{"aclab.test"}
	var servers []dns.NameServer
	for i, addr := range sites {
		servers = append(servers, dns.NameServer{Host: fmt.Sprintf("avi-ns%02d.aclab.test", i+1), Addrs: []netip.Addr{addr}})
	}
	a := func(name, addr string) dns.Record {
		return dns.Record{Names: []string{name}, Type: mdns.TypeA, Addrs: []netip.Addr{ip(addr)}}
	}
	records := []dns.Record{
		{Names: []string{"gslb.aclab.test"}, Type: mdns.TypeNS, Delegated: true, TTL: ptr(uint32(3600)), NS: servers},
		{Names: []string{"aclab.test"}, Type: mdns.TypeNS, NS: []dns.NameServer{{Host: "dc01.aclab.test"}}},
		{Names: []string{"www.aclab.test"}, Type: mdns.TypeCNAME, TTL: ptr(uint32(300)), CNAME: "app.gslb.aclab.test"},
		a("dc01.aclab.test", "192.0.2.10"), a("cdn.aclab.test", "192.0.2.77"), a("sorry.aclab.test", "192.0.2.98"),
	}
	for i, addr := range sites {
		records = append(records, a(servers[i].Host, addr.String()))
	}
	return dns.Config{Profile: profile, Records: records}
}

// serve serves a configuration until the test ends.
func serve(t *testing.T, cfg dns.Config, at netip.AddrPort) (*server.Server, error) {
	t.Helper()
	table, err := dns.NewTable(cfg)
	if err != nil {
		t.Fatal(err)
	}
	responder := dns.NewResponder(1)
	responder.Publish(table)
	srv, err := server.Start(responder, server.Config{Addresses: []netip.AddrPort{at}, Workers: 1, Cookies: &server.CookieSecret{1}})
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() { stop(srv) })
	return srv, nil
}

func stop(srv *server.Server) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = srv.Shutdown(ctx)
}

// serveSite serves the sites' configuration at a port of the system's choice.
func serveSite(t *testing.T, profile dns.Profile) netip.AddrPort {
	t.Helper()
	srv, err := serve(t, site(profile), netip.MustParseAddrPort("127.0.0.1:0"))
	if err != nil {
		t.Fatal(err)
	}
	return srv.Addresses()[0]
}

// stage is a parent zone, the name servers of two sites, and an address for a
// resolver, all on port 53: a delegation names no ports.
type stage struct {
	parent   *server.Server
	sites    [2]*server.Server // nil: the site is silent
	resolver netip.AddrPort
	at       func(host byte) netip.AddrPort
}

// setStage builds a stage on loopback addresses that nobody else uses. With
// silent, the first site's address swallows what it gets.
func setStage(t *testing.T, silent bool) *stage {
	t.Helper()
	for i := range 200 {
		net := byte(1 + (os.Getpid()+i)%250)
		at := func(host byte) netip.AddrPort {
			return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 53, net, host}), 53)
		}
		s := &stage{at: at, resolver: at(9)}
		dc, err := serve(t, parent(at(1).Addr(), at(2).Addr()), at(10))
		switch {
		case errors.Is(err, syscall.EADDRINUSE):
			continue
		case errors.Is(err, syscall.EACCES), errors.Is(err, syscall.EADDRNOTAVAIL):
			t.Skipf("port 53 of loopback addresses cannot be used (%v): run as root, or set net.ipv4.ip_unprivileged_port_start to 53", err)
		case err != nil:
			t.Fatal(err)
		}
		s.parent = dc
		for n := range s.sites {
			if n == 0 && silent {
				swallow(t, at(1))
				continue
			}
			if s.sites[n], err = serve(t, site(dns.SystemProfile()), at(byte(n+1))); err != nil {
				t.Fatal(err)
			}
		}
		return s
	}
	t.Fatal("no free loopback addresses")
	return nil
}

// swallow takes datagrams and never answers, as a host without power.
func swallow(t *testing.T, at netip.AddrPort) {
	t.Helper()
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(at))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
}

// queries is how many queries the sites have been asked.
func (s *stage) queries() uint64 {
	total := uint64(0)
	for _, srv := range s.sites {
		if srv != nil {
			stats := srv.Stats()
			total += stats.UDP.Queries + stats.TCP.Queries
		}
	}
	return total
}
