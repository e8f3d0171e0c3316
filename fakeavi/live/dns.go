package live

import (
	"fmt"
	"net"
	"net/netip"

	mdns "github.com/miekg/dns"

	"github.com/gslbsim/gslbsim/dns"
	"github.com/gslbsim/gslbsim/dns/server"
)

// queryMax is the longest query that is taken over UDP, in bytes.
const queryMax = 4096

// startDNS serves a controller's DNS virtual services on the sockets that are configured for them, UDP and TCP each.
func (p *Program) startDNS(s *Site, cfg *Controller) error {
	for _, d := range cfg.DNS {
		at, ok := cfg.DNSListen[d.Name]
		if !ok {
			continue
		}
		if err := p.serveDNS(s, d.VIP, at); err != nil {
			return fmt.Errorf("DNS virtual service %s: %w", d.Name, err)
		}
	}
	return nil
}

func (p *Program) serveDNS(s *Site, vip netip.Addr, at netip.AddrPort) error {
	tcp, udp, err := server.ListenBoth(at, func(network string, at netip.AddrPort) (net.PacketConn, error) {
		return net.ListenPacket(network, at.String())
	})
	if err != nil {
		return err
	}
	at = udp.LocalAddr().(*net.UDPAddr).AddrPort()
	s.DNS = append(s.DNS, at)
	handler := mdns.HandlerFunc(func(w mdns.ResponseWriter, q *mdns.Msg) { s.answer(w, q, vip) })
	for _, one := range []*mdns.Server{
		{PacketConn: udp, Handler: handler, UDPSize: queryMax}, {Listener: tcp, Handler: handler},
	} {
		up := make(chan struct{})
		one.NotifyStartedFunc = func() { close(up) }
		p.running.Go(func() { _ = one.ActivateAndServe() })
		<-up
		p.dns = append(p.dns, one)
	}
	return nil
}

// answer answers a query at a VIP as the engine that has it does. Nothing is sent where the engine sends nothing, or has no
// power; a connection ends where nobody serves.
func (s *Site) answer(w mdns.ResponseWriter, q *mdns.Msg, vip netip.Addr) {
	from, err := netip.ParseAddrPort(w.RemoteAddr().String())
	if err != nil {
		return
	}
	_, tcp := w.RemoteAddr().(*net.TCPAddr)
	for _, e := range s.Engines() {
		reply, _, served := e.Respond(vip, q, dns.Client{Addr: from.Addr().Unmap(), TCP: tcp})
		if !served {
			continue
		}
		if reply != nil {
			_ = w.WriteMsg(reply)
		}
		return
	}
	_ = w.Close()
}
