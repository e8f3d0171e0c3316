package world

import (
	"fmt"
	"net/netip"

	mdns "github.com/miekg/dns"

	"github.com/gslbsim/gslbsim/dns"
	"github.com/gslbsim/gslbsim/dns/resolver"
	"github.com/gslbsim/gslbsim/sim/network"
)

// nameServer answers DNS queries at one address; nil means that no reply is sent.
type nameServer func(q *mdns.Msg, from dns.Client) *mdns.Msg

// exchange carries DNS messages between resolvers and name servers.
type exchange struct {
	net     *network.Network
	servers map[netip.Addr]nameServer
	observe func(server netip.Addr, from dns.Client, q, reply *mdns.Msg)
}

// resolverPort is the exchange as one resolver sees it.
type resolverPort struct {
	*exchange
	addr netip.Addr
}

var _ resolver.StreamExchanger = resolverPort{}

// Exchange implements resolver.Exchanger. A query that is not answered ends in silence.
func (p resolverPort) Exchange(server netip.Addr, q *mdns.Msg, done func(*mdns.Msg, error)) {
	p.ask(p.net.Send, server, fmt.Sprintf("dns/%d", q.Id), q, dns.Client{Addr: p.addr}, done)
}

// ExchangeStream implements resolver.StreamExchanger: the handshake of a TCP connection goes there and back before the query
// is sent with its last part. A name server that cannot be reached ends in silence, too.
func (p resolverPort) ExchangeStream(server netip.Addr, q *mdns.Msg, done func(*mdns.Msg, error)) {
	key := fmt.Sprintf("dns/tcp/%d", q.Id)
	p.net.SendSegment(p.addr, server, key+"/syn", func() {
		p.net.SendSegment(server, p.addr, key+"/syn-ack", func() {
			p.ask(p.net.SendSegment, server, key, q, dns.Client{Addr: p.addr, TCP: true}, done)
		})
	})
}

// ask carries a query to a name server and its reply back.
func (p resolverPort) ask(send func(from, to netip.Addr, key string, deliver func()), server netip.Addr, key string, q *mdns.Msg,
	from dns.Client, done func(*mdns.Msg, error)) {
	send(p.addr, server, key, func() {
		answer := p.servers[server]
		if answer == nil {
			return
		}
		reply := answer(q, from)
		p.observe(server, from, q, reply)
		if reply != nil {
			send(server, p.addr, key+"/reply", func() { done(reply, nil) })
		}
	})
}
