package resolver_test

import (
	"errors"
	"math/rand/v2"
	"net/netip"
	"testing"

	mdns "github.com/miekg/dns"

	"github.com/gslbsim/gslbsim/dns/resolver"
)

// FuzzReplies lets servers answer arbitrarily: every question must get one
// answer after a bounded number of queries.
func FuzzReplies(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9})
	f.Add([]byte{2, 0, 1, 3, 0, 0, 1, 2, 0, 1, 3, 1, 0, 2})
	f.Fuzz(func(t *testing.T, script []byte) {
		fuzzReplies(t, script, resolver.Config{})
		fuzzReplies(t, script, resolver.Config{ClientSubnet: true, Address: ip("10.9.0.1")})
	})
}

func fuzzReplies(t *testing.T, script []byte, cfg resolver.Config) {
	l := &timelessLoop{}
	s := &scriptedServers{loop: l, script: script}
	cfg.Name = "fuzz"
	cfg.Stubs = map[string][]netip.Addr{".": {ip("10.0.0.1"), ip("10.0.0.2")}, "b.a": {ip("10.0.0.3")}}
	cfg.CacheLimit, cfg.ServeStale.MaxAge = 8, 1e9
	r := resolver.New(cfg, s, l, rand.New(rand.NewPCG(1, 1)))
	clients := []netip.Addr{{}, ip("10.9.1.1"), ip("2001:db8::1"), ip("10.9.1.2")}
	questions, answers := 0, 0
	for _, name := range fuzzNames {
		for i, qtype := range []uint16{mdns.TypeA, mdns.TypeNS, mdns.TypeCNAME, mdns.TypeA} {
			questions++
			done := false
			r.ResolveFor(clients[i], name, qtype, func(a resolver.Answer) {
				if done {
					t.Fatal("done was called twice")
				}
				done = true
				answers++
				if (a.Err != nil) != (a.Rcode != mdns.RcodeSuccess && a.Rcode != mdns.RcodeNameError) {
					t.Fatalf("rcode %d with error %v", a.Rcode, a.Err)
				}
			})
		}
	}
	l.run()
	if answers != questions {
		t.Fatalf("%d of %d questions were answered", answers, questions)
	}
	// 32 queries a question, and look-ups of at most 5 name servers four
	// levels deep for zones of which a name here has three.
	if s.sent > 20_000 {
		t.Fatalf("%d queries for %d questions", s.sent, questions)
	}
}

// timelessLoop runs callbacks in order of their delay, without waiting.
type timelessLoop struct{ loop }

func (l *timelessLoop) run() {
	for len(l.due) > 0 {
		first := 0
		for i, c := range l.due {
			if c.at.Before(l.due[first].at) {
				first = i
			}
		}
		next := l.due[first]
		l.due = append(l.due[:first], l.due[first+1:]...)
		if !next.cancelled {
			next.fn()
		}
	}
}

var fuzzNames = []string{"a.", "b.a.", "c.b.a.", "d.c.b.a.", "x.", "y.x.", "."}

// scriptedServers builds replies from bytes; without bytes left they are
// silent.
type scriptedServers struct {
	loop   *timelessLoop
	script []byte
	sent   int
}

func (s *scriptedServers) next(n int) int {
	if len(s.script) == 0 {
		return 0
	}
	b := int(s.script[0])
	s.script = s.script[1:]
	return b % n
}

func (s *scriptedServers) Exchange(_ netip.Addr, q *mdns.Msg, done func(*mdns.Msg, error)) {
	s.sent++
	switch s.next(8) {
	case 0:
		return
	case 1:
		done(nil, errors.New("unreachable"))
		return
	case 2:
		done(nil, nil)
		return
	}
	reply := s.reply(q)
	if s.next(2) == 0 {
		done(reply, nil)
		return
	}
	s.loop.After(1, "reply", func() { done(reply, nil) })
}

func (s *scriptedServers) ExchangeStream(server netip.Addr, q *mdns.Msg, done func(*mdns.Msg, error)) {
	s.Exchange(server, q, done)
}

func (s *scriptedServers) reply(q *mdns.Msg) *mdns.Msg {
	m := new(mdns.Msg).SetReply(q)
	flags := s.next(256)
	m.Authoritative = flags&1 != 0
	m.Truncated = flags&14 == 14
	if flags&16 != 0 {
		m.Rcode = []int{mdns.RcodeNameError, mdns.RcodeServerFailure}[s.next(2)]
	}
	if flags&224 == 224 {
		m.Question = nil
	}
	for range s.next(4) {
		m.Answer = append(m.Answer, s.record(q.Question[0].Name))
	}
	for range s.next(4) {
		m.Ns = append(m.Ns, s.record(q.Question[0].Name))
	}
	for range s.next(4) {
		m.Extra = append(m.Extra, s.record(q.Question[0].Name))
	}
	for _, option := range q.IsEdns0().Option {
		e := *option.(*mdns.EDNS0_SUBNET)
		e.SourceScope = uint8(s.next(40))
		if s.next(8) == 7 {
			e.Address, e.SourceNetmask = []byte{10, 9, byte(s.next(3)), 0}, uint8(s.next(256))
		}
		m.SetEdns0(1232, false).IsEdns0().Option = []mdns.EDNS0{&e}
	}
	return m
}

func (s *scriptedServers) record(asked string) mdns.RR {
	owner := asked
	if s.next(3) == 0 {
		owner = fuzzNames[s.next(len(fuzzNames))]
	}
	target := fuzzNames[s.next(len(fuzzNames))]
	h := mdns.RR_Header{Name: owner, Class: mdns.ClassINET, Ttl: uint32(s.next(3)) * 30}
	switch s.next(4) {
	case 0:
		h.Rrtype = mdns.TypeA
		return &mdns.A{Hdr: h, A: []byte{10, 0, 0, byte(s.next(4))}}
	case 1:
		h.Rrtype = mdns.TypeNS
		return &mdns.NS{Hdr: h, Ns: target}
	case 2:
		h.Rrtype = mdns.TypeCNAME
		return &mdns.CNAME{Hdr: h, Target: target}
	default:
		h.Rrtype = mdns.TypeSOA
		return &mdns.SOA{Hdr: h, Ns: target, Mbox: target, Minttl: 30}
	}
}
