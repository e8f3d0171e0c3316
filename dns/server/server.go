package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"

	"github.com/gslbsim/gslbsim/dns"
)

// Server serves one responder on sockets. All methods are safe for
// concurrent use.
type Server struct {
	responder *dns.Responder
	config    Config
	cookies   *cookieJar
	limiter   *limiter

	udp       []*udpWorker
	tcp       []*net.TCPListener
	streams   streams
	addresses []netip.AddrPort

	running sync.WaitGroup
	once    sync.Once
	closing chan struct{}
}

// Start listens on the configured addresses and serves until Shutdown. The
// responder may have no table yet: queries are dropped until it has.
//
// An error says which address could not be listened on, or which setting is
// out of range; nothing is left open then.
func Start(responder *dns.Responder, config Config) (*Server, error) {
	config, err := config.withDefaults()
	if err != nil {
		return nil, err
	}
	s := &Server{responder: responder, config: config, closing: make(chan struct{}),
		cookies: newCookieJar(config.Cookies), limiter: newLimiter(config.RateLimit, config.Cookies)}
	s.streams.perClient = map[netip.Addr]int{}
	s.streams.open = map[*stream]struct{}{}
	for _, addr := range config.Addresses {
		if err := s.listen(addr); err != nil {
			s.closeSockets()
			return nil, fmt.Errorf("dns server: %w", err)
		}
	}
	for _, w := range s.udp {
		s.running.Go(w.run)
	}
	for _, listener := range s.tcp {
		s.running.Go(func() { s.accept(listener) })
	}
	return s, nil
}

// listen opens the sockets of one address.
func (s *Server) listen(addr netip.AddrPort) error {
	listener, workers, err := ListenBoth(addr, s.listenUDP)
	if err != nil {
		return fmt.Errorf("listen on %v: %w", addr, err)
	}
	s.tcp = append(s.tcp, listener)
	s.udp = append(s.udp, workers...)
	s.addresses = append(s.addresses, workers[0].address)
	return nil
}

// Addresses are where the server listens, in the order of the configuration
// and with the ports that the system chose.
func (s *Server) Addresses() []netip.AddrPort { return s.addresses }

// Shutdown stops the server: no further connections are accepted, queries
// that have arrived are answered, and connections are closed after the query
// they are at. It waits for all that until ctx ends and then closes what is
// left and returns ctx's error. Further calls return nil at once.
func (s *Server) Shutdown(ctx context.Context) error {
	var err error
	s.once.Do(func() { err = s.shutdown(ctx) })
	return err
}

func (s *Server) shutdown(ctx context.Context) error {
	close(s.closing)
	for _, listener := range s.tcp {
		_ = listener.Close()
	}
	for _, w := range s.udp {
		w.stop()
	}
	s.streams.hurry()
	done := make(chan struct{})
	go func() {
		s.running.Wait()
		close(done)
	}()
	select {
	case <-done:
		s.closeSockets()
		return nil
	case <-ctx.Done():
		s.closeSockets()
		<-done
		return fmt.Errorf("dns server: connections were cut: %w", ctx.Err())
	}
}

func (s *Server) closeSockets() {
	for _, listener := range s.tcp {
		_ = listener.Close()
	}
	for _, w := range s.udp {
		_ = w.conn.Close()
	}
	s.streams.cut()
}

func (s *Server) isClosing() bool {
	select {
	case <-s.closing:
		return true
	default:
		return false
	}
}

// closed tells whether an error only says that a socket was closed.
func closed(err error) bool { return errors.Is(err, net.ErrClosed) }
