package live

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"syscall"
	"time"

	"github.com/gslbsim/gslbsim/fakeavi/fault"
)

// listen opens the socket of a controller's API and makes its certificate.
func (p *Program) listen(s *Site, cfg *Controller) error {
	plain, err := net.Listen("tcp", cfg.Listen.String())
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("%s is in use: listen somewhere else, or at port 0 for a free one", cfg.Listen)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return fmt.Errorf("this machine has no address %s; some systems have only 127.0.0.1 of the loopback network", cfg.Listen.Addr())
	case err != nil:
		return err
	}
	s.Listen = plain.Addr().(*net.TCPAddr).AddrPort()
	cert := cfg.Certificate
	if cert == nil {
		if cert, err = certificateOf(*cfg); err != nil {
			return errors.Join(err, plain.Close())
		}
	}
	s.Certificate = cert.Certificate[0]
	s.portal = newPortal(cert, p.cfg.Warn)
	s.listener = tls.NewListener(plain, &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: s.portal.certificate})
	return nil
}

// Limits of the servers.
const (
	headerTimeout = 10 * time.Second
	idleTimeout   = 5 * time.Minute
)

// serve serves until the program ends.
func (p *Program) serve(l net.Listener, h http.Handler) {
	s := &http.Server{
		Handler: h, ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout,
		// Handshakes that clients break off are nobody's business.
		ErrorLog: log.New(io.Discard, "", 0),
	}
	p.servers = append(p.servers, s)
	p.running.Go(func() { _ = s.Serve(l) })
}

// handler is a controller's API behind what may stand in front of it: the power, the faults, and the disk that must have
// what is acknowledged.
func (p *Program) handler(s *Site) http.Handler {
	api := s.journal.durable(s.Handler())
	faulty := p.faults.Handler(fault.Target{
		Controller: s.Name,
		Expire:     func(r *http.Request) { s.API().EndSession(r) },
		ExpireAll:  s.API().DropSessions,
	}, api)
	return patient(bodyTimeout, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.Powered() {
			fault.Drop()
		}
		faulty.ServeHTTP(w, r)
	}))
}
