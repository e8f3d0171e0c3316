package dns_test

import (
	"fmt"
	"testing"

	mdns "github.com/miekg/dns"
	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/dns"
)

func TestPoolsByPriority(t *testing.T) {
	disabled := pool("disabled", 90, up("10.0.9.1"))
	disabled.Enabled = false
	off := up("10.0.8.1")
	off.Enabled = false
	tests := []struct {
		name  string
		pools []dns.Pool
		want  map[string]int // of 60 queries
	}{
		{"highest wins", []dns.Pool{pool("a", 5, up("10.0.1.1")), pool("b", 20, up("10.0.2.1"))}, map[string]int{"A 10.0.2.1": 60}},
		{"lower when higher is down", []dns.Pool{pool("a", 5, up("10.0.1.1")), pool("b", 20, down("10.0.2.1"))}, map[string]int{"A 10.0.1.1": 60}},
		{"members switched off", []dns.Pool{pool("a", 5, up("10.0.1.1")), pool("b", 20, off)}, map[string]int{"A 10.0.1.1": 60}},
		{"pool switched off", []dns.Pool{pool("a", 5, up("10.0.1.1")), disabled}, map[string]int{"A 10.0.1.1": 60}},
		{"priority 0 never", []dns.Pool{pool("a", 0, up("10.0.1.1"))}, map[string]int{"dropped": 60}},
		{"equal ones take turns", []dns.Pool{pool("a", 10, up("10.0.1.1")), pool("b", 10, up("10.0.2.1")), pool("c", 10, up("10.0.3.1"))},
			map[string]int{"A 10.0.1.1": 20, "A 10.0.2.1": 20, "A 10.0.3.1": 20}},
		{"turns go by pool, not by member", []dns.Pool{pool("a", 10, up("10.0.1.1"), up("10.0.1.2")), pool("b", 10, up("10.0.2.1"))},
			map[string]int{"A 10.0.1.1": 15, "A 10.0.1.2": 15, "A 10.0.2.1": 30}},
		{"equal ones without usable member are skipped", []dns.Pool{pool("a", 10, up("10.0.1.1")), pool("b", 10, down("10.0.2.1"))},
			map[string]int{"A 10.0.1.1": 60}},
	}
	for _, test := range tests {
		NewWithT(t).Expect(count(serveApp(t, app(test.pools...)), 60)).To(Equal(test.want), test.name)
	}
}

// Pools of one name have turns of their own all the same.
func TestPoolsOfOneName(t *testing.T) {
	s := app(pool("same", 10, up("10.0.1.1"), up("10.0.1.2")), pool("same", 10, up("10.0.2.1"), up("10.0.2.2")))
	NewWithT(t).Expect(count(serveApp(t, s), 40)).To(Equal(
		map[string]int{"A 10.0.1.1": 10, "A 10.0.1.2": 10, "A 10.0.2.1": 10, "A 10.0.2.2": 10}))
}

func TestMinMembers(t *testing.T) {
	pools := []dns.Pool{
		pool("a", 20, up("10.0.1.1"), down("10.0.1.2")),
		pool("b", 10, up("10.0.2.1"), up("10.0.2.2")),
		pool("c", 5, up("10.0.3.1")),
	}
	tests := []struct {
		min  int
		want map[string]int // of 60 queries
	}{
		{0, map[string]int{"A 10.0.1.1": 60}},
		{1, map[string]int{"A 10.0.1.1": 60}},
		{2, map[string]int{"A 10.0.1.1": 20, "A 10.0.2.1": 20, "A 10.0.2.2": 20}},
		{3, map[string]int{"A 10.0.1.1": 20, "A 10.0.2.1": 20, "A 10.0.2.2": 20}},
		{4, map[string]int{"A 10.0.1.1": 15, "A 10.0.2.1": 15, "A 10.0.2.2": 15, "A 10.0.3.1": 15}},
		{99, map[string]int{"A 10.0.1.1": 15, "A 10.0.2.1": 15, "A 10.0.2.2": 15, "A 10.0.3.1": 15}},
	}
	for _, test := range tests {
		s := app(pools...)
		s.MinMembers = test.min
		NewWithT(t).Expect(count(serveApp(t, s), 60)).To(Equal(test.want), "%d", test.min)
	}
}

func TestMinMembersAmongEqualPools(t *testing.T) {
	s := app(pool("a", 10, up("10.0.1.1"), up("10.0.1.2")), pool("b", 10, up("10.0.2.1")), pool("c", 5, up("10.0.3.1")))
	s.MinMembers = 2
	// a has enough by itself; b takes in a when it is its turn; c is not needed.
	got := count(serveApp(t, s), 120)
	NewWithT(t).Expect(got).To(Equal(map[string]int{"A 10.0.1.1": 50, "A 10.0.1.2": 50, "A 10.0.2.1": 20}))
}

// world is a geo database of a few clients.
type world map[string]dns.Location

func (w world) Locate(addr ipAddr) (dns.Location, bool) {
	loc, ok := w[addr.String()]
	return loc, ok
}

var (
	london  = dns.Location{Latitude: 51.5, Longitude: -0.12, Name: "GB/England/London", Tag: "emea"}
	paris   = dns.Location{Latitude: 48.85, Longitude: 2.35, Name: "FR/IDF/Paris", Tag: "emea"}
	newYork = dns.Location{Latitude: 40.71, Longitude: -74, Name: "US/NY/New York", Tag: "amer"}
	sydney  = dns.Location{Latitude: -33.87, Longitude: 151.2, Name: "AU/NSW/Sydney", Tag: "apac"}
)

func in(loc dns.Location, m dns.Member) dns.Member {
	m.Location = &loc
	return m
}

func TestPoolsByGeo(t *testing.T) {
	geo := world{"198.51.100.7": paris, "198.51.100.8": sydney}
	s := app(
		pool("us", 100, in(newYork, up("10.0.1.1"))),
		pool("uk", 1, in(london, up("10.0.2.1")), in(sydney, down("10.0.2.2"))),
		pool("never", 0, in(paris, up("10.0.3.1"))),
		pool("nowhere", 50, up("10.0.4.1")),
	)
	s.PoolAlgorithm = dns.PoolsByGeo
	r := serve(t, dns.Config{Services: []dns.Service{s}, Geo: geo})
	g := NewWithT(t)
	g.Expect(answers(r, dns.Client{Addr: ip("198.51.100.7")})).To(Equal([]string{"A 10.0.2.1"}))
	g.Expect(answers(r, dns.Client{Addr: ip("198.51.100.8")})).To(Equal([]string{"A 10.0.1.1"}))
	reply, d := r.Respond(query(appName, mdns.TypeA), dns.Client{Addr: ip("198.51.100.9")})
	g.Expect(texts(reply.Answer)).To(Equal([]string{"A 10.0.1.1"}), "by priority without a location")
	g.Expect(d.PoolFallback).To(BeTrue())
}

// Pools at one distance: the highest priority first, then the first one configured.
func TestPoolsAtOneDistance(t *testing.T) {
	s := app(pool("b", 10, in(london, up("10.0.2.1"))), pool("c", 10, in(london, up("10.0.3.1"))), pool("a", 20, in(london, up("10.0.1.1"))))
	s.PoolAlgorithm = dns.PoolsByGeo
	g := NewWithT(t)
	r := serve(t, dns.Config{Services: []dns.Service{s}, Geo: everywhere{paris}})
	g.Expect(answers(r, stranger)).To(Equal([]string{"A 10.0.1.1"}))
	s.Pools[2].Enabled = false
	r = serve(t, dns.Config{Services: []dns.Service{s}, Geo: everywhere{paris}})
	g.Expect(answers(r, stranger)).To(Equal([]string{"A 10.0.2.1"}))
}

func TestPoolKinds(t *testing.T) {
	private, public := pool("private", 50, up("10.0.1.1")), pool("public", 40, up("203.0.113.1"))
	private.Kind, public.Kind = dns.PrivatePool, dns.PublicPool
	s := app(private, public, pool("generic", 10, up("10.0.3.1")))
	profile := systemProfile()
	g := NewWithT(t)
	r := serve(t, dns.Config{Profile: profile, Services: []dns.Service{s}})
	g.Expect(answers(r, stranger)).To(Equal([]string{"A 10.0.1.1"}), "unsorted clients use all")
	profile.Clients = &dns.ClientGroup{Kind: dns.ListsPrivate, Prefixes: prefixes("10.0.0.0/8")}
	r = serve(t, dns.Config{Profile: profile, Services: []dns.Service{s}})
	g.Expect(answers(r, stranger)).To(Equal([]string{"A 203.0.113.1"}))
	g.Expect(answers(r, dns.Client{Addr: ip("10.1.1.1")})).To(Equal([]string{"A 10.0.1.1"}))
}

func TestFamiliesAreSteeredApart(t *testing.T) {
	s := app(pool("a", 20, up("2001:db8::1"), down("10.0.1.1")), pool("b", 10, up("10.0.2.1")))
	r := serveApp(t, s)
	g := NewWithT(t)
	reply, _ := ask(r, mdns.TypeAAAA)
	g.Expect(texts(reply.Answer)).To(Equal([]string{"AAAA 2001:db8::1"}))
	g.Expect(answers(r, stranger)).To(Equal([]string{"A 10.0.2.1"}))
	reply, _ = ask(r, mdns.TypeANY)
	g.Expect(texts(reply.Answer)).To(Equal([]string{"A 10.0.2.1", "AAAA 2001:db8::1"}))
}

func TestAlternatingTypesDoNotDisturbTurns(t *testing.T) {
	r := serveApp(t, app(pool("a", 20, up("10.0.1.1"), up("10.0.1.2"), up("2001:db8::1"), up("2001:db8::2"))))
	counts := map[string]int{}
	for range 100 {
		for _, qtype := range []uint16{mdns.TypeA, mdns.TypeAAAA} {
			reply, _ := ask(r, qtype)
			counts[texts(reply.Answer)[0]]++
		}
	}
	NewWithT(t).Expect(counts).To(Equal(map[string]int{
		"A 10.0.1.1": 50, "A 10.0.1.2": 50, "AAAA 2001:db8::1": 50, "AAAA 2001:db8::2": 50}))
}

func TestPoolsOfOneNameKeepTheirOwnTurns(t *testing.T) {
	s := app(pool("same", 10, up("10.0.1.1"), up("10.0.1.2")), pool("same", 10, up("10.0.2.1"), up("10.0.2.2"), up("10.0.2.3")))
	want := map[string]int{}
	for i := 1; i <= 2; i++ {
		want[fmt.Sprintf("A 10.0.1.%d", i)] = 15
	}
	for i := 1; i <= 3; i++ {
		want[fmt.Sprintf("A 10.0.2.%d", i)] = 10
	}
	NewWithT(t).Expect(count(serveApp(t, s), 60)).To(Equal(want))
}
