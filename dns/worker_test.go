package dns_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"reflect"
	"strings"
	"testing"

	mdns "github.com/miekg/dns"
	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/dns"
)

// workerConfig has services of every algorithm, records of every kind, names
// that share tails with the SOA's, and clients in networks of all sorts.
func workerConfig(profile dns.Profile) dns.Config {
	cfg := dns.Config{Profile: profile, Geo: everywhere{paris}}
	for i, algorithm := range []dns.Algorithm{dns.RoundRobin, dns.ConsistentHash, dns.Geo, dns.Topology, dns.PreferenceOrder} {
		for j, numIPs := range []int{1, 0, 3} {
			p := pool("p", 10, at("a", in(london, weighted("10.0.0.1", 6))), at("b", in(newYork, weighted("10.0.0.2", 4))),
				at("c", in(london, weighted("10.0.0.3", 2))), at("a", weighted("10.0.0.1", 2)), at("b", up("2001:db8::1")))
			p.Algorithm, p.HashMask = algorithm, 24
			p.Members[1].PreferenceOrder = 2
			s := dns.Service{
				UUID: fmt.Sprintf("alg-%d-%d", i, j), Domains: []string{fmt.Sprintf("s%d-%d.b.example", i, j)}, Enabled: true,
				UseECS: true, NumIPs: &numIPs, Wildcard: j == 1, TopologyEnabled: j == 2, Pools: []dns.Pool{p, pool("q", 10, up("10.0.1.1"))},
			}
			cfg.Services = append(cfg.Services, s)
		}
	}
	many := pool("many", 10)
	for i := range 40 {
		many.Members = append(many.Members, up(fmt.Sprintf("10.9.0.%d", i)))
	}
	public := up("10.0.0.9")
	public.PublicAddr = ip("198.51.100.9")
	for name, p := range map[string]dns.Pool{
		"many": many, "six": pool("p", 1, up("2001:db8::7")), "public": pool("p", 1, public), "cdn": pool("p", 1, named("x.cdn.example", "10.0.0.8")),
		"mixed": pool("p", 1, named("y.b.example", ""), up("10.0.0.7")), "down": pool("p", 1, down("10.0.0.6")), "none": pool("p", 0, up("10.0.0.5")),
	} {
		cfg.Services = append(cfg.Services, dns.Service{
			UUID: name, Domains: []string{name + ".b.example", name + ".elsewhere"}, Enabled: true, Pools: []dns.Pool{p}, NumIPs: ptr(0),
			ResolveCNAME: true, Down: dns.DownResponse{Type: dns.DownEmpty},
		})
	}
	cfg.Records = []dns.Record{
		{Names: []string{"r4.b.example", "ns.b.example"}, Type: mdns.TypeA, Addrs: addrs("192.0.2.1", "192.0.2.2")},
		{Names: []string{"r4.b.example"}, Type: mdns.TypeAAAA, Addrs: addrs("2001:db8::9"), TTL: ptr(uint32(7))},
		{Names: []string{"pick.b.example"}, Type: mdns.TypeA, Addrs: addrs("192.0.2.1", "192.0.2.2", "192.0.2.3"), NumIPs: 2},
		{Names: []string{"wild.b.example"}, Type: mdns.TypeA, Addrs: addrs("192.0.2.4"), Wildcard: true},
		{Names: []string{"text.b.example"}, Type: mdns.TypeTXT, TXT: []string{"hello"}},
		{Names: []string{"alias.b.example"}, Type: mdns.TypeCNAME, CNAME: "r4.b.example"},
		{Names: []string{"cut.b.example"}, Type: mdns.TypeNS, Delegated: true, NS: []dns.NameServer{{Host: "ns.b.example"}}},
	}
	cfg.Topology = []dns.TopologyRule{
		{Name: "c", Clients: prefixes("10.7.0.0/16"), Site: "c", UseECS: true},
		{Name: "none", Clients: prefixes("10.8.0.0/16"), Site: "nowhere", UseECS: true},
	}
	return cfg
}

// workerProfiles are those under which both paths are compared.
func workerProfiles() []dns.Profile {
	responds := dns.SystemProfile()
	responds.Domains = []string{"b.example"}
	responds.Zones = []dns.Zone{{Domain: "z.b.example", NameServer: "ns.z.b.example", AdminEmail: "ops.other.example"}}
	responds.NameServer, responds.AdminEmail = "ns.b.example", "hostmaster.ns.b.example"
	drops := responds
	drops.ErrorResponse = dns.ErrorDrop
	plain := responds
	plain.EDNS, plain.AAAAEmpty, plain.NameServer, plain.AdminEmail = false, false, "", ""
	sorted := dns.SystemProfile()
	sorted.Clients = &dns.ClientGroup{Prefixes: prefixes("10.0.0.0/8", "198.51.100.0/24")}
	return []dns.Profile{responds, drops, plain, sorted}
}

var (
	workerNames = append([]string{
		"b.example.", "z.b.example.", "no.b.example.", "a.ns.z.b.example.", "hostmaster.ns.b.example.", "ns.b.example.", "nowhere.", ".",
		"x.wild.b.example.", "x.y.cut.b.example.", "r4.b.example.", "pick.b.example.", "text.b.example.", "alias.b.example.",
		"many.b.example.", "six.b.example.", "public.b.example.", "cdn.b.example.", "mixed.b.example.", "down.b.example.",
		"none.b.example.", "many.elsewhere.", "sp\\ ace.b.example.", "x.s0-1.b.example.", "other.example.", "x.z.b.example.",
		strings.Repeat("long.", 40) + "b.example.",
	}, algorithmNames()...)
	workerTypes = []uint16{
		mdns.TypeA, mdns.TypeA, mdns.TypeA, mdns.TypeAAAA, mdns.TypeAAAA, mdns.TypeCNAME, mdns.TypeTXT, mdns.TypeNS, mdns.TypeSOA,
		mdns.TypeANY, mdns.TypeHTTPS, mdns.TypeSRV, mdns.TypeOPT, mdns.TypeAXFR, 0, 65535,
	}
	workerSubnets = []string{"10.7.1.0/24", "10.8.0.0/16", "10.1.2.3/32", "192.0.0.0/3", "2001:db8::/32", "2001:db8::1/128", "0.0.0.0/0"}
)

func algorithmNames() []string {
	var names []string
	for i := range 5 {
		for j := range 3 {
			names = append(names, fmt.Sprintf("s%d-%d.b.example.", i, j))
		}
	}
	return names
}

// workerQuery makes a query and its client from a few bytes.
func workerQuery(b [10]byte) ([]byte, dns.Client) {
	name := []byte(workerNames[int(b[0])%len(workerNames)])
	for i := range name {
		if b[1]>>(i%8)&1 != 0 {
			name[i] = bytes.ToUpper(name[i : i+1])[0]
		}
	}
	q := new(mdns.Msg).SetQuestion(string(name), workerTypes[int(b[2])%len(workerTypes)])
	q.Id = uint16(b[3]) << 3
	q.RecursionDesired, q.CheckingDisabled, q.AuthenticatedData = b[3]&1 != 0, b[3]&2 != 0, b[3]&4 != 0
	q.Opcode = map[bool]int{true: mdns.OpcodeNotify, false: mdns.OpcodeQuery}[b[3] == 255]
	if b[4]&1 != 0 {
		q.SetEdns0(uint16(b[5])*16, b[4]&2 != 0)
		opt := q.IsEdns0()
		opt.SetVersion(map[bool]uint8{true: 1}[b[4]&0xf0 == 0xf0])
		if b[4]&4 != 0 {
			prefix := netip.MustParsePrefix(workerSubnets[int(b[6])%len(workerSubnets)])
			family := uint16(map[bool]int{true: 1, false: 2}[prefix.Addr().Is4()])
			opt.Option = append(opt.Option, &mdns.EDNS0_SUBNET{Code: mdns.EDNS0SUBNET, Family: family, SourceNetmask: uint8(prefix.Bits()), Address: prefix.Addr().AsSlice()})
		}
		if b[4]&8 != 0 {
			opt.Option = append(opt.Option, &mdns.EDNS0_COOKIE{Code: mdns.EDNS0COOKIE, Cookie: hex.EncodeToString(b[:8])})
		}
		if b[4]&0x30 == 0x30 {
			opt.Option = append(opt.Option, &mdns.EDNS0_NSID{Code: mdns.EDNS0NSID})
		}
	}
	wire, err := q.Pack()
	if err != nil {
		panic(err)
	}
	c := dns.Client{Addr: netip.AddrFrom4([4]byte{10, b[7] % 10, b[8], 1}), TCP: b[9]&1 != 0}
	if b[9]&2 != 0 {
		c.Addr = ip("2001:db8::77")
	}
	if b[4]&8 != 0 {
		c.Cookie = dns.NewCookie([8]byte(b[:8]), [16]byte{15: b[8]})
	}
	if b[9]&0xf8 == 0xf8 {
		c.Cookie = dns.MalformedCookie
	}
	return wire, c
}

// pair answers the same queries on both paths.
type pair struct {
	slow   *dns.Responder
	worker *dns.Worker
	quick  int
}

func newPairs(t testing.TB) []*pair {
	var pairs []*pair
	for _, profile := range workerProfiles() {
		for _, passThrough := range []bool{false, true} {
			cfg := workerConfig(profile)
			cfg.PassThrough = passThrough
			table := newTable(t, cfg)
			slow, other := dns.NewResponder(5), dns.NewResponder(5)
			slow.Publish(table)
			other.Publish(table)
			pairs = append(pairs, &pair{slow: slow, worker: other.NewWorker()})
		}
	}
	return pairs
}

func (p *pair) compare(t *testing.T, wire []byte, c dns.Client) {
	want, d := p.slow.RespondWire(wire, make([]byte, dns.MaxUDPSize), c)
	got, v := p.worker.Answer(wire, make([]byte, dns.MaxUDPSize), c)
	if !bytes.Equal(got, want) {
		var reply mdns.Msg
		_ = reply.Unpack(got)
		t.Fatalf("query %x of %v\nanswered %x\nwant     %x\n%v\n%s", wire, c, got, want, &reply, d.Explain())
	}
	if v.Outcome != d.Outcome || v.Drop != d.Drop || v.Rcode != d.Rcode || v.Truncated != d.Truncated {
		t.Fatalf("query %x: verdict %+v, want %v %v %v %v", wire, v, d.Outcome, d.Drop, d.Rcode, d.Truncated)
	}
	if told := p.worker.Decision(v); !reflect.DeepEqual(told, d) {
		t.Fatalf("query %x of %v: decision\n%+v\nwant\n%+v", wire, c, told, d)
	}
	if v.Quick {
		p.quick++
	}
}

// A Worker answers byte for byte what the responder answers, over a long
// sequence of queries that move the same cursors.
func TestWorkerEqualsResponder(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	const queries = 10_000
	for i, p := range newPairs(t) {
		for range queries {
			var b [10]byte
			for j := range b {
				b[j] = byte(rng.Uint32())
			}
			if rng.IntN(2) == 0 {
				b[4] = 0 // without EDNS, as most load is
			}
			wire, c := workerQuery(b)
			p.compare(t, wire, c)
		}
		NewWithT(t).Expect(p.quick).To(BeNumerically(">", queries/5), "pair %d", i)
	}
}

// An SOA record that does not fit is left to the long way, which cuts the
// reply.
func TestWorkerWithoutRoomForTheSOA(t *testing.T) {
	label := strings.Repeat("a", 63) + "."
	profile := systemProfile()
	profile.NameServer, profile.AdminEmail = strings.Repeat(label, 3)+"ns", "x."+strings.Repeat(label, 2)+"host"
	r := serve(t, dns.Config{Profile: profile})
	for name, truncated := range map[string]bool{"no.gslb.example.": false, strings.Repeat(label, 2) + "gslb.example.": true} {
		g := NewWithT(t)
		wire, err := query(name, mdns.TypeA).Pack()
		g.Expect(err).NotTo(HaveOccurred())
		got, v := r.NewWorker().Answer(wire, make([]byte, dns.MaxUDPSize), stranger)
		want, _ := r.RespondWire(wire, nil, stranger)
		g.Expect(got).To(Equal(want), name)
		g.Expect(len(got)).To(BeNumerically("<=", 512), name)
		g.Expect(v.Truncated).To(Equal(truncated), name)
		g.Expect(v.Quick).To(Equal(!truncated), name)
	}
}

// FuzzWorker compares both paths on sequences of queries, and on messages
// that are none.
func FuzzWorker(f *testing.F) {
	f.Add([]byte("0123456789abcdefghij"), []byte{})
	for i := range workerNames {
		wire, _ := workerQuery([10]byte{byte(i), 0, byte(i), 1, 7, 80, byte(i), 7})
		f.Add([]byte{byte(i), 3, 0, 1, 0, 0, 0, 7, 0, 0}, wire)
	}
	pairs := newPairs(f)
	f.Fuzz(func(t *testing.T, script, message []byte) {
		for _, p := range pairs {
			for rest := script; len(rest) >= 10; rest = rest[10:] {
				wire, c := workerQuery([10]byte(rest))
				p.compare(t, wire, c)
			}
			p.compare(t, message, stranger)
			p.compare(t, message, dns.Client{Addr: ip("10.7.0.1"), TCP: true})
		}
	})
}

// Common answers are made without allocating.
func TestWorkerDoesNotAllocate(t *testing.T) {
	cfg := workerConfig(workerProfiles()[0])
	r := dns.NewResponder(1)
	r.Publish(newTable(t, cfg))
	w := r.NewWorker()
	buf := make([]byte, dns.MaxUDPSize)
	names := append(algorithmNames(), "no.b.example.", "r4.b.example.", "x.wild.b.example.", "six.b.example.", "x.s0-1.b.example.")
	for _, name := range names {
		for _, qtype := range []uint16{mdns.TypeA, mdns.TypeAAAA, mdns.TypeHTTPS} {
			for _, subnet := range []string{"", "10.7.1.0/24"} {
				q := query(name, qtype)
				if subnet != "" {
					q = withECS(q, subnet)
				}
				wire, _ := q.Pack()
				if _, v := w.Answer(wire, buf, stranger); !v.Quick {
					t.Errorf("%s %s: not on the quick path", name, mdns.TypeToString[qtype])
				}
				if n := testing.AllocsPerRun(100, func() { w.Answer(wire, buf, stranger) }); n != 0 {
					t.Errorf("%s %s %s: %v allocations an answer", name, mdns.TypeToString[qtype], subnet, n)
				}
			}
		}
	}
}
