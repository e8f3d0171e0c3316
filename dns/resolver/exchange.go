package resolver

import (
	"net/netip"
	"strconv"
	"strings"
	"time"

	mdns "github.com/miekg/dns"
)

// udpSize is the reply size the resolver offers to take, in bytes.
const udpSize = 1232

// send asks a server for the name the chain has come to.
func (t *task) send(server netip.Addr) {
	q := &mdns.Msg{
		MsgHdr:   mdns.MsgHdr{Id: uint16(t.r.rng.Uint32())},
		Question: []mdns.Question{{Name: t.walk.name, Qtype: t.q.qtype, Qclass: mdns.ClassINET}},
	}
	q.SetEdns0(udpSize, false)
	addSubnet(q, t.q.subnet)
	t.count(server, 1)
	t.exchange(server, q, overDatagram)
}

// transport is how a query is sent.
type transport uint8

const (
	overDatagram transport = iota
	overStream
)

// exchange sends a query and waits for its reply, an error or the timeout,
// whichever comes first.
func (t *task) exchange(server netip.Addr, q *mdns.Msg, over transport) {
	t.attempt++
	t.queries++
	t.r.stats.Sent++
	attempt, sent := t.attempt, time.Now()
	current := func() bool { return !t.over && t.attempt == attempt }
	t.cancelTry = t.r.sched.After(t.r.cfg.TryTimeout, t.id+"/try"+strconv.Itoa(attempt), func() {
		if current() {
			t.r.stats.Timeouts++
			t.unanswered(server)
		}
	})
	via := t.r.ex.Exchange
	if over == overStream {
		via = t.r.ex.(StreamExchanger).ExchangeStream
	}
	via(server, q, func(reply *mdns.Msg, err error) {
		if !current() {
			return
		}
		t.cancelTry()
		if err != nil || reply == nil {
			t.unanswered(server)
			return
		}
		now := time.Now()
		t.r.answered(server, now.Sub(sent), now.UnixNano())
		t.receive(server, q, reply, over)
	})
}

// unanswered goes on after a server did not reply.
func (t *task) unanswered(server netip.Addr) {
	t.attempt++ // a reply that still comes is late
	t.silences++
	t.r.silent(server, time.Now().UnixNano())
	t.askNext()
}

// receive acts on a reply.
func (t *task) receive(server netip.Addr, q, reply *mdns.Msg, over transport) {
	if !matches(q, reply) {
		t.ruleOut(server)
		return
	}
	if _, ok := t.r.ex.(StreamExchanger); ok && reply.Truncated && over == overDatagram {
		t.exchange(server, q, overStream)
		return
	}
	scope, ok := scopeOf(reply, t.q.subnet)
	if !ok || reply.Rcode != mdns.RcodeSuccess && reply.Rcode != mdns.RcodeNameError {
		t.ruleOut(server)
		return
	}
	t.read(server, reply, scope)
}

// ruleOut goes on without a server that is of no use for the zone.
func (t *task) ruleOut(server netip.Addr) {
	t.attempt++
	t.count(server, maxTriesPerHost)
	t.askNext()
}

// matches tells whether a message is a reply to a query. Servers may change
// the letter case of the name.
func matches(q, reply *mdns.Msg) bool {
	if !reply.Response || reply.Id != q.Id || len(reply.Question) != 1 {
		return false
	}
	asked, got := q.Question[0], reply.Question[0]
	return got.Qtype == asked.Qtype && got.Qclass == asked.Qclass && strings.EqualFold(got.Name, asked.Name)
}
