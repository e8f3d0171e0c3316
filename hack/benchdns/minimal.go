package main

import (
	"context"
	"net"

	mdns "github.com/miekg/dns"
)

// serveMinimal is the least that a server on package miekg/dns can do: look the name up in a map and answer one address.
func serveMinimal(ctx context.Context, addr string) error {
	answers := make(map[string]net.IP, standardNames)
	for i := range standardNames {
		answers[mdns.Fqdn(nameOf(i))] = net.ParseIP(address(i, 0)).To4()
	}
	handler := func(w mdns.ResponseWriter, q *mdns.Msg) {
		reply := new(mdns.Msg).SetReply(q)
		reply.Authoritative = true
		if ip, ok := answers[q.Question[0].Name]; ok {
			header := mdns.RR_Header{Name: q.Question[0].Name, Rrtype: mdns.TypeA, Class: mdns.ClassINET, Ttl: 30}
			reply.Answer = []mdns.RR{&mdns.A{Hdr: header, A: ip}}
		}
		_ = w.WriteMsg(reply)
	}
	server := &mdns.Server{Addr: addr, Net: "udp", Handler: mdns.HandlerFunc(handler)}
	go func() {
		<-ctx.Done()
		_ = server.Shutdown()
	}()
	return server.ListenAndServe()
}
