package dns_test

import (
	"fmt"
	"math"
	"testing"

	mdns "github.com/miekg/dns"
	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/dns"
)

func TestRoundRobinShares(t *testing.T) {
	tests := []struct {
		ratios []int
		n      int
		want   []int
	}{
		{[]int{6, 3, 1}, 5000, []int{3000, 1500, 500}},
		{[]int{1, 2, 3}, 600, []int{100, 200, 300}},
		{[]int{2, 3}, 100, []int{40, 60}},
		{[]int{20, 20, 1}, 4100, []int{2000, 2000, 100}},
		{[]int{0, 0}, 10, []int{5, 5}}, // unset is 1
		{[]int{10, 10}, 2, []int{1, 1}},
	}
	for _, test := range tests {
		var members []dns.Member
		want := map[string]int{}
		for i, ratio := range test.ratios {
			members = append(members, weighted(fmt.Sprintf("10.0.0.%d", i+1), ratio))
			want[fmt.Sprintf("A 10.0.0.%d", i+1)] = test.want[i]
		}
		got := count(serveApp(t, app(pool("p", 10, members...))), test.n)
		NewWithT(t).Expect(got).To(Equal(want), "%v", test.ratios)
	}
}

func TestRoundRobinIsSmooth(t *testing.T) {
	r := serveApp(t, app(pool("p", 10, weighted("10.0.0.1", 6), weighted("10.0.0.2", 3), weighted("10.0.0.3", 1))))
	ratios := map[string]float64{"A 10.0.0.1": 6, "A 10.0.0.2": 3, "A 10.0.0.3": 1}
	got := map[string]int{}
	for n := 1; n <= 1000; n++ {
		got[answers(r, stranger)[0]]++
		for member, ratio := range ratios {
			if off := math.Abs(float64(got[member]) - ratio*float64(n)/10); off > 1.5 {
				t.Fatalf("after %d queries %s is %.1f off its share", n, member, off)
			}
		}
	}
}

func TestSiteRatioOverridesMemberRatio(t *testing.T) {
	heavy := weighted("10.0.0.1", 1)
	heavy.SiteRatio = 9
	got := count(serveApp(t, app(pool("p", 10, heavy, weighted("10.0.0.2", 1)))), 100)
	NewWithT(t).Expect(got).To(Equal(map[string]int{"A 10.0.0.1": 90, "A 10.0.0.2": 10}))
}

// TestTurnsSurviveUpdates publishes a table before every query. Shares must
// hold whatever the updates are.
func TestTurnsSurviveUpdates(t *testing.T) {
	service := func(ttl uint32, third bool) dns.Service {
		m := weighted("10.0.0.3", 1)
		m.Up = third
		s := app(pool("p", 10, weighted("10.0.0.1", 6), weighted("10.0.0.2", 3), m))
		s.TTL = &ttl
		return s
	}
	t.Run("unrelated changes", func(t *testing.T) {
		r := serveApp(t, service(1, true))
		got := map[string]int{}
		for i := range 1000 {
			next, err := r.Table().With([]dns.Service{service(uint32(i), true)}, nil)
			NewWithT(t).Expect(err).NotTo(HaveOccurred())
			r.Publish(next)
			got[answers(r, stranger)[0]]++
		}
		NewWithT(t).Expect(got).To(Equal(map[string]int{"A 10.0.0.1": 600, "A 10.0.0.2": 300, "A 10.0.0.3": 100}))
	})
	t.Run("a member flaps with every query", func(t *testing.T) {
		r := serveApp(t, service(1, true))
		const n = 20000
		got := map[string]float64{}
		for i := range n {
			next, err := r.Table().With([]dns.Service{service(1, i%2 == 0)}, nil)
			NewWithT(t).Expect(err).NotTo(HaveOccurred())
			r.Publish(next)
			got[answers(r, stranger)[0]]++
		}
		// Half the queries see 6:3:1, half 2:1.
		want := map[string]float64{"A 10.0.0.1": n/2*0.6 + n/2*2./3, "A 10.0.0.2": n/2*0.3 + n/2*1./3, "A 10.0.0.3": n / 2 * 0.1}
		for member, w := range want {
			if off := math.Abs(got[member]-w) / n; off > 0.01 {
				t.Errorf("%s: %.0f of %d, want about %.0f", member, got[member], n, w)
			}
		}
	})
}

func TestSeveralAnswers(t *testing.T) {
	members := []dns.Member{weighted("10.0.0.1", 3), weighted("10.0.0.2", 1), weighted("10.0.0.3", 1), down("10.0.0.4"), up("10.0.0.1")}
	for _, test := range []struct{ numIPs, want int }{{0, 3}, {1, 1}, {2, 2}, {3, 3}, {20, 3}} {
		s := app(pool("p", 10, members...), pool("lower", 5, up("10.0.9.9")))
		s.NumIPs = ptr(test.numIPs)
		r := serveApp(t, s)
		g := NewWithT(t)
		first := map[string]int{}
		for range 600 {
			got := answers(r, stranger)
			g.Expect(got).To(HaveLen(test.want), "NumIPs %d", test.numIPs)
			seen := map[string]bool{}
			for _, a := range got {
				g.Expect(seen).NotTo(HaveKey(a), "each address once")
				seen[a] = true
			}
			first[got[0]]++
		}
		g.Expect(first).To(Equal(map[string]int{"A 10.0.0.1": 400, "A 10.0.0.2": 100, "A 10.0.0.3": 100}),
			"the first answer has the shares")
	}
}

func TestProfileSetsCountAndTTL(t *testing.T) {
	profile := systemProfile()
	profile.NumIPs, profile.TTL = 2, 77
	s := app(pool("p", 10, up("10.0.0.1"), up("10.0.0.2"), up("10.0.0.3")))
	ttl := func(s dns.Service) (int, uint32) {
		reply, _ := ask(serve(t, dns.Config{Profile: profile, Services: []dns.Service{s}}), mdns.TypeA)
		return len(reply.Answer), reply.Answer[0].Header().Ttl
	}
	g := NewWithT(t)
	n, seconds := ttl(s)
	g.Expect(n).To(Equal(2))
	g.Expect(seconds).To(BeEquivalentTo(77))
	s.TTL, s.NumIPs = ptr(uint32(0)), ptr(0)
	n, seconds = ttl(s)
	g.Expect(n).To(Equal(3))
	g.Expect(seconds).To(BeEquivalentTo(0))
}

func hashed(p dns.Pool) dns.Pool {
	p.Algorithm = dns.ConsistentHash
	return p
}

func TestConsistentHashIsStableAndBalanced(t *testing.T) {
	const n = 20000
	members := make([]dns.Member, 8)
	for i := range members {
		members[i] = up(fmt.Sprintf("10.0.0.%d", i+1))
	}
	assign := func(r *dns.Responder) map[int]string {
		got := make(map[int]string, n)
		for i := range n {
			got[i] = answers(r, client(i))[0]
		}
		return got
	}
	before := assign(serveApp(t, app(hashed(pool("p", 10, members...)))))
	again := assign(serveApp(t, app(hashed(pool("p", 10, members...)))))
	NewWithT(t).Expect(again).To(Equal(before))

	counts := map[string]float64{}
	for _, member := range before {
		counts[member]++
	}
	chi, expected := 0.0, float64(n)/8
	for i := range members {
		off := counts[fmt.Sprintf("A 10.0.0.%d", i+1)] - expected
		chi += off * off / expected
	}
	// 7 degrees of freedom: 24.3 is exceeded by chance once in a thousand.
	if chi > 24.3 {
		t.Errorf("chi-square is %.1f: %v", chi, counts)
	}

	members[3].Up = false
	moved := 0
	for i, member := range assign(serveApp(t, app(hashed(pool("p", 10, members...))))) {
		switch {
		case before[i] == "A 10.0.0.4":
			moved++
		case before[i] != member:
			t.Fatalf("client %d moved from %s to %s although only 10.0.0.4 left", i, before[i], member)
		}
	}
	NewWithT(t).Expect(float64(moved) / n).To(BeNumerically("~", 1./8, 0.01))
}

// TestWhoLeavesMovesOnlyItsOwnClients takes each member of pools of several
// sizes out in turn: about 1/n of the clients move, all of them its own, and
// they spread over those who stay.
func TestWhoLeavesMovesOnlyItsOwnClients(t *testing.T) {
	const clients = 2000
	for _, n := range []int{2, 3, 7, 20} {
		members := make([]dns.Member, n)
		for i := range members {
			members[i] = weighted(fmt.Sprintf("10.0.0.%d", i+1), 1+i%3) // ratios play no part
		}
		assign := func() (to [clients]string) {
			r := serveApp(t, app(hashed(pool("p", 10, members...))))
			for i := range to {
				to[i] = answers(r, client(i))[0]
			}
			return to
		}
		before := assign()
		for leaver := 0; leaver < n; leaver += 1 + n/4 {
			members[leaver].Up = false
			after := assign()
			members[leaver].Up = true
			moved, heirs := 0, map[string]bool{}
			for i := range after {
				if before[i] == after[i] {
					continue
				}
				moved++
				heirs[after[i]] = true
				if before[i] != fmt.Sprintf("A 10.0.0.%d", leaver+1) {
					t.Fatalf("%d members: client %d moved from %s to %s although member %d left", n, i, before[i], after[i], leaver+1)
				}
			}
			g := NewWithT(t)
			// Four standard deviations of a binomial share of 1/n.
			share := 1 / float64(n)
			g.Expect(float64(moved)/clients).To(BeNumerically("~", share, 4*math.Sqrt(share*(1-share)/clients)), "%d members", n)
			g.Expect(heirs).To(HaveLen(n-1), "%d members", n)
		}
	}
}

func TestConsistentHashMask(t *testing.T) {
	p := hashed(pool("p", 10, up("10.0.0.1"), up("10.0.0.2"), up("10.0.0.3"), up("10.0.0.4")))
	spread := func(p dns.Pool, format string) int {
		r := serveApp(t, app(p))
		seen := map[string]bool{}
		for i := range 100 {
			seen[answers(r, dns.Client{Addr: ip(fmt.Sprintf(format, i))})[0]] = true
		}
		return len(seen)
	}
	g := NewWithT(t)
	g.Expect(spread(p, "192.0.2.%d")).To(Equal(4))
	g.Expect(spread(p, "2001:db8::%d")).To(Equal(4))
	p.HashMask, p.HashMask6 = 24, 64
	g.Expect(spread(p, "192.0.2.%d")).To(Equal(1))
	g.Expect(spread(p, "2001:db8::%d")).To(Equal(1))
	g.Expect(spread(p, "192.0.%d.1")).To(Equal(4))
	g.Expect(spread(p, "2001:db8:0:%d::1")).To(Equal(4))
}

func TestConsistentHashSeveralAnswers(t *testing.T) {
	s := app(hashed(pool("p", 10, up("10.0.0.1"), up("10.0.0.2"), up("10.0.0.3"))))
	one := serveApp(t, s)
	s.NumIPs = ptr(2)
	two := serveApp(t, s)
	for i := range 50 {
		got := answers(two, client(i))
		NewWithT(t).Expect(got).To(HaveLen(2))
		NewWithT(t).Expect(got[:1]).To(Equal(answers(one, client(i))))
	}
}

func TestGeo(t *testing.T) {
	geo := world{"198.51.100.1": paris, "198.51.100.2": sydney, "10.0.0.3": sydney, "203.0.113.3": {Latitude: 35.7, Longitude: 139.7}}
	p := pool("p", 10, in(london, up("10.0.0.1")), in(newYork, up("10.0.0.2")))
	p.Algorithm, p.Fallback = dns.Geo, dns.RoundRobin
	fromDB := up("10.0.0.3")
	fromDB.LocationFromDB = true
	public := fromDB
	public.PublicAddr = ip("203.0.113.3")
	tests := []struct {
		name     string
		pool     dns.Pool
		client   string
		want     string
		fallback bool
	}{
		{"closest", p, "198.51.100.1", "A 10.0.0.1", false},
		{"the other way round the earth", p, "198.51.100.2", "A 10.0.0.2", false},
		{"from the database", with(p, fromDB), "198.51.100.2", "A 10.0.0.3", false},
		{"by the public address", with(p, public), "198.51.100.2", "A 203.0.113.3", false},
		{"members without a place come last", with(p, up("10.0.0.9")), "198.51.100.1", "A 10.0.0.1", false},
		{"unknown client", p, "198.51.100.9", "A 10.0.0.", true},
		{"unknown members", dns.Pool{Name: "p", Priority: 1, Enabled: true, Algorithm: dns.Geo, Members: []dns.Member{up("10.0.0.9")}},
			"198.51.100.1", "A 10.0.0.9", true},
	}
	for _, test := range tests {
		g := NewWithT(t)
		r := serve(t, dns.Config{Services: []dns.Service{app(test.pool)}, Geo: geo})
		reply, d := r.Respond(query(appName, mdns.TypeA), dns.Client{Addr: ip(test.client)})
		g.Expect(texts(reply.Answer)[0]).To(HavePrefix(test.want), test.name)
		g.Expect(d.FallbackUsed).To(Equal(test.fallback), test.name)
	}
	_, d := serve(t, dns.Config{Services: []dns.Service{app(p)}, Geo: geo}).
		Respond(query(appName, mdns.TypeA), dns.Client{Addr: ip("198.51.100.1")})
	NewWithT(t).Expect(d.DistanceKm).To(BeNumerically("~", 343, 5), "Paris to London")
}

func with(p dns.Pool, m dns.Member) dns.Pool {
	p.Members = append(append([]dns.Member(nil), p.Members...), m)
	return p
}

// A member whose place is looked up is where its public address is, if it has one.
func TestGeoOfMembersFromTheDatabase(t *testing.T) {
	near, far := up("10.0.0.1"), up("10.0.0.2")
	near.LocationFromDB, far.LocationFromDB = true, true
	near.PublicAddr = ip("203.0.113.1")
	p := pool("p", 10, far, near)
	p.Algorithm = dns.Geo
	geo := world{"203.0.113.1": london, "10.0.0.1": sydney, "10.0.0.2": newYork, "198.51.100.7": paris}
	r := serve(t, dns.Config{Services: []dns.Service{app(p)}, Geo: geo})
	NewWithT(t).Expect(answers(r, dns.Client{Addr: ip("198.51.100.7")})).To(Equal([]string{"A 203.0.113.1"}))
}

func TestGeoFallbackAlgorithm(t *testing.T) {
	p := pool("p", 10, in(london, up("10.0.0.1")), in(newYork, up("10.0.0.2")))
	p.Algorithm = dns.Geo
	distinct := func(fallback dns.Algorithm) int {
		p.Fallback = fallback
		return len(count(serveApp(t, app(p)), 50))
	}
	g := NewWithT(t)
	g.Expect(distinct(dns.RoundRobin)).To(Equal(2))
	g.Expect(distinct(dns.ConsistentHash)).To(Equal(1))
	g.Expect(distinct(dns.Geo)).To(Equal(2), "round robin when the fallback cannot decide either")
}

func TestGeoTiesSpreadClients(t *testing.T) {
	p := pool("p", 10, in(london, up("10.0.0.1")), in(london, up("10.0.0.2")), in(sydney, up("10.0.0.3")))
	p.Algorithm = dns.Geo
	geo := everywhere{paris}
	r := serve(t, dns.Config{Services: []dns.Service{app(p)}, Geo: geo})
	counts := map[string]int{}
	for i := range 1000 {
		first := answers(r, client(i))
		NewWithT(t).Expect(answers(r, client(i))).To(Equal(first), "the same for the same client")
		counts[first[0]]++
	}
	NewWithT(t).Expect(counts).To(HaveLen(2))
	NewWithT(t).Expect(counts["A 10.0.0.1"]).To(BeNumerically("~", 500, 60))
}

// everywhere places every client at one location.
type everywhere struct{ loc dns.Location }

func (e everywhere) Locate(ipAddr) (dns.Location, bool) { return e.loc, true }

func TestGeoOrdersSeveralAnswers(t *testing.T) {
	p := pool("p", 10, up("10.0.0.4"), in(sydney, up("10.0.0.3")), in(newYork, up("10.0.0.2")), in(london, up("10.0.0.1")))
	p.Algorithm = dns.Geo
	s := app(p)
	s.NumIPs = ptr(0)
	r := serve(t, dns.Config{Services: []dns.Service{s}, Geo: everywhere{paris}})
	NewWithT(t).Expect(answers(r, stranger)).To(Equal([]string{"A 10.0.0.1", "A 10.0.0.2", "A 10.0.0.3", "A 10.0.0.4"}))
}

func TestPreferenceOrder(t *testing.T) {
	preferred := func(order int, m dns.Member) dns.Member {
		m.PreferenceOrder = order
		return m
	}
	p := pool("p", 10, preferred(3, up("10.0.0.3")), preferred(2, up("10.0.0.2")), preferred(1, down("10.0.0.1")))
	p.Algorithm = dns.PreferenceOrder
	g := NewWithT(t)
	g.Expect(count(serveApp(t, app(p)), 10)).To(Equal(map[string]int{"A 10.0.0.2": 10}))
	tie := with(p, preferred(2, up("10.0.0.4")))
	g.Expect(count(serveApp(t, app(tie)), 10)).To(Equal(map[string]int{"A 10.0.0.2": 5, "A 10.0.0.4": 5}))
	s := app(tie)
	s.NumIPs = ptr(0)
	got := answers(serveApp(t, s), stranger)
	g.Expect(got[:2]).To(ConsistOf("A 10.0.0.2", "A 10.0.0.4"))
	g.Expect(got[2:]).To(Equal([]string{"A 10.0.0.3"}))
	s.NumIPs = ptr(3)
	g.Expect(answers(serveApp(t, s), stranger)).To(HaveLen(3))
}

func TestTopology(t *testing.T) {
	rules := []dns.TopologyRule{
		{Name: "lab", Clients: prefixes("10.1.0.0/16"), Site: "a", Fallbacks: []string{"b"}, SitePreferred: true},
		{Name: "strict", Clients: prefixes("10.2.0.0/16"), Site: "a", Fallbacks: []string{"b"}},
		{Name: "chain", Clients: prefixes("10.4.0.0/16"), Site: "a", Fallbacks: []string{"b", "c"}},
		{Name: "other name", Clients: prefixes("10.3.0.0/16"), Suffixes: []string{"other.example"}, Site: "a"},
		{Name: "region", GeoName: "FR/IDF", Site: "b", SitePreferred: true},
		{Name: "tag", GeoTag: "apac", Site: "c", SitePreferred: true},
		{Name: "outside", Clients: prefixes("10.0.0.0/8"), ClientsNot: true, Site: "c", SitePreferred: true},
	}
	geo := world{"10.9.0.1": paris, "10.9.0.2": sydney}
	members := func(a, b, c bool) []dns.Member {
		m := []dns.Member{at("a", up("10.0.0.1")), at("b", up("10.0.0.2")), at("c", up("10.0.0.3"))}
		m[0].Up, m[1].Up, m[2].Up = a, b, c
		return m
	}
	tests := []struct {
		name    string
		client  string
		a, b, c bool
		want    []string // distinct answers
		rule    string
	}{
		{"desired site", "10.1.0.1", true, true, true, []string{"A 10.0.0.1"}, "lab"},
		{"fallback site", "10.1.0.1", false, true, true, []string{"A 10.0.0.2"}, "lab"},
		{"merely preferred", "10.1.0.1", false, false, true, []string{"A 10.0.0.3"}, "lab"},
		{"not merely preferred", "10.2.0.1", false, false, true, nil, "strict"},
		{"second fallback site", "10.4.0.1", false, false, true, []string{"A 10.0.0.3"}, "chain"},
		{"first fallback site first", "10.4.0.1", false, true, true, []string{"A 10.0.0.2"}, "chain"},
		{"rule for another name", "10.3.0.1", true, false, true, []string{"A 10.0.0.1", "A 10.0.0.3"}, ""},
		{"part of a location", "10.9.0.1", true, true, true, []string{"A 10.0.0.2"}, "region"},
		{"tag", "10.9.0.2", true, true, true, []string{"A 10.0.0.3"}, "tag"},
		{"inverted", "192.0.2.1", true, true, true, []string{"A 10.0.0.3"}, "outside"},
	}
	for _, test := range tests {
		g := NewWithT(t)
		p := pool("p", 10, members(test.a, test.b, test.c)...)
		p.Algorithm = dns.Topology
		r := serve(t, dns.Config{Services: []dns.Service{app(p)}, Topology: rules, Geo: geo})
		distinct := map[string]bool{}
		for range 10 {
			reply, d := r.Respond(query(appName, mdns.TypeA), dns.Client{Addr: ip(test.client)})
			g.Expect(reply.Rcode).To(Equal(mdns.RcodeSuccess))
			g.Expect(d.TopologyRule).To(Equal(test.rule), test.name)
			for _, a := range texts(reply.Answer) {
				distinct[a] = true
			}
		}
		g.Expect(distinct).To(HaveLen(len(test.want)), "%s: %v", test.name, distinct)
		for _, a := range test.want {
			g.Expect(distinct).To(HaveKey(a), test.name)
		}
	}
}

// A rule for those who are not at a place is not for clients of whom nobody knows where they are.
func TestTopologyRuleForOtherPlaces(t *testing.T) {
	rules := []dns.TopologyRule{
		{Name: "half a name", GeoName: "F", Site: "a"},
		{Name: "not in France", GeoName: "FR", GeoNot: true, Site: "a"},
		{Name: "rest", Site: "b"},
	}
	p := pool("p", 10, at("a", up("10.0.0.1")), at("b", up("10.0.0.2")))
	p.Algorithm = dns.Topology
	r := serve(t, dns.Config{Services: []dns.Service{app(p)}, Topology: rules, Geo: world{"10.9.0.1": paris, "10.9.0.2": sydney}})
	g := NewWithT(t)
	g.Expect(answers(r, dns.Client{Addr: ip("10.9.0.2")})).To(Equal([]string{"A 10.0.0.1"}))
	g.Expect(answers(r, dns.Client{Addr: ip("10.9.0.1")})).To(Equal([]string{"A 10.0.0.2"}))
	g.Expect(answers(r, stranger)).To(Equal([]string{"A 10.0.0.2"}))
}

// Members of one site, and members of none, hide nobody behind them.
func TestTopologyAmongMembersOfOneSite(t *testing.T) {
	p := pool("p", 10, at("a", up("10.0.0.1")), at("a", up("10.0.0.2")), up("10.0.0.3"), at("b", up("10.0.0.4")))
	p.Algorithm = dns.Topology
	r := serve(t, dns.Config{Services: []dns.Service{app(p)}, Topology: []dns.TopologyRule{{Name: "r", Site: "b"}}})
	NewWithT(t).Expect(count(r, 4)).To(Equal(map[string]int{"A 10.0.0.4": 4}))
}

func TestTopologyPolicyOfAService(t *testing.T) {
	rules := []dns.TopologyRule{{Name: "lab", Clients: prefixes("10.1.0.0/16"), Site: "a"}}
	s := app(pool("high", 20, at("b", up("10.0.0.2"))), pool("low", 10, at("a", weighted("10.0.0.1", 3)), at("a", up("10.0.0.4"))))
	s.TopologyEnabled = true
	lab := dns.Client{Addr: ip("10.1.0.1")}
	g := NewWithT(t)
	r := serve(t, dns.Config{Services: []dns.Service{s}, Topology: rules})
	got := map[string]int{}
	for range 40 {
		got[answers(r, lab)[0]]++
	}
	g.Expect(got).To(Equal(map[string]int{"A 10.0.0.1": 30, "A 10.0.0.4": 10}), "the site's members in any pool, by weight")
	g.Expect(answers(r, stranger)).To(Equal([]string{"A 10.0.0.2"}), "no rule")
	s.Pools[1].Enabled = false
	r = serve(t, dns.Config{Services: []dns.Service{s}, Topology: rules})
	g.Expect(answers(r, lab)).To(Equal([]string{"A 10.0.0.2"}), "no member at the site")
	s.TopologyEnabled = false
	s.Pools[1].Enabled = true
	r = serve(t, dns.Config{Services: []dns.Service{s}, Topology: rules})
	g.Expect(answers(r, lab)).To(Equal([]string{"A 10.0.0.2"}), "switched off")
}
