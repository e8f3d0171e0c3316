package world

import (
	"fmt"
	"net/netip"

	mdns "github.com/miekg/dns"

	"github.com/gslbsim/gslbsim/sim/network"
)

// nameServer answers DNS queries at one address; nil means that no reply is sent.
type nameServer func(q *mdns.Msg, from netip.Addr) *mdns.Msg

// exchange carries DNS messages between resolvers and name servers.
type exchange struct {
	net     *network.Network
	servers map[netip.Addr]nameServer
	observe func(server, resolver netip.Addr, q, reply *mdns.Msg)
}

// resolverPort is the exchange as one resolver sees it.
type resolverPort struct {
	*exchange
	addr netip.Addr
}

// Exchange implements resolver.Exchanger. A query that is not answered ends in silence.
func (p resolverPort) Exchange(server netip.Addr, q *mdns.Msg, done func(*mdns.Msg, error)) {
	key := fmt.Sprintf("dns/%d", q.Id)
	p.net.Send(p.addr, server, key, func() {
		answer := p.servers[server]
		if answer == nil {
			return
		}
		reply := answer(q, p.addr)
		p.observe(server, p.addr, q, reply)
		if reply != nil {
			p.net.Send(server, p.addr, key+"/reply", func() { done(reply, nil) })
		}
	})
}
