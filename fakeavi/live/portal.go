package live

import (
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"net"
	"net/netip"
	"sync/atomic"

	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// portal holds the certificate that the REST API is served with: the one that the system configuration refers to, where
// that has a key, else the one from the start. It also makes the keys of self-signed certificates that clients ask for.
type portal struct {
	first   *tls.Certificate
	current atomic.Pointer[tls.Certificate]
	warn    func(string)
}

func newPortal(first *tls.Certificate, warn func(string)) *portal {
	p := &portal{first: first, warn: warn}
	p.current.Store(first)
	return p
}

func (p *portal) certificate(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	return p.current.Load(), nil
}

// follow makes the portal that of a controller with this store.
func (p *portal) follow(s *store.Store) {
	s.Prepare(makeKey)
	p.read(s)
	s.Subscribe(func(c store.Change) {
		if t := c.Object().Type; t == "systemconfiguration" || t == "sslkeyandcertificate" {
			p.read(s)
		}
	})
}

// read takes the first usable certificate of the system configuration.
func (p *portal) read(s *store.Store) {
	configs, _ := s.List("systemconfiguration", store.Query{Limit: 1})
	if len(configs) == 0 {
		return
	}
	settings, _ := configs[0].Body()["portal_configuration"].(map[string]any)
	refs, _ := settings["sslkeyandcertificate_refs"].([]any)
	for _, r := range refs {
		ref, _ := r.(string)
		t, _ := store.ParseTarget(ref)
		o, ok := s.Get(t.Type, t.UUID)
		if !ok || o.Body()["key"] == nil {
			continue
		}
		text, key := pemOf(o.Body())
		cert, err := tls.X509KeyPair([]byte(text), []byte(key))
		if err != nil {
			p.warn(fmt.Sprintf("certificate %s cannot serve the portal: %v", o.Name, err))
			continue
		}
		p.current.Store(&cert)
		return
	}
	p.current.Store(p.first)
}

// pemOf returns the certificate and the key of an sslkeyandcertificate.
func pemOf(body map[string]any) (certificate, key string) {
	c, _ := body["certificate"].(map[string]any)
	certificate, _ = c["certificate"].(string)
	key, _ = body["key"].(string)
	return certificate, key
}

// daysMax bounds the validity of certificates that clients ask for.
const daysMax = 100 * 366

// makeKey makes the key and the certificate of a new self-signed certificate that comes without.
func makeKey(d *store.Draft) error {
	if d.Type != "sslkeyandcertificate" || d.Op != store.Created {
		return nil
	}
	want, _ := d.Body["certificate"].(map[string]any)
	if text, key := pemOf(d.Body); want["self_signed"] != true || text != "" || key != "" {
		return nil
	}
	cert, err := selfSigned(subjectOf(want))
	if err != nil {
		return store.Refuse(400, "certificate: %v", err)
	}
	key, err := x509.MarshalPKCS8PrivateKey(cert.PrivateKey)
	if err != nil {
		return store.Refuse(400, "certificate: %v", err)
	}
	want["certificate"] = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Certificate[0]}))
	d.Body["key"] = string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}))
	return nil
}

// subjectOf reads what an SSLCertificate is to be for.
func subjectOf(body map[string]any) subject {
	part, _ := body["subject"].(map[string]any)
	list := func(key string) []string {
		if s, _ := part[key].(string); s != "" {
			return []string{s}
		}
		return nil
	}
	name, _ := part["common_name"].(string)
	s := subject{days: certificateDays, name: pkix.Name{
		CommonName: name, Organization: list("organization"), OrganizationalUnit: list("organization_unit"),
		Country: list("country"), Province: list("state"), Locality: list("locality"),
	}}
	if days, ok := body["days_until_expire"].(int64); ok && days > 0 {
		s.days = int(min(days, daysMax))
	}
	alternatives, _ := body["subject_alt_names"].([]any)
	for _, v := range alternatives {
		text, _ := v.(string)
		// A client that knows the controller as host:port may say so here, where ports mean nothing.
		if host, _, err := net.SplitHostPort(text); err == nil {
			text = host
		}
		switch addr, err := netip.ParseAddr(text); {
		case err == nil:
			s.addresses = append(s.addresses, addr)
		case text != "":
			s.names = append(s.names, text)
		}
	}
	return s
}
